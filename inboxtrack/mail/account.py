"""What is needed to open one mailbox over IMAP."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds. `read` is one silence, `command` a whole command with its answer."""

    connect: float = 20
    read: float = 60
    command: float = 180
    leave: float = 15
    idle: float = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """One mailbox. `security` is "tls", "starttls" or "plain" (this machine only).

    `secret` gives the password; `token` gives an OAuth access token instead, and is called with True after the
    server has refused the last one. `renewed` looks whether the user has given another password than the one that was
    asked for last. `hint` is the provider's cure for a refused sign-in. `folders` are names,
    or special uses such as `\\Junk` (RFC 6154), which stay right in every language. A host that was `looked_up` is not
    set by the user.
    """

    name: str
    host: str
    user: str
    port: int = 993
    security: str = "tls"
    secret: Callable[[], str] | None = field(default=None, repr=False)
    token: Callable[[bool], str] | None = field(default=None, repr=False)
    renewed: Callable[[], bool] | None = field(default=None, repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    look_back_days: int = 60
    ca_file: str | None = None
    hint: str = ""
    send_id: bool = False
    looked_up: bool = False
    limits: Limits = Limits()

    @property
    def server(self) -> str:
        """Host and port as people write them."""
        return f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, without asking DNS."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


def has_control(text: str) -> bool:
    """Whether a text holds characters that could end an IMAP command and begin another."""
    return any(ord(c) < 32 or ord(c) == 127 for c in text)
