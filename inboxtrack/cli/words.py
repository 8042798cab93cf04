"""How stages, flags, days and ages are said on a terminal."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from inboxtrack.model import DateRange, Flag, Money, Outcome, Refund, RefundState, Stage

if TYPE_CHECKING:
    from inboxtrack.overview import OrderView, ParcelView

STAGE_WORDS = {
    Stage.PLACED: "placed",
    Stage.PREPARING: "being prepared",
    Stage.SHIPPED: "shipped",
    Stage.IN_TRANSIT: "in transit",
    Stage.OUT_FOR_DELIVERY: "out for delivery",
    Stage.ATTEMPT_FAILED: "delivery attempt failed",
    Stage.READY_FOR_PICKUP: "ready for pick-up",
    Stage.EXCEPTION: "problem",
    Stage.DELIVERED: "delivered",
    Stage.RETURNING: "on its way back",
    Stage.RETURNED: "returned",
    Stage.CANCELLED: "cancelled",
    Stage.CLOSED: "closed",
    Stage.UPDATE: "news",
}
_WORDS_FOR_A_REASON: dict[tuple[Stage, str | None], str] = {
    (Stage.DELIVERED, "neighbour"): "with a neighbour",
    (Stage.RETURNING, "return_approved"): "return approved",
}
STAGE_COLOURS = {
    Stage.PLACED: "bright_black",
    Stage.PREPARING: "bright_black",
    Stage.SHIPPED: "cyan",
    Stage.IN_TRANSIT: "cyan",
    Stage.OUT_FOR_DELIVERY: "bold green",
    Stage.ATTEMPT_FAILED: "bold red",
    Stage.READY_FOR_PICKUP: "bold yellow",
    Stage.EXCEPTION: "bold red",
    Stage.DELIVERED: "green",
    Stage.RETURNING: "magenta",
    Stage.RETURNED: "magenta",
    Stage.CANCELLED: "red",
    Stage.CLOSED: "bright_black",
    Stage.UPDATE: "cyan",
}
FLAG_WORDS = {
    Flag.DELAYED: "delayed",
    Flag.CUSTOMS: "at customs",
    Flag.ACTION_REQUIRED: "needs you",
    Flag.STALLED: "no news for long",
    Flag.NEVER_SHIPPED: "not shipped yet",
    Flag.OVERDUE: "overdue",
    Flag.GIVEN_UP: "given up",
}
REFUND_WORDS = {
    RefundState.PROMISED: "refund promised",
    RefundState.PARTIAL: "part of the refund sent",
    RefundState.FULL: "refund sent",
    RefundState.ARRIVED: "refund arrived",
}
OUTCOME_WORDS = {
    Outcome.READ: "read",
    Outcome.IGNORED: "no order news",
    Outcome.UNREAD: "could not be read",
    Outcome.FOREIGN: "no order mail that is known here",
    Outcome.QUARANTINED: "refused",
    Outcome.FAILED: "failed",
}
REPORT_WORDS = {"not-received": "not received", "damaged": "damaged", "wrong": "not what was ordered"}


def counted(number: int, noun: str) -> str:
    """So many of a thing: "1 mail", "2 mails"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def order_name(view: OrderView) -> str:
    """The order as people call it: the retailer's name and the number."""
    return f"{view.retailer_name} {view.order.number}"


def reason(text: str) -> str:
    """Why a mail came out as it did, for a person."""
    return "it names no order or parcel number" if text.endswith(" mail without a number") else text


def stage(what: Stage, reason: str | None) -> str:
    """A stage in a word or two, which a reason may make another one."""
    return _WORDS_FOR_A_REASON.get((what, reason), STAGE_WORDS[what])


def status(view: OrderView) -> str:
    """Where an order is, in a word or two."""
    return stage(view.stage, view.order.reason)


def remarks(view: OrderView, zone: dt.tzinfo | None = None) -> str:
    """What stands beside the stage: how much is delivered, flags, refund, what is still to come, an unproven sender."""
    known = set() if view.needs_a_look else {Flag.ACTION_REQUIRED}
    said = [_flag(flag, view, zone) for flag in Flag if flag in view.flags - known]
    if 0 < view.delivered < len(view.parcels):
        said.insert(0, f"{view.delivered} of {len(view.parcels)} delivered")
    if view.order.refund:
        said.append(refund(view.order.refund))
    if view.order.more_to_come:
        said.append("more to come")
    if view.order.trust != "verified":
        said.append("unverified sender")
    if view.order.muted:
        said.append("muted")
    return ", ".join(said)


def _flag(flag: Flag, view: OrderView, zone: dt.tzinfo | None) -> str:
    """A flag; of an order with one parcel or none also since when it is silent."""
    heard = view.order.last_news_at
    if flag is Flag.STALLED and heard and len(view.parcels) < 2:
        day = heard.astimezone(zone)
        return f"no news since {day.day} {day:%b}"
    return FLAG_WORDS[flag]


def goods(view: OrderView, length: int = 22) -> str:
    """What was ordered, in so many characters: the first item, and how many more; empty when it is not known."""
    items = view.order.items
    if not items:
        return ""
    more = f" +{len(items) - 1}" if len(items) > 1 else ""
    title, room = items[0].title, length - len(more)
    return (title if len(title) <= room else title[: room - 1].rstrip() + "…") + more


def carrier_and_number(view: ParcelView) -> str:
    """A parcel in a few words."""
    return f"{view.carrier_name} {view.parcel.tracking}" if view.carrier_name else view.parcel.tracking


def refund(refund: Refund) -> str:
    """How far a refund is, with its amount where that was said."""
    return REFUND_WORDS[refund.state] + (f" {money(refund.amount)}" if refund.amount else "")


def money(amount: Money) -> str:
    """An amount with its currency code, as it stands in a bank statement."""
    return f"{amount.amount:,.2f} {amount.currency}"


def day(date: dt.date, today: dt.date) -> str:
    """A day as one says it: today, tomorrow, "Tue 24 Nov", with the year when it is another."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((date - today).days)
    year = f" {date.year}" if date.year != today.year else ""
    return near or f"{date:%a} {date.day} {date:%b}{year}"


def days(eta: DateRange | None, today: dt.date) -> str:
    """Expected days: one of them, or from the first to the last; empty when nothing is expected."""
    if eta is None:
        return ""
    if eta.first == eta.last:
        return day(eta.last, today)
    year = f" {eta.last.year}" if eta.last.year != today.year else ""
    if (eta.first.year, eta.first.month) == (eta.last.year, eta.last.month):
        return f"{eta.first.day}–{eta.last.day} {eta.last:%b}{year}"
    return f"{eta.first.day} {eta.first:%b} – {eta.last.day} {eta.last:%b}{year}"


def age(since: dt.datetime | None, now: dt.datetime) -> str:
    """How long ago: "now", "5 min", "3 h", "2 d"; empty when it is not known."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"


def expected(view: OrderView) -> DateRange | None:
    """When an order's next parcel is expected: the earliest of those not yet delivered, else what the order says."""
    waiting = [p.parcel.eta for p in view.parcels if p.parcel.eta and p.parcel.stage is not Stage.DELIVERED]
    return min(waiting, key=lambda eta: eta.first) if waiting else view.order.eta
