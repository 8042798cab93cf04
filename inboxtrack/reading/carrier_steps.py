"""Which step a carrier's mail tells: its subject, else the first sentence at its top that tells one.

What only might happen ("if we miss you") and progress bars ("Shipped / Out for delivery / Delivered") are left out.
A parcel that the user sends back travels away from the user: it is returning, never delivered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby, pairwise

from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Flag, Stage
from inboxtrack.reading.dates import relative_day
from inboxtrack.reading.found import Found
from inboxtrack.reading.phrases import Phrases, Step, Table, compile_phrase, flatten, shipped_table
from inboxtrack.reading.telling import UNKNOWN_REASON, unknown_step

LINES_READ = 60
"""The lines in which carriers say what is new; below them stand advice and small print."""

_SENTENCE_READ = 400
_SENTENCE_END = re.compile(r"(?<=[!?])\s|(?:(?<=[^\d\s.]\.)|(?<=\d{3}\.))\s(?![\da-z])")
_FULL_LINE = 50
_STATION_WORDS = 4
_BAR_READ = 160
_SENT_BACK = {
    Stage.DELIVERED: Stage.RETURNED,
    Stage.SHIPPED: Stage.RETURNING,
    Stage.IN_TRANSIT: Stage.RETURNING,
    Stage.OUT_FOR_DELIVERY: Stage.RETURNING,
}
_AFTER = 15
_CLAUSE_END = re.compile(r"[.!?,;:–—]\s")
DENIED = re.compile(
    r"(?<!\w)(?:not|never|nicht|nie|niet|non|no(?!\.?\s?[#\d])|não|ikke|inte|ej|pas|ne|ei|nem)(?!\w)|(?<=n)['’]t\b",
    re.I,
)
"""Words that say of what their clause tells that it is not so."""
_SOON = re.compile(r"\b(?:almost|soon be|about to be)\b")
_WISHED = re.compile(r"\s(?:wird|werden)(?!\w)")
_ASKED = re.compile(r"\b(?:confirm|bestätigen|bestätige|confirmer|confirmez|confirma|confirme|bevestig|potwierdź)\b")
_SHORT_WORDS = 6
_TOP_LINES = 8
_PROMISE_WORDS = 5
_ON_ITS_WAY = Step(Stage.IN_TRANSIT)
_THREATENED = Step(Stage.UPDATE, flags=frozenset({Flag.ACTION_REQUIRED}))
_WILL = re.compile(
    r"\b(?:will|wird|werden|sera|será|verrà|sarà|wordt|zostanie|będzie|bliver|blir|bude|able to|va a|vai)\b|['’]ll\b",
    re.I,
)


def _table() -> Table:
    return shipped_table("carriers")


@cache
def _subject_phrases() -> Phrases:
    return _table().steps["step"].extended(_table().steps["subject"])


@cache
def _outweighing() -> dict[Stage, Phrases]:
    """What says more in the same sentence: a visit in vain more than the promise of the next, a place where the parcel
    waits more than the visit in vain, "was delivered" more than "delivered today"."""
    steps = _table().steps["step"].phrases
    more = {
        Stage.IN_TRANSIT: Stage.ATTEMPT_FAILED,
        Stage.OUT_FOR_DELIVERY: Stage.DELIVERED,
        Stage.ATTEMPT_FAILED: Stage.READY_FOR_PICKUP,
    }
    return {less: Phrases(tuple(p for p in steps if p.step.stage is stage)) for less, stage in more.items()}


def match_step(phrases: Phrases, text: str, where: str) -> Found[Step] | None:
    """The step that a text tells, unless it says that it is not so, or not yet."""
    found = phrases.match(text, where)
    if found is None:
        return None
    flat = flatten(text)
    hit = compile_phrase(found.rule.partition(": ")[2]).search(flat)
    if hit is None:
        return found
    before, after = clause_around(flat, hit.start(), hit.end())
    stage = found.value.stage
    told = before + hit[0]
    denied = DENIED.search(told) or DENIED.search(after[:_AFTER]) or _SOON.search(before)
    ahead = stage is Stage.READY_FOR_PICKUP and _WILL.search(before)
    wished = stage is Stage.DELIVERED and (_WISHED.match(after) or _ASKED.search(before))
    return None if (denied and stage is Stage.OUT_FOR_DELIVERY) or ahead or wished else found


def clause_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands in the same clause before and behind a place in a text."""
    return _CLAUSE_END.split(text[:start])[-1], _CLAUSE_END.split(text[end:])[0]


