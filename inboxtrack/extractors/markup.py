"""schema.org `Order` and `ParcelDelivery` in any shop's mail, believed only from a confirmed sender.

The retailer is the sender's own domain; a merchant that the markup names is only shown. Of the order's states a bare
`OrderDelivered` is not taken at its word: WooCommerce writes it when a shop has shipped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from inboxtrack.extractors import Step
from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Item, Money, Stage
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.markup import Node, inner, nodes, texts
from inboxtrack.reading.own_name import unnamed
from inboxtrack.tracking.carriers import by_name
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import in_slot
from inboxtrack.tracking.statuses import stage_of

NAME = "Shop with schema.org markup"
SENDERS: tuple[str, ...] = ()
REVISION = 3
STEP = Step.MARKUP
NEEDS_VERIFIED = True
SUBJECTS = re.compile(
    r"\b(?:order|shipped|shipment|dispatched|delivery|bestell\w+|versand\w*|lieferung|commande|exp[eé]di\w+|livraison"
    r"|pedido|env[ií]o|enviado|ordine|spedi\w+|bestelling|verzonden|zam[oó]wieni\w+|wys[lł]an\w+|best[aä]llning|ordre)\b",
    re.I,
)

_TYPES = frozenset({"Order", "ParcelDelivery"})
_FACTS_LIMIT = 20
_ORDER_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{1,39}")
_TRACKING_NUMBER = re.compile(r"(?=.*[0-9]{3})[0-9A-Za-z-]{6,40}")
_ANYBODY = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
        "aol.com", "gmx.net", "gmx.de", "web.de", "proton.me", "protonmail.com", "t-online.de", "orange.fr", "free.fr",
        "libero.it", "wp.pl", "mail.ru", "yandex.ru", "qq.com", "163.com",
    }
)  # fmt: skip


def claims(mail: Mail) -> bool:
    """Whether the mail has such markup and comes from a domain that is not anybody's."""
    return bool(nodes(mail, _TYPES)) and organisation(mail.sender.origin_domain) not in {"", *_ANYBODY}


def domains(mail: Mail) -> tuple[str, ...]:
    """The sender's own domain: it alone may speak."""
    return (organisation(mail.sender.origin_domain),)


def disowned(mail: Mail) -> str | None:
    """Why a mail cannot be its sender's: it does not name it."""
    return unnamed(mail)


def extract(mail: Mail) -> Iterator[Fact]:
    """A fact for each parcel, and for each order that no parcel names."""
    found = nodes(mail, _TYPES)
    shop = Found(domains(mail)[0], "sender", mail.sender.origin, "the sender's own domain")
    told: set[str] = set()
    made = 0
    for order, parcel in [*_parcels(found), *((order, None) for order in found if "Order" in order["@type"])]:
        number = _order_number(order, parcel)
        tracking, carrier = _tracking(parcel)
        if (tracking is None and (number is None or number.value in told)) or made >= _FACTS_LIMIT:
            continue
        told |= {number.value} if number else set()
        made += 1
        yield make_fact(
            mail.at, retailer=shop, order=number, tracking=tracking, carrier=carrier, **_told(order, parcel)
        )


def _parcels(found: list[Node]) -> Iterator[tuple[Node, Node]]:
    """(order, parcel) of each parcel; its order stands inside it, or around it."""
    around = {id(parcel): order for order in found for parcel in inner(order, "orderDelivery")}
    for parcel in found:
        if "ParcelDelivery" in parcel["@type"]:
            yield next(inner(parcel, "partOfOrder"), around.get(id(parcel), {})), parcel


def _said(node: Node | None, *names: str) -> Found[str] | None:
    """The first text of these properties."""
    name, text = next(texts(node or {}, *names), ("", ""))
    return Found(text, "markup", f"{name}: {text}", f"schema.org {name}") if text else None


def _order_number(order: Node, parcel: Node | None) -> Found[str] | None:
    said = _said(order, "orderNumber", "confirmationNumber") or _said(parcel, "orderNumber")
    value = re.sub(r"[#\s]", "", said.value) if said else ""
    return said.but(value) if said and _ORDER_NUMBER.fullmatch(value) else None


