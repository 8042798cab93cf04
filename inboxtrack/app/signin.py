"""Signing in with OAuth: the user's own app from the settings, tokens in the keyring or beside the store."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from inboxtrack.config.settings import MailboxSettings, Settings
from inboxtrack.mail.oauth import TokenSource, client_of
from inboxtrack.mail.oauth.client import OAuthClient
from inboxtrack.mail.oauth.keep import OutOfReach, TokenKeep
from inboxtrack.mail.oauth.signin import BrowserSignIn, await_device, begin_device
from inboxtrack.secret import ConfigError, Secret
from inboxtrack.views import Ending


def token_source(settings: Settings, mailbox: MailboxSettings) -> Callable[[bool], str]:
    """What gives a mailbox its access tokens."""
    return TokenSource(oauth_client(settings, mailbox), tokens_kept(settings, mailbox), _now)


def sign_in(settings: Settings, mailbox: MailboxSettings, show: Callable[[str], None]) -> str:
    """Let the user sign in, and keep the tokens; where they are now. Raises ConfigError, MailboxError and OSError."""
    client = oauth_client(settings, mailbox)
    if client.endpoints.device:
        code = begin_device(client)
        show(f"Open {code.url} in any browser and type {code.code} (it holds for {code.expires_in / 60:.0f} minutes).")
        tokens = await_device(client, code, _now, time.sleep)
    else:
        with BrowserSignIn(client) as browser:
            show(f"Open this page in a browser on this computer:\n{browser.url}")
            tokens = browser.wait(_now)
    kept = tokens_kept(settings, mailbox)
    kept.settle(tokens)
    return kept.place


def oauth_client(settings: Settings, mailbox: MailboxSettings) -> OAuthClient:
    """The user's app. Raises ConfigError when the mailbox uses a password."""
    if not mailbox.oauth or not mailbox.client_id:
        raise ConfigError(
            f'mailbox {mailbox.name!r} signs in by password: set oauth = "microsoft" or "google" and client_id'
        )
    secret = settings.secret(mailbox, "client_secret")
    return client_of(mailbox.name, mailbox.oauth, mailbox.client_id, secret.get() if secret.given else None)


def tokens_kept(settings: Settings, mailbox: MailboxSettings) -> TokenKeep:
    """Where the tokens of a mailbox are kept."""
    return TokenKeep(settings.general.state / "tokens" / f"{mailbox.name}.json")


class GivenPassword:
    """The password of a mailbox, looked up when it is wanted. Of the last one a salted hash is remembered, no more."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._salt = secrets.token_bytes(16)
        self._last = b""

    def __call__(self) -> str:
        """The password. Raises ConfigError."""
        password = self._secret.get()
        self._last = self._hash(password)
        return password

    def renewed(self) -> bool:
        """Whether its place gives another one than the last time; not while it gives none."""
        try:
            return self._hash(self._secret.get()) != self._last
        except ConfigError:
            return False

    def _hash(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), key=self._salt).digest()


def renewed_at(settings: Settings, mailbox: MailboxSettings) -> tuple[int, ...]:
    """When the user last gave a new password in its file, or signed in: a value that changes then."""
    password = settings.path.parent / Path(mailbox.password_file or "").expanduser()
    files = (tokens_kept(settings, mailbox).path, *([password] if mailbox.password_file else []))
    return tuple(map(_changed_at, files))


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


IDLE_LIFE = dt.timedelta(days=90)
"""Microsoft ends a refresh token that was not used for so long (learn.microsoft.com, refresh tokens)."""

_SOON = dt.timedelta(days=14)


def ending(settings: Settings, mailbox: MailboxSettings, now: dt.datetime) -> Ending | None:
    """When the sign-in of a mailbox ends unless it is used, where that is near."""
    if mailbox.oauth != "microsoft":
        return None
    try:
        tokens = tokens_kept(settings, mailbox).load()
    except OutOfReach:
        return None  # the mailbox itself says so, with the cure
    if tokens is None:
        return None
    until = tokens.expires_at + IDLE_LIFE
    if until - now > _SOON:
        return None
    return Ending(name=f"sign-in of {mailbox.name}", until=until.astimezone(settings.general.zone).date())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
