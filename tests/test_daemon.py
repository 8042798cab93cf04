"""The daemon's own parts: back-off, clock jumps, runs that come late, digests on the days the clocks change."""

from __future__ import annotations

import datetime as dt
import math
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.app import App, utc_now
from inboxtrack.app.messages import last_slot
from inboxtrack.app.signin import GivenPassword
from inboxtrack.config import load
from inboxtrack.daemon import LONGEST_BACK_OFF, USER_MUST_ACT, Daemon, back_off
from inboxtrack.keeping import NewMail
from inboxtrack.mail.imap import idle
from inboxtrack.mail.source import Kind
from inboxtrack.model import Outcome, Reading
from inboxtrack.secret import Secret
from tests.fake_imap import FakeImap, Peer
from tests.imap_help import orders
from tests.living import ROOT

SETTINGS = """
[general]
state_folder = "{folder}/state"
[[mailbox]]
name = "home"
host = "127.0.0.1"
port = {port}
security = "plain"
user = "anna"
password = "secret"
[[channel]]
name = "phone"
url = "json://127.0.0.1:9/"
"""


@pytest.fixture
def mailbox() -> Iterator[FakeImap]:
    with FakeImap(hooks={"IDLE": speak_at_once}) as server:
        yield server


def speak_at_once(peer: Peer, tag: str, _: str) -> bool:
    peer.send("+ idling")
    time.sleep(0.1)  # in one packet they would be one answer
    peer.send("* 1 EXISTS")
    if peer.line() is not None:
        peer.send(f"{tag} OK done")
    return True


@pytest.fixture
def said() -> list[str]:
    """What the daemon says."""
    return []


@pytest.fixture
def daemon(mailbox: FakeImap, tmp_path: Path, said: list[str]) -> Iterator[Daemon]:
    path = tmp_path / "inboxtrack.toml"
    path.write_text(SETTINGS.format(folder=tmp_path, port=mailbox.port))
    path.chmod(0o600)
    with App.open(load(path)) as app:
        yield Daemon(app, said.append)


def test_pauses_grow_to_a_quarter_of_an_hour_and_are_spread() -> None:
    """covers: A1.5"""
    pauses = [back_off(n, Kind.TRANSIENT, 0, 0.5) for n in range(1, 12)]
    assert pauses[0] == 5
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_BACK_OFF
    assert back_off(3, Kind.TRANSIENT, 0, 0.0) < back_off(3, Kind.TRANSIENT, 0, 1.0)
    assert back_off(1, Kind.TRANSIENT, 600, 0.5) == 600, "a server that asks for a pause gets it"
    assert back_off(1, Kind.AUTH, 0, 0.5) == USER_MUST_ACT, "a refused password is not tried until the account locks"
    assert back_off(1, Kind.CONFIG, 0, 0.5) == 5, "a hotel's network shows a foreign certificate for a while"


@pytest.mark.parametrize(("jump", "connections"), [(0.0, 1), (3600.0, 2), (-3600.0, 2)])
def test_after_a_suspend_the_connection_is_made_anew(
    mailbox: FakeImap, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, jump: float, connections: int
) -> None:
    """covers: A1.14"""
    monkeypatch.setattr(idle, "FLOOR", 0.01)
    (watcher,) = daemon.watchers
    watcher._poll()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    watcher._wait()
    watcher._poll()
    assert mailbox.sessions == connections
    watcher.source.close()


def test_a_daemon_that_runs_for_long_lets_go_of_old_mail_every_day(daemon: Daemon) -> None:
    now = utc_now()
    reading = Reading(outcome=Outcome.READ, reason="")
    old = NewMail(key="old", account="home", received_at=now - dt.timedelta(days=366), raw=b"old", truncated=False)
    daemon.app.tidy(now - dt.timedelta(hours=25))
    with daemon.app.store.transaction() as tx:
        kept = tx.mails.record(old, reading, now)
    daemon._tell()
    with daemon.app.store.reading() as tx:
        mail = tx.mails.by_id(kept)
    assert mail is not None
    assert mail.raw is None


def test_trouble_with_the_store_is_one_line_with_its_cure(daemon: Daemon, said: list[str]) -> None:
    (watcher,) = daemon.watchers
    watcher.tell = lambda: None
    with sqlite3.connect(daemon.app.settings.general.state / "inboxtrack.sqlite") as other:
        other.executescript("DROP TABLE outbox; DROP TABLE position")
    for _ in range(3):
        daemon._tell()
        watcher._poll()
    watcher.source.close()
    (text,) = said
    assert "\n" not in text
    assert "inboxtrack.sqlite: no such table" in text
    assert "; " in text


