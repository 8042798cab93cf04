"""One cycle over one mailbox: fetch, read, keep, and remember how the mailbox is."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from inboxtrack.channel import FIRST_RUN, MAILBOX_WELL
from inboxtrack.faults import point
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import LASTING, Batch, Fetched, Kind, MailboxError, Pending, Position, Progress
from inboxtrack.model import News, NewsKind, Outcome, Reading
from inboxtrack.orders import provisional
from inboxtrack.pipeline import ChannelsFor, announce, ingest
from inboxtrack.store import Health, Store, Transaction

Read = Callable[[Sequence[Fetched]], list[Reading]]
Wanted = Callable[[Mail], bool]
Orders = frozenset[tuple[str, str]]


class MailSource(Protocol):
    """A mailbox that can be polled and waited on: over IMAP, or a Maildir."""

    def poll(
        self, positions: Mapping[str, Position], wanted: Wanted, now: dt.datetime, pending: Iterable[Pending] = ()
    ) -> Iterator[Batch]: ...

    def wait(self, seconds: float) -> bool: ...

    def interrupt(self) -> None: ...

    def drop(self) -> None: ...

    def renewed(self) -> bool: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class MailboxReport:
    """What a poll of one mailbox brought; `error` is one line that names the cure.

    `found` is a line on its server, where that was looked up just now.
    """

    name: str
    mails: int = 0
    quiet_mails: int = 0
    news: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    kind: Kind | None = None
    wait: float = 0
    found: str | None = None


@dataclass(slots=True)
class PollReport:
    """What a poll of all mailboxes brought, and what went out: messages by channel, a line for each that failed."""

    mailboxes: list[MailboxReport] = field(default_factory=list)
    delivered: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        """How many messages went out."""
        return sum(self.delivered.values())

    @property
    def undelivered(self) -> list[str]:
        """The lines of the channels that failed."""
        return list(self.failed.values())

    @property
    def news(self) -> int:
        """Pieces of news of all mailboxes."""
        return sum(report.news for report in self.mailboxes)

    @property
    def ok(self) -> bool:
        """Whether every mailbox was read to its end."""
        return not any(report.error for report in self.mailboxes)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What polling a mailbox needs beside its source."""

    store: Store
    read: Read
    wanted: Wanted
    channels: ChannelsFor

    def poll(self, name: str, source: MailSource, now: dt.datetime) -> MailboxReport:
        """Poll a mailbox once. A MailboxError ends in the report and in the mailbox' health."""
        report = MailboxReport(name)
        with self.store.transaction() as tx:
            positions, pending = tx.mails.positions(name), tx.mails.pending(name, now)
            known = None if positions else _open_orders(tx)
        try:
            for batch in source.poll(positions, self.wanted, now, pending):
                self.keep(batch, report, now)
        except MailboxError as error:
            return self.failed(error, report, now)
        self._good(report, now, known)
        return report

    def failed(self, error: MailboxError, report: MailboxReport, now: dt.datetime) -> MailboxReport:
        """Remember that a mailbox could not be read, and tell it once: at once where only the user can cure it."""
        with self.store.transaction() as tx:
            kind = _judged(error, report.name, tx)
            report.error, report.kind, report.wait = error.text, kind, error.wait
            self._unwell(report.name, kind, error.text, now, tx)
        return report

    def keep(self, batch: Batch, report: MailboxReport, now: dt.datetime) -> Progress | None:
        """Read a batch and keep it, in one transaction."""
        point("fetched")
        read = iter(self.read([mail for mail in batch.mails if not mail.header_only]))
        readings = [None if mail.header_only else next(read) for mail in batch.mails]
        point("read")
        with self.store.transaction() as tx:
            done = ingest(batch, readings, tx, self.channels, now)
            point("before_commit")
        point("after_commit")
        report.mails += done.mails
        report.quiet_mails += done.mails if batch.quiet else 0
        report.news += 0 if batch.quiet else done.news
        report.outcomes.update(dict(done.outcomes))
        report.warnings += batch.warnings
        return batch.progress

    def take(self, name: str, batches: Iterable[Batch], now: dt.datetime) -> Iterator[tuple[MailboxReport, Progress]]:
        """Keep old mail, silently; after each batch how far it is. Raises MailboxError; what is kept stays kept.

        One summary tells of it, when orders were found.
        """
        report = MailboxReport(name)
        with self.store.reading() as tx:
            known = _open_orders(tx)
        for batch in batches:
            progress = self.keep(batch, report, now)
            if progress:
                yield report, progress
        if report.outcomes[Outcome.READ]:
            with self.store.transaction() as tx:
                summary = old_mail_summary(name, _open_orders(tx), report.mails, now, known)
                announce([summary], tx, self.channels, now)

    def _unwell(self, name: str, kind: Kind, text: str, now: dt.datetime, tx: Transaction, what: str = "") -> None:
        health = tx.health.bad(name + what, kind.value, text, now)
        lasting = kind in LASTING or (health.since and now - health.since >= STALE)
        if lasting and not health.told:
            announce([_trouble(name, kind, text, now)], tx, self.channels, now)
            tx.health.mark_told(name + what)

    def _good(self, report: MailboxReport, now: dt.datetime, known: Orders | None) -> None:
        """A poll went well; `known` are the orders that were open before it, where it is the mailbox' first."""
        with self.store.transaction() as tx:
            if tx.health.of(report.name).told:
                announce([_well(report.name, now)], tx, self.channels, now)
            tx.health.good(report.name, now)
            _end_row(report.name, tx)
            if report.warnings:
                self._unwell(report.name, Kind.TRANSIENT, "; ".join(report.warnings), now, tx, FOLDERS)
            elif tx.health.of(report.name + FOLDERS).text:
                tx.health.good(report.name + FOLDERS, now)
            if known is not None or tx.health.get(_FIRST + report.name) is None:
                summary = first_summary(report.name, _open_orders(tx), report.mails, now, known)
                announce([summary], tx, self.channels, now)
                tx.health.put(_FIRST + report.name, now.isoformat())


