"""Until when the user may still do something, from `config/policies.toml`. Pure: `today` is an argument.

Every date is the earliest that can be defended: the event's day is day 0, the last day of a period is kept as a
reserve, and of several parcels the first delivered counts.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from inboxtrack.model import Order, Parcel, Stage
from inboxtrack.overview.silence import NOT_SHIPPED

REMINDED = "confirm_receipt"
"""The reason of a retailer's reminder that the order will soon be completed."""
COMPLAINTS = frozenset({"not_received", "damaged", "wrong", "lost"})
"""Reasons, said by the user or a carrier, for which a delivered order has not ended well."""

STEPS = (1, 3, 7)
"""Days before a deadline at which it is told."""
NEVER_CAME = frozenset({"not_received", "lost"})
"""Reasons of a problem for which what was said to be delivered is not here."""

_ROUTES = ("shop", "payment", "law")
_ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when the user may still do something. `until` is the last safe day in the user's zone.

    `told`: whether the user is to be reminded of it, or it is only shown. `check`: where to see if it holds.
    """

    policy: str
    what: str
    until: dt.date
    source: str
    check: str
    told: bool = False

    def step(self, today: dt.date) -> int | None:
        """The step of reminding that has been reached: 3 with 2 or 3 days left, 1 on the last two days."""
        days_left = (self.until - today).days
        return next((step for step in STEPS if 0 <= days_left <= step), None)

    def reminded_at(self, today: dt.date, zone: ZoneInfo) -> dt.datetime:
        """The beginning of the day on which the step that stands was reached."""
        day = self.until - dt.timedelta(days=self.step(today) or STEPS[-1])
        return dt.datetime.combine(day, dt.time(), tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One entry of the data file, which explains the fields. No retailer or no countries: all."""

    id: str
    what: str
    check: str
    clock: str
    days: int
    route: str
    source: str
    mark: str
    read_on: dt.date
    told: bool
    retailer: str | None = None
    countries: frozenset[str] = frozenset()
    when: str | None = None
    never_came: str | None = None


Moment = dt.datetime | None
Parcels = tuple[Parcel, ...]


def _delivered_at(order: Order, parcels: Parcels) -> Moment:
    times = (order.delivered_at, *(parcel.delivered_at for parcel in parcels))
    return min((time for time in times if time), default=None)


def _completed_at(order: Order, parcels: Parcels) -> Moment:
    return _delivered_at(order, parcels) or (order.stage_at if order.stage is Stage.CLOSED else None)


CLOCKS: Mapping[str, Callable[[Order, Parcels], Moment]] = {
    "ordered": lambda order, _: order.placed_at,
    "shipped": lambda order, _: order.shipped_at or order.placed_at,
    "delivered": _delivered_at,
    "completed": _completed_at,
    "reminded": lambda order, _: order.last_news_at if order.reason == REMINDED else None,
    "returning": lambda order, _: order.stage_at if order.stage is Stage.RETURNING else None,
}

_NOT_HERE = frozenset(Stage) - {Stage.DELIVERED, Stage.RETURNING, Stage.RETURNED, Stage.CANCELLED}

CONDITIONS: Mapping[str, Callable[[Order, Parcels], bool]] = {
    "delivered": lambda order, parcels: not never_came(order) and _delivered_at(order, parcels) is not None,
    "not_delivered": lambda order, parcels: order.stage in _NOT_HERE and not _all_delivered(parcels),
    "under_way": lambda order, parcels: order.stage in _NOT_HERE - {Stage.CLOSED} and not _all_delivered(parcels),
    "not_shipped": lambda order, _: order.stage in NOT_SHIPPED and order.shipped_at is None,
}


def never_came(order: Order) -> bool:
    """Whether it is not here, whatever was said of a delivery."""
    return order.stage is Stage.EXCEPTION and order.reason in NEVER_CAME


def _all_delivered(parcels: Parcels) -> bool:
    return bool(parcels) and all(parcel.stage is Stage.DELIVERED for parcel in parcels)


def parse_policies(data: Mapping[str, Any], overrides: Mapping[str, int] | None = None) -> tuple[Policy, ...]:
    """`config/policies.toml` with the user's own days by policy. Raises ValueError naming an unknown entry."""
    days = dict(overrides or {})
    policies = tuple(_policy(name, entry, data["groups"]) for name, entry in data["policy"].items())
    unknown = sorted(days.keys() - {policy.id for policy in policies})
    if unknown:
        near = difflib.get_close_matches(unknown[0], [policy.id for policy in policies], n=1, cutoff=0.5)
        raise ValueError(f"policies.{unknown[0]} is not known: {f'did you mean {near[0]}?' if near else 'take it out'}")
    own = (replace(policy, days=days.get(policy.id, policy.days)) for policy in policies)
    return tuple(sorted(own, key=lambda policy: _ROUTES.index(policy.route)))


def _policy(name: str, entry: Mapping[str, Any], groups: Mapping[str, list[str]]) -> Policy:
    countries = frozenset(one for country in entry.get("countries", ()) for one in groups.get(country, [country]))
    policy = Policy(**{**entry, "id": name, "countries": countries})
    if policy.clock not in CLOCKS or policy.route not in _ROUTES or (policy.when and policy.when not in CONDITIONS):
        raise ValueError(f"policies.{name}: its clock, route or when is not known: see the top of config/policies.toml")
    return policy


def applicable(policies: tuple[Policy, ...], retailer: str, home: str | None) -> tuple[Policy, ...]:
    """The policies for a retailer's customers in a country; "*" where the retailer has none for it."""
    own = [policy for policy in policies if policy.retailer in (None, retailer)]
    named = any(policy.retailer and home in policy.countries for policy in own)
    return tuple(p for p in own if not p.countries or home in p.countries or (_ANY in p.countries and not named))


def finished_well(order: Order) -> bool:
    """Whether nothing is left to be claimed: ended by the user, or delivered, returned or cancelled without a debt."""
    ended = order.stage in {Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED}
    return order.closed_by_user or (ended and not order.open and order.reason not in COMPLAINTS)


def deadlines(
    order: Order, parcels: Parcels, policies: tuple[Policy, ...], home: str | None, zone: ZoneInfo, today: dt.date
) -> tuple[Deadline, ...]:
    """What still may be done, the shop's own way first, then by payment, then by law; nothing that is past.

    Of ways that are open at one time the user is reminded of the first only: the shop's own is the one that pays.
    """
    found: list[Deadline] = []
    way = None if finished_well(order) or order.muted else ""
    for policy in applicable(policies, order.retailer, home):
        until = _until(policy, order, parcels, zone)
        if until is None or until < today:
            continue
        told = policy.told and way in ("", policy.route)
        way = policy.route if told else way
        found.append(_deadline(policy, order, until, told))
    return tuple(found)


def _deadline(policy: Policy, order: Order, until: dt.date, told: bool) -> Deadline:
    what = (policy.never_came if never_came(order) else None) or policy.what
    source = f"{policy.source} ({policy.mark} {policy.read_on.isoformat()}; {policy.check})"
    return Deadline(policy=policy.id, what=what, until=until, source=source, check=policy.check, told=told)


def _until(policy: Policy, order: Order, parcels: Parcels, zone: ZoneInfo) -> dt.date | None:
    start = CLOCKS[policy.clock](order, parcels)
    if start is None or (policy.when and not CONDITIONS[policy.when](order, parcels)):
        return None
    return start.astimezone(zone).date() + dt.timedelta(days=policy.days)
