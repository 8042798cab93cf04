"""What is known of mail providers (`config/providers.toml`), so that an e-mail address is enough."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from inboxtrack.resources import config_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider's IMAP server and how one signs in there.

    `sign_in` is "password", "app_password", "oauth", "code" or "none" (no IMAP at all: `hint` says what to do).
    `mx` are the ends of the mail hosts of domains that are run there.
    `authserv_ids` are the names it signs Authentication-Results with; a leading dot stands for every host below.
    """

    name: str
    domains: tuple[str, ...]
    host: str = ""
    port: int = 993
    security: str = "tls"
    user: str = "address"
    sign_in: str = "password"
    oauth: str | None = None
    hint: str = ""
    mx: tuple[str, ...] = ()
    authserv_ids: tuple[str, ...] = ()
    send_id: bool = False

    @property
    def has_imap(self) -> bool:
        """Whether the provider can be read over IMAP."""
        return self.sign_in != "none"

    def user_for(self, address: str) -> str:
        """The user name that goes with an address."""
        return address.partition("@")[0] if self.user == "local" else address


def settings_for(address: str) -> Provider | None:
    """The provider of an e-mail address; None when it is not known. The longest matching domain counts."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    matches = [(len(d), -n, p) for n, p in enumerate(providers()) for d in p.domains if _matches(domain, d)]
    return max(matches)[2] if matches else None


def by_host(host: str) -> Provider | None:
    """The provider that an IMAP host belongs to; None when it is not known."""
    return next((provider for provider in providers() if provider.host and provider.host == host.lower()), None)


def by_mx(hosts: Iterable[str]) -> Provider | None:
    """The provider that runs a domain with these mail hosts; None when it is not known."""
    ends = [(end, provider) for provider in providers() for end in provider.mx]
    return next((p for host in hosts for end, p in ends if host == end or host.endswith("." + end)), None)


@cache
def providers() -> tuple[Provider, ...]:
    """Every provider of the table."""
    table = tomllib.loads((config_folder() / "providers.toml").read_text(encoding="utf-8"))
    return tuple(_provider(row) for row in table["provider"])


def _provider(row: dict[str, Any]) -> Provider:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return Provider(**values)


def _matches(domain: str, pattern: str) -> bool:
    """`yahoo.*` stands for one or two further labels, `*.rr.com` for every host below."""
    if pattern.endswith(".*"):
        name, _, ending = domain.partition(".")
        return f"{name}.*" == pattern and 0 < len(ending.split(".")) <= 2 and bool(ending)
    return domain == pattern or (pattern.startswith("*.") and domain.endswith(pattern[1:]))
