"""Servers that ask for patience in passing: Gmail inside an OK, Microsoft after a sign-in that went well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.daemon import LONGEST_PAUSE, USER_MUST_ACT, Daemon, back_off
from inboxtrack.mail.source import Kind, MailboxError
from tests.fake_imap import FakeImap, Hook, Peer, saying
from tests.imap_help import mails_of, orders, reading_at
from tests.sinks import sink
from tests.test_daemon import SETTINGS

THROTTLED = "OK Success [THROTTLED]"


def throttling(peer: Peer, tag: str, arguments: str) -> bool:
    for uid in sorted(peer.server.mails):
        if str(uid) in arguments.split(" ")[0].split(","):
            peer.server.give(peer, uid, arguments)
    peer.send(f"{tag} {THROTTLED}")
    return True


def test_a_server_that_throttles_inside_an_ok_is_left_alone_after_the_batch_that_it_gave() -> None:
    """covers: A1.12"""
    with FakeImap(orders(50), hooks={"FETCH": throttling}) as server:
        reading = reading_at(server)
        rounds = []
        for _ in range(3):
            with pytest.raises(MailboxError) as caught:
                reading.poll()
            rounds.append(reading.positions["INBOX"].next_uid)
        server.hooks.clear()
        assert len(mails_of(reading.poll())) == 0
        reading.source.close()
    assert rounds == [21, 41, 51], "each poll keeps one batch, and loses none"
    assert (caught.value.kind, caught.value.wait) == (Kind.TRANSIENT, 600)
    assert "asks for a pause ([THROTTLED]): it is tried again later" in caught.value.text
    assert server.sessions == 4, "not one more command on a connection that is throttled, but LOGOUT"


def test_a_pause_that_is_asked_for_again_grows_to_six_hours() -> None:
    """covers: A1.12"""
    pauses = [back_off(n, Kind.TRANSIENT, 600, 0.5) for n in range(1, 12)]
    assert pauses[:3] == [600, 1200, 2400]
    assert pauses[-1] == LONGEST_PAUSE == 6 * 3600


NOT_CONNECTED = {
    "LOGIN": saying("{tag} NO User is authenticated but not connected."),
    "EXAMINE": saying("{tag} BAD User is authenticated but not connected."),
}


@pytest.fixture
def daemon_at(tmp_path: Path) -> Iterator[tuple[FakeImap, Daemon, list[str]]]:
    said: list[str] = []
    with FakeImap(orders(1)) as server, sink() as phone:
        path = tmp_path / "inboxtrack.toml"
        text = SETTINGS.format(folder=tmp_path, port=server.port).replace("json://127.0.0.1:9/", phone.url)
        path.write_text(text + '[digest]\nschedule = ""\n')
        path.chmod(0o600)
        with App.open(load(path)) as app:
            yield server, Daemon(app, said.append), said


@pytest.mark.parametrize("where", NOT_CONNECTED)
def test_five_times_authenticated_but_not_connected_is_a_refused_sign_in(
    where: str, daemon_at: tuple[FakeImap, Daemon, list[str]]
) -> None:
    """covers: A1.13"""
    server, daemon, said = daemon_at
    (watcher,) = daemon.watchers
    watcher.tell = lambda: None
    hook: Hook = NOT_CONNECTED[where]
    server.hooks[where] = hook
    reports = [watcher._poll() for _ in range(6)]
    assert [report.kind for report in reports] == [*[Kind.TRANSIENT] * 4, Kind.AUTH, Kind.AUTH]
    assert back_off(5, reports[-1].kind, 0, 0.5) == USER_MUST_ACT
    assert all("IMAP is switched on in its web settings" in (report.error or "") for report in reports)
    assert len(said) == 1
    with daemon.app.store.reading() as tx:
        rows = [row for row in tx.news.rows() if row.news.what == "mailbox_trouble"]
    assert len(rows) == 1
    server.hooks.clear()
    assert watcher._poll().error is None
    server.hooks[where] = hook
    watcher.source.drop()
    assert watcher._poll().kind is Kind.TRANSIENT, "a poll that went well ends the row"
    watcher.source.close()
