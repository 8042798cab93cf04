"""Amazon, for buyers: every marketplace, the wording of 2017 and of today. What the words mean stands in `amazon.toml`.

Order numbers are `111-1234567-1234567`. Each shipment of an order is a parcel of its own, known by the id in the mail's
links to Amazon's tracking page, so that one shipment's delivery does not end the others. Orders are read where they
are printed, and in links only as the parameter that names them: links to products hold session ids of the same shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from inboxtrack.extractors import Ignored
from inboxtrack.mail.domains import within
from inboxtrack.mail.html import Href
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Item, Number, Refund, Role, Stage
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.headed import printed_orders, quoted_item, shown, told_step, unquoted
from inboxtrack.reading.items import items_on_lines
from inboxtrack.reading.labelled import labelled_days, labelled_total
from inboxtrack.reading.parcel_numbers import printed_numbers
from inboxtrack.reading.phrases import Step, shipped_table, step_fields
from inboxtrack.reading.shopify_items import refunded
from inboxtrack.reading.telling import UNKNOWN_REASON
from inboxtrack.tracking.carriers import named_in
from inboxtrack.tracking.links import unwrap
from inboxtrack.tracking.numbers import in_slot

NAME = "Amazon"
SENDERS = (
    "amazon.com", "amazon.co.uk", "amazon.de", "amazon.fr", "amazon.it", "amazon.es", "amazon.nl", "amazon.pl",
    "amazon.se", "amazon.com.be", "amazon.ie", "amazon.ca", "amazon.com.mx", "amazon.com.br", "amazon.com.au",
    "amazon.co.jp", "amazon.in", "amazon.sg", "amazon.ae", "amazon.sa", "amazon.eg", "amazon.com.tr", "amazon.co.za",
)  # fmt: skip
REVISION = 1
_ORDER = r"(?<![0-9A-Za-z-])\d{3}-\d{7}-\d{7}(?![0-9A-Za-z-])"
SUBJECTS = re.compile(_ORDER)

_SHAPE = re.compile(_ORDER)
_DIGITAL = re.compile(r"(?<![0-9A-Za-z-])D\d{2}-\d{7}-\d{7}(?![0-9A-Za-z-])")
_NOT_TO_BUYERS = re.compile(
    r"[^@]*@(?:[\w-]+\.)*(?:marketplace|sellercentral|seller|aws|kdp|payments|advertising|associates|email)\.amazon\..*|"
    r"(?:seller|fba|auto-communication|aws|kdp|associates|affiliate|merchant|vendor|advertising|ads|store-news|"
    r"promo|marketing|digital|kindle|primevideo|prime-video|music|audible|thehub|review|customer-reviews)[^@]*@.*"
)
"""Sellers' own words, mail to sellers and authors, advertising, and codes of lockers, which name no order."""
_OF_ORDERS_ALONE = re.compile(
    r"(?:auto-confirm|shipment|shipping|ship-confirm|order|deliver|return|refund|bestell|versand|ruecksend|commande|"
    r"expedition|livraison|confirma|conferma|envio|pedido|devolucion|ordine|spedizion|bestel|verzend|update-bestelling|"
    r"auto-bevestiging|zamowieni|wysylk)[^@]*@.*"
)
"""Addresses whose mail is order news, whatever it says."""
_TRACKER = re.compile(r"progress-tracker|ship-?track", re.I)
_SHIPMENT = re.compile(r"(?=\D{0,20}\d|\d{0,20}\D)[0-9A-Za-z]{6,20}")
_LOGISTICS = re.compile(r"(?<!\w)TB[ACM]\d{12}(?!\w)")
_DOLLARS = {
    "amazon.com": "USD", "amazon.ca": "CAD", "amazon.com.au": "AUD", "amazon.com.mx": "MXN", "amazon.sg": "SGD",
}  # fmt: skip
_OF_ORDERS = frozenset(
    {
        Stage.PLACED,
        Stage.PREPARING,
        Stage.CANCELLED,
        "items_cancelled",
        "return_requested",
        "request_declined",
        "payment_declined",
    }
)
"""Stages and reasons of whole orders, or of items that no shipment is named for."""
_PRODUCT = re.compile(r"/(?:dp|gp/product)/")
_HOW_MANY = re.compile(
    r"(?:Qty|Quantity|Menge|Anzahl|Quantité|Cantidad|Quantità|Aantal|Ilość|Antal|Quantidade|Adet|数量)\s?[.:：]\s?(\d{1,3})",
    re.I,
)
_MOST_ITEMS = 100
_MOST_ORDERS, _NEAR = 20, 8


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a mail to a buyer; `Ignored` for reviews, invoices, sellers' words, and for what names no order."""
    if _NOT_TO_BUYERS.fullmatch(mail.sender.origin):
        raise Ignored("advertising, a digital purchase, or mail of and to sellers")
    step = told_step(mail, shipped_table("amazon"), unquoted(mail.subject))
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    orders = find_orders(mail)
    if not orders and (names_digital(mail) or not is_order_mail(mail, step.value)):
        raise Ignored("it names no order of goods")
    return facts(mail, step, orders)


