"""Facts and readings as JSON values, and back. The form is the contract of `inboxtrack read --json` (schema 1)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from inboxtrack.model import (
    Correction,
    Coverage,
    DateRange,
    Evidence,
    Fact,
    Flag,
    Item,
    Money,
    Number,
    Reading,
    Refund,
    RefundState,
    Role,
    Source,
    SourceKind,
    Stage,
    Trust,
)

Json = dict[str, Any]


def money_to_json(money: Money | None) -> Json | None:
    return {"amount": str(money.amount), "currency": money.currency} if money else None


def money_from_json(value: Json | None) -> Money | None:
    return Money(Decimal(value["amount"]), value["currency"]) if value else None


def range_to_json(days: DateRange | None) -> Json | None:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()} if days else None


def range_from_json(value: Json | None) -> DateRange | None:
    return DateRange(dt.date.fromisoformat(value["from"]), dt.date.fromisoformat(value["to"])) if value else None


def time_to_json(time: dt.datetime | None) -> str | None:
    return time.isoformat() if time else None


def time_from_json(value: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(value) if value else None


def items_to_json(items: tuple[Item, ...]) -> list[Json]:
    return [{"title": item.title, "quantity": item.quantity} for item in items]


def refund_to_json(refund: Refund | None) -> Json | None:
    return {"state": refund.state.value, "amount": money_to_json(refund.amount)} if refund else None


def refund_from_json(value: Json | None) -> Refund | None:
    return Refund(RefundState(value["state"]), money_from_json(value["amount"])) if value else None


def fact_to_json(fact: Fact) -> Json:
    """A fact as `read --json` prints it."""
    return {
        "retailer": fact.retailer,
        "shop": list(fact.shop),
        "shop_name": fact.shop_name,
        "seller": fact.seller,
        "order": fact.order,
        "tracking": fact.tracking,
        "tracking_role": fact.tracking_role.value if fact.tracking else None,
        "also": [{"value": number.value, "role": number.role.value} for number in fact.also],
        "carrier": fact.carrier,
        "stage": fact.stage.value,
        "flags": sorted(flag.value for flag in fact.flags),
        "reason": fact.reason,
        "coverage": fact.coverage.value,
        "refund": refund_to_json(fact.refund),
        "at": time_to_json(fact.at),
        "eta": range_to_json(fact.eta),
        "items": items_to_json(fact.items),
        "total": money_to_json(fact.total),
        "evidence": {e.field: {"where": e.where, "text": e.text, "rule": e.rule} for e in fact.evidence},
    }


def stored_fact(fact: Fact) -> Json:
    """A fact with its stamps, as the store keeps it."""
    return fact_to_json(fact) | {
        "received_at": time_to_json(fact.received_at),
        "source": {"kind": fact.source.kind.value, "ref": fact.source.ref} if fact.source else None,
        "trust": fact.trust.value,
        "may_advance": fact.may_advance,
        "correction": fact.correction.value if fact.correction else None,
        "text": fact.text,
    }


def fact_from_json(value: Json) -> Fact:
    """A fact from `fact_to_json` or `stored_fact`."""
    source = value.get("source")
    return Fact(
        at=dt.datetime.fromisoformat(value["at"]),
        stage=Stage(value["stage"]),
        retailer=value["retailer"],
        shop=tuple(value.get("shop", ())),
        shop_name=value.get("shop_name"),
        seller=value["seller"],
        order=value["order"],
        tracking=value["tracking"],
        tracking_role=Role(value.get("tracking_role") or "tracking"),
        also=tuple(Number(n["value"], Role(n["role"])) for n in value["also"]),
        carrier=value["carrier"],
        flags=frozenset(Flag(flag) for flag in value["flags"]),
        reason=value["reason"],
        coverage=Coverage(value["coverage"]),
        refund=refund_from_json(value["refund"]),
        eta=range_from_json(value["eta"]),
        items=tuple(Item(item["title"], item["quantity"]) for item in value["items"]),
        total=money_from_json(value["total"]),
        evidence=tuple(Evidence(name, **said) for name, said in value["evidence"].items()),
        received_at=time_from_json(value.get("received_at")),
        source=Source(SourceKind(source["kind"]), source["ref"]) if source else None,
        trust=Trust(value.get("trust", "unverified")),
        may_advance=value.get("may_advance", False),
        correction=Correction(value["correction"]) if value.get("correction") else None,
        text=value.get("text"),
    )


def reading_to_json(file: str, reading: Reading) -> Json:
    """One element of `read --json`."""
    return {
        "file": file,
        "message_id": reading.message_id or None,
        "sender": reading.sender or None,
        "subject": reading.subject,
        "date": time_to_json(reading.date),
        "trust": reading.trust.value,
        "trust_reason": reading.trust_reason,
        "extractor": reading.extractor,
        "outcome": reading.outcome.value,
        "reason": reading.reason,
        "facts": [fact_to_json(fact) for fact in reading.facts],
    }
