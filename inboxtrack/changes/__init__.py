"""changes(before, after) -> news: what is worth telling, named so that it is told once.

News of a parcel bears the names of all its numbers, and of its order where it is that order's only parcel, so that
"shipped" told of the order is not told again when the number becomes known. Which names were told is the outbox's
business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from inboxtrack.model import DateRange, Flag, News, NewsKind, Order, Parcel, Stage, State
from inboxtrack.orders.progress import BEFORE_SHIPPING, ENDS

TOLD: dict[Stage, tuple[NewsKind, str]] = {
    Stage.PLACED: (NewsKind.PLACED, "placed"),
    Stage.SHIPPED: (NewsKind.SHIPPED, "shipped"),
    Stage.IN_TRANSIT: (NewsKind.SHIPPED, "shipped"),
    Stage.OUT_FOR_DELIVERY: (NewsKind.OUT_FOR_DELIVERY, "out_for_delivery"),
    Stage.ATTEMPT_FAILED: (NewsKind.PROBLEM, "attempt_failed"),
    Stage.READY_FOR_PICKUP: (NewsKind.READY_FOR_PICKUP, "ready_for_pickup"),
    Stage.EXCEPTION: (NewsKind.PROBLEM, "exception"),
    Stage.DELIVERED: (NewsKind.DELIVERED, "delivered"),
    Stage.RETURNING: (NewsKind.RETURN, "returning"),
    Stage.RETURNED: (NewsKind.RETURN, "returned"),
    Stage.CANCELLED: (NewsKind.CANCELLED, "cancelled"),
    Stage.CLOSED: (NewsKind.CANCELLED, "closed"),
}
_SAID: dict[Flag, tuple[NewsKind, str]] = {
    Flag.DELAYED: (NewsKind.DELAY, "delayed"),
    Flag.ACTION_REQUIRED: (NewsKind.PROBLEM, "action_required"),
}
_AGAIN = frozenset({Stage.OUT_FOR_DELIVERY, Stage.ATTEMPT_FAILED})
"""What may happen again: a further attempt on another day is a change of its own, and its news is named by the day."""
Subject = Order | Parcel


def changes(before: State, after: State, now: dt.datetime) -> tuple[News, ...]:
    """The news between two states of the same orders and parcels, parcels first. `now` dates what has no time."""
    found: list[News] = []
    for parcel in after.parcels:
        found += _news(_same_parcels(before, parcel), parcel, after, now)
    for order in after.orders:
        told = {news.kind for news in found if order.id in news.orders}
        found += _order_news(_same_orders(before, order), order, after, now, told)
    return tuple(news for news in found if not _muted(news, after))


def _muted(news: News, state: State) -> bool:
    about = [order for order in state.orders if order.id in news.orders]
    return bool(about) and all(order.muted for order in about)


def _same_parcels(before: State, parcel: Parcel) -> list[Parcel]:
    """What this parcel was: more than one where two have turned out to be the same."""
    generation = parcel.id.partition("~")[2]
    values = {number.value for number in parcel.numbers}
    same = (p for p in before.parcels if p.id.partition("~")[2] == generation)
    return [p for p in same if values & {number.value for number in p.numbers}]


def _same_orders(before: State, order: Order) -> list[Order]:
    names = {order.retailer, *order.shop}
    return [o for o in before.orders if o.number == order.number and names & {o.retailer, *o.shop}]


def order_keys(order: Order, what: str) -> tuple[str, ...]:
    """The names of a piece of news about an order, one for each name its shop is known by."""
    return tuple(f"order/{name}/{order.number}/{what}/{order.trust}" for name in (order.retailer, *order.shop))


def parcel_keys(parcel: Parcel, what: str, state: State) -> tuple[str, ...]:
    """The names of a piece of news about a parcel: by every number, and by its own orders that have no other parcel."""
    generation = parcel.id.partition("~")[1] + parcel.id.partition("~")[2]
    own = tuple(f"parcel/{n.value}{generation}/{what}/{parcel.trust}" for n in parcel.numbers)
    lone = (order for order in state.orders if order.parcels == (parcel.id,) and order.id not in parcel.visitors)
    return own + tuple(key for order in lone for key in order_keys(order, what))


def _keys(subject: Subject, what: str, state: State) -> tuple[str, ...]:
    return parcel_keys(subject, what, state) if isinstance(subject, Parcel) else order_keys(subject, what)


def _step_keys(subject: Subject, state: State) -> tuple[str, ...]:
    """The names of the news of a subject's stage."""
    _, what = TOLD[subject.stage]
    day = f":{subject.stage_at:%Y-%m-%d}" if subject.stage in _AGAIN and subject.stage_at else ""
    return _keys(subject, what + day, state)


