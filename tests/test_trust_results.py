"""What a result says of a mail, and for whom: is it from whom it claims to be from (reliability rows C8 to C10)?"""

from __future__ import annotations

import pytest

from inboxtrack.mail.authres import parse as parse_results
from inboxtrack.mail.trust import Policy
from inboxtrack.model import Trust
from tests.trust_mail import PASS, google, verdict

APPLE = "transaction_at_notice_aliexpress_com_0a1b2c3d4e_0a1b2c3d@privaterelay.appleid.com"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (PASS, Trust.VERIFIED),
        ("dkim=pass header.i=@notice.aliexpress.com header.s=s1 header.b=abc", Trust.VERIFIED),
        ("dkim=pass header.d=mail.aliexpress.com", Trust.VERIFIED),
        ("spf=pass (google.com: domain of b@mail.aliexpress.com) smtp.mailfrom=b@mail.aliexpress.com", Trust.VERIFIED),
        ("DKIM = Pass\r\n\theader.D = NOTICE.aliexpress.com", Trust.VERIFIED),
        ("dkim/1=pass header.d=notice.aliexpress.com", Trust.VERIFIED),
        ("dkim=fail header.d=other.example; dkim=pass header.d=aliexpress.com", Trust.VERIFIED),
        ("dmarc=bestguesspass action=none header.from=notice.aliexpress.com", Trust.UNVERIFIED),
        ("dmarc=none header.from=notice.aliexpress.com", Trust.UNVERIFIED),
        ("dmarc=temperror header.from=notice.aliexpress.com", Trust.UNVERIFIED),
        ("dkim=pass header.d=evil.example", Trust.UNVERIFIED),
        ("dkim=pass", Trust.UNVERIFIED),
        ("dkim=none; spf=fail smtp.mailfrom=b@notice.aliexpress.com", Trust.UNVERIFIED),
        ("spf=pass smtp.helo=mail.aliexpress.com", Trust.UNVERIFIED),
        ("dmarc=pass header.from=evil.example", Trust.UNVERIFIED),
        ("dkim=fail (dmarc=pass header.from=aliexpress.com) header.d=evil.example", Trust.UNVERIFIED),
        ('spf=pass smtp.mailfrom="x; dmarc=pass header.from=aliexpress.com"@evil.example', Trust.UNVERIFIED),
        ("none", Trust.UNVERIFIED),
        ("dmarc=fail (p=NONE) header.from=notice.aliexpress.com", Trust.FAILED),
        ("dmarc=fail header.from=notice.aliexpress.com; spf=pass smtp.mailfrom=b@aliexpress.com", Trust.FAILED),
        ("dmarc=fail header.from=aliexpress.com; dmarc=pass header.from=aliexpress.com", Trust.FAILED),
        ("dkim=fail header.d=aliexpress.com; spf=softfail smtp.mailfrom=b@x.example", Trust.FAILED),
    ],
)
def test_what_the_provider_says_counts_for_the_senders_organisation(results: str, expected: Trust) -> None:
    """covers: C8"""
    assert verdict(google(results)) is expected


@pytest.mark.parametrize(
    "results",
    [
        "dkim=pass header.d=aliexpress.com(.evil.example header.s=s; dmarc=fail header.from=notice.aliexpress.com",
        "dkim=pass header.i=@aliexpress.com(x).evil.example header.s=s; dmarc=none",
        "dkim=pass header.d=aliexpress.com (x).evil.example header.s=s; dmarc=none",
        'dkim=pass header.d=aliexpress.com".evil.example header.s=s; dmarc=fail header.from=notice.aliexpress.com',
        "dkim=pass header.d=aliexpress.com'.evil.example; dmarc=none",
        "dkim=pass header.d=aliexpress.com\x00.evil.example; dmarc=none",
        'spf=pass (domain of ") smtp.mailfrom=aliexpress.com ("@evil.example) smtp.mailfrom="x"@evil.example',
        'spf=pass (domain of "); dmarc=pass; x=y ("@evil.example) smtp.mailfrom="x"@evil.example',
        'spf=pass (domain of "\\""); dmarc=pass; x=y ("@evil.example) smtp.mailfrom="x"@evil.example',
        'spf=pass smtp.mailfrom="a\\"; dmarc=pass header.from=aliexpress.com; \\"@evil.example',
        "spf=pass smtp.mailfrom=aliexpress.com smtp.mailfrom=x@evil.example",
        "dmarc=pass header.from=aliexpress.com header.from=evil.example",
        "dkim=pass header.d=evil.example) header.d=aliexpress.com (x",
    ],
)
def test_what_a_sender_chose_forges_no_result(results: str) -> None:
    """covers: C9. Providers copy a signature's domain and the envelope's address into their header."""
    assert verdict(google(results)) is Trust.UNVERIFIED


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("a@aliexpress.com", Trust.VERIFIED),
        ("a@aliexpress.com.evil.example", Trust.UNVERIFIED),
        ('"transaction@notice.aliexpress.com" <a@evil.example>', Trust.UNVERIFIED),
        ("transaction@notice.aliexpress.com <a@evil.example>", Trust.UNVERIFIED),
        ("a@xn--alixpress-d4a.com", Trust.UNVERIFIED),
        ("a@notaliexpress.com", Trust.UNVERIFIED),
        ("a@aliexpress.com, b@evil.example", Trust.UNVERIFIED),
        ("", Trust.UNVERIFIED),
    ],
)
def test_a_confirmed_sender_speaks_only_for_its_own_retailer(sender: str, expected: Trust) -> None:
    """covers: C8"""
    assert verdict(google(f"dmarc=pass header.from={sender.rpartition('@')[2].strip('>')}", sender=sender)) is expected


