"""The servers of mailboxes whose provider is not known: looked up once, shown, and remembered in the state folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inboxtrack.mail.autoconfig import Dns, Found, Pages, Server, find
from inboxtrack.mail.autoconfig.lookups import DnsRecords, HttpsPages
from inboxtrack.mail.providers import settings_for
from inboxtrack.secret import ConfigError
from inboxtrack.settings import MailboxSettings, Security

FILE = "servers.json"
EXAMPLE = "example.com"


class Servers:
    """Completes the settings of mailboxes. What was found is remembered for each address, until doctor looks anew."""

    def __init__(self, state: Path, dns: Dns | None = None, pages: Pages | None = None) -> None:
        self._file = state / FILE
        self._dns = dns or DnsRecords()
        self._pages = pages or HttpsPages()

    def completed(self, mailbox: MailboxSettings) -> MailboxSettings:
        """The mailbox with the server that was found for it, as if the user had set it; nothing is asked."""
        server = self._remembered(mailbox) if is_unknown(mailbox) else None
        if server is None:
            return mailbox
        return mailbox.model_copy(
            update={
                "host": server.host,
                "port": mailbox.port or server.port,
                "security": mailbox.security or Security(server.security),
                "user": mailbox.user or server.user,
            }
        )

    def find_missing(self, mailboxes: Iterable[MailboxSettings]) -> list[str]:
        """Look up the servers that are not known yet; a line for the user on each. Raises ConfigError."""
        missing = [mailbox for mailbox in mailboxes if is_unknown(mailbox) and self._remembered(mailbox) is None]
        found = [(mailbox.name, self.look_up(mailbox)) for mailbox in missing]
        return [f"mailbox {name!r}: its server is {described(server)}" for name, server in found]

    def look_up(self, mailbox: MailboxSettings) -> Server:
        """Ask the net, and remember the answer; without one, what is remembered. Raises ConfigError."""
        address = mailbox.address or ""
        found = Found() if address.endswith(f"@{EXAMPLE}") else find(address, self._dns, self._pages)
        if found.server is not None:
            self._remember(address, found.server)
            return found.server
        before = self._remembered(mailbox)
        if before is None:
            raise ConfigError(f"mailbox {mailbox.name!r}: {_nothing(address, found)}")
        return before

    def _remembered(self, mailbox: MailboxSettings) -> Server | None:
        try:
            return Server(**self._all()[mailbox.address or ""])
        except (KeyError, TypeError):
            return None

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, address: str, server: Server) -> None:
        values = self._all() | {address: asdict(server)}
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file)
        fresh.replace(self._file)


def is_unknown(mailbox: MailboxSettings) -> bool:
    """Whether neither the settings nor the table of providers say which server a mailbox is on."""
    if mailbox.maildir or mailbox.host or not mailbox.address:
        return False
    return settings_for(mailbox.address) is None


def described(server: Server) -> str:
    """A server that was found, and why, for the user."""
    return f"{server.host}:{server.port}, {server.because}; if that is wrong, set host"


def _nothing(address: str, found: Found) -> str:
    domain = address.rpartition("@")[2]
    if domain == EXAMPLE:
        return f"{address} is the example's address: write your own"
    if found.provider is not None:
        return f"its mail is run by {found.provider.name}: {found.provider.hint}"
    if found.unproven:
        return (
            f'a DNS record of {domain} names {found.unproven}: if you know it as yours, set host = "{found.unproven}"'
        )
    return (
        f"{domain} is no provider known here, and names no IMAP server itself: "
        f'ask your provider for it, and set host = "imap.{domain}", or what they say'
    )
