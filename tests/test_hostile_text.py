"""Mail that is made to mislead: controls, injections, markup and broken structure make no nonsense."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxtrack.extractors import Step, discover
from inboxtrack.jsonform import reading_to_json
from inboxtrack.mail.headers import clean_text, parse_addresses, split_headers
from inboxtrack.mail.message import Mail, parse
from inboxtrack.mail.trust import WELL_KNOWN, judge
from inboxtrack.model import Fact, Number, Outcome, Role, Stage, Trust
from inboxtrack.reader import Context, read
from tests.hostile_mail import GOOD, PASS, html, parts
from tests.trust_mail import google, mail

SCRAPS = ["From: ", "Subject: ", "\r\n", "\n ", "a@b.example", *'<>"(\\,', "=?utf-8?q?", "?=", "é"]
INJECTIONS = ["{{7*7}}", "{0.__class__}", "%(x)s", "${HOME}", "'; DROP TABLE facts;--", "../../etc/x"]
CHARSETS = ["x-nope", "utf-8\\0", "idna", "zlib", "rot13", "utf-7", "punycode", "unicode_escape"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_strange_charset_is_read_as_something(charset: str) -> None:
    """covers: C1"""
    raw = google(PASS, ("Content-Type", f'text/plain; charset="{charset}"'))
    assert read(raw, Context()).outcome is Outcome.READ
    subject = f"=?{charset}?q?Order_8200000000000001:_order_shipped?="
    assert read(GOOD.replace(b"Order 8200000000000001: order shipped", subject.encode()), Context()).subject


ALLOWED_FORMAT = {"\u200d"}


@given(st.text(max_size=400))
def test_cleaned_text_has_nothing_that_steers(value: str) -> None:
    """covers: C4"""
    cleaned = clean_text(value)
    assert len(cleaned) <= 200
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") or c in ALLOWED_FORMAT for c in cleaned)
    assert cleaned == clean_text(cleaned)


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?a=0D=0ABcc:_x@y.example?=",
        "a\x1b[31mred",
        "a\x00b",
        "a\u2028b",
        "a\u202eb",
        "a\u200bb",
        "a\u2066b\u2069",
    ],
)
def test_subjects_and_names_stay_on_one_line_without_controls(subject: str) -> None:
    """covers: C4"""
    raw = GOOD.replace(b"Order 8200000000000001: order shipped", subject.encode())
    raw = raw.replace(b"From: AliExpress ", f"From: {subject} ".encode())
    found, sender = read(raw, Context()), parse(raw).sender
    for value in (
        found.subject,
        found.reason,
        found.trust_reason,
        sender.name,
        json.dumps(reading_to_json("x", found)),
    ):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]", value)


def test_the_joiner_of_emoji_is_kept() -> None:
    """covers: C4"""
    assert clean_text("👩\u200d🚀 a\u200db") == "👩\u200d🚀 ab"


@pytest.mark.parametrize("order", INJECTIONS)
def test_what_a_mail_says_is_only_ever_a_value(order: str) -> None:
    """covers: C6, C13, C17"""
    raw = GOOD.replace(b"Order 8200000000000001", f"Order {order}".encode())
    raw = raw.replace(b"order 8200000000000001", f"order {order}".encode())
    for fact in read(raw, Context()).facts:
        for number in (fact.order, fact.tracking, *(n.value for n in fact.also)):
            assert number is None or re.fullmatch(r"[0-9A-Za-z._/#-]{1,64}", number)


@pytest.mark.parametrize(
    "number", ["evil.example/1", ".com>To:x", "12345678 9", "1' OR 1", "a\nb", "12345678<b>", "x" * 60, "١٢٣٤٥٦٧٨"]
)
def test_what_no_parcel_is_called_is_no_tracking_number(number: str) -> None:
    """covers: C13. Found by fuzzing, in the parameter of a link."""

    def extract(mail: Mail) -> list[Fact]:
        also = (Number(number, Role.REFERENCE),) if not number.isdecimal() and len(number) < 60 else ()
        return [Fact(at=mail.at, stage=Stage.SHIPPED, order="A-1", tracking=number, also=also)]

    known = next(extractor for extractor in discover() if extractor.key == "tiktok_shop")
    recipe = replace(known, key="made", step=Step.RECIPE, senders=(), claims=lambda _: True, extract=extract)
    raw = mail(sender="a@shop.example")
    (fact,) = read(raw, Context(recipes=(recipe,))).facts
    assert (fact.order, fact.tracking, fact.also) == ("A-1", None, ())


def test_an_attachment_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: C18"""
    opened: list[str] = []
    monkeypatch.setattr("builtins.open", lambda *args, **more: opened.append(str(args)))
    raw = parts(
        '--b\r\nContent-Type: x/y\r\nContent-Disposition: attachment; filename="../../etc/cron.d/x"\r\n\r\nhi\r\n--b--'
    )
    parse(raw)
    assert opened == []


def test_markup_and_scripts_do_not_reach_the_text() -> None:
    """covers: C7"""
    raw = html(
        "<head><title>t</title></head><script>alert(1)</script><style>p{}</style><!-- c --><p onclick=x>Hello</p>"
    )
    assert parse(raw).lines == ("Hello",)


@given(st.binary(max_size=2_000))
def test_any_bytes_give_a_reading(raw: bytes) -> None:
    """covers: C1"""
    assert read(raw, Context()).facts == ()


@given(st.lists(st.sampled_from(SCRAPS), max_size=60))
def test_any_header_block_can_be_taken_apart(pieces: list[str]) -> None:
    """covers: C1, C4"""
    raw = "".join(pieces).encode()
    headers, end = split_headers(raw)
    assert 0 <= end <= len(raw)
    found = parse(raw)
    assert found.sender.address == "" or "@" in found.sender.address
    assert len(parse_addresses("".join(pieces))) < 61
    assert len(headers) <= raw.count(b":")


TOKENS = ["mx.google.com", ";", " ", "dmarc", "=", "pass", "dkim=pass", "header.from=", "aliexpress.com"]
TOKENS += ["(", ")", '"', "\\", "\r\n\t", "/1"]


@given(st.lists(st.sampled_from(TOKENS), max_size=40))
def test_any_authentication_results_can_be_judged(pieces: list[str]) -> None:
    """covers: C9"""
    raw = google("dmarc=fail header.from=notice.aliexpress.com", below=(("Authentication-Results", "".join(pieces)),))
    assert judge(parse(raw), ("aliexpress.com",), WELL_KNOWN).trust is Trust.FAILED