def test_domains_under_one_public_suffix_are_strangers() -> None:
    """covers: C8"""
    raw = google("dkim=pass header.d=evil.co.uk", sender="a@shop.co.uk")
    assert verdict(raw, ("shop.co.uk",)) is Trust.UNVERIFIED


def test_apples_relay_is_aligned_with_itself() -> None:
    """covers: C8"""
    raw = google("dmarc=pass header.from=privaterelay.appleid.com", sender=f"AliExpress <{APPLE}>")
    assert verdict(raw) is Trust.VERIFIED
    other = google(
        "dmarc=pass header.from=privaterelay.appleid.com", sender=f"X <{APPLE.replace('aliexpress', 'evil')}>"
    )
    assert verdict(other) is Trust.UNVERIFIED


def test_two_from_headers_are_a_forgery() -> None:
    """covers: C8"""
    assert verdict(google(PASS, below=(("From", "b@evil.example"),))) is Trust.FAILED


@pytest.mark.parametrize("name", ["Subject", "Date", "Message-ID", "To", "Content-Type"])
def test_a_second_copy_of_a_signed_header_ends_the_trust(name: str) -> None:
    """covers: C10"""
    copies = ((name, "text/plain"), (name, "text/plain")) if name == "Content-Type" else ((name, "forged"),)
    assert verdict(google(PASS, below=copies)) is Trust.UNVERIFIED


def test_a_signature_over_the_beginning_of_the_body_is_not_enough() -> None:
    """covers: C10"""
    partly = ("DKIM-Signature", "v=1; a=rsa-sha256; d=aliexpress.com; s=s; h=from; l=120; bh=x; b=y")
    whole = ("DKIM-Signature", "v=1; a=rsa-sha256; d=aliexpress.com; s=s; h=from; bh=x; b=y")
    said = "dkim=pass header.d=aliexpress.com"
    assert verdict(google(said, below=(partly,))) is Trust.UNVERIFIED
    assert verdict(google(said, below=(partly, whole))) is Trust.VERIFIED
    assert verdict(google(f"{said}; spf=pass smtp.mailfrom=aliexpress.com", below=(partly,))) is Trust.VERIFIED


def test_a_forwarder_is_believed_only_when_named_and_vouched_for() -> None:
    """covers: C10"""
    arc = (
        ("ARC-Seal", "i=1; a=rsa-sha256; d=forward.example; s=s; cv=none; b=x"),
        ("ARC-Authentication-Results", f"i=1; mx.forward.example; {PASS}"),
    )
    broken = "dmarc=fail header.from=notice.aliexpress.com; arc=pass (i=1)"
    named = Policy(("mx.google.com",), arc_sealers=("forward.example",))
    assert verdict(google(broken, below=arc), policy=named) is Trust.VERIFIED
    assert verdict(google(broken, below=arc)) is Trust.FAILED
    assert verdict(google(broken.replace("arc=pass", "arc=fail"), below=arc), policy=named) is Trust.FAILED


@pytest.mark.parametrize(
    ("results", "sound"),
    [
        ("dkim=pass header.i=@a.example; dmarc=pass(p=REJECT) header.from=a.example", True),
        ("spf=pass (domain of b@a.example) smtp.mailfrom=b@a.example; dmarc=pass (p=NONE) header.from=a.example", True),
        ("spf=pass smtp.mailfrom=b@evil(.example; dmarc=pass(p=REJECT) header.from=a.example", False),
        ("dkim=pass header.d=a.example(; dmarc=fail (p=REJECT) header.from=a.example", False),
    ],
)
def test_a_comment_may_stand_right_behind_a_result_but_behind_nothing_else(results: str, sound: bool) -> None:
    """Yahoo and AOL write `dmarc=pass(p=REJECT)`; a value of the sender's choice begins no comment."""
    methods = {result.method for result in parse_results(f"mx.example; {results}").results}
    assert ("dmarc" in methods) is sound
    assert ("none" in methods) is not sound
