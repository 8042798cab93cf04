"""How far parcels and orders are: the last stage that the table of the design admits."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from inboxtrack.model import Correction, Fact, SourceKind, Stage
from tests.second_fold.claims import EARLY, ENDS, MOVING, Claim, OrderName, is_scan, speaker
from tests.second_fold.parcels import Node, named

SLOWEST_FIRST = [Stage.PLACED, Stage.PREPARING, *MOVING, Stage.RETURNING]
COVERED = [Stage.PREPARING, *MOVING, Stage.DELIVERED]
Reached = tuple[Stage | None, dt.datetime | None]
"""A stage, and when it was said."""


def view(parcel: frozenset[Node], order: OrderName, claims: list[Claim], nodes: dict[tuple[str, str], Node]) -> Reached:
    """How far a parcel is for a visiting order: as carriers, the user and the order's own retailer tell."""
    heard = [claim for claim in claims if speaker(claim) in (None, order[0])]
    return parcel_run(parcel, frozenset({order}), heard, nodes)


def run(claims: list[Claim]) -> Reached:
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
) -> Reached:
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


def order_stage(
    level: Reached,
    runs: list[Reached],
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
