"""Time as a signal: what follows from nothing having been heard for too long. Pure: `now` is an argument.

The figures are data (`config/thresholds.toml`) and settings.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from inboxtrack.model import DateRange, Flag, Order, Parcel, RefundState, Stage

ENDED = frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED, Stage.CLOSED})
NOT_SHIPPED = frozenset({Stage.PLACED, Stage.PREPARING, Stage.UPDATE})
_REPORTED_HERE = frozenset({"damaged", "wrong"})
"""What the user says of goods that have come, whatever the mails said so far."""
_POSTAL_UNION = re.compile(r"[A-Z]{2}[0-9]{9}([A-Z]{2})")
_SPAN = re.compile(r"([0-9]+) (hours|days|business days)")
_COUNTRY_OF_ENDING = {"uk": "GB"}
_FRIDAY = 4


class Unit(StrEnum):
    """What a span is counted in."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business days"


@dataclass(frozen=True, slots=True)
class Span:
    """A time to wait. Days are days of the user's calendar: the clock time stays, also over a change of clocks."""

    count: int
    unit: Unit

    def after(self, start: dt.datetime, zone: ZoneInfo) -> dt.datetime:
        """When the span that began at `start` is over, in UTC."""
        if self.unit is Unit.HOURS:
            return start.astimezone(dt.UTC) + dt.timedelta(hours=self.count)
        local = start.astimezone(zone)
        days = _business_days(local.weekday(), self.count) if self.unit is Unit.BUSINESS_DAYS else self.count
        return (local + dt.timedelta(days=days)).astimezone(dt.UTC)


@cache
def _business_days(weekday: int, count: int) -> int:
    """How many calendar days after a weekday pass until `count` days from Monday to Friday have."""
    days = 0
    while count > 0:
        days += 1
        count -= (weekday + days) % 7 <= _FRIDAY
    return days


def parse_span(text: str) -> Span:
    """ "36 hours", "14 days" or "5 business days". Raises ValueError."""
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError(f'{text!r} is no time to wait: write "36 hours", "14 days" or "5 business days"')
    return Span(int(match[1]), Unit(match[2]))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Spans by "retailer.name" ("default.in_transit_domestic"), and where shops and carriers are at home."""

    spans: Mapping[str, Span]
    regions: Mapping[str, str]
    carrier_regions: Mapping[str, str]

    def span(self, name: str, retailer: str, domestic: bool) -> Span | None:
        """The span for a name, the retailer's own before the default, the scoped before the general."""
        scoped = f"{name}_domestic" if domestic else f"{name}_cross_border"
        for owner in (retailer, "default"):
            found = self.spans.get(f"{owner}.{scoped}") or self.spans.get(f"{owner}.{name}")
            if found:
                return found
        return None


def parse_thresholds(data: Mapping[str, Any], overrides: Mapping[str, int | str] | None = None) -> Thresholds:
    """`config/thresholds.toml` with the user's own figures; a plain number keeps the unit. Raises ValueError."""
    places = {"regions", "carrier_regions"}
    spans = {
        f"{owner}.{name}": parse_span(text)
        for owner, table in data.items()
        if owner not in places
        for name, text in table.items()
    }
    for name, wanted in (overrides or {}).items():
        for key, unit in _overridden(name, spans).items():
            spans[key] = parse_span(wanted) if isinstance(wanted, str) else Span(wanted, unit)
    return Thresholds(spans, data["regions"], data["carrier_regions"])


def _overridden(name: str, spans: Mapping[str, Span]) -> dict[str, Unit]:
    """The spans that the user's figure stands for, and what it is counted in: "in_transit" is that of both scopes."""
    owner, _, figure = name.rpartition(".")
    for place in (owner or "default", "default"):
        keys = (f"{place}.{figure}", f"{place}.{figure}_domestic", f"{place}.{figure}_cross_border")
        found = {key: spans[key].unit for key in keys if key in spans}
        if found and place == (owner or "default"):
            return found
        if found:
            return {name: list(found.values())[-1]}
    near = difflib.get_close_matches(name, [*spans, *(key.removeprefix("default.") for key in spans)], n=1, cutoff=0.5)
    raise ValueError(f"thresholds.{name} is not known: {f'did you mean {near[0]}?' if near else 'take it out'}")


def is_domestic(order: Order, parcels: Iterable[Parcel], home: str | None, thresholds: Thresholds) -> bool:
    """Whether all that is known about an order lies in the user's home country; nothing known means no."""
    return home is not None and set(_regions(order, parcels, thresholds)) == {home}


def _regions(order: Order, parcels: Iterable[Parcel], thresholds: Thresholds) -> Iterator[str]:
    for name in (order.retailer, order.site, *order.shop):
        ending = name.rpartition(".")[2] if "." in name and "/" not in name else ""
        country = _COUNTRY_OF_ENDING.get(ending, ending.upper())
        if name in thresholds.regions:
            yield thresholds.regions[name]
        elif len(country) == 2:
            yield country
    for parcel in parcels:
        if parcel.carrier and parcel.carrier in thresholds.carrier_regions:
            yield thresholds.carrier_regions[parcel.carrier]
        yield from (match[1] for number in parcel.numbers if (match := _POSTAL_UNION.fullmatch(number.value)))


