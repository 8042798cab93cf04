"""Authentication-Results headers (RFC 8601), read with tolerance for how providers really write them.

Comments are dropped, quoted strings kept together; Microsoft's form without an authserv-id is understood. One pass,
no recursion.

A provider copies into the header what the sender chose: the domain of a signature, the envelope's address. Parentheses
and quotation marks in there would hide or forge what follows ("Composition Kills", Chen et al., USENIX Security 2020).
So a header whose comments and quotes are not whole and apart says `unreadable`, and a domain is a plain host name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inboxtrack.mail.headers import split_outside_quotes, strip_comments, unfold


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result: `dkim`, `pass`, and its properties (`header.d`: `aliexpress.com`)."""

    method: str
    result: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain the result is about: DMARC's From, DKIM's signer, SPF's envelope sender; '' when unsaid.

        What is no domain is `NO_DOMAIN`, which is nobody's.
        """
        names = _DOMAIN_PROPERTIES.get(self.method, ())
        said = next((self.properties[name] for name in names if name in self.properties), None)
        if said is None:
            return ""
        domain = said.rpartition("@")[2].strip('<>".')
        return domain if _DOMAIN.fullmatch(domain) else NO_DOMAIN


NO_DOMAIN = "?"
_LONGEST_RESULT = 40
_MAY_PRECEDE = re.compile(r"(?:[ ;]|^|[ ;][a-z-]{2,20}=[a-z]{2,14})\Z")
"""A comment stands apart, or right behind a result, which no sender writes: Yahoo has `dmarc=pass(p=REJECT)`."""

_DOMAIN = re.compile(r"[\w.-]{1,253}")
_DOMAIN_PROPERTIES = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mail"),
}


@dataclass(frozen=True, slots=True)
class AuthResults:
    """One header: who says it ('' in Microsoft's form), and its results.

    `strays` are pieces between semicolons that are neither id nor result; Exchange writes them.
    """

    authserv_id: str
    results: tuple[Result, ...]
    strays: tuple[str, ...] = ()


def parse(value: str) -> AuthResults:
    """Read one Authentication-Results (or ARC-Authentication-Results, without its `i=`) header."""
    unfolded = re.sub(r"\s+", " ", unfold(value))
    text = strip_comments(unfolded) if _is_sound(unfolded) else f"{unfolded.partition(';')[0]}; none=unreadable"
    head, *rest = [piece.strip() for piece in split_outside_quotes(text, ";")]
    identified = "=" not in head
    pieces = [piece for piece in (rest if identified else [head, *rest]) if piece and piece.lower() != "none"]
    return AuthResults(
        authserv_id=head.split(" ")[0].strip('"').lower() if identified else "",
        results=tuple(_result(piece) for piece in pieces if "=" in piece),
        strays=tuple(piece for piece in pieces if "=" not in piece),
    )


def _is_sound(text: str) -> bool:
    """Whether every comment and quotation is closed, stands apart, and quotes within a comment are closed there."""
    depth, quoted, escaped, quotes = 0, False, False, 0
    for place, char in enumerate(text):
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"':
            quoted, quotes = (quoted, quotes + 1) if depth else (not quoted, 0)
        elif char == "(" and not quoted:
            if not depth and not _MAY_PRECEDE.search(text, max(0, place - _LONGEST_RESULT), place):
                return False
            depth += 1
        elif char == ")" and not quoted:
            depth -= 1
            if depth < 0 or (not depth and (quotes % 2 or text[place + 1 : place + 2] not in (" ", ";", ""))):
                return False
    return not depth and not quoted


def _result(piece: str) -> Result:
    """`dkim=pass header.d=example.com` -> a result; a property that is given two values has none."""
    words = split_outside_quotes(piece.replace(" =", "=").replace("= ", "="), " ")
    pairs = [(name.lower(), value) for name, mark, value in (word.partition("=") for word in words) if mark]
    (method, result), properties = pairs[0], dict(pairs[1:])
    for name, value in pairs[1:]:
        if properties[name] != value:
            properties[name] = NO_DOMAIN
    return Result(method.partition("/")[0], result.lower(), properties)
