"""The IMAP server of a domain that no provider is named after: asked of the domain itself, of nobody else.

1. Its MX records: an own domain is often run by a provider of the table.
2. Its own web server, over HTTPS, in Thunderbird's format.
3. Its SRV record `_imaps._tcp` (RFC 6186, 8314).

DNS answers are not proven. A password goes where they point only if the certificate there must bear the domain's own
name, or a provider's of the table; any other host is a suggestion that the user confirms by setting it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote

from inboxtrack.mail.autoconfig.file import Named, servers_in
from inboxtrack.mail.domains import ascii_domain, same_organisation
from inboxtrack.mail.providers import Provider, by_host, by_mx

TLS_PORT = 993


class Dns(Protocol):
    """Asks the DNS; an empty list where it knows of none, None where nobody answers."""

    def mx(self, domain: str) -> list[str] | None: ...

    def srv(self, name: str) -> list[tuple[str, int]] | None: ...


class Pages(Protocol):
    """Gets a page over HTTPS; None where there is none."""

    def __call__(self, url: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An IMAP server with TLS, and how it was found, as a sentence that begins with "because"."""

    host: str
    port: int = TLS_PORT
    security: str = "tls"
    user: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a domain says of its mail. `unproven` is a host that only the user can vouch for.

    `provider` is the one that runs the domain, even where it has no IMAP. Unless it was `answered`, nothing found
    means nothing: the DNS was not there to ask.
    """

    server: Server | None = None
    provider: Provider | None = None
    unproven: str | None = None
    answered: bool = True


def find(address: str, dns: Dns, pages: Pages) -> Found:
    """The server for an address. Raises nothing: what does not answer says nothing."""
    domain = ascii_domain(address.rpartition("@")[2])
    hosts = dns.mx(domain)
    provider = by_mx(hosts or ())
    if provider is not None:
        return Found(server=_run_by(provider, domain, address), provider=provider)
    named = _named_by(domain, address, pages)
    if named is not None:
        return Found(server=named)
    records = dns.srv(f"_imaps._tcp.{domain}")
    found = _recorded(records or [], domain, address)
    return replace(found, answered=hosts is not None and records is not None)


def _run_by(provider: Provider, domain: str, address: str) -> Server | None:
    if not provider.has_imap:
        return None
    name = "set user to your name there" if provider.user == "local" else ""
    advice = "; ".join(filter(None, (provider.hint, name)))
    return Server(
        host=provider.host,
        port=provider.port,
        security=provider.security,
        user=provider.user_for(address),
        because=f"because the mail of {domain} is run by {provider.name}{f' ({advice})' if advice else ''}",
    )


def _named_by(domain: str, address: str, pages: Pages) -> Server | None:
    query = f"?emailaddress={quote(address)}"
    urls = (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml{query}",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml{query}",
    )
    for url in urls:
        page = pages(url)
        found = servers_in(page, address) if page else ()
        if found:
            return _server(found[0], f"because {url.partition('?')[0]} says so")
    return None


def _server(named: Named, because: str) -> Server:
    return Server(host=named.host, port=named.port, security=named.security, user=named.user, because=because)


def _recorded(records: list[tuple[str, int]], domain: str, address: str) -> Found:
    for host, port in records:
        if same_organisation(host, domain) or by_host(host):
            because = f"because the SRV record of {domain} says so"
            return Found(server=Server(host=host, port=port, user=address, because=because))
    return Found(unproven=records[0][0] if records else None)
