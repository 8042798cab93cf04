"""What needs a person leaves the list again: when it is settled, or can no longer matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack.app.attention import attention
from inboxtrack.app.poll import Cycle
from inboxtrack.config.settings import Settings
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import reader as imap_reader
from inboxtrack.mail.source import Place
from inboxtrack.model import News, NewsKind, Outcome, Reading
from inboxtrack.outbox import RowState
from inboxtrack.store import Store
from tests.fake_imap import FakeImap, Peer, asked, giving
from tests.imap_help import account_at, everything, orders

NOW = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        yield opened


def withheld(peer: Peer, tag: str, arguments: str) -> bool:
    """Mail 2 has no body, for whatever reason."""
    if "HEADER.FIELDS" in arguments:
        return False
    for uid in asked(arguments):
        if uid != 2:
            peer.server.give(peer, uid, arguments)
    if 2 in asked(arguments) and 2 in peer.server.mails:
        peer.send("* 2 FETCH (UID 2 BODY[]<0> NIL)")
    peer.send(f"{tag} OK done")
    return True


class Polls:
    """Polls of one mailbox into a real store, at times of their own."""

    def __init__(self, store: Store, server: FakeImap) -> None:
        nothing = Reading(outcome=Outcome.IGNORED, reason="")
        self.store = store
        self.cycle = Cycle(store, lambda mails: [nothing] * len(mails), everything, lambda _: [])
        self.source = ImapSource(account_at(server))

    def at(self, *days: float) -> None:
        for day in days:
            assert self.cycle.poll("home", self.source, NOW + day * DAY).error is None

    def missing(self, day: float) -> list[tuple[int, int, str]]:
        found = attention(self.store, Settings(), NOW + day * DAY).not_fetched
        return [(place.uidvalidity, place.uid, why) for place, why in found]


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap(orders(3), hooks={"FETCH": withheld}) as running:
        yield running


@pytest.fixture
def given_up(store: Store, server: FakeImap) -> Iterator[Polls]:
    """Mail 2 was given up on the third try."""
    polls = Polls(store, server)
    polls.at(0, 0.1, 0.2)
    assert polls.missing(0.2) == [(7, 2, imap_reader.NO_BODY)]
    yield polls
    polls.source.close()


def test_a_mail_that_was_given_up_is_tried_once_a_day_and_leaves_when_it_is_fetched(
    given_up: Polls, server: FakeImap
) -> None:
    """covers: A2.5"""
    before = len(server.commands)
    given_up.at(0.3, 0.5, 1)
    assert not [command for command in server.commands[before:] if "UID FETCH 2" in command], "not at each poll"
    given_up.at(1.3)
    assert given_up.missing(1.3)
    server.hooks.clear()
    given_up.at(2.4)
    assert given_up.missing(2.4) == []


def test_it_leaves_when_it_is_gone_from_the_mailbox(given_up: Polls, server: FakeImap) -> None:
    del server.mails[2]
    given_up.at(1.3)
    assert given_up.missing(1.3) == []


def test_it_leaves_when_its_uidvalidity_is_gone(given_up: Polls, server: FakeImap) -> None:
    """covers: A2.1"""
    server.uidvalidity, server.mails = 8, orders(1)
    given_up.at(1.3)
    assert given_up.missing(1.3) == []


def test_it_leaves_after_a_month(given_up: Polls, server: FakeImap) -> None:
    given_up.at(*(day + 0.01 * day for day in range(1, 33)))
    assert given_up.missing(33) == []
    before = len(server.commands)
    given_up.at(40)
    assert not [command for command in server.commands[before:] if "FETCH" in command]


def test_it_leaves_when_nobody_polls_any_more(given_up: Polls) -> None:
    assert given_up.missing(30)
    assert given_up.missing(31) == []


def test_a_mail_of_more_than_50_mb_is_never_fetched_not_even_later(store: Store) -> None:
    """covers: A2.11"""
    with FakeImap(orders(1), hooks={"FETCH": giving(size=60_000_000)}) as server:
        polls = Polls(store, server)
        polls.at(0, 1.3)
        assert [why for _, _, why in polls.missing(1.3)] == [imap_reader.HUGE]
        polls.source.close()
    assert all("HEADER.FIELDS" in command for command in server.commands if "FETCH" in command)


def test_a_message_that_was_given_up_leaves_after_a_month(store: Store) -> None:
    news = News(kind=NewsKind.MAILBOX, keys=("mailbox/home",), at=NOW, what="mailbox_trouble", detail="silent")
    assert store.outbox.add("phone", news, NOW)
    (row,) = store.outbox.open_rows("phone")
    store.outbox.end([row.id], RowState.GIVEN_UP, NOW, "refused")
    shown = [len(attention(store, Settings(), NOW + days * DAY).given_up) for days in (1, 30, 31)]
    assert shown == [1, 1, 0]


def test_a_mail_that_waited_for_its_next_try_when_the_folder_was_rebuilt_is_shown_for_a_day(
    store: Store, server: FakeImap
) -> None:
    """covers: A2.1"""
    polls = Polls(store, server)
    polls.at(0)
    server.uidvalidity, server.mails = 8, orders(1)
    polls.at(0.1)
    assert polls.missing(0.1) == [(7, 2, imap_reader.REBUILT)]
    polls.at(1.3)
    assert polls.missing(1.3) == []
    with store.reading() as tx:
        assert tx.mails.is_known(Place("home", "INBOX", 8, 1))
    polls.source.close()
