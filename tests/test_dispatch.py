"""Outbox to real endpoints: who gets what, how often, and what happens when a service fails."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import inboxtrack.notifiers.apprise as apprise_notifier
from inboxtrack import dispatch, schedule
from inboxtrack.channel import DELIVERY_TROUBLE, DIGEST, FIRST_RUN, Channel, Limits, QuietHours, Style
from inboxtrack.model import News, NewsKind
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.writing import Writer
from inboxtrack.outbox import OutboxRow
from inboxtrack.store import Store
from inboxtrack.views import Views
from tests.samples import BERLIN, HISMILE, NOW, PICKUP, QUIET_DIGEST, VIEWS, news
from tests.sinks import Sink, sink

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
OUT = news(NewsKind.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)
READY = news(NewsKind.READY_FOR_PICKUP, "ready_for_pickup", PICKUP)


class House:
    """A store with channels, and dispatch on it with the samples' orders. `chance` 0 means no jitter."""

    def __init__(self, folder: Path, *channels: Channel) -> None:
        self.store = Store(folder)
        self.outbox = self.store.outbox
        self.channels = channels
        self.notifiers = {channel.name: notifier_for(channel) for channel in channels}
        self.views = VIEWS

    def put(self, *told: News, now: dt.datetime = NOW) -> None:
        with self.store.transaction() as tx:
            for one in told:
                tx.news.announce(one, [c.name for c in self.channels if c.wants(one)], now, silent=False)

    def run(self, now: dt.datetime = NOW) -> dispatch.Report:
        writer = Writer(Renderer("en", BERLIN), self.views, lambda _: QUIET_DIGEST, {}, now)
        return dispatch.run(
            self.outbox, self.channels, self.notifiers, writer, self.views.silenced, now, BERLIN, lambda: 0.0
        )

    def open(self, name: str) -> list[OutboxRow]:
        return self.outbox.open_rows(name)

    def one(self, name: str) -> OutboxRow:
        (row,) = self.open(name)
        return row


@pytest.fixture
def good() -> Iterator[Sink]:
    with sink() as made:
        yield made


def channel(name: str, to: Sink, **more: object) -> Channel:
    return Channel(name=name, url=to.url, **more)  # type: ignore[arg-type]


def test_news_of_one_poll_is_one_message_and_is_told_once(tmp_path: Path, good: Sink) -> None:
    house = House(tmp_path, channel("phone", good))
    house.put(OUT, READY)
    house.run()
    house.put(OUT, READY)
    house.run(NOW + HOUR)
    (text,) = good.texts
    assert "Hismile AU7730412 is out for delivery" in text
    assert "AliExpress 8203344556677801 is ready for pick-up" in text
    assert house.open("phone") == []


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
        assert slow.got[1]["title"] == "(maybe repeated) Hismile is out for delivery"
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
        "(maybe repeated) Hismile is out for delivery",
        "AliExpress is ready for pick-up",
    ]


def test_what_crashes_again_and_again_is_given_up(tmp_path: Path, good: Sink) -> None:
    house = House(tmp_path, channel("phone", good))
    house.put(OUT)
    for _ in range(4):
        house.outbox.begin([house.one("phone").id], NOW)
    house.run()
    assert good.asked == 0
    assert [row.error for row in house.outbox.given_up()] == ["the program ended 4 times while sending this"]


def test_late_news_becomes_one_catch_up(tmp_path: Path, good: Sink) -> None:
    """covers: B7: after two days without the service one message says how the orders stand."""
    house = House(tmp_path, channel("phone", good))
    house.put(OUT, READY)
    house.run(NOW + 3 * DAY)
    (text,) = good.texts
    assert text.startswith("Catching up on 2 orders")
    assert house.open("phone") == []


def test_much_news_at_once_becomes_one_catch_up(tmp_path: Path, good: Sink) -> None:
    """covers: B7: never a message an event."""
    house = House(tmp_path, channel("phone", good))
    house.put(*(replace(OUT, keys=(f"k{n}",)) for n in range(200)))
    house.run()
    (text,) = good.texts
    assert text.startswith("Catching up on 1 order")


