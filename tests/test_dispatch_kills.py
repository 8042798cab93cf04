"""Killed at every point of sending: each news arrives on each channel once, after a kill at most twice, never not.

20 kills; 200 with `INBOXTRACK_LONG=1`.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.model import News, NewsKind
from inboxtrack.store import Store
from tests import kill_child
from tests.samples import HISMILE, LOST, NOW, PICKUP, news
from tests.sinks import Sink, sink

KILLS = 200 if os.environ.get("INBOXTRACK_LONG") else 20
POINTS = ("picked:1", "begun:1", "sent:1", "sent:2", "ended:1", "ended:2", "postponed:1")
MINUTE = dt.timedelta(minutes=1)
TOLD = (
    news(NewsKind.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE),
    news(NewsKind.READY_FOR_PICKUP, "ready_for_pickup", PICKUP),
    news(NewsKind.PROBLEM, "exception", LOST, detail="lost"),
)
NUMBERS = {one: one.orders[0][1] for one in TOLD}


@pytest.fixture(scope="module")
def forks() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.kill_child"])
    return context


@pytest.fixture
def sinks() -> Iterator[dict[str, Sink]]:
    with sink() as phone, sink() as sms, sink(500) as late:
        yield {"phone": phone, "sms": sms, "late": late}


def announce(folder: Path, told: list[News]) -> None:
    with Store(folder) as store, store.transaction() as tx:
        for one in told:
            tx.news.announce(one, ["phone", "sms", "late"], NOW, silent=False)


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_loses_nothing_and_repeats_at_most_once(
    seed: int, tmp_path: Path, sinks: dict[str, Sink], forks: multiprocessing.context.ForkServerContext
) -> None:
    """covers: B1, B2: a real SIGKILL at a named point, then the program is started again."""
    chance = random.Random(seed)
    told = [replace(one) for one in chance.sample(TOLD, chance.randint(1, 3))]
    announce(tmp_path, told)
    ports = {name: one.port for name, one in sinks.items()}
    point = f"dispatch.{POINTS[seed % len(POINTS)]}"

    def go(now: dt.datetime, crash_at: str | None) -> int | None:
        process = forks.Process(target=kill_child.run, args=(tmp_path, ports, now, crash_at))
        process.start()
        process.join(60)
        return process.exitcode

    assert go(NOW, point) == -signal.SIGKILL
    sinks["late"].status = 200
    for minutes in (3, 10):
        assert go(NOW + minutes * MINUTE, None) == 0
    for name, one in sinks.items():
        arrived = Counter(number for text in one.texts for number in NUMBERS.values() if number in text)
        for news_told in told:
            assert 1 <= arrived[NUMBERS[news_told]] <= 2, (name, point, one.texts)
    with Store(tmp_path) as store:
        assert not any(store.outbox.open_rows(name) for name in sinks)
