"""The disk is full or fails, somebody else holds the store: one line, and nothing is lost or told twice."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from inboxtrack.app.lock import instance_lock
from inboxtrack.store import Store
from tests.living import AUTHSERV, ROOT, furthest, life, run, stages
from tests.sinks import Sink, sink

OLD = life(15, seed=3)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    for n, mail in enumerate(OLD.mails):
        (tmp_path / "Maildir" / "cur" / f"1700000000.{n}.host:2,S").write_bytes(mail)
    return tmp_path / "Maildir"


def settings(box: Path, phone: Sink) -> Path:
    path = box.parent / "inboxtrack.toml"
    path.write_text(
        f'[general]\ntime_zone = "Pacific/Chatham"\nstate_folder = "{box.parent / "state"}"\n'
        f'[[mailbox]]\nname = "home"\nmaildir = "{box}"\nauthserv_ids = ["{AUTHSERV}"]\n'
        f'[[channel]]\nname = "phone"\nurl = "{phone.url}"\n[digest]\nschedule = ""\n'
    )
    path.chmod(0o600)
    return path


def poll_with_room(path: Path, kilobytes: int, *more: str) -> tuple[int, str]:
    """Poll where no file may grow beyond a size, as on a full disk."""
    done = subprocess.run(
        [sys.executable, "-m", "inboxtrack", "poll", *more, "--config", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024)),
    )
    return done.returncode, done.stderr


def test_a_full_disk_loses_nothing_and_tells_nothing_twice(tmp_path: Path, box: Path) -> None:
    """covers: B13: wherever the room ends, one line says so; with room again all is read and told once."""
    failures = 0
    with sink() as phone:
        path = settings(box, phone)
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
        path = settings(box, phone)
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
        path = settings(box, phone)
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "state" / "inboxtrack.sqlite").write_bytes(b"not a database " * 1000)
        code, _, err = run("poll", "--config", str(path))
    assert code == 1
    assert "file is not a database" in err
    assert err.count("\n") == 1


def test_a_second_instance_leaves_at_once(tmp_path: Path, box: Path) -> None:
    """covers: B12: exit code 3 and one line; the first one is not disturbed."""
    with sink() as phone:
        path = settings(box, phone)
        (tmp_path / "state").mkdir(mode=0o700)
        with instance_lock(tmp_path / "state"):
            code, _, err = run("poll", "--config", str(path))
        assert (code, phone.asked) == (3, 0)
        assert "already at work" in err
        assert run("poll", "--config", str(path))[0] == 0
        assert phone.asked == 1
