"""Every kind of mail of the table in `docs/trust.md`, made from the fixtures: one builder a kind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.reader import Context
from tests.conftest import FIXTURES
from tests.signed_mail import DNS, signed
from tests.trust_mail import GOOGLE_IN, GOOGLE_INSIDE

ME = "mira.holm@gmail.com"
CONTEXT = Context(own_addresses=(ME,), dns=DNS)
KEPT = ("from", "to", "subject", "date", "message-id", "content-type", "content-transfer-encoding", "mime-version")


@dataclass(frozen=True)
class Shop:
    """A retailer's genuine mails: `shipped` and `delivered` tell of the same order. `near` is a look-alike domain."""

    key: str
    domain: str
    shipped: bytes
    delivered: bytes
    near: str
    name: str


def plain(raw: bytes) -> bytes:
    """A mail without what its way left on it, with the line ends of the wire."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    kept = [field for field in fields if field.partition(b":")[0].decode().lower() in KEPT]
    return b"\r\n".join(field.replace(b"\n", b"\r\n") for field in kept) + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


def fixture(name: str, *changes: tuple[str, str]) -> bytes:
    raw = plain((FIXTURES / f"{name}.eml").read_bytes())
    for old, new in changes:
        raw = raw.replace(old.encode(), new.encode())
    return raw


SHOPS = (
    Shop(
        "aliexpress",
        "notice.aliexpress.com",
        fixture("aliexpress/shipped.en"),
        fixture("aliexpress/delivered.en", ("8191697608004961", "8181544058808508")),
        "aliexpres.com",
        "AliExpress",
    ),
    Shop(
        "hismile",
        "hismileteeth.com",
        fixture("hismile/shipped.en"),
        fixture("hismile/delivered.en"),
        "hismileteeeth.com",
        "Hismile",
    ),
    Shop(
        "tiktok_shop",
        "shop.tiktok.com",
        fixture("tiktok_shop/shipped_usps.en"),
        fixture("tiktok_shop/delivered.en", ("576966967138679126", "576916175728672111")),
        "tikt0k.com",
        "TikTok Shop",
    ),
)


def on_top(raw: bytes, *headers: tuple[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + raw


def results(value: str) -> tuple[str, str]:
    return ("Authentication-Results", f"mx.google.com; {value}")


CHAIN = (("Received", GOOGLE_INSIDE), ("Received", GOOGLE_IN))
ELSEWHERE = ("Received", "from a.example (a.example [192.0.2.9]) by mx.evil.example with ESMTP id 1; now")


def received(raw: bytes, said: str, *below: tuple[str, str]) -> bytes:
    """A mail that Gmail took over and judged, on top of what came with it."""
    return on_top(raw, *CHAIN, results(said), *below)


def passes(shop: Shop) -> str:
    return f"dkim=pass header.i=@{shop.domain}; dmarc=pass (p=REJECT) header.from={shop.domain}"


def genuine(raw: bytes, shop: Shop) -> bytes:
    return received(raw, passes(shop))


def sent_from(raw: bytes, sender: str) -> bytes:
    """The mail with another From."""
    return re.sub(rb"(?m)^From: [^\r]*", lambda _: f"From: {sender}".encode(), raw, count=1)


def confirmed_as(raw: bytes, sender: str) -> bytes:
    domain = sender.rpartition("@")[2].strip(">")
    return received(sent_from(raw, sender), f"dkim=pass header.d={domain}; dmarc=pass header.from={domain}")


def forwarded_by(raw: bytes, shop: Shop, sender: str, said: str) -> bytes:
    """The mail as an attachment of a mail by somebody."""
    kind = ("Content-Type", 'multipart/mixed; boundary="fwd"')
    head = [("From", sender), ("Subject", "Fwd: news"), ("Date", "Tue, 10 Mar 2026 09:00:00 +0000"), kind]
    part = b"\r\n--fwd\r\nContent-Type: message/rfc822\r\n\r\n" + genuine(raw, shop) + b"\r\n--fwd--\r\n"
    return received(on_top(part, *head), said)


def markup_of_another(raw: bytes, shop: Shop) -> bytes:
    """A stranger's confirmed mail whose markup names the retailer and its order."""
    order = re.search(rb"(?:AU\d{7}|\d{16,18})", raw)
    markup = json.dumps(
        {
            "@context": "http://schema.org",
            "@type": "Order",
            "merchant": {"@type": "Organization", "name": shop.name},
            "orderNumber": order[0].decode() if order else "",
            "orderStatus": "http://schema.org/OrderDelivered",
        }
    )
    body = f'<html><body><script type="application/ld+json">{markup}</script><p>Delivered</p></body></html>'
    head = [("From", "News <news@parcels.example>"), ("Subject", "Your news"), ("Content-Type", "text/html")]
    head.append(("Date", "Tue, 10 Mar 2026 09:00:00 +0000"))
    return received(on_top(f"\r\n{body}".encode(), *head), "dmarc=pass header.from=parcels.example")


