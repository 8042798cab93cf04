"""The only place that speaks IMAP: read-only by construction, bounded in time, one clean error class.

It uses LOGIN/AUTHENTICATE, CAPABILITY, ID, LIST, EXAMINE, UID SEARCH, UID FETCH with PEEK, IDLE, LOGOUT and STARTTLS;
nothing that could change a mailbox. It never asks for ENVELOPE, BODYSTRUCTURE or BINARY, whose answers break
clients, and sends no text of a mail to the server.
"""

from __future__ import annotations

import datetime as dt
import select
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout

from inboxtrack import __version__
from inboxtrack.mail.account import ImapAccount, has_control
from inboxtrack.mail.deadline import deadline, within
from inboxtrack.mail.imap.errors import Refused, explain
from inboxtrack.mail.imap.login import check_arguments, credential, sign_in, tls_context
from inboxtrack.mail.imap.plan import Folder, Header
from inboxtrack.mail.source import Kind, MailboxError

T = TypeVar("T")
HEADER_FIELDS = "BODY.PEEK[HEADER.FIELDS (FROM REPLY-TO SUBJECT DATE MESSAGE-ID)]"
_IDENTITIES = {"X-GM-EXT-1": "X-GM-MSGID", "OBJECTID": "EMAILID"}
_THROTTLED = b"[THROTTLED]"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Connection:
    """A signed-in connection. After any error but `Refused` it is dropped (not `alive`) and of no use."""

    def __init__(self, account: ImapAccount) -> None:
        """Connect and sign in; an OAuth token that the server refuses is renewed once. Raises MailboxError."""
        check_arguments(account)
        self.throttled = False
        self._account = account
        self._limits = account.limits
        secret = credential(account, refresh=False)
        try:
            self._start(secret)
        except MailboxError as error:
            if account.token is None or error.kind is not Kind.AUTH:
                raise
            self._start(credential(account, refresh=True))

    def capabilities(self) -> frozenset[str]:
        """Everything the server offers after sign-in."""
        return self._capabilities

    def offers(self, capability: str) -> bool:
        """Whether the server has a capability after sign-in."""
        return capability in self._capabilities

    def examine(self, name: str) -> Folder:
        """Open a folder read-only. Raises Refused when there is no such folder."""
        if has_control(name):
            raise Refused("its name holds a control character")
        answer = self._do("EXAMINE", lambda: self._client.select_folder(name, readonly=True))
        return Folder(name, answer.get(b"UIDVALIDITY", 0), answer.get(b"UIDNEXT"), answer.get(b"EXISTS", 0))

    def search(self, first: int = 1, last: int | None = None, since: dt.date | None = None) -> list[int]:
        """The UIDs from `first` to `last`, ascending, of mails received since a day (days are the server's own)."""
        criteria: list[str] = []
        if first > 1 or last is not None or since is None:
            criteria += ["UID", f"{first}:{last or '*'}"]
        if since is not None:
            criteria += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"]
        found = self._do("SEARCH", lambda: self._client.search(criteria))
        # n:* always names the last mail, even when its UID is below n (RFC 9051, 6.4.4).
        return sorted({uid for uid in found if uid >= first and (last is None or uid <= last)})

    def headers(self, uids: Iterable[int]) -> dict[int, Header]:
        """Size, date and header fields by UID; a UID that is missing is gone."""
        identity = next((item for offer, item in _IDENTITIES.items() if self.offers(offer)), None)
        items = ["RFC822.SIZE", "INTERNALDATE", HEADER_FIELDS, *([identity] if identity else [])]
        return {uid: _header(entry, identity) for uid, entry in self._fetch(uids, items).items()}

    def bodies(self, uids: Iterable[int], limit: int) -> dict[int, bytes]:
        """The first `limit` bytes of mails by UID; empty where the server says OK but gives nothing."""
        found = self._fetch(uids, [f"BODY.PEEK[]<0.{limit}>"])
        return {uid: _bytes_of(entry, b"BODY[]") for uid, entry in found.items()}

    def folders(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Every folder's name and flags (special uses such as `\\Junk` among them)."""
        listed = self._do("LIST", self._client.list_folders)
        return tuple((name, frozenset(flag.decode("ascii", "replace") for flag in flags)) for flags, _, name in listed)

    def idle(self, seconds: float, wake: int) -> bool:
        """Wait in IDLE until the server speaks, `wake` (a file descriptor) is readable, or the time is over.

        What the server says is not looked at: it may be cut or missing, so that it can only be a reason to look.
        A dead connection raises MailboxError.
        """
        sock = self._client.socket()
        self._do("IDLE", self._client.idle, self._limits.leave)
        pending = getattr(sock, "pending", lambda: 0)()
        spoke = pending > 0 or sock.fileno() in _readable(sock.fileno(), wake, seconds)
        self._do("leaving IDLE", self._client.idle_done, self._limits.leave)
        return spoke

    def close(self) -> None:
        """Sign out, so that the server does not count this session on; errors no longer matter."""
        if self.alive:
            with suppress(MailboxError, Refused):
                self._do("LOGOUT", self._client.logout, self._limits.leave)
        self._drop()

    def _start(self, secret: str) -> None:
        self._client = self._open()
        self.alive = True
        if self._account.security == "starttls":
            self._do("connect", lambda: self._client.starttls(tls_context(self._account.ca_file)))
        self._do("login", lambda: sign_in(self._client, self._account, secret))
        names = self._do("CAPABILITY", self._client.capabilities)
        self._capabilities = frozenset(name.decode("ascii", "replace") for name in names)
        if self._account.send_id and self.offers("ID"):
            # NetEase opens no folder for a client that has not said its name.
            with suppress(Refused):
                self._do("ID", lambda: self._client.id_({"name": "inboxtrack", "version": __version__}))

    def _open(self) -> IMAPClient:
        limits, account = self._limits, self._account
        timeout = SocketTimeout(connect=limits.connect, read=limits.read)

        def connect() -> IMAPClient:
            secure = account.security == "tls"
            context = tls_context(account.ca_file) if secure else None
            return IMAPClient(account.host, account.port, ssl=secure, ssl_context=context, timeout=timeout)

        try:
            client = within(limits.connect + limits.leave, connect, lambda late: late.shutdown())
        except Exception as error:
            raise explain(error, account, "connect") from error
        # imaplib would otherwise format every body for a log that nobody reads: 11 times the time.
        client._imap.debug = 0
        client.normalise_times = False
        client._imap._command_complete = self._listening(client._imap._command_complete)
        return client

    def _listening(self, complete: Callable[[str, bytes], tuple[str, list[Any]]]) -> Callable[[str, bytes], Any]:
        """imaplib's end of a command, with an ear for Gmail's "OK Success [THROTTLED]", which IMAPClient drops."""

        def completed(name: str, tag: bytes) -> tuple[str, list[Any]]:
            kind, words = complete(name, tag)
            self.throttled |= any(isinstance(word, bytes) and _THROTTLED in word.upper() for word in words)
            return kind, words

        return completed

    def _fetch(self, uids: Iterable[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        ids = [int(uid) for uid in uids]
        return self._do("FETCH", lambda: self._client.fetch(ids, items)) if ids else {}

    def _do(self, doing: str, call: Callable[[], T], seconds: float | None = None) -> T:
        try:
            with deadline(self._client.socket(), seconds or self._limits.command):
                return call()
        except Exception as error:
            explained = explain(error, self._account, doing)
            if not isinstance(explained, Refused):
                self._drop()
            raise explained from error

    def _drop(self) -> None:
        self.alive = False
        with suppress(Exception):
            self._client.shutdown()


def _header(entry: dict[bytes, Any], identity: str | None) -> Header:
    size, received = entry.get(b"RFC822.SIZE"), entry.get(b"INTERNALDATE")
    return Header(
        raw=_bytes_of(entry, b"BODY[HEADER"),
        size=size if isinstance(size, int) else 0,
        received_at=received if isinstance(received, dt.datetime) else None,
        server_id=_identity(entry.get(identity.encode())) if identity else None,
    )


def _identity(value: object) -> str | None:
    """X-GM-MSGID comes as a number, EMAILID in parentheses."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value) if value else None


def _bytes_of(entry: dict[bytes, Any], start: bytes) -> bytes:
    """The value of the key that begins so: servers echo the rest of it in their own spelling."""
    return next((v for k, v in entry.items() if k.upper().startswith(start) and isinstance(v, bytes)), b"")


def _readable(sock: int, wake: int, seconds: float) -> set[int]:
    poller = select.poll()
    for fd in (sock, wake):
        poller.register(fd, select.POLLIN)
    return {fd for fd, _ in poller.poll(max(seconds, 0) * 1000)}
