"""Which results are the provider's own: every provider's form, and what a sender forges of it (reliability row C9)."""

from __future__ import annotations

import pytest

from inboxtrack.mail.message import parse
from inboxtrack.mail.trust import NO_RESULTS, WELL_KNOWN, Policy, judge
from inboxtrack.model import Trust
from tests.trust_mail import ALI, GOOGLE_IN, GOOGLE_INSIDE, PASS, mail, verdict

FORGED = ("Authentication-Results", f"mx.google.com; {PASS}")
FOREIGN_IN = ("Received", "from a.example (a.example [192.0.2.9]) by mx.example.net with ESMTP id 1; now")
CHAIN = [("Received", GOOGLE_INSIDE), ("Received", GOOGLE_IN)]
REAL_NONE = ("Authentication-Results", "mx.google.com; spf=none smtp.mailfrom=x@evil.example")
REAL_FAIL = ("Authentication-Results", "mx.google.com; dmarc=fail header.from=notice.aliexpress.com")


def ar(value: str) -> tuple[str, str]:
    return ("Authentication-Results", value)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([FORGED], Trust.VERIFIED),  # no Received at all: a file, not a mail that came in
        ([*CHAIN, FORGED], Trust.VERIFIED),
        ([*CHAIN, REAL_FAIL, FORGED], Trust.FAILED),
        ([*CHAIN, REAL_NONE, FORGED], Trust.UNVERIFIED),
        ([*CHAIN, REAL_NONE, FOREIGN_IN, FORGED], Trust.UNVERIFIED),
        ([*CHAIN, REAL_NONE, ("Received", GOOGLE_IN), FORGED], Trust.UNVERIFIED),
        ([*CHAIN, ("Received", GOOGLE_IN), FORGED], Trust.UNVERIFIED),
        ([*CHAIN, FOREIGN_IN, FORGED], Trust.UNVERIFIED),
        ([FOREIGN_IN, FORGED], Trust.UNVERIFIED),
        ([FOREIGN_IN, *CHAIN, FORGED], Trust.UNVERIFIED),
        ([("Received", "from a (a.example [192.0.2.9]) by mail.lan with ESMTP"), FORGED], Trust.UNVERIFIED),
        ([*CHAIN, ("Authentication-Results", f"aaa.com; {PASS}")], Trust.UNVERIFIED),
        ([*CHAIN, ("Authentication-Results", f"mx.google.com.evil.example; {PASS}")], Trust.UNVERIFIED),
        ([*CHAIN, ("X-Authentication-Results", f"mx.google.com; {PASS}")], Trust.UNVERIFIED),
        ([*CHAIN, ("ARC-Authentication-Results", f"i=1; mx.google.com; {PASS}")], Trust.UNVERIFIED),
        ([*CHAIN, ("Authentication-Results", f'"mx.google.com" 1; {PASS}')], Trust.VERIFIED),
        ([*CHAIN, ("Authentication-Results", f"(a (nested) note) mx.google.com; {PASS}")], Trust.VERIFIED),
        ([*CHAIN, ("authentication-results", f"mx.google.com;\r\n       {PASS}")], Trust.VERIFIED),
        ([*CHAIN, ("Authentication-Results", f"mx.google.com; {'(' * 3000} {PASS}")], Trust.UNVERIFIED),
        (
            [*CHAIN, ("Authentication-Results", f"mx.google.com; dkim=none header.d=none;me.com; {PASS}")],
            Trust.UNVERIFIED,
        ),
    ],
)
def test_only_headers_that_cannot_have_come_with_the_mail_count(
    headers: list[tuple[str, str]], expected: Trust
) -> None:
    """covers: C9"""
    assert verdict(mail(*headers)) is expected


