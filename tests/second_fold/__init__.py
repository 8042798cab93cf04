"""A second fold: slow, simple, written from the state rules of the design alone, to check the real one against.

It shares no code with `inboxtrack.orders`, only the words of `inboxtrack.model`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inboxtrack.model import Correction, Coverage, Fact, Stage, Trust
from tests.second_fold.claims import (
    ENDS,
    Claim,
    OrderName,
    claims_of,
    in_order,
    is_proven,
    is_scan,
    order_names,
    place,
    proven,
    unheard_of,
)
from tests.second_fold.parcels import (
    Node,
    at_home,
    hand_over,
    named,
    nodes_of,
    orders_linked,
    together,
    values,
    visiting,
)
from tests.second_fold.stages import COVERED, Reached, order_stage, parcel_run, run, view

__all__ = ["SeenOrder", "SeenParcel", "second_fold"]


@dataclass(frozen=True)
class SeenParcel:
    """A parcel, with what can be compared."""

    numbers: frozenset[str]
    superseded: frozenset[str]
    stage: Stage
    orders: frozenset[OrderName]
    trust: Trust


@dataclass(frozen=True)
class SeenOrder:
    """An order, with what can be compared."""

    name: OrderName
    stage: Stage
    parcels: frozenset[frozenset[str]]
    more_to_come: bool
    open: bool
    muted: bool
    trust: Trust


def second_fold(given: Iterable[Fact]) -> tuple[frozenset[SeenOrder], frozenset[SeenParcel]]:
    """The orders and parcels that the facts amount to, each with what the state rules say of it."""
    facts = in_order(given)
    names = order_names(facts)
    known_orders, known_numbers = proven(facts, names)
    claims = [claim for fact in facts for claim in claims_of(fact, names, known_orders, known_numbers)]
    claims += unheard_of(facts, claims)
    claims.sort(key=lambda claim: place(claim.fact))
    nodes = nodes_of(claims)
    home, guests = at_home(claims, nodes)
    parcels = together([named(claim, nodes) for claim in home if claim.numbers])
    orders_of = {parcel: orders_linked(parcel, facts, home, nodes, names) for parcel in parcels}
    orders_of, superseded = hand_over(orders_of, home, nodes)
    visitors = {parcel: visiting(parcel, facts, home, guests, nodes, names) for parcel in orders_of}
    runs = {parcel: parcel_run(parcel, orders - visitors[parcel], home, nodes) for parcel, orders in orders_of.items()}
    orders_of = {parcel: orders | visitors[parcel] for parcel, orders in orders_of.items()}
    everything = sorted(home + guests, key=lambda claim: place(claim.fact))
    seen_parcels = frozenset(
        SeenParcel(
            numbers=values(parcel),
            superseded=superseded.get(parcel, frozenset()),
            stage=runs[parcel][0] or Stage.UPDATE,
            orders=orders,
            trust=Trust.VERIFIED if values(parcel) & known_numbers else Trust.UNVERIFIED,
        )
        for parcel, orders in orders_of.items()
    )
    seen_orders = frozenset(
        see_order(
            order,
            {
                p: view(p, order, everything, nodes) if order in visitors[p] else runs[p]
                for p in runs
                if order in orders_of[p]
            },
            everything,
            nodes,
            order in known_orders,
        )
        for order in names.values()
    )
    return seen_orders, seen_parcels


def see_order(
    order: OrderName,
    runs: dict[frozenset[Node], Reached],
    claims: list[Claim],
    nodes: dict[tuple[str, str], Node],
    known: bool,
) -> SeenOrder:
    mine = [claim for claim in claims if claim.order == order]
    level = run([claim for claim in mine if not claim.numbers])
    said = {claim.fact.coverage for claim in mine if claim.fact.stage in COVERED and not claim.fact.correction}
    to_come = Coverage.SOME in said and Coverage.REST not in said and level[0] not in [Stage.CANCELLED, Stage.CLOSED]
    objections = [
        c.fact.at
        for c in claims
        if is_scan(c.fact) and is_proven(c.fact) and c.stage is not Stage.UPDATE
        if any(named(c, nodes) & parcel for parcel in runs)
    ]
    stage = order_stage(level, [known for known in runs.values() if known[0]], objections)
    if to_come and stage in ENDS:
        stage = Stage.PREPARING
    closed = any(claim.fact.correction is Correction.CLOSE for claim in mine)
    return SeenOrder(
        name=order,
        stage=Stage.CLOSED if closed and stage not in ENDS else stage,
        parcels=frozenset(values(parcel) for parcel in runs),
        more_to_come=to_come,
        open=stage not in ENDS and not closed,
        muted=any(claim.fact.correction is Correction.MUTE for claim in mine),
        trust=Trust.VERIFIED if known else Trust.UNVERIFIED,
    )