def test_the_same_news_is_put_once_and_a_later_step_replaces_an_earlier_one(tmp_path: Path, good: Sink) -> None:
    """covers: B8: shipped, then out for delivery within one poll tells the last."""
    house = House(tmp_path, channel("phone", good))
    house.put(news(NewsKind.SHIPPED, "shipped", HISMILE), OUT, OUT, news(NewsKind.PLACED, "placed", HISMILE))
    house.run()
    (text,) = good.texts
    assert text.count("Hismile AU7730412") == 1
    assert "out for delivery" in text


def test_muted_or_closed_while_it_waits(tmp_path: Path, good: Sink) -> None:
    """covers: B14: asked again right before sending."""
    house = House(tmp_path, channel("phone", good))
    house.put(OUT, READY)
    muted = replace(HISMILE, order=replace(HISMILE.order, muted=True))
    closed = replace(PICKUP, order=replace(PICKUP.order, closed_by_user=True))
    house.views = Views.of((muted, closed))
    house.run()
    assert good.asked == 0
    assert house.open("phone") == []


def test_quiet_hours_hold_back_all_but_what_cannot_wait(tmp_path: Path, good: Sink) -> None:
    quiet = QuietHours(dt.time(22), dt.time(7, 30))
    house = House(tmp_path, channel("phone", good, quiet=quiet, urgent=frozenset({NewsKind.READY_FOR_PICKUP})))
    house.put(OUT, READY)
    house.run()
    assert [one["title"] for one in good.got] == ["AliExpress is ready for pick-up"]
    assert house.one("phone").due_at == dt.datetime(2026, 3, 5, 6, 30, tzinfo=dt.UTC)
    house.run(NOW + 30 * MINUTE)
    assert good.got[1]["title"] == "Hismile is out for delivery"


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
        assert [one["title"] for one in phone.got] == ["Hismile is out for delivery"]
        house.run(NOW + 2 * HOUR)
    assert phone.got[1]["title"] == "AliExpress is ready for pick-up"


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


def test_summaries_are_messages_of_their_own_and_the_last_digest_counts(tmp_path: Path, good: Sink) -> None:
    house = House(tmp_path, channel("phone", good))
    first = News(kind=NewsKind.SUMMARY, keys=("first",), at=NOW, what=FIRST_RUN, data=(("mails", "3000"),))
    days = [News(kind=NewsKind.SUMMARY, keys=(f"digest/{day}",), at=NOW, what=DIGEST) for day in (1, 2)]
    house.put(first, *days, OUT)
    house.run()
    assert [one["title"] for one in good.got] == [
        "3000 mails read: 6 open orders found, 3 need a look",
        "6 open orders, 3 need a look",
        "Hismile is out for delivery",
    ]


def test_a_note_on_lost_notes_is_never_made(tmp_path: Path) -> None:
    with sink(500) as one, sink(500) as two:
        house = House(tmp_path, channel("one", one), channel("two", two))
        house.put(OUT)
        for hours in range(0, 24 * 12, 6):
            house.run(NOW + hours * HOUR)
        assert house.open("one") == house.open("two") == []
    notes = [row for row in house.outbox.given_up() if row.news.what == DELIVERY_TROUBLE]
    assert 1 <= len(notes) <= 2


def test_a_broken_template_of_the_users_is_named(tmp_path: Path, good: Sink) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "news_line.j2").write_text("{{ n.who }} {{ n.nothing }}")
    house = House(tmp_path / "state", channel("phone", good))
    house.put(OUT)
    writer = Writer(Renderer("en", BERLIN, own), VIEWS, lambda _: QUIET_DIGEST, {"phone": Limits()}, NOW)
    report = dispatch.run(house.outbox, house.channels, house.notifiers, writer, VIEWS.silenced, NOW, BERLIN)
    (problem,) = report.problems
    assert problem.startswith("channel 'phone': template news_line.j2: 'dict object' has no attribute 'nothing'")
    assert len(house.open("phone")) == 1


def test_wishes_and_filters() -> None:
    phone = Channel(
        name="phone", url="console:", wishes=frozenset({NewsKind.DELIVERED}), retailers=frozenset({"hismile"})
    )
    assert not phone.wants(OUT)
    assert phone.wants(news(NewsKind.DELIVERED, "delivered", HISMILE))
    assert not phone.wants(news(NewsKind.DELIVERED, "delivered", PICKUP))
    work = Channel(name="work", url="console:", mailboxes=frozenset({"work"}))
    assert work.wants(OUT)
    assert not work.wants(replace(OUT, data=(("mailbox", "home"),)))
