"""TikTok Shop, for buyers. Provisional: few real mails are known, so labels count before the shapes of numbers.

What the words mean stands in `tiktok_shop.toml`. Orders are 18 digits that begin with 57; product ids (17…), shop ids
(749…), cancel ids (4035…) and return ids (shaped like orders) are never orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inboxtrack.extractors import Ignored
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Money, Number, Refund, Role
from inboxtrack.reading import unwrapped
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.items import find_items
from inboxtrack.reading.labels import SPACED, behind, narrow, values_after
from inboxtrack.reading.money import find_money
from inboxtrack.reading.phrases import Step, shipped_table, step_fields
from inboxtrack.reading.telling import UNKNOWN_REASON, find_step
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import in_slot

NAME = "TikTok Shop"
SENDERS = ("tiktok.com",)
REVISION = 3

_BUYERS = re.compile(
    r"(?!\S*(?:seller|affiliate|creator|partner|business|ads))"
    r"(?:[\w.+-]*no-?reply|orders?|notifications?|shipping)[\w.+-]*@(?:[\w-]+\.)*shop\.tiktok\.com"
)
_ORDER = re.compile(r"#?\s?((?!17\d{17}(?!\d)|749\d{16}(?!\d)|4035)\d{16,20})(?![0-9A-Za-z])")
_SHAPE = re.compile(r"(?<![0-9A-Za-z])57\d{16}(?![0-9A-Za-z])")
_TRACKING = re.compile(rf"({SPACED}|(?=[A-Z]{{0,34}}(?:\d[A-Z]{{0,34}}){{6}})[0-9A-Z]{{8,40}}(?![0-9A-Za-z]))")
_STORE = re.compile(r"\S.{0,60}\s(?:Official Store|Official Shop|Online Shop|Flagship Store)")
_MOST_ORDERS = 20
_ORDER_KEYS = frozenset({"order_id", "main_order_id", "orderid"})
_TABLE = shipped_table("tiktok_shop")
_WORDS = _TABLE.words


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a buyer's mail; `Ignored` for seller, affiliate, account and social mail."""
    if not _BUYERS.fullmatch(mail.sender.origin):
        raise Ignored("seller, affiliate or account mail")
    orders = find_orders(mail)
    step = find_step(mail, _TABLE, orders[0].value if orders else None)
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    if not orders and step.value.reason == UNKNOWN_REASON and not _WORDS["order"].search(mail.subject):
        raise Ignored("it names no order and no step")
    return facts(mail, step, orders)


def facts(mail: Mail, step: Found[Step], orders: list[Found[str]]) -> Iterator[Fact]:
    """One fact per order; details only where it is clear which order they belong to."""
    told = parcel_fields(mail, orders) | step_fields(step) | {"eta": expected(mail)}
    single = order_fields(mail, step) if len(orders) == 1 else {}
    for order in orders:
        yield make_fact(mail.at, retailer="tiktok_shop", order=order, **told, **single)
    if not orders and "tracking" in told:
        yield make_fact(mail.at, retailer="tiktok_shop", **told)


def find_orders(mail: Mail) -> list[Found[str]]:
    """Labelled orders; else those in links; else the one number of an order's shape that no other label names."""
    labelled = [
        found
        for found in [*subject_order(mail), *values_after(mail, _WORDS["order"], _ORDER)]
        if not names_other(found.text, found.value)
    ]
    return distinct(labelled)[:_MOST_ORDERS] or linked_orders(mail)[:_MOST_ORDERS] or unlabelled_orders(mail)


def subject_order(mail: Mail) -> list[Found[str]]:
    """The order that stands in the subject."""
    hit = _SHAPE.search(narrow(mail.subject))
    return [Found(hit[0], "subject", mail.subject, "number in the subject")] if hit else []


def names_other(text: str, number: str) -> bool:
    """Whether the words before a number say that it is a return, a product, a shop or the like."""
    return _WORDS["not_order"].search(text[: text.index(number)][-40:]) is not None


