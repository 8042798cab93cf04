"""A service that hangs does not keep the daemon from ending, and what it was sent is not lost."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import inboxtrack.daemon as daemon_module
from inboxtrack.app import App, utc_now
from inboxtrack.config import load
from inboxtrack.daemon import Daemon
from inboxtrack.model import NewsKind
from inboxtrack.outbox import RowState
from tests.living import channel, maildir, maildir_settings
from tests.samples import HISMILE, news
from tests.sinks import sink


def test_the_end_does_not_wait_for_a_service_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: B5: the row stays half sent, and is sent again, marked, by the next start."""
    monkeypatch.setattr(daemon_module, "GRACE", 0.3)
    monkeypatch.setattr(daemon_module, "TELL_EVERY", 1)
    box = maildir(tmp_path / "Maildir")
    stall = threading.Event()
    with sink(stall=stall) as slow, App.open(load(maildir_settings(box, channel("phone", slow.url)))) as app:
        app.store.outbox.add("phone", news(NewsKind.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE), utc_now())
        daemon = Daemon(app, lambda text: None)
        ended: list[bool] = []
        work = threading.Thread(target=lambda: ended.append(daemon.run()), daemon=True)
        work.start()
        assert slow.wait_for(1)
        began = time.monotonic()
        daemon.end()
        work.join(10)
        assert ended == [False]
        assert time.monotonic() - began < 5
        assert RowState.SENDING in {row.state for row in app.store.outbox.open_rows("phone")}
        stall.set()
        for thread in threading.enumerate():
            if thread.name == "the last telling":
                thread.join(30)
