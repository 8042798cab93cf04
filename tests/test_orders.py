"""The fold, row by row of DESIGN's state table and rule by rule of what follows it."""

from __future__ import annotations

import itertools
import random

import pytest

from inboxtrack.model import Correction, Coverage, Fact, Flag, Order, Refund, RefundState, Role, Stage, State, Trust
from inboxtrack.orders import fold, provisional
from tests.facts import CARRIER, LOOKUP, USER, on, told

WAY = ["shipped", "in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup", "exception"]
EVERY = [stage.value for stage in Stage if stage is not Stage.UPDATE]


def only_order(facts: list[Fact]) -> Order:
    (order,) = fold(facts).orders
    return order


def stages(*facts: Fact) -> Stage:
    return only_order(list(facts)).stage


@pytest.mark.parametrize(("first", "then"), list(itertools.product(["placed", "preparing"], EVERY)))
def test_before_shipping_anything_follows_but_nothing_goes_back(first: str, then: str) -> None:
    expected = first if (first, then) == ("preparing", "placed") else then
    assert stages(told(first, 0, order="A"), told(then, 1, order="A")) == expected


@pytest.mark.parametrize(("first", "then"), list(itertools.product(WAY, EVERY)))
def test_on_the_way(first: str, then: str) -> None:
    refused = then in ("placed", "preparing") or (then == "shipped" and first != "shipped")
    assert stages(told(first, 0, order="A"), told(then, 1, order="A")) == (first if refused else then)


@pytest.mark.parametrize("then", EVERY)
def test_delivered_is_left_only_by_a_return(then: str) -> None:
    expected = then if then in ("returning", "returned") else "delivered"
    assert stages(told("delivered", 0, order="A"), told(then, 1, order="A")) == expected


@pytest.mark.parametrize("by", [CARRIER, LOOKUP])
def test_two_newer_scans_take_a_false_delivery_back(by: object) -> None:
    first = told("delivered", 0, order="A", tracking="T1")
    scans = [told("in_transit", 1, tracking="T1", by=by), told("out_for_delivery", 2, tracking="T1", by=by)]  # type: ignore[arg-type]
    assert stages(first, scans[0]) is Stage.DELIVERED
    assert stages(first, scans[0], scans[0]) is Stage.DELIVERED
    assert stages(first, *scans) is Stage.OUT_FOR_DELIVERY


def test_the_retailer_never_reopens_a_delivery() -> None:
    late = [told("in_transit", day, order="A", tracking="T1") for day in (1, 2, 3)]
    assert stages(told("delivered", 0, order="A", tracking="T1"), *late) is Stage.DELIVERED


@pytest.mark.parametrize("end", ["cancelled", "closed"])
def test_an_ended_order_is_reopened_by_a_carrier_scan_alone(end: str) -> None:
    start = [told("shipped", 0, order="A", tracking="T1"), told(end, 1, order="A", tracking="T1")]
    assert stages(*start, told("in_transit", 2, order="A", tracking="T1")) == end
    assert stages(*start, told("in_transit", 2, tracking="T1", by=CARRIER)) is Stage.IN_TRANSIT
    assert stages(*start, told("delivered", 2, tracking="T1", by=CARRIER)) is Stage.DELIVERED


@pytest.mark.parametrize("then", EVERY)
def test_returned_is_left_by_nothing(then: str) -> None:
    facts = [told("returned", 0, tracking="T1", order="A"), told(then, 1, tracking="T1", order="A", by=CARRIER)]
    assert stages(*facts) is Stage.RETURNED


def test_an_update_moves_nothing_but_the_last_news() -> None:
    order = only_order([told("shipped", 0, order="A"), told("update", 3, order="A")])
    assert (order.stage, order.stage_at, order.last_news_at) == (Stage.SHIPPED, on(0), on(3))


def test_at_equal_times_the_carrier_outranks_the_retailer() -> None:
    facts = [told("ready_for_pickup", 1, tracking="T1", by=CARRIER), told("in_transit", 1, order="A", tracking="T1")]
    assert stages(*facts) is Stage.READY_FOR_PICKUP


def test_facts_about_the_order_alone_raise_its_parcels_to_shipped_at_most() -> None:
    state = fold([told("preparing", 0, order="A", tracking="T1"), told("out_for_delivery", 1, order="A")])
    assert state.parcels[0].stage is Stage.SHIPPED


def test_an_order_stands_at_its_slowest_open_parcel() -> None:
    facts = [told("shipped", 0, order="A", tracking=t) for t in ("T1", "T2")]
    facts.append(told("delivered", 2, tracking="T1", by=CARRIER))
    assert only_order(facts).stage is Stage.SHIPPED
    assert only_order([*facts, told("delivered", 3, tracking="T2", by=CARRIER)]).stage is Stage.DELIVERED