def read_step(mail: Mail) -> Found[Step]:
    """What the subject says, else the first sentence that tells a step; an update when no phrase is known."""
    found = _step(mail)
    if _is_threat(found, mail):
        return found.but(_THREATENED)
    more = _outweighing().get(found.value.stage)
    found = (match_step(more, _sure(found.text), found.where) if more else None) or found
    back = _SENT_BACK.get(found.value.stage)
    if back and any(_table().words["sent_back"].search(text) for text in (mail.subject, found.text)):
        return found.but(replace(found.value, stage=back))
    if found.value == Step(Stage.DELIVERED) and _table().words["neighbour"].search(found.text):
        return found.but(replace(found.value, reason="neighbour"))
    return found


def step_by_day(step: Found[Step], day: Found[DateRange] | None, today: dt.date, *, alone: bool) -> Found[Step]:
    """The step of one parcel, with its day.

    What comes today is on its last tour, and what is promised for a day is on its way, where no phrase tells more.
    Of several parcels one that comes later is not on the last tour yet.
    """
    if step.value.stage is Stage.OUT_FOR_DELIVERY and not alone and _may_come_later(step, day, today):
        return step.but(replace(step.value, stage=Stage.IN_TRANSIT))
    if day is None or DENIED.search(flatten(day.text)):
        return step
    untold = step.value.stage is Stage.UPDATE and step.value.reason in (None, UNKNOWN_REASON)
    if day.value.first == day.value.last == today:
        comes = untold or (replace(step.value, body=None) == _ON_ITS_WAY and relative_day(day.text, today) == day.value)
        return day.but(Step(Stage.OUT_FOR_DELIVERY)) if comes else step
    return day.but(_ON_ITS_WAY) if untold and _is_promise(day) else step


def _is_promise(day: Found[DateRange]) -> bool:
    """Whether a day is promised in the subject or in a whole sentence; what is labelled may be planned before it
    is sent."""
    return day.where == "subject" or (":" not in day.text and len(day.text.split()) >= _PROMISE_WORDS)


def _may_come_later(step: Found[Step], day: Found[DateRange] | None, today: dt.date) -> bool:
    """Whether one of several parcels comes later, or has no day although one of them comes today."""
    return day.value.first > today if day else relative_day(step.text, today) is not None


def _is_threat(found: Found[Step], mail: Mail) -> bool:
    """Whether a parcel is sent back only if nothing is done: a sentence of what will be, and under which condition."""
    if found.value.stage is not Stage.RETURNING or not _WILL.search(found.text):
        return False
    words, texts = _table().words, (mail.subject, *whole_sentences(mail))
    whole = [text for text in texts if text.startswith(found.text)]
    return any(words[use].search(text) for text in whole for use in ("condition", "otherwise"))


def _step(mail: Mail) -> Found[Step]:
    found = match_step(_subject_phrases(), _sure(mail.subject), "subject")
    if found and found.value.body:
        found = _in_text(_table().steps[found.value.body], mail) or found
    if found is None or (found.value.stage is Stage.UPDATE and found.value.body):
        told = _in_text(_table().steps["step"], mail) or _in_short(mail) or _hint(mail)
        told = told or _in_text(_table().steps["code"], mail) or _threat(mail)
        found = told or found or unknown_step(mail.subject, "subject")
    on_its_way = replace(found.value, body=None) == _ON_ITS_WAY
    return (_in_text(_table().steps["tour"], mail) if on_its_way else None) or found


def _in_short(mail: Mail) -> Found[Step] | None:
    """What a short line near the top says ("Delivered!"), where it stands alone and no other says another step."""
    lines = [line for line in mail.lines[:LINES_READ] if len(line.split()) <= _SHORT_WORDS]
    if any(_table().words["station"].search(line) for line in lines):
        return None
    told = [found for line in lines if (found := match_step(_subject_phrases(), _sure(line), "text"))]
    steps = [found for found in told if found.value.stage is not Stage.UPDATE and not found.value.ignored]
    alone = {
        line for line, below in pairwise((*mail.lines[:_TOP_LINES], "")) if not (_is_short(line) and _is_short(below))
    }
    one = steps[0] if len({found.value.stage for found in steps}) == 1 else None
    return one if one and one.text in alone and not _is_ahead(one.text) else None


