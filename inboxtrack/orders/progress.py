"""The state table: which stage may follow which, and the run of one subject's facts through it.

The table is DESIGN's. `returning` is left by `returned`, by the user, or by two newer carrier scans, as `delivered` is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from inboxtrack.model import Fact, Flag, SourceKind, Stage

LADDER = tuple(Stage)
RANK = {stage: rank for rank, stage in enumerate(LADDER)}
BEFORE_SHIPPING = frozenset({Stage.UPDATE, Stage.PLACED, Stage.PREPARING})
ON_THE_WAY = frozenset(
    {
        Stage.SHIPPED,
        Stage.IN_TRANSIT,
        Stage.OUT_FOR_DELIVERY,
        Stage.ATTEMPT_FAILED,
        Stage.READY_FOR_PICKUP,
        Stage.EXCEPTION,
    }
)
ENDS = frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED, Stage.CLOSED})
_RETURN = frozenset({Stage.RETURNING, Stage.RETURNED})
_SCANS = ON_THE_WAY | _RETURN | {Stage.DELIVERED}
_PRIORITY = {kind: rank for rank, kind in enumerate(reversed(SourceKind))}
CARRIER = frozenset({SourceKind.LOOKUP, SourceKind.CARRIER_MAIL})


class Power(Enum):
    """What a fact may do to a subject: all, move it short of an end, or only stand in its timeline."""

    FULL = "full"
    ADVANCE = "advance"
    TIMELINE = "timeline"


def kind_of(fact: Fact) -> SourceKind:
    """Who said a fact; what nobody signed counts as a retailer's mail."""
    return fact.source.kind if fact.source else SourceKind.RETAILER_MAIL


def sort_key(fact: Fact) -> tuple[dt.datetime, int, int, str]:
    """Event time, then source priority, then the later stage, then the key: no two facts share it."""
    return (fact.at, _PRIORITY[kind_of(fact)], RANK[fact.stage], fact.key)


@dataclass(frozen=True, slots=True)
class Step:
    """A fact as it bears on one subject: with the stage it speaks for there, and its power."""

    fact: Fact
    stage: Stage
    power: Power = Power.FULL

    @property
    def is_scan(self) -> bool:
        return kind_of(self.fact) in CARRIER and self.stage in _SCANS

    @property
    def is_user(self) -> bool:
        return kind_of(self.fact) is SourceKind.USER


def step(fact: Fact, power: Power) -> Step:
    """A fact as a step; one that may only advance says `update` where it would end something."""
    stage = Stage.UPDATE if power is Power.ADVANCE and fact.stage in ENDS else fact.stage
    return Step(fact, stage, power)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subject has come, since when, and what was last said of it: flags and reason, at `said_at`."""

    stage: Stage = Stage.UPDATE
    stage_at: dt.datetime | None = None
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None
    said_at: dt.datetime | None = None
    last_news_at: dt.datetime | None = None
    scans: frozenset[tuple[dt.datetime, Stage]] = frozenset()


def admits(now: Progress, new: Step) -> bool:
    """Whether the table lets a step replace the present stage, given that it comes later."""
    stage = new.stage
    if stage is Stage.UPDATE:
        return False
    if now.stage in BEFORE_SHIPPING:
        return not (stage is Stage.PLACED and now.stage is Stage.PREPARING)
    if stage in BEFORE_SHIPPING or now.stage is Stage.RETURNED:
        return False
    if now.stage in ON_THE_WAY:
        return stage is not Stage.SHIPPED or now.stage is Stage.SHIPPED
    if new.is_user:
        return True
    if now.stage in (Stage.CANCELLED, Stage.CLOSED):
        return new.is_scan
    leaves = _RETURN if now.stage is Stage.DELIVERED else {Stage.RETURNED}
    return stage in leaves or (_reopens(new) and len(now.scans | {(new.fact.at, stage)}) >= 2)


def _reopens(new: Step) -> bool:
    return new.is_scan and new.stage in ON_THE_WAY


def run(steps: Iterable[Step]) -> Progress:
    """Take the steps in the order of their facts; the last stage that the table admits holds."""
    now = Progress()
    for new in sorted(steps, key=lambda s: sort_key(s.fact)):
        if new.power is not Power.TIMELINE:
            now = _advance(now, new)
    return now


def _advance(now: Progress, new: Step) -> Progress:
    fact = new.fact
    news_at = now.last_news_at if fact.correction else max(now.last_news_at or fact.at, fact.at)
    if admits(now, new):
        since = now.stage_at if now.stage is new.stage else fact.at
        return Progress(new.stage, since, fact.flags, fact.reason, fact.at, news_at)
    flags, reason, said_at = now.flags, now.reason, now.said_at
    if new.stage is Stage.UPDATE and (fact.flags or fact.reason):
        flags, reason, said_at = flags | fact.flags, fact.reason or reason, fact.at
    scans = now.scans | {(fact.at, new.stage)} if _reopens(new) else now.scans
    return Progress(now.stage, now.stage_at, flags, reason, said_at, news_at, scans)