def is_order_mail(mail: Mail, step: Step) -> bool:
    """Whether a mail is order news: by a step that it tells, or by the address it comes from."""
    return step.reason != UNKNOWN_REASON or _OF_ORDERS_ALONE.fullmatch(mail.sender.origin) is not None


def facts(mail: Mail, step: Found[Step], orders: list[Found[str]]) -> Iterator[Fact]:
    """One fact for each shipment that the mail's links name, else for each order."""
    told: dict[str, Any] = {"retailer": "amazon", "shop_name": site(mail)} | step_fields(step)
    if len(orders) == 1:
        told |= order_fields(mail, step)
    shipments = find_shipments(mail) if is_about_shipments(step.value) else {}
    printed = printed_number(mail) if is_about_shipments(step.value) else None
    lone = len(orders) == 1 and len(shipments.get(orders[0].value, ())) < 2
    for order in orders:
        if len(orders) > 1:
            told["eta"] = expected_of(mail, order.value)
        parcels: list[Found[str] | None] = [*shipments.get(order.value, ())]
        for shipment in parcels or [None]:
            yield make_fact(mail.at, order=order, **parcel_fields(shipment, printed if lone else None), **told)


def is_about_shipments(step: Step) -> bool:
    """Whether what a step says is so of one shipment, not of the whole order."""
    return step.refund is None and not {step.stage, step.reason} & _OF_ORDERS


# -- numbers -----------------------------------------------------------------------------------------------------------


def find_orders(mail: Mail) -> list[Found[str]]:
    """The orders printed in the subject and the text; where none is, those that links name."""
    return distinct(printed_orders(mail, _SHAPE) or linked_orders(mail))[:_MOST_ORDERS]


def linked_orders(mail: Mail) -> Iterator[Found[str]]:
    """The orders that a parameter of Amazon's links names."""
    for _, query in amazon_links(mail):
        if _SHAPE.fullmatch(query.get("orderid", "")):
            yield Found(query["orderid"], "link", f"orderId={query['orderid']}", "link parameter orderId")


def find_shipments(mail: Mail) -> dict[str, list[Found[str]]]:
    """The shipments by order, as links to the tracking page name both; a further package of one bears its place."""
    found: dict[str, list[Found[str]]] = {}
    for path, query in amazon_links(mail):
        order, shipment = query.get("orderid", ""), query.get("shipmentid", "")
        if _TRACKER.search(path) and _SHAPE.fullmatch(order) and _SHIPMENT.fullmatch(shipment):
            index = query.get("packageindex", "0")
            place = f"-{int(index) + 1}" if re.fullmatch(r"[1-9]\d?", index) else ""
            said = f"orderId={order}&shipmentId={shipment}&packageIndex={index}"
            found.setdefault(order, []).append(Found(shipment + place, "link", said, "link parameter shipmentId"))
    return {order: distinct(shipments)[:_MOST_ORDERS] for order, shipments in found.items()}


def amazon_links(mail: Mail) -> Iterator[tuple[str, dict[str, str]]]:
    """(path, parameters in small letters) of the links to Amazon, taken out of its click counters."""
    for link in mail.links:
        href = counted(Href(unwrap(link.url)))
        if within(href.host, SENDERS):
            yield urlsplit(href.url).path, {key.lower(): value for key, value in href.query.items()}


