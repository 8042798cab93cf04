"""Replacements of what somebody could be known by: the same for the same secret, and of the same shape."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from random import Random

from inboxtrack.tracking.numbers import carriers_for

_HEX = re.compile(r"[0-9a-f-]{8,}", re.I)
_ATTEMPTS = 4_000
_GLUED = 13
_SHORT = 6
_KEPT = (2, 4, 6, 8)


class Refused(Exception):
    """The sample cannot be given away; the text says why."""


@dataclass
class Scrubber:
    """The replacements of one mail. `public` is what must stay: the retailer's own address and its parts."""

    chance: Random
    public: frozenset[str]
    replaced: dict[str, str] = field(default_factory=dict)

    def hide(self, secret: str, *, parcel: bool = False) -> None:
        """Choose a replacement of the same shape; a parcel's number keeps the carriers that its shape tells."""
        secret = secret.strip()
        known = next((k for k in self.replaced if len(k) >= _GLUED and secret.endswith(k)), None)
        if known and known != secret:
            self.replaced[secret] = secret[: -len(known)] + self.replaced[known]
        if len(secret) < 3 or secret.casefold() in self.public or secret in self.replaced:
            return
        carriers = carriers_for(secret) if parcel else ()
        for attempt in range(_ATTEMPTS):
            other = self.like(secret, keep=_KEPT[attempt * len(_KEPT) // _ATTEMPTS])
            if other.casefold() != secret.casefold() and (not parcel or carriers_for(other) == carriers):
                self.replaced[secret] = other
                return
        raise Refused(f"no other number looks like {secret}")

    def like(self, secret: str, keep: int = 2) -> str:
        """Other letters and digits in the same places; a long number keeps its beginning, and S10 its country."""
        start = keep if len(secret) >= 9 and secret.isalnum() and any(c.isdigit() for c in secret) else 0
        ending = len(secret) - (2 if re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", secret) else 0)
        letters = "abcdef" if _HEX.fullmatch(secret) else string.ascii_lowercase
        return "".join(self._other(c, letters) if start <= at < ending else c for at, c in enumerate(secret))

    def _other(self, character: str, letters: str) -> str:
        if character.isdigit():
            return self.chance.choice("123456789")
        if character.isalpha():
            return self.chance.choice(letters.upper() if character.isupper() else letters)
        return character

    def apply(self, text: str) -> str:
        """A text with everything hidden replaced, whatever its case and however a number is spaced."""
        if not self.replaced:
            return text
        by_form = {_form(secret): other for secret, other in self.replaced.items()}
        spaced = (_spaced(secret) for secret in sorted(self.replaced, key=len, reverse=True))
        pattern = re.compile("|".join(spaced), re.I)
        return pattern.sub(lambda hit: _respaced(hit[0], by_form[_form(hit[0])]), text)

    def remains(self, text: str) -> list[str]:
        """What of the original still stands in a text."""
        flat = _form(text)
        numbers = [secret for secret in self.replaced if any(c.isdigit() for c in secret)]
        words = [secret for secret in self.replaced if secret not in numbers]
        return [n for n in numbers if _form(n) in flat] + [w for w in words if re.search(_spaced(w), text, re.I)]


def _form(text: str) -> str:
    return re.sub(r"[\s-]", "", text).casefold()


def _spaced(secret: str) -> str:
    """A pattern for a secret as a whole; between the characters of numbers blanks and hyphens may stand."""
    numbered = len(secret) >= _SHORT and any(c.isdigit() for c in secret)
    if not numbered:
        return rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])"
    body = r"[ \u00a0-]?".join(re.escape(c) for c in re.sub(r"[\s-]", "", secret))
    return rf"(?:(?<!\d)|(?<=%[0-9A-Fa-f]{{2}})){body}(?!\d)"


def _respaced(original: str, other: str) -> str:
    """The replacement with the blanks and hyphens of the original."""
    if _form(original) == original.casefold():
        return other
    letters = iter(re.sub(r"[\s-]", "", other))
    return "".join(c if c in " \u00a0-" else next(letters, "") for c in original)
