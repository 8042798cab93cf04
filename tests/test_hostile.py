"""Hostile mail: each input is dealt with in bounded time, makes no nonsense, and the next mail is read.

Rows C1 to C7, C13, C17 and C18 of the list of threats; `docs/trust.md` says what each means here.
"""

from __future__ import annotations

import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxtrack.extractors import Step, discover
from inboxtrack.jsonform import reading_to_json
from inboxtrack.mail.headers import MailRefused, clean_text, parse_addresses, split_headers
from inboxtrack.mail.message import Mail, parse, parse_headers
from inboxtrack.mail.trust import WELL_KNOWN, judge
from inboxtrack.model import Fact, Number, Outcome, Role, Stage, Trust
from inboxtrack.reader import Context, read
from inboxtrack.worker import SECONDS_LIMIT, Limits, Pool
from tests.conftest import corpus
from tests.trust_mail import google, mail

PASS = "dmarc=pass header.from=notice.aliexpress.com"
GOOD = google(PASS)
SENDERS = ("transaction@notice.aliexpress.com", "help@hismileteeth.com", "no-reply@shop.tiktok.com", "noreply@dhl.de")


def text(body: str) -> bytes:
    return google(PASS, body=body)


def html(body: str) -> bytes:
    return google(PASS, ("Content-Type", "text/html; charset=utf-8"), body=body)


def parts(inner: str, boundary: str = "b") -> bytes:
    return google(
        PASS, ("MIME-Version", "1.0"), ("Content-Type", f'multipart/mixed; boundary="{boundary}"'), body=inner
    )


def nested(depth: int) -> bytes:
    opening = (f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(depth))
    return parts("".join(opening) + f"--b{depth}\r\n\r\nhi\r\n", "b0")


def messages_in_messages(depth: int) -> bytes:
    return google(PASS, ("Content-Type", "message/rfc822"), body="Content-Type: message/rfc822\r\n\r\n" * depth)


def words(count: int) -> bytes:
    subject = "\r\n ".join(["=?utf-8?q?a?="] * count)
    return GOOD.replace(b"Order 8200000000000001: order shipped", subject.encode())


MARKS = "a" + "\u0301\u0323" * 200_000

HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested 300": lambda: nested(300),
    "nested 3000": lambda: nested(3000),
    "messages in messages": lambda: messages_in_messages(3000),
    "200000 empty parts": lambda: parts("--b\r\n\r\n" * 200_000),
    "parts with a boundary in pieces": lambda: (
        GOOD.replace(b"From:", b'Content-Type: multipart/mixed; boundary*0="a"; boundary*1="b"\r\nFrom:', 1)
        + b"--ab\r\n\r\n" * 15_000
    ),
    "20000 encoded words": lambda: words(20_000),
    "5000 encoded words": lambda: words(5_000),
    "2.6 MB of Received": lambda: ("Received: x\r\n" * 200_000).encode() + GOOD,
    "one Received of 200 kB": lambda: b"Received: " + b"from a by b " * 17_000 + b"\r\n" + GOOD,
    "From with 5000 (": lambda: mail(sender="(" * 5_000 + "a@aliexpress.com"),
    "From with 5000 <": lambda: mail(sender="<" * 5_000 + "a@aliexpress.com"),
    "From with 5000 quotes": lambda: mail(sender='"\\' * 2_500 + "<a@aliexpress.com>"),
    "Authentication-Results with 16000 (": lambda: google("(" * 15_000 + PASS),
    "Authentication-Results with 15000 ;": lambda: google(";" * 15_000 + PASS),
    "50 MB of text": lambda: text("Order number 8200000000000001\r\n" * 1_700_000),
    "one line of 2 MB": lambda: text("Order number " + "8" * 2_000_000),
    "2 MB of blanks": lambda: text("Order number" + " " * 2_000_000 + "x"),
    "1 MB of blank lines": lambda: text("Order\n" + "\n" * 1_000_000),
    "table rows": lambda: html("<table>" + "<tr><td>Order</td><td>8200000000000001</td></tr>" * 100_000),
    "nested tables": lambda: html("<table><tr><td>x" * 30_000),
    "comments": lambda: html("<!--" * 20_000 + "a<!-- -->" * 50_000),
    "open tags": lambda: html("<a " * 20_000),
    "divs": lambda: html("<div>" * 100_000),
    "links": lambda: html('<a href="http://a.example/?order=8200000000000001">x</a>' * 9_000),
    "links in links": lambda: html('<a href="http://a.example/">' * 15_000),
    "scripts": lambda: html("<script>1</script>x" * 25_000),
    "attributes": lambda: html("<a " + " ".join(f"a{n}=1" for n in range(60_000)) + ">"),
    "one style": lambda: html(f'<p style="{"display : " * 50_000}">x'),
    "entities": lambda: html("&amp;" * 100_000),
    "a doctype bomb": lambda: html('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><p>&b;</p>' * 1000),
    "nulls": lambda: text("\x00" * 400_000),
    "only bytes": lambda: GOOD + bytes(range(256)) * 2_000,
    "json-ld": lambda: html('<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
    "base64": lambda: google(PASS, ("Content-Transfer-Encoding", "base64"), body="A" * 1_900_000),
    "quoted-printable": lambda: google(PASS, ("Content-Transfer-Encoding", "quoted-printable"), body="=" * 900_000),
    "uuencode": lambda: google(PASS, ("Content-Transfer-Encoding", "x-uuencode"), body="begin 644 x\n" * 100_000),
    "attached mails": lambda: parts("--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n" * 90),
    "empty": lambda: b"",
    "no colon": lambda: b"x" * 250_000,
    "no header end": lambda: b"X: y\r\n" * 300_000,
    "bare returns": lambda: GOOD.replace(b"\r\n", b"\r"),
}


