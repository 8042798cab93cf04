"""Silence: how long is too long, at home and across borders, in business days and over changes of the clock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.config import ConfigError, parse
from inboxtrack.model import DateRange, Flag, Number, Order, Parcel, Refund, RefundState, Role, Stage
from inboxtrack.overview.settings import shipped
from inboxtrack.overview.silence import Silence, Span, Unit, Watch, is_domestic, parse_span, parse_thresholds, signals

UTC = dt.UTC
BERLIN = ZoneInfo("Europe/Berlin")
THRESHOLDS = parse_thresholds(shipped("thresholds.toml"))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def parcel(stage: Stage, since: str, number: str = "T1", carrier: str | None = None, **fields: object) -> Parcel:
    return Parcel(
        id=number,
        numbers=(Number(number, Role.TRACKING),),
        stage=stage,
        stage_at=at(since),
        last_news_at=at(since),
        carrier=carrier,
        **fields,  # type: ignore[arg-type]
    )


def order(stage: Stage = Stage.IN_TRANSIT, retailer: str = "cups.example", **fields: object) -> Order:
    return Order(retailer=retailer, number="1001", stage=stage, **fields)  # type: ignore[arg-type]


def since(one: Order, *parcels: Parcel, home: str | None = "DE", **own: int) -> dict[Silence, dt.datetime]:
    watch = Watch(BERLIN, home, parse_thresholds(shipped("thresholds.toml"), own))
    return {signal.what: signal.since for signal in signals(one, parcels, at("2026-05-20T00:00"), watch)}


@pytest.mark.parametrize(
    ("span", "start", "expected"),
    [
        ("36 hours", "2026-03-28T12:00", "2026-03-30T00:00"),
        ("1 days", "2026-03-28T12:00", "2026-03-29T11:00"),
        ("1 days", "2026-10-24T12:00", "2026-10-25T13:00"),
        ("14 days", "2026-03-20T12:00", "2026-04-03T11:00"),
        ("1 business days", "2026-03-06T12:00", "2026-03-09T12:00"),
        ("4 business days", "2026-03-05T12:00", "2026-03-11T12:00"),
        ("5 business days", "2026-03-07T12:00", "2026-03-13T12:00"),
        ("21 business days", "2026-03-04T12:00", "2026-04-02T11:00"),
        ("0 business days", "2026-03-07T12:00", "2026-03-07T12:00"),
        # Friday late in London is Saturday in Berlin: weekdays are the user's
        ("1 business days", "2026-03-06T23:30", "2026-03-08T23:30"),
    ],
)
def test_spans(span: str, start: str, expected: str) -> None:
    assert parse_span(span).after(at(start), BERLIN) == at(expected)


@pytest.mark.parametrize("text", ["", "5", "days", "5 weeks", "-1 days", "1.5 days", "5 business  days"])
def test_what_is_no_span_is_said_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match='write "36 hours", "14 days" or "5 business days"'):
        parse_span(text)


@pytest.mark.parametrize(
    ("retailer", "shop", "carrier", "number", "home", "domestic"),
    [
        ("aliexpress", (), None, "T1", "DE", False),
        ("aliexpress", (), "dhl-de", "T1", "DE", False),
        ("aliexpress", (), None, "T1", "CN", True),
        ("cups.example", (), None, "T1", "DE", False),
        ("cups.example", (), "dhl-de", "T1", "DE", True),
        ("tassen.de", (), None, "T1", "DE", True),
        ("tassen.de", (), "royal-mail", "T1", "DE", False),
        ("cups.co.uk", (), None, "T1", "GB", True),
        ("cups.com.au", (), "australia-post", "T1", "AU", True),
        ("shopify:9001", ("cups.co.uk",), None, "T1", "GB", True),
        ("hismile", ("us.hismileteeth.com",), "usps", "T1", "US", True),
        ("hismile", ("hismileteeth.com",), None, "T1", "DE", False),
        ("tassen.de", (), None, "RX123456785CN", "DE", False),
        ("tassen.de", (), None, "RX123456785DE", "DE", True),
        ("tassen.de", (), None, "T1", None, False),
    ],
)
def test_domestic_is_what_lies_wholly_at_home(
    retailer: str, shop: tuple[str, ...], carrier: str | None, number: str, home: str | None, domestic: bool
) -> None:
    one = order(retailer=retailer, shop=shop)
    parcels = [parcel(Stage.IN_TRANSIT, "2026-03-02T12:00", number, carrier)]
    assert is_domestic(one, parcels, home, THRESHOLDS) is domestic


@pytest.mark.parametrize(
    ("stage", "abroad", "at_home"),
    [
        (Stage.SHIPPED, "2026-03-16T12:00", "2026-03-09T12:00"),
        (Stage.IN_TRANSIT, "2026-03-16T12:00", "2026-03-09T12:00"),
        (Stage.OUT_FOR_DELIVERY, "2026-03-04T00:00", "2026-03-04T00:00"),
        (Stage.ATTEMPT_FAILED, "2026-03-05T12:00", "2026-03-05T12:00"),
        (Stage.EXCEPTION, "2026-03-05T12:00", "2026-03-05T12:00"),
        (Stage.RETURNING, "2026-04-01T11:00", "2026-04-01T11:00"),
    ],
)
def test_stalled_by_stage(stage: Stage, abroad: str, at_home: str) -> None:
    one = order(stage, shipped_at=at("2026-03-01T12:00"))
    for carrier, expected in ((None, abroad), ("dhl-de", at_home)):
        found = since(one, parcel(stage, "2026-03-02T12:00", carrier=carrier))
        assert found[Silence.STALLED] == at(expected)


def test_a_parcel_at_customs_may_take_longer() -> None:
    held = parcel(Stage.IN_TRANSIT, "2026-03-02T12:00", flags=frozenset({Flag.CUSTOMS}))
    assert since(order(), held)[Silence.STALLED] == at("2026-03-23T12:00")


def test_a_parcel_that_waits_to_be_picked_up() -> None:
    waiting = parcel(Stage.READY_FOR_PICKUP, "2026-03-02T12:00")
    found = since(order(Stage.READY_FOR_PICKUP, eta=DateRange(dt.date(2026, 3, 1), dt.date(2026, 3, 2))), waiting)
    assert found == {Silence.PICKUP_WAITING: at("2026-03-07T12:00")}


def test_no_alarm_in_the_first_48_hours_after_shipping_however_short_the_users_figure() -> None:
    one = order(Stage.SHIPPED, shipped_at=at("2026-03-02T12:00"))
    new = parcel(Stage.SHIPPED, "2026-03-02T12:00", shipped_at=at("2026-03-02T12:00"))
    assert since(one, new, shipped_cross_border=1)[Silence.STALLED] == at("2026-03-04T12:00")
    assert since(one, new, shipped_cross_border=1, not_active_yet=0)[Silence.STALLED] == at("2026-03-03T12:00")


def test_never_shipped_counts_from_the_order_and_not_from_later_news() -> None:
    one = order(Stage.PREPARING, placed_at=at("2026-03-02T12:00"), last_news_at=at("2026-04-10T12:00"))
    assert since(one)[Silence.NEVER_SHIPPED] == at("2026-03-14T12:00")
    assert Silence.STALLED not in since(one)


def test_overdue_begins_at_midnight_after_the_last_day_that_was_said() -> None:
    one = order(shipped_at=at("2026-03-02T12:00"), eta=DateRange(dt.date(2026, 3, 26), dt.date(2026, 3, 28)))
    assert since(one)[Silence.OVERDUE] == at("2026-03-28T23:00")
    later = parcel(Stage.IN_TRANSIT, "2026-03-20T12:00", eta=DateRange(dt.date(2026, 4, 1), dt.date(2026, 4, 2)))
    assert since(one, later)[Silence.OVERDUE] == at("2026-04-02T22:00")


def test_hismile_is_overdue_after_its_own_business_days() -> None:
    one = order(retailer="hismile", shipped_at=at("2026-03-04T12:00"))
    assert since(one)[Silence.OVERDUE] == at("2026-04-02T11:00")
    at_home = order(retailer="hismile", shop=("us.hismileteeth.com",), shipped_at=at("2026-03-04T12:00"))
    assert since(at_home, home="US")[Silence.OVERDUE] == at("2026-03-13T12:00")
    assert Silence.OVERDUE not in since(order(shipped_at=at("2026-03-04T12:00")))


@pytest.mark.parametrize(
    ("retailer", "expected"), [("hismile", "2026-03-12T12:00"), ("cups.example", "2026-03-30T11:00")]
)
def test_a_refund_that_does_not_come(retailer: str, expected: str) -> None:
    one = order(Stage.CANCELLED, retailer, refund=Refund(RefundState.FULL), refund_at=at("2026-03-02T12:00"))
    assert since(one) == {Silence.REFUND_OVERDUE: at(expected)}


def test_given_up_after_60_days_and_then_nothing_else() -> None:
    one = order(Stage.SHIPPED, shipped_at=at("2026-03-02T12:00"), last_news_at=at("2026-03-02T12:00"))
    assert since(one) == {Silence.GIVEN_UP: at("2026-05-01T11:00")}


def test_not_given_up_before_the_day_that_was_said() -> None:
    far = DateRange(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    assert Silence.GIVEN_UP not in since(order(last_news_at=at("2026-03-02T12:00"), eta=far))


def test_what_is_not_open_is_not_watched() -> None:
    assert since(order(open=False, last_news_at=at("2026-03-02T12:00"), placed_at=at("2026-03-02T12:00"))) == {}


def test_the_users_own_figures() -> None:
    own = parse_thresholds(shipped("thresholds.toml"), {"in_transit_domestic": 9, "hismile.dispatch": "3 days"})
    assert own.span("in_transit", "cups.example", True) == Span(9, Unit.BUSINESS_DAYS)
    assert own.span("dispatch", "hismile", True) == Span(3, Unit.DAYS)
    assert own.span("dispatch", "aliexpress", True) == Span(5, Unit.BUSINESS_DAYS)


@pytest.mark.parametrize("name", ["in_transit_domestik", "hismile.shipping", "patience"])
def test_an_unknown_figure_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"thresholds.{name} is not known"):
        parse_thresholds(shipped("thresholds.toml"), {name: 3})


def test_a_figure_for_one_retailer_may_be_new() -> None:
    own = parse_thresholds(shipped("thresholds.toml"), {"aliexpress.dispatch": 20})
    assert own.span("dispatch", "aliexpress", False) == Span(20, Unit.DAYS)


def test_a_figure_without_a_scope_is_for_both() -> None:
    own = parse_thresholds(shipped("thresholds.toml"), {"in_transit": 30})
    assert own.span("in_transit", "cups.example", True) == Span(30, Unit.BUSINESS_DAYS)
    assert own.span("in_transit", "cups.example", False) == Span(30, Unit.DAYS)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"thresholds": {"patience": 3}}, "thresholds.patience is not known"),
        ({"thresholds": {"in_transit": "soon"}}, "'soon' is no time to wait"),
        ({"policies": {"hismile.returns": 3}}, "policies.hismile.returns is not known"),
    ],
)
def test_a_wrong_figure_in_the_settings_is_one_line(values: dict[str, object], error: str) -> None:
    with pytest.raises(ConfigError, match=error) as raised:
        parse(values, Path("inboxtrack.toml"))
    assert "\n" not in str(raised.value)


def test_figures_in_the_settings() -> None:
    own = parse({"thresholds": {"in_transit": 3, "give_up": "90 days"}, "policies": {"hismile.return": 20}}, Path("x"))
    assert (own.thresholds, own.policies) == ({"in_transit": 3, "give_up": "90 days"}, {"hismile.return": 20})
