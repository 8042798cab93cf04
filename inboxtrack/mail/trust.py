"""Whether a mail is from whom it claims: the receiving provider's Authentication-Results (RFC 8601)."""

from __future__ import annotations

from dataclasses import dataclass

from inboxtrack.mail.message import Mail
from inboxtrack.model import Trust


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose Authentication-Results count: authserv-ids, exact or as suffix with a leading dot."""

    authserv_ids: tuple[str, ...] = ()


WELL_KNOWN = Policy(("mx.google.com",))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a mail's sender, and why."""

    trust: Trust
    reason: str


def judge(mail: Mail, domains: tuple[str, ...], policy: Policy) -> Verdict:
    """Judge the sender of a mail for a retailer that these domains may speak for."""
    return Verdict(Trust.UNVERIFIED, "no Authentication-Results header from your provider")
