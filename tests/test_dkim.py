"""DKIM checked here, with keys made in the test (row C10): genuine mails are verified, altered ones fail."""

from __future__ import annotations

import pytest

from inboxtrack.mail.dkim import Resolver, check
from inboxtrack.mail.message import parse
from inboxtrack.mail.trust import WELL_KNOWN, judge
from inboxtrack.model import Trust
from inboxtrack.reader import Context, read
from tests.signed_mail import DNS, SENDERS, Answers, signed
from tests.trust_mail import mail


def results(raw: bytes, dns: Answers = DNS) -> list[tuple[str, str]]:
    return [(result.result, result.domain) for result in check(raw, dns)]


def verdict(raw: bytes, domains: tuple[str, ...] = ("aliexpress.com",)) -> Trust:
    return judge(parse(raw), domains, WELL_KNOWN, lambda: check(raw, DNS)).trust


@pytest.mark.parametrize("number", range(150))
def test_genuine_signed_mail_is_verified(number: int) -> None:
    """covers: C10"""
    domain = SENDERS[number % len(SENDERS)]
    body = f"Order {8200000000000000 + number} has shipped.\r\nGrüße {'.' * (number % 7)}\r\n"
    ways = [(b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")]
    raw = signed(mail(sender=f"Shop <n{number}@{domain}>", body=body), domain, canonicalize=ways[number % 3])
    assert verdict(raw, (domain,)) is Trust.VERIFIED


def test_line_ends_as_a_file_has_them_do_not_break_a_signature() -> None:
    """covers: C10"""
    assert verdict(signed(mail()).replace(b"\r\n", b"\n")) is Trust.VERIFIED


def test_altered_mail_fails() -> None:
    """covers: C10"""
    raw = signed(mail())
    assert results(raw) == [("pass", "notice.aliexpress.com")]
    assert results(raw.replace(b"has shipped", b"was returned")) == [("fail", "notice.aliexpress.com")]
    assert results(raw.replace(b"order shipped", b"order returned")) == [("fail", "notice.aliexpress.com")]
    assert results(raw + b"Call us.\r\n") == [("fail", "notice.aliexpress.com")]
    assert verdict(raw + b"Call us.\r\n") is Trust.FAILED


@pytest.mark.parametrize("name", ["From", "Subject", "Date", "Message-ID", "To"])
@pytest.mark.parametrize("place", ["above", "below"])
def test_a_second_copy_of_a_header_is_refused(name: str, place: str) -> None:
    """covers: C10"""
    raw, copy = signed(mail()), f"{name}: forged@evil.example\r\n".encode()
    forged = copy + raw if place == "above" else raw.replace(b"\r\n\r\n", b"\r\n" + copy + b"\r\n", 1)
    assert results(forged) == []
    assert verdict(forged) is not Trust.VERIFIED


def test_a_signature_over_a_part_of_the_body_is_refused() -> None:
    """covers: C10"""
    raw = signed(mail(), length=True)
    assert b"l=" in raw
    assert results(raw) == []
    assert verdict(raw + b"appended\r\n") is Trust.UNVERIFIED


def test_a_signature_without_the_subject_is_refused() -> None:
    """covers: C10"""
    assert results(signed(mail(), include_headers=[b"from", b"date"])) == []


def test_only_the_senders_own_signature_counts() -> None:
    """covers: C10"""
    raw = signed(mail(), "evil.example")
    assert results(raw) == []
    assert verdict(raw) is Trust.UNVERIFIED


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=aliexpress.com; s=s1; h=from:subject; bh=AAAA; b=BBBB\r\n",
        b"DKIM-Signature: d=aliexpress.com; h=subject\r\n",
        b"DKIM-Signature: v=1; a=none; d=aliexpress.com; s=..; h=from:subject; bh=!; b=!\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=aliexpress.com; s=\xff\xfe; h=from:subject; x=1; bh=AAAA; b=BBBB\r\n",
        b"DKIM-Signature: \r\n",
        b"DKIM-Signature: " + b";=" * 5000 + b"\r\n",
    ],
)
def test_a_broken_signature_says_nothing_good(header: bytes) -> None:
    """covers: C10"""
    assert verdict(header + mail()) is not Trust.VERIFIED


def test_a_key_that_is_gone_says_nothing() -> None:
    """covers: C10"""
    assert results(signed(mail()), Answers(())) == []


def test_the_reader_checks_signatures_only_where_the_provider_is_silent() -> None:
    """covers: C10"""
    raw = signed(mail())
    assert read(raw, Context(dns=DNS)).trust is Trust.VERIFIED
    assert read(raw, Context()).trust is Trust.UNVERIFIED
    assert read(raw, Context(dns=DNS, truncated=True)).trust is Trust.UNVERIFIED
    failed = b"Authentication-Results: mx.google.com; dmarc=fail header.from=notice.aliexpress.com\r\n" + raw
    assert read(failed, Context(dns=DNS)).trust is Trust.FAILED


def test_a_silent_dns_gives_no_answer(monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    """covers: C10"""
    import dns.resolver

    local = dns.resolver.Resolver(configure=False)
    local.nameservers, local.port = ["127.0.0.1"], free_port
    monkeypatch.setattr(dns.resolver, "default_resolver", local)
    assert Resolver(timeout=0.2)("s1._domainkey.aliexpress.com") is None
