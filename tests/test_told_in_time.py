"""Time as a signal through the whole chain: store, overview, outbox, a real HTTP endpoint; days go by as arguments."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.config import parse
from inboxtrack.keeping import NewMail
from inboxtrack.model import Fact, Outcome, Reading
from inboxtrack.pipeline import nobody, settle
from tests.sinks import Sink, sink
from tests.story_language import facts, on

NIGHT = dt.timedelta(hours=11)


@pytest.fixture
def app(tmp_path: Path, phone: Sink) -> Iterator[App]:
    values = {
        "general": {"time_zone": "Europe/Berlin", "home_country": "DE", "state_folder": str(tmp_path / "state")},
        "channel": [{"name": "phone", "url": phone.url}],
        "digest": {"schedule": ""},
    }
    with App.open(parse(values, tmp_path / "inboxtrack.toml")) as opened:
        yield opened


def learn(app: App, told: list[Fact], day: float, *, silent: bool = False) -> None:
    """Facts come in, as a poll brings them."""
    with app.store.transaction() as tx:
        nodes = frozenset[str]().union(*(tx.facts.add(fact) for fact in told))
        settle(nodes, tx, nobody if silent else app.messages.channels_for, on(day), silent=silent)


def days(app: App, first: int, last: int) -> None:
    for day in range(first, last + 1):
        app.tell(now=on(day) + NIGHT)


def test_a_silence_is_told_once_however_often_it_is_looked_at(app: App, phone: Sink) -> None:
    learn(app, facts("0 shop aliexpress A1 placed"), 0)
    days(app, 0, 30)
    about = [text for text in phone.texts if "A1" in text]
    assert len(about) == 2, about


def test_a_deadline_is_told_three_times_and_never_after(app: App, phone: Sink) -> None:
    learn(app, facts("0 shop aliexpress A1 placed\n3 shop aliexpress A1 shipped"), 3)
    days(app, 3, 39)
    before = len(phone.texts)
    learn(app, facts("40 shop aliexpress A1 closed as=closing"), 40)
    days(app, 40, 46)
    assert len(phone.texts) == before + 1, "closed, and nothing else yet"
    days(app, 47, 53)
    assert len(phone.texts) == before + 4
    assert all("open a dispute" in text for text in phone.texts[-3:]), phone.texts
    days(app, 54, 75)
    assert len(phone.texts) == before + 4


def test_a_closed_order_is_still_reminded_of_after_a_night_without_power(app: App, phone: Sink) -> None:
    learn(app, facts("0 shop aliexpress A1 placed\n40 shop aliexpress A1 closed"), 40)
    days(app, 40, 40)
    before = len(phone.texts)
    days(app, 52, 52)
    assert len(phone.texts) == before + 1


def test_old_mail_that_comes_in_silently_tells_no_silence(app: App, phone: Sink) -> None:
    days(app, 50, 50)
    old = "\n".join(f"{n / 10} shop aliexpress B{n} placed" for n in range(80))
    learn(app, facts(old), 51, silent=True)
    days(app, 51, 52)
    assert phone.texts == []
    assert all(view.flags for view in app.orders.overview(now=on(52))), "they are seen to be late all the same"


def test_what_was_wrong_is_told_again_when_it_is_true(app: App, phone: Sink) -> None:
    told = """
        2    shop     hismile AU1001 #T1  shipped
        5    carrier  #T1                 delivered
        5.5  carrier  #T1                 in_transit
        6    carrier  #T1                 out_for_delivery
        7    carrier  #T1                 delivered
    """
    for fact in facts(told):
        learn(app, [fact], (fact.at - on(0)) / dt.timedelta(days=1))
        app.tell(now=fact.at)
    assert len(phone.texts) == 4, phone.texts
    assert "AU1001" in phone.texts[-1]


def test_what_is_taken_back_before_it_was_sent_is_not_sent(app: App, phone: Sink) -> None:
    told = """
        5    carrier  #T1  delivered
        5.5  carrier  #T1  in_transit
        6    carrier  #T1  out_for_delivery
    """
    for fact in facts(told):
        learn(app, [fact], 6)
    app.tell(now=on(6))
    assert phone.texts == []
    learn(app, facts("7 carrier #T1 delivered as=truly"), 7)
    app.tell(now=on(7))
    assert len(phone.texts) == 1


def test_nothing_that_follows_from_time_is_told_at_night(app: App, phone: Sink) -> None:
    learn(app, facts("0 shop aliexpress A1 #T1 in_transit eta=3-4"), 0)
    app.tell(now=on(0))
    before = len(phone.texts)
    midnight = dt.datetime(2026, 3, 6, 23, 30, tzinfo=dt.UTC)
    for hour in range(8):
        app.tell(now=midnight + dt.timedelta(hours=hour))
        assert len(phone.texts) == before, hour
    app.tell(now=midnight + dt.timedelta(hours=8))
    assert len(phone.texts) == before + 1


def unread(app: App, key: str, day: float) -> None:
    """A mail that gave nothing usable comes in."""
    reading = Reading(outcome=Outcome.UNREAD, sender="shop@example.com", subject="Your order", reason="no number")
    row = NewMail(key=key, account="home", received_at=on(day), raw=b"Subject: Your order\n\n", truncated=False)
    with app.store.transaction() as tx:
        tx.mails.record(row, reading, on(day))


def test_a_digest_counts_mail_that_came_unread_since_the_last_one_though_news_went_out_between(
    app: App, phone: Sink
) -> None:
    unread(app, "first", 0)
    app.messages.put_digest("digest/1", on(1), on(1))
    app.tell(now=on(1))
    assert app.messages.digests.view(on(1)).unread == 0
    unread(app, "second", 2)
    learn(app, facts("2 shop hismile AU1 placed"), 2)
    app.tell(now=on(2))
    assert len(phone.texts) == 2
    assert app.messages.digests.view(on(2)).unread == 1


def test_unread_mail_is_known_when_every_channel_has_the_digest(tmp_path: Path, phone: Sink) -> None:
    with sink() as post:
        values = {
            "general": {"time_zone": "Europe/Berlin", "state_folder": str(tmp_path / "state")},
            "channel": [{"name": "phone", "url": phone.url}, {"name": "post", "url": post.url}],
            "digest": {"schedule": ""},
        }
        with App.open(parse(values, tmp_path / "inboxtrack.toml")) as app:
            unread(app, "first", 0)
            unread(app, "second", 0)
            post.status = 503
            app.messages.put_digest("digest/1", on(1), on(1))
            app.tell(now=on(1))
            assert ["2 mails of shops" in text for text in phone.texts if "open orders" in text] == [True]
            assert app.messages.digests.view(on(1)).unread == 2, "post has yet to be told"
            unread(app, "third", 1.01)
            learn(app, facts("1.02 shop hismile AU1 placed"), 1.02)
            post.status = 200
            for minutes in range(0, 180, 30):
                app.tell(now=on(1.02) + dt.timedelta(minutes=minutes))
            assert [text for text in post.texts if "2 mails of shops" in text], post.texts
            assert app.messages.digests.view(on(2)).unread == 1, "the third came after that digest"


def test_a_digest_that_went_nowhere_leaves_unread_mail_untold(app: App, phone: Sink) -> None:
    unread(app, "first", 0)
    phone.status = 503
    app.messages.put_digest("digest/1", on(1), on(1))
    app.tell(now=on(1))
    assert app.messages.digests.view(on(1)).unread == 1


def test_mail_that_comes_while_a_digest_is_on_its_way_is_in_the_next_one(app: App, phone: Sink) -> None:
    unread(app, "first", 0)
    phone.stall = threading.Event()
    app.messages.put_digest("digest/1", on(1), on(1))
    sending = threading.Thread(target=app.tell, kwargs={"now": on(1)})
    sending.start()
    assert phone.wait_for(1)
    unread(app, "second", 1)
    phone.stall.set()
    sending.join()
    assert app.messages.digests.view(on(1)).unread == 1


def test_a_digest_names_what_was_delivered_since_the_last_one_and_no_old_orders_of_a_backfill(app: App) -> None:
    learn(app, facts("90 shop hismile AU1 placed"), 90)
    app.messages.put_digest("digest/1", on(100), on(100))
    learn(app, facts("1 shop hismile AU2 placed"), 101, silent=True)
    learn(app, facts("4 shop hismile AU2 delivered\n5 shop hismile AU3 delivered"), 101, silent=True)
    learn(app, facts("99 shop hismile AU1 delivered"), 101)
    assert [view.order.number for view in app.messages.digests.view(on(102)).orders] == ["AU1"]
