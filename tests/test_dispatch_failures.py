"""Services that fail, refuse or stall: tried again with patience, given up aloud; nothing is lost or told twice."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from pathlib import Path

import pytest

import inboxtrack.notifiers.apprise as apprise_notifier
from inboxtrack.channel import DELIVERY_TROUBLE, Channel, Style
from inboxtrack.model import NewsKind
from tests.dispatch_help import DAY, HOUR, MINUTE, OUT, READY, House, channel, good
from tests.samples import NOW
from tests.sinks import Sink, sink

__all__ = ["good"]


def test_one_channel_down_leaves_the_others_alone(tmp_path: Path, good: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: B3: the good channel gets each news exactly once while others refuse, stall, or answer 429 and 500."""
    monkeypatch.setattr(apprise_notifier, "TIMEOUT", 0.7)
    with sink(500) as broken, sink(429, headers={"Retry-After": "120"}) as busy, sink(stall=threading.Event()) as slow:
        bad = [channel("broken", broken), channel("busy", busy), channel("slow", slow)]
        refused = Channel(name="refused", url="json://127.0.0.1:9/")
        house = House(tmp_path, *bad, refused, channel("good", good))
        house.put(OUT)
        report = house.run()
        house.run(NOW + 2 * MINUTE)
        assert (broken.asked, busy.asked) == (2, 2)
    assert len(good.got) == 1
    assert report.sent == {"good": 1}
    assert len(report.problems) == 4
    assert [len(house.open(name)) for name in ("broken", "busy", "slow", "refused", "good")] == [1, 1, 1, 1, 0]


def test_failures_are_tried_again_with_patience_then_given_up_aloud(tmp_path: Path, good: Sink) -> None:
    """covers: B4: 1, 5, 15, 60 minutes, 4 hours, then daily; then a note on another channel, once."""
    with sink(500) as broken:
        house = House(
            tmp_path, channel("broken", broken, wishes=frozenset({NewsKind.OUT_FOR_DELIVERY})), channel("good", good)
        )
        house.put(OUT)
        tries = []
        while house.open("broken"):
            tries.append(house.one("broken").due_at)
            house.run(tries[-1] - dt.timedelta(seconds=1))
            house.run(tries[-1])
            assert broken.asked == len(tries)
        house.run(tries[-1] + MINUTE)
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert waits == [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY, DAY, DAY]
    (given_up,) = house.outbox.given_up()
    assert given_up.error == "the service answered 500"
    assert good.texts[1:] == [good.texts[1]]
    assert "channel broken: the service answered 500" in good.texts[1]


def test_a_refused_key_is_told_at_once_and_tried_slowly(tmp_path: Path, good: Sink) -> None:
    """covers: B4: what only the user can cure is said on another channel right away."""
    with sink(401) as locked:
        house = House(tmp_path, channel("locked", locked), channel("good", good))
        house.put(OUT)
        house.run()
        house.run(NOW + MINUTE)
        house.run(NOW + 59 * MINUTE)
        assert locked.asked == 1
        assert "channel locked: the service refused the message (401): check the channel's URL" in good.texts[1]
        locked.status = 200
        house.run(NOW + HOUR)
    assert len(locked.got) == 1
    assert len(good.got) == 2


def test_the_backlog_goes_as_soon_as_the_channel_works_again(tmp_path: Path) -> None:
    with sink(500) as phone:
        house = House(tmp_path, channel("phone", phone))
        house.put(OUT)
        for minutes in (0, 1, 6, 21):
            house.run(NOW + minutes * MINUTE)
        assert phone.asked == 4
        phone.status = 200
        house.put(READY, now=NOW + 30 * MINUTE)
        house.run(NOW + 30 * MINUTE)
    assert len(phone.got) == 2
    assert house.open("phone") == []


def test_fresh_news_does_not_storm_a_channel_that_fails(tmp_path: Path) -> None:
    """covers: B4: the breaker: a channel that failed is left alone for five minutes."""
    with sink(500) as phone:
        house = House(tmp_path, channel("phone", phone))
        house.put(OUT)
        house.run(NOW)
        house.run(NOW + MINUTE)
        house.put(READY, now=NOW + 2 * MINUTE)
        house.run(NOW + 2 * MINUTE)
        assert phone.asked == 2
        house.run(NOW + 7 * MINUTE)
        assert phone.asked == 3


def test_a_slow_service_is_asked_once_more_and_says_so(
    tmp_path: Path, good: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """covers: B5: no answer in time means that nobody knows: sent again once, marked; never waited for longer."""
    monkeypatch.setattr(apprise_notifier, "TIMEOUT", 0.5)
    with sink(stall=threading.Event()) as slow:
        house = House(tmp_path, channel("slow", slow), channel("good", good))
        house.put(OUT)
        house.run()
        assert slow.asked == 1
        house.run(NOW + 6 * MINUTE)
        house.run(NOW + DAY)
        assert slow.asked == 2
        assert slow.got[1]["title"] == "(maybe repeated) Hismile order out for delivery"
        assert house.open("slow") == []
    assert "it may have arrived" in good.texts[1]


def test_an_sms_that_costs_money_is_rather_lost_than_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: B2: at_most_once."""
    monkeypatch.setattr(apprise_notifier, "TIMEOUT", 0.5)
    with sink(stall=threading.Event()) as slow:
        house = House(tmp_path, channel("sms", slow, style=Style.SMS, at_most_once=True))
        house.put(OUT)
        house.run()
        house.run(NOW + DAY)
        assert slow.asked == 1
    house.put(READY)
    house.outbox.begin([house.one("sms").id], NOW)
    house.run(NOW + HOUR)
    assert house.open("sms") == []
    assert slow.asked == 1


def test_a_row_left_half_sent_by_a_crash_is_sent_again_marked(tmp_path: Path, good: Sink) -> None:
    """covers: B2: what a crash left in `sending` goes once more, and fresh news is not called repeated."""
    house = House(tmp_path, channel("phone", good))
    house.put(OUT)
    house.outbox.begin([house.one("phone").id], NOW)
    house.put(READY)
    house.run(NOW + MINUTE)
    assert [one["title"] for one in good.got] == [
        "(maybe repeated) Hismile order out for delivery",
        "AliExpress order ready for pick-up",
    ]


def test_what_crashes_again_and_again_is_given_up(tmp_path: Path, good: Sink) -> None:
    house = House(tmp_path, channel("phone", good))
    house.put(OUT)
    for _ in range(4):
        house.outbox.begin([house.one("phone").id], NOW)
    house.run()
    assert good.asked == 0
    assert [row.error for row in house.outbox.given_up()] == ["the program ended 4 times while sending this"]


def test_a_note_on_lost_notes_is_never_made(tmp_path: Path) -> None:
    with sink(500) as one, sink(500) as two:
        house = House(tmp_path, channel("one", one), channel("two", two))
        house.put(OUT)
        for hours in range(0, 24 * 12, 6):
            house.run(NOW + hours * HOUR)
        assert house.open("one") == house.open("two") == []
    notes = [row for row in house.outbox.given_up() if row.news.what == DELIVERY_TROUBLE]
    assert 1 <= len(notes) <= 2
