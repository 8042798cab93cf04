"""From claims to parcels: which numbers are one parcel, and whose orders it carries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from inboxtrack.model import Correction, Fact, Role
from tests.second_fold.claims import Claim, OrderName, fact_order, is_proven, is_scan, place, speaker

REUSED_AFTER = dt.timedelta(days=120)
Node = tuple[str, int]
"""A number and how many times it had been used before."""


def values(parcel: frozenset[Node]) -> frozenset[str]:
    return frozenset(number for number, _ in parcel)


def nodes_of(claims: list[Claim]) -> dict[tuple[str, str], Node]:
    """(key of a fact, number) -> which use of the number the fact speaks of: silence of its parcel begins a new one."""
    nodes: dict[tuple[str, str], Node] = {}
    for group in together([frozenset((number, 0) for number in claim.numbers) for claim in claims if claim.numbers]):
        use, before = 0, None
        for claim in claims:
            if frozenset((number, 0) for number in claim.numbers) & group:
                if before is not None and claim.fact.at - before > REUSED_AFTER:
                    use += 1
                before = claim.fact.at
                nodes.update({(claim.fact.key, number): (number, use) for number in claim.numbers})
    return nodes


def named(claim: Claim, nodes: dict[tuple[str, str], Node]) -> frozenset[Node]:
    return frozenset(nodes[claim.fact.key, number] for number in claim.numbers)


def together(groups: list[frozenset[Node]]) -> list[frozenset[Node]]:
    """Groups that share something, joined."""
    joined: list[frozenset[Node]] = []
    for group in groups:
        sharing = [other for other in joined if other & group]
        joined = [other for other in joined if not other & group]
        joined.append(group.union(*sharing))
    return joined


def at_home(claims: list[Claim], nodes: dict[tuple[str, str], Node]) -> tuple[list[Claim], list[Claim]]:
    """What may make and move parcels; and what retailers say of numbers that another's proven mail named first.

    First is whose mail came in first. Numbers that a carrier names together have one first namer.
    """
    one = together([named(claim, nodes) for claim in claims if claim.numbers and is_scan(claim.fact)])
    first: dict[Node, str] = {}
    for claim in sorted(claims, key=lambda claim: (claim.fact.received_at or claim.fact.at, place(claim.fact))):
        if speaker(claim) and is_proven(claim.fact):
            for node in named(claim, nodes):
                for same in next((group for group in one if node in group), [node]):
                    first.setdefault(same, speaker(claim) or "")
    home, guests = [], []
    for claim in claims:
        of_others = [
            number
            for number in claim.numbers
            if speaker(claim) and first.get(nodes[claim.fact.key, number], speaker(claim)) != speaker(claim)
        ]
        own = tuple(number for number in claim.numbers if number not in of_others)
        if own or not claim.numbers:
            home.append(replace(claim, numbers=own))
        guests += [replace(claim, numbers=(number,)) for number in of_others]
    return home, guests


def visiting(
    parcel: frozenset[Node],
    facts: list[Fact],
    home: list[Claim],
    guests: list[Claim],
    nodes: dict[tuple[str, str], Node],
    names: dict[OrderName | None, OrderName],
) -> frozenset[OrderName]:
    """The orders that guests name with it, but for those that the user took away and did not give back."""
    brought = {guest.order for guest in guests if guest.order and guest.links and named(guest, nodes) & parcel}
    for fact in facts:
        if fact.correction is Correction.SPLIT and meant(fact, home, nodes) in parcel:
            later = [
                f
                for f in facts
                if f.correction is Correction.LINK
                and fact_order(f)
                and names[fact_order(f)] == names[fact_order(fact)]
                and meant(f, home, nodes) in parcel
                and place(f) > place(fact)
            ]
            if not later:
                brought.discard(names[fact_order(fact)])
    return frozenset(brought)


def hand_over(
    orders_of: dict[frozenset[Node], frozenset[OrderName]], claims: list[Claim], nodes: dict[tuple[str, str], Node]
) -> tuple[dict[frozenset[Node], frozenset[OrderName]], dict[frozenset[Node], frozenset[str]]]:
    """Retailers' numbers that fell silent before a carrier's number of the same orders was first heard of, joined; a
    parcel that the retailer has a number of its own for took over from none."""
    joined, superseded = dict(orders_of), {}
    for orders in {orders for orders in orders_of.values() if orders}:
        same = [parcel for parcel in orders_of if orders_of[parcel] == orders]
        carried = [parcel for parcel in same if not any(is_retailers(node, claims) for node in parcel)]
        own = [parcel for parcel in same if all(is_retailers(node, claims) for node in parcel)]
        heard = {parcel: [c.fact.at for c in claims if named(c, nodes) & parcel] for parcel in same}
        carried.sort(key=lambda parcel: (heard[parcel][0], sorted(parcel)))
        own.sort(key=lambda parcel: (heard[parcel][-1], sorted(parcel)))
        silent = [old for old in own if any(heard[old][-1] < heard[new][0] for new in carried)]
        if len(silent) > len(carried):
            continue
        for old in silent:
            new = next((new for new in carried if heard[old][-1] < heard[new][0]), None)
            if new:
                carried.remove(new)
                joined[old | new] = joined.pop(old) | joined.pop(new)
                superseded[old | new] = values(old) - values(new)
    return joined, superseded


def is_retailers(node: Node, claims: list[Claim]) -> bool:
    roles = {number.role for claim in claims for number in claim.fact.numbers() if number.value == node[0]}
    return roles == {Role.RETAILER_PARCEL}


def orders_linked(
    parcel: frozenset[Node],
    facts: list[Fact],
    claims: list[Claim],
    nodes: dict[tuple[str, str], Node],
    names: dict[OrderName | None, OrderName],
) -> frozenset[OrderName]:
    """The orders that claims link to it; the user's newest word on a number and an order holds."""
    linked = {claim.order for claim in claims if claim.order and claim.links and named(claim, nodes) & parcel}
    for fact in facts:
        if fact.correction in (Correction.LINK, Correction.SPLIT) and meant(fact, claims, nodes) in parcel:
            linked.discard(names[fact_order(fact)])
            if fact.correction is Correction.LINK:
                linked.add(names[fact_order(fact)])
    return frozenset(linked)


def meant(word: Fact, claims: list[Claim], nodes: dict[tuple[str, str], Node]) -> Node:
    """Which use of a number the user means: the one that had begun when the user spoke, else the first."""
    began: dict[int, dt.datetime] = {}
    for claim in claims:
        if nodes.get((claim.fact.key, word.tracking or "")):
            _, use = nodes[claim.fact.key, word.tracking or ""]
            began.setdefault(use, claim.fact.at)
    return word.tracking or "", max((use for use, at in began.items() if at <= word.at), default=min(began, default=0))
