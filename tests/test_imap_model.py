"""Random lives of a mailbox: whatever happens to it, every mail that a poll could see is recorded.

INBOXTRACK_LONG=1 runs longer lives.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import imapclient
import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.source import Batch, MailboxError, Pending, Place
from tests.dovecot import Dovecot
from tests.imap_help import Reading, account_of, deliver, mail, state_of

pytestmark = pytest.mark.dovecot
FOLDERS = ("INBOX", "Orders")
LONG = os.environ.get("INBOXTRACK_LONG") == "1"
SEEDS, STEPS = (range(20), 120) if LONG else (range(4), 30)


@dataclass
class Life:
    """A mailbox, a store that keeps what a store keeps, and dice."""

    server: Dovecot
    admin: imapclient.IMAPClient
    reading: Reading
    dice: random.Random
    count: int = 0
    recorded: set[bytes] = field(default_factory=set)
    pending: dict[Place, Pending] = field(default_factory=dict)
    told: list[bytes] = field(default_factory=list)

    def keep(self, batch: Batch) -> None:
        """One transaction."""
        for fetched in batch.mails:
            identity = identity_of(fetched.raw)
            if identity not in self.recorded and not batch.quiet:
                self.told.append(identity)
            self.recorded.add(identity)
            self.pending.pop(fetched.place, None)
        for place in batch.gone:
            self.pending.pop(place, None)
        for trouble in batch.troubles:
            self.pending.pop(trouble.place, None)
            if not trouble.final:
                self.pending[trouble.place] = Pending(trouble.place)
        if batch.position:
            self.reading.positions[batch.position.folder] = batch.position

    def poll(self, batches: int | None = None) -> int:
        """Poll, or only the first `batches` of a poll, as when the program is killed; how many mails came."""
        count = 0
        source = self.reading.source
        now = dt.datetime.now(dt.UTC)
        for number, batch in enumerate(
            source.poll(self.reading.positions, self.reading.wanted, now, [*self.pending.values()])
        ):
            if batches is not None and number >= batches:
                break
            self.keep(batch)
            count += len(batch.mails)
        return count

    def visible(self) -> set[bytes]:
        """What stands in the folders, seen by the other session."""
        found = set()
        for folder in FOLDERS:
            self.admin.select_folder(folder, readonly=True)
            uids = self.admin.search()
            for entry in self.admin.fetch(uids, ["BODY.PEEK[HEADER]"]).values() if uids else ():
                found.add(identity_of(entry[b"BODY[HEADER]"]))
            self.admin.unselect_folder()
        return found

    # What may happen.

    def deliver_some(self) -> None:
        for _ in range(self.dice.randint(1, 30)):
            self.count += 1
            subject = self.dice.choice(["Order", "Hello"])
            deliver(self.admin, mail(subject, number=self.count), folder=self.dice.choice(FOLDERS))

    def move_or_copy(self) -> None:
        source, target = self.dice.sample(FOLDERS, 2)
        self.admin.select_folder(source)
        uids = self.admin.search()
        chosen = self.dice.sample(uids, min(len(uids), 3))
        if chosen:
            (self.admin.move if self.dice.random() < 0.5 else self.admin.copy)(chosen, target)
        self.admin.unselect_folder()

    def expunge_some(self) -> None:
        self.admin.select_folder(self.dice.choice(FOLDERS))
        uids = self.admin.search()
        chosen = self.dice.sample(uids, min(len(uids), 2))
        if chosen:
            self.admin.delete_messages(chosen)
            self.admin.expunge()
        self.admin.unselect_folder()

    def read_some(self) -> None:
        self.admin.select_folder("INBOX")
        uids = self.admin.search()
        if uids:
            self.admin.add_flags(self.dice.sample(uids, min(len(uids), 5)), [b"\\Seen"])
        self.admin.unselect_folder()

    def rebuild(self) -> None:
        self.admin.delete_folder("Orders")
        self.admin.create_folder("Orders")

    def new_uidvalidity(self) -> None:
        value = str(self.dice.randint(10, 10_000))
        self.server.doveadm("mailbox", "update", "-u", "anna", "--uid-validity", value, "INBOX")
        # Dovecot shows an empty folder until a session has opened it anew.
        self.admin.logout()
        self.admin = self.server.admin()
        self.admin.select_folder("INBOX")
        self.admin.unselect_folder()

    def server_crash(self) -> None:
        self.admin.logout()
        self.server.kill_sessions(signal.SIGKILL)
        self.admin = self.server.admin()

    def program_restart(self) -> None:
        self.reading.source.close()
        self.reading.source = ImapSource(self.reading.source.account)

    def program_crash(self) -> None:
        with suppress(MailboxError):
            self.poll(self.dice.randint(0, 2))
        self.program_restart()


def identity_of(raw: bytes) -> bytes:
    return next(line for line in raw.split(b"\r\n") if line.lower().startswith(b"message-id:"))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_mail_that_a_poll_could_see_is_recorded(server: Dovecot, seed: int) -> None:
    """covers: A2.1, A2.2, A2.4, A2.8"""
    with server.admin() as admin:
        admin.create_folder("Orders")
    life = Life(server, server.admin(), Reading(ImapSource(account_of(server, folders=FOLDERS))), random.Random(seed))
    common: list[Callable[[], None]] = [life.deliver_some, life.move_or_copy, life.expunge_some, life.read_some]
    rare = [life.rebuild, life.new_uidvalidity, life.server_crash, life.program_restart, life.program_crash]
    for _ in range(STEPS):
        life.dice.choice(common if life.dice.random() < 0.7 else rare)()
        if life.dice.random() < 0.5:
            before = state_of(life.admin, FOLDERS)
            life.poll()
            assert state_of(life.admin, FOLDERS) == before, "a poll changes nothing"
            assert life.visible() <= life.recorded, "a mail was lost"
            assert life.poll() == 0, "a second poll finds nothing"
            assert not life.pending
    assert len(life.told) == len(set(life.told))
    assert life.recorded
    life.reading.source.close()
    life.admin.logout()