SCRAPS = ["From: ", "Subject: ", "\r\n", "\n ", "a@b.example", "=?utf-8?q?", "?=", "é", *'<>"(\\,']
STEERING = ["=?utf-8?q?a=0D=0ABcc:_x@y.example?=", *(f"a{c}b" for c in "\x1b\x00\u2028\u202e\u200b\u2066")]
INJECTIONS = ["{{7*7}}", "{0.__class__}", "%(x)s", "${HOME}", "'; DROP TABLE facts;--", "../../etc/x"]
CHARSETS = ["x-nope", "utf-8\\0", "idna", "zlib", "rot13", "utf-7", "punycode", "unicode_escape"]
FOR_EXTRACTORS = ["one line of 2 MB", "2 MB of blanks", "table rows", "divs", "links"]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as made:
        yield made


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_bounded_time_and_the_next_mail_is_read(pool: Pool, name: str) -> None:
    """covers: C1"""
    raw = HOSTILE[name]()
    assert pool.read(GOOD, Context()).outcome is Outcome.READ
    before, _ = cost(pool)
    found = pool.read(raw, Context())
    after, memory = cost(pool)
    assert after - before < SECONDS_LIMIT
    assert memory < 600_000_000
    assert found.outcome in set(Outcome)
    assert "took longer" not in found.reason
    assert "broke a limit" not in found.reason
    assert pool.read(GOOD, Context()).outcome is Outcome.READ


def cost(pool: Pool) -> tuple[float, int]:
    """Of the process that reads: seconds of processor time so far, and the most bytes it ever had in memory (Linux)."""
    (worker,) = pool._free.queue
    assert worker is not None
    folder = Path(f"/proc/{worker._process.pid}")
    ticks = folder.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]
    status = folder.joinpath("status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) * 1024


def test_heaps_of_combining_marks_end_their_reader_only() -> None:
    """covers: C1. Normalising them takes minutes; the worker's limit ends it."""
    raw = google(PASS, ("Content-Type", "text/plain; charset=utf-8"), body=MARKS)
    with Pool(1, Limits(seconds=2)) as pool:
        assert pool.read(raw, Context()).outcome is Outcome.FAILED
        assert pool.read(GOOD, Context()).outcome is Outcome.READ
    assert len(clean_text(MARKS, 2_000)) < 2_001


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("name", FOR_EXTRACTORS)
def test_no_extractor_hangs_on_hostile_text(pool: Pool, name: str, sender: str) -> None:
    """covers: C1, C2"""
    raw = HOSTILE[name]().replace(SENDERS[0].encode(), sender.encode())
    started = time.monotonic()
    found = pool.read(raw, Context())
    assert time.monotonic() - started < 12
    assert "took longer" not in found.reason


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_strange_charset_is_read_as_something(charset: str) -> None:
    """covers: C1"""
    raw = google(PASS, ("Content-Type", f'text/plain; charset="{charset}"'))
    assert read(raw, Context()).outcome is Outcome.READ
    subject = f"=?{charset}?q?Order_8200000000000001:_order_shipped?="
    assert read(GOOD.replace(b"Order 8200000000000001: order shipped", subject.encode()), Context()).subject


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"X: " + b"y" * 300_000, "header block is longer than 256 kB"),
        (b"X: " + b"y" * 200_000 + b"\r\n\r\n", "longer than 160 kB"),
        (b"Received: x\r\n" * 101 + b"\r\n", "more than 100 Received"),
    ],
)
def test_a_broken_limit_is_named(raw: bytes, reason: str) -> None:
    """covers: C1"""
    with pytest.raises(MailRefused, match=reason):
        parse_headers(raw)
    assert reason in read(raw, Context()).reason


def test_a_mail_that_is_refused_is_still_named() -> None:
    """covers: C1"""
    found = read(HOSTILE["200000 empty parts"](), Context())
    assert (found.outcome, found.reason) == (Outcome.FAILED, "it has more than 200 parts")
    assert found.subject.startswith("Order 82")
    assert found.sender == SENDERS[0]


def test_broken_mail_of_other_peoples_tests_makes_no_order() -> None:
    """covers: C1"""
    folder = corpus()
    if folder is None:
        pytest.skip("the folder of other people's mail is not here")
    started = time.process_time()
    readings = [
        (path, read(path.read_bytes(), Context())) for path in (folder / "malformed").rglob("*") if path.is_file()
    ]
    assert len(readings) > 100
    assert [path.name for path, reading in readings if reading.facts] == []
    assert time.process_time() - started < 60


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


def test_an_attachment_is_never_written(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
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


@given(
    st.lists(
        st.sampled_from(
            [
                "From: ",
                "Subject: ",
                "\r\n",
                "\n ",
                "a@b.example",
                "<",
                ">",
                '"',
                "(",
                "\\",
                ",",
                "=?utf-8?q?",
                "?=",
                "é",
            ]
        ),
        max_size=60,
    )
)
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
