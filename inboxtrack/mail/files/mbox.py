"""mbox files as a stream: constant memory whatever their size, the quoting of `From ` lines undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from inboxtrack.mail.message import RAW_LIMIT

_LINE = 65_536
# "From - Mon Jan  5 10:00:00 2026" and its kin, or the bare "From " of some Thunderbirds; not "From the desk of".
_BORDER = re.compile(rb"From (?:\s*$|.*\d\d:\d\d)")
_QUOTED = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail of an mbox: where it begins, its bytes (at most 2 MB), whether more was left out, where it ends."""

    start: int
    raw: bytes
    truncated: bool
    end: int


def is_mbox(begin: bytes) -> bool:
    """Whether a file that begins so is an mbox."""
    return _BORDER.match(begin.partition(b"\n")[0]) is not None


def pieces(file: BinaryIO) -> Iterator[Piece]:
    """The mails of an mbox, in their order."""
    lines: list[bytes] = []
    start = size = kept = 0
    begun = False
    blank, whole = True, True
    for line in iter(lambda: file.readline(_LINE), b""):
        if blank and whole and line.startswith(b"From ") and _BORDER.match(line):
            if begun:
                yield _piece(start, lines, kept, size)
            start, lines, kept, begun = size, [], 0, True
        elif begun:
            if kept < RAW_LIMIT:
                lines.append(line[1:] if whole and _QUOTED.match(line) else line)
            kept += len(line)
        blank = whole and not line.strip()
        whole = line.endswith(b"\n")
        size += len(line)
    if begun:
        yield _piece(start, lines, kept, size)


def _piece(start: int, lines: list[bytes], kept: int, end: int) -> Piece:
    raw = b"".join(lines)[:RAW_LIMIT]
    return Piece(start, raw, kept > RAW_LIMIT, end)
