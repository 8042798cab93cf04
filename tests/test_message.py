"""Bytes become a `Mail`: text that keeps rows apart, links, addresses, dates."""

from __future__ import annotations

import datetime as dt
from email.errors import HeaderParseError

import pytest
from mailparser import parse_from_bytes

from inboxtrack.mail.headers import Address, parse_address, parse_addresses, parse_date
from inboxtrack.mail.message import Href, Mail, parse, parse_headers

RELAYED = "transaction_at_notice_aliexpress_com_0a1b2c3d4e_0a1b2c3d@privaterelay.appleid.com"


def with_html(body: str, plain: str = "") -> Mail:
    return Mail(headers=(), html=body, plain=plain)


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("AliExpress <Transaction@Notice.AliExpress.com>", "AliExpress", "transaction@notice.aliexpress.com"),
        ('"Shop, Inc." <a@b.example>', "Shop, Inc.", "a@b.example"),
        ("Shop, Inc. <a@b.example>", "Inc.", "a@b.example"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= <a@b.example>", "Grüße", "a@b.example"),
        ("a@b.example (A comment)", "", "a@b.example"),
        ("GLS<a@b.example>", "GLS", "a@b.example"),
        ("Unbalanced :( <a@b.example>", "Unbalanced :(", "a@b.example"),
        ("real@shop.example <a@evil.example>", "real@shop.example", "a@evil.example"),
        ("=?utf-8?q?=3Creal=40shop.example=3E?= <a@evil.example>", "<real@shop.example>", "a@evil.example"),
        ("<>", "", ""),
        ("undisclosed-recipients:;", "", ""),
    ],
)
def test_the_address_is_what_stands_in_angle_brackets(value: str, name: str, address: str) -> None:
    """covers: C8"""
    assert parse_address(value) == Address(name, address)


def test_several_addresses_are_all_found() -> None:
    assert [one.address for one in parse_addresses("a@b.example, X <c@d.example>")] == ["a@b.example", "c@d.example"]


def test_apples_relay_shows_the_address_behind_it() -> None:
    sender = parse_address(f"AliExpress <{RELAYED}>")
    assert (sender.domain, sender.origin) == ("privaterelay.appleid.com", "transaction@notice.aliexpress.com")
    assert sender.relayed
    assert parse_address(f"x <{RELAYED.replace('appleid', 'evil')}>").origin_domain == "privaterelay.evil.com"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tue, 10 Feb 2026 12:00:00 +0100", dt.datetime(2026, 2, 10, 11, tzinfo=dt.UTC)),
        ("10 Feb 2026 12:00", dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)),
        ("Tue, 10 Feb 1026 12:00:00 +0100", None),
        ("yesterday", None),
        ("", None),
        ("Tue, 10 Feb 2026 12:00:00 +9999999", None),
    ],
)
def test_dates_are_aware_or_nothing(value: str, expected: dt.datetime | None) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("Tue, 10 Feb 2026 09:00 +0000", 0), ("Tue, 10 Feb 2099 09:00 +0000", 1), ("Tue, 1 Feb 2000 09:00 +0000", -7)],
)
def test_a_mail_tells_of_a_time_near_its_arrival(said: str, expected: int) -> None:
    arrived = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
    mail = parse_headers(f"Date: {said}\r\n\r\n".encode(), arrived)
    assert mail.at == arrived + dt.timedelta(days=expected)


def test_cells_and_blocks_are_lines_of_their_own() -> None:
    mail = with_html("<div>Hello <b>you</b><br>there</div><table><tr><td>Order</td><td>8200</td></tr></table>")
    assert mail.lines == ("Hello you", "there", "Order", "8200")
    assert mail.rows == (("Order", "8200"),)


@pytest.mark.parametrize("box", ["<pre>{}</pre>", '<div style="white-space: pre-wrap"><span>{}</span></div>'])
def test_lines_that_a_browser_keeps_are_lines(box: str) -> None:
    page = "<p>Hello\nyou</p>" + box.format("Order\n8200")
    mail = parse(b"Content-Type: text/html\r\n\r\n" + page.encode())
    assert mail.lines == ("Hello you", "Order", "8200")


def test_rows_are_those_of_innermost_tables() -> None:
    mail = with_html("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>")
    assert mail.rows == (("a", "b"),)


def test_what_stands_behind_the_end_of_a_page_is_read() -> None:
    """Gateways put a page of their own before a mail, others put something behind it."""
    page = "<html><body><p>Caution: external mail</p></body></html>\n<!DOCTYPE html><html><head><title>x</title></head>"
    html = page + '<body><p>Order <a href="https://a.example/1">1001</a></p></body></html ><p>late</p>'
    mail = parse(b"Content-Type: text/html\r\n\r\n" + html.encode())
    assert mail.lines == ("Caution: external mail", "Order 1001", "late")
    assert [href.url for href in mail.links] == ["https://a.example/1"]
    assert [p.get_text() for p in mail.soup.select("p")] == ["Caution: external mail", "Order 1001", "late"]


def test_what_is_hidden_is_no_line() -> None:
    mail = with_html('<p>seen</p><p style="display:none">preheader</p><p style="mso-hide:all">x</p>tail')
    assert mail.lines == ("seen", "tail")


def test_links_come_once_with_their_text_and_query() -> None:
    html = '<a href="https://a.example/x?tradeOrderId=8200&amp;b=%20">one</a><a href="https://a.example/x?tradeOrderId=8200&amp;b=%20">two</a>'
    mail = with_html(html + '<a href="mailto:x@y">m</a><a href="javascript:x">j</a>', "see http://b.example/y .")
    assert mail.links == (Href("https://a.example/x?tradeOrderId=8200&b=%20", "one"), Href("http://b.example/y"))
    assert mail.links[0].host == "a.example"
    assert mail.links[0].query == {"tradeOrderId": "8200", "b": " "}
    assert Href("http://[bad").host == ""
    assert Href("http://[bad").query == {}


def test_a_plain_part_with_html_in_it_is_html() -> None:
    mail = parse(b"Content-Type: text/plain\r\n\r\n<html><body><p>a</p><p>b</p></body></html>")
    assert mail.lines == ("a", "b")


def test_a_mail_that_mail_parser_stumbles_over_is_still_read() -> None:
    inner = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--ab\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    raw = f"Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n{inner}--a\r\n\r\n"
    with pytest.raises(AttributeError):
        parse_from_bytes(raw.encode())
    assert "hello" in parse(raw.encode()).plain


def test_a_broken_encoded_word_in_an_address_loses_no_mail() -> None:
    raw = b"From: a@b.example\r\nTo: =?utf-8?b?a?= <me@x.example>\r\n\r\nhello"
    with pytest.raises(HeaderParseError):
        parse_from_bytes(raw)
    assert parse(raw).plain == "hello"


def test_a_header_is_decoded_unfolded_and_cleaned() -> None:
    mail = parse_headers(b"Subject: =?utf-8?q?Ihr_P=C3=A4ckchen?=\r\n =?utf-8?q?_ist_da?=\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
    assert mail.subject == "Ihr Päckchen ist da"
    assert (mail.header("X-A"), mail.all("x-A"), mail.header("none")) == ("1", ("1", "2"), "")


def test_lines_before_the_header_do_not_hide_it() -> None:
    assert parse(b"\r\n\nSubject: x\r\n\r\nbody").subject == "x"


def test_japanese_mail_in_seven_bits_is_text() -> None:
    head = b"Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: 7bit\n\n"
    mail = parse(head + "追跡番号: 441299900001\n".encode("iso-2022-jp"))
    assert mail.lines == ("追跡番号: 441299900001",)
