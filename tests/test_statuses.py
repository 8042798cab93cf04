"""All statuses that carriers and look-up services are known to use map to a stage by data."""

from __future__ import annotations

import pytest

from inboxtrack.model import Flag, Stage
from inboxtrack.tracking.carriers import load_json
from inboxtrack.tracking.statuses import Status, stage_of, table

RAW = [(service, raw, row) for service, rows in load_json("statuses.json").items() for raw, row in rows.items()]
STAGES = {
    "pending": "preparing",
    "info_received": "preparing",
    "picked_up": "shipped",
    "available_for_pickup": "ready_for_pickup",
    "expired": "update",
    "unknown": "update",
}


def test_all_are_there() -> None:
    assert len(RAW) == 404
    assert len(table()) == 29


@pytest.mark.parametrize(("service", "raw", "row"), RAW, ids=[f"{service}:{raw}" for service, raw, _ in RAW])
def test_status_maps_by_data(service: str, raw: str, row: dict[str, str] | None) -> None:
    status = stage_of(service, raw)
    if row is None:
        assert status is None
        return
    assert status
    assert status.stage == STAGES.get(row["status"], row["status"])
    assert status.reason == row.get("reason")
    assert status.flags == frozenset(row.get("flags", ()))
    assert status.flags <= {Flag.DELAYED, Flag.CUSTOMS, Flag.ACTION_REQUIRED}


@pytest.mark.parametrize(
    ("service", "raw", "stage"),
    [
        ("cainiao_action_code", "LH_DEPART", Stage.IN_TRANSIT),
        ("cainiao_action_code", "CC_IM_FAILURE", Stage.EXCEPTION),
        ("hermes_de_code_prefix", "35004711", Stage.DELIVERED),
    ],
)
def test_families_of_codes(service: str, raw: str, stage: Stage) -> None:
    status = stage_of(service, raw)
    assert status
    assert status.stage is stage


@pytest.mark.parametrize(("service", "raw"), [("fedex_code", "ZZ"), ("nobody", "OD"), ("fedex_code", ""), ("x", "*")])
def test_unmapped_is_never_guessed(service: str, raw: str) -> None:
    assert stage_of(service, raw) is None


def test_flags_and_reason() -> None:
    expected = Status(Stage.IN_TRANSIT, frozenset({Flag.CUSTOMS, Flag.ACTION_REQUIRED}), "customs_documents")
    assert stage_of("17track_sub", "InTransit_CustomsRequiringInformation") == expected
