"""Orders as JSON values: the contract of `inboxtrack orders --json` and `show --json` (schema 1)."""

from __future__ import annotations

from inboxtrack.jsonform import Json, fact_to_json, items_to_json, money_to_json, range_to_json, refund_to_json
from inboxtrack.jsonform import time_to_json as time
from inboxtrack.model import Fact
from inboxtrack.overview import Deadline, OrderView, ParcelView

SCHEMA = 1


def order_to_json(view: OrderView) -> Json:
    """One order as `orders --json` prints it."""
    order = view.order
    return {
        "retailer": order.retailer,
        "retailer_name": view.retailer_name,
        "number": order.number,
        "seller": order.seller,
        "stage": view.stage.value,
        "flags": sorted(flag.value for flag in view.flags),
        "reason": order.reason,
        "open": order.open,
        "muted": order.muted,
        "placed_at": time(order.placed_at),
        "parcels": [parcel_to_json(parcel) for parcel in view.parcels],
        "more_to_come": order.more_to_come,
        "items": items_to_json(order.items),
        "total": money_to_json(order.total),
        "eta": range_to_json(order.eta),
        "refund": refund_to_json(order.refund),
        "trust": order.trust.value,
        "advice": view.advice,
        "deadlines": [deadline_to_json(deadline) for deadline in view.deadlines],
        "notes": list(order.notes),
        "link": view.link,
        "last_news_at": time(order.last_news_at),
    }


def parcel_to_json(view: ParcelView) -> Json:
    """One parcel: the number to show, its other numbers, who carries it and where it is followed."""
    parcel = view.parcel
    return {
        "tracking": parcel.tracking,
        "aliases": [{"value": number.value, "role": number.role.value} for number in parcel.numbers[1:]],
        "carrier": parcel.carrier,
        "carrier_name": view.carrier_name,
        "stage": parcel.stage.value,
        "flags": sorted(flag.value for flag in parcel.flags),
        "eta": range_to_json(parcel.eta),
        "orders": [{"retailer": retailer, "number": number} for retailer, number in parcel.orders],
        "trust": parcel.trust.value,
        "link": view.link,
        "last_news_at": time(parcel.last_news_at),
    }


def deadline_to_json(deadline: Deadline) -> Json:
    """One deadline, with the policy it follows from."""
    return {
        "policy": deadline.policy,
        "what": deadline.what,
        "until": deadline.until.isoformat(),
        "source": deadline.source,
    }


def line_to_json(fact: Fact) -> Json:
    """One line of an order's story, with who said it."""
    source = {"kind": fact.source.kind.value, "ref": fact.source.ref} if fact.source else None
    correction = fact.correction.value if fact.correction else None
    return fact_to_json(fact) | {
        "source": source,
        "trust": fact.trust.value,
        "received_at": time(fact.received_at),
        "correction": correction,
        "text": fact.text,
    }
