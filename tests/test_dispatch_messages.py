"""Outbox to real endpoints: which messages the rows become, and who gets them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from inboxtrack import dispatch
from inboxtrack.channel import DIGEST, FIRST_RUN, Channel, Limits
from inboxtrack.model import News, NewsKind
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.writing import Writer
from inboxtrack.views import Views
from tests.dispatch_help import DAY, HOUR, OUT, READY, House, channel, good
from tests.samples import BERLIN, DISPUTE, HISMILE, NOW, PICKUP, QUIET_DIGEST, VIEWS, news
from tests.sinks import Sink

__all__ = ["good"]


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


def test_summaries_are_messages_of_their_own_and_the_last_digest_counts(tmp_path: Path, good: Sink) -> None:
    house = House(tmp_path, channel("phone", good))
    first = News(kind=NewsKind.SUMMARY, keys=("first",), at=NOW, what=FIRST_RUN, data=(("mails", "3000"),))
    days = [News(kind=NewsKind.SUMMARY, keys=(f"digest/{day}",), at=NOW, what=DIGEST) for day in (1, 2)]
    house.put(first, *days, OUT)
    house.run()
    assert [one["title"] for one in good.got] == [
        "3000 mails read: 5 open orders found, 1 refund to come, 3 need you",
        "5 open orders, 1 refund to come, 3 need you",
        "Hismile order out for delivery",
    ]


def test_a_deadline_that_old_mail_brings_is_in_its_summary(tmp_path: Path, good: Sink) -> None:
    """covers: B7: the first run is one message, and the row of the deadline ends with it."""
    house = House(tmp_path, channel("phone", good))
    new = json.dumps([HISMILE.order.id, PICKUP.order.id, ["hismile", "long over"]])
    first = News(kind=NewsKind.SUMMARY, keys=("first",), at=NOW, what=FIRST_RUN, data=(("mails", "9"), ("new", new)))
    last_day = (("policy", "aliexpress.dispute"), ("until", "2026-03-05"))
    house.put(news(NewsKind.DEADLINE, "deadline", DISPUTE, data=last_day), first)
    house.run()
    (message,) = good.got
    assert message["title"] == "9 mails read: 2 new orders, 5 open, 1 refund to come, 3 need you"
    assert (
        message["message"]
        .splitlines()[0]
        .startswith("AliExpress 8203344556677802: today is the last day to open a dispute (check at AliExpress)")
    )
    assert "! AliExpress 8203344556677802" in message["message"]
    assert message["message"].count("open a dispute") == 1
    assert house.open("phone") == []


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
