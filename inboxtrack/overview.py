"""Orders as a person wants to see them: named, with carrier pages, advice and deadlines, what needs action first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from inboxtrack.model import Flag, Order, Parcel, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when the user may still do something. `until` is the last safe day in the user's zone."""

    policy: str
    what: str
    until: dt.date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """A parcel with its carrier's name and page; no page for unverified numbers or failed check digits."""

    parcel: Parcel
    carrier_name: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order ready to be shown. `urgency` sorts: the lower, the sooner something must be done.

    `flags` are those said by sources and those that follow from time; `advice` is one sentence, or None.
    """

    order: Order
    parcels: tuple[ParcelView, ...]
    retailer_name: str
    stage: Stage
    flags: frozenset[Flag]
    urgency: int
    advice: str | None = None
    deadlines: tuple[Deadline, ...] = ()
    link: str | None = None

    @property
    def delivered(self) -> int:
        """How many of its parcels are delivered."""
        return sum(view.parcel.stage is Stage.DELIVERED for view in self.parcels)