class Silence(StrEnum):
    """What silence means."""

    NEVER_SHIPPED = "never_shipped"
    STALLED = "stalled"
    OVERDUE = "overdue"
    PICKUP_WAITING = "pickup_waiting"
    REFUND_OVERDUE = "refund_overdue"
    GIVEN_UP = "given_up"


FLAG_OF = {
    Silence.NEVER_SHIPPED: Flag.NEVER_SHIPPED,
    Silence.STALLED: Flag.STALLED,
    Silence.OVERDUE: Flag.OVERDUE,
    Silence.PICKUP_WAITING: Flag.ACTION_REQUIRED,
    Silence.REFUND_OVERDUE: Flag.OVERDUE,
    Silence.GIVEN_UP: Flag.GIVEN_UP,
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One conclusion from silence: what, since when it holds, and since when nothing was heard (both UTC)."""

    what: Silence
    since: dt.datetime
    quiet_since: dt.datetime
    parcel: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What the user's settings say about waiting."""

    zone: ZoneInfo
    home_country: str | None
    thresholds: Thresholds


def signals(order: Order, parcels: tuple[Parcel, ...], now: dt.datetime, watch: Watch) -> tuple[Signal, ...]:
    """What an open order's silence means at `now`; a given-up order is only given up."""
    if not order.open:
        return ()
    waiting = _Waiting(order, parcels, is_domestic(order, parcels, watch.home_country, watch.thresholds), watch)
    found = [signal for signal in waiting.signals() if signal.since <= now]
    given_up = [signal for signal in found if signal.what is Silence.GIVEN_UP]
    return tuple(given_up or found)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One open order and what it waits for."""

    order: Order
    parcels: tuple[Parcel, ...]
    domestic: bool
    watch: Watch

    def signals(self) -> Iterator[Signal]:
        moving = [parcel for parcel in self.parcels if parcel.stage not in ENDED]
        if self.order.stage not in ENDED and not _is_here(self.order):
            if self.order.stage in NOT_SHIPPED and self.order.shipped_at is None:
                yield from self._over(Silence.NEVER_SHIPPED, "dispatch", self.order.placed_at or self.order.stage_at)
            else:
                yield from self._stalled(moving)
            yield from self._overdue(moving)
        yield from self._refund_overdue()
        yield from self._given_up()

    def _over(self, what: Silence, name: str, start: dt.datetime | None, parcel: str | None = None) -> Iterator[Signal]:
        span = start and self.watch.thresholds.span(name, self.order.retailer, self.domestic)
        if start and span:
            yield Signal(what, span.after(start, self.watch.zone), start, parcel)

    def _stalled(self, moving: list[Parcel]) -> Iterator[Signal]:
        for parcel in moving:
            customs = Flag.CUSTOMS in parcel.flags and parcel.stage is Stage.IN_TRANSIT
            name = "customs" if customs else parcel.stage.value
            yield from self._quiet(parcel.stage, name, _newest(parcel.last_news_at, parcel.stage_at), parcel)
        if not moving:
            stage = self.order.stage
            yield from self._quiet(stage, stage.value, _newest(self.order.last_news_at, self.order.stage_at))

    def _quiet(
        self, stage: Stage, name: str, start: dt.datetime | None, parcel: Parcel | None = None
    ) -> Iterator[Signal]:
        what = Silence.PICKUP_WAITING if stage is Stage.READY_FOR_PICKUP else Silence.STALLED
        shipped_at = parcel.shipped_at if parcel else self.order.shipped_at
        for signal in self._over(what, name, start, parcel.id if parcel else None):
            grace = self._over(what, "not_active_yet", shipped_at if stage is Stage.SHIPPED else None)
            since = max((signal.since, *(active.since for active in grace)))
            yield Signal(what, since, signal.quiet_since, signal.parcel)

    def _overdue(self, moving: list[Parcel]) -> Iterator[Signal]:
        if moving and all(parcel.stage is Stage.READY_FOR_PICKUP for parcel in moving):
            return
        eta = _latest([self.order.eta, *(parcel.eta for parcel in moving)])
        if eta is None:
            yield from self._over(Silence.OVERDUE, "delivery", self.order.shipped_at)
            return
        midnight = dt.datetime.combine(eta + dt.timedelta(days=1), dt.time(), tzinfo=self.watch.zone)
        yield Signal(Silence.OVERDUE, midnight.astimezone(dt.UTC), midnight.astimezone(dt.UTC))

    def _refund_overdue(self) -> Iterator[Signal]:
        if self.order.refund and self.order.refund.state is not RefundState.ARRIVED:
            yield from self._over(Silence.REFUND_OVERDUE, "refund", self.order.refund_at)

    def _given_up(self) -> Iterator[Signal]:
        for signal in self._over(Silence.GIVEN_UP, "give_up", _newest(self.order.last_news_at, self.order.stage_at)):
            expected = [overdue.since for overdue in (self._overdue([]) if self.order.eta else ())]
            yield Signal(signal.what, max([signal.since, *expected]), signal.quiet_since)


def _is_here(order: Order) -> bool:
    return Flag.ACTION_REQUIRED in order.flags and order.reason in _REPORTED_HERE


def _latest(ranges: Iterable[DateRange | None]) -> dt.date | None:
    return max((days.last for days in ranges if days), default=None)


def _newest(*times: dt.datetime | None) -> dt.datetime | None:
    return max((time for time in times if time), default=None)
