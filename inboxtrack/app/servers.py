"""The servers of mailboxes whose provider is not known: looked up once, shown, and remembered in the state folder."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inboxtrack.config.settings import MailboxSettings, Security
from inboxtrack.mail.autoconfig import Dns, Found, Pages, Server, find
from inboxtrack.mail.autoconfig.lookups import DnsRecords, HttpsPages
from inboxtrack.mail.providers import settings_for
from inboxtrack.mail.source import Kind, MailboxError

FILE = "servers.json"


class Servers:
    """Completes the settings of mailboxes. What was found is remembered for each address, until doctor looks anew.

    Safe from several threads: each mailbox of the daemon looks for its own.
    """

    def __init__(self, state: Path, dns: Dns | None = None, pages: Pages | None = None) -> None:
        self._file = state / FILE
        self._dns = dns or DnsRecords()
        self._pages = pages or HttpsPages()
        self._lock = threading.Lock()

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

    def find(self, mailbox: MailboxSettings) -> str | None:
        """Look up the server of a mailbox that has none yet; a line for the user on what was found.

        Raises MailboxError: it is looked for again.
        """
        if not is_unknown(mailbox) or self._remembered(mailbox):
            return None
        return f"mailbox {mailbox.name!r}: its server is {described(self.look_up(mailbox))}"

    def look_up(self, mailbox: MailboxSettings) -> Server:
        """Ask the net, and remember the answer; without one, what is remembered. Raises MailboxError."""
        address = mailbox.address or ""
        found = find(address, self._dns, self._pages)
        if found.server is not None:
            self._remember(mailbox, found.server)
            return found.server
        before = self._remembered(mailbox)
        if before is None:
            kind = Kind.CONFIG if found.answered else Kind.TRANSIENT
            raise MailboxError(kind, f"mailbox {mailbox.name!r}: {_nothing(address, found)}")
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

    def _remember(self, mailbox: MailboxSettings, server: Server) -> None:
        try:
            with self._lock:
                self._write(self._all() | {mailbox.address or "": asdict(server)})
        except OSError as error:
            cure = f'make room there, or set host = "{server.host}"'
            text = f"mailbox {mailbox.name!r}: {self._file} cannot be written ({error.strerror}): {cure}"
            raise MailboxError(Kind.CONFIG, text) from error

    def _write(self, values: dict[str, Any]) -> None:
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
    if not found.answered:
        return (
            f"the server of {domain} cannot be looked up, as the DNS does not answer: it is tried again; "
            f'if that lasts, check the network, or set host = "imap.{domain}", or what your provider says'
        )
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
