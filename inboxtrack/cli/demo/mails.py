"""The demo's mailbox: some sixty made-up mails of the last weeks, a third of them about eight orders, relative to now.

Names, numbers and goods are invented; the shape of each mail is that of the shop's own.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

PROVIDER = "mx.demo-mail.example"
"""The authserv-id under which the demo's own provider vouches for senders."""

ALI, ALI_DOMAIN = "AliExpress <transaction@notice.aliexpress.com>", "notice.aliexpress.com"
HISMILE, HISMILE_DOMAIN = "Hismile <help@hismileteeth.com>", "hismileteeth.com"
TIKTOK, TIKTOK_DOMAIN = "TikTok Shop <no-reply@shop.tiktok.com>", "shop.tiktok.com"

LAMP, CASE, CABLE, GRINDER = "8201234500010015", "8201234500020015", "8201234500030015", "8201234500040015"
DHL, AP_PARCEL, LP_PARCEL = "00340434161094021507", "AP00812345678901", "LP00812345678902"
SERUM, STRIPS = "UK4401001", "UK4401002"
ROYAL_MAIL = ("RB440100215GB", "RB440100229GB")
HOODIE, BOTTLE = "576401234500010001", "576401234500020002"
USPS = "9400100000000000000006"

Mail = tuple[bytes, dt.datetime]


def mailbox(now: dt.datetime) -> list[Mail]:
    """Everything that is there when the demo begins, oldest first."""
    return sorted([*_orders(now), *_noise(now)], key=lambda mail: mail[1])


def arriving(now: dt.datetime) -> Mail:
    """The mail that comes while the demo watches."""
    return _aliexpress(
        now,
        0,
        f"Package {DHL} has been delivered",
        "Package delivered",
        f"Your package {DHL} has been successfully delivered! Please let us know that you've received it.",
        [LAMP],
        DHL,
    )


def _orders(now: dt.datetime) -> Iterable[Mail]:
    yield from _lamp(now)
    yield from _two_in_one_parcel(now)
    yield from _grinder(now)
    yield from _hismile(now)
    yield from _tiktok(now)


def _lamp(now: dt.datetime) -> Iterable[Mail]:
    lamp = "Paper floor lamp, 140 cm"
    yield _ali_order(now, 16, LAMP, "order confirmed", "Order confirmed", "Thank you for your order", lamp)
    yield _ali_order(now, 14, LAMP, "order shipped", "Track your order", "Your order has shipped", lamp)
    text = f"Your package {DHL} has left the place of departure and is on its way to your country."
    yield _aliexpress(now, 11, f"Package {DHL}: left the departure region", "In global transit", text, [LAMP], DHL)
    text = f"Your package {DHL} has been collected by the local carrier in your country."
    yield _aliexpress(now, 2, f"Package {DHL}: with local carrier", "Collected by local carrier", text, [LAMP], DHL)
    text = f"Your package {DHL} is out for delivery and will arrive soon."
    yield _aliexpress(now, 0.2, f"Package {DHL} is out for delivery", "Out for delivery", text, [LAMP], DHL)


def _two_in_one_parcel(now: dt.datetime) -> Iterable[Mail]:
    for order, ago, item in ((CASE, 12.0, "Felt pencil case, grey"), (CABLE, 11.8, "Braided cable, 2 m")):
        yield _ali_order(now, ago, order, "order confirmed", "Order confirmed", "Thank you for your order", item)
    text = f"Your package {AP_PARCEL} has left the place of departure."
    subject = f"Package {AP_PARCEL}: left the departure region"
    days = f"<p>Estimated delivery</p><p>{now + dt.timedelta(days=6):%d/%m/%Y}</p>"
    yield _aliexpress(now, 6, subject, "In global transit", text, [CASE, CABLE], AP_PARCEL, days)
    text = f"Your package {AP_PARCEL} is being checked by customs."
    yield _aliexpress(now, 1, f"Package {AP_PARCEL}: at customs", "At customs", text, [CASE, CABLE], AP_PARCEL)


