"""The subjects that a table of phrases tells of, for the triage of headers.

It is asked of every header of a mailbox: about 0.07 ms a subject. It leaves denials ("not shipped") to the reading of
the mail. One pattern of all phrases would be as fast, but is made anew at each start, which takes a thousand times as
long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inboxtrack.reading.phrases import Phrase, compile_phrase, flatten


@dataclass(frozen=True, slots=True)
class ToldSubjects:
    """Subjects that one of the phrases stands in, or that one of the further patterns finds."""

    phrases: tuple[Phrase, ...]
    more: tuple[re.Pattern[str], ...]

    def search(self, subject: str) -> bool:
        """Whether it is such a subject."""
        flat = flatten(subject)
        told = any(phrase.piece in flat and compile_phrase(phrase.words).search(flat) for phrase in self.phrases)
        return told or any(pattern.search(subject) for pattern in self.more)


def told_subjects(phrases: Iterable[Phrase], *more: str) -> ToldSubjects:
    """What finds the subjects that phrases with a step stand in, and those of `more` patterns."""
    told = tuple(phrase for phrase in phrases if phrase.step.ignored is None)
    return ToldSubjects(told, tuple(re.compile(pattern, re.I) for pattern in more))
