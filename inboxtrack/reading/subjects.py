"""One fast pattern for the subjects that a table of phrases tells of, for the triage of headers.

It is asked of every header of a mailbox. So it leaves denials ("not shipped") to the reading of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from inboxtrack.reading.phrases import Phrase, bounded, flatten, one_of


def told_subjects(phrases: Iterable[Phrase], *more: str) -> re.Pattern[str]:
    """A pattern for what phrases with a step say, and for `more` patterns."""
    told = {bounded(flatten(phrase.words)) for phrase in phrases if phrase.step.ignored is None}
    return re.compile("|".join(filter(None, [one_of(sorted(told)), *more])), re.I)