def counted(href: Href) -> Href:
    """The link behind Amazon's click counter (`/gp/r.html?U=…`), else the link itself."""
    inner = href.query.get("U", "")
    return Href(inner) if within(href.host, SENDERS) and inner.startswith("http") else href


def printed_number(mail: Mail) -> Found[str] | None:
    """The carrier's number behind its label, or one of Amazon's own carrier by its shape."""
    lines = shown(mail)
    labelled = printed_numbers(lines, shipped_table("amazon").words["tracking"])
    own = (Found(hit[0], "text", line, "shape") for line in lines for hit in _LOGISTICS.finditer(line))
    return first([*labelled, *own])


def parcel_fields(shipment: Found[str] | None, printed: Found[str] | None) -> dict[str, Any]:
    """The parcel's number: the carrier's where it is printed, with Amazon's own id beside it."""
    if printed is None:
        return {"tracking": shipment, "tracking_role": Role.RETAILER_PARCEL} if shipment else {}
    names = named_in(printed.text)
    carrier = in_slot(printed.value, names[0].name if len(names) == 1 else None)[1]
    also = shipment.but((Number(shipment.value, Role.RETAILER_PARCEL),)) if shipment else None
    return {"tracking": printed, "also": also, "carrier": printed.but(carrier) if carrier else None}


def names_digital(mail: Mail) -> bool:
    """Whether a mail names a digital order: nothing of it is ever sent."""
    return any(_DIGITAL.search(text) for text in (mail.subject, *shown(mail)))


# -- what else is told -------------------------------------------------------------------------------------------------


def marketplace(mail: Mail) -> str | None:
    """The domain of the marketplace that sent the mail."""
    return next((sender for sender in SENDERS if within(mail.sender.origin_domain, (sender,))), None)


def site(mail: Mail) -> str | None:
    """What the marketplace is called beside the others: `Amazon DE`."""
    domain = marketplace(mail)
    ending = (domain or "").rpartition(".")[2].upper()
    return f"{NAME} {'US' if ending == 'COM' else ending}" if domain else None


def order_fields(mail: Mail, step: Found[Step]) -> dict[str, Any]:
    """Items, expected days, total and refund of the one order that a mail names."""
    words = shipped_table("amazon").words
    dollar = _DOLLARS.get(marketplace(mail) or "")
    fields: dict[str, Any] = {"items": linked_items(mail) or items_on_lines(shown(mail)) or quoted_item(mail.subject)}
    fields |= (
        {} if step.value.stage is Stage.DELIVERED else {"eta": labelled_days(shown(mail), words["eta"], mail.at.date())}
    )
    if step.value.stage is Stage.PLACED:
        return fields | {"total": labelled_total(shown(mail), words["total"], dollar)}
    if step.value.refund:
        amount = refunded(shown(mail), dollar)
        return fields | {"refund": step.but(Refund(step.value.refund, amount.value if amount else None))}
    return fields


def expected_of(mail: Mail, order: str) -> Found[DateRange] | None:
    """The expected days of one of several orders: below its number, above the next one."""
    lines, words = shown(mail), shipped_table("amazon").words
    numbered = [index for index, line in enumerate(lines) if _SHAPE.search(line)] + [len(lines)]
    sections = (lines[start:end] for start, end in pairwise(numbered) if order in lines[start])
    return first(labelled_days(section[:_NEAR], words["eta"], mail.at.date()) for section in sections)


def linked_items(mail: Mail) -> Found[tuple[Item, ...]] | None:
    """The items whose titles are links to their pages, each with the quantity on the line below."""
    titles = {link.text for link in mail.links if link.text and _PRODUCT.search(unquote(link.url))}
    pairs = ((title, _HOW_MANY.fullmatch(below)) for title, below in pairwise(mail.lines) if title in titles)
    items = tuple(Item(title, int(hit[1])) for title, hit in pairs if hit and int(hit[1]))[:_MOST_ITEMS]
    return (
        Found(items, "html link", "; ".join(item.title for item in items), "title above its quantity")
        if items
        else None
    )
