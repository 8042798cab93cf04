"""Mails that are made to exhaust a reader, by name, and what mails are made of."""

from __future__ import annotations

from collections.abc import Callable

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
