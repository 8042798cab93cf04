"""One order as the values that its line in a digest and its card in a mail are written from."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from inboxtrack.model import Flag, Stage, Trust
from inboxtrack.notifiers.news_values import FULL, SHOP_ONLY, Values, parcel_name
from inboxtrack.notifiers.sizes import shorten
from inboxtrack.notifiers.words import NAME_LENGTH, Words, shown_as
from inboxtrack.orders import PROVISIONAL
from inboxtrack.overview import WANTS_THE_USER, Deadline, OrderView, ParcelView
from inboxtrack.overview.silence import Silence

SOON = dt.timedelta(days=7)
_GOOD = frozenset({Stage.DELIVERED, Stage.OUT_FOR_DELIVERY, Stage.RETURNED})
_BAD = frozenset({Stage.EXCEPTION, Stage.ATTEMPT_FAILED})
_ENDED = frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED, Stage.CLOSED})


def order_values(view: OrderView, words: Words, length: int) -> Values:
    """The values of `order_line.j2` and `card_status.j2`; hints are None where the line is to be short."""
    order, full = view.order, length == FULL
    deadline = _next_deadline(view, words)
    return {
        "who": _who(view, words, length),
        "item": words.first_item(order.items) if full else None,
        "look": view.needs_a_look,
        "stage": shown_as(view.stage.value, view.order.reason),
        "done": view.delivered,
        "parcels": len(view.parcels) if len(view.parcels) > 1 else 0,
        "waiting": _waiting(view),
        "flags": _flags(view),
        "since": words.day_of(order.last_news_at) if order.last_news_at else None,
        "refund": _refund(view),
        "amount": words.money(order.refund.amount) if order.refund else None,
        "unverified": order.trust is not Trust.VERIFIED,
        "carrier": _carrier(view) if full else None,
        "eta": _expected(view, words) if full else None,
        "todo": words.todo(deadline.what, deadline.until, deadline.check) if deadline and full else None,
    }


def card_values(view: OrderView, words: Words) -> Values:
    """The values of `card_details.j2`."""
    return {
        "titles": words.items(view.order.items),
        "eta": _expected(view, words),
        "parcels": [_parcel(parcel) for parcel in view.parcels],
        "total": words.money(view.order.total),
        "deadlines": [
            words.todo(deadline.what, deadline.until, deadline.check)
            for deadline in sorted(view.deadlines, key=lambda deadline: deadline.until)
            if deadline.told and deadline.until >= words.today
        ],
    }


def tone(view: OrderView) -> str:
    """The colour of a card: `bad`, `look`, `good` or `calm`."""
    if view.stage in _BAD:
        return "bad"
    if view.needs_a_look:
        return "look"
    return "good" if view.stage in _GOOD else "calm"


def page(view: OrderView) -> tuple[str, str | None] | None:
    """The page a tap should open with its carrier's name: of the first parcel on its way, else the shop's."""
    for parcel in _moving(view):
        if parcel.link:
            return parcel.link, parcel.carrier_name
    return (view.link, None) if view.link else None


def _who(view: OrderView, words: Words, length: int) -> str:
    if view.order.retailer == PROVISIONAL:
        return parcel_name(view.order.number, words)
    shop = shorten(view.retailer_name, NAME_LENGTH)
    return shop if length == SHOP_ONLY else f"{shop} {view.order.number}"


def _moving(view: OrderView) -> list[ParcelView]:
    """Its parcels, those still on their way first."""
    return sorted(view.parcels, key=lambda shown: shown.parcel.stage in _ENDED)


def _waiting(view: OrderView) -> list[tuple[int, str]]:
    """How many of its parcels are at a stage that wants the user, while the order shows a slower one's."""
    stages = [shown.parcel.stage for shown in view.parcels if shown.parcel.stage in WANTS_THE_USER - {view.stage}]
    return [(count, stage.value) for stage, count in Counter(stages).items()]


def _flags(view: OrderView) -> list[str]:
    """What is said beside the stage; long silence is said once, and "needs you" neither beside what it is about nor of
    what the user knows.
    """
    if view.stage in _ENDED:
        return []
    said = {Flag.ACTION_REQUIRED} if _waiting(view) or not view.needs_a_look else set()
    names = [flag.value for flag in Flag if flag in view.flags - said]
    return [name for name in names if name != Flag.STALLED or Flag.GIVEN_UP not in view.flags]


def _refund(view: OrderView) -> str | None:
    """How far its refund has come, or "overdue"."""
    if any(signal.what is Silence.REFUND_OVERDUE for signal in view.signals):
        return "overdue"
    return view.order.refund.state.value if view.order.refund else None


def _carrier(view: OrderView) -> str | None:
    return next((parcel.carrier_name for parcel in _moving(view) if parcel.carrier_name), None)


def _expected(view: OrderView, words: Words) -> str | None:
    if view.stage in _ENDED:
        return None
    etas = [parcel.parcel.eta for parcel in _moving(view)] + [view.order.eta]
    return next((said for said in map(words.days, etas) if said), None)


def _next_deadline(view: OrderView, words: Words) -> Deadline | None:
    near = (d for d in view.deadlines if d.told and words.today <= d.until <= words.today + SOON)
    return min(near, key=lambda deadline: deadline.until, default=None)


def _parcel(shown: ParcelView) -> Values:
    return {
        "carrier": shown.carrier_name,
        "number": shown.parcel.tracking,
        "delivered": shown.parcel.stage is Stage.DELIVERED,
    }