def _tell(
    kind: NewsKind,
    what: str,
    subject: Subject,
    state: State,
    now: dt.datetime,
    keys: tuple[str, ...] = (),
    **more: object,
) -> News:
    parcel = subject.id if isinstance(subject, Parcel) else None
    orders = subject.orders if isinstance(subject, Parcel) else (subject.id,)
    return News(
        kind=kind,
        keys=keys or _keys(subject, what, state),
        at=subject.stage_at or now,
        what=what,
        orders=orders,
        parcel=parcel,
        trust=subject.trust,
        **more,  # type: ignore[arg-type] # detail and data, as News names them
    )


def _news(before: list[Parcel] | list[Order], after: Subject, state: State, now: dt.datetime) -> Iterable[News]:
    """News of a stage, of what sources say beside it, and of a later day of delivery."""
    yield from _step_news(before, after, state, now)
    yield from _said_news(before, after, after.flags, state, now)


def _step_news(before: list[Parcel] | list[Order], after: Subject, state: State, now: dt.datetime) -> Iterable[News]:
    """News of a stage, again when what only unproven mail had said is proven; or that it was wrong."""
    taken_back = [b for b in before if _is_taken_back(b.stage, after.stage)]
    kind_what = TOLD.get(after.stage)
    if taken_back:
        yield _correction(taken_back[0], after, state, now)
    elif kind_what and kind_what not in [TOLD.get(b.stage) for b in before if b.trust is after.trust]:
        yield _tell(*kind_what, after, state, now, _step_keys(after, state), detail=after.reason)


def _said_news(
    before: list[Parcel] | list[Order], after: Subject, flags: frozenset[Flag], state: State, now: dt.datetime
) -> Iterable[News]:
    if after.stage in ENDS:
        return
    for flag in sorted(flags & _SAID.keys()):
        stands = after.stage is Stage.READY_FOR_PICKUP or any(flag in b.flags for b in before)
        if not stands:
            yield _tell(*_SAID[flag], after, state, now, detail=after.reason)
    eta = after.eta
    if eta and before and all(_later(b.eta, eta) for b in before):
        yield _tell(NewsKind.DELAY, f"eta:{eta.last.isoformat()}", after, state, now)


def _later(old: DateRange | None, new: DateRange) -> bool:
    return old is not None and new.last > old.last


def _is_taken_back(before: Stage, after: Stage) -> bool:
    """Whether a stage that may have been told turned out wrong."""
    if before in ENDS:
        return after not in ENDS | {Stage.RETURNING}
    return before not in BEFORE_SHIPPING and after in BEFORE_SHIPPING


def _correction(before: Subject, after: Subject, state: State, now: dt.datetime) -> News:
    """To be told only where the wrong news was: `data` names it."""
    _, what = TOLD[before.stage]
    data = tuple(("retracts", key) for key in _step_keys(before, state))
    said_at = f":{before.stage_at.isoformat()}" if before.stage_at else ""
    keys = _keys(after, f"not_{what}{said_at}", state)
    return _tell(NewsKind.CORRECTION, f"not_{what}", after, state, now, keys, detail=after.stage.value, data=data)


def _order_news(
    before: list[Order], after: Order, state: State, now: dt.datetime, told: set[NewsKind]
) -> Iterable[News]:
    """News of the order itself: what its parcels' news does not say."""
    parcels = state.parcels_of(after)
    ended = [o for o in before if o.stage in ENDS and o.parcels == after.parcels]
    reopened = [o for o in ended if _is_taken_back(o.stage, after.stage)]
    if not told and (not parcels or after.stage in ENDS | {Stage.RETURNING}):
        yield from _step_news(before, after, state, now)
    elif reopened and NewsKind.CORRECTION not in told:
        yield _correction(reopened[0], after, state, now)
    if not any(after.eta and after.eta == parcel.eta for parcel in parcels):
        yield from _said_news(before, after, after.flags.difference(*(p.flags for p in parcels)), state, now)
    if after.refund and after.refund not in [b.refund for b in before]:
        yield _tell(NewsKind.REFUND, f"refund_{after.refund.state}", after, state, now)
