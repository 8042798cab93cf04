"""Deadlines: absolute days in the user's zone, the earliest defensible ones; by country; the user's own days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.changes.alerts import deadline_news
from inboxtrack.model import Number, Order, Parcel, Refund, RefundState, Role, Stage, State
from inboxtrack.overview import OverviewSettings, overview
from inboxtrack.overview.deadlines import (
    CLOCKS,
    CONDITIONS,
    Deadline,
    applicable,
    deadlines,
    finished_well,
    parse_policies,
)
from inboxtrack.overview.settings import overview_settings, shipped

UTC = dt.UTC
BERLIN = ZoneInfo("Europe/Berlin")
COMPLAINT = {"open": True, "reason": "damaged"}


def settings(zone: ZoneInfo = BERLIN, home: str | None = "DE", **own: int) -> OverviewSettings:
    return overview_settings(zone, home, policies={name.replace("__", "."): days for name, days in own.items()})


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def order(retailer: str = "aliexpress", **fields: object) -> Order:
    return Order(retailer=retailer, number="A1", **fields)  # type: ignore[arg-type]


def until(one: Order, *parcels: Parcel, of: OverviewSettings | None = None) -> dict[str, dt.date]:
    of = of or settings()
    found = deadlines(one, parcels, of.policies, of.home_country, of.zone, dt.date(2000, 1, 1))
    return {deadline.policy: deadline.until for deadline in found}


@pytest.mark.parametrize(
    ("zone", "delivered", "expected"),
    [
        ("UTC", "2026-03-10T12:00", "2026-03-24"),
        ("Europe/Berlin", "2026-03-10T22:59", "2026-03-24"),
        ("Europe/Berlin", "2026-03-10T23:00", "2026-03-25"),
        ("America/Los_Angeles", "2026-03-10T06:59", "2026-03-23"),
        ("America/Los_Angeles", "2026-03-10T07:00", "2026-03-24"),
        ("Pacific/Auckland", "2026-03-10T12:00", "2026-03-25"),
        ("Pacific/Kiritimati", "2026-03-10T10:00", "2026-03-25"),
        # over the night in which clocks go forward, and back: days are days of the calendar
        ("Europe/Berlin", "2026-03-28T22:59", "2026-04-11"),
        ("Europe/Berlin", "2026-03-28T23:00", "2026-04-12"),
        ("Europe/Berlin", "2026-03-29T21:59", "2026-04-12"),
        ("Europe/Berlin", "2026-03-29T22:00", "2026-04-13"),
        ("Europe/Berlin", "2026-10-24T21:59", "2026-11-07"),
        ("Europe/Berlin", "2026-10-24T22:00", "2026-11-08"),
        ("Europe/Berlin", "2026-10-25T22:59", "2026-11-08"),
        ("Europe/Berlin", "2026-10-25T23:00", "2026-11-09"),
        ("America/New_York", "2026-03-08T06:59", "2026-03-22"),
        ("America/New_York", "2026-11-01T05:30", "2026-11-15"),
        ("Australia/Lord_Howe", "2026-04-04T15:30", "2026-04-19"),
    ],
)
def test_the_last_day_is_counted_in_the_users_zone(zone: str, delivered: str, expected: str) -> None:
    one = order(stage=Stage.DELIVERED, delivered_at=at(delivered))
    found = until(one, of=settings(ZoneInfo(zone)))
    assert found["aliexpress.dispute"] == dt.date.fromisoformat(expected)


def test_the_first_of_several_parcels_counts() -> None:
    parcels = [
        Parcel(
            id=n, numbers=(Number(n, Role.TRACKING),), stage=Stage.DELIVERED, delivered_at=at(f"2026-03-{day}T12:00")
        )
        for n, day in (("T1", 20), ("T2", 10))
    ]
    assert until(order(stage=Stage.DELIVERED), *parcels)["aliexpress.dispute"] == dt.date(2026, 3, 24)


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("US", {"tiktok.return.us": 29, "tiktok.guarantee.us": 89}),
        ("GB", {"tiktok.return.europe": 13, "tiktok.return.europe.extended": 29}),
        ("DE", {"tiktok.return.europe": 13, "tiktok.return.europe.extended": 29}),
        ("VN", {"tiktok.return.vn": 5}),
        ("TH", {"tiktok.return.th": 6}),
        ("ID", {"tiktok.return.other": 5}),
        ("BR", {"tiktok.return.other": 5}),
        (None, {"tiktok.return.other": 5}),
    ],
)
def test_tiktok_shop_by_country_and_the_shortest_elsewhere(home: str | None, expected: dict[str, int]) -> None:
    found = until(
        order("tiktok_shop", stage=Stage.DELIVERED, delivered_at=at("2026-03-01T12:00")), of=settings(home=home)
    )
    days = {name: (day - dt.date(2026, 3, 1)).days for name, day in found.items() if name.startswith("tiktok")}
    assert days == expected


@pytest.mark.parametrize(
    ("home", "delivered", "expected"),
    [
        ("DE", True, {"law.eu.withdrawal"}),
        ("GB", True, {"law.uk.withdrawal", "law.uk.reject"}),
        ("US", True, set()),
        ("AU", True, set()),
        ("DE", False, {"law.eu.delivery"}),
        ("GB", False, {"law.uk.delivery"}),
        ("US", False, {"law.us.shipping"}),
        ("AU", False, {"law.au.delivery"}),
        ("JP", False, set()),
    ],
)
def test_the_law_of_the_home_country(home: str, delivered: bool, expected: set[str]) -> None:
    one = order("cups.example", stage=Stage.PLACED, placed_at=at("2026-03-01T12:00"))
    if delivered:
        one = replace(one, stage=Stage.DELIVERED, delivered_at=at("2026-03-08T12:00"))
    assert {name for name in until(one, of=settings(home=home)) if name.startswith("law")} == expected


def test_hismile_counts_from_the_purchase() -> None:
    one = order("hismile", stage=Stage.DELIVERED, placed_at=at("2026-03-01T12:00"), delivered_at=at("2026-03-20T12:00"))
    assert until(one)["hismile.return"] == dt.date(2026, 3, 30)


def test_without_a_start_there_is_no_deadline() -> None:
    assert until(order(stage=Stage.IN_TRANSIT)) == {}


def test_the_users_own_days() -> None:
    one = order(stage=Stage.DELIVERED, delivered_at=at("2026-03-01T12:00"))
    assert until(one, of=settings(aliexpress__dispute=20))["aliexpress.dispute"] == dt.date(2026, 3, 21)
    with pytest.raises(ValueError, match=r"aliexpress\.disputes is not known"):
        settings(aliexpress__disputes=20)


def test_payment_ways_are_told_only_where_the_shop_has_none_left() -> None:
    told = _told(order(stage=Stage.IN_TRANSIT, placed_at=at("2026-03-01T12:00")), "2026-03-02")
    assert [deadline.policy for deadline in told] == ["aliexpress.countdown"]
    told = _told(order(stage=Stage.IN_TRANSIT, placed_at=at("2026-03-01T12:00")), "2026-05-03")
    assert [deadline.policy for deadline in told] == ["paypal.not_received", "card.ask_bank"]


def _told(one: Order, today: str) -> list[Deadline]:
    of = settings()
    found = deadlines(one, (), of.policies, of.home_country, of.zone, dt.date.fromisoformat(today))
    return [deadline for deadline in found if deadline.told]


def test_a_deadline_that_is_past_is_not_shown() -> None:
    of = settings()
    one = order(stage=Stage.DELIVERED, delivered_at=at("2026-03-01T12:00"), **COMPLAINT)
    for today, shown in (("2026-03-15", True), ("2026-03-16", False)):
        found = deadlines(one, (), of.policies, "DE", BERLIN, dt.date.fromisoformat(today))
        assert ("aliexpress.dispute" in {deadline.policy for deadline in found}) is shown


@pytest.mark.parametrize(
    ("fields", "well"),
    [
        ({"stage": Stage.DELIVERED, "open": False}, True),
        ({"stage": Stage.DELIVERED, "open": False, "reason": "damaged"}, False),
        ({"stage": Stage.DELIVERED, "open": True, "refund": Refund(RefundState.PROMISED)}, False),
        ({"stage": Stage.CANCELLED, "open": False}, True),
        ({"stage": Stage.RETURNED, "open": False}, True),
        ({"stage": Stage.CLOSED, "open": False}, False),
        ({"stage": Stage.CLOSED, "open": False, "closed_by_user": True}, True),
        ({"stage": Stage.IN_TRANSIT}, False),
    ],
)
def test_what_has_ended_well(fields: dict[str, object], well: bool) -> None:
    assert finished_well(order(**fields)) is well


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue", "America/New_York"])
@pytest.mark.parametrize("delivered", ["2026-03-20T12:00", "2026-03-28T23:30", "2026-10-18T00:30", "2026-12-25T12:00"])
def test_told_at_seven_three_and_one_days_and_never_after(zone: str, delivered: str) -> None:
    of = settings(ZoneInfo(zone))
    one = order(stage=Stage.DELIVERED, delivered_at=at(delivered), **COMPLAINT)
    last, told = until(one, of=of)["aliexpress.dispute"], {}
    for hour in range(40 * 24):
        now = at(delivered) + dt.timedelta(hours=hour)
        for news in deadline_news(overview(State((one,)), now, of), now, of.zone):
            if "aliexpress.dispute" in news.keys[0]:
                told.setdefault(news.keys, (last - now.astimezone(of.zone).date()).days)
                assert news.at <= now
    assert list(told.values()) == [7, 3, 1]


def test_after_a_week_without_power_only_the_step_that_stands_is_told() -> None:
    one = order(stage=Stage.DELIVERED, delivered_at=at("2026-03-01T12:00"), **COMPLAINT)
    now = at("2026-03-15T08:00")
    (news,) = (
        n for n in deadline_news(overview(State((one,)), now, settings()), now, BERLIN) if "dispute" in n.keys[0]
    )
    assert news.keys[0].split("/")[-2] == "deadline:aliexpress.dispute:1"


def test_what_ends_well_or_is_muted_or_given_up_is_not_told() -> None:
    delivered = order(stage=Stage.DELIVERED, delivered_at=at("2026-03-01T12:00"), open=False)
    muted = replace(delivered, muted=True, **COMPLAINT)
    lost = order(stage=Stage.IN_TRANSIT, placed_at=at("2026-03-01T12:00"), last_news_at=at("2026-03-05T12:00"))
    for one in (delivered, muted, lost):
        for day in range(200):
            now = at("2026-03-01T20:00") + dt.timedelta(days=day)
            news = deadline_news(overview(State((one,)), now, settings()), now, BERLIN)
            assert not news or (one is lost and "countdown" in news[0].keys[0])


def test_every_entry_of_the_data_file_is_dated_sourced_and_of_use() -> None:
    policies = parse_policies(shipped("policies.toml"))
    assert {p.clock for p in policies} <= CLOCKS.keys()
    assert {p.when for p in policies} - {None} <= CONDITIONS.keys()
    for policy in policies:
        assert len(policy.source) > 10, policy.id
        assert policy.read_on >= dt.date(2026, 11, 22), policy.id
        assert policy.mark in {"read", "second hand", "memory", "unsure"}, policy.id
    assert [p.route for p in policies] == sorted((p.route for p in policies), key=("shop", "payment", "law").index)


def test_a_policy_for_everybody_holds_where_the_retailer_has_none() -> None:
    names = {policy.id for policy in applicable(settings().policies, "cups.example", "DE")}
    assert "paypal.not_received" in names
    assert not any(name.startswith(("aliexpress", "tiktok", "hismile")) for name in names)
