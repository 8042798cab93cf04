"""Asking the net about the user's own domain: DNS records, and pages over HTTPS. No answer is no error."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inboxtrack.mail.deadline import within

if TYPE_CHECKING:
    import httpx

SECONDS = 4.0
MOST_BYTES = 64_000
MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class DnsRecords:
    """Asks the DNS. `server` is another name server than the system's, with its port."""

    timeout: float = SECONDS
    server: tuple[str, int] | None = None

    def mx(self, domain: str) -> list[str] | None:
        """The mail hosts of a domain, best first; None without an answer."""
        records = self._answer(domain, "MX")
        if records is None:
            return None
        return [_host(record.exchange) for record in sorted(records, key=lambda record: int(record.preference))]

    def srv(self, name: str) -> list[tuple[str, int]] | None:
        """The hosts and ports of a service, best first; a host "." says that there is no such service."""
        records = self._answer(name, "SRV")
        if records is None:
            return None
        ranked = sorted(records, key=lambda record: (int(record.priority), -int(record.weight)))
        return [(_host(record.target), int(record.port)) for record in ranked if _host(record.target)]

    def _answer(self, name: str, kind: str) -> list[Any] | None:
        import dns.exception
        import dns.name
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self.server is None)
            if self.server is not None:
                resolver.nameservers, resolver.port = [self.server[0]], self.server[1]
            return list(resolver.resolve(name, kind, lifetime=self.timeout, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError, dns.name.NameTooLong):
            return []
        except (dns.exception.DNSException, ValueError, OSError):
            return None


def _host(name: object) -> str:
    return str(name).rstrip(".").lower()


@dataclass(frozen=True, slots=True)
class HttpsPages:
    """Gets small pages over HTTPS, redirects to HTTPS included. `transport` replaces the network."""

    timeout: float = SECONDS
    transport: httpx.BaseTransport | None = None

    def __call__(self, url: str) -> bytes | None:
        """The page; None when there is none, or it is too large, too slow, or not all the way HTTPS."""
        import httpx

        try:
            return within(self.timeout, lambda: self._page(url), lambda _: None)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None

    def _page(self, url: str) -> bytes | None:
        import httpx

        with httpx.Client(transport=self.transport, timeout=self.timeout, follow_redirects=False) as client:
            end = time.monotonic() + self.timeout
            for _ in range(1 + MOST_REDIRECTS):
                if not url.startswith("https://"):
                    return None
                with client.stream("GET", url) as answer:
                    if answer.next_request is None:
                        return _body(answer, end) if answer.status_code == httpx.codes.OK else None
                    url = str(answer.next_request.url)
        return None


def _body(answer: httpx.Response, end: float) -> bytes | None:
    """The body, if it is small and there before `end`: each byte of a slow one counts as an answer to httpx."""
    got = b""
    for part in answer.iter_bytes():
        got += part
        if len(got) > MOST_BYTES or time.monotonic() > end:
            return None
    return got
