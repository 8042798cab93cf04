"""The fold: facts -> orders and parcels. Pure; neither the order of receipt nor repetition counts.

1. `sides` says which facts stand, and what each may do (verified, unverified, undone).
2. `graph` says which numbers are one parcel and which orders it carries; `hand_over`, which number took over.
3. `progress` takes each subject's facts through the state table; `one_parcel` and `one_order` put it together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from inboxtrack.model import Fact, Order, Parcel, State
from inboxtrack.orders.draft import OrderId
from inboxtrack.orders.groups import shop_names
from inboxtrack.orders.one_order import build_order
from inboxtrack.orders.one_parcel import build_parcel, parcel_drafts
from inboxtrack.orders.progress import ENDS
from inboxtrack.orders.sides import Sides, by_order, standing

PROVISIONAL = "parcel"


def fold(facts: Iterable[Fact]) -> State:
    """The orders and parcels that these facts tell of."""
    kept = standing(facts)
    shop = shop_names(kept)
    sides = Sides(kept, shop)
    made = [*parcel_drafts(sides, verified=True), *parcel_drafts(sides, verified=False)]
    order_facts = by_order(sides)
    built = {draft.id: draft for draft in made}
    parcels = {key: build_parcel(draft, sides, order_facts) for key, draft in sorted(built.items())}
    carrying: dict[OrderId, list[Parcel]] = defaultdict(list)
    for key, parcel in parcels.items():
        for order_id in parcel.orders:
            visiting = order_id in parcel.visitors
            carrying[order_id].append(build_parcel(built[key], sides, order_facts, order_id) if visiting else parcel)
    orders = tuple(build_order(key, order_facts[key], carrying[key], sides) for key in sorted(order_facts))
    return State(orders, tuple(parcels.values()))


def provisional(state: State) -> State:
    """The state with an order of its own for each parcel whose order is not known yet."""
    alone = tuple(
        Order(
            retailer=PROVISIONAL,
            number=parcel.tracking,
            stage=parcel.stage,
            stage_at=parcel.stage_at,
            flags=parcel.flags,
            reason=parcel.reason,
            parcels=(parcel.id,),
            eta=parcel.eta,
            trust=parcel.trust,
            open=parcel.stage not in ENDS,
            last_news_at=parcel.last_news_at,
            fact_keys=parcel.fact_keys,
        )
        for parcel in state.parcels
        if not parcel.orders
    )
    return State(state.orders + alone, state.parcels)