STALE = dt.timedelta(hours=1)
"""How long a mailbox may be out of reach before the user is told: networks fail often and heal soon."""
FOLDERS = "/folders"
"""Ends the name under which the health of a mailbox' folders stands: some may be missing while it is well."""

_FIRST = "first_poll/"
_IN_A_ROW = "in_a_row/"


def _judged(error: MailboxError, name: str, tx: Transaction) -> Kind:
    """The kind of an error in the light of those before: a server that opens no mailbox may only be busy."""
    if not error.refused_after:
        _end_row(name, tx)
        return error.kind
    count = int(tx.health.get(_IN_A_ROW + name) or 0) + 1
    tx.health.put(_IN_A_ROW + name, str(count))
    return Kind.AUTH if count >= error.refused_after else error.kind


def _end_row(name: str, tx: Transaction) -> None:
    if tx.health.get(_IN_A_ROW + name):
        tx.health.put(_IN_A_ROW + name, "")


def _open_orders(tx: Transaction) -> Orders:
    return frozenset(order.id for order in provisional(tx.facts.open_state()).orders)


def _trouble(name: str, kind: Kind, text: str, now: dt.datetime) -> News:
    return News(
        kind=NewsKind.MAILBOX,
        keys=(f"mailbox/{name}/{now.isoformat()}",),
        at=now,
        what="mailbox_trouble",
        detail=text,
        data=(("mailbox", name), ("trouble", kind.value)),
    )


def _well(name: str, now: dt.datetime) -> News:
    """Trouble that was told is over."""
    keys = (f"mailbox/{name}/{now.isoformat()}/well",)
    return News(kind=NewsKind.MAILBOX, keys=keys, at=now, what=MAILBOX_WELL, data=(("mailbox", name),))


def health_of(name: str, tx: Transaction) -> tuple[Health, Health]:
    """How a mailbox is, and how its folders are."""
    return tx.health.of(name), replace(tx.health.of(name + FOLDERS), account=name)


def old_mail_summary(name: str, orders: Orders, mails: int, now: dt.datetime, known: Orders | None) -> News:
    """The one message of a backfill or an import."""
    news = first_summary(name, orders, mails, now, known)
    return replace(news, keys=(f"summary/{name}/{now.isoformat()}",))


def first_summary(name: str, orders: Orders, mails: int, now: dt.datetime, known: Orders | None) -> News:
    """The one message of a first poll: how many orders are open, and where some were `known` before, which are new."""
    new = (("new", json.dumps(sorted(orders - known))),) if known else ()
    return News(
        kind=NewsKind.SUMMARY,
        keys=(f"summary/{name}/first",),
        at=now,
        what=FIRST_RUN,
        data=(("mailbox", name), ("orders", str(len(orders))), ("mails", str(mails)), *new),
    )
