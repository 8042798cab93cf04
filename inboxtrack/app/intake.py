"""Mail in: from mailboxes and files, read in worker processes, kept; and read again when the rules have changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import inboxtrack
from inboxtrack.app.mailboxes import check, context_of, source_of
from inboxtrack.app.poll import Cycle, MailboxReport, MailSource, Read
from inboxtrack.app.servers import Servers
from inboxtrack.config.settings import MailboxSettings, Settings
from inboxtrack.extractors import Extractor, discover, is_candidate
from inboxtrack.keeping import MailRow
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import Fetched, Kind, MailboxError, Place, Progress
from inboxtrack.model import Reading
from inboxtrack.pipeline import ChannelsFor, Difference, read_again, refold, replay
from inboxtrack.reader import Context
from inboxtrack.secret import ConfigError
from inboxtrack.store import Store

if TYPE_CHECKING:
    from inboxtrack.reader.worker import Pool

Steps = Iterator[tuple[MailboxReport, Progress]]
_RULES, _BACKFILLED = "rules", "backfilled"


class Intake:
    """Everything that brings mail into the store. `opened` ends the worker processes with the app."""

    def __init__(
        self, settings: Settings, store: Store, channels: Callable[[], ChannelsFor], opened: ExitStack
    ) -> None:
        self.settings = settings
        self.store = store
        self._channels = channels
        self._opened = opened

    @cached_property
    def recipes(self) -> tuple[Extractor, ...]:
        """The user's recipes, from the folder `recipes` beside the settings."""
        folder = self.settings.path.parent / "recipes"
        if not folder.is_dir():
            return ()
        from inboxtrack.extractors.recipe import load

        return load(folder)

    @cached_property
    def rules(self) -> str:
        """What mail is read and facts are folded by, as one value that changes with any file of it, recipes included.

        Files are looked at rather than imported: a poll without new mail needs no extractor.
        """
        package = Path(inboxtrack.__file__).parent
        own = (package / name for name in ("mail", "tracking", "reading", "extractors", "reader", "orders"))
        folders = (*own, self.settings.path.parent / "recipes")
        files = sorted(f for folder in folders for f in folder.rglob("*") if f.suffix in (".py", ".toml", ".json"))
        seen = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return hashlib.sha256(repr(seen).encode()).hexdigest()

    @cached_property
    def servers(self) -> Servers:
        """The servers of mailboxes whose provider is not known."""
        return Servers(self.settings.general.state)

    @cached_property
    def _pool(self) -> Pool:
        from inboxtrack.reader.worker import Pool

        return self._opened.enter_context(Pool(os.cpu_count() or 1))

    def wanted(self, header: Mail) -> bool:
        """Whether a mail's header is worth fetching its body."""
        return is_candidate(header, (*discover(), *self.recipes))

    def reads(self, mailbox: MailboxSettings | None) -> Read:
        """What reads the mail of a mailbox, in worker processes."""
        plain = Context(recipes=self.recipes)
        context = context_of(self.servers.completed(mailbox), self.recipes) if mailbox else plain

        def about(mail: Fetched) -> Context:
            return replace(context, received_at=mail.received_at, truncated=mail.truncated)

        def read(mails: Sequence[Fetched]) -> list[Reading]:
            if len(mails) == 1:
                return [self._pool.read(mails[0].raw, about(mails[0]))]
            return self._pool.read_all((mail.raw, about(mail)) for mail in mails) if mails else []

        return read

    def source(self, mailbox: MailboxSettings) -> MailSource:
        """A mailbox that can be polled. Raises ConfigError for a lack of settings."""
        completed = self.servers.completed(mailbox)
        return source_of(self.settings, completed, self._is_known, looked_up=completed is not mailbox)

    def check_mailboxes(self) -> None:
        """Raise ConfigError for a mailbox that can never be read with these settings."""
        for mailbox in self.settings.mailboxes:
            check(mailbox)

    def find_server(self, mailbox: MailboxSettings) -> str | None:
        """Look up a server that neither settings nor provider table name; a line on what was found.

        Raises MailboxError.
        """
        return self.servers.find(mailbox)

    def _is_known(self, place: Place) -> bool:
        with self.store.reading() as tx:
            return tx.mails.is_known(place)

    def _cycle(self, mailbox: MailboxSettings | None) -> Cycle:
        return Cycle(self.store, self.reads(mailbox), self.wanted, self._channels())

    def poll(self, mailbox: MailboxSettings, source: MailSource, now: dt.datetime) -> MailboxReport:
        """Poll one mailbox, and put what follows in the outbox.

        When the rules have changed since, the look-back window is gone through once more for mail that nobody claimed.
        """
        report = self._cycle(mailbox).poll(mailbox.name, source, now)
        if report.error is None and isinstance(source, ImapSource) and self._rules_of(mailbox) != self.rules:
            if self._rules_of(mailbox) is not None:
                since = now - dt.timedelta(days=mailbox.look_back_days)
                try:
                    for _ in self._again(mailbox, source, since, now):
                        continue
                except MailboxError as error:
                    # The new mail is kept; the rules stay due, so that the next poll goes through the window again.
                    return self._cycle(mailbox).failed(error, report, now)
            with self.store.transaction() as tx:
                tx.health.put(f"{_RULES}/{mailbox.name}", self.rules)
        return report

    def failed(self, mailbox: MailboxSettings, error: ConfigError | MailboxError, now: dt.datetime) -> MailboxReport:
        """Remember, and tell, that a mailbox cannot be opened: its server is not found, its password's file is gone."""
        known = error if isinstance(error, MailboxError) else MailboxError(Kind.CONFIG, str(error))
        return self._cycle(mailbox).failed(known, MailboxReport(mailbox.name), now)

    def _rules_of(self, mailbox: MailboxSettings) -> str | None:
        with self.store.reading() as tx:
            return tx.health.get(f"{_RULES}/{mailbox.name}")

    def _again(self, mailbox: MailboxSettings, source: ImapSource, since: dt.datetime, now: dt.datetime) -> Steps:
        """Mail that nobody claimed, by the rules of today."""
        with self.store.reading() as tx:
            known = tx.mails.known_places(mailbox.name, claimed=True)
        batches = source.backfill(since, self.wanted, now, known.__contains__)
        yield from self._cycle(mailbox).take(mailbox.name, batches, now)

    def backfill(
        self, since: dt.datetime, now: dt.datetime, *, deep: bool = False, only: MailboxSettings | None = None
    ) -> Steps:
        """Read older mail of every mailbox, or of one, silently; how far it is after each batch. A second run goes on.

        When the rules have changed since the last one, it goes through mail that nobody claimed once more. With `deep`
        every mail is read whole. Raises MailboxError.
        """
        for mailbox in (only,) if only else self.settings.mailboxes:
            source = self.source(mailbox)
            if not isinstance(source, ImapSource):
                continue
            done = f"{_BACKFILLED}/{mailbox.name}"
            with self.store.reading() as tx:
                anew = tx.health.get(done) not in (None, self.rules)
                known = tx.mails.known_places(mailbox.name, with_mail=deep, claimed=anew)
            try:
                wanted = _everything if deep else self.wanted
                batches = source.backfill(since, wanted, now, known.__contains__)
                yield from self._cycle(mailbox).take(mailbox.name, batches, now)
            finally:
                source.close()
            with self.store.transaction() as tx:
                tx.health.put(done, self.rules)

    def import_paths(self, paths: Sequence[Path], now: dt.datetime) -> Steps:
        """Take in mail from files, silently; how far it is after each batch. Raises MailboxError."""
        from inboxtrack.mail.files import read_files

        yield from self._cycle(None).take("import", read_files(paths, now, self.wanted), now)

    def renew(self, now: dt.datetime) -> int:
        """After an update, silently: read kept mail again whose extractor has learnt more, and fold all facts anew.

        How many mails read differently.
        """
        with self.store.reading() as tx:
            if tx.health.get(_RULES) == self.rules:
                return 0
        revisions = {extractor.key: extractor.revision for extractor in (*discover(), *self.recipes)}
        with self.store.transaction() as tx:
            found = replay(tx.mails.to_replay(revisions), self._reads_again(), tx, now)
            refold(tx, now)
            tx.health.put(_RULES, self.rules)
        return len(found)

    def replay(self, now: dt.datetime, *, apply: bool) -> tuple[Difference, ...]:
        """Read all kept mail again; what changes. Without `apply` it is only looked at, and nobody is held up."""
        if not apply:
            with self.store.reading() as tx:
                looked = read_again(tx.mails.all_ids(), self._reads_again(), tx)
                return tuple(one for one in looked if one.tells)
        with self.store.transaction() as tx:
            return replay(tx.mails.all_ids(), self._reads_again(), tx, now)

    def _reads_again(self) -> Callable[[MailRow], Reading]:
        """What reads a kept mail as its mailbox' mail."""
        reads = {mailbox.name: self.reads(mailbox) for mailbox in self.settings.mailboxes}
        other = self.reads(None)

        def read(row: MailRow) -> Reading:
            raw = row.raw or b""
            place = Place(row.account, "", 0, 0)
            mail = Fetched(place=place, received_at=row.received_at, size=len(raw), raw=raw, truncated=row.truncated)
            return reads.get(row.account, other)([mail])[0]

        return read

    def purge(self, before: dt.datetime) -> int:
        """Drop the bytes of mails received before a time; how many there were."""
        with self.store.transaction() as tx:
            return tx.mails.forget_raw(before)


def _everything(_header: Mail) -> bool:
    return True
