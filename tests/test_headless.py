"""A saved HTML body without its header: read as the mail of the one its links lead to, where a file is given."""

from __future__ import annotations

from inboxtrack.model import Outcome, Reading, Stage, Trust
from inboxtrack.reader import Context, read

HEAD = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
PARCEL = "00340434161094042557"
FOOTER = '<a href="https://www.instagram.com/x">i</a><a href="https://www.tiktok.com/@x">t</a>'


def body(links: str, title: str = "Ihr Paket kommt heute") -> bytes:
    page = f"<html><head><title>{title}</title></head><body><p>Sendungsnummer</p><p>{PARCEL}</p>{links}{FOOTER}</body>"
    return HEAD + page.encode()


def read_body(links: str) -> Reading:
    return read(body(links), Context(body_only=True))


DHL = '<a href="https://www.dhl.de/de/privatkunden.html">DHL</a><a href="https://www.dhl.de/impressum">Impressum</a>'


def test_the_links_say_whose_body_it_is() -> None:
    reading = read_body(DHL)
    assert (reading.outcome, reading.extractor, reading.subject) == (Outcome.READ, "carriers", "Ihr Paket kommt heute")
    assert [(fact.tracking, fact.stage) for fact in reading.facts] == [(PARCEL, Stage.OUT_FOR_DELIVERY)]
    assert (reading.sender, reading.trust) == ("", Trust.UNVERIFIED)
    assert reading.trust_reason == "a saved body does not say who sent it"


def test_a_link_in_the_footer_says_nothing() -> None:
    links = '<a href="https://shop.example/1">a</a><a href="https://shop.example/2">b</a>'
    assert read_body(links).outcome is Outcome.FOREIGN
    assert read_body("").outcome is Outcome.FOREIGN


def test_the_only_link_says_it_too() -> None:
    one = body('<a href="https://www.dhl.de/impressum">Impressum</a>').replace(FOOTER.encode(), b"")
    assert read(one, Context(body_only=True)).extractor == "carriers"


def test_a_mail_without_a_sender_is_nobodys() -> None:
    assert read(body(DHL), Context()).outcome is Outcome.FOREIGN


def test_what_is_no_html_has_no_sender() -> None:
    for raw in (b"", b"\x00" * 50, HEAD, b"Content-Type: text/html\r\n\r\n<a href='http://[::1'>"):
        assert read(raw, Context(body_only=True)).facts == ()
