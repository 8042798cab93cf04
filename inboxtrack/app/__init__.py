"""The composition root: settings become a store, mailboxes, a reader and channels, and the commands' verbs."""

from __future__ import annotations

import datetime as dt
import gettext
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType

from inboxtrack.app.attention import Attention, attention
from inboxtrack.app.corrections import OrderId, UnknownRetailer, added, correction, retailer_named, undoing
from inboxtrack.app.digest import without_given_up
from inboxtrack.app.evidence import drop_copy, keep_copy
from inboxtrack.app.heartbeat import beat
from inboxtrack.app.intake import Intake
from inboxtrack.app.lock import instance_lock
from inboxtrack.app.messages import Messages
from inboxtrack.app.poll import MailboxReport, PollReport
from inboxtrack.keeping import MailRow
from inboxtrack.model import Correction, Fact, Order, State
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.words import long_day
from inboxtrack.orders import PROVISIONAL, provisional
from inboxtrack.overview import OrderView, OverviewSettings, overview
from inboxtrack.overview_settings import overview_settings, translated
from inboxtrack.pipeline import correct
from inboxtrack.secret import ConfigError
from inboxtrack.settings import MailboxSettings, Settings
from inboxtrack.store import Store

LONGEST_CLAIM = dt.timedelta(days=60)
"""How long after its end an order is still looked at for deadlines."""


def utc_now() -> dt.datetime:
    """The only clock: everything below it gets the time as an argument."""
    return dt.datetime.now(dt.UTC)


_TIDIED, _CHECKED = "tidied", "channels_checked"


