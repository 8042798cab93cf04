"""The system's keyring (Secret Service, macOS Keychain, Windows Credential Locker), where there is a usable one.

Every call is bounded in time: a locked keyring may open a window that nobody sees, and wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from inboxtrack.mail.deadline import within

SECONDS = 30.0
"""How long a keyring may take: long enough to type its password, short enough to notice that nobody is there."""

LEAST_PRIORITY = 1
"""keyring's own mark of a backend to recommend; those below fail, forget, or keep secrets in plain text."""

T = TypeVar("T")


class KeyringMissing(Exception):
    """The package keyring is not installed."""


class KeyringTrouble(Exception):
    """The keyring does not do what it was asked; the text says why, in a few words without the secret."""


def usable() -> bool:
    """Whether this session has a keyring worth keeping a secret in. It may still be locked."""
    try:
        import keyring

        return bool(keyring.get_keyring().priority >= LEAST_PRIORITY)
    except Exception:  # a backend that cannot even be asked may raise anything
        return False


def look_up(service: str, user: str) -> str | None:
    """The secret of an entry; None where there is none. Raises KeyringTrouble, KeyringMissing."""
    keyring = _module()
    found: str | None = _asked(lambda: keyring.get_password(service, user))
    return found


def keep(service: str, user: str, secret: str) -> None:
    """Write an entry, and read it back: some keyrings cut what is long. Raises KeyringTrouble, KeyringMissing."""
    keyring = _module()
    _asked(lambda: keyring.set_password(service, user, secret))
    if look_up(service, user) != secret:
        raise KeyringTrouble("it does not keep what it is given")


def forget(service: str, user: str) -> None:
    """Delete an entry, where there is one. Raises KeyringTrouble, KeyringMissing."""
    keyring = _module()
    if look_up(service, user) is not None:
        _asked(lambda: keyring.delete_password(service, user))


def _module() -> ModuleType:
    try:
        import keyring
    except ImportError:
        raise KeyringMissing("the package keyring is missing") from None
    return keyring


def _asked(question: Callable[[], T]) -> T:
    """What the keyring answers. Backends raise what they like: D-Bus, system and own errors."""
    try:
        return within(SECONDS, question, lambda _: None)
    except TimeoutError:
        raise KeyringTrouble(f"no answer within {SECONDS:.0f} s") from None
    except Exception as error:
        raise KeyringTrouble(type(error).__name__) from None
