"""Which step a mail tells: what its subject says, else its headline, else the sentence that names the number.

Progress bars ("Confirmed / Shipped / Delivered") stand behind the greeting and name no number: they are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from inboxtrack.mail.message import Mail
from inboxtrack.model import Stage
from inboxtrack.reading.found import Found, first
from inboxtrack.reading.phrases import Phrases, Step, Table
from inboxtrack.reading.saying import headlines as titles
from inboxtrack.reading.saying import without_name

UNKNOWN_REASON = "unknown_step"
_UNKNOWN = Step(Stage.UPDATE, reason=UNKNOWN_REASON)
_HEADLINES = 2
_SENTENCES = 8
_BODY_LINES = 500
_BODY_LIMIT = 20_000


def find_step(mail: Mail, table: Table, number: str | None) -> Found[Step]:
    """The step of a mail; an update with the reason `unknown_step` when no phrase of the table tells it."""
    steps = table.steps["step"]
    found = first(steps.match(text, where) for text, where in spoken(mail, table, number))
    if found is None:
        return unknown_step(mail.subject, "subject")
    return decided_by_body(mail, table, found) if found.value.body else found


def unknown_step(text: str, where: str) -> Found[Step]:
    """News whose words no table knows."""
    return Found(_UNKNOWN, where, text, "no phrase known")


def decided_by_body(mail: Mail, table: Table, found: Found[Step]) -> Found[Step]:
    """The step of the sentence that the body must hold for another reading of the subject; else as found."""
    phrases = table.steps[found.value.body or ""]
    decided = phrases.match(" ".join(mail.lines)[:_BODY_LIMIT], "text")
    return (quoted(phrases, mail.lines[:_BODY_LINES]) or decided) if decided else found


def quoted(phrases: Phrases, lines: Iterable[str]) -> Found[Step] | None:
    """The step with the one line that says it, where a single line does."""
    return first(phrases.match(line, "text") for line in lines)


def spoken(mail: Mail, table: Table, number: str | None) -> Iterator[tuple[str, str]]:
    """(text, where) that may tell the step, best first."""
    yield mail.subject, "subject"
    yield without_name(mail.subject, number), "subject"
    yield from ((line, "headline") for line in headlines(mail.lines, table.words["greeting"]))
    yield from ((line, "headline") for line in titles(mail))
    sentences = (sentence for line in mail.lines for sentence in re.split(r"(?<=[.!?。])\s", line))
    naming = (sentence for sentence in sentences if number and number in sentence)
    yield from ((sentence, "text") for sentence in islice(naming, _SENTENCES))


def headlines(lines: tuple[str, ...], greeting: re.Pattern[str]) -> list[str]:
    """The lines just above the greeting, the nearest first."""
    at = next((index for index, line in enumerate(lines[:40]) if greeting.match(line)), 0)
    return list(reversed(lines[max(0, at - _HEADLINES) : at]))
