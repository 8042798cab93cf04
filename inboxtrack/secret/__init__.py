"""Secrets: where one may stand, in which order the places count, and what is refused.

A secret is looked up only when it is needed, and is never part of an error text, a log line or a `repr`.
"""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from inboxtrack.secret.keyring import KeyringMissing, KeyringTrouble, look_up

COMMAND_TIMEOUT = 30
"""Seconds a password command may take: long enough to unlock a password store, short enough to notice a hang."""
_KEYRING_CURE = "unlock it; a session without one (cron, a service) needs password_command or another place"


class ConfigError(Exception):
    """Settings that cannot be used. The text is one line that names the file, the setting and the cure."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret and its places; the first that is given counts: command, keyring, file, environment, settings.

    `label` says what it is, for error texts ("the password of mailbox 'home'"). `folder` is where relative
    file names start.
    """

    label: str
    command: tuple[str, ...] = ()
    keyring: str | None = None
    file: str | None = None
    env: str | None = None
    value: str | None = field(default=None, repr=False)
    folder: Path = Path()

    @property
    def place(self) -> str:
        """Where it is taken from, for error texts."""
        places = (
            (self.command, f"the command {' '.join(self.command[:1])}"),
            (self.keyring, f"the keyring ({self.keyring})"),
            (self.file, str(self.folder / Path(self.file or "").expanduser())),
            (self.env, f"the environment variable {self.env}, as it was at the start"),
        )
        return next((name for given, name in places if given), "the settings, as they were at the start")

    @property
    def given(self) -> bool:
        """Whether any place is named."""
        return bool(self.command or self.keyring or self.file or self.env or self.value)

    def get(self) -> str:
        """The secret itself. Raises ConfigError when its place does not give one."""
        places = (
            (self.command, self._from_command),
            (self.keyring, self._from_keyring),
            (self.file, self._from_file),
            (self.env, self._from_environment),
        )
        for place, ask in places:
            if place:
                return ask()
        if not self.value:
            raise ConfigError(f"{self.label} is not set: name a command, keyring entry, file or environment variable")
        return self.value

    def _from_command(self) -> str:
        name = self.command[0]
        try:
            done = subprocess.run(  # noqa: S603 - the user's own argv, no shell, nothing of a mail in it
                self.command, capture_output=True, timeout=COMMAND_TIMEOUT, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(f"{self.label}: the command {name} cannot be run: {_why(error)}") from None
        if done.returncode:
            raise ConfigError(f"{self.label}: the command {name} ended with {done.returncode}: run it in a terminal")
        return self._line(
            done.stdout.decode(errors="replace"), f"the command {name} prints nothing: run it in a terminal"
        )

    def _from_keyring(self) -> str:
        service, _, user = (self.keyring or "").partition("/")
        try:
            found = look_up(service, user)
        except KeyringMissing:
            raise ConfigError(f"{self.label}: keyring is missing: pip install 'inboxtrack[keyring]'") from None
        except KeyringTrouble as error:
            raise ConfigError(f"{self.label}: the keyring does not answer ({error}): {_KEYRING_CURE}") from None
        return self._line(found or "", f"the keyring has none, store it: keyring set {service} {user}")

    def _from_file(self) -> str:
        path = self.folder / Path(self.file or "").expanduser()
        refuse_if_others_can_read(path, self.label)
        try:
            return self._line(path.read_text(encoding="utf-8"), f"{path} is empty: write it there")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.label}: {path} cannot be read: {_why(error)}") from None

    def _from_environment(self) -> str:
        missing = f"the environment variable {self.env} is not set: set it where inboxtrack is started"
        return self._line(os.environ.get(self.env or "", ""), missing)

    def _line(self, text: str, missing: str) -> str:
        lines = text.splitlines()
        if not lines or not lines[0].strip():
            raise ConfigError(f"{self.label}: {missing}")
        return lines[0].strip()


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {COMMAND_TIMEOUT} s"
    return getattr(error, "strerror", None) or "it is not text"


def refuse_if_others_can_read(path: Path, what: str) -> None:
    """Raise ConfigError when a file that holds a secret can be read by the group or by everyone."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{what}: {path} cannot be read: {_why(error)}; write it there, chmod 600 {path}") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{what}: {path} can be read by others: chmod 600 {path}")
