"""Mails of marketplaces for the tests, of one line a paragraph, as they are read."""

from __future__ import annotations

from collections.abc import Iterable

from inboxtrack.model import Fact, Reading
from inboxtrack.reader import Context, read


def reading_of(sender: str, subject: str, lines: Iterable[str], day: int = 3) -> Reading:
    """What a mail of that day in March 2026 says."""
    head = f"From: {sender}\r\nSubject: {subject}\r\nDate: {day:02} Mar 2026 10:00:00 +0000\r\n"
    body = "".join(f"<p>{line}</p>" for line in lines)
    return read((head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + body).encode(), Context())


def only(found: Reading) -> Fact:
    """The one fact that a mail tells."""
    (fact,) = found.facts
    return fact
