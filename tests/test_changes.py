"""What is worth telling, and under which names."""

from __future__ import annotations

import pytest

from inboxtrack.changes import changes
from inboxtrack.model import Correction, Fact, News, NewsKind, Refund, RefundState, State, Trust
from inboxtrack.orders import fold
from tests.facts import CARRIER, USER, on, told


def news(before: list[Fact], *new: Fact) -> tuple[News, ...]:
    return changes(fold(before), fold([*before, *new]), on(99))


def kinds(before: list[Fact], *new: Fact) -> list[str]:
    return [f"{one.kind}:{one.what}" for one in news(before, *new)]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("placed", ["placed:placed"]),
        ("preparing", []),
        ("shipped", ["shipped:shipped"]),
        ("in_transit", ["shipped:shipped"]),
        ("out_for_delivery", ["out_for_delivery:out_for_delivery"]),
        ("attempt_failed", ["problem:attempt_failed"]),
        ("ready_for_pickup", ["ready_for_pickup:ready_for_pickup"]),
        ("exception", ["problem:exception"]),
        ("delivered", ["delivered:delivered"]),
        ("returning", ["return:returning"]),
        ("returned", ["return:returned"]),
        ("cancelled", ["cancelled:cancelled"]),
        ("closed", ["cancelled:closed"]),
        ("update", []),
    ],
)
def test_every_stage_says_whether_it_is_news(stage: str, expected: list[str]) -> None:
    assert kinds([], told(stage, 0, order="A")) == expected


def test_what_comes_together_is_told_once_as_it_now_is() -> None:
    assert kinds([], told("placed", 0, order="A"), told("shipped", 1, order="A", tracking="T1")) == ["shipped:shipped"]


def test_one_delivery_of_three_orders_is_one_piece_of_news() -> None:
    before = [told("in_transit", 0, order=o, tracking="T1", key=o) for o in "ABC"]
    (one,) = news(before, told("delivered", 1, tracking="T1", by=CARRIER))
    assert (one.kind, one.orders) == (NewsKind.DELIVERED, (("hismile", "A"), ("hismile", "B"), ("hismile", "C")))


def test_shipped_told_of_the_order_bears_a_name_that_the_parcels_news_shares() -> None:
    (first,) = news([], told("shipped", 0, order="A"))
    (second,) = news([], told("in_transit", 1, order="A", tracking="T1"))
    assert set(first.keys) & set(second.keys)


def test_the_second_parcel_of_an_order_is_news_of_its_own() -> None:
    before = [told("shipped", 0, order="A", tracking="T1")]
    first = news([], *before)
    (second,) = news(before, told("shipped", 1, order="A", tracking="T2"))
    assert not set(first[0].keys) & set(second.keys)


def test_news_of_a_parcel_keeps_its_name_when_the_order_is_known_later() -> None:
    before = [told("in_transit", 0, tracking="T1", by=CARRIER)]
    (first,) = news([], *before)
    assert news(before, told("shipped", -1, order="A", tracking="T1")) == ()
    assert any("parcel/T1/shipped" in key for key in first.keys)


def test_a_false_delivery_is_corrected_and_names_what_it_takes_back() -> None:
    before = [told("delivered", 0, order="A", tracking="T1")]
    scans = [told("in_transit", day, tracking="T1", by=CARRIER) for day in (1, 2)]
    (one,) = news(before, *scans)
    assert (one.kind, one.what, one.detail) == (NewsKind.CORRECTION, "not_delivered", "in_transit")
    assert set(news([], *before)[0].keys) <= {key for name, key in one.data if name == "retracts"}


def test_a_cancelled_order_that_still_arrives_is_told() -> None:
    before = [told("shipped", 0, order="A", tracking="T1"), told("cancelled", 1, order="A")]
    assert kinds(before, told("delivered", 2, tracking="T1", by=CARRIER)) == ["delivered:delivered"]


def test_delay_and_action_are_told_when_they_are_new() -> None:
    before = [told("in_transit", 0, order="A")]
    late = told("update", 1, order="A", flags=("delayed",))
    duty = told("update", 2, order="A", flags=("customs", "action_required"))
    assert kinds(before, late) == ["delay:delayed"]
    assert kinds([*before, late], duty) == ["problem:action_required"]
    assert kinds([*before, late, duty], told("update", 3, order="A", flags=("delayed",))) == []


def test_ready_for_pickup_is_not_told_twice_because_something_must_be_done() -> None:
    before = [told("in_transit", 0, order="A")]
    ready = told("ready_for_pickup", 1, order="A", flags=("action_required",))
    assert kinds(before, ready) == ["ready_for_pickup:ready_for_pickup"]


def test_a_refund_is_told_with_each_step() -> None:
    before = [told("cancelled", 0, order="A")]
    promised = told("update", 1, order="A", refund=Refund(RefundState.PROMISED))
    full = told("update", 2, order="A", refund=Refund(RefundState.FULL))
    assert kinds(before, promised) == ["refund:refund_promised"]
    assert kinds([*before, promised], full) == ["refund:refund_full"]


def test_nothing_is_told_of_a_muted_order() -> None:
    before = [told("shipped", 0, order="A"), told("update", 1, order="A", by=USER, correction=Correction.MUTE)]
    assert news(before, told("delivered", 2, order="A")) == ()


def test_an_unverified_delivery_is_no_news_and_the_real_one_is() -> None:
    before = [told("shipped", 0, order="A", tracking="T1")]
    spoof = told("delivered", 1, order="A", tracking="T1", trust=Trust.UNVERIFIED)
    assert news(before, spoof) == ()
    assert kinds([*before, spoof], told("delivered", 2, order="A", tracking="T1")) == ["delivered:delivered"]


def test_no_change_is_no_news() -> None:
    state = fold([told("shipped", 0, order="A")])
    assert changes(state, state, on(1)) == ()
    assert changes(State(), State(), on(1)) == ()