def _is_ahead(line: str) -> bool:
    """Whether a line says "tomorrow"."""
    some_day = dt.date(2000, 1, 1)
    day = relative_day(line, some_day)
    return day is not None and day.first > some_day


def _hint(mail: Mail) -> Found[Step] | None:
    """What a day in the subject hints at, where that speaks of a parcel and denies nothing."""
    words, subject = _table().words, mail.subject
    spoken_of = any(words[use].search(subject) for use in ("tracking", "eta", "delivering"))
    denied = DENIED.search(flatten(subject))
    return match_step(_table().steps["hint"], subject, "subject") if spoken_of and not denied else None


def _in_text(phrases: Phrases, mail: Mail) -> Found[Step] | None:
    """The first sentence that tells a step and does not only threaten with a return."""
    told = (match_step(phrases, said, "text") for said in sentences(mail))
    return next((found for found in told if found and not _is_threat(found, mail)), None)


def _threat(mail: Mail) -> Found[Step] | None:
    """The first sentence that threatens with a return."""
    told = (match_step(_table().steps["step"], said, "text") for said in sentences(mail))
    return next((found for found in told if found and _is_threat(found, mail)), None)


def sentences(mail: Mail) -> Iterator[str]:
    """The sentences at the top of a mail, each cut short where it goes on to what only might happen."""
    for sentence in _split(_beside_bars(mail.lines[:LINES_READ]), mail):
        yield _sure(sentence)


def _sure(sentence: str) -> str:
    """A sentence up to where it goes on to what only might happen."""
    maybe = _table().words["condition"].search(sentence)
    return sentence[: min(maybe.start(), _SENTENCE_READ)] if maybe else sentence[:_SENTENCE_READ]


def whole_sentences(mail: Mail) -> Iterator[str]:
    """The sentences at the top of a mail, progress bars and headings included."""
    return _split(mail.lines[:LINES_READ], mail)


def _split(lines: Iterable[str], mail: Mail) -> Iterator[str]:
    """The sentences of some lines. What a shortened word or a day ends ("5. March") is not the end of one."""
    for paragraph in _paragraphs(lines, wrapped=not mail.html):
        yield from _SENTENCE_END.split(paragraph)


def _paragraphs(lines: Iterable[str], *, wrapped: bool) -> Iterator[str]:
    """Lines put together that are one sentence: the next one begins in lower case, or plain text filled a line."""
    text = last = ""
    for line in lines:
        full = line[:1].islower() or (wrapped and len(last) >= _FULL_LINE)
        if text and full and text[-1] not in ".!?:" and len(text) < _SENTENCE_READ:
            text = f"{text} {line}"
        else:
            yield text
            text = line
        last = line
    yield text


def _beside_bars(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines that are no progress bar: neither a row of stations nor a list of them."""
    for short, group in groupby(lines, key=_is_short):
        run = tuple(group)
        if short and not _is_list_of_stations(run):
            yield from run
        elif not short:
            yield from (line for line in run if not _is_row_of_stations(line))


def _is_short(line: str) -> bool:
    return len(line.split()) <= _STATION_WORDS and not any(map(str.isdigit, line)) and line[-1:] not in ".!?:"


def _is_list_of_stations(lines: tuple[str, ...]) -> bool:
    """Whether some lines are stations of a progress bar: two steps at least, or a step and another station's name."""
    told = [_subject_phrases().match(line[:_BAR_READ]) for line in lines]
    steps = {found.value.stage for found in told if found} - {Stage.UPDATE}
    untold = (line for line, found in zip(lines, told, strict=True) if found is None)
    others = sum(_table().words["station"].fullmatch(line) is not None for line in untold)
    return len(lines) >= 3 and len(steps) >= 1 and len(steps) + others >= 2


def _is_row_of_stations(line: str) -> bool:
    if len(line) > _BAR_READ or re.search(r"[.!?,]", line):
        return False
    return len(_subject_phrases().stages(line) - {Stage.UPDATE}) >= 3