ICLOUD_IN = (
    "Received",
    "from mout.example.org (mout.example.org [192.0.2.1]) by p00-icloudmta.p.me.com with ESMTPS; now",
)
FASTMAIL_IN = (
    "Received",
    "from mout.example.org (mout.example.org [192.0.2.1]) by mx2.messagingengine.com (Postfix); now",
)
FASTMAIL_INSIDE = ("Received", "from mx2 (mx2.internal [10.202.2.201]) by sloti1.internal with LMTP; now")
YAHOO_IN = ("Received", "from 192.0.2.1 (EHLO mout.example.org) by 10.222.1.1 with SMTPs; now")
YAHOO = "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com"
MS_INSIDE = (
    "Received",
    "from AM0PR01.eurprd01.prod.outlook.com (2603:10a6:208::1) by DB9PR01.prod.outlook.com with HTTPS; now",
)
MS_IN = (
    "Received",
    "from mout.example.org (192.0.2.1) by AM7EUR.mail.protection.outlook.com (10.1.1.1) with Microsoft; now",
)
MS_PASS = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=aliexpress.com; dkim=pass (signature was verified) "
    "header.d=aliexpress.com;dmarc=pass action=none header.from=notice.aliexpress.com;compauth=pass reason=100"
)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            [
                ar("bimi.icloud.com; bimi=none"),
                ar(f"dmarc.icloud.com; {PASS}"),
                ar("spf.icloud.com; spf=none"),
                ICLOUD_IN,
            ],
            Trust.VERIFIED,
        ),
        ([ar("bimi.icloud.com; bimi=none"), ICLOUD_IN, ar(f"dmarc.icloud.com; {PASS}")], Trust.UNVERIFIED),
        (
            [
                FASTMAIL_INSIDE,
                ar("mx2.messagingengine.com; x-ptr=fail"),
                ar(f"mx2.messagingengine.com; {PASS}"),
                FASTMAIL_IN,
            ],
            Trust.VERIFIED,
        ),
        (
            [
                FASTMAIL_INSIDE,
                FASTMAIL_IN,
                ar("mx2.messagingengine.com; spf=none"),
                ar(f"mx2.messagingengine.com; {PASS}"),
            ],
            Trust.UNVERIFIED,
        ),
        ([ar(f"{YAHOO}; dkim=pass header.i=@aliexpress.com header.s=s1; spf=none"), YAHOO_IN], Trust.VERIFIED),
        ([YAHOO_IN, ar(f"{YAHOO}; {PASS}")], Trust.UNVERIFIED),
        ([ar(f"evil-{YAHOO[6:]}.example; {PASS}"), YAHOO_IN], Trust.UNVERIFIED),
        ([MS_INSIDE, ar(MS_PASS), MS_IN], Trust.VERIFIED),
        (
            [
                MS_INSIDE,
                ar("spf=pass smtp.mailfrom=aliexpress.com; me.com; dkim=pass header.d=aliexpress.com;me.com; dmarc=no"),
                MS_IN,
            ],
            Trust.VERIFIED,
        ),
        ([MS_INSIDE, MS_IN, FOREIGN_IN, ar(MS_PASS)], Trust.UNVERIFIED),
        (
            [
                MS_INSIDE,
                ar("spf=fail smtp.mailfrom=aliexpress.com; dmarc=fail header.from=aliexpress.com"),
                MS_IN,
                ar(MS_PASS),
            ],
            Trust.FAILED,
        ),
        ([*CHAIN, ar(MS_PASS)], Trust.UNVERIFIED),
        (
            [
                ar(f"mail.protonmail.ch; {PASS}"),
                ("Received", "from a.example (a.example [192.0.2.1]) by mailin029.protonmail.ch; now"),
            ],
            Trust.VERIFIED,
        ),
        (
            [
                ("Received", "from a.example (a.example [192.0.2.1]) by mx01.posteo.de (Postfix); now"),
                ar(f"posteo.de; {PASS}"),
            ],
            Trust.VERIFIED,
        ),
        (
            [
                ("Received", "from a.example ([192.0.2.1]) by mx-ha.gmx.net (mxgmx); now"),
                ar("gmx.net; dkim=pass header.i=@aliexpress.com"),
            ],
            Trust.VERIFIED,
        ),
        (
            [
                ("Received", "from a.example ([192.0.2.1]) by mx-ha.gmx.net (mxgmx); now"),
                ar(f"gmx.net; dkim=none header.d=none;gmx.net; {PASS}"),
            ],
            Trust.UNVERIFIED,
        ),
    ],
)
def test_every_providers_own_form_is_understood(headers: list[tuple[str, str]], expected: Trust) -> None:
    """covers: C9"""
    assert verdict(mail(*headers)) is expected


@pytest.mark.parametrize("line", ["no field", "no field at all\r\n", "bad name : x", "\x01: x"])
def test_folded_lines_below_garbage_do_not_become_the_providers_words(line: str) -> None:
    """covers: C9. Found by fuzzing: the garbage was dropped and the fold joined to the provider's header above it."""
    above = b"".join(f"{name}: {value}\r\n".encode() for name, value in (*CHAIN, REAL_NONE))
    assert verdict(above + f"{line}\r\n ; {PASS}\r\n".encode() + mail()) is Trust.UNVERIFIED


