"""Authentication-Results headers (RFC 8601), read with tolerance for how providers really write them.

Comments are dropped, quoted strings kept together; Microsoft's form without an authserv-id is understood. One pass,
no recursion.
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
        """The domain the result is about: DMARC's From, DKIM's signer, SPF's envelope sender; '' when unsaid."""
        names = _DOMAIN_PROPERTIES.get(self.method, ())
        said = next((self.properties[name] for name in names if name in self.properties), "")
        return said.rpartition("@")[2].strip('<>" .')


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
    text = re.sub(r"\s+", " ", strip_comments(unfold(value)))
    head, *rest = [piece.strip() for piece in split_outside_quotes(text, ";")]
    identified = "=" not in head
    pieces = [piece for piece in (rest if identified else [head, *rest]) if piece and piece.lower() != "none"]
    return AuthResults(
        authserv_id=head.split(" ")[0].strip('"').lower() if identified else "",
        results=tuple(_result(piece) for piece in pieces if "=" in piece),
        strays=tuple(piece for piece in pieces if "=" not in piece),
    )


def _result(piece: str) -> Result:
    """`dkim=pass header.d=example.com` -> a result; later properties of the same name are ignored."""
    words = split_outside_quotes(piece.replace(" =", "=").replace("= ", "="), " ")
    pairs = [(name.lower(), value) for name, mark, value in (word.partition("=") for word in words) if mark]
    (method, result), properties = pairs[0], pairs[1:]
    return Result(method.partition("/")[0], result.lower(), dict(reversed(properties)))