def _grinder(now: dt.datetime) -> Iterable[Mail]:
    grinder = "Hand coffee grinder"
    yield _ali_order(now, 29, GRINDER, "order confirmed", "Order confirmed", "Thank you for your order", grinder)
    yield _ali_order(now, 27, GRINDER, "order shipped", "Track your order", "Your order has shipped")
    text = f"Your package {LP_PARCEL} has been successfully delivered!"
    subject = f"Package {LP_PARCEL} has been delivered"
    yield _aliexpress(now, 9, subject, "Package delivered", text, [GRINDER], LP_PARCEL)


def _hismile(now: dt.datetime) -> Iterable[Mail]:
    items: tuple[tuple[str, int], ...] = (
        ("V34 Colour Corrector Serum", 2),
        ("PAP+ Whitening Pen", 1),
        ("FREE MYSTERY GIFT", 1),
    )
    yield _shopify(now, 8, f"Order #{SERUM} confirmed", SERUM, "Thank you for your order!", items, "£54.00")
    some = "Some items in your order are on the way"
    subject = f"A shipment from order #{SERUM} is on the way"
    yield _shopify(now, 5, subject, SERUM, some, items[:1], "", ("Royal Mail", ROYAL_MAIL[0]))
    rest = "The last items in your order are on the way"
    yield _shopify(now, 3.5, subject, SERUM, rest, items[1:], "", ("Royal Mail", ROYAL_MAIL[1]))
    text = f"<p>Your parcel is ready to collect at Anytown Post Office.</p><p>Tracking number: {ROYAL_MAIL[0]}</p>"
    sender, results = "Royal Mail <no-reply@royalmail.com>", "dmarc=pass header.from=royalmail.com"
    yield _mail(now, 0.1, sender, "Your parcel is ready to collect", text, results)
    items = (("Tooth Armour Toothpaste Serum", 1),)
    yield _shopify(now, 4, f"Order #{STRIPS} confirmed", STRIPS, "Thank you for your order!", items, "£18.00")
    subject = f"Order #{STRIPS} has been canceled"
    text = f"Order #{STRIPS} was canceled at your request and your payment has been refunded."
    yield _shopify(now, 3, subject, STRIPS, "Your order has been canceled", items, "£18.00", text=text)


def _tiktok(now: dt.datetime) -> Iterable[Mail]:
    yield _tiktok_mail(now, 7, "Your order is confirmed!", HOODIE, "Oversized Hoodie, sand", "$32.90")
    yield _tiktok_mail(now, 4, "Your order has shipped!", HOODIE, "Oversized Hoodie, sand", "$32.90", USPS)
    yield _tiktok_mail(now, 1, "Your order is confirmed!", BOTTLE, "Insulated Bottle 1 l", "$14.50")
    fake = "TikTok Shop <no-reply@shop-tiktok-delivery.example>"
    yield _mail(
        now,
        0.5,
        fake,
        "Your order has been delivered",
        f"<h1>Delivered</h1><p>Order ID: {HOODIE}</p><p>Confirm your address within 24 hours.</p>",
        "dmarc=none header.from=shop-tiktok-delivery.example",
    )


def _ali_order(now: dt.datetime, days: float, order: str, step: str, headline: str, text: str, item: str = "") -> Mail:
    items = f"<p>{item}</p><p>One size</p><p>x1</p>" if item else ""
    return _aliexpress(now, days, f"Order {order}: {step}", headline, f"{text}: {order}.", [order], more=items)


def _aliexpress(
    now: dt.datetime,
    days: float,
    subject: str,
    headline: str,
    text: str,
    orders: list[str],
    parcel: str = "",
    more: str = "",
) -> Mail:
    number = f"&trackingNumber={parcel}" if parcel else ""
    links = "".join(
        f'<p><a href="https://www.aliexpress.com/p/tracking/index.html?_login=yes&amp;tradeOrderId={order}{number}">'
        "Track delivery</a></p>"
        for order in orders
    )
    body = (
        f"<h1>{headline}</h1><p>Hi Kim,</p><p>{html.escape(text)}</p>{links}{more}<p>Ship to: Elm Road 1, Anytown</p>"
    )
    return _mail(now, days, ALI, subject, body, f"dkim=pass header.d={ALI_DOMAIN}; dmarc=pass header.from={ALI_DOMAIN}")


