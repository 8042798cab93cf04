"""A second fold: slow, simple, written from the state rules of the design alone, to check the real one against.

It shares no code with `inboxtrack.orders`, only the words of `inboxtrack.model`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from inboxtrack.model import Correction, Coverage, Fact, Role, SourceKind, Stage, Trust

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
SLOWEST_FIRST = [Stage.PLACED, Stage.PREPARING, *MOVING, Stage.RETURNING]
COVERED = [Stage.PREPARING, *MOVING, Stage.DELIVERED]
LATER_PRIORITY = [SourceKind.RETAILER_MAIL, SourceKind.CARRIER_MAIL, SourceKind.LOOKUP, SourceKind.USER]
REUSED_AFTER = dt.timedelta(days=120)

OrderName = tuple[str, str]
Node = tuple[str, int]
"""A number and how many times it had been used before."""


@dataclass(frozen=True)
class Claim:
    """What is left of a fact after trust: whom it is about, what it says, whether it may link."""

    fact: Fact
    order: OrderName | None
    numbers: tuple[str, ...]
    stage: Stage
    links: bool


@dataclass(frozen=True)
class SeenParcel:
    numbers: frozenset[str]
    superseded: frozenset[str]
    stage: Stage
    orders: frozenset[OrderName]
    trust: Trust


@dataclass(frozen=True)
class SeenOrder:
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


def values(parcel: frozenset[Node]) -> frozenset[str]:
    return frozenset(number for number, _ in parcel)


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


def speaker(claim: Claim) -> str | None:
    """The retailer whose mail says it; None for carriers and the user."""
    return claim.fact.retailer if claim.fact.source.kind is SourceKind.RETAILER_MAIL else None


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


def view(
    parcel: frozenset[Node], order: OrderName, claims: list[Claim], nodes: dict[tuple[str, str], Node]
) -> tuple[Stage | None, dt.datetime | None]:
    """How far a parcel is for a visiting order: as carriers, the user and the order's own retailer tell."""
    heard = [claim for claim in claims if speaker(claim) in (None, order[0])]
    return parcel_run(parcel, frozenset({order}), heard, nodes)


def hand_over(
    orders_of: dict[frozenset[Node], frozenset[OrderName]], claims: list[Claim], nodes: dict[tuple[str, str], Node]
) -> tuple[dict[frozenset[Node], frozenset[OrderName]], dict[frozenset[Node], frozenset[str]]]:
    """Retailers' numbers that fell silent before a carrier's number of the same orders was first heard of, joined."""
    joined, superseded = dict(orders_of), {}
    for orders in {orders for orders in orders_of.values() if orders}:
        same = [parcel for parcel in orders_of if orders_of[parcel] == orders]
        carried = [parcel for parcel in same if not all(is_retailers(node, claims) for node in parcel)]
        own = [parcel for parcel in same if parcel not in carried]
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


def unheard_of(facts: list[Fact], claims: list[Claim]) -> list[Claim]:
    """A number that only the user names is a parcel too."""
    heard = {number for claim in claims for number in claim.numbers}
    links = [fact for fact in facts if fact.correction is Correction.LINK and fact.tracking not in heard]
    return [Claim(fact, None, (fact.tracking or "",), Stage.UPDATE, links=False) for fact in links]


def is_scan(fact: Fact) -> bool:
    return fact.source.kind in (SourceKind.LOOKUP, SourceKind.CARRIER_MAIL)


def run(claims: list[Claim]) -> tuple[Stage | None, dt.datetime | None]:
    """The last stage that the table admits, and when it was said."""
    stage, at, scans = None, None, set()
    for claim in claims:
        to, fact = claim.stage, claim.fact
        if is_scan(fact) and to in MOVING:
            scans.add((fact.at, to))
        if admits(stage, to, fact, scans):
            stage, at = to, fact.at
            if to in ENDS or to is Stage.RETURNING:
                scans = set()
    return stage, at


def admits(stage: Stage | None, to: Stage, fact: Fact, scans: set[tuple[dt.datetime, Stage]]) -> bool:
    user, reopened = fact.source.kind is SourceKind.USER, is_scan(fact) and to in MOVING and len(scans) >= 2
    if to is Stage.UPDATE or stage is to or stage is Stage.RETURNED:
        return False
    if stage in EARLY:
        return EARLY.index(to) > EARLY.index(stage) if to in EARLY else True
    if stage in MOVING:
        return user or to in [*MOVING[1:], *ENDS, Stage.RETURNING]
    if stage is Stage.DELIVERED:
        return user or reopened or to in [Stage.RETURNING, Stage.RETURNED]
    if stage is Stage.RETURNING:
        return user or reopened or to is Stage.RETURNED
    return user or (is_scan(fact) and to in [*MOVING, Stage.DELIVERED, Stage.RETURNING, Stage.RETURNED])


def parcel_run(
    parcel: frozenset[Node], orders: frozenset[OrderName], claims: list[Claim], nodes: dict[tuple[str, str], Node]
) -> tuple[Stage | None, dt.datetime | None]:
    """Its own facts; and of those that name only its orders: up to `shipped`, and the user's reports."""
    heard = []
    for claim in claims:
        above = claim.order in orders and not claim.numbers
        as_it_is = claim.fact.correction is Correction.REPORT or claim.stage in [Stage.PLACED, Stage.PREPARING]
        if named(claim, nodes) & parcel or (above and as_it_is):
            heard.append(claim)
        elif above and claim.stage in [*MOVING, Stage.DELIVERED]:
            heard.append(replace(claim, stage=Stage.SHIPPED))
    return run(heard)


def see_order(
    order: OrderName,
    runs: dict[frozenset[Node], tuple[Stage | None, dt.datetime | None]],
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


def order_stage(
    level: tuple[Stage | None, dt.datetime | None],
    runs: list[tuple[Stage | None, dt.datetime | None]],
    objections: list[dt.datetime],
) -> Stage:
    stage, at = level
    if not runs:
        return stage or Stage.UPDATE
    ended = [known for known, _ in runs]
    arrived = Stage.DELIVERED in ended and all(known in ENDS for known in ended)
    if stage in [Stage.DELIVERED, Stage.CANCELLED, Stage.CLOSED] and not any(later > at for later in objections):
        return Stage.DELIVERED if arrived else stage
    if stage in [Stage.RETURNING, Stage.RETURNED] and all(at > moved for _, moved in runs):
        return stage
    going = [known for known, _ in runs if known not in ENDS]
    if going:
        return min(going, key=SLOWEST_FIRST.index)
    if Stage.DELIVERED in [known for known, _ in runs]:
        return Stage.DELIVERED
    return max(runs, key=lambda ended: (ended[1], list(Stage).index(ended[0])))[0]
