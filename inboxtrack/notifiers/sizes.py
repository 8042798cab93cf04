"""How much fits: SMS segments, what services take, and lists that lose whole lines from the end, never parts of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from inboxtrack.channel import Form, Style
from inboxtrack.notifiers.gsm import EXTENDED, is_gsm, plain, to_gsm

MAX_SEGMENTS = 3
_LOOSE_ENDS = " -–,;:&+/|"
PUSH_BYTES = 2000
"""A push text longer than this is read by nobody; ntfy turns texts over 4,096 bytes into attachments."""


def segments(text: str) -> int:
    """How many SMS a text is paid for: 160 GSM-7 places alone or 153 in each part; else 70 or 67 UTF-16 units.

    A character of two places does not straddle two parts.
    """
    if is_gsm(text):
        return _parts([2 if char in EXTENDED else 1 for char in text], 160, 153)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def _parts(widths: Iterable[int], alone: int, each: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts


def fits(text: str, form: Form) -> bool:
    """Whether a body may be sent in this form: three segments for SMS, else as many bytes as the service takes."""
    if form.style is Style.SMS:
        return segments(text) <= MAX_SEGMENTS
    return len(text.encode()) <= room(form)


def room(form: Form) -> int:
    """How many bytes a push notice or a mail may have."""
    return form.limits.body if form.style is Style.MAIL else min(form.limits.body, PUSH_BYTES)


def shorten(name: str, most: int) -> str:
    """A name in at most so many characters, cut between words and never inside a number; at least its first letter."""
    if len(name) <= most:
        return name
    kept = ""
    for word in name.split():
        if len(kept) + len(word) + 2 > most:
            break
        kept = f"{kept} {word}".strip()
    if not kept and not any(char.isdigit() for char in name[:most]):
        kept = name[: most - 1]
    return f"{kept.rstrip(_LOOSE_ENDS)}…"


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole fact, written in full, in brief, and in its barest form for where not even one brief line fits."""

    full: str
    brief: str
    bare: str


def fit(head: str, entries: Sequence[Entry], tail: Sequence[str], form: Form, more: Callable[[int], str]) -> str:
    """A text of head, entries and tail lines that fits.

    From the end, entries lose their details first and are then left out whole, counted by `more`. The tail has a third
    of the room, or all that the entries leave.
    """
    texts = _texts(head, entries, tail, _trimmed(tail, form), form, more)
    return next((text for text in texts if fits(text, form)), to_gsm(more(len(entries))))


def _texts(
    head: str,
    entries: Sequence[Entry],
    tail: Sequence[str],
    short_tail: Sequence[str],
    form: Form,
    more: Callable[[int], str],
) -> Iterator[str]:
    """The texts to try, the one that says most first."""
    for last in (tail, short_tail):
        for count in range(len(entries), -1, -1):
            lines = [entry.full for entry in entries[:count]] + [entry.brief for entry in entries[count:]]
            yield _join(head, lines, last, form)
    for count in range(len(entries) - 1, 0, -1):
        lines = [entry.brief for entry in entries[:count]]
        yield _join(head, [*lines, more(len(entries) - count)], short_tail, form)
    for last in (short_tail, ()):
        for count in range(len(entries), -1, -1):
            rest = [more(len(entries) - count)] if count < len(entries) else []
            yield _join(head, [entry.bare for entry in entries[:count]] + rest, last, form)
    yield _join(head, [], (), form)


def _trimmed(tail: Sequence[str], form: Form) -> Sequence[str]:
    """As many of the tail's lines as fit in a third of the room, at least the first."""
    kept = list(tail)
    while len(kept) > 1 and not _is_third(_join("", kept, (), form), form):
        kept.pop()
    return kept


def _is_third(text: str, form: Form) -> bool:
    return segments(text) <= 1 if form.style is Style.SMS else 3 * len(text.encode()) <= room(form)


def _join(head: str, lines: Iterable[str], tail: Iterable[str], form: Form) -> str:
    text = "\n".join(line for line in (head, *lines, *tail) if line)
    if form.style is not Style.SMS:
        return text
    return to_gsm(text) if form.transliterate else plain(text)
