"""Whatever goes wrong while the real daemon runs is one line with its cure, one message where it lasts, and heals.

The daemon is the command line in a process of its own, in haste (`tests.hasty`); an hour passes by setting back the
time at which the trouble began.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.app.spells import STORE_OVER
from inboxtrack.config import load
from tests.dovecot import USERS, Dovecot, dovecot, start, stop
from tests.fake_imap import FakeImap
from tests.hasty import Running, daemon
from tests.imap_help import orders
from tests.listener import web_server
from tests.living import aliexpress, deliver, run, write_settings
from tests.oauth_help import oauth_settings, wanting
from tests.relay import Relay
from tests.sinks import Sink

NUMBER = "8044444444444444"
NEWS = aliexpress(f"Order {NUMBER}: order shipped", NUMBER)


def ready(folder: Path, server: Dovecot, phone: Sink, **mailbox: object) -> Path:
    """Settings whose first poll is over: what comes now is news."""
    settings = write_settings(folder, server, phone.url, **{"poll_seconds": 5, **mailbox})
    with App.open(load(settings)) as app:
        assert app.poll().ok
    phone.forget()
    return settings


def an_hour_passes(settings: Path) -> None:
    """The trouble that is on now began two hours ago."""
    with sqlite3.connect(settings.parent / "state" / "inboxtrack.sqlite", timeout=20) as store:
        changed = store.execute("UPDATE health SET since = datetime(since, '-2 hours') WHERE since IS NOT NULL")
        assert changed.rowcount == 1
    store.close()


def heals(at: Running, phone: Sink, over: str) -> None:
    """It says so, and the news that waited is told."""
    assert at.says(over), at.said
    assert phone.wait_until(lambda: any(NUMBER in text for text in phone.texts), 40), at.said


@pytest.mark.dovecot
def test_a_stopped_server(phone: Sink, tmp_path: Path) -> None:
    """covers: A1.5, B11"""
    with dovecot() as server:
        settings = ready(tmp_path, server, phone)
        with daemon(settings) as at:
            stop(server)
            assert at.says("mailbox 'home': "), at.said
            an_hour_passes(settings)
            assert phone.wait_for(1, 40)
            server.process = start(server.home, server.plain, server.tls).process
            deliver(server, [NEWS])
            heals(at, phone, "mailbox 'home' is read again")
    assert len(at.troubles) == 2, at.said
    assert ["check host and port" in text for text in phone.texts] == [True, False]


@pytest.mark.dovecot
def test_dropped_connections_are_renewed_without_a_word(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.2, A1.8"""
    with Relay(server.plain) as relay:
        settings = ready(tmp_path, server, phone)
        settings.write_text(settings.read_text().replace(f"port = {server.plain}", f"port = {relay.port}"))
        with daemon(settings) as at:
            for n, fault in enumerate((relay.cut, relay.reset, relay.cut), 1):
                assert relay.wait_for(idles=relay.idles + 1), n
                fault()
            deliver(server, [NEWS])
            assert phone.wait_for(1, 40), at.said
    assert at.troubles == []
    assert NUMBER in phone.texts[0]


