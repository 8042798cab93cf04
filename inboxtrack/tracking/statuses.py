"""What carriers and look-up services call a step, as a stage: `statuses.json` beside this file maps them by data.

A status that is not mapped stays raw: it is `None` here, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from inboxtrack.model import Flag, Stage
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
