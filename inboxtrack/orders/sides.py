"""Which facts stand, which orders and numbers are verified, and what each fact may do to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from inboxtrack.model import Correction, Fact, SourceKind, Trust
from inboxtrack.orders.draft import OrderId
from inboxtrack.orders.progress import Power, Step, kind_of, sort_key, step


def order_id(fact: Fact, shop: Callable[[str], str]) -> OrderId | None:
    """What the order a fact names is known by; a fact without a shop keeps its order number as `unknown`."""
    return (shop(fact.retailer or "unknown"), fact.order) if fact.order else None


def standing(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once, in order, without those that failed authentication or were undone by the user."""
    unique = {(sort_key(f), f.order, f.tracking, f.retailer): f for f in facts if f.trust is not Trust.FAILED}
    ordered = sorted(unique.values(), key=sort_key)
    undone: set[str] = set()
    for fact in reversed(ordered):
        if fact.correction is Correction.UNDO and fact.key not in undone and fact.text:
            undone.add(fact.text)
    return [f for f in ordered if f.key not in undone and f.correction is not Correction.UNDO]


class Sides:
    """Which orders and numbers are verified, and so what an unverified fact may still do."""

    def __init__(self, facts: list[Fact], shop: Callable[[str], str]) -> None:
        self.facts = facts
        self.by_key: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self.by_key[fact.key].append(fact)
        self.shop = shop
        sure = [f for f in facts if f.trust is Trust.VERIFIED]
        self.orders = {order for f in sure if (order := order_id(f, shop))}
        self.numbers = {n.value for f in sure for n in f.numbers()}

    def order(self, fact: Fact) -> OrderId | None:
        return order_id(fact, self.shop)

    def retailer(self, fact: Fact) -> str | None:
        """The retailer that speaks in a fact; none where it is a carrier or the user."""
        return self.shop(fact.retailer) if fact.retailer and kind_of(fact) is SourceKind.RETAILER_MAIL else None

    def power(self, fact: Fact, *, verified: bool) -> Power:
        """What a fact may do to a subject that is verified or not."""
        if fact.trust is Trust.VERIFIED:
            return Power.FULL
        if not verified or fact.may_advance:
            return Power.ADVANCE
        return Power.TIMELINE

    def may_link(self, fact: Fact) -> bool:
        """Unverified facts link only what is known from unverified facts alone."""
        if fact.trust is Trust.VERIFIED:
            return True
        return self.order(fact) not in self.orders and not any(n.value in self.numbers for n in fact.numbers())


def by_order(sides: Sides) -> dict[OrderId, list[Fact]]:
    """Every order with the facts that name it."""
    found: dict[OrderId, list[Fact]] = defaultdict(list)
    for fact in sides.facts:
        order = sides.order(fact)
        if order:
            found[order].append(fact)
    return found


def order_steps(facts: list[Fact], sides: Sides, *, verified: bool) -> list[Step]:
    """The steps of the facts that name the order alone."""
    alone = (f for f in facts if not f.numbers() and (f.correction in (None, Correction.REPORT)))
    return [step(f, sides.power(f, verified=verified)) for f in alone]
