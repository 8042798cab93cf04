"""The composition root: settings become a store, mailboxes, a reader and channels, and the commands' verbs.

A part is imported when it is first needed: the list of orders needs no mailbox, and a poll without new mail no reader.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from inboxtrack.app.heartbeat import beat
from inboxtrack.app.lock import instance_lock
from inboxtrack.app.orders import Orders
from inboxtrack.config.settings import MailboxSettings, Settings
from inboxtrack.mail.source import MailboxError
from inboxtrack.secret import ConfigError
from inboxtrack.store import Store

if TYPE_CHECKING:
    from inboxtrack.app.attention import Attention
    from inboxtrack.app.intake import Intake
    from inboxtrack.app.messages import Messages
    from inboxtrack.app.poll import MailboxReport, PollReport


def utc_now() -> dt.datetime:
    """The only clock: everything below it gets the time as an argument."""
    return dt.datetime.now(dt.UTC)


_TIDIED, _CHECKED = "tidied", "channels_checked"


class App:
    """Everything a command or the daemon can do. Use it as a context manager."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self._open = ExitStack()
        self._open.enter_context(store)

    @classmethod
    def open(cls, settings: Settings) -> App:
        """Over the store of these settings. Raises StoreError."""
        return cls(settings, Store(settings.general.state))

    def __enter__(self) -> App:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @contextmanager
    def alone(self, *, watching: bool = False) -> Iterator[None]:
        """Hold the instance lock, `watching` until somebody stops it. Raises AnotherInstance (exit code 3)."""
        with instance_lock(self.settings.general.state, watching=watching):
            yield

    # -- mail in ---------------------------------------------------------------------------------------------------

    @cached_property
    def intake(self) -> Intake:
        """Mailboxes, files and the reading of mail."""
        from inboxtrack.app.intake import Intake

        return Intake(self.settings, self.store, lambda: self.messages.channels_for, self._open)

    def poll(self, now: dt.datetime | None = None) -> PollReport:
        """One cycle over all mailboxes, then send what is due."""
        from inboxtrack.app.poll import PollReport

        report = PollReport()
        self.tidy(now or utc_now())
        for mailbox in self.settings.mailboxes:
            report.mailboxes.append(self._polled(mailbox, now or utc_now()))
        self.tell(report, now)
        url = self.heartbeat_url()
        if url and report.ok and not report.undelivered:
            beat(url)
        return report

    def _polled(self, mailbox: MailboxSettings, now: dt.datetime) -> MailboxReport:
        """One mailbox polled. A password that cannot be had, or a server, stops no other mailbox."""
        found = None
        try:
            found = self.intake.find_server(mailbox)
            report = self._read(mailbox, now)
        except (ConfigError, MailboxError) as error:
            report = self.intake.failed(mailbox, error, now)
        report.found = found
        return report

    def _read(self, mailbox: MailboxSettings, now: dt.datetime) -> MailboxReport:
        source = self.intake.source(mailbox)
        try:
            return self.intake.poll(mailbox, source, now)
        finally:
            source.close()

    def tidy(self, now: dt.datetime) -> None:
        """Once after an update: read kept mail by the new rules. Once a day: let go of mail past its retention."""
        self.intake.renew(now)
        days = self.settings.general.retention_days
        with self.store.reading() as tx:
            done = tx.health.get(_TIDIED)
        if days and (done is None or now - dt.datetime.fromisoformat(done) >= dt.timedelta(days=1)):
            self.intake.purge(now - dt.timedelta(days=days))
            with self.store.transaction() as tx:
                tx.health.put(_TIDIED, now.isoformat())

    def tell(self, report: PollReport | None = None, now: dt.datetime | None = None) -> PollReport:
        """What follows from time becomes news, a digest that is due joins it, and the outbox is sent."""
        from inboxtrack.app.poll import PollReport

        now, report = now or utc_now(), report or PollReport()
        self.messages.announce_time(self.orders.with_deadlines(now), now)
        self.messages.announce_digest(now)
        sent = self.messages.send(now)
        report.delivered, report.failed = sent.sent, sent.failed
        return report

    def check_channels(self) -> None:
        """Open every channel once after a change of their URLs. Raises ChannelError for one that cannot be used.

        Apprise takes longer to start than all the rest: a poll that has nothing to send does without it.
        """
        urls = repr([(channel.name, channel.url, channel.style) for channel in self.messages.channels])
        seen = hashlib.sha256(urls.encode()).hexdigest()
        with self.store.reading() as tx:
            if tx.health.get(_CHECKED) == seen:
                return
        _ = self.messages.notifiers
        with self.store.transaction() as tx:
            tx.health.put(_CHECKED, seen)

    def heartbeat_url(self) -> str | None:
        """The URL to call when the whole chain worked."""
        secret = self.settings.secret(self.settings.heartbeat, "url")
        return secret.get() if secret.given else None

    # -- orders and messages ---------------------------------------------------------------------------------------

    @cached_property
    def orders(self) -> Orders:
        """The user's orders."""
        return Orders(self.settings, self.store, utc_now, self._own_shops)

    def _own_shops(self) -> Iterable[str]:
        from inboxtrack.config import own_retailers

        return own_retailers(self.settings.path.parent / "recipes")

    @cached_property
    def messages(self) -> Messages:
        """Channels, digest and outbox."""
        from inboxtrack.app.messages import Messages

        return Messages(self.settings, self.store, self.orders.views_told)

    # -- upkeep ----------------------------------------------------------------------------------------------------

    def attention(self) -> Attention:
        """Mails that could not be read, refused senders, broken mailboxes and messages that were given up."""
        from inboxtrack.app.attention import attention

        return attention(self.store, self.settings, utc_now())
