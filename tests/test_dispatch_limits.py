"""Quiet hours, caps and rates of real endpoints: what must wait, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.channel import DIGEST, QuietHours, Style
from inboxtrack.model import News, NewsKind
from inboxtrack.outbox import schedule
from tests.dispatch_help import HOUR, MINUTE, OUT, READY, House, channel, good
from tests.samples import BERLIN, NOW
from tests.sinks import Sink, sink

__all__ = ["good"]


def test_quiet_hours_hold_back_all_but_what_cannot_wait(tmp_path: Path, good: Sink) -> None:
    quiet = QuietHours(dt.time(22), dt.time(7, 30))
    house = House(tmp_path, channel("phone", good, quiet=quiet, urgent=frozenset({NewsKind.READY_FOR_PICKUP})))
    house.put(OUT, READY)
    house.run()
    assert [one["title"] for one in good.got] == ["AliExpress order ready for pick-up"]
    assert house.one("phone").due_at == dt.datetime(2026, 3, 5, 6, 30, tzinfo=dt.UTC)
    house.run(NOW + 30 * MINUTE)
    assert good.got[1]["title"] == "Hismile order out for delivery"


def test_what_failed_before_the_quiet_hours_holds_back_nothing_urgent(tmp_path: Path) -> None:
    quiet = QuietHours(dt.time(7, 2), dt.time(9))
    with sink(500) as phone:
        house = House(tmp_path, channel("phone", phone, quiet=quiet))
        house.put(READY)
        house.run()
        phone.status = 200
        for minutes in (2, 5, 20):
            house.run(NOW + minutes * MINUTE)
        assert phone.got == []
        house.put(OUT, now=NOW + 30 * MINUTE)
        house.run(NOW + 30 * MINUTE)
        assert [one["title"] for one in phone.got] == ["Hismile order out for delivery"]
        house.run(NOW + 2 * HOUR)
    assert phone.got[1]["title"] == "AliExpress order ready for pick-up"


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-03-28T23:30+01:00", "2026-03-29T05:30+00:00"),
        ("2026-10-25T00:30+02:00", "2026-10-25T06:30+00:00"),
        ("2026-10-25T07:30+01:00", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(local: str, ends: str | None) -> None:
    end = QuietHours(dt.time(22), dt.time(7, 30)).end(dt.datetime.fromisoformat(local), BERLIN)
    assert end == (dt.datetime.fromisoformat(ends) if ends else None)


def test_a_daily_cap_and_the_hourly_rate_hold(tmp_path: Path, good: Sink) -> None:
    """covers: B10: the cap counts messages, and what waits is one message later."""
    house = House(tmp_path, channel("sms", good, style=Style.SMS, daily_cap=2))
    for hour in range(6):
        house.put(replace(OUT, keys=(f"k{hour}",)), now=NOW + hour * HOUR)
        house.run(NOW + hour * HOUR)
    assert good.asked == 2
    assert len(house.open("sms")) == 4
    house.run(NOW + 25 * HOUR)
    assert good.asked == 3
    assert house.open("sms") == []


def test_the_cap_counts_each_message_of_a_run(tmp_path: Path, good: Sink) -> None:
    """covers: B10"""
    house = House(tmp_path, channel("sms", good, style=Style.SMS, daily_cap=2))
    digest = News(kind=NewsKind.SUMMARY, keys=("digest/1",), at=NOW, what=DIGEST)
    house.put(OUT, digest)
    house.run()
    house.put(READY)
    house.run(NOW + HOUR)
    assert good.asked == 2


def test_push_is_limited_by_the_hour(tmp_path: Path, good: Sink) -> None:
    """covers: B4: the token bucket."""
    house = House(tmp_path, channel("phone", good))
    for minute in range(40):
        house.put(replace(OUT, keys=(f"k{minute}",)), now=NOW + minute * MINUTE)
        house.run(NOW + minute * MINUTE)
    assert good.asked == schedule.PER_HOUR[Style.PUSH]