EXCHANGE = [
    "from AS8PR1.EURPRD10.PROD.OUTLOOK.COM (2603:10a6:20b:40b::5) by VI1P1.EURP1.PROD.OUTLOOK.COM with HTTPS; now",
    "from DB8PR6.eurprd06.prod.outlook.com (2603:10a6:10:100::25) by AS8PR1.eurprd10.prod.outlook.com with SMTP; now",
    "from DU2PE.eurprd03.prod.outlook.com (2603:10a6:10:100:cafe::1f) by DB8PR6.outlook.office365.com with SMTP; now",
]
FASTMAIL = [
    "from phl-compute-1.internal (phl-compute-1.internal [10.202.2.41]) by sloti1d2t3 (Cyrus 3.9) with LMTPA; now",
    "from mx4 ([10.202.2.203]) by phl-compute-1.internal (MEProxy); now",
]
ICLOUD = ["from p00-icloudmta-asmtp-1 by p36-mailgateway-smtp-5 (mailgateway 2501B25) with SMTP id 1; now"]
POSTEO = [
    "from proxy02.posteo.name ([127.0.0.1]) by proxy02.posteo.name (Dovecot) with LMTP id 1; now",
    "from mailin05.posteo.de (unknown [10.0.1.5]) by proxy02.posteo.name (Postfix) with ESMTPS; now",
]


@pytest.mark.parametrize(
    ("hops", "said"),
    [
        (EXCHANGE, MS_PASS),
        (FASTMAIL, f"mx4.messagingengine.com; {PASS}"),
        (ICLOUD, f"dmarc.icloud.com; {PASS}"),
        (POSTEO, f"posteo.de; {PASS}"),
    ],
    ids=["exchange", "fastmail", "icloud", "posteo"],
)
def test_a_providers_own_hops_may_stand_above_its_results(hops: list[str], said: str) -> None:
    """covers: C9"""
    above = [("Received", hop) for hop in hops]
    assert verdict(mail(*above, ar(said), FOREIGN_IN)) is Trust.VERIFIED
    assert verdict(mail(*above, FOREIGN_IN, ar(said))) is Trust.UNVERIFIED


@pytest.mark.parametrize(
    "hop",
    [
        "from x.prod.outlook.com (192.0.2.9) by AM7.mail.protection.outlook.com (10.1.1.1) with SMTP; now",
        "from x.prod.outlook.com (2603:1020::9) by AM7.mail.protection.outlook.com (10.1.1.1) with SMTP; now",
    ],
)
def test_a_name_a_sender_gives_itself_makes_it_no_host_of_the_provider(hop: str) -> None:
    """covers: C9. The second Received, made up by the sender, must not be taken for one of the provider's."""
    forged = ("Received", EXCHANGE[1])
    assert verdict(mail(("Received", hop), forged, ar(MS_PASS))) is Trust.UNVERIFIED


@pytest.mark.parametrize("ids", [(".icloud.com",), ("bimi.icloud.com", "dmarc.icloud.com"), ("DMARC.iCloud.com",)])
def test_ids_from_the_settings_bring_the_providers_hosts_with_them(ids: tuple[str, ...]) -> None:
    """covers: C9"""
    raw = mail(ar("bimi.icloud.com; bimi=none"), ar(f"dmarc.icloud.com; {PASS}"), ICLOUD_IN)
    assert verdict(raw, policy=Policy(ids)) is Trust.VERIFIED
    assert verdict(raw, policy=Policy(("bimi.icloud.com",))) is Trust.UNVERIFIED


def test_an_own_server_is_known_by_its_id() -> None:
    """covers: C9"""
    came_in = ("Received", "from a.example (a.example [192.0.2.1]) by mail.home.example (Postfix); now")
    raw = mail(("Received", "by mail.home.example (Dovecot) with LMTP; now"), came_in, ar(f"mail.home.example; {PASS}"))
    assert verdict(raw) is Trust.UNVERIFIED
    assert verdict(raw, policy=Policy(("mail.home.example",))) is Trust.VERIFIED
    assert "mail.home.example wrote one" in judge(parse(raw), ALI, WELL_KNOWN).reason
    fetched = mail(
        ("Received", "from gw (gw.other.example [192.0.2.3]) by gw.other.example; now"),
        came_in,
        ar(f"mail.home.example; {PASS}"),
    )
    assert verdict(fetched, policy=Policy(("mail.home.example",))) is Trust.UNVERIFIED
    assert judge(parse(fetched), ALI, WELL_KNOWN).reason == NO_RESULTS
    for forged in ("a.example; dmarc=pass", "Evil words to show; dmarc=pass"):
        assert judge(parse(mail(came_in, ar(forged))), ALI, WELL_KNOWN).reason == NO_RESULTS
