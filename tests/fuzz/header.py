"""Header block -> verdict: below a provider's `dmarc=fail` nothing a sender writes may make a mail verified."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["inboxtrack"]):
    from inboxtrack.mail.headers import MailRefused
    from inboxtrack.mail.message import parse_headers
    from inboxtrack.mail.trust import WELL_KNOWN, judge
    from inboxtrack.model import Trust

TAKEN_OVER = (
    b"Received: from a.example (a.example [192.0.2.1]) by mx.google.com with ESMTPS id 1 for <me@gmail.com>; now\r\n"
    b"Authentication-Results: mx.google.com; dmarc=fail header.from=aliexpress.com; dkim=none; spf=none\r\n"
)


def target(data: bytes) -> None:
    """One input; an exception is a finding."""
    raw = TAKEN_OVER + data.lstrip(b" \t\r\n")
    try:
        header = parse_headers(raw)
    except MailRefused:
        return
    assert judge(header, ("aliexpress.com",), WELL_KNOWN).trust is not Trust.VERIFIED
    assert not set(header.subject + header.sender.name + header.sender.address) & set("\r\n\x00\x1b\u202e\u2028")


if __name__ == "__main__":
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