def _tracking(parcel: Node | None) -> tuple[Found[str] | None, Found[str] | None]:
    """The parcel's number, and its carrier's key."""
    said = _said(parcel, "trackingNumber")
    if said is None:
        return _linked(parcel)
    if not _TRACKING_NUMBER.fullmatch(re.sub(r"\s", "", said.value)):
        return None, None
    named = _name(parcel, "carrier", "provider")
    value, key = in_slot(said.value, named.value if named and by_name(named.value) else None)
    return said.but(value), said.but(key) if key else None


def _linked(parcel: Node | None) -> tuple[Found[str] | None, Found[str] | None]:
    """The number in the link to a carrier's page, and the carrier's key; the link itself is no evidence."""
    said = _said(parcel, "trackingUrl")
    linked = read_link(said.value) if said else None
    if linked is None:
        return None, None
    found = Found(linked[1], "markup", "trackingUrl", "schema.org trackingUrl")
    return found, found.but(linked[0]) if linked[0] else None


def _name(node: Node | None, *names: str) -> Found[str] | None:
    """The name of the organisation under these properties, or the bare text there."""
    named = next((said for party in inner(node or {}, *names) if (said := _said(party, "name"))), None)
    return named or _said(node, *names)


def _told(order: Node, parcel: Node | None) -> dict[str, Any]:
    """What markup says beside the numbers."""
    return _stage(order, parcel) | {
        "shop_name": _name(order, "merchant", "seller"),
        "items": _items(order, parcel),
        "total": _total(order),
        "eta": _eta(parcel),
    }


def _stage(order: Node, parcel: Node | None) -> dict[str, Any]:
    """The order's state. Without a parcel, being processed is `placed` and `OrderDelivered` no more than `shipped`."""
    said = _said(order, "orderStatus")
    status = stage_of("schema_org_order_status", said.value) if said else None
    if said is None or status is None:
        node, stage = ("ParcelDelivery", Stage.SHIPPED) if parcel else ("Order", Stage.PLACED)
        return {"stage": Found(stage, "markup", f"@type: {node}", f"schema.org {node}")}
    alone = {Stage.PREPARING: Stage.PLACED, Stage.DELIVERED: Stage.SHIPPED} if parcel is None else {}
    flags = said.but(status.flags) if status.flags else None
    return {"stage": said.but(alone.get(status.stage, status.stage)), "flags": flags}


def _items(order: Node, parcel: Node | None) -> Found[tuple[Item, ...]] | None:
    """The items of the parcel, else of the order."""
    shipped = inner(parcel or {}, "itemShipped", "hasDeliveryItem")
    ordered = (item for line in inner(order, "acceptedOffer", "orderedItem") for item in _items_of_line(line))
    items = tuple(Item(*found) for found in (*map(_item, shipped), *ordered) if found)[:100]
    return Found(items, "markup", "; ".join(item.title for item in items), "schema.org items") if items else None


def _items_of_line(line: Node) -> Iterator[tuple[str, int] | None]:
    quantity = _quantity(line)
    products = list(inner(line, "itemOffered", "orderedItem"))
    for product in products or [line]:
        found = _item(product)
        yield (found[0], quantity) if found else None


def _item(product: Node) -> tuple[str, int] | None:
    said = _said(product, "name")
    return (said.value, _quantity(product)) if said else None


def _quantity(line: Node) -> int:
    quantity = next(inner(line, "eligibleQuantity"), line)
    said = _said(quantity, "value", "orderQuantity", "quantity")
    return int(said.value) if said and re.fullmatch(r"[1-9]\d{0,3}", said.value) else 1


def _total(order: Node) -> Found[Money] | None:
    """The order's own price, or its invoice's."""
    priced = next((n for n in (order, *inner(order, "priceSpecification", "totalPaymentDue")) if n.get("price")), {})
    amount, currency = _said(priced, "price"), _said(priced, "priceCurrency")
    if amount is None or currency is None or not re.fullmatch(r"[A-Z]{3}", currency.value):
        return None
    try:
        value = Decimal(amount.value)
    except InvalidOperation:
        return None
    return amount.but(Money(value, currency.value)) if value.is_finite() and 0 <= value < 10**9 else None


def _eta(parcel: Node | None) -> Found[DateRange] | None:
    """The expected days, in the time zone they are written in."""
    said = _said(parcel, "expectedArrivalFrom", "expectedArrivalUntil")
    days = [
        day for _, text in texts(parcel or {}, "expectedArrivalFrom", "expectedArrivalUntil") if (day := _day(text))
    ]
    return said.but(DateRange(min(days), max(days))) if said and days else None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
