"""Links: the number in a carrier's link, and the carrier's page for a number. No link is ever followed.

Hosts are matched as suffixes of whole labels, so that `evil.ups.com.example.org` is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from inboxtrack.tracking.carriers import (
    POSTAL_UNION,
    LinkRule,
    Strength,
    all_carriers,
    by_name,
    carrier,
    same_family,
)
from inboxtrack.tracking.numbers import canonical, check, fits, normal

LINK_LIMIT = 4_000
_WRAPPED_DEPTH = 3
_LONG = 14

_WRAPPERS = (
    (re.compile(r"(?:^|\.)google\.[a-z.]{2,6}$"), ("q", "url")),
    (re.compile(r"(?:^|\.)safelinks\.protection\.outlook\.com$"), ("url",)),
    (re.compile(r"(?:^|\.)urldefense\.proofpoint\.com$"), ("u",)),
    (re.compile(r"(?:^|\.)linkprotect\.cudasvc\.com$"), ("a",)),
    (re.compile(r"(?:^|\.)clicktime\.symantec\.com$"), ("u",)),
    (re.compile(r"(?:^|\.)trendmicro\.com$"), ("url",)),
    (re.compile(r"(?:^|\.)deref-(?:gmx|web|mail)\.(?:net|de|com)$"), ("redirecturl",)),
)
_WRAPPERS_BY_PATH = (
    (re.compile(r"(?:^|\.)awstrack\.me$"), re.compile(r"/L\d/(https?:/{1,2}[^\s]+?)(?:/\d/[0-9a-f-]+(?:/.*)?)?$")),
    (re.compile(r"(?:^|\.)urldefense\.com$"), re.compile(r"/v3/__(https?:/{1,2}[^\s]+?)__;")),
    (re.compile(r"(?:^|\.)secure-web\.cisco\.com$"), re.compile(r"^https?://[^/]+/[^/]+/(https?:/{1,2}\S+)$")),
    (re.compile(r"(?:^|\.)avanan\.click$"), re.compile(r"___(https?:/{1,2}\S+?)___")),
)

_ANY_SHOP_PATH = re.compile(r"/apps/(?:parcelpanel|17track|track123)\b", re.I)
_NARVAR_PATH = re.compile(r"^/[^/]+/tracking/(?:([a-z_]+)/?)?$")
_PAGES_OF_MANY = (
    LinkRule(("aftership.com",), ("tracking_number",), re.compile(r"^/(?:[a-z-]{2,40}/)?([0-9A-Za-z]{8,40})/?$")),
    LinkRule(("sendcloud.sc",), ("code",)),
    LinkRule(("17track.net",), ("nums",), None, re.compile(r"(?:^|&)nums=([^&,]+)")),
    LinkRule(("parcelsapp.com",), (), re.compile(r"^/(?:[a-z]{2}/)?tracking/([^/?#]+)")),
)
_NUMBER = re.compile(r"[0-9A-Z]{7,40}")

Linked = tuple[str | None, str]


class _Url:
    """A URL taken apart once; an impossible one has no host."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            parts = urlsplit(url.strip()[:LINK_LIMIT])
            self.host = (parts.hostname or "").lower().rstrip(".") if parts.scheme in ("http", "https") else ""
            behind_fragment = parts.fragment.partition("?")[2]
            pairs = parse_qsl(f"{parts.query}&{behind_fragment}", max_num_fields=100)
            self.query = {name.lower(): value for name, value in pairs}
            self.path, self.fragment = unquote(parts.path), unquote(parts.fragment)
        except ValueError:
            self.host, self.query, self.path, self.fragment = "", {}, "", ""

    def at(self, domain: str) -> bool:
        return self.host == domain or self.host.endswith("." + domain)

    def rules(self) -> Iterator[tuple[str, LinkRule]]:
        """(carrier key, rule) of its host and of every domain that the host belongs to, the longest first."""
        domain, dot = self.host, "."
        while dot:
            yield from _rules().get(domain, ())
            _, dot, domain = domain.partition(".")


def unwrap(url: str) -> str:
    """The link inside a known click wrapper (Google, Outlook, Proofpoint, Amazon SES); else the link itself."""
    return _unwrapped(url).url


