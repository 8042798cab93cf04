"""Nothing is shown that cannot be explained: facts bear their evidence, links their reason, stages their facts."""

from __future__ import annotations

from functools import cache

import pytest

from inboxtrack.app.corrections import added, correction
from inboxtrack.model import Correction, Coverage, Fact, Order, Parcel, Reading, Stage
from inboxtrack.orders import fold
from inboxtrack.reader import Context, read
from tests.conftest import FIXTURES
from tests.random_facts import facts
from tests.story_language import on

TOLD = (
    "seller",
    "order",
    "tracking",
    "also",
    "carrier",
    "stage",
    "flags",
    "reason",
    "coverage",
    "refund",
    "eta",
    "items",
    "total",
)
"""What a mail says. Who its shop is follows from the sender, which every line of `show` names."""
NOT_SAID = {None, (), frozenset(), Coverage.ALL}
SETS = 300


@cache
def readings() -> dict[str, Reading]:
    mails = sorted(FIXTURES.rglob("*.eml"))
    return {str(path.relative_to(FIXTURES)): read(path.read_bytes(), Context()) for path in mails}


def unexplained(fact: Fact) -> list[str]:
    explained = {evidence.field for evidence in fact.evidence if evidence.rule}
    return [name for name in TOLD if getattr(fact, name) not in NOT_SAID and name not in explained]


def test_no_fact_of_any_mail_is_without_evidence() -> None:
    lacking = {
        f"{name}: {field}"
        for name, reading in readings().items()
        for fact in reading.facts
        for field in unexplained(fact)
    }
    assert not lacking
    assert sum(len(reading.facts) for reading in readings().values()) > 200


def test_evidence_names_the_place_and_is_short() -> None:
    for name, reading in readings().items():
        for evidence in (evidence for fact in reading.facts for evidence in fact.evidence):
            assert evidence.where, name
            assert len(evidence.text) <= 200, name


@pytest.mark.parametrize("kind", [kind for kind in Correction if kind not in (Correction.REPORT, Correction.UNDO)])
def test_what_the_user_says_is_explained_by_the_command(kind: Correction) -> None:
    said = correction(kind, ("hismile", "AU1001"), "T1", on(1))
    assert {"order", "stage"} <= {evidence.field for evidence in said.evidence}
    assert all("AU1001" in evidence.text for evidence in said.evidence)


def test_an_order_added_by_hand_is_explained() -> None:
    assert {evidence.field for evidence in added("hismile", "AU1001", "T1", on(1)).evidence} == {
        "retailer",
        "order",
        "tracking",
    }


@pytest.mark.parametrize("seed", range(SETS))
def test_every_link_and_every_stage_goes_back_to_facts(seed: int) -> None:
    given = {fact.key: fact for fact in facts(seed)}
    state = fold(given.values())
    for parcel in state.parcels:
        orders = [order for order in state.orders if order.id in parcel.orders]
        assert_linked(parcel, given)
        assert_said(parcel.stage, [*parcel.fact_keys, *(key for order in orders for key in order.fact_keys)], given)
    for order in state.orders:
        parcels = [parcel for parcel in state.parcels if order.id in parcel.orders]
        assert_said_of(order, parcels, given)


def assert_linked(parcel: Parcel, given: dict[str, Fact]) -> None:
    assert all(link.reason and link.fact_key in given for link in parcel.links)
    assert {number.value for number in parcel.numbers} <= {link.number for link in parcel.links}
    assert set(parcel.orders) <= {link.order for link in parcel.links}


def assert_said(stage: Stage, told: list[str], given: dict[str, Fact]) -> None:
    """A stage is what a fact says; `shipped` may follow from any later step of an order, `update` is nobody's word."""
    said = {given[key].stage for key in told}
    assert stage in said or stage is Stage.UPDATE or (stage is Stage.SHIPPED and said), stage


def assert_said_of(order: Order, parcels: list[Parcel], given: dict[str, Fact]) -> None:
    told = [*order.fact_keys, *(key for parcel in parcels for key in parcel.fact_keys)]
    computed = order.more_to_come or order.closed_by_user or order.stage in {parcel.stage for parcel in parcels}
    if not computed:
        assert_said(order.stage, told, given)
