"""The GSM-7 alphabet of SMS (3GPP TS 23.038): which characters are cheap, and how other text is written in it."""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")
"""These take two places."""

_TYPOGRAPHY = (
    dict.fromkeys("‘’‚‛′´`", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−•·", "-")
    | dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " ")
    | dict.fromkeys("™®\u200d\ufe0f", "")
    | {"…": "...", "→": "->", "×": "x"}
)
_SPELLED = (
    _TYPOGRAPHY
    | dict(zip("łŁđĐıŋþÞðÐħĦ", "lLdDintTdDhH", strict=True))
    | {"©": "(c)", "œ": "oe", "Œ": "OE", "ẞ": "ss", "№": "No"}
)


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM-7 alphabet."""
    return all(char in BASIC or char in EXTENDED for char in text)


def plain(text: str) -> str:
    """The text with plain quotes, dashes, dots and blanks, which alone would make an SMS cost twice as much."""
    return "".join(_TYPOGRAPHY.get(char, char) for char in text)


def to_gsm(text: str) -> str:
    """The text in GSM-7: look-alikes and base letters where there are any, else a question mark; digits stay digits."""
    return "".join(char if char in BASIC or char in EXTENDED else _spell(char) for char in text)


def _spell(char: str) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    plain = unicodedata.normalize("NFKD", char)
    kept = "".join(c for c in plain if c in BASIC or c in EXTENDED)
    return kept if kept or unicodedata.combining(char) else "?"
