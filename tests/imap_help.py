"""What the tests of the IMAP source share: mails, an account for a server, and one poll as a value.

A module that uses the fixtures `admin` or `reading` imports them and names them in its `__all__`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from imapclient import IMAPClient

from inboxtrack.mail.account import ImapAccount, Limits
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import Batch, Fetched, MailboxError, Pending, Position, Trouble
from tests.dovecot import USERS, Dovecot
from tests.fake_imap import FakeImap

QUICK = Limits(connect=3, read=3, command=6, leave=2, idle=20)
HASTY = Limits(connect=0.8, read=0.8, command=1.5, leave=0.4, idle=5)
NOW = dt.datetime.now(dt.UTC)
"""A real server dates by its own clock what is delivered."""
KNOWN = {"INBOX": Position("home", "INBOX", 7, 1)}
"""A folder of a `FakeImap` that was read before."""


def mail(subject: str, *, number: int = 1, body: str = "Hello", sender: str = "shop@shop.example") -> bytes:
    """A small mail; subjects that begin with "Order" are what `is_order` wants."""
    return (
        f"From: Shop <{sender}>\r\nTo: anna@home.example\r\nSubject: {subject}\r\n"
        f"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{number}.{subject.replace(' ', '-')}@shop.example>\r\n"
        f"\r\n{body}\r\n"
    ).encode()


def is_order(header: Mail) -> bool:
    """The triage of these tests."""
    return header.subject.startswith("Order")


def everything(header: Mail) -> bool:
    """The triage of `--deep`."""
    return True


def account_of(server: Dovecot, **changes: Any) -> ImapAccount:
    """The account of anna over plain loopback, impatient."""
    user = changes.get("user", "anna")
    return _account(**{"port": server.plain, "secret": lambda: USERS[user], "limits": QUICK, **changes})


def account_at(server: FakeImap, **changes: Any) -> ImapAccount:
    """The account of anna at a server that misbehaves: as impatient as a test can be."""
    return _account(**{"port": server.port, "secret": lambda: "secret", "limits": HASTY, **changes})


def _account(**fields: Any) -> ImapAccount:
    return ImapAccount(**{"name": "home", "host": "127.0.0.1", "security": "plain", "user": "anna", **fields})


def orders(count: int) -> dict[int, bytes]:
    """Mails of so many orders, by UID."""
    return {uid: mail(f"Order {uid}", number=uid) for uid in range(1, count + 1)}


@dataclass
class Reading:
    """A source and what the store would keep of it."""

    source: ImapSource
    positions: dict[str, Position] = field(default_factory=dict)
    wanted: Callable[[Mail], bool] = is_order

    def poll(self, pending: Iterable[Pending] = (), now: dt.datetime | None = None) -> list[Batch]:
        """One poll, keeping positions as the store does."""
        batches = []
        for batch in self.source.poll(self.positions, self.wanted, now or dt.datetime.now(dt.UTC), pending):
            if batch.position is not None:
                self.positions[batch.position.folder] = batch.position
            batches.append(batch)
        return batches

    def new(self, **how: Any) -> list[Fetched]:
        """The mails of one poll."""
        return mails_of(self.poll(**how))


def reading_at(server: FakeImap, **changes: Any) -> Reading:
    """What a poll of a server that misbehaves gives; every mail of it is wanted."""
    return Reading(ImapSource(account_at(server, **changes)), dict(KNOWN), everything)


def polled(server: FakeImap, **changes: Any) -> list[Batch]:
    """One such poll, and the connection ended."""
    reading = reading_at(server, **changes)
    batches = reading.poll()
    reading.source.close()
    return batches


def failure_of(reading: Reading) -> MailboxError:
    """How a poll fails that must: with one line that begins with the mailbox."""
    with pytest.raises(MailboxError) as caught:
        reading.poll()
    reading.source.close()
    assert "\n" not in caught.value.text
    assert caught.value.text.startswith("mailbox 'home': ")
    return caught.value


def refusal(account: ImapAccount) -> MailboxError:
    """How a first poll fails that must."""
    return failure_of(Reading(ImapSource(account)))


def mails_of(batches: Iterable[Batch]) -> list[Fetched]:
    return [fetched for batch in batches for fetched in batch.mails]


def troubles_of(batches: Iterable[Batch]) -> list[Trouble]:
    return [trouble for batch in batches for trouble in batch.troubles]


def bodies_of(batches: Iterable[Batch]) -> list[bytes]:
    return [fetched.raw for fetched in mails_of(batches) if not fetched.header_only]


def deliver(client: IMAPClient, *mails: bytes, folder: str = "INBOX", at: dt.datetime | None = None) -> None:
    """Put mails into a folder, as delivery does."""
    for raw in mails:
        client.append(folder, raw, msg_time=at)


def state_of(client: IMAPClient, folders: Iterable[str] = ("INBOX",)) -> list[Any]:
    """UIDs, flags, dates and sizes of every mail, and the folders' own values: what must never change."""
    seen: list[Any] = []
    for name in folders:
        status = client.folder_status(name, ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"])
        client.select_folder(name, readonly=True)
        uids = client.search()
        entries = {uid: sorted((k, v) for k, v in e.items()) for uid, e in _all(client, uids).items()}
        seen.append((name, status, entries))
        client.unselect_folder()
    return seen


def _all(client: IMAPClient, uids: list[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(uids), 500):
        found |= client.fetch(uids[start : start + 500], ["FLAGS", "INTERNALDATE", "RFC822.SIZE"])
    return found


@pytest.fixture
def admin(server: Dovecot) -> Iterator[IMAPClient]:
    """A second session, as the user's own mail program has it."""
    with server.admin() as client:
        yield client


@pytest.fixture
def reading(server: Dovecot) -> Iterator[Reading]:
    """The mailbox of anna, not yet read."""
    source = ImapSource(account_of(server))
    yield Reading(source)
    source.close()
