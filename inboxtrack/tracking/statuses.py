"""What carriers and look-up services call a step, as a stage: `statuses.json` beside this file maps them by data.

A status that is not mapped stays raw: it is `None` here, never a guess.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from inboxtrack.model import Evidence, Fact, Flag, Source, SourceKind, Stage, Trust
from inboxtrack.tracking.carriers import load_json

_STAGES = {
    "pending": Stage.PREPARING,
    "info_received": Stage.PREPARING,
    "picked_up": Stage.SHIPPED,
    "available_for_pickup": Stage.READY_FOR_PICKUP,
    "expired": Stage.UPDATE,
    "unknown": Stage.UPDATE,
}


@dataclass(frozen=True, slots=True)
class Status:
    """A stage with the flags and the reason that the source's own word implies."""

    stage: Stage
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None


def _status(row: dict[str, Any] | None) -> Status | None:
    if row is None:
        return None
    stage = _STAGES.get(row["status"]) or Stage(row["status"])
    return Status(stage, frozenset(map(Flag, row.get("flags", ()))), row.get("reason"))


@cache
def table() -> dict[str, dict[str, Status | None]]:
    """Every service's statuses. None is a word that says nothing about the parcel's step."""
    return {
        service: {raw: _status(row) for raw, row in rows.items()}
        for service, rows in load_json("statuses.json").items()
    }


UNKNOWN_REASON = "unknown_status"
"""The reason of a fact whose status no row maps: `attention` lists it."""


def fact_of(service: str, raw: str, *, tracking: str, carrier: str | None, at: dt.datetime) -> Fact | None:
    """What a carrier or look-up service says of a number, as a fact.

    A word that no row maps is kept raw in `text` and changes nothing; None for a word that is known to say nothing
    about the step, such as a forecast.
    """
    status = stage_of(service, raw)
    if status is None and _is_known(service, raw):
        return None
    rule = f"status of {service}" if status else f"no row of {service} maps this status"
    found = status or Status(Stage.UPDATE, reason=UNKNOWN_REASON)
    evidence = tuple(Evidence(field, service, raw, rule) for field in ("stage", "flags", "reason"))
    number = Evidence("tracking", service, tracking, "the number that was asked for")
    return Fact(
        at=at,
        stage=found.stage,
        flags=found.flags,
        reason=found.reason,
        tracking=tracking,
        carrier=carrier,
        text=raw,
        trust=Trust.VERIFIED,
        source=Source(SourceKind.LOOKUP, service),
        key=f"{service}/{tracking}/{at.isoformat()}/{raw}",
        evidence=(*evidence, number),
    )


def _is_known(service: str, raw: str) -> bool:
    return raw in table().get(service, {})


def stage_of(service: str, raw: str) -> Status | None:
    """The status for a service's word ("fedex_code", "OD"); None when it is not mapped.

    Entries ending in `*` are for every longer word that begins so; Hermes' codes are known by their first four digits.
    """
    rows = table().get(service, {})
    if raw in rows:
        return rows[raw]
    if service == "hermes_de_code_prefix":
        return rows.get(raw[:4])
    return next((status for entry, status in rows.items() if entry.endswith("*") and raw.startswith(entry[:-1])), None)