def _shopify(
    now: dt.datetime,
    days: float,
    subject: str,
    order: str,
    headline: str,
    items: Iterable[tuple[str, int]],
    total: str,
    tracking: tuple[str, str] | None = None,
    text: str = "",
) -> Mail:
    rows = "".join(
        '<tr class="order-list__item"><td>'
        f'<span class="order-list__item-title">{title}&nbsp;&times;&nbsp;{count}</span></td></tr>'
        for title, count in items
    )
    parcel = (
        f'<p class="disclaimer__subtext">{tracking[0]} tracking number: '
        f'<a href="https://uk.hismileteeth.com/_t/c/v3/x">{tracking[1]}</a></p>'
        if tracking
        else ""
    )
    sum_line = (
        f'<tr><td class="subtotal-line__title">Total</td><td class="subtotal-line__value">{total} GBP</td></tr>'
        if total
        else ""
    )
    body = (
        f'<table class="body"><tr><td class="shop-name__cell">Hismile</td><td class="order-number__cell">'
        f'<span class="order-number__text">Order #{order}</span></td></tr><tr><td class="content__cell">'
        f"<h2>{headline}</h2><p>{text or headline + '.'}</p>{parcel}</td></tr></table>"
        f"<table>{rows}{sum_line}</table>"
    )
    results = f"dkim=pass header.d={HISMILE_DOMAIN}; dmarc=pass header.from={HISMILE_DOMAIN}"
    return _mail(now, days, HISMILE, subject, body, results)


def _tiktok_mail(
    now: dt.datetime, days: float, subject: str, order: str, item: str, total: str, tracking: str = ""
) -> Mail:
    parcel = f"<p>Carrier: USPS</p><p>Tracking number: {tracking}</p>" if tracking else ""
    body = f"<h1>{subject}</h1><p>Order ID: {order}</p><p>{item}</p>{parcel}<p>Total (1 item) {total}</p>"
    results = f"dkim=pass header.d={TIKTOK_DOMAIN}; dmarc=pass header.from={TIKTOK_DOMAIN}"
    return _mail(now, days, TIKTOK, subject, body, results)


_LETTERS = (
    ("Garden Club <letter@gardenclub.example>", "What to plant in November", "Garlic, mostly. And tulips."),
    ("City Library <news@library.example>", "Your loans are due on Friday", "Two books are due."),
    ("Mira <mira@friends.example>", "Sunday?", "Shall we walk? I ordered a cake."),
    ("Runners Weekly <hi@runners.example>", "Your plan is on the way", "Three easy runs this week."),
    ("Bank <service@bank.example>", "Your statement is ready", "Sign in to read it."),
    ("Jo <jo@friends.example>", "Re: photos", "Lovely. The one with the dog!"),
    ("Coffee Bar <hello@coffeebar.example>", "20 % off everything you love", "Only until Sunday."),
    ("School <office@school.example>", "Parents' evening", "Thursday at seven."),
)


def _noise(now: dt.datetime) -> Iterable[Mail]:
    """Newsletters and personal mail: five weeks of each."""
    for week in range(5):
        for day, (sender, subject, text) in enumerate(_LETTERS):
            yield _mail(now, week * 7 + day * 0.8 + 0.4, sender, subject, f"<p>{text}</p>", "dmarc=pass")


def _mail(now: dt.datetime, days: float, sender: str, subject: str, body: str, results: str) -> Mail:
    """A mail as the demo's provider has taken it in, `days` before now."""
    at = (now - dt.timedelta(days=days)).replace(microsecond=0)
    mail = EmailMessage()
    mail["Authentication-Results"] = f"{PROVIDER}; {results}"
    mail["Received"] = f"from mail.sender.example by {PROVIDER}; {format_datetime(at)}"
    mail["From"] = sender
    mail["To"] = "Kim <kim@demo-mail.example>"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain="demo-mail.example")
    mail.set_content(f"<html><body>{body}</body></html>", subtype="html")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), at
