"""The day of delivery that a carrier's mail promises, for each parcel it names.

Days before the mail's own tell what was. What "today" is, depends on where the carrier is at home: mail services stamp
the hour of their own servers.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Iterator
from itertools import islice, pairwise

from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Stage
from inboxtrack.reading.carrier_steps import DENIED, LINES_READ, clause_around, whole_sentences
from inboxtrack.reading.dates import find_days, relative_day
from inboxtrack.reading.found import Found, first
from inboxtrack.reading.labels import in_columns
from inboxtrack.reading.phrases import Step, shipped_table

_DAY = dt.timedelta(days=1)
_ROWS_READ = 100
_CELL = re.compile(r"(.{4,80})")
_PROMISES = {
    Stage.UPDATE: ("eta",),
    Stage.PREPARING: ("eta",),
    Stage.SHIPPED: ("eta", "delivering"),
    Stage.IN_TRANSIT: ("eta", "delivering"),
    Stage.OUT_FOR_DELIVERY: ("eta", "delivering"),
    Stage.ATTEMPT_FAILED: ("eta", "new_day"),
    Stage.EXCEPTION: ("new_day",),
}
"""The words beside which each stage's day stands, best first. Where something went wrong, only a new day counts."""


def written_ahead(mail: Mail) -> dt.timedelta:
    """How far the clock was ahead of UTC where a mail was written, by its Date header."""
    if mail.date is None:
        return dt.timedelta()
    return email.utils.parsedate_to_datetime(mail.first("Date").strip()[:100]).utcoffset() or dt.timedelta()


def promised_days(
    mail: Mail, step: Found[Step], numbers: list[Found[str]], today: dt.date, day_first: bool | None
) -> dict[str, Found[DateRange]]:
    """The day of each number: its own where several parcels are listed with their days, else the mail's.

    `today` is the mail's day where the carrier is at home; `day_first` says how it writes `05/06/2026`.
    """
    undated = mail.date is None and mail.received_at is None
    if step.value.stage not in _PROMISES or undated:
        return {}
    own = _own_days(mail, numbers, today, day_first) if len(numbers) > 1 else {}
    if own or step.value.reason == "digest":
        return own
    soonest = today + (step.value.stage is Stage.ATTEMPT_FAILED) * _DAY
    promises = list(_promises(mail, step.value.stage, today, soonest, day_first))
    if len(numbers) > 1 and len({promise.value for promise in promises}) > 1:
        return {}
    day = first(promises) or _today(mail, step, today)
    return {number.value: day for number in numbers} if day else {}


def _own_days(
    mail: Mail, numbers: list[Found[str]], today: dt.date, day_first: bool | None
) -> dict[str, Found[DateRange]]:
    """The day that stands in the row or the line of a number and of no other, or in the line before or after it."""
    values = [number.value for number in numbers]
    own: dict[str, Found[DateRange]] = {}
    seen: list[str | Found[DateRange]] = []
    for text in (*(" | ".join(row) for row in mail.rows[:_ROWS_READ]), "", *mail.lines[:LINES_READ]):
        named = [value for value in values if value in text]
        day = find_days(text, today, day_first) if len(named) < 2 else None
        told = Found(day, "text", text, "day beside the number") if day and day.last >= today else None
        if told and named:
            own.setdefault(named[0], told)
        seen = [*seen, *named, *([told] if told and not named else [])] if text else []
    return own or _in_turn(seen, len(values))


def _in_turn(seen: list[str | Found[DateRange]], count: int) -> dict[str, Found[DateRange]]:
    """The days of numbers, where numbers and days take turns in the lines of a list."""
    values = [told for told in seen if isinstance(told, str)]
    days = [told for told in seen if isinstance(told, Found)]
    in_turn = all(isinstance(one, str) != isinstance(other, str) for one, other in pairwise(seen))
    return dict(zip(values, days, strict=True)) if in_turn and len(values) == len(days) == count else {}


def _promises(
    mail: Mail, stage: Stage, today: dt.date, soonest: dt.date, day_first: bool | None
) -> Iterator[Found[DateRange]]:
    """The days that are promised: each sentence that promises one gives its first.

    Beside a mere word of delivery the mail's own day may as well tell when something happened.
    """
    for use in _PROMISES[stage]:
        earliest = soonest if use != "delivering" or stage is Stage.OUT_FOR_DELIVERY else today + _DAY
        for texts in _promising(mail, use):
            days = ((said, find_days(said.value, today, day_first)) for said in texts)
            day = next((said.but(day) for said, day in days if day and day.last >= earliest), None)
            if day:
                yield day


def _promising(mail: Mail, use: str) -> Iterator[tuple[Found[str], ...]]:
    """The places where a promised day may stand, best first: below its heading in a table, behind the word of a
    sentence that promises, elsewhere in that sentence, in the line below it."""
    words = shipped_table("carriers").words[use]
    for cell in islice(in_columns(mail.rows[:_ROWS_READ], words, _CELL), 1):
        yield (cell.but(cell.text),)
    for sentence, below in pairwise((mail.subject, *whole_sentences(mail), "")):
        promise = words.search(sentence)
        if promise and not _denied(promise) and not _other_day(sentence, use):
            where = "subject" if sentence is mail.subject else "text"
            said = Found(sentence, where, sentence, "day beside a word of expected delivery")
            heads = sentence[-1:] not in ".!?" and ":" not in sentence[: promise.start()]
            under = (Found(below, "text", below, said.rule),) if heads else ()
            yield (said.but(sentence[promise.start() :]), said, *under)


def _denied(promise: re.Match[str]) -> bool:
    """Whether the clause of a promise says that it is not kept, or was made before."""
    before, after = clause_around(promise.string, promise.start(), promise.end())
    former = shipped_table("carriers").words["former"].search(before + promise[0])
    return DENIED.search(before + promise[0] + after) is not None or former is not None


def _other_day(sentence: str, use: str) -> bool:
    """Whether a sentence tells a shop's day, or, beside a mere word of delivery, a deadline or what happens only if."""
    words = shipped_table("carriers").words
    others = ("marketing", "deadline", "condition") if use == "delivering" else ("marketing",)
    return any(words[other].search(sentence) for other in others)


def _today(mail: Mail, step: Found[Step], today: dt.date) -> Found[DateRange] | None:
    """The mail's own day, where a mail of the last tour says "today"."""
    if step.value.stage is not Stage.OUT_FOR_DELIVERY:
        return None
    said = (Found(text, "text", text, "today, on the last tour") for text in (step.text, *whole_sentences(mail)))
    days = (text.but(relative_day(text.value, today)) for text in said)
    return next((day for day in days if day.value and day.value.first == today), None)
