"""Who runs the mail of a domain that no provider is named after: its MX and SRV records (RFC 6186).

The DNS is asked about the user's own domain only, when the user runs `doctor`; no password goes anywhere on its word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.mail.providers import by_mx

Records = Callable[[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class DnsRecords:
    """Asks the DNS for "MX" or "SRV" records. `server` is another name server than the system's, with its port."""

    timeout: float = 4.0
    server: tuple[str, int] | None = None

    def __call__(self, name: str, kind: str) -> list[str]:
        """The hosts that the records name, best first; none where there is no answer."""
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self.server is None)
            if self.server is not None:
                resolver.nameservers, resolver.port = [self.server[0]], self.server[1]
            answer = resolver.resolve(name, kind, lifetime=self.timeout, search=False)
        except (dns.exception.DNSException, ValueError, OSError):
            return []
        rank, host = ("preference", "exchange") if kind == "MX" else ("priority", "target")
        ranked = sorted(answer, key=lambda record: int(getattr(record, rank)))
        return [str(getattr(record, host)).rstrip(".").lower() for record in ranked]


def suggestion(domain: str, records: Records) -> str | None:
    """What to set for a domain, as one line for the user; None when its records say nothing."""
    provider = by_mx(records(domain, "MX"))
    if provider is not None:
        hint = f"; {provider.hint}" if provider.hint else ""
        return f'its mail is run by {provider.name}: set host = "{provider.host}"{hint}'
    hosts = [host for host in records(f"_imaps._tcp.{domain}", "SRV") if host]
    return f'its records name the IMAP server: set host = "{hosts[0]}", if you know it as yours' if hosts else None
