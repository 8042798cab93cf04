"""Which step a carrier's mail tells: its subject, else the first sentence at its top that tells one.

What only might happen ("if we miss you") is left out. A parcel that the user sends back travels away from the user: it
is returning, never delivered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from inboxtrack.mail.message import Mail
from inboxtrack.model import Stage
from inboxtrack.reading.found import Found, first
from inboxtrack.reading.phrases import Phrases, Step, Table, shipped_table
from inboxtrack.reading.telling import unknown_step

LINES_READ = 60
"""The lines in which carriers say what is new; below them stand advice and small print."""

_SENTENCE_READ = 400
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_SENT_BACK = {
    Stage.DELIVERED: Stage.RETURNED,
    Stage.SHIPPED: Stage.RETURNING,
    Stage.IN_TRANSIT: Stage.RETURNING,
    Stage.OUT_FOR_DELIVERY: Stage.RETURNING,
}


def _table() -> Table:
    return shipped_table("carriers")


@cache
def _subject_phrases() -> Phrases:
    return _table().steps["step"].extended(_table().steps["subject"])


def read_step(mail: Mail) -> Found[Step]:
    """What the subject says, else the first sentence that tells a step; an update when no phrase is known."""
    found = _step(mail)
    back = _SENT_BACK.get(found.value.stage)
    if back and any(_table().words["sent_back"].search(text) for text in (mail.subject, found.text)):
        return found.but(replace(found.value, stage=back))
    return found


def _step(mail: Mail) -> Found[Step]:
    found = _subject_phrases().match(mail.subject)
    if found and found.value.body:
        found = _in_text(_table().steps[found.value.body], mail) or found
    if found and (found.value.stage is not Stage.UPDATE or not found.value.body):
        return found
    hint = _table().steps["hint"].match(mail.subject)
    return _in_text(_table().steps["step"], mail) or found or hint or unknown_step(mail.subject, "subject")


def _in_text(phrases: Phrases, mail: Mail) -> Found[Step] | None:
    return first(phrases.match(said, "text") for said in sentences(mail))


def sentences(mail: Mail) -> Iterator[str]:
    """The sentences at the top of a mail, each cut short where it goes on to what only might happen."""
    for line in mail.lines[:LINES_READ]:
        for sentence in _SENTENCE_END.split(line):
            maybe = _table().words["condition"].search(sentence)
            yield sentence[: min(maybe.start(), _SENTENCE_READ)] if maybe else sentence[:_SENTENCE_READ]