@pytest.mark.dovecot
def test_a_dead_idle(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.1, A1.3"""
    with Relay(server.plain) as relay:
        settings = ready(tmp_path, server, phone)
        settings.write_text(settings.read_text().replace(f"port = {server.plain}", f"port = {relay.port}"))
        with daemon(settings) as at:
            assert relay.wait_for(idles=1)
            relay.stalled.set()
            assert at.says("does not answer|fell silent"), at.said
            assert relay.wait_for(relay.accepted + 2), "it goes on trying"
            an_hour_passes(settings)
            assert phone.wait_for(1, 40), at.said
            relay.stalled.clear()
            deliver(server, [NEWS])
            heals(at, phone, "mailbox 'home' is read again")
    assert len(at.troubles) == 2, at.said
    assert len([text for text in phone.texts if "127.0.0.1" in text]) == 1


@pytest.mark.dovecot
def test_a_wrong_password(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.11"""
    settings = ready(tmp_path, server, phone)
    (tmp_path / "password").write_text("wrong")
    with Relay(server.plain) as relay:
        settings.write_text(settings.read_text().replace(f"port = {server.plain}", f"port = {relay.port}"))
        with daemon(settings) as at:
            assert at.says("refused the password of anna"), at.said
            assert phone.wait_for(1, 40), at.said
            assert relay.wait_for(relay.accepted + 2)
            (tmp_path / "password").write_text(USERS["anna"])
            deliver(server, [NEWS])
            heals(at, phone, "mailbox 'home' is read again")
    assert len(at.troubles) == 2, at.said
    assert ["refused the password" in text for text in phone.texts] == [True, False]


@pytest.mark.dovecot
def test_a_new_password_is_tried_at_once(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.11 — a refused one only after hours, so that the account is not locked."""
    settings = ready(tmp_path, server, phone)
    (tmp_path / "password").write_text("wrong")
    with daemon(settings, HASTY_USER_MUST_ACT="3600") as at:
        assert phone.wait_for(1, 40), at.said
        (tmp_path / "password").write_text(USERS["anna"])
        deliver(server, [NEWS])
        heals(at, phone, "mailbox 'home' is read again")
    assert len(at.troubles) == 2, at.said


@pytest.mark.dovecot
def test_a_new_password_of_a_command_is_tried_soon(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.11 — the command is asked again and again, the server only when the answer has changed."""
    settings = ready(tmp_path, server, phone)
    asked, command = tmp_path / "asked", tmp_path / "command"
    os.mkfifo(asked)
    command.write_text(f'#!/bin/sh\nprintf . > "{asked}"\ncat "{tmp_path / "password"}"\n')
    command.chmod(0o700)
    (tmp_path / "password").write_text("wrong")
    with Relay(server.plain) as relay:
        text = settings.read_text().replace(f"port = {server.plain}", f"port = {relay.port}")
        settings.write_text(re.sub("password_file = .*", f'password_command = ["{command}"]', text))
        with asked.open("r+b", buffering=0) as looks, daemon(settings, HASTY_USER_MUST_ACT="3600") as at:
            assert phone.wait_for(1, 40), at.said
            for _ in range(4):
                assert select.select([looks], [], [], 40)[0], "it goes on asking"
                looks.read(1)
            assert relay.accepted == 1, "not the server"
            (tmp_path / "password").write_text(USERS["anna"])
            deliver(server, [NEWS])
            heals(at, phone, "mailbox 'home' is read again")
        assert relay.accepted == 2
    assert len(at.troubles) == 2, at.said
    assert f"inboxtrack takes the password from the command {command}" in phone.texts[0]


@pytest.mark.dovecot
def test_a_missing_folder(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A2.19"""
    settings = ready(tmp_path, server, phone)
    settings.write_text(settings.read_text().replace('user = "anna"', 'user = "anna"\nfolders = ["INBOX", "Orders"]'))
    with daemon(settings) as at:
        assert at.says("folder 'Orders' cannot be opened"), at.said
        deliver(server, [NEWS])
        assert phone.wait_for(1, 40), "the other folders are read"
        an_hour_passes(settings)
        second = "8055555555555555"
        deliver(server, [aliexpress(f"Order {second}: order shipped", second)])
        assert phone.wait_until(lambda: any("'Orders' cannot be opened" in text for text in phone.texts), 40)
        client = server.admin()
        client.create_folder("Orders")
        client.logout()
        assert at.says("mailbox 'home': every folder is read again"), at.said
    assert len(at.troubles) == 2, at.said
    assert len([text for text in phone.texts if "cannot be opened" in text]) == 1


@contextmanager
def token_endpoint(answer: dict[str, object]) -> Iterator[str]:
    """Where tokens are renewed; `answer` may be changed while it runs, `status` is in it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = dict(answer)
            self.send_response(int(str(body.pop("status"))))
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            return

    with web_server(Handler) as port:
        yield f"http://127.0.0.1:{port}/token"


@contextmanager
def full_disk(folder: Path, at: Running) -> Iterator[None]:
    """No file of the daemon may be written beyond its first bytes."""
    _, hard = resource.prlimit(at.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(at.process.pid, resource.RLIMIT_FSIZE, (512, hard))
    yield
    resource.prlimit(at.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def full_tmpfs(folder: Path, _at: Running | None = None) -> Iterator[None]:
    """A real file system without a free byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                continue
        except OSError:
            pass
    yield
    filler.unlink()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here; the test of the file size limit always runs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, capture_output=True)


Fill = Callable[[Path, Running], AbstractContextManager[None]]


def disk_fills_and_empties(settings: Path, server: Dovecot, phone: Sink, full: Fill) -> None:
    with daemon(settings, debug_log=full is not full_disk) as at:
        with full(settings.parent / "state", at):
            deliver(server, [NEWS])
            assert at.says(r"inboxtrack\.sqlite: .*(disk|room|space)"), at.said
            assert phone.wait_for(1, 40), at.said
            for _ in range(3):
                run("orders", "--config", str(settings))  # some seconds, in which it goes on trying
        heals(at, phone, "there is room again, and the store works")
    assert len(at.troubles) == 2, at.said
    assert ["inboxtrack.sqlite" in text for text in phone.texts] == [True, False]
    assert not any("maybe repeated" in text for text in phone.texts)


@pytest.mark.dovecot
def test_a_disk_that_is_full_for_the_daemon(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: B13"""
    disk_fills_and_empties(ready(tmp_path, server, phone), server, phone, full_disk)


@pytest.mark.dovecot
def test_a_disk_that_is_full(server: Dovecot, phone: Sink, tmp_path: Path, small: Path) -> None:
    """covers: B13"""
    (tmp_path / "state").symlink_to(small)
    disk_fills_and_empties(ready(tmp_path, server, phone), server, phone, full_tmpfs)


def test_cron_on_a_disk_that_is_full(phone: Sink, tmp_path: Path, small: Path) -> None:
    """covers: B13 — also where not even the file of what was said can be written."""
    (tmp_path / "state").symlink_to(small)
    with FakeImap(orders(1)) as mailbox:
        settings = oauth_settings(tmp_path, mailbox.port, phone.url)
        plain = settings.read_text().replace('oauth = "microsoft"\nclient_id = "my-app"', 'password = "secret"')
        settings.write_text(plain)
        cron = ("poll", "--quiet", "--config", str(settings))
        assert run(*cron)[0] == 0
        phone.forget()
        mailbox.mails[2] = NEWS
        with full_tmpfs(small):
            bad = [run(*cron) for _ in range(3)]
        assert [code for code, _, _ in bad] == [1, 1, 1]
        assert [err.count("\n") for _, _, err in bad] == [1, 0, 0], bad
        assert "inboxtrack.sqlite" in bad[0][2]
        assert phone.asked <= 1
        assert run(*cron)[:2] == (0, STORE_OVER + "\n")


def test_an_ended_sign_in(phone: Sink, tmp_path: Path) -> None:
    """covers: A2.25 — a new sign-in is used at once, without a restart."""
    refused: dict[str, object] = {"status": 400, "error": "invalid_grant"}
    with (
        FakeImap(orders(1), {"AUTHENTICATE": wanting("access-2")}, capability="IMAP4rev1 AUTH=XOAUTH2") as mailbox,
        token_endpoint(refused) as url,
    ):
        settings = oauth_settings(tmp_path, mailbox.port, phone.url)
        signed_in_long_ago(settings)
        with daemon(settings, HASTY_TOKEN_URL=url, HASTY_USER_MUST_ACT="3600") as at:
            assert at.says("inboxtrack doctor --sign-in home"), at.said
            assert phone.wait_for(1, 40), at.said
            refused.clear()
            refused.update(status=200, access_token="access-2", refresh_token="refresh-2", expires_in=3600)
            signed_in_long_ago(settings)
            assert at.says("mailbox 'home' is read again"), at.said
    assert len(at.troubles) == 2, at.said
    assert len([text for text in phone.texts if "doctor --sign-in home" in text]) == 1


def signed_in_long_ago(settings: Path) -> None:
    """Tokens as `doctor --sign-in` keeps them, to be renewed by now."""
    import datetime as dt

    from inboxtrack.app.signin import tokens_kept
    from inboxtrack.mail.oauth.client import Tokens

    loaded, now = load(settings), dt.datetime.now(dt.UTC)
    old = Tokens("access-1", "refresh-1", now - dt.timedelta(hours=1), now - dt.timedelta(days=30))
    tokens_kept(loaded, loaded.mailboxes[0]).settle(old)


@pytest.mark.dovecot
def test_a_second_instance_from_cron(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: B12"""
    settings = ready(tmp_path, server, phone)
    with daemon(settings) as at:
        tries = [run("poll", "--quiet", "--config", str(settings)) for _ in range(3)]
    assert [code for code, _, _ in tries] == [3, 3, 3]
    assert [err.count("already at work") for _, _, err in tries] == [1, 0, 0]
    assert all(err.count("\n") <= 1 and not out for _, out, err in tries)
    assert run("poll", "--quiet", "--config", str(settings)) == (0, "", "")
    assert at.troubles == []
