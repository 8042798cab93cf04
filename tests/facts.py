"""Facts for tests, written short: `told("shipped", day=2, order="A1")`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from inboxtrack.model import Evidence, Fact, Flag, Number, Role, Source, SourceKind, Stage, Trust

DAY0 = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
RETAILER, CARRIER, LOOKUP, USER = (
    SourceKind.RETAILER_MAIL,
    SourceKind.CARRIER_MAIL,
    SourceKind.LOOKUP,
    SourceKind.USER,
)


def on(day: float) -> dt.datetime:
    """A time, in days after the tests' first day."""
    return DAY0 + dt.timedelta(days=day)


def told(stage: str, day: float, *, by: SourceKind = RETAILER, key: str = "", **fields: Any) -> Fact:
    """A fact that a source told on a day; verified unless said otherwise, about a shop unless a carrier speaks."""
    if "retailer" not in fields and (by is RETAILER or fields.get("order")):
        fields["retailer"] = "hismile"
    fields["also"] = tuple(Number(v, Role(r)) for v, r in fields.get("also", ()))
    fields["flags"] = frozenset(Flag(flag) for flag in fields.get("flags", ()))
    name = key or "/".join(map(str, (by, stage, day, fields.get("order"), fields.get("tracking"))))
    return Fact(
        at=on(day),
        received_at=on(day),
        stage=Stage(stage),
        source=Source(by, name),
        key=name,
        trust=fields.pop("trust", Trust.VERIFIED),
        evidence=(Evidence("stage", "subject", stage, "test"),),
        **fields,
    )