def test_whatever_fails_unforeseen_is_said_once_and_tried_again(
    daemon: Daemon, said: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug of ours stops neither the mailbox nor telling, and fills no log."""

    def broken(*_: object) -> None:
        raise RuntimeError

    (watcher,) = daemon.watchers
    watcher.tell = lambda: None
    with monkeypatch.context() as patch:
        patch.setattr(daemon.app, "tell", broken)
        patch.setattr(daemon.app.intake, "poll", broken)
        for watcher.failures in range(3):
            assert watcher._poll().error
            daemon._tell()
    assert len([record for record in caplog.records if record.exc_info]) == 2
    assert watcher._poll().error is None
    daemon._tell()
    watcher.source.close()
    failed = [
        "mailbox 'home': the poll failed (RuntimeError): it is tried again; please report the traceback",
        "telling failed (RuntimeError): it is tried again; please report the traceback",
    ]
    assert said[:2] == failed
    assert [said[2], said[-1]] == ["mailbox 'home' is read again", "telling works again"]


def test_a_password_that_is_gone_is_trouble_of_its_mailbox(mailbox: FakeImap, tmp_path: Path, said: list[str]) -> None:
    """covers: C14 — one line and one message; when it is there again all goes on."""
    path, secret = tmp_path / "inboxtrack.toml", tmp_path / "password"
    text = SETTINGS.format(folder=tmp_path, port=mailbox.port)
    path.write_text(text.replace('password = "secret"', f'password_file = "{secret}"'))
    path.chmod(0o600)
    with App.open(load(path)) as app:
        daemon = Daemon(app, said.append)
        (watcher,) = daemon.watchers
        watcher.tell = lambda: None
        reports = [watcher._poll() for _ in range(3)]
        assert {report.kind for report in reports} == {Kind.CONFIG}
        with app.store.reading() as tx:
            assert len([row for row in tx.news.rows() if row.news.what == "mailbox_trouble"]) == 1
        secret.write_text("secret")
        secret.chmod(0o600)
        assert watcher._poll().error is None
        watcher.source.close()
    assert len(said) == 2
    assert f"the password of mailbox 'home': {secret} cannot be read" in said[0]


def test_a_given_password_is_known_by_a_salted_hash_alone(tmp_path: Path) -> None:
    """covers: A1.11"""
    file = tmp_path / "password"
    secret = Secret(label="the password of mailbox 'home'", command=("cat", str(file)))
    file.write_text("first\n")
    given, other = GivenPassword(secret), GivenPassword(secret)
    assert (given(), other()) == ("first", "first")
    assert given._last != other._last, "two of the same are not seen to be so"
    assert b"first" not in b"".join(value for value in vars(given).values() if isinstance(value, bytes))
    assert not given.renewed()
    file.write_text("second\n")
    assert given.renewed()
    assert given.renewed(), "until it was used"
    assert given() == "second"
    assert not given.renewed()
    file.unlink()
    assert not given.renewed(), "a place that gives none gives no other"


def test_each_refusal_in_a_row_makes_the_looks_for_another_password_rarer(daemon: Daemon) -> None:
    """covers: A1.11"""
    (watcher,) = daemon.watchers
    paces = []
    for watcher.refusals in (0, 1, 2, 3, 5_000):
        paces.append(watcher._pace)
    assert paces[:4] == [math.inf, 300, 600, 1200]
    assert paces[4] > USER_MUST_ACT


SIGNALLED = """
import signal, sys, threading
from inboxtrack import daemon
from inboxtrack.cli import main
daemon.Daemon.tell_soon = lambda _: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
main()
"""


def test_a_signal_that_another_thread_gets_ends_the_daemon(tmp_path: Path) -> None:
    """Which thread gets it is the system's choice: here it is the mailbox' own, while the main one waits."""
    with FakeImap(orders(1)) as server:
        path = tmp_path / "inboxtrack.toml"
        path.write_text(SETTINGS.format(folder=tmp_path, port=server.port))
        path.chmod(0o600)
        command = [sys.executable, "-c", SIGNALLED, "run", "--config", str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (0, ["stopped"]), done.stderr


def test_a_run_that_comes_hours_late_is_made_once(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: A1.15"""
    runs: list[float] = []
    told = threading.Event()

    def tell() -> None:
        runs.append(time.monotonic())
        told.set()

    monkeypatch.setattr(daemon, "_tell", tell)
    scheduler = daemon._scheduler()
    scheduler.start(paused=True)
    late = dt.timedelta(hours=5, seconds=15)  # also the last of the missed runs was a while ago
    scheduler.modify_job("tell", next_run_time=dt.datetime.now(dt.UTC) - late)
    scheduler.resume()
    assert told.wait(10), "a run is never dropped for being late"
    scheduler.shutdown(wait=True)
    assert len(runs) == 1, "600 missed runs are one"


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25), dt.date(2026, 7, 1)])
@pytest.mark.parametrize("schedule", ["30 2 * * *", "0 8 * * *", "30 3 * * *"])
def test_a_digest_comes_once_a_day_when_the_clocks_change(day: dt.date, schedule: str) -> None:
    """covers: A1.15"""
    zone = ZoneInfo("Europe/Berlin")
    now = dt.datetime.combine(day - dt.timedelta(days=2), dt.time(12), zone).astimezone(dt.UTC)
    done, slots = now, []
    for _ in range(4 * 24 * 4):
        now += dt.timedelta(minutes=15)
        slot = last_slot(schedule, zone, done, now)
        if slot is not None:
            done = slot
            slots.append(slot.astimezone(zone).date())
    assert slots == [day + dt.timedelta(days=n) for n in range(-1, 3)]