class UnknownOrder(Exception):
    """No order or parcel bears this number, or several do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order's story: the fact, and the mail that said it, where one did."""

    fact: Fact
    mail: MailRow | None


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
    def alone(self) -> Iterator[None]:
        """Hold the instance lock. Raises AnotherInstance (exit code 3)."""
        with instance_lock(self.settings.general.state):
            yield

    # -- mail in ---------------------------------------------------------------------------------------------------

    @cached_property
    def intake(self) -> Intake:
        """Mailboxes, files and the reading of mail."""
        return Intake(self.settings, self.store, lambda: self.messages.channels_for, self._open)

    def poll(self, now: dt.datetime | None = None) -> PollReport:
        """One cycle over all mailboxes, then send what is due."""
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
        """One mailbox polled. A password that cannot be had stops no other mailbox. Raises ConfigError for no host."""
        source = self.intake.source(mailbox)
        try:
            return self.intake.poll(mailbox, source, now)
        except ConfigError as error:
            return self.intake.failed(mailbox, str(error), now)
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
        now, report = now or utc_now(), report or PollReport()
        self.messages.announce_time(self._with_deadlines(now), now)
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

    # -- orders ----------------------------------------------------------------------------------------------------

    @cached_property
    def overview_settings(self) -> OverviewSettings:
        """How orders are judged and named."""
        general = self.settings.general
        own = self.settings
        return overview_settings(general.zone, general.home_country, thresholds=own.thresholds, policies=own.policies)

    @cached_property
    def messages(self) -> Messages:
        """Channels, digest and outbox."""
        return Messages(self.settings, self.store, self._views_told)

    def views_of(self, state: State, now: dt.datetime) -> tuple[OrderView, ...]:
        """A state as a person wants to see it."""
        return overview(provisional(state), now, self.overview_settings)

    def _views_told(self, state: State, now: dt.datetime) -> tuple[OrderView, ...]:
        """A state as messages tell it."""
        return overview(provisional(state), now, self._told_settings)

    @cached_property
    def _told_settings(self) -> OverviewSettings:
        """The same with advice and deadlines in the language of messages, where there are words of it."""
        language = self.settings.general.language
        words = catalogue(language)
        if not isinstance(words, gettext.GNUTranslations):
            return self.overview_settings
        return translated(self.overview_settings, words.gettext, partial(long_day, language))

    def overview(self, *, everything: bool = False, now: dt.datetime | None = None) -> tuple[OrderView, ...]:
        """The open orders, or every one, what needs action first. Given-up orders leave after a digest told of them."""
        now = now or utc_now()
        with self.store.reading() as tx:
            state = tx.facts.whole_state() if everything else tx.facts.open_state()
        views = self.views_of(state, now)
        return views if everything else without_given_up(views, self.messages.digests.latest() or now)

    def _with_deadlines(self, now: dt.datetime) -> tuple[OrderView, ...]:
        """The open orders, and those that ended so lately that something may still be claimed."""
        with self.store.reading() as tx:
            return self.views_of(tx.facts.open_state(now - LONGEST_CLAIM), now)

    def find(self, text: str, now: dt.datetime | None = None) -> tuple[OrderView, ...]:
        """Orders by their number, the end of it, RETAILER/NUMBER, or a parcel's number. Raises UnknownOrder."""
        with self.store.reading() as tx:
            name, _, rest = text.partition("/")
            orders = tx.facts.find(text) or (_of_retailer(tx.facts.find(rest), name) if rest else [])
            parcels = [] if orders else tx.facts.find_parcel("".join(text.split()).upper())
            ids = {order for parcel in parcels for order in parcel.orders}
            orders += [
                order for retailer, number in ids for order in tx.facts.find(number) if order.id == (retailer, number)
            ]
            state = tx.facts.with_parcels(_each_once(orders))
            if not orders:
                state = State((), tuple(parcels))
        found = self.views_of(state, now or utc_now())
        if not found:
            raise UnknownOrder(f"no order or parcel with the number {text!r}: `inboxtrack orders --all` lists them")
        return found

    def find_one(self, text: str) -> OrderView:
        """The one order that a text means. Raises UnknownOrder when there are several."""
        found = self.find(text)
        if len(found) > 1:
            names = ", ".join("/".join(view.order.id) for view in found[:5])
            raise UnknownOrder(f"{text!r} fits several orders ({names}): write one of these, or more of the number")
        return found[0]

    def story(self, view: OrderView) -> tuple[Line, ...]:
        """Every line of an order and its parcels, oldest first, with the mails that said them."""
        keys = {*view.order.fact_keys, *(key for shown in view.parcels for key in shown.parcel.fact_keys)}
        with self.store.reading() as tx:
            facts = tx.facts.by_keys(keys)
            mails = {f.source.ref: tx.mails.by_key(f.source.ref) for f in facts if f.source}
        return tuple(Line(fact, mails.get(fact.source.ref) if fact.source else None) for fact in facts)

    # -- the user's word -------------------------------------------------------------------------------------------

    def add(self, retailer: str, number: str, tracking: str | None, now: dt.datetime | None = None) -> OrderView:
        """Follow an order that no mail told of. Raises UnknownRetailer."""
        now, retailer = now or utc_now(), self.retailer_named(retailer)
        with self.store.transaction() as tx:
            correct(added(retailer, number, tracking, now), tx, now)
        return next(view for view in self.find(f"{retailer}/{number}", now) if view.order.number == number)

    def retailer_named(self, text: str) -> str:
        """The retailer that the user means, one of a recipe or of an order included. Raises UnknownRetailer."""
        names = {key: name for key, name in self.overview_settings.names.items() if key != PROVISIONAL}
        try:
            return retailer_named(text, names, (recipe.key.removeprefix("recipe:") for recipe in self.intake.recipes))
        except UnknownRetailer:
            with self.store.reading() as tx:
                return retailer_named(text, names, {order.retailer for order in tx.facts.whole_state().orders})

    def correct(self, kind: Correction, order: OrderId, text: str | None = None) -> None:
        """Keep what the user says of an order."""
        if order[0] == PROVISIONAL:
            raise UnknownOrder(f"the order of parcel {order[1]} is not known yet: inboxtrack link ORDER {order[1]}")
        now = utc_now()
        with self.store.transaction() as tx:
            correct(correction(kind, order, text, now), tx, now)

    def undo(self, kind: Correction | None, order: OrderId, text: str | None = None) -> None:
        """Take back what the user said of an order last; no `kind` stands for `add`. Raises NothingToUndo."""
        now = utc_now()
        with self.store.transaction() as tx:
            facts = tx.facts.of_order(order)
            fact = undoing(kind, order, text, facts, now)
            correct(fact, tx, now)
        if kind is Correction.ATTACH:
            drop_copy(self.settings.general.state, next(one.text or "" for one in facts if one.key == fact.text))

    def attach(self, order: OrderId, file: Path) -> Path:
        """Keep a copy of a file with an order; where it lies. Raises OSError."""
        kept = keep_copy(self.settings.general.state, file)
        self.correct(Correction.ATTACH, order, f"{kept.name} {file.name}")
        return kept

    # -- upkeep ----------------------------------------------------------------------------------------------------

    def attention(self) -> Attention:
        """Mails that could not be read, refused senders, broken mailboxes and messages that were given up."""
        return attention(self.store, self.settings, utc_now())


def _of_retailer(orders: Sequence[Order], name: str) -> list[Order]:
    """Those of a retailer, or of a shop by any of its domains."""
    wanted = name.strip().casefold()
    return [order for order in orders if wanted in (order.retailer, *order.shop)]


def _each_once(orders: Sequence[Order]) -> list[Order]:
    return list({order.id: order for order in orders}.values())
