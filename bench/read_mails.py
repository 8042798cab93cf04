"""What reading mails costs: `python bench/read_mails.py [rounds]` (default 5). Prints processor time as ratios.

Every mail of the fixtures, as it is and grown to 200 kB by the product cards of a newsletter, goes through three
ways in turn: ours; a floor of what no reader can do without (the standard library's parser and lxml's text); and a
peer, the way most programs take (mail-parser and BeautifulSoup on html.parser). Only ours looks for facts.
"""

from __future__ import annotations

import email
import quopri
import sys
import time
from collections.abc import Callable, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from statistics import median

import lxml.html
import mailparser
from bs4 import BeautifulSoup

from inboxtrack.extractors import discover, is_candidate
from inboxtrack.mail.message import parse_headers
from inboxtrack.reader import Context, read

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures" / "emails"
GROWN = 200_000
CARD = b"""\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse"><tr>
<td style="padding:12px 24px;font-family:Arial,sans-serif;font-size:14px;line-height:20px;color:#333333">
<a href="https://shop.example/products/lamp?utm_source=mail&amp;utm_campaign=autumn" style="color:#0055aa">
<img src="https://cdn.shop.example/lamp.jpg" width="180" alt="Desk lamp"><br>Desk lamp, oak</a>
<p style="margin:4px 0">Now 39.90 EUR, was 49.90 EUR. Free delivery within 3 to 5 days.</p></td></tr></table>
"""

Way = Callable[[bytes], object]


def header(raw: bytes) -> bytes:
    """What triage fetches of a mail."""
    lines = raw.replace(b"\r\n", b"\n")
    return lines.partition(b"\n\n")[0] + b"\n\n"


def grown(raw: bytes) -> bytes:
    """The mail with so many cards at the end of its HTML that it has 200 kB."""
    message = email.message_from_bytes(raw)
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if part is None:
        return raw
    html = _decoded(part)
    cards = b"".join(CARD.replace(b"lamp", b"lamp-%d" % number) for number in range((GROWN - len(html)) // len(CARD)))
    part.set_payload(
        quopri.encodestring(html.replace(b"</body>", cards + b"</body>") if b"</body>" in html else html + cards)
    )
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    return message.as_bytes()


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def floor_header(raw: bytes) -> object:
    """The fields of a header, and the sender's address."""
    message = BytesHeaderParser().parsebytes(raw)
    return parseaddr(str(message["From"])), message["Subject"]


def peer_header(raw: bytes) -> object:
    """The same by mail-parser."""
    message = mailparser.parse_from_bytes(raw)
    return message.from_, message.subject


def floor(raw: bytes) -> object:
    """The text of each text part."""
    return [_text(part) for part in email.message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]


def _text(part: Message) -> str:
    payload = _decoded(part)
    if part.get_content_subtype() != "html" or not payload.strip():
        return payload.decode(errors="replace")
    return "".join(map(str, lxml.html.document_fromstring(payload).itertext()))


def peer(raw: bytes) -> object:
    """The text and the links of each part."""
    message = mailparser.parse_from_bytes(raw)
    soups = [BeautifulSoup(html, "html.parser") for html in message.text_html]
    return message.text_plain, [(soup.get_text(), soup.find_all("a")) for soup in soups]


def triage(raw: bytes) -> object:
    """Whether a header is worth fetching the body."""
    return is_candidate(parse_headers(raw), discover())


def reading(raw: bytes) -> object:
    """All that the product makes of a mail."""
    return read(raw, Context())


def seconds(way: Way, mails: Sequence[bytes]) -> float:
    """Processor time of one way through all mails."""
    begun = time.process_time()
    for raw in mails:
        way(raw)
    return time.process_time() - begun


def compare(what: str, mails: Sequence[bytes], rounds: int, ours: Way, floor: Way, peer: Way) -> None:
    """Three ways through the same mails in turn; prints the medians of their ratios."""
    ways = (ours, floor, peer)
    for way in ways:
        seconds(way, mails[:20])
    taken = [[seconds(way, mails) for way in ways] for _ in range(rounds)]
    of_floor = median(ours / floor for ours, floor, _ in taken)
    of_peer = median(ours / peer for ours, _, peer in taken)
    each = median(ours for ours, _, _ in taken) / len(mails) * 1_000
    print(f"{what:28} {len(mails):5} mails {each:8.2f} ms each {of_floor:7.2f} x floor {of_peer:7.2f} x peer")


def main(rounds: int) -> None:
    """Compare on headers, on the mails, and on the mails made large."""
    mails = [path.read_bytes() for path in sorted(FIXTURES.glob("*/*.eml"))]
    compare("triage of headers", [header(raw) for raw in mails], rounds, triage, floor_header, peer_header)
    compare("reading, as they are", mails, rounds, reading, floor, peer)
    large = [bigger for bigger in map(grown, mails[::8]) if len(bigger) >= GROWN]
    compare("reading, grown to 200 kB", large, rounds, reading, floor, peer)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
