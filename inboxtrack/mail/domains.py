"""Which domains belong together: organisational domains by the public suffix list, in their ASCII form."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=4_096)
def ascii_domain(domain: str) -> str:
    """A domain in lower case and punycode; as it is where that is impossible."""
    domain = domain.strip().strip(".").lower()[:253]
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=4_096)
def organisation(domain: str) -> str:
    """The organisational domain: `notice.aliexpress.com` -> `aliexpress.com`. '' for an empty or broken domain."""
    domain = ascii_domain(domain)
    return str(_suffixes().privatesuffix(domain) or domain) if domain else ""


def same_organisation(one: str, other: str) -> bool:
    """Whether two domains are aligned in DMARC's relaxed sense (RFC 7489, 3.1)."""
    return bool(one) and bool(other) and organisation(one) == organisation(other)


def within(domain: str, parents: Iterable[str]) -> bool:
    """Whether a domain is one of the parents or below one."""
    domain = ascii_domain(domain)
    return bool(domain) and any(domain == parent or domain.endswith("." + parent) for parent in parents)
