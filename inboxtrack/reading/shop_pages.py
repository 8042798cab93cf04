"""Which shop a mail shows itself to be from, by links to pages that only the shop itself serves, and whether its
sender is another one.

The mail of a shop system says by its words nothing of who sent it: anybody can copy it. So a mail whose own pages lie
on one shop's domain and that comes from another's is nobody's order news. Lack of such links proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Mail
from inboxtrack.reading.own_name import unnamed
from inboxtrack.reading.shopify_shop import own_domain, registrable, status_link
from inboxtrack.tracking.links import unwrap

_OWN_PAGE = re.compile(
    r"(?:/(?:[\w-]{1,20}|index\.php)){0,2}?/(?:\d{3,15}/(?:orders|checkouts|invoices)/|_t/c/v3/|apps/(?:parcelpanel|17track)\b|sales/order/|"
    r"customer/account\b|my-account\b|view-order/|orderstatus\.php\b)",
    re.I,
)
"""What such a page's path begins with, perhaps behind a language; further on it may be a page inside a wrapped link."""

_HEADER = "(//a[@href])[1][ancestor-or-self::*[contains(@class,'shop-name') or contains(@class,'logo')]]/@href"
"""Only the first link of a mail is its header's: logos further down are those of carriers, cards and services."""

_ADDRESS = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_PLATFORMS = ("myshopify.com",)
_SHORTEST_NAME = 5


def disowned(mail: Mail) -> str | None:
    """Why a mail of a shop system cannot be its sender's; None when nothing speaks against it.

    Shopify's shared sender, services and mail providers name no shop that could be another one.
    """
    own = own_domain(mail)
    if own is None:
        return None
    shown = shown_domains(mail)
    other = contradicting(own, shown, mail)
    return made_up_as(other, mail) if other else None if shown else unnamed(mail)


def made_up_as(shop: str, mail: Mail) -> str:
    """The reason why a mail that shows itself to be from a shop is not the shop's."""
    return f"somebody imitates {shop}: the mail is made up as its own, but comes from {mail.sender.domain}"


def contradicting(own: str, shown: Iterable[str], mail: Mail) -> str | None:
    """The first of the shown domains, where none of them is the sender's or named like it, and the mail nowhere leads
    back to the sender's domain."""
    domains = tuple(shown)
    if not domains or own in _named_domains(mail) or any(_akin(own, domain) for domain in domains):
        return None
    return domains[0]


def shown_domains(mail: Mail) -> tuple[str, ...]:
    """The registrable domains of the shop's own pages that a mail leads to, each once."""
    known = (registrable(host) for host in _hosts(mail))
    return tuple(dict.fromkeys(domain for domain in known if domain and not domain.endswith(_PLATFORMS)))


def _hosts(mail: Mail) -> Iterator[str]:
    """Hosts of order pages and redirects of the shop, and of the name or logo that a mail begins with."""
    link = status_link(mail)
    if link:
        yield link["host"].lower()
    yield from (host for host, path in _places(mail) if _OWN_PAGE.match(path))
    if mail.tree is not None:
        yield from (host for host, path in map(_place, mail.tree.xpath(_HEADER)) if path in ("", "/"))


def _places(mail: Mail) -> Iterator[tuple[str, str]]:
    return (_place(href.url) for href in mail.links)


def _place(url: str) -> tuple[str, str]:
    """The host and the path that a link leads to; two empty texts where it is none."""
    try:
        parts = urlsplit(unwrap(url.strip()))
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        return "", ""


def _named_domains(mail: Mail) -> set[str]:
    """The domains of every link and address in the mail."""
    hosts = {host for host, _ in _places(mail)} | set(_ADDRESS.findall(mail.text))
    return {organisation(host) for host in hosts if host}


def _akin(one: str, other: str) -> bool:
    """Whether two domains are one shop's by their names: `brume.fr` and `maisonbrume.com`, `ab.fr` and `ab-shop.fr`."""
    short, long = sorted((one.partition(".")[0], other.partition(".")[0]), key=len)
    return short in long.split("-") or (len(short) >= _SHORTEST_NAME and short in long)
