"""Mails for the tests of recipes and walk-throughs, and the fenced blocks of the documents that describe them."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def mail(sender: str, subject: str, body: str, *, html: bool = False) -> bytes:
    """A mail of one part."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "mira@mail.example"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = "<1@recipes.example>"
    message.set_content(body, subtype="html" if html else "plain")
    return message.as_bytes()


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language in a document of the repository."""
    text = (ROOT / document).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
