"""Etsy, for buyers. What the words mean stands in `etsy.toml`. Provisional: few real subjects are known.

Orders ("receipts") are ten digits or more, read behind a label, in brackets in a subject, or in the path of a link to
the purchase; listings and transactions have numbers of the same shape and are never orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from inboxtrack.extractors import Ignored
from inboxtrack.mail.domains import within
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, Refund, Stage
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.headed import shown, told_step, unquoted
from inboxtrack.reading.items import items_in_table, items_on_lines
from inboxtrack.reading.labelled import labelled_days, labelled_total
from inboxtrack.reading.labels import behind, in_lines
from inboxtrack.reading.parcel_numbers import numbers_in_links, printed_numbers
from inboxtrack.reading.phrases import Step, shipped_table, step_fields
from inboxtrack.reading.shopify_items import refunded
from inboxtrack.reading.telling import UNKNOWN_REASON
from inboxtrack.tracking.links import unwrap

NAME = "Etsy"
_TRANSACTIONS = "transaction@etsy.com"
SENDERS = (_TRANSACTIONS, "etsy.com")
REVISION = 1
SUBJECTS = re.compile(
    r"\betsy\b.*(?:order|purchase|bestellung|einkauf|commande|achat|pedido|compra|ordine|acquisto)", re.I
)

_RECEIPT = re.compile(r"#?\s?(\d{10,12})(?![\w-])")
_IN_BRACKETS = re.compile(r"\((?:[^\W\d]{0,12}\s?#?\s?)?(?P<order>\d{10,12})\)")
_PURCHASE = re.compile(r"/your/(?:account/)?(?:purchases|orders)/(\d{10,12})(?!\d)")
_SHOP = re.compile(r"(?:\bfrom|\bvon|\bde|\bda|\bvan)\s(?P<shop>[A-Z][0-9A-Za-z]{3,19})(?![\w@.])")
_SENT = frozenset({Stage.SHIPPED, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED, Stage.UPDATE})
_MOST = 20


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a mail to a buyer; `Ignored` for sellers' mail, conversations, reviews and advertising."""
    step = told_step(mail, shipped_table("etsy"), unquoted(mail.subject))
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    orders = find_orders(mail)
    if not orders and step.value.reason == UNKNOWN_REASON and mail.sender.origin != _TRANSACTIONS:
        raise Ignored("it names no order")
    return facts(mail, step, orders)


def facts(mail: Mail, step: Found[Step], orders: list[Found[str]]) -> Iterator[Fact]:
    """One fact a parcel of the one order that the mail names, else one an order; or the parcels alone."""
    told: dict[str, Any] = {"retailer": "etsy", **step_fields(step)}
    if len(orders) > 1:
        yield from (make_fact(mail.at, order=order, **told) for order in orders)
        return
    own = {"order": orders[0], **order_fields(mail, step)} if orders else {}
    parcels = find_parcels(mail, {order.value for order in orders}) if step.value.stage in _SENT else {}
    numbers: list[Found[str] | None] = [*parcels]
    for number in numbers or [None]:
        key = parcels[number] if number else None
        carrier = number.but(key) if number and key else None
        yield make_fact(mail.at, **told, **own, tracking=number, carrier=carrier)


def find_orders(mail: Mail) -> list[Found[str]]:
    """The orders that the subject names, else those behind a label, else those of links to the purchase."""
    label = shipped_table("etsy").words["order"]
    subject = [Found(hit["order"], "subject", mail.subject, "brackets") for hit in _IN_BRACKETS.finditer(mail.subject)]
    named = subject or list(in_lines((mail.subject,), label, _RECEIPT))
    return distinct(named or list(in_lines(shown(mail), label, _RECEIPT)) or linked_orders(mail))[:_MOST]


def linked_orders(mail: Mail) -> Iterator[Found[str]]:
    """The orders in the paths of links to Etsy's page of the purchase."""
    for link in mail.links:
        url = unwrap(link.url)
        hit = _PURCHASE.search(urlsplit(url).path) if within(link.host, SENDERS) else None
        if hit:
            yield Found(hit[1], "link", hit[0], "link to the purchase")


def find_parcels(mail: Mail, known: set[str]) -> dict[Found[str], str | None]:
    """The carriers' numbers, with the carrier's key where it is known: behind their label, else in carriers' links."""
    words = shipped_table("etsy").words
    printed = printed_numbers(shown(mail), words["tracking"], words["carrier"])
    return {number: carrier for number, carrier in printed.items() if number.value not in known} or numbers_in_links(
        mail
    )


def order_fields(mail: Mail, step: Found[Step]) -> dict[str, Any]:
    """Shop, items, expected days, total and refund of the one order that a mail names."""
    words, lines = shipped_table("etsy").words, shown(mail)
    fields: dict[str, Any] = {"seller": seller(mail), "items": items_in_table(mail.rows) or items_on_lines(lines)}
    if step.value.refund:
        amount = refunded(lines)
        return fields | {"refund": step.but(Refund(step.value.refund, amount.value if amount else None))}
    if step.value.stage is Stage.PLACED:
        fields["total"] = labelled_total(lines, words["total"])
    ended = step.value.stage in (Stage.DELIVERED, Stage.CANCELLED)
    return fields if ended else fields | {"eta": labelled_days(lines, words["eta"], mail.at.date())}


def seller(mail: Mail) -> Found[str] | None:
    """The shop's name, as the subject or a label has it: shops on Etsy are called by one word."""
    hit = _SHOP.search(mail.subject)
    named = Found(hit["shop"], "subject", mail.subject, "shop of the subject") if hit else None
    labelled = (
        Found(value, "text", text, "label of the shop")
        for text, value in behind(shown(mail), shipped_table("etsy").words["seller"])
        if re.fullmatch(r"[0-9A-Za-z]{4,20}", value)
    )
    return first([named, *islice(labelled, 1)])
