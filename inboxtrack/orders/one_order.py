"""An order from the facts that name it and the parcels that carry it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from inboxtrack.model import (
    Correction,
    Coverage,
    Fact,
    Flag,
    Item,
    Money,
    Order,
    Parcel,
    Refund,
    RefundState,
    Stage,
    Trust,
)
from inboxtrack.orders.draft import OrderId
from inboxtrack.orders.one_parcel import EPOCH, first_said, last
from inboxtrack.orders.progress import CARRIER, ENDS, ON_THE_WAY, RANK, Power, Progress, kind_of, run
from inboxtrack.orders.sides import Sides, order_steps

_COVERS = ON_THE_WAY | {Stage.PREPARING, Stage.DELIVERED}
_REFUNDS = tuple(RefundState)


@dataclass(frozen=True, slots=True)
class _Said:
    """The facts that count for one order, in order; unverified ones only where nothing verified is known."""

    facts: tuple[Fact, ...]

    def corrections(self, kind: Correction) -> list[Fact]:
        return [f for f in self.facts if f.correction is kind]

    def more_to_come(self) -> bool:
        """Whether "some items" stands without "the last items"."""
        told = {f.coverage for f in self.facts if f.stage in _COVERS and not f.correction}
        return Coverage.SOME in told and Coverage.REST not in told

    def items(self) -> tuple[Item, ...]:
        """The longest list: shipping mails name fewer items than the order has."""
        return max((f.items for f in self.facts), key=len, default=())

    def total(self) -> Money | None:
        """What the confirmation says; else the latest word."""
        placed = last(f.total for f in self.facts if f.stage is Stage.PLACED)
        return placed or last(f.total for f in self.facts)

    def refund(self) -> tuple[Refund | None, dt.datetime | None]:
        """The furthest step of a refund, and when it was last told."""
        told = [(_REFUNDS.index(f.refund.state), f.at, f.refund) for f in self.facts if f.refund]
        if not told:
            return None, None
        _, at, refund = max(told, key=lambda t: t[:2])
        return refund, at


def build_order(key: OrderId, facts: list[Fact], parcels: list[Parcel], sides: Sides) -> Order:
    verified = key in sides.orders
    steps = order_steps(facts, sides, verified=verified)
    own = run(steps)
    said = _Said(tuple(f for f in facts if sides.power(f, verified=verified) is not Power.TIMELINE))
    ended_whole = own.stage in (Stage.CANCELLED, Stage.CLOSED)
    more = said.more_to_come() and not ended_whole
    stage, stage_at = _stage(own, parcels, _carrier_news(sides, parcels), more)
    refund, refund_at = said.refund()
    acked = last(f.at for f in said.corrections(Correction.ACK))
    closed = bool(said.corrections(Correction.CLOSE))
    own = _settled(own, stage, stage_at)
    flags = _flags(own, parcels, stage)
    return Order(
        retailer=key[0],
        number=key[1],
        shop=tuple(sorted({name for f in said.facts for name in (f.retailer, *f.shop) if name} - {key[0]})),
        shop_name=last(f.shop_name for f in said.facts),
        seller=last(f.seller for f in said.facts),
        stage=Stage.CLOSED if closed and stage not in ENDS else stage,
        stage_at=stage_at,
        flags=flags,
        reason=own.reason or last(p.reason for p in parcels),
        placed_at=min((f.at for f in said.facts if f.stage is Stage.PLACED), default=None),
        shipped_at=_earliest([first_said(steps, ON_THE_WAY), *(p.shipped_at for p in parcels)]),
        delivered_at=_earliest([first_said(steps, {Stage.DELIVERED}), *(p.delivered_at for p in parcels)]),
        parcels=tuple(p.id for p in parcels),
        more_to_come=more,
        refund=refund,
        refund_at=refund_at,
        items=said.items(),
        total=said.total(),
        eta=last(f.eta for f in said.facts if not f.numbers()) or last(p.eta for p in parcels),
        trust=Trust.VERIFIED if verified else Trust.UNVERIFIED,
        open=not closed and (stage not in ENDS or _unsettled(said, flags, acked)),
        closed_by_user=closed,
        muted=bool(said.corrections(Correction.MUTE)),
        acknowledged_at=acked,
        notes=tuple(f.text for f in said.corrections(Correction.NOTE) if f.text),
        last_news_at=_latest([own.last_news_at, *(p.last_news_at for p in parcels), *_news_times(said)]),
        fact_keys=tuple(f.key for f in facts),
    )


def _news_times(said: _Said) -> list[dt.datetime]:
    return [f.at for f in said.facts if not f.correction]


def _latest(times: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return max((time for time in times if time is not None), default=None)


def _earliest(times: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((time for time in times if time is not None), default=None)


def _carrier_news(sides: Sides, parcels: list[Parcel]) -> dt.datetime | None:
    """When a carrier last said a step about one of these parcels."""
    told = (f for p in parcels for key in p.fact_keys for f in sides.by_key[key])
    sure = (f for f in told if kind_of(f) in CARRIER and f.trust is Trust.VERIFIED)
    return max((f.at for f in sure if f.stage is not Stage.UPDATE), default=None)


def _stage(
    own: Progress, parcels: list[Parcel], carrier_news: dt.datetime | None, more: bool
) -> tuple[Stage, dt.datetime | None]:
    """An order's stage from its own facts and its parcels."""
    stage, at = _stage_known(own, parcels, carrier_news)
    return (Stage.PREPARING, at) if more and stage in ENDS else (stage, at)


