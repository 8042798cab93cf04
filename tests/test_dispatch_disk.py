"""The disk is full or fails, somebody else holds the store: one line, and nothing is lost or told twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inboxtrack.app.lock import instance_lock
from inboxtrack.store import Store
from tests.living import channel, furthest, life, maildir, maildir_settings, poll_with_room, run, stages
from tests.sinks import sink

OLD = life(15, seed=3)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return maildir(tmp_path / "Maildir", OLD.mails)


def test_a_full_disk_loses_nothing_and_tells_nothing_twice(tmp_path: Path, box: Path) -> None:
    """covers: B13: wherever the room ends, one line says so; with room again all is read and told once."""
    failures = 0
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        for kilobytes in (64, 200, 300):
            code, err = poll_with_room(path, kilobytes)
            assert "Traceback" not in err
            failures += code
            assert code == 0 or (err.count("\n") == 1 and "the disk is full or fails" in err), err
        assert failures >= 2
        assert run("poll", "--config", str(path))[0] == 0
        assert phone.asked == 1
    assert stages(path) == furthest(OLD.mails, OLD.orders)


def test_a_store_that_another_program_holds_is_named(tmp_path: Path, box: Path) -> None:
    """covers: B13: locked for longer than anybody waits."""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        Store(tmp_path / "state").__exit__(None, None, None)
        holder = sqlite3.connect(tmp_path / "state" / "inboxtrack.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        code, _, err = run("poll", "--config", str(path))
        holder.close()
    assert code == 1
    assert "database is locked; another program holds it" in err
    assert "Traceback" not in err


def test_a_damaged_store_is_named(tmp_path: Path, box: Path) -> None:
    """covers: B13"""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "state" / "inboxtrack.sqlite").write_bytes(b"not a database " * 1000)
        code, _, err = run("poll", "--config", str(path))
    assert code == 1
    assert "file is not a database" in err
    assert err.count("\n") == 1


def test_a_second_instance_leaves_at_once(tmp_path: Path, box: Path) -> None:
    """covers: B12: exit code 3 and one line; the first one is not disturbed."""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        (tmp_path / "state").mkdir(mode=0o700)
        with instance_lock(tmp_path / "state"):
            code, _, err = run("poll", "--config", str(path))
        assert (code, phone.asked) == (3, 0)
        assert "already at work" in err
        assert run("poll", "--config", str(path))[0] == 0
        assert phone.asked == 1
