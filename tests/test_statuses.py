"""All statuses that carriers and look-up services are known to use map to a stage by data."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxtrack.app.attention import attention
from inboxtrack.config.settings import Settings
from inboxtrack.model import Flag, SourceKind, Stage
from inboxtrack.orders import fold
from inboxtrack.pipeline import correct
from inboxtrack.store import Store
from inboxtrack.tracking.carriers import load_json
from inboxtrack.tracking.statuses import Status, fact_of, stage_of, table
from tests.facts import LOOKUP, on, told

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


def test_a_status_is_a_fact_of_a_look_up() -> None:
    fact = fact_of("fedex_code", "OD", tracking="999000000011", carrier="fedex", at=on(0))
    assert fact is not None
    assert (fact.stage, fact.source.kind if fact.source else None) == (Stage.OUT_FOR_DELIVERY, SourceKind.LOOKUP)


def test_a_word_that_is_known_to_say_nothing_makes_no_fact() -> None:
    assert fact_of("upu_gtt", "DLV", tracking="RB123456785GB", carrier=None, at=on(0)) is None


def test_an_unmapped_status_is_kept_raw_listed_and_changes_nothing(tmp_path: Path) -> None:
    before = told("in_transit", 0, tracking="T1", by=LOOKUP)
    odd = fact_of("fedex_code", "Q7 teleported", tracking="T1", carrier="fedex", at=on(1))
    assert odd is not None
    assert (odd.stage, odd.text) == (Stage.UPDATE, "Q7 teleported")
    (with_it,), (without,) = fold([before, odd]).parcels, fold([before]).parcels
    assert (with_it.stage, with_it.stage_at, with_it.flags) == (without.stage, without.stage_at, without.flags)
    with Store(tmp_path) as store:
        with store.transaction() as tx:
            correct(odd, tx, on(1))
        assert [fact.text for fact in attention(store, Settings(), on(1)).unknown_statuses] == ["Q7 teleported"]
