"""A mailbox that cannot be read is told of once, in words that name the cure, and heals by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.app.signin import tokens_kept
from inboxtrack.config import load
from inboxtrack.mail.oauth import client as oauth_client
from inboxtrack.mail.oauth.client import Tokens
from tests.dovecot import USERS, Dovecot, dovecot, start, stop
from tests.fake_imap import FakeImap
from tests.imap_help import orders
from tests.living import aliexpress, deliver, now, write_settings
from tests.oauth_help import TokenServer, oauth_settings, token_server, wanting
from tests.sinks import Sink

HOUR = dt.timedelta(hours=1)


def polled(settings: Path, at: dt.datetime) -> str | None:
    """One cycle as cron makes it; the mailbox' error."""
    with App.open(load(settings)) as app:
        (report,) = app.poll(at).mailboxes
    return report.error


@pytest.mark.dovecot
def test_a_wrong_password_is_told_once_and_heals(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    """covers: A1.11"""
    settings = write_settings(tmp_path, server, phone.url)
    begin = now()
    assert polled(settings, begin) is None
    before = phone.asked
    (tmp_path / "password").write_text("hunter2")
    for hours in range(4):
        error = polled(settings, begin + hours * HOUR)
        assert error is not None
        assert "refused the password of anna" in error
    assert phone.asked == before + 1
    assert "refused the password" in phone.texts[-1]
    assert "hunter2" not in phone.texts[-1]
    (tmp_path / "password").write_text(USERS["anna"])
    deliver(server, [aliexpress("Order 8044444444444444: order shipped", "8044444444444444")])
    assert polled(settings, begin + 5 * HOUR) is None
    assert "8044444444444444" in phone.texts[-1]
    assert "Mailbox home is read again" in phone.texts[-1]
    assert not [text for text in phone.texts[before + 1 :] if "refused" in text]


@pytest.mark.dovecot
def test_a_stopped_server_is_told_once_it_lasts_and_heals(phone: Sink, tmp_path: Path) -> None:
    """covers: A1.5, B11"""
    with dovecot() as server:
        settings = write_settings(tmp_path, server, phone.url)
        begin = now()
        assert polled(settings, begin) is None
        before = phone.asked
        stop(server)
        minutes = (10, 30, 50, 75, 120, 300)
        errors = [polled(settings, begin + dt.timedelta(minutes=m)) for m in minutes]
        assert all(error and "nothing listens at 127.0.0.1" in error for error in errors)
        assert phone.asked == before + 1, "not for a short break, and not again"
        server.process = start(server.home, server.plain, server.tls).process
        deliver(server, [aliexpress("Order 8055555555555555: order shipped", "8055555555555555")])
        assert polled(settings, begin + 6 * HOUR) is None
        assert "8055555555555555" in phone.texts[-1]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenServer]:
    """A token server in Microsoft's place, with the answers it is to give."""
    with token_server() as made:
        local = replace(oauth_client.ENDPOINTS["microsoft"], token=f"{made.url}/token")
        monkeypatch.setitem(oauth_client.ENDPOINTS, "microsoft", local)
        yield made


def test_an_ended_sign_in_is_told_once_with_its_cure(provider: TokenServer, phone: Sink, tmp_path: Path) -> None:
    """covers: A2.25"""
    capability = "IMAP4rev1 AUTH=XOAUTH2"
    with FakeImap(orders(1), {"AUTHENTICATE": wanting("access-2")}, capability=capability) as mailbox:
        settings = oauth_settings(tmp_path, mailbox.port, phone.url)
        loaded = load(settings)
        begin = now()
        kept = tokens_kept(loaded, loaded.mailboxes[0])
        kept.save(Tokens("access-1", "refresh-1", begin - HOUR, begin - 30 * 24 * HOUR))
        provider.answers = [(400, {"error": "invalid_grant"})] * 3
        for hours in range(3):
            error = polled(settings, begin + hours * HOUR)
            assert error is not None
            assert "inboxtrack doctor --sign-in home" in error
        assert len([text for text in phone.texts if "doctor --sign-in home" in text]) == 1
        provider.answers = [(200, {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600})]
        assert polled(settings, begin + 4 * HOUR) is None
        tokens = kept.load()
        assert tokens is not None
        assert tokens.refresh == "refresh-2"
