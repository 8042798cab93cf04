"""eBay, for buyers. What the words mean stands in `ebay.toml`.

Order numbers are `12-34567-89012`; item numbers (12 digits) and transactions are never orders. A confirmation of a
whole basket lists every order behind its items. The item's title stands behind the colon of a subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from inboxtrack.extractors import Ignored
from inboxtrack.mail.domains import within
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, Item, Refund, Stage
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.headed import before_colon, item_behind_colon, printed_orders, shown, told_step
from inboxtrack.reading.labelled import labelled_days, labelled_total
from inboxtrack.reading.labels import behind
from inboxtrack.reading.parcel_numbers import numbers_in_links, printed_numbers
from inboxtrack.reading.phrases import Step, shipped_table, step_fields
from inboxtrack.reading.shopify_items import refunded
from inboxtrack.reading.telling import UNKNOWN_REASON

NAME = "eBay"
SENDERS = (
    "ebay.com", "ebay.co.uk", "ebay.de", "ebay.fr", "ebay.it", "ebay.es", "ebay.at", "ebay.ch", "ebay.nl", "ebay.be",
    "ebay.ie", "ebay.pl", "ebay.ca", "ebay.com.au", "ebay.com.hk", "ebay.com.sg", "ebay.com.my", "ebay.ph",
    "ebay-kleinanzeigen.de",
)  # fmt: skip
REVISION = 1
SUBJECTS = re.compile(r"\bebay\b.*(?<![0-9A-Za-z-])\d{2}-\d{5}-\d{5}(?![0-9A-Za-z-])", re.I)

_ORDER_NUMBER = re.compile(r"(?<![0-9A-Za-z-])\d{2}-\d{5}-\d{5}(?![0-9A-Za-z-])")
_STRANGERS = re.compile(r"[^@]*@(?:[\w-]+\.)*(?:members|reply\d*|partner|seller|campaign)\.ebay\..*")
"""Messages of other members, and advertising."""
_ORDER_KEYS = frozenset({"orderid", "order_id"})
_BESIDE_TITLE = re.compile(
    r"(?:SKU|Qty|Quantity|Menge|Anzahl|Quantité|Cantidad|Quantità|Variation|Colour|Size)\b.*", re.I
)
_OF_ORDERS = frozenset({Stage.PLACED, Stage.CANCELLED, "return_requested", "cancellation_requested", "payment_due"})
_MOST_ORDERS, _LONGEST_NAME, _MOST_ITEMS = 30, 60, 100


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a mail to a buyer; `Ignored` for members' messages, bids, sales and advertising."""
    if _STRANGERS.fullmatch(mail.sender.origin):
        raise Ignored("a member's message or advertising")
    step = told_step(mail, shipped_table("ebay"), before_colon(mail.subject))
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    orders = find_orders(mail)
    parcels = find_parcels(mail) if not {step.value.stage, step.value.reason} & _OF_ORDERS else {}
    if not orders and not parcels and step.value.reason == UNKNOWN_REASON:
        raise Ignored("it names no order")
    return facts(mail, step, orders, parcels)


def facts(
    mail: Mail, step: Found[Step], orders: list[Found[str]], parcels: dict[Found[str], str | None]
) -> Iterator[Fact]:
    """One fact a parcel of the one order that the mail names, else one an order; or the parcels alone."""
    told: dict[str, Any] = {"retailer": "ebay", **step_fields(step)}
    sections = sections_by_order(mail, orders)
    if len(orders) > 1:
        for order in orders:
            yield make_fact(mail.at, order=order, **told, **section_fields(sections[order.value], mail, step))
        return
    own = {"order": orders[0], **section_fields(shown(mail), mail, step), **order_fields(mail, step)} if orders else {}
    if orders and step.where == "subject":
        own["items"] = own["items"] or item_behind_colon(mail.subject)
    numbers: list[Found[str] | None] = [*parcels]
    for number in numbers or [None]:
        key = parcels[number] if number else None
        carrier = number.but(key) if number and key else None
        yield make_fact(mail.at, **told, **own, tracking=number, carrier=carrier)


# -- numbers -----------------------------------------------------------------------------------------------------------


def find_orders(mail: Mail) -> list[Found[str]]:
    """The orders printed in the subject and the text; where none is, those that eBay's links name."""
    return distinct(printed_orders(mail, _ORDER_NUMBER) or linked_orders(mail))[:_MOST_ORDERS]


def linked_orders(mail: Mail) -> Iterator[Found[str]]:
    """The orders that a parameter of eBay's links names."""
    for link in mail.links:
        for key, value in link.query.items():
            if key.lower() in _ORDER_KEYS and _ORDER_NUMBER.fullmatch(value) and within(link.host, SENDERS):
                yield Found(value, "link", f"{key}={value}", f"link parameter {key}")


def find_parcels(mail: Mail) -> dict[Found[str], str | None]:
    """The carriers' numbers, with the carrier's key where it is known: behind their label, else in carriers' links."""
    words = shipped_table("ebay").words
    return printed_numbers(shown(mail), words["tracking"], words["carrier"]) or numbers_in_links(mail)


# -- what else is told -------------------------------------------------------------------------------------------------


def sections_by_order(mail: Mail, orders: list[Found[str]]) -> dict[str, tuple[str, ...]]:
    """The lines of each order: those above its number, up to the number before."""
    sections: dict[str, list[str]] = {order.value: [] for order in orders}
    waiting: list[str] = []
    for line in shown(mail):
        hit = _ORDER_NUMBER.search(line)
        if hit and hit[0] in sections:
            sections[hit[0]] += waiting
            waiting = []
        elif not hit:
            waiting.append(line)
    return {order: tuple(lines) for order, lines in sections.items()}


def section_fields(lines: tuple[str, ...], mail: Mail, step: Found[Step]) -> dict[str, Any]:
    """Items and expected days in an order's lines."""
    if step.value.stage is Stage.DELIVERED:
        return {"items": items(lines)}
    return {"items": items(lines), "eta": labelled_days(lines, shipped_table("ebay").words["eta"], mail.at.date())}


def items(lines: tuple[str, ...]) -> Found[tuple[Item, ...]] | None:
    """The titles above the prices of items."""
    price = shipped_table("ebay").words["price"]
    found: list[Item] = []
    for above, (title, line) in zip(("", *lines), pairwise(lines), strict=False):
        if price.match(line) and len(found) < _MOST_ITEMS:
            named = above if _BESIDE_TITLE.fullmatch(title) else title
            found += [Item(named)] if len(named) > 3 and not named.endswith(":") else []
    return Found(tuple(found), "text", "; ".join(item.title for item in found), "line above a price") if found else None


def order_fields(mail: Mail, step: Found[Step]) -> dict[str, Any]:
    """Seller, total and refund of the one order that a mail names."""
    words, lines = shipped_table("ebay").words, shown(mail)
    sellers = (Found(value, "text", text, "label of the seller") for text, value in behind(lines, words["seller"]))
    fields: dict[str, Any] = {"seller": first(s for s in sellers if 1 < len(s.value) < _LONGEST_NAME)}
    if step.value.stage is Stage.PLACED:
        return fields | {"total": labelled_total(lines, words["total"])}
    if step.value.refund:
        amount = refunded(lines)
        return fields | {"refund": step.but(Refund(step.value.refund, amount.value if amount else None))}
    return fields