def _unwrapped(url: str) -> _Url:
    parsed = _Url(url)
    for _ in range(_WRAPPED_DEPTH):
        inner = _inner(parsed)
        if inner is None:
            break
        parsed = _Url(inner)
    return parsed


def _inner(parsed: _Url) -> str | None:
    for host, path in _WRAPPERS_BY_PATH:
        if host.search(parsed.host):
            found = path.search(unquote(parsed.url[:LINK_LIMIT]))
            return re.sub(r"^(https?):/+", r"\1://", found[1]) if found else None
    for host, params in _WRAPPERS:
        if host.search(parsed.host):
            inner = next((parsed.query[p] for p in params if p in parsed.query), "")
            if host.pattern.startswith(r"(?:^|\.)urldefense"):
                inner = unquote(inner.replace("-", "%").replace("_", "/"))
            return inner if inner.startswith("http") else None
    return None


def _value(rule: LinkRule, url: _Url) -> str | None:
    named = next(filter(None, (url.query.get(param.lower()) for param in rule.params)), None)
    if named:
        return named.partition(",")[0]
    for pattern, text in ((rule.path, url.path), (rule.fragment, url.fragment)):
        found = pattern.search(text) if pattern else None
        if found:
            return found[1]
    return None


@cache
def _rules() -> dict[str, list[tuple[str, LinkRule]]]:
    """By domain: (carrier key, rule)."""
    by_domain: dict[str, list[tuple[str, LinkRule]]] = {}
    for owner in all_carriers():
        for rule in owner.links if owner.key != POSTAL_UNION else ():
            for domain in rule.domains:
                by_domain.setdefault(domain, []).append((owner.key, rule))
    return by_domain


def read_link(url: str) -> Linked | None:
    """The carrier's key (None on pages of many carriers) and the number in a tracking link; None for other links."""
    parsed = _unwrapped(url)
    if not parsed.host:
        return None
    own = ((key, _value(rule, parsed)) for key, rule in parsed.rules())
    for key, value in (*own, _of_many(parsed)):
        number = normal(value or "")
        if _NUMBER.fullmatch(number) and sum(map(str.isdigit, number)) >= 4:
            return key, number
    return None


def shaped_in_link(url: str, carrier_key: str) -> str | None:
    """A number that has the carrier's own shape, anywhere in a link to its pages: for links that no rule knows.

    Shapes that many numbers have do not count, unless they are long and their check digit is right.
    """
    parsed = _unwrapped(url)
    if not any(same_family(key, carrier_key) for key, _ in parsed.rules()):
        return None
    words = re.findall(r"[0-9A-Za-z]{10,40}", " ".join((*parsed.query.values(), parsed.path, parsed.fragment)))
    return next((word.upper() for word in words if _is_telling(word, carrier_key)), None)


def _is_telling(word: str, carrier_key: str) -> bool:
    checked = len(word) >= _LONG and fits(word, carrier_key, Strength.WEAK) and check(word, carrier_key)
    return checked or fits(word, carrier_key, Strength.MEDIUM)


def _of_many(url: _Url) -> tuple[str | None, str | None]:
    for rule in _PAGES_OF_MANY:
        if any(url.at(domain) for domain in rule.domains):
            return None, _value(rule, url)
    narvar = _NARVAR_PATH.match(url.path) if url.at("narvar.com") else None
    if narvar:
        named = by_name((narvar[1] or "").replace("_", " "))
        return (named.key if named else None), url.query.get("tracking_numbers", "").partition(",")[0]
    if _ANY_SHOP_PATH.search(url.path):
        return None, url.query.get("nums", "").partition(",")[0]
    return None, None


def page(number: str, carrier_key: str | None, home_country: str | None = None) -> str | None:
    """The carrier's own page for a number; None for unknown carriers and for numbers that fail the carrier's check.

    Built from the table alone, so that nothing of a mail's links reaches the user.
    """
    owner = carrier(carrier_key)
    url = owner.page_for(canonical(number), home_country) if owner else None
    if owner is None or url is None or not check(number, owner.key):
        return None
    return url.replace("{number}", quote(canonical(number), safe=""))
