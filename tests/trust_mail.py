"""Made-up mails as providers hand them over, for the tests of trust, and the verdict on one."""

from __future__ import annotations

from inboxtrack.mail.message import parse
from inboxtrack.mail.trust import WELL_KNOWN, Policy, judge
from inboxtrack.model import Trust

ALI = ("notice.aliexpress.com", "aliexpress.com")
PASS = "dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=notice.aliexpress.com"
GOOGLE_IN = (
    "from mout.example.org (mout.example.org. [192.0.2.1]) by mx.google.com with ESMTPS id a1 for <me@gmail.com>"
)
GOOGLE_INSIDE = "by 2002:a05:6a10:8a1:b0:1a2:3b4:5c6 with SMTP id x1; Tue, 10 Feb 2026 03:00:00 -0800 (PST)"


def mail(
    *headers: tuple[str, str], sender: str = "AliExpress <transaction@notice.aliexpress.com>", body: str = ""
) -> bytes:
    """A mail with these headers on top of the usual ones."""
    own = [("From", sender), ("To", "me@gmail.com"), ("Subject", "Order 8200000000000001: order shipped")]
    own += [("Date", "Tue, 10 Feb 2026 11:00:00 +0000"), ("Message-ID", "<1@example.org>")]
    lines = [f"{name}: {value}" for name, value in (*headers, *own)]
    return ("\r\n".join(lines) + "\r\n\r\n" + (body or "Your order 8200000000000001 has shipped.\r\n")).encode()


def google(results: str, *above: tuple[str, str], below: tuple[tuple[str, str], ...] = (), **more: str) -> bytes:
    """A mail as Gmail hands it over: its own Received and, right below it, its Authentication-Results."""
    block = [
        ("Received", GOOGLE_INSIDE),
        ("Received", GOOGLE_IN),
        ("Authentication-Results", f"mx.google.com; {results}"),
    ]
    return mail(*above, *block, *below, **more)


def verdict(raw: bytes, domains: tuple[str, ...] = ALI, policy: Policy = WELL_KNOWN) -> Trust:
    """Whether the mail may speak for these domains."""
    return judge(parse(raw), domains, policy).trust
