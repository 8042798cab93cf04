"""From facts to claims: what is left of each fact after corrections and trust."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from inboxtrack.model import Correction, Fact, SourceKind, Stage, Trust

MOVING = [
    Stage.SHIPPED,
    Stage.IN_TRANSIT,
    Stage.OUT_FOR_DELIVERY,
    Stage.ATTEMPT_FAILED,
    Stage.READY_FOR_PICKUP,
    Stage.EXCEPTION,
]
ENDS = [Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED, Stage.CLOSED]
EARLY = [None, Stage.PLACED, Stage.PREPARING]
LATER_PRIORITY = [SourceKind.RETAILER_MAIL, SourceKind.CARRIER_MAIL, SourceKind.LOOKUP, SourceKind.USER]

OrderName = tuple[str, str]


@dataclass(frozen=True)
class Claim:
    """What is left of a fact after trust: whom it is about, what it says, whether it may link."""

    fact: Fact
    order: OrderName | None
    numbers: tuple[str, ...]
    stage: Stage
    links: bool


def place(fact: Fact) -> tuple[dt.datetime, int, int, str]:
    """By event time, then source priority; of two at once from like sources the later stage is the newer."""
    return fact.at, LATER_PRIORITY.index(fact.source.kind), list(Stage).index(fact.stage), fact.key


def in_order(given: Iterable[Fact]) -> list[Fact]:
    once = {fact.key: fact for fact in given if fact.trust is not Trust.FAILED}
    facts = sorted(once.values(), key=place)
    undone: set[str | None] = set()
    for fact in reversed(facts):
        if fact.correction is Correction.UNDO and fact.key not in undone:
            undone.add(fact.text)
    return [fact for fact in facts if fact.key not in undone and fact.correction is not Correction.UNDO]


def fact_order(fact: Fact) -> OrderName | None:
    return (fact.retailer, fact.order) if fact.retailer and fact.order else None


def order_names(facts: list[Fact]) -> dict[OrderName | None, OrderName]:
    """One name for every order, whichever of its shop's names a fact uses."""
    groups: list[set[OrderName]] = []
    for fact in facts:
        if fact_order(fact):
            same = {(name, fact.order) for name in (fact.retailer, *fact.shop)}
            for group in [g for g in groups if g & same]:
                groups.remove(group)
                same |= group
            groups.append(same)
    return {name: min(group) for group in groups for name in group}


def is_proven(fact: Fact) -> bool:
    return fact.trust is Trust.VERIFIED or fact.source.kind is SourceKind.USER


def proven(facts: list[Fact], names: dict[OrderName | None, OrderName]) -> tuple[set[OrderName], set[str]]:
    true = [fact for fact in facts if is_proven(fact)]
    orders = {names[fact_order(fact)] for fact in true if fact_order(fact)}
    return orders, {number.value for fact in true for number in fact.numbers()}


def claims_of(
    fact: Fact, names: dict[OrderName | None, OrderName], known_orders: set[OrderName], known_numbers: set[str]
) -> list[Claim]:
    order, numbers = names.get(fact_order(fact)), tuple(number.value for number in fact.numbers())
    if fact.correction in (Correction.LINK, Correction.SPLIT):
        return [Claim(fact, order, (), Stage.UPDATE, links=False)]
    if is_proven(fact):
        return [Claim(fact, order, numbers, fact.stage, links=True)]
    soft = Stage.UPDATE if fact.stage in ENDS else fact.stage
    unknown = tuple(number for number in numbers if number not in known_numbers)
    known = tuple(number for number in numbers if number in known_numbers)
    found = []
    if unknown:
        of = order if fact.may_advance or order not in known_orders else None
        found.append(Claim(fact, of, unknown, soft, links=not known and order not in known_orders))
    if known and fact.may_advance:
        found += [Claim(fact, order, (number,), soft, links=False) for number in known]
    if not numbers and (fact.may_advance or order not in known_orders):
        found.append(Claim(fact, order, (), soft, links=True))
    if order and order not in known_orders:
        found.append(Claim(fact, order, (), Stage.UPDATE, links=False))
    return found


def speaker(claim: Claim) -> str | None:
    """The retailer whose mail says it; None for carriers and the user."""
    return claim.fact.retailer if claim.fact.source.kind is SourceKind.RETAILER_MAIL else None


def unheard_of(facts: list[Fact], claims: list[Claim]) -> list[Claim]:
    """A number that only the user names is a parcel too."""
    heard = {number for claim in claims for number in claim.numbers}
    links = [fact for fact in facts if fact.correction is Correction.LINK and fact.tracking not in heard]
    return [Claim(fact, None, (fact.tracking or "",), Stage.UPDATE, links=False) for fact in links]


def is_scan(fact: Fact) -> bool:
    return fact.source.kind in (SourceKind.LOOKUP, SourceKind.CARRIER_MAIL)
