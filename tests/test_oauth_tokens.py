"""OAuth tokens at a local token server: renewed in time, kept in private, and what a refusal says."""

from __future__ import annotations

import datetime as dt
import socket
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inboxtrack.mail.oauth import TokenSource
from inboxtrack.mail.oauth.client import Tokens
from inboxtrack.mail.oauth.keep import TokenFile
from inboxtrack.mail.source import Kind, MailboxError
from tests.oauth_help import FRESH, HOUR, NOW, TokenServer, client_at, kept, provider, token_source

__all__ = ["kept", "provider"]


def test_a_token_is_used_until_five_minutes_before_its_end(provider: TokenServer, kept: TokenFile) -> None:
    assert token_source(provider, kept)(False) == "access-1"
    assert token_source(provider, kept, NOW + dt.timedelta(minutes=54))(False) == "access-1"
    assert provider.asked == []
    provider.answers = [(200, FRESH)]
    later = NOW + dt.timedelta(minutes=56)
    assert token_source(provider, kept, later)(False) == "access-2"
    path, form = provider.asked[0]
    assert path == "/token"
    assert form == {
        "client_id": "my-app",
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "scope": "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    }
    assert kept.load() == Tokens("access-2", "refresh-2", later + HOUR, NOW - dt.timedelta(days=3))


def test_a_refresh_without_a_new_refresh_token_keeps_the_old(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, {"access_token": "access-2", "expires_in": 3600})]
    assert token_source(provider, kept)(True) == "access-2"
    tokens = kept.load()
    assert tokens is not None
    assert tokens.refresh == "refresh-1"


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "AADSTS700082 secret"},
            Kind.AUTH,
            "doctor --sign-in home",
        ),
        (401, {"error": "invalid_client"}, Kind.CONFIG, "client_id"),
        (400, {"error": "unauthorized_client"}, Kind.CONFIG, "public client"),
        (400, {"error": "something_new"}, Kind.CONFIG, "'something_new'"),
        (503, {"error": "temporarily_unavailable"}, Kind.TRANSIENT, "tried again"),
        (429, {}, Kind.TRANSIENT, "tried again"),
        (200, b"<html>captive portal</html>", Kind.TRANSIENT, "tried again"),
        (200, b"[]", Kind.TRANSIENT, "tried again"),
        (200, {"token_type": "Bearer"}, Kind.CONFIG, "offline access"),
    ],
)
def test_a_refresh_that_fails_keeps_the_tokens(
    provider: TokenServer, kept: TokenFile, status: int, answer: Any, kind: Kind, words: str
) -> None:
    before = kept.load()
    provider.answers = [(status, answer)]
    with pytest.raises(MailboxError) as caught:
        token_source(provider, kept)(True)
    assert caught.value.kind is kind
    assert words in caught.value.text
    assert caught.value.text.startswith("mailbox 'home': the sign-in at Microsoft")
    assert not [secret for secret in ("refresh-1", "access-1", "AADSTS") if secret in caught.value.text]
    assert kept.load() == before


def test_an_unreachable_provider_is_transient(kept: TokenFile) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(MailboxError) as caught:
        token_source(TokenServer(url=url), kept)(True)
    assert caught.value.kind is Kind.TRANSIENT


def test_googles_seven_days_are_named(provider: TokenServer, kept: TokenFile) -> None:
    for days, words in ((7, 'is in "Testing": press Publish'), (30, "has ended")):
        provider.answers = [(400, {"error": "invalid_grant"})]
        kept.save(Tokens("a", "r", NOW, NOW - dt.timedelta(days=days)))
        with pytest.raises(MailboxError) as caught:
            token_source(provider, kept, name="google")(False)
        assert words in caught.value.text
        assert caught.value.kind is Kind.AUTH


def test_no_sign_in_yet_is_named(provider: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="was never made: inboxtrack doctor --sign-in home"):
        token_source(provider, TokenFile(tmp_path / "none.json"))(False)


def test_tokens_are_private_and_replaced_in_one_step(kept: TokenFile) -> None:
    """covers: C14"""
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    tokens = kept.load()
    assert tokens is not None
    assert "access-1" not in repr(tokens)
    kept.save(replace(tokens, access="access-9"))
    assert [path.name for path in kept.path.parent.iterdir()] == ["home.json"]
    kept.path.write_text('{"access": ')
    assert kept.load() is None


def test_tokens_that_cannot_be_kept_are_not_used(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, FRESH)]

    class FullDisk(TokenFile):
        def save(self, tokens: Tokens) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(MailboxError, match="No space left on device") as caught:
        TokenSource(client_at(provider), FullDisk(kept.path), lambda: NOW)(True)
    assert caught.value.kind is Kind.CONFIG


def test_a_token_is_never_renewed_twice_in_a_row(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, FRESH)]
    source = token_source(provider, kept, NOW + HOUR)
    assert source(False) == "access-2"
    with pytest.raises(MailboxError, match="tokens that the mail server refuses: sign in again") as caught:
        source(True)
    assert caught.value.kind is Kind.AUTH
