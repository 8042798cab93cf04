"""Where the tokens of a mailbox live: in the system's keyring where one is usable, else in a private file.

A sign-in chooses the place, renewed tokens stay in it. The file decides: it holds the tokens, or says that the
keyring has them. It is changed only after the tokens are safe in their new place, so a crash loses none.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from inboxtrack.mail.oauth.client import Tokens
from inboxtrack.secret import keyring as system_keyring
from inboxtrack.secret.keyring import KeyringMissing, KeyringTrouble

SERVICE = "inboxtrack sign-in"
_IN_KEYRING = {"kept_in": "keyring"}
_log = logging.getLogger(__name__)


class OutOfReach(Exception):
    """The tokens are in the keyring, and it does not answer here; the text says why."""


class Kept(Protocol):
    """Keeps the tokens of one mailbox. `path` is the file that decides."""

    path: Path

    def load(self) -> Tokens | None: ...

    def save(self, tokens: Tokens) -> None: ...


class TokenFile:
    """The tokens of one mailbox in a file that only the user can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Tokens | None:
        """The kept tokens; None where there are none, or what stands there is damaged."""
        return from_text(self.text())

    def text(self) -> str:
        """What the file holds; empty where there is none."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def save(self, tokens: Tokens) -> None:
        """Replace the tokens in one step: a crash leaves the old or the new ones, never half of them."""
        self.write(to_text(tokens))

    def write(self, text: str) -> None:
        """Replace what the file holds in one step. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file 0600 from the start.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".token")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise


class TokenKeep:
    """The tokens of one mailbox, in the keyring or in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = TokenFile(path)
        self._user = str(path.absolute())

    @property
    def place(self) -> str:
        """Where the tokens are, for the user."""
        return "the keyring" if self.in_keyring else str(self.path)

    @property
    def in_keyring(self) -> bool:
        """Whether the file says that the keyring has them."""
        return _values(self._file.text()) == _IN_KEYRING

    def load(self) -> Tokens | None:
        """The kept tokens; None where there are none, or what is kept is damaged. Raises OutOfReach."""
        if not self.in_keyring:
            return self._file.load()
        try:
            return from_text(system_keyring.look_up(SERVICE, self._user) or "")
        except KeyringMissing:
            raise OutOfReach("the package keyring is not installed any more") from None
        except KeyringTrouble as error:
            raise OutOfReach(str(error)) from None

    def save(self, tokens: Tokens) -> None:
        """Keep renewed tokens where the last ones were; in the file if the keyring does not take them. Raises OSError.

        They must be kept somewhere: the old refresh token may be worth nothing from now on.
        """
        if not (self.in_keyring and self._into_keyring(tokens)):
            self._file.save(tokens)

    def settle(self, tokens: Tokens) -> None:
        """Keep the tokens of a new sign-in in the best place there is. Raises OSError."""
        if system_keyring.usable() and self._into_keyring(tokens):
            self._file.write(json.dumps(_IN_KEYRING))
            return
        was_in_keyring = self.in_keyring
        self._file.save(tokens)
        if was_in_keyring:
            self._leave_keyring()

    def forget(self) -> bool:
        """Delete the tokens wherever they are; whether nothing is left."""
        left = self.in_keyring and not self._leave_keyring()
        self.path.unlink(missing_ok=True)
        return not left

    def _into_keyring(self, tokens: Tokens) -> bool:
        try:
            system_keyring.keep(SERVICE, self._user, to_text(tokens))
        except (KeyringMissing, KeyringTrouble) as error:
            _log.warning("the keyring does not take a sign-in (%s): it is kept in %s", error, self.path)
            return False
        return True

    def _leave_keyring(self) -> bool:
        try:
            system_keyring.forget(SERVICE, self._user)
        except (KeyringMissing, KeyringTrouble):
            return False
        return True


def to_text(tokens: Tokens) -> str:
    """Tokens as JSON."""
    return json.dumps({k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in asdict(tokens).items()})


def from_text(text: str) -> Tokens | None:
    """Tokens from JSON; None when it holds none."""
    kept = _values(text)
    try:
        times = (dt.datetime.fromisoformat(kept[name]) for name in ("expires_at", "consented_at"))
        return Tokens(kept["access"], kept["refresh"], *times)
    except (ValueError, KeyError, TypeError):
        return None


def _values(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