def linked_orders(mail: Mail) -> list[Found[str]]:
    """Orders in the parameters of links to TikTok itself."""
    own = (href for href in unwrapped.links(mail) if re.search(r"(?:^|\.)tiktok(?:\.com|\.shop)$", href.host))
    pairs = ((key, value) for href in own for key, value in href.query.items())
    return distinct(
        Found(value, "link", f"{key}={value}", f"link parameter {key}")
        for key, value in pairs
        if key.lower() in _ORDER_KEYS and _SHAPE.fullmatch(value)
    )


def unlabelled_orders(mail: Mail) -> list[Found[str]]:
    """The only number of an order's shape; nothing where there are several, because one may be a return's."""
    found = distinct(
        Found(hit[0], "text", f"{above} {line}", "the only number of an order's shape")
        for above, line in zip(("", *mail.lines), mail.lines, strict=False)
        for hit in _SHAPE.finditer(line)
        if not names_other(f"{above} {line}", hit[0])
    )
    return found if len(found) == 1 else []


def parcel_fields(mail: Mail, orders: list[Found[str]]) -> dict[str, Any]:
    """The tracking numbers behind their label or in carriers' links, and the carrier's name."""
    known = {order.value for order in orders}
    labelled = [found for found in values_after(mail, _WORDS["tracking"], _TRACKING) if found.value not in known]
    numbers = distinct(labelled) or linked_parcels(mail)
    if not numbers:
        return {}
    own, *others = numbers
    label = next(behind(mail.lines, _WORDS["carrier"]), None)
    key = in_slot(own.value, label[1] if label else None)[1]
    named = Found(key, "text", label[0], "label of the carrier") if label else own.but(key)
    also = others[0].but(tuple(Number(other.value, Role.TRACKING) for other in others)) if others else None
    return {"tracking": own, "carrier": named if key else None, "also": also}


def linked_parcels(mail: Mail) -> list[Found[str]]:
    """Tracking numbers in links to carriers' pages."""
    linked = ((href.url, read_link(href.url)) for href in mail.links)
    return distinct(Found(one[1], "link", url, "carrier's link") for url, one in linked if one)


def order_fields(mail: Mail, step: Found[Step]) -> dict[str, Any]:
    """Seller, items, total and refund of the one order that the mail speaks of."""
    return {
        "seller": seller(mail),
        "items": find_items(mail),
        "total": amount(mail, "total"),
        "refund": refund(mail, step),
    }


def seller(mail: Mail) -> Found[str] | None:
    """The third party's name, behind its label or by its ending."""
    labelled = (
        Found(value, "text", text, "label of the seller") for text, value in behind(mail.lines, _WORDS["seller"])
    )
    stores = (Found(line, "text", line, "name of a store") for line in mail.lines if _STORE.fullmatch(line))
    return first(found for found in (*labelled, *stores) if 1 < len(found.value) <= 60 and ":" not in found.value)


def expected(mail: Mail) -> Found[DateRange] | None:
    """The expected days of delivery."""
    for text, value in behind(mail.lines, _WORDS["eta"]):
        days = find_days(value, mail.at.date())
        if days:
            return Found(days, "text", text, "label of the expected delivery")
    return None


def amount(mail: Mail, label: str) -> Found[Money] | None:
    """The amount behind a label such as `Total (1 item)`; a bare `$` says too little."""
    for text, value in behind(mail.lines, _WORDS[label]):
        money = find_money(value) or find_money(text)
        if money:
            return Found(money, "text", text, f"label of the {label}")
    return None


def refund(mail: Mail, step: Found[Step]) -> Found[Refund] | None:
    """The refund that the step tells, with its amount where that is labelled."""
    if step.value.refund is None:
        return None
    money = amount(mail, "refund")
    return step.but(Refund(step.value.refund, money.value if money else None))