def test_the_end_of_an_order_stands_unless_a_newer_carrier_fact_objects() -> None:
    facts = [told("shipped", 0, order="A", tracking="T1"), told("closed", 5, order="A")]
    assert only_order(facts).stage is Stage.CLOSED
    assert only_order([*facts, told("in_transit", 4, tracking="T1", by=CARRIER)]).stage is Stage.CLOSED
    assert only_order([*facts, told("in_transit", 6, tracking="T1", by=CARRIER)]).stage is Stage.IN_TRANSIT


def test_some_items_keep_an_order_open_until_the_rest_is_told() -> None:
    some = told("shipped", 0, order="A", tracking="T1", coverage=Coverage.SOME)
    done = told("delivered", 1, tracking="T1", by=CARRIER)
    waiting = only_order([some, done])
    assert (waiting.stage, waiting.open, waiting.more_to_come) == (Stage.PREPARING, True, True)
    rest = told("shipped", 2, order="A", tracking="T2", coverage=Coverage.REST)
    assert not only_order([some, done, rest, told("delivered", 3, tracking="T2", by=CARRIER)]).open


def test_a_carriers_mail_before_the_order_is_a_provisional_order() -> None:
    alone = provisional(fold([told("in_transit", 0, tracking="T1", by=CARRIER)]))
    assert [(o.retailer, o.number, o.stage) for o in alone.orders] == [("parcel", "T1", Stage.IN_TRANSIT)]
    known = provisional(
        fold([told("in_transit", 0, tracking="T1", by=CARRIER), told("shipped", 1, order="A", tracking="T1")])
    )
    assert [(o.retailer, o.number, o.stage) for o in known.orders] == [("hismile", "A", Stage.IN_TRANSIT)]


def test_one_parcel_can_carry_three_orders() -> None:
    facts = [told("in_transit", 0, order=o, tracking="T1", key=o) for o in "ABC"]
    state = fold([*facts, told("delivered", 1, tracking="T1", by=CARRIER)])
    assert [o.stage for o in state.orders] == [Stage.DELIVERED] * 3
    assert state.parcels[0].orders == (("hismile", "A"), ("hismile", "B"), ("hismile", "C"))


def test_a_number_used_again_after_120_days_is_a_new_parcel() -> None:
    old = [told("delivered", 0, order="A", tracking="T1")]
    state = fold([*old, told("shipped", 121, order="B", tracking="T1")])
    assert [(p.id, p.stage) for p in state.parcels] == [("T1", Stage.DELIVERED), ("T1~2", Stage.SHIPPED)]
    assert len(fold([*old, told("update", 119, tracking="T1", order="A")]).parcels) == 1


LP = {"tracking": "LP1", "tracking_role": Role.RETAILER_PARCEL}


def test_a_retailers_number_is_superseded_by_the_carriers_and_taken_back_when_it_speaks_again() -> None:
    facts = [told("in_transit", 0, order="A", **LP), told("in_transit", 5, order="A", tracking="C1")]
    (parcel,) = fold(facts).parcels
    assert (parcel.tracking, parcel.superseded) == ("C1", {"LP1"})
    assert any("fell silent" in link.reason for link in parcel.links)
    again = fold([*facts, told("in_transit", 6, order="A", **LP)])
    assert {p.id for p in again.parcels} == {"LP1", "C1"}


def test_two_silent_numbers_and_one_new_one_are_not_guessed() -> None:
    lp2 = LP | {"tracking": "LP2"}
    facts = [told("in_transit", 0, order="A", **LP), told("in_transit", 0, order="A", **lp2)]
    assert len(fold([*facts, told("in_transit", 5, order="A", tracking="C1")]).parcels) == 3


def test_an_unverified_fact_changes_nothing_that_is_verified_and_links_nothing() -> None:
    real = [told("shipped", 0, order="A", tracking="T1")]
    spoof = told("delivered", 1, order="A", tracking="T9", trust=Trust.UNVERIFIED)
    state = fold([*real, spoof])
    assert (state.orders[0].stage, state.orders[0].parcels) == (Stage.SHIPPED, ("T1",))
    assert spoof.key in state.orders[0].fact_keys
    assert [p.orders for p in state.parcels if p.id == "T9"] == [()]


def test_an_unverified_order_is_marked_keeps_its_number_and_never_ends() -> None:
    facts = [told("shipped", 0, order="A", tracking="T1", trust=Trust.UNVERIFIED)]
    facts.append(told("delivered", 1, order="A", tracking="T1", trust=Trust.UNVERIFIED))
    order = only_order(facts)
    assert (order.trust, order.stage, order.parcels, order.open) == (Trust.UNVERIFIED, Stage.SHIPPED, ("T1",), True)


