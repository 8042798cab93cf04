"""Secrets and sign-ins in the system's keyring: a real backend of the package keyring, kind or not."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from inboxtrack.cli import app
from inboxtrack.cli.cycle import purge
from inboxtrack.cli.frame import guarded
from inboxtrack.config import load
from inboxtrack.mail.oauth.client import ENDPOINTS, Tokens
from inboxtrack.mail.oauth.keep import SERVICE, OutOfReach, TokenFile, TokenKeep
from inboxtrack.mail.source import Kind, MailboxError
from inboxtrack.secret import ConfigError, Secret
from inboxtrack.secret import keyring as system_keyring
from tests.oauth_help import CODE, FRESH, HOUR, NOW, TokenServer, provider, token_source

__all__ = ["provider"]

TOKENS = Tokens("access-1", "refresh-1", NOW + HOUR, NOW - dt.timedelta(days=3))


class Ring(KeyringBackend):
    """A small working keyring, which can be locked, cut what it is given, or fall silent."""

    priority = 5  # type: ignore[assignment]  # keyring declares a property of the class here

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False
        self.longest = 100_000
        self.silent: threading.Event | None = None

    def _open(self) -> None:
        if self.silent is not None:
            self.silent.wait()
        if self.locked:
            raise keyring.errors.KeyringLocked("hunter2 must not be shown")

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.entries[service, username] = password[: self.longest]

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.entries[service, username]


class PlainTextRing(Ring):
    """What keyring itself marks as not recommended."""

    priority = 0.5  # type: ignore[assignment]  # see Ring


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def kept(tmp_path: Path) -> TokenKeep:
    return TokenKeep(tmp_path / "tokens" / "home.json")


def test_a_password_comes_from_its_entry(ring: Ring) -> None:
    """covers: C14"""
    keyring.set_password("mail", "anna@firm.example/imap", "hunter2")
    secret = Secret(label="the password", keyring="mail/anna@firm.example/imap", value="from settings")
    assert secret.get() == "hunter2"
    command = ("printf", "from command")
    assert Secret(label="the password", keyring="mail/anna", command=command).get() == "from command"


def test_a_keyring_that_gives_no_password_says_why(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(label="the password of mailbox 'home'", keyring="mail/anna")
    with pytest.raises(ConfigError, match="store it: keyring set mail anna"):
        secret.get()
    ring.locked = True
    with pytest.raises(
        ConfigError, match=r"does not answer \(KeyringLocked\): unlock it; .* password_command"
    ) as error:
        secret.get()
    assert "hunter2" not in str(error.value)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"pip install 'inboxtrack\[keyring\]'"):
        secret.get()


def test_a_keyring_that_waits_for_somebody_holds_nothing_up(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_keyring, "SECONDS", 0.05)
    ring.silent = threading.Event()
    with pytest.raises(ConfigError, match="no answer within"):
        Secret(label="the password", keyring="mail/anna").get()
    ring.silent.set()


def test_a_sign_in_goes_into_the_keyring(ring: Ring, kept: TokenKeep) -> None:
    kept.settle(TOKENS)
    assert kept.place == "the keyring"
    assert json.loads(kept.path.read_text()) == {"kept_in": "keyring"}
    assert TokenKeep(kept.path).load() == TOKENS
    assert list(ring.entries) == [(SERVICE, str(kept.path))]


@pytest.mark.parametrize("other", [PlainTextRing, None], ids=["plain text", "none"])
def test_without_a_keyring_to_recommend_the_file_is_taken(
    ring: Ring, kept: TokenKeep, other: type[Ring] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if other is None:
        monkeypatch.setitem(sys.modules, "keyring", None)
    else:
        keyring.set_keyring(other())
    kept.settle(TOKENS)
    assert kept.place == str(kept.path)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.load() == TOKENS


@pytest.mark.parametrize("fault", ["locked", "short"])
def test_a_keyring_that_does_not_take_a_sign_in_loses_none(
    ring: Ring, kept: TokenKeep, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    ring.locked, ring.longest = fault == "locked", 20 if fault == "short" else 100_000
    with caplog.at_level(logging.WARNING):
        kept.settle(TOKENS)
    assert kept.load() == TOKENS
    assert kept.place == str(kept.path)
    assert "the keyring does not take a sign-in" in caplog.text
    assert "refresh-1" not in caplog.text


def test_there_and_back_again(ring: Ring, kept: TokenKeep) -> None:
    """A file from before, the keyring, a session without one, and the keyring again: the last sign-in counts."""
    TokenFile(kept.path).save(TOKENS)
    for step, usable in enumerate((True, False, True, False)):
        keyring.set_keyring(ring if usable else PlainTextRing())
        tokens = replace(TOKENS, access=f"access-{step}", refresh=f"refresh-{step}")
        kept.settle(tokens)
        assert kept.load() == tokens
        assert kept.in_keyring is usable
    assert "refresh-3" in kept.path.read_text()


def test_a_crash_between_keyring_and_file_leaves_one_of_the_two(
    ring: Ring, kept: TokenKeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(TOKENS)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TokenFile, "write", crash)
        with pytest.raises(KeyboardInterrupt):
            kept.settle(replace(TOKENS, access="access-2"))
    assert kept.load() == TOKENS


def test_renewed_tokens_stay_where_they_were(ring: Ring, kept: TokenKeep, provider: TokenServer) -> None:
    provider.answers = [(200, FRESH), (200, FRESH)]
    kept.save(TOKENS)
    assert token_source(provider, kept, NOW + HOUR)(False) == "access-2"
    assert not kept.in_keyring
    kept.settle(TOKENS)
    assert token_source(provider, kept, NOW + HOUR)(False) == "access-2"
    assert kept.in_keyring
    assert kept.load() == Tokens("access-2", "refresh-2", NOW + 2 * HOUR, TOKENS.consented_at)


def test_a_keyring_that_locks_before_renewed_tokens_are_kept_loses_none(
    ring: Ring, kept: TokenKeep, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.settle(TOKENS)
    provider.answers = [(200, FRESH)]
    source = token_source(provider, kept, NOW + HOUR)

    def locked(*_: str) -> None:
        raise keyring.errors.KeyringLocked

    monkeypatch.setattr(ring, "set_password", locked)
    assert source(False) == "access-2"
    fresh = kept.load()
    assert fresh is not None
    assert fresh.refresh == "refresh-2"
    assert kept.place == str(kept.path)


def test_a_daemon_without_the_keyring_names_the_cure_and_goes_on_when_it_opens(
    ring: Ring, kept: TokenKeep, provider: TokenServer
) -> None:
    kept.settle(TOKENS)
    source = token_source(provider, kept)
    ring.locked = True
    with pytest.raises(MailboxError) as caught:
        source(False)
    assert caught.value.kind is Kind.CONFIG
    assert caught.value.text == (
        "mailbox 'home': the sign-in at Microsoft is in the keyring, which does not answer (KeyringLocked): unlock it; "
        "a service or cron that has none needs the sign-in in a file: "
        "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring inboxtrack doctor --sign-in home"
    )
    ring.locked = False
    assert source(False) == "access-1"


def test_an_entry_that_somebody_deleted_asks_for_a_sign_in(ring: Ring, kept: TokenKeep, provider: TokenServer) -> None:
    kept.settle(TOKENS)
    ring.entries.clear()
    with pytest.raises(MailboxError, match="was never made: inboxtrack doctor --sign-in home"):
        token_source(provider, kept)(False)


def test_a_keyring_that_was_uninstalled_is_named(ring: Ring, kept: TokenKeep, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.settle(TOKENS)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(OutOfReach, match="keyring is not installed"):
        kept.load()


@pytest.mark.parametrize("locked", [False, True])
def test_a_sign_in_says_where_it_is_kept(
    ring: Ring,
    provider: TokenServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    locked: bool,
) -> None:
    ring.locked = locked
    url = provider.url
    local = replace(ENDPOINTS["microsoft"], token=f"{url}/token", device=f"{url}/devicecode")
    monkeypatch.setitem(ENDPOINTS, "microsoft", local)
    provider.answers = [(200, {**CODE, "interval": 0}), (200, FRESH)]
    settings = tmp_path / "inboxtrack.toml"
    settings.write_text(
        f'[general]\nstate_folder = "{tmp_path}"\n[[mailbox]]\nname = "home"\naddress = "kim@outlook.com"\n'
        'oauth = "microsoft"\nclient_id = "my-app"\n'
    )
    assert guarded(lambda: app(["doctor", "--sign-in", "home", "-c", str(settings)], standalone_mode=False)) == 0
    place = str(tmp_path / "tokens" / "home.json") if locked else "the keyring"
    told = capsys.readouterr().err
    assert "Open https://login.example/link in any browser and type AB-CD" in told
    assert told.endswith(f"signed in to mailbox 'home'; the sign-in is kept in {place}\n")
    assert ("the keyring does not take a sign-in (KeyringLocked)" in caplog.text) is locked


def test_deleting_everything_deletes_sign_ins_in_the_keyring(
    ring: Ring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "inboxtrack.toml"
    settings.write_text(f'[general]\nstate_folder = "{tmp_path}"\n')
    kept = TokenKeep(load(settings).general.state / "tokens" / "home.json")
    kept.settle(TOKENS)
    purge(settings, mail=False, everything=True, yes=True)
    assert ring.entries == {}
    assert not kept.path.exists()
    assert "Everything is deleted" in capsys.readouterr().out
