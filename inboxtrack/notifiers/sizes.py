"""How much fits: SMS segments, what services take, and lists that lose whole lines from the end, never parts of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from inboxtrack.channel import Form, Style
from inboxtrack.notifiers.gsm import EXTENDED, is_gsm, to_gsm

MAX_SEGMENTS = 3
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
    most = form.limits.body if form.style is Style.MAIL else min(form.limits.body, PUSH_BYTES)
    return len(text.encode()) <= most


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
    return f"{kept}…"


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole fact, written in several ways, the longest first."""

    wordings: tuple[str, ...]


def fit(
    head: str, entries: Sequence[Entry], tail: Sequence[str], form: Form, more: Callable[[int], str]
) -> tuple[str, int]:
    """A text of head, entries and tail lines that fits, and how many entries it tells.

    Entries lose their longer wordings first, all alike; then they are left out from the end and counted by `more`.
    The tail goes only when no entry but one would be left for it.
    """
    longest = max((len(entry.wordings) for entry in entries), default=1)
    for level in range(longest):
        lines = [entry.wordings[min(level, len(entry.wordings) - 1)] for entry in entries]
        text = _join(head, lines, tail, form)
        if fits(text, form):
            return text, len(lines)
    return _fewer(head, lines, tail, form, more)


def _fewer(head: str, lines: list[str], tail: Sequence[str], form: Form, more: Callable[[int], str]) -> tuple[str, int]:
    for kept_tail in (tail, tail[:1], ()):
        for count in range(len(lines) - 1, 0, -1):
            text = _join(head, [*lines[:count], more(len(lines) - count)], kept_tail, form)
            if fits(text, form):
                return text, count
    return _join(head, [more(len(lines))], (), form), 0


def _join(head: str, lines: Iterable[str], tail: Iterable[str], form: Form) -> str:
    text = "\n".join(line for line in (head, *lines, *tail) if line)
    return to_gsm(text) if form.style is Style.SMS and form.transliterate else text