def test_a_mail_the_user_forwards_may_advance_but_not_end() -> None:
    real = told("shipped", 0, order="A")
    forwarded = {"trust": Trust.UNVERIFIED, "may_advance": True}
    assert stages(real, told("out_for_delivery", 1, order="A", **forwarded)) is Stage.OUT_FOR_DELIVERY
    assert stages(real, told("delivered", 1, order="A", **forwarded)) is Stage.SHIPPED


def test_failed_mail_is_not_there() -> None:
    assert fold([told("delivered", 0, order="A", trust=Trust.FAILED)]) == State()


def user(kind: Correction, day: float, **fields: object) -> Fact:
    return told("update", day, by=USER, correction=kind, key=f"{kind}{day}", **fields)


def test_the_user_links_splits_and_takes_it_back() -> None:
    facts = [told("shipped", 0, order="A"), told("in_transit", 1, tracking="T1", by=CARRIER)]
    link = user(Correction.LINK, 2, order="A", tracking="T1")
    assert only_order([*facts, link]).parcels == ("T1",)
    split = user(Correction.SPLIT, 3, order="A", tracking="T1")
    assert only_order([*facts, link, split]).parcels == ()
    undo = user(Correction.UNDO, 4, order="A", text=split.key)
    assert only_order([*facts, link, split, undo]).parcels == ("T1",)
    again = user(Correction.UNDO, 5, order="A", text=undo.key)
    assert only_order([*facts, link, split, undo, again]).parcels == ()


def test_the_user_closes_and_no_scan_reopens() -> None:
    facts = [told("shipped", 0, order="A", tracking="T1"), user(Correction.CLOSE, 1, order="A")]
    order = only_order([*facts, told("in_transit", 2, tracking="T1", by=CARRIER)])
    assert not order.open


def test_not_received_makes_a_delivery_an_exception() -> None:
    facts = [told("delivered", 0, order="A", tracking="T1")]
    report = told("exception", 1, by=USER, order="A", correction=Correction.REPORT, flags=("action_required",))
    order = only_order([*facts, report])
    assert (order.stage, order.open, order.flags) == (Stage.EXCEPTION, True, {Flag.ACTION_REQUIRED})


def test_a_damaged_delivery_stays_delivered_and_is_open_until_acknowledged() -> None:
    facts = [told("delivered", 0, order="A", tracking="T1")]
    report = told("update", 1, by=USER, order="A", correction=Correction.REPORT, flags=("action_required",))
    assert only_order([*facts, report]).open
    assert not only_order([*facts, report, user(Correction.ACK, 2, order="A")]).open


def test_mute_and_notes() -> None:
    order = only_order(
        [
            told("placed", 0, order="A"),
            user(Correction.MUTE, 1, order="A"),
            user(Correction.NOTE, 2, order="A", text="x"),
        ]
    )
    assert (order.muted, order.notes) == (True, ("x",))


def test_a_promised_refund_keeps_a_cancelled_order_open() -> None:
    refund = Refund(RefundState.PROMISED)
    facts = [told("cancelled", 0, order="A"), told("update", 1, order="A", refund=refund)]
    assert only_order(facts).open
    arrived = told("update", 2, order="A", refund=Refund(RefundState.ARRIVED))
    assert not only_order([*facts, arrived]).open


def test_one_shop_under_its_domain_and_its_id() -> None:
    shop = ("shop.example", "shopify:1")
    facts = [
        told("placed", 0, order="#7", retailer="shopify:1", key="a"),
        told("shipped", 1, order="#7", retailer="shop.example", shop=shop, key="b"),
    ]
    order = only_order(facts)
    assert (order.retailer, order.stage) == ("shop.example", Stage.SHIPPED)


def test_the_same_order_name_in_two_shops_is_two_orders() -> None:
    facts = [told("placed", 0, order="1001", retailer=shop) for shop in ("a.example", "b.example")]
    assert len(fold(facts).orders) == 2


def test_trouble_counts_until_progress_is_newer() -> None:
    facts = [told("in_transit", 0, order="A"), told("update", 1, order="A", flags=("delayed",))]
    assert only_order(facts).flags == {Flag.DELAYED}
    assert only_order([*facts, told("in_transit", 2, order="A")]).flags == frozenset()


def test_neither_order_of_arrival_nor_repetition_counts() -> None:
    facts = [
        told("placed", 0, order="A"),
        told("shipped", 1, order="A", coverage=Coverage.SOME, **LP),
        told("in_transit", 4, order="A", tracking="C1"),
        told("delivered", 5, order="A", trust=Trust.UNVERIFIED),
        told("out_for_delivery", 6, tracking="C1", by=CARRIER),
        user(Correction.MUTE, 7, order="A"),
        told("shipped", 8, order="A", tracking="T2", coverage=Coverage.REST),
    ]
    expected = fold(facts)
    dice = random.Random(7)
    for _ in range(300):
        mixed = facts + dice.choices(facts, k=4)
        dice.shuffle(mixed)
        assert fold(mixed) == expected
