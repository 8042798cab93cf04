"""Orders as a person wants to see them: named, with carrier pages, advice and deadlines, what needs action first.

Pure: `now` is an argument, and what the data files and the user's settings say comes as `OverviewSettings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from inboxtrack.model import Flag, Order, Parcel, RefundState, Stage, State, Trust
from inboxtrack.overview.advice import Advice, advise, english_day, situation
from inboxtrack.overview.deadlines import Deadline, Policy, deadlines
from inboxtrack.overview.silence import ENDED, FLAG_OF, Signal, Silence, Thresholds, Watch, signals
from inboxtrack.tracking.carriers import carrier
from inboxtrack.tracking.links import page

__all__ = ["Deadline", "OrderView", "OverviewSettings", "ParcelView", "overview", "view"]

SOON = dt.timedelta(days=7)
LOOK = 40
"""The urgency up to which an order wants something of the user."""

_LATEST = dt.date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewSettings:
    """What the overview depends on beside the state. `home_country` is ISO 3166 ("DE") or None.

    `names` go by retailer key; a shop without a name is called by its own or by its domain. `orders_pages` go by
    retailer key, or by a retailer's site (`amazon/amazon de`). `day` writes a day in the language of `advice`.
    """

    zone: ZoneInfo
    home_country: str | None
    thresholds: Thresholds
    policies: tuple[Policy, ...]
    advice: tuple[Advice, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    orders_pages: Mapping[str, str] = field(default_factory=dict)
    day: Callable[[dt.date], str] = english_day

    @property
    def watch(self) -> Watch:
        """The part that silence is judged by."""
        return Watch(self.zone, self.home_country, self.thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """A parcel with its carrier's name and page; no page for unverified numbers or failed check digits."""

    parcel: Parcel
    carrier_name: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order ready to be shown. `urgency` sorts: the lower, the sooner something must be done.

    `flags` are those said by sources and those that follow from time; `advice` is one sentence, or None, and asks for
    nothing where it is only `to_know`. `signals` are what follows from time with its moments; `deadlines` has the
    shop's own first.
    """

    order: Order
    parcels: tuple[ParcelView, ...]
    retailer_name: str
    stage: Stage
    flags: frozenset[Flag]
    urgency: int
    advice: str | None = None
    to_know: bool = False
    deadlines: tuple[Deadline, ...] = ()
    link: str | None = None
    signals: tuple[Signal, ...] = ()

    @property
    def needs_a_look(self) -> bool:
        """Whether the user should do something about this order, and not only wait."""
        return self.urgency <= LOOK

    @property
    def waits_for_refund(self) -> bool:
        """Whether it is open for its refund alone, which is on its way."""
        refund, is_over = self.order.refund, self.order.open and self.stage in ENDED
        is_pending = refund is not None and refund.state is not RefundState.ARRIVED
        return is_over and is_pending and Flag.ACTION_REQUIRED not in self.flags

    @property
    def delivered(self) -> int:
        """How many of its parcels are delivered."""
        return sum(view.parcel.stage is Stage.DELIVERED for view in self.parcels)


def overview(state: State, now: dt.datetime, settings: OverviewSettings) -> tuple[OrderView, ...]:
    """All orders of the state, what needs action first, then the next deadline, then the newest news."""
    parcels = {parcel.id: parcel for parcel in state.parcels}
    views = [
        view(order, tuple(parcels[parcel_id] for parcel_id in order.parcels), now, settings) for order in state.orders
    ]
    return tuple(sorted(views, key=_needs_action_first))


def view(order: Order, parcels: tuple[Parcel, ...], now: dt.datetime, settings: OverviewSettings) -> OrderView:
    """One order with its parcels, as it is to be shown at `now`."""
    silent = signals(order, parcels, now, settings.watch)
    moving = [parcel for parcel in parcels if parcel.stage not in ENDED] if order.open else []
    flags = order.flags.union(*(parcel.flags for parcel in moving), (FLAG_OF[signal.what] for signal in silent))
    today = now.astimezone(settings.zone).date()
    until = deadlines(order, parcels, settings.policies, settings.home_country, settings.zone, today)
    name = retailer_name(order, settings)
    claim = next((deadline for deadline in until if deadline.told), None)
    stages = {order.stage} | {parcel.stage for parcel in moving if parcel.stage in WANTS_THE_USER}
    shown = tuple(_parcel_view(parcel, settings.home_country) for parcel in parcels)
    followed = any(one.carrier_name for one in shown if one.parcel in moving)
    words = situation(order, stages, flags, silent, claim, followed)
    given = advise(settings.advice, words, name, claim, settings.day) if order.open or claim else None
    return OrderView(
        order=order,
        parcels=shown,
        retailer_name=name,
        stage=order.stage,
        flags=flags,
        urgency=_urgency(order, stages, flags, silent, until, today, settings.zone),
        advice=given.text if given else None,
        to_know=given is not None and given.to_know,
        deadlines=until,
        link=orders_page(order, settings) if order.trust is Trust.VERIFIED else None,
        signals=silent,
    )


def retailer_name(order: Order, settings: OverviewSettings) -> str:
    """What people call the retailer: the settings' name, the shop's own, else its key."""
    return settings.names.get(order.retailer) or order.shop_name or order.retailer


def orders_page(order: Order, settings: OverviewSettings) -> str | None:
    """The fixed page with the user's own orders: that of the site for a country, where the retailer has several."""
    pages = settings.orders_pages
    return pages.get(order.site) or pages.get(order.retailer)


