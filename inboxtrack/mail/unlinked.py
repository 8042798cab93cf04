"""Names and titles of a mail without anything that a phone or a terminal would make a link of (row C11)."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://(?:www\.)?|\bwww\.", re.I)
_DOT = re.compile(r"(?<=[\w-])[.。．｡](?=[^\W\d_]{2})")


def unlinked(text: str) -> str:
    """The text without schemes, and with a blank behind dots before words: `evil. example/pay`, `Dr. Martens`."""
    return _DOT.sub(". ", _SCHEME.sub("", text))
