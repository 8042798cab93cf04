"""The DKIM signatures of a mail, checked here, for mailboxes whose provider writes no Authentication-Results.

Only the DNS is asked, for the signers' keys. What attackers do with signatures that still verify (RFC 6376, 8.15)
is refused: a second copy of a signed header, and a signature over the beginning of the body only (`l=`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.mail.authres import Result
from inboxtrack.mail.domains import same_organisation
from inboxtrack.mail.headers import MailRefused, parse_address, split_headers
from inboxtrack.mail.trust import SIGNED_ONCE, signature_tags

Dns = Callable[[str], bytes | None]

SIGNATURES_LIMIT = 2


@dataclass(frozen=True, slots=True)
class Resolver:
    """Answers TXT questions from the DNS, each within `timeout` seconds; None for no answer of any kind."""

    timeout: float = 3.0

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
    """The result of each signature by the sender's organisation, as Authentication-Results would say it.

    No key means no result: a key may have been withdrawn long after the mail came. At most two signatures are
    looked at, so that a silent DNS costs no more than twice its timeout. Never raises.
    """
    try:
        headers, _ = split_headers(raw)
    except MailRefused:
        return ()
    names = [name.lower() for name, _ in headers]
    if any(names.count(name.lower()) > 1 for name in ("From", *SIGNED_ONCE)):
        return ()
    author = parse_address(next((value for name, value in headers if name.lower() == "from"), "")).domain
    signatures = [signature_tags(value) for name, value in headers if name.lower() == "dkim-signature"]
    ours = [index for index, tags in enumerate(signatures) if _counts(tags, author)]
    results = (_check_one(raw, index, signatures[index]["d"], dns) for index in ours[:SIGNATURES_LIMIT])
    return tuple(result for result in results if result is not None)


def _counts(tags: dict[str, str], author: str) -> bool:
    """Whether a signature is by the sender's organisation and covers the subject and all of the body."""
    signed = tags.get("h", "").lower().split(":")
    return "l" not in tags and "subject" in signed and same_organisation(tags.get("d", ""), author)


def _check_one(raw: bytes, index: int, domain: str, dns: Dns) -> Result | None:
    """`pass` or `fail` for one signature; None where no key answers or it cannot be understood."""
    found: list[bytes | None] = []

    def answer(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy's signature
        found.append(dns(name.decode("ascii", "replace").rstrip(".")))
        return found[-1]

    verified = _verify(raw, index, answer)
    if verified is None or not any(found):
        return None
    return Result("dkim", "pass" if verified else "fail", {"header.d": domain})


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
