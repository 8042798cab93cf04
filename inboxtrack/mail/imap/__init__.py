"""A mailbox over IMAP as a mail source: what is new since a position, old mail on demand, and waiting for more.

Headers come first; bodies only of candidates, at most once, in bounded portions. Every mail ends in a batch or as a
`Trouble`; one mail that cannot be fetched stops no other.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from inboxtrack.mail.account import ImapAccount, Limits
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.errors import Refused
from inboxtrack.mail.imap.idle import Waiter
from inboxtrack.mail.imap.plan import Folder, Plan
from inboxtrack.mail.imap.reader import REBUILT, FolderReader
from inboxtrack.mail.imap.session import Session, Unopened
from inboxtrack.mail.message import RAW_LIMIT, Mail
from inboxtrack.mail.source import Batch, Kind, MailboxError, Pending, Place, Position, Progress, Trouble

__all__ = ["WHOLE", "ImapAccount", "ImapSource", "Limits"]

Wanted = Callable[[Mail], bool]
WHOLE = RAW_LIMIT
"""The limit for `fetch` where a mail is needed to its end (2 MB), to check its DKIM signature."""

_log = logging.getLogger(__name__)


class ImapSource:
    """One mailbox. It keeps one connection between polls; use it from one thread (`interrupt` from any)."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self._session = Session(account)
        self._waiter = Waiter(self._session)

    def poll(
        self, positions: Mapping[str, Position], wanted: Wanted, now: dt.datetime, pending: Iterable[Pending] = ()
    ) -> Iterator[Batch]:
        """What came since `positions` (by folder), and another try for `pending` mails.

        `wanted` sees a mail's header fields and says whether its body is fetched; the others come `header_only`.
        Keep each batch with its position before taking the next. Raises MailboxError; what was yielded stays true.
        """
        waiting = plans.by_folder(pending, self.account.name)
        for folder in self._folders():
            if isinstance(folder, Unopened):
                yield Batch(warnings=(folder.text,))
                continue
            position = positions.get(folder.name)
            yield from self._retry(folder, waiting.get(folder.name, []), position, now)
            plan = plans.plan(folder, position, self.account.look_back_days, now)
            if plan is not None:
                yield from self._read(folder, plan, wanted, now)
            self._session.heed()

    def backfill(
        self,
        since: dt.datetime,
        wanted: Wanted,
        now: dt.datetime,
        known: Callable[[Place], bool] = lambda _: False,
    ) -> Iterator[Batch]:
        """Old mail of every folder since a time, but for places that are `known`: so a second run resumes the first.

        The first batch is empty and tells the total. No batch carries a position.
        """
        plan = Plan(1, since, quiet_below=0)
        todo: list[tuple[Folder, list[int]]] = []
        for folder in self._folders():
            if isinstance(folder, Unopened):
                yield Batch(warnings=(folder.text,))
                continue
            reader = FolderReader(self._session, folder, now)
            uids = self._session.search(folder, plan)
            todo.append((folder, [uid for uid in uids if not known(reader.place(uid))]))
        done, total = 0, sum(len(uids) for _, uids in todo)
        yield Batch(quiet=True, progress=Progress(0, total))
        for folder, uids in todo:
            for last, batch in FolderReader(self._session, folder, now).batches(uids, plan, wanted):
                reached = done + sum(uid <= last for uid in uids)
                yield replace(batch, quiet=True, progress=Progress(reached, total))
                self._session.heed()
            done += len(uids)

    def fetch(self, places: Iterable[Place], now: dt.datetime, limit: int = plans.BODY_CAP) -> Iterator[Batch]:
        """Known mails once more: for a new recipe, or with `limit=WHOLE` to their end. No batch carries a position."""
        self._session.begin()
        asked: dict[tuple[str, int], list[int]] = {}
        for place in places:
            asked.setdefault((place.folder, place.uidvalidity), []).append(place.uid)
        for (name, uidvalidity), uids in asked.items():
            folder = self._session.open(name)
            if isinstance(folder, Unopened):
                yield Batch(warnings=(folder.text,))
            elif folder.uidvalidity != uidvalidity:
                yield Batch(gone=tuple(Place(self.account.name, name, uidvalidity, uid) for uid in uids))
            else:
                reader = FolderReader(self._session, folder, now)
                for portion in plans.portions(sorted(uids), plans.BODY_IDS):
                    yield replace(reader.again(portion, {}, limit), quiet=True)

    def wait(self, seconds: float) -> bool:
        """Wait until a poll is worth while (True), or `seconds` are over or `interrupt` is called (False)."""
        return self._waiter.wait(seconds)

    def interrupt(self) -> None:
        """End a `wait` in another thread, or else the next one. Safe in signal handlers."""
        self._waiter.interrupt()

    def drop(self) -> None:
        """Give up the connection, after a suspend or a clock jump; the next poll makes a new one."""
        self._session.close()

    def renewed(self) -> bool:
        """Whether the user has given another password than the one used last; the server is not asked."""
        return self.account.renewed is not None and self.account.renewed()

    def close(self) -> None:
        """Sign out and release everything."""
        self._session.close()
        self._waiter.close()

    def capabilities(self) -> frozenset[str]:
        """What the server offers after sign-in, for `doctor`. Raises MailboxError."""
        return self._session.connection().capabilities()

    def folder_names(self) -> tuple[str, ...]:
        """Every folder of the mailbox, for `doctor`. Raises MailboxError."""
        try:
            return tuple(name for name, _ in self._session.connection().folders())
        except Refused as refused:
            raise MailboxError(Kind.TRANSIENT, f"mailbox {self.account.name!r}: {refused.text}") from refused

    def _folders(self) -> Iterator[Folder | Unopened]:
        """Every folder, opened; or why it is not. MailboxError when there is none at all."""
        self._session.begin()
        unopened: list[Unopened] = []
        names = self._session.names()
        for name in names:
            folder = self._session.open(name)
            if isinstance(folder, Unopened):
                unopened.append(folder)
            if len(unopened) == len(names):
                worst = next((one for one in unopened if one.kind is Kind.CONFIG), unopened[0])
                raise MailboxError(worst.kind, worst.text)
            yield folder

    def _read(self, folder: Folder, plan: Plan, wanted: Wanted, now: dt.datetime) -> Iterator[Batch]:
        if plan.restarted:
            _log.warning("mailbox %r: folder %r was rebuilt; recent mail is read again", self.account.name, folder.name)
        uids = self._session.search(folder, plan)
        after = max(uids, default=0) + 1
        border = plan.quiet_below or (after if plan.is_first else 0)
        start = Position(self.account.name, folder.name, folder.uidvalidity, plan.first, border)
        reader = FolderReader(self._session, folder, now)
        for quiet in (True, False):
            part = [uid for uid in uids if (uid < border) is quiet]
            for last, batch in reader.batches(part, plan, wanted):
                yield replace(batch, quiet=quiet, position=replace(start, next_uid=last + 1))
                self._session.heed()
        if plan.since is not None:
            yield Batch(quiet=plan.is_first, position=replace(start, next_uid=max(folder.uidnext or 0, after)))

    def _retry(
        self, folder: Folder, waiting: Iterable[Pending], position: Position | None, now: dt.datetime
    ) -> Iterator[Batch]:
        reader = FolderReader(self._session, folder, now)
        here = {item.place.uid: item for item in waiting if item.place.uidvalidity == folder.uidvalidity}
        lost = [item for item in waiting if item.place.uidvalidity != folder.uidvalidity]
        if lost:
            late = tuple(Trouble(place=item.place, reason=REBUILT, final=True) for item in lost if not item.given_up)
            yield Batch(troubles=late, gone=tuple(item.place for item in lost if item.given_up))
        border = position.quiet_below if position else 0
        for quiet in (True, False):
            part = sorted(uid for uid in here if (uid < border) is quiet)
            for portion in plans.portions(part, plans.BODY_IDS):
                yield replace(reader.again(portion, here), quiet=quiet)
                self._session.heed()
