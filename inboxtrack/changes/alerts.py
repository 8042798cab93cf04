"""News that follows from time: deadlines that come near, and silence. Each is told once, by its keys. Pure.

None of it is so urgent that it should wake anybody: what comes up at night is news in the morning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from inboxtrack.changes import order_keys
from inboxtrack.model import News, NewsKind
from inboxtrack.overview import OrderView
from inboxtrack.overview.deadlines import Deadline
from inboxtrack.overview.silence import Signal, Silence

MORNING, NIGHT = dt.time(8), dt.time(22)

KIND_OF = {
    Silence.NEVER_SHIPPED: NewsKind.STALLED,
    Silence.STALLED: NewsKind.STALLED,
    Silence.OVERDUE: NewsKind.DELAY,
    Silence.PICKUP_WAITING: NewsKind.READY_FOR_PICKUP,
    Silence.REFUND_OVERDUE: NewsKind.REFUND,
    Silence.GIVEN_UP: NewsKind.STALLED,
}


def deadline_news(views: Iterable[OrderView], now: dt.datetime, zone: ZoneInfo) -> tuple[News, ...]:
    """What has come near: 7, 3 and 1 days before, never after, never for an order that has ended well or is given up.

    `at` is the morning (of the user's zone) of the day at which the step was reached.
    """
    today = now.astimezone(zone).date()
    found = (
        _near(view, deadline, step, zone)
        for view in views
        if not _given_up(view)
        for deadline in view.deadlines
        if deadline.told and (step := deadline.step(today)) is not None
    )
    return tuple(news for news in found if news.at <= now)


def _by_day(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The moment itself, or the morning after when it is at night in the user's zone."""
    local = moment.astimezone(zone)
    if MORNING <= local.time() < NIGHT:
        return moment
    day = local.date() + dt.timedelta(days=local.time() >= NIGHT)
    return dt.datetime.combine(day, MORNING, tzinfo=zone).astimezone(dt.UTC)


def _given_up(view: OrderView) -> bool:
    return any(signal.what is Silence.GIVEN_UP for signal in view.signals)


def _near(view: OrderView, deadline: Deadline, step: int, zone: ZoneInfo) -> News:
    reached = dt.datetime.combine(deadline.until - dt.timedelta(days=step), MORNING, tzinfo=zone)
    return News(
        kind=NewsKind.DEADLINE,
        keys=order_keys(view.order, f"deadline:{deadline.policy}:{step}"),
        at=reached.astimezone(dt.UTC),
        what="deadline",
        orders=(view.order.id,),
        trust=view.order.trust,
        detail=f"{deadline.what} by {deadline.until.isoformat()} ({deadline.check})",
        data=(("policy", deadline.policy), ("until", deadline.until.isoformat()), ("source", deadline.source)),
    )


def time_news(views: Iterable[OrderView], now: dt.datetime, zone: ZoneInfo) -> tuple[News, ...]:
    """What silence means, once for each silence: news that was heard begins a new one. Nothing of muted orders."""
    return tuple(news for view in views if not view.order.muted for news in _silent(view, zone) if news.at <= now)


def _silent(view: OrderView, zone: ZoneInfo) -> Iterator[News]:
    for signal in view.signals:
        yield News(
            kind=KIND_OF[signal.what],
            keys=_keys(view, signal),
            at=_by_day(signal.since, zone),
            what=signal.what.value,
            orders=(view.order.id,),
            parcel=signal.parcel,
            trust=view.order.trust,
            detail=view.advice,
            data=(("quiet_since", signal.quiet_since.isoformat()),),
        )


def _keys(view: OrderView, signal: Signal) -> tuple[str, ...]:
    """Named by the silence: news begins another one. An order is told to be never shipped only once."""
    once = signal.what is Silence.NEVER_SHIPPED
    what = signal.what if once else f"{signal.what}:{signal.quiet_since.astimezone(dt.UTC).isoformat()}"
    numbers = [n.value for shown in view.parcels if shown.parcel.id == signal.parcel for n in shown.parcel.numbers]
    return tuple(f"parcel/{value}/{what}" for value in numbers) or order_keys(view.order, what)
