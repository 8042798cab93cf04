"""The main job against a real Dovecot and a real HTTP endpoint, as processes that can be killed anywhere."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.config import load
from inboxtrack.outbox import RowState
from inboxtrack.store import Store
from tests.dovecot import Dovecot
from tests.living import aliexpress, command, deliver, furthest, life, run, stages, write_settings
from tests.relay import Relay
from tests.sinks import Sink, sink

pytestmark = pytest.mark.dovecot
POINTS = (
    "fetched",
    "read",
    "before_commit",
    "after_commit",
    "dispatch.picked",
    "dispatch.begun",
    "dispatch.sent",
    "dispatch.ended",
)
KILLS = int(os.environ.get("INBOXTRACK_KILLS", "20"))


def flags(server: Dovecot) -> object:
    client = server.admin()
    client.select_folder("INBOX", readonly=True)
    found = client.fetch(client.search("ALL"), ["FLAGS", "INTERNALDATE"])
    client.logout()
    return {uid: (sorted(data[b"FLAGS"]), data[b"INTERNALDATE"]) for uid, data in found.items()}


def test_first_poll_is_silent_but_for_one_summary_and_the_second_finds_nothing(server: Dovecot, tmp_path: Path) -> None:
    """covers: B7"""
    old = life(30, seed=1, noise=40)
    deliver(server, old.mails)
    before = flags(server)
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        code, _, err = run("poll", "--config", str(settings))
        assert (code, len(phone.got)) == (0, 1), err
        assert stages(settings) == furthest(old.mails, old.orders)
        assert run("poll", "--config", str(settings))[0] == 0
        assert len(phone.got) == 1
    assert flags(server) == before


def test_new_mail_is_told_once(server: Dovecot, tmp_path: Path) -> None:
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        run("poll", "--config", str(settings))
        told = len(phone.got)
        deliver(server, [aliexpress("Order 8011111111111111: order shipped", "8011111111111111")] * 2)
        for _ in range(3):
            assert run("poll", "--config", str(settings))[0] == 0
        assert len(phone.got) == told + 1
        assert "8011111111111111" in phone.texts[-1]


def test_orders_as_json(server: Dovecot, tmp_path: Path) -> None:
    deliver(server, [aliexpress("Order 8011111111111111: order shipped", "8011111111111111")])
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        run("poll", "--config", str(settings))
    code, out, _ = run("orders", "--json", "--config", str(settings))
    (order,) = json.loads(out)["orders"]
    assert (code, order["retailer"], order["stage"], order["trust"]) == (0, "aliexpress", "shipped", "verified")


def test_the_daemon_tells_a_new_mail_once_and_stops_cleanly(server: Dovecot, tmp_path: Path) -> None:
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url, idle=False, poll_seconds=5)
        run("poll", "--config", str(settings))
        told = phone.asked
        daemon = command("run", "--config", str(settings))
        try:
            assert "watching" in (daemon.stderr.readline() if daemon.stderr else "")
            second = run("run", "--config", str(settings))
            assert second[0] == 3
            assert "already at work" in second[2]
            deliver(server, [aliexpress("Order 8022222222222222: order shipped", "8022222222222222")])
            assert phone.wait_for(told + 1, timeout=30)
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, err = daemon.communicate(timeout=20)
        assert daemon.returncode == 0, err
        assert "Traceback" not in err
        assert phone.asked == told + 1


def test_idle_wakes_the_daemon_long_before_its_next_poll(server: Dovecot, tmp_path: Path) -> None:
    with sink() as phone, Relay(server.plain) as relay:
        settings = write_settings(tmp_path, replace(server, plain=relay.port), phone.url, idle=True, poll_seconds=3000)
        run("poll", "--config", str(settings))
        told = phone.asked
        daemon = command("run", "--config", str(settings))
        try:
            assert relay.wait_for(idles=1)
            deliver(server, [aliexpress("Order 8033333333333333: order shipped", "8033333333333333")])
            assert phone.wait_for(told + 1, timeout=30)
        finally:
            daemon.terminate()
            daemon.communicate(timeout=20)


def counted(phone: Sink, orders: tuple[str, ...]) -> Counter[str]:
    return Counter(number for text in phone.texts for number in orders if number in text)


def rows_of(settings: Path) -> tuple[set[str], set[str]]:
    """The orders whose news ended as sent (alone or with others), and those whose news waits for its turn."""
    with Store(load(settings).general.state) as store, store.reading() as tx:
        rows = tx.news.rows()
    by_state = {state: {n for row in rows if row.state is state for _, n in row.news.orders} for state in RowState}
    assert not by_state[RowState.GIVEN_UP]
    return by_state[RowState.SENT] | by_state[RowState.MERGED], by_state[RowState.DUE]


def test_killed_anywhere_nothing_is_lost_and_hardly_anything_told_twice(server: Dovecot, tmp_path: Path) -> None:
    """covers: A2.8, B1, B2 — SIGKILL at commit and send points of a first sync and of a live feed."""
    old, feed = life(60 if KILLS <= 20 else 1200, seed=2, noise=40 if KILLS <= 20 else 600), life(2 * KILLS, seed=3)
    deliver(server, old.mails)
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        arrivals = list(feed.mails)
        kills = attempts = 0
        while kills < KILLS:
            attempts += 1
            assert attempts < 3 * KILLS, "the points of death are hardly passed"
            if attempts > KILLS // 4:
                deliver(server, [arrivals.pop() for _ in range(2) if arrivals])
            code, _, err = run("poll", "--config", str(settings), crash_at=POINTS[attempts % len(POINTS)])
            assert code in (0, -signal.SIGKILL), err
            kills += code != 0
        deliver(server, arrivals)
        for _ in range(3):
            code, _, err = run("poll", "--config", str(settings))
            assert code == 0, err
        mails, orders = old.mails + feed.mails, old.orders + feed.orders
        assert stages(settings) == furthest(mails, orders)
        messages = Counter(text.removesuffix("(maybe repeated)") for text in phone.texts)
        assert len(phone.texts) - len(messages) <= kills
        wanted = {n for n, stage in furthest(feed.mails, feed.orders).items() if stage != "preparing"}
        sent, waiting = rows_of(settings)
        assert wanted <= sent | waiting
        # Catch-up messages count what they leave out, and a phone gets no more than 30 messages an hour.
        assert not waiting or len(messages) >= 30
        if KILLS <= 20:
            assert wanted <= set(counted(phone, feed.orders))


def test_the_daemon_killed_between_any_two_steps_misses_nothing(server: Dovecot, tmp_path: Path) -> None:
    """covers: B1, B2 — IDLE off, a poll every 5 s, SIGKILL at each point in turn, and a restart."""
    orders = [f"805555555555{n:04d}" for n in range(len(POINTS))]
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url, idle=False, poll_seconds=5)
        run("poll", "--config", str(settings))
        for point, order in zip(POINTS, orders, strict=True):
            deliver(server, [aliexpress(f"Order {order}: order shipped", order)])
            daemon = command("run", "--config", str(settings), crash_at=point)
            _, err = daemon.communicate(timeout=40)
            assert daemon.returncode == -signal.SIGKILL, err
        daemon = command("run", "--config", str(settings))
        try:
            assert phone.wait_until(lambda: all(any(o in text for text in phone.texts) for o in orders), 40)
        finally:
            daemon.terminate()
            daemon.communicate(timeout=20)
    told = Counter(order for text in phone.texts for order in orders if order in text)
    assert set(told) == set(orders)
    assert set(told.values()) <= {1, 2}
    assert sum("maybe repeated" in text for text in phone.texts) <= 2  # killed when begun, killed when sent