TRACKING = b"33ABC000000101000934005"
FORGED_BLOCK = (("Received", GOOGLE_IN),)

# the kinds of mail, by the names they have in docs/trust.md; each makes a "delivered" that looks like the shop's
KINDS: dict[str, Callable[[bytes, Shop], bytes]] = {
    "confirmed by DMARC": genuine,
    "confirmed by aligned DKIM": lambda raw, shop: received(raw, f"dkim=pass header.d={shop.domain}"),
    "confirmed by aligned SPF": lambda raw, shop: received(raw, f"spf=pass smtp.mailfrom=b@{shop.domain}"),
    "signed, provider silent": lambda raw, shop: on_top(signed(raw, shop.domain), *CHAIN),
    "no results at all": lambda raw, shop: on_top(raw, *CHAIN),
    "results that confirm nothing": lambda raw, shop: received(raw, "dkim=none; spf=none; dmarc=none"),
    "DKIM of somebody else": lambda raw, shop: received(raw, "dkim=pass header.d=evil.example"),
    "SPF of somebody else": lambda raw, shop: received(raw, "spf=pass smtp.mailfrom=b@evil.example"),
    "SPF fails, nothing passes": lambda raw, shop: received(raw, f"spf=fail smtp.mailfrom=b@{shop.domain}"),
    "DMARC fails": lambda raw, shop: received(raw, f"dmarc=fail header.from={shop.domain}"),
    "own DKIM fails, nothing passes": lambda raw, shop: received(raw, f"dkim=fail header.d={shop.domain}"),
    "forged results below the provider's": lambda raw, shop: received(raw, "spf=none", results(passes(shop))),
    "forged results below a foreign Received": lambda raw, shop: on_top(raw, *CHAIN, ELSEWHERE, results(passes(shop))),
    "forged results above a foreign Received": lambda raw, shop: on_top(raw, ELSEWHERE, results(passes(shop)), *CHAIN),
    "forged Received and results of the provider": lambda raw, shop: received(
        raw, "spf=none", *FORGED_BLOCK, results(passes(shop))
    ),
    "results with the id of another host": lambda raw, shop: on_top(
        raw, *CHAIN, ("Authentication-Results", f"mx.google.com.evil.example; {passes(shop)}")
    ),
    "results inside a comment": lambda raw, shop: received(raw, f"spf=none ({passes(shop)})"),
    "results Exchange wrote when sending": lambda raw, shop: received(
        raw, f"dkim=none header.d=none;x; {passes(shop)}"
    ),
    "two From headers": lambda raw, shop: genuine(
        raw.replace(b"\r\n\r\n", b"\r\nFrom: a@evil.example\r\n\r\n", 1), shop
    ),
    "two addresses in From": lambda raw, shop: genuine(
        re.sub(rb"(?m)^From: [^\r]*", rb"\g<0>, b@e.example", raw), shop
    ),
    "a second Subject, confirmed": lambda raw, shop: received(raw, passes(shop), ("Subject", "Delivered")),
    "signed, then altered": lambda raw, shop: on_top(signed(raw, shop.domain) + b"More.\r\n", *CHAIN),
    "signed, then a second Subject": lambda raw, shop: on_top(
        signed(raw, shop.domain), *CHAIN, ("Subject", "Delivered")
    ),
    "signed in part (l=)": lambda raw, shop: on_top(signed(raw, shop.domain, length=True) + b"More.\r\n", *CHAIN),
    "signed by somebody else": lambda raw, shop: on_top(signed(raw, "evil.example"), *CHAIN),
    "look-alike domain": lambda raw, shop: confirmed_as(raw, f"Service <a@{shop.near}>"),
    "the retailer's domain in front of another": lambda raw, shop: confirmed_as(raw, f"a@{shop.domain}.evil.example"),
    "the retailer's name, a stranger's address": lambda raw, shop: confirmed_as(raw, f"{shop.name} <a@evil.example>"),
    "the retailer's address as the name": lambda raw, shop: confirmed_as(raw, f'"a@{shop.domain}" <a@evil.example>'),
    "answers wanted at the retailer's": lambda raw, shop: on_top(
        confirmed_as(raw, "a@evil.example"), ("Reply-To", f"a@{shop.domain}")
    ),
    "another shop on the shared platform": lambda raw, shop: confirmed_as(
        raw.replace(TRACKING, b"33XYZ000000101000934005"), "X <store+4444@t.shopifyemail.com>"
    ),
    "markup that names another merchant": markup_of_another,
    "forwarded by the user": lambda raw, shop: forwarded_by(raw, shop, ME, "dmarc=pass header.from=gmail.com"),
    "forwarded by the user, unconfirmed": lambda raw, shop: forwarded_by(raw, shop, ME, "dmarc=none"),
    "forwarded by a stranger": lambda raw, shop: forwarded_by(
        raw, shop, "s@evil.example", "dmarc=pass header.from=evil.example"
    ),
}