def _parcel_view(parcel: Parcel, home_country: str | None) -> ParcelView:
    known = carrier(parcel.carrier)
    return ParcelView(
        parcel=parcel,
        carrier_name=known.name if known else parcel.carrier,
        link=page(parcel.tracking, parcel.carrier, home_country) if parcel.trust is Trust.VERIFIED else None,
    )


_URGENCY_OF_STAGE: Mapping[Stage, int] = {
    Stage.READY_FOR_PICKUP: 10,
    Stage.EXCEPTION: 20,
    Stage.ATTEMPT_FAILED: 20,
    Stage.OUT_FOR_DELIVERY: 50,
    Stage.PLACED: 70,
    Stage.PREPARING: 70,
}
WANTS_THE_USER = frozenset({Stage.READY_FOR_PICKUP, Stage.EXCEPTION, Stage.ATTEMPT_FAILED})
"""Stages of one parcel that matter while the order itself shows a slower parcel's."""
_URGENCY_OF_FLAG: Mapping[Flag, int] = {
    Flag.ACTION_REQUIRED: 10,
    Flag.OVERDUE: 40,
    Flag.NEVER_SHIPPED: 40,
    Flag.STALLED: 40,
    Flag.DELAYED: 45,
}
_DEADLINE, _MOVING, _ACKNOWLEDGED, _DONE, _GIVEN_UP = 30, 60, 75, 80, 90


def _urgency(
    order: Order,
    stages: set[Stage],
    flags: frozenset[Flag],
    silent: tuple[Signal, ...],
    until: tuple[Deadline, ...],
    today: dt.date,
    zone: ZoneInfo,
) -> int:
    near = [deadline for deadline in until if deadline.told and deadline.until - today <= SOON]
    urgency = _pressing(order, stages, flags, silent, bool(near))
    since = [one.since for one in silent] + [one.reminded_at(today, zone) for one in near]
    return _ACKNOWLEDGED if urgency < _MOVING and (order.muted or _acknowledged(order, since)) else urgency


def _acknowledged(order: Order, since: list[dt.datetime]) -> bool:
    """Whether the user has said "seen" after all that was heard, and after what time alone has brought `since`."""
    moments = [*since, order.last_news_at] if order.last_news_at else since
    return order.acknowledged_at is not None and all(order.acknowledged_at >= moment for moment in moments)


def _pressing(
    order: Order, stages: set[Stage], flags: frozenset[Flag], silent: tuple[Signal, ...], claim_ends: bool
) -> int:
    by_stage = min(_URGENCY_OF_STAGE.get(stage, _MOVING) for stage in stages)
    if claim_ends:
        return min(_DEADLINE, by_stage)
    if not order.open:
        return _DONE
    if any(signal.what is Silence.GIVEN_UP for signal in silent):
        return _GIVEN_UP
    return min([by_stage, *(_URGENCY_OF_FLAG[flag] for flag in flags if flag in _URGENCY_OF_FLAG)])


def _needs_action_first(shown: OrderView) -> tuple[int, dt.date, float, tuple[str, str]]:
    until = min((deadline.until for deadline in shown.deadlines if deadline.told), default=_LATEST)
    newest = -shown.order.last_news_at.timestamp() if shown.order.last_news_at else 0.0
    return shown.urgency, until, newest, shown.order.id