def _stage_known(
    own: Progress, parcels: list[Parcel], carrier_news: dt.datetime | None
) -> tuple[Stage, dt.datetime | None]:
    told = [p for p in parcels if p.stage is not Stage.UPDATE]
    if not told or own.stage_at is None:
        return (own.stage, own.stage_at) if not told else _slowest(told)
    unopposed = carrier_news is None or carrier_news <= own.stage_at
    if own.stage is Stage.DELIVERED and unopposed:
        return own.stage, own.stage_at
    if own.stage in (Stage.CANCELLED, Stage.CLOSED) and unopposed and not _has_arrived(told):
        return own.stage, own.stage_at
    newer = all(p.stage_at is not None and p.stage_at < own.stage_at for p in told)
    if own.stage in (Stage.RETURNING, Stage.RETURNED) and newer:
        return own.stage, own.stage_at
    return _slowest(told)


def _has_arrived(parcels: list[Parcel]) -> bool:
    """Whether nothing is under way any more and something came: what is closed then stays delivered."""
    return all(p.stage in ENDS for p in parcels) and any(p.stage is Stage.DELIVERED for p in parcels)


def _slowest(parcels: list[Parcel]) -> tuple[Stage, dt.datetime | None]:
    """The slowest open parcel; with none open, `delivered` if one was, else how the last one ended."""
    still = [p for p in parcels if p.stage not in ENDS]
    if still:
        slowest = min(still, key=lambda p: (RANK[p.stage], p.stage_at or EPOCH))
        return slowest.stage, slowest.stage_at
    last = max(parcels, key=lambda p: (p.stage is Stage.DELIVERED, p.stage_at or EPOCH, RANK[p.stage]))
    return last.stage, last.stage_at


def _settled(own: Progress, stage: Stage, stage_at: dt.datetime | None) -> Progress:
    """Without what was said before the order ended, such as a wish that it be confirmed."""
    over = stage in ENDS and own.said_at is not None and stage_at is not None and own.said_at < stage_at
    return replace(own, flags=frozenset(), reason=None) if over else own


def _flags(own: Progress, parcels: list[Parcel], stage: Stage) -> frozenset[Flag]:
    """What sources say beside the stage: of the order itself, and of its parcels that are not done with."""
    told = [p.flags for p in parcels if p.stage not in ENDS or stage in ENDS]
    return own.flags.union(*told)


def _unsettled(said: _Said, flags: frozenset[Flag], acked: dt.datetime | None) -> bool:
    """Whether an order that has ended still waits for money or for the user."""
    refund, at = said.refund()
    if refund and refund.state is not RefundState.ARRIVED and (acked is None or (at and at > acked)):
        return True
    return Flag.ACTION_REQUIRED in flags and acked is None
