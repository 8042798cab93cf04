"""The DKIM signatures of a mail, checked here, for mailboxes whose provider writes no Authentication-Results.

Only the DNS is asked, for the signers' keys. What attackers do with signatures that still verify (RFC 6376, 8.15)
is refused: a second copy of a signed header, and a signature over the beginning of the body only (`l=`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.mail.authres import Result
from inboxtrack.mail.headers import MailRefused, split_headers

Dns = Callable[[str], bytes | None]

SIGNATURES_LIMIT = 5
_ONCE = ("from", "subject", "date", "message-id", "to", "content-type", "content-transfer-encoding", "mime-version")
_TAG = re.compile(r"(?:^|;)\s{0,99}([a-z]{1,3})\s{0,99}=([^;]*)")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Answers TXT questions from the DNS, each within `timeout` seconds; None for no answer of any kind."""

    timeout: float = 5.0

    def __call__(self, name: str) -> bytes | None:
        """The TXT record of a name."""
        import dns.exception
        import dns.resolver

        try:
            answer = dns.resolver.resolve(name, "TXT", lifetime=self.timeout, search=False)
        except (dns.exception.DNSException, ValueError, OSError):
            return None
        return next((b"".join(record.strings) for record in answer), None)


def check(raw: bytes, dns: Dns) -> tuple[Result, ...]:
    """The result of each signature that a key was found for, as Authentication-Results would say it.

    No key means no result: a key may have been withdrawn long after the mail came. At most five signatures are
    looked at. Never raises.
    """
    try:
        headers, _ = split_headers(raw)
    except MailRefused:
        return ()
    names = [name.lower() for name, _ in headers]
    if any(names.count(name) > 1 for name in _ONCE):
        return ()
    signatures = [value for name, value in headers if name.lower() == "dkim-signature"][:SIGNATURES_LIMIT]
    results = (_check_one(raw, index, value, dns) for index, value in enumerate(signatures))
    return tuple(result for result in results if result is not None)


def _check_one(raw: bytes, index: int, signature: str, dns: Dns) -> Result | None:
    """`pass` or `fail` for one signature; None where it cannot or must not be checked."""
    tags = {name: "".join(value.split()) for name, value in _TAG.findall(signature)}
    if "l" in tags or not tags.get("d"):
        return None
    asked: list[bytes | None] = []

    def answer(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy's signature
        asked.append(dns(name.decode("ascii", "replace").rstrip(".")))
        return asked[-1]

    verified = _verify(raw, index, answer)
    if verified is None or not any(asked):
        return None
    return Result("dkim", "pass" if verified else "fail", {"header.d": tags["d"].lower()})


def _verify(raw: bytes, index: int, answer: Callable[..., bytes | None]) -> bool | None:
    """dkimpy's answer; None when the signature or its key is malformed."""
    import dkim

    try:
        return bool(dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=answer))
    except dkim.ValidationError as error:
        # an expired signature says nothing about an old mail; an altered body does
        return False if "body hash mismatch" in str(error) else None
    except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None
