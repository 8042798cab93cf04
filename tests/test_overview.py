"""The overview: what needs action first, one sentence of advice, links that cannot come from a mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.model import Fact, Flag, Order, Stage, State, Trust
from inboxtrack.orders import fold, provisional
from inboxtrack.overview import OrderView, overview
from inboxtrack.overview.advice import Advice, advise, parse_advice
from inboxtrack.overview.deadlines import Deadline
from inboxtrack.overview.settings import overview_settings, shipped
from inboxtrack.overview.silence import Silence
from tests.story_language import facts, on

SETTINGS = overview_settings(ZoneInfo("Europe/Berlin"), "DE")


def views(told: str, day: float) -> tuple[OrderView, ...]:
    return overview(fold(facts(told)), on(day), SETTINGS)


def numbers(shown: tuple[OrderView, ...]) -> list[str]:
    return [view.order.number for view in shown]


def test_what_needs_action_comes_first() -> None:
    told = """
        0   shop  aliexpress MOVING            placed
        18  shop  aliexpress MOVING            shipped
        19  shop  aliexpress PLACED            placed
        10  shop  aliexpress TODAY #T1         out_for_delivery
        20  shop  aliexpress TODAY #T1         out_for_delivery
        10  shop  aliexpress PICKUP #T2        ready_for_pickup
        19  shop  aliexpress PROBLEM #T3       exception
        2   shop  aliexpress STALLED #T4       in_transit
        5   shop  aliexpress DONE #T5          delivered
    """
    found = numbers(views(told, 20.1))
    assert found == ["PICKUP", "PROBLEM", "STALLED", "TODAY", "MOVING", "PLACED", "DONE"]


def test_one_parcel_that_waits_for_the_user_counts_while_another_is_on_its_way() -> None:
    told = """
        1   shop  hismile SPLIT #T1            shipped
        1   shop  hismile SPLIT #T2            shipped
        2   shop  hismile SPLIT #T1            ready_for_pickup
        2   shop  hismile TODAY #T3            out_for_delivery
    """
    first, second = views(told, 2.1)
    assert (first.order.number, first.stage, second.order.number) == ("SPLIT", Stage.SHIPPED, "TODAY")
    assert first.advice == "Pick it up; bring an ID and the pick-up code from the mail."
    assert first.needs_a_look


def test_of_like_urgency_the_nearer_deadline_and_then_the_newer_news_come_first() -> None:
    told = """
        0   shop  aliexpress SOONER placed
        3   shop  aliexpress SOONER in_transit
        58  shop  aliexpress SOONER in_transit
        2   shop  aliexpress LATER  placed
        5   shop  aliexpress LATER  in_transit
        59  shop  aliexpress LATER  in_transit
    """
    assert numbers(views(told, 59.1)) == ["SOONER", "LATER"]
    plain = "0 shop cups.example OLD #T1 shipped\n1 shop cups.example NEW #T2 shipped"
    assert numbers(views(plain, 2)) == ["NEW", "OLD"]


def test_what_the_user_has_seen_steps_back_until_there_is_news() -> None:
    told = """
        0   shop  aliexpress SEEN   #T1  in_transit
        1   shop  aliexpress UNSEEN #T2  in_transit
        18  user  aliexpress SEEN        ack
    """
    assert numbers(views(told, 20)) == ["UNSEEN", "SEEN"]
    assert numbers(views(told + "19 carrier #T1 exception", 20)) == ["SEEN", "UNSEEN"]


def test_a_carriers_page_only_for_a_proven_number_that_passes_its_check() -> None:
    told = """
        0  shop   cups.example A #1Z5R89390357567127  shipped  carrier=ups
        0  shop   cups.example B #1Z5R89390357567128  shipped  carrier=ups
        0  shop?  cups.example C #1Z8V92A70367203024  shipped  carrier=ups
        0  shop   cups.example D #1Z999AA10123456784  shipped  carrier=unheard-of
    """
    found = {view.order.number: view.parcels[0] for view in views(told, 1)}
    assert found["A"].link == "https://www.ups.com/track?tracknum=1Z5R89390357567127"
    assert (found["B"].link, found["C"].link, found["D"].link) == (None, None, None)
    assert (found["A"].carrier_name, found["D"].carrier_name) == ("UPS", "unheard-of")


def test_the_retailers_own_page_only_for_a_proven_order() -> None:
    proven, imitated = views("0 shop aliexpress A placed\n0 shop? aliexpress B placed", 1)
    assert {proven.order.number: proven.link, imitated.order.number: imitated.link} == {
        "A": "https://www.aliexpress.com/p/order/index.html",
        "B": None,
    }
    assert imitated.order.trust is Trust.UNVERIFIED or proven.order.trust is Trust.UNVERIFIED


def test_names() -> None:
    (known,) = views("0 shop aliexpress A placed", 1)
    (domain,) = views("0 shop cups.example A placed", 1)
    assert (known.retailer_name, domain.retailer_name) == ("AliExpress", "cups.example")
    named = replace(known.order, retailer="cups.example", shop_name="Cups & Mugs")
    (own,) = overview(State((named,)), on(1), SETTINGS)
    assert own.retailer_name == "Cups & Mugs"


def test_a_parcel_whose_order_is_not_known_is_shown_as_one() -> None:
    (shown,) = overview(provisional(fold(facts("0 carrier #T1 in_transit"))), on(1), SETTINGS)
    assert (shown.retailer_name, shown.stage, shown.parcels[0].parcel.tracking) == ("A parcel", Stage.IN_TRANSIT, "T1")


def test_one_of_two_is_counted() -> None:
    told = "0 shop aliexpress A #T1 shipped\n0 shop aliexpress A #T2 shipped\n2 carrier #T1 delivered"
    (shown,) = views(told, 3)
    assert (shown.delivered, len(shown.parcels), shown.stage) == (1, 2, Stage.SHIPPED)


CAME = "0 shop aliexpress A #T1 delivered\n1 user aliexpress A report"


@pytest.mark.parametrize(
    ("told", "day", "words"),
    [
        ("0 shop aliexpress A placed", 1, None),
        ("0 shop aliexpress A placed", 13, "should have been shipped by now: ask AliExpress. Until 1 May 2026"),
        ("0 shop aliexpress A #T1 in_transit", 15, "Nothing was heard for a while: ask AliExpress"),
        ("0 shop aliexpress A #T1 in_transit carrier=ups", 15, "Nothing has moved for a while: look at the carrier's"),
        ("0 shop aliexpress A #T1 ready_for_pickup", 1, "Pick it up"),
        ("0 shop aliexpress A #T1 ready_for_pickup", 6, "before it is sent back"),
        ("0 shop aliexpress A #T1 attempt_failed", 1, "the carrier's mail or card says when"),
        ("0 shop aliexpress A #T1 attempt_failed carrier=ups", 1, "look at the carrier's page for the next attempt"),
        ("0 shop aliexpress A #T1 exception reason=lost", 1, "said to be lost: ask AliExpress"),
        ("0 shop aliexpress A #T1 exception", 1, "Something went wrong"),
        ("0 shop aliexpress A #T1 in_transit flags=customs,action_required", 1, "pay only there"),
        ("0 shop aliexpress A #T1 in_transit flags=customs", 1, "nothing to do yet"),
        (f"{CAME} damaged flags=action_required", 2, "photos of the thing and its parcel, then tell AliExpress"),
        ("0 shop aliexpress A placed\n13 user aliexpress A report damaged flags=action_required", 14, "Take photos"),
        (f"{CAME} wrong flags=action_required", 2, "photos of what came, then tell AliExpress"),
        ("0 shop aliexpress A #T1 in_transit eta=1-2", 4, "should have come by now"),
        ("0 shop aliexpress A #T1 out_for_delivery", 0.1, "today"),
        ("0 shop aliexpress A shipped", 61, "Nothing was heard for two months"),
        ("0 shop hismile A cancelled refund=promised", 1, "Wait for the refund"),
        ("0 shop hismile A cancelled refund=promised", 12, "refund should have come by now"),
        ("0 shop aliexpress A closed", 1, "you can open a dispute or ask for a return"),
        ("0 shop aliexpress A #T1 delivered", 1, None),
    ],
)
def test_advice_is_one_sentence_for_the_situation(told: str, day: float, words: str | None) -> None:
    (shown,) = views(told, day)
    assert shown.advice is None if words is None else words in (shown.advice or "")


def test_every_piece_of_advice_can_be_given_and_its_words_are_known() -> None:
    known = {*(stage.value for stage in Stage), *(flag.value for flag in Flag), *(what.value for what in Silence)}
    known |= {"deadline", "refund_pending", "carrier"}
    deadline = Deadline(policy="p", what="do it", until=dt.date(2026, 3, 5), source="s", check="look")
    for advice in parse_advice(shipped("advice.toml")):
        assert {word for word in advice.when if ":" not in word} <= known
        given = advise((advice,), advice.when, "Cups", deadline)
        assert given
        assert given.text.endswith("Until 5 March 2026 you can do it.") is bool(advice.claim)
        assert "{" not in advice.text.replace("{retailer}", "")


def test_advice_that_asks_for_nothing_is_only_to_know() -> None:
    (customs,) = views("0 shop aliexpress A #T1 in_transit flags=customs", 1)
    (refund,) = views("0 shop hismile A cancelled refund=promised", 1)
    (pick_up,) = views("0 shop aliexpress A #T1 ready_for_pickup", 1)
    assert (customs.to_know, refund.to_know, pick_up.to_know) == (True, True, False)


def test_of_what_never_came_only_the_ways_for_that_are_shown() -> None:
    told = """
        0  shop  hismile A      placed
        5  shop  hismile A #T1  delivered
        6  user  hismile A      report not_received reason=not_received flags=action_required
    """
    came, missing = views("\n".join(told.splitlines()[:3]), 7)[0], views(told, 7)[0]
    assert {one.policy for one in came.deadlines} == {
        "hismile.return", "paypal.not_as_described", "law.eu.withdrawal"
    }  # fmt: skip
    assert missing.stage is Stage.EXCEPTION
    assert {one.policy for one in missing.deadlines} == {"paypal.not_received", "card.ask_bank", "law.eu.delivery"}
    assert missing.advice is not None
    assert "then tell Hismile. Until 28 August 2026 you can tell PayPal that it has not come" in missing.advice


def test_a_shops_way_is_named_by_what_is_wrong() -> None:
    told = "0 shop aliexpress A placed\n5 shop aliexpress A #T1 delivered"
    report = "\n6 user aliexpress A report not_received reason=not_received flags=action_required"
    ways = [next(d.what for d in views(one, 7)[0].deadlines if d.policy == "aliexpress.dispute") for one in
            (told, told + report)]  # fmt: skip
    assert ways == ["open a dispute or ask for a return", "open a dispute"]


def test_what_the_user_knows_of_is_not_asked_for_again_before_the_next_reminder() -> None:
    """A deadline reminds at 7, 3 and 1 days: "seen" holds until the next of them."""
    told = "0 shop aliexpress A placed\n1 shop aliexpress A in_transit\n55 user aliexpress A ack"
    assert views(told.rpartition("\n")[0], 55.1)[0].needs_a_look
    assert [views(told, day)[0].needs_a_look for day in (55.1, 57.1, 58.1)] == [False, False, True]


def test_what_a_mail_asks_for_steps_back_once_it_is_seen_or_muted() -> None:
    told = "0 shop hismile A placed\n1 shop hismile A placed flags=action_required"
    for word in ("ack", "mute"):
        (asked,), (quiet,) = views(told, 2), views(f"{told}\n1.5 user hismile A {word}", 2)
        assert (asked.needs_a_look, quiet.needs_a_look) == (True, False)


def test_names_in_braces_are_not_filled_in() -> None:
    table = (Advice(frozenset(), "Ask {retailer}."),)
    given = advise(table, frozenset(), "{until.__class__}", None)
    assert given is not None
    assert given.text == "Ask {until.__class__}."


def test_a_quiet_state_makes_a_view_for_every_order_whatever_the_time() -> None:
    told = facts("0 shop aliexpress A placed\n2 shop aliexpress A #T1 shipped")
    for day in range(0, 400, 7):
        assert len(overview(fold(told), on(day), SETTINGS)) == 1


def test_the_sorting_is_the_same_whatever_the_order_of_the_state() -> None:
    told: list[Fact] = facts("\n".join(f"{n % 5} shop aliexpress A{n} placed" for n in range(30)))
    state = fold(told)
    turned = State(tuple(reversed(state.orders)), tuple(reversed(state.parcels)))
    assert overview(state, on(9), SETTINGS) == overview(turned, on(9), SETTINGS)


def test_an_order_without_anything_is_shown() -> None:
    (shown,) = overview(State((Order(retailer="cups.example", number="1"),)), on(1), SETTINGS)
    assert shown.flags <= {Flag.NEVER_SHIPPED}
