"""Values that stand behind a label: on its line, on the next one, or below it in a table.

A label is a compiled pattern such as `Order (?:number|no\\.?)`; a shape is a compiled pattern whose group 1 is the
value. The value is taken as written, without `#` and blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from inboxtrack.mail.message import Mail
from inboxtrack.reading.found import Found, distinct

NUMBER = re.compile(r"#?\s?((?=[A-Z.-]{0,14}\d)[0-9A-Z](?:[0-9A-Z._/-]{0,38}[0-9A-Z])?)(?![0-9A-Za-z])")
"""A number as shops and carriers print them: upper case letters and digits, a digit among the first 15."""

SPACED = r"(?-i:1Z(?:[ ]?[0-9A-Z]){16}|[A-Z]{2}(?:[ ]?\d){9}[ ]?[A-Z]{2})(?![0-9A-Za-z])"
"""Numbers with letters that are printed in groups: UPS's `1Z 999 AA1 01 2345 6784`, the posts' `RB 123 456 785 SG`."""

_GAP = re.compile(
    r"[\s:：#№.()\-–—=|*→»›]{0,8}"
    r"(?:(?:is|are|was|ist|lautet|lauten|es|est|è|to|nr\.?|no\.?|n[°º]\.?|number|numero|número|numéro|nummer|numer)\s)?"
    r"[\s:：#]{0,4}",
    re.I,
)
_AND = re.compile(r"\s{0,3}(?:,|;|/|&|\+|\b(?:and|und|y|et|e|i|en|og|och)\b)\s{0,3}")
_MORE_WORDS = 60
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def value_after(mail: Mail, label: re.Pattern[str], shape: re.Pattern[str] = NUMBER) -> Found[str] | None:
    """The first value behind a label, or None."""
    return next(iter(values_after(mail, label, shape)), None)


def values_after(mail: Mail, label: re.Pattern[str], shape: re.Pattern[str] = NUMBER) -> list[Found[str]]:
    """Every value behind a label, each once: in table columns, lists (`A1, A2 and A3`) and lines that follow."""
    found = list(in_columns(mail.rows, label, shape)) or list(in_lines(mail.lines, label, shape))
    return distinct(found)


def behind(lines: tuple[str, ...], label: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(evidence, value) of each line that begins with a label: what stands behind it, else the whole line below.

    Brackets behind the label belong to it, as in `Total (1 item)`.
    """
    for line, below in pairwise((*lines, "")):
        hit = label.match(line)
        if hit:
            rest = re.sub(r"^\s?\([^)]{0,40}\)", "", line[hit.end() :]).strip(" :：")
            yield (line, rest) if rest else (f"{line} {below}", below)


def narrow(text: str) -> str:
    """A text with the ASCII letters, digits and signs for those that Asian scripts print in full width (`１２３`)."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def in_columns(
    rows: tuple[tuple[str, ...], ...], label: re.Pattern[str], shape: re.Pattern[str]
) -> Iterator[Found[str]]:
    """Values below a label that stands in a row of headings."""
    column, heading = -1, ""
    for row in (tuple(map(narrow, row)) for row in rows):
        if _is_heading(row):
            hits = [index for index, cell in enumerate(row) if label.search(cell)]
            column, heading = (hits[0], row[hits[0]]) if hits else (-1, "")
        elif 0 <= column < len(row):
            for value in listed(row[column], shape):
                yield Found(value, "table", f"{heading}: {row[column]}", "label")


def in_lines(lines: tuple[str, ...], label: re.Pattern[str], shape: re.Pattern[str]) -> Iterator[Found[str]]:
    """Values behind a label in its own line, or at the start of the lines that follow it."""
    lines = tuple(map(narrow, lines))
    for index, line in enumerate(lines):
        for hit in label.finditer(line):
            rest = line[hit.end() :]
            for value in listed(rest[_gap(rest) :], shape):
                yield Found(value, "text", line, "label")
            if _gap(f"{rest} ") >= len(rest):
                yield from _below(lines[index + 1 : index + 6], line, shape)


def listed(text: str, shape: re.Pattern[str]) -> Iterator[str]:
    """The value a text begins with, and those listed behind it."""
    hit = shape.match(text)
    while hit:
        yield _bare(hit[1])
        joint = _AND.match(text, hit.end())
        hit = shape.match(text, joint.end()) if joint else None


def _below(lines: tuple[str, ...], heading: str, shape: re.Pattern[str]) -> Iterator[Found[str]]:
    for line in lines:
        values = list(listed(line, shape))
        if not values or len(line) > len(" ".join(values)) + _MORE_WORDS:
            return
        for value in values:
            yield Found(value, "text", f"{heading} {line}", "label")


def _is_heading(row: tuple[str, ...]) -> bool:
    return len(row) > 1 and not any(character.isdigit() for cell in row for character in cell)


def _gap(text: str) -> int:
    hit = _GAP.match(text)
    return hit.end() if hit else 0


def _bare(value: str) -> str:
    return re.sub(r"[#\s]", "", value)
