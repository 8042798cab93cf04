"""What the tests of dispatch share: a store with channels that lead to real endpoints.

A module that uses the fixture `good` imports it and names it in its `__all__`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inboxtrack import dispatch
from inboxtrack.channel import Channel
from inboxtrack.model import News, NewsKind
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.writing import Writer
from inboxtrack.outbox import OutboxRow
from inboxtrack.store import Store
from tests.samples import BERLIN, HISMILE, NOW, PICKUP, QUIET_DIGEST, VIEWS, WRITE, news
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
        """News for the channels that want it."""
        with self.store.transaction() as tx:
            for one in told:
                tx.news.announce(one, [c.name for c in self.channels if c.wants(one)], now, silent=False)

    def run(self, now: dt.datetime = NOW) -> dispatch.Report:
        """One dispatch at a moment."""
        writer = Writer(WRITE, self.views, lambda _: QUIET_DIGEST, {}, now)
        return dispatch.run(
            self.outbox, self.channels, self.notifiers, writer, self.views.silenced, now, BERLIN, lambda: 0.0
        )

    def open(self, name: str) -> list[OutboxRow]:
        """What has not been told to a channel yet."""
        return self.outbox.open_rows(name)

    def one(self, name: str) -> OutboxRow:
        """The only row that has not."""
        (row,) = self.open(name)
        return row


@pytest.fixture
def good() -> Iterator[Sink]:
    """A service that takes every message."""
    with sink() as made:
        yield made


def channel(name: str, to: Sink, **more: Any) -> Channel:
    """A channel that leads to it."""
    return Channel(name=name, url=to.url, **more)
