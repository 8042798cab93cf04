"""What a digest says: open orders, those done since the last one, and how mailboxes and channels are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable

from inboxtrack.app.poll import health_of
from inboxtrack.config.settings import Settings
from inboxtrack.model import Outcome, State
from inboxtrack.outbox import OutboxRow
from inboxtrack.overview import OrderView
from inboxtrack.overview.silence import Silence
from inboxtrack.store import Store, Transaction
from inboxtrack.views import DigestView, MailboxHealth

ViewsOf = Callable[[State, dt.datetime], tuple[OrderView, ...]]
LATEST, PREVIOUS = "digest_latest", "digest_previous"
OLD_MAIL = dt.timedelta(days=7)
"""An order that ended so long before the last digest became known by old mail (a backfill): its end is no news."""


class DigestLog:
    """Knows when the last digest was, and so what is new since."""

    def __init__(self, settings: Settings, store: Store, views_of: ViewsOf) -> None:
        self.settings = settings
        self.store = store
        self.views_of = views_of
        self._counted: frozenset[int] = frozenset()

    def begin(self, tx: Transaction, now: dt.datetime) -> None:
        """Before the first digest: it says what is new since now."""
        if tx.health.get(LATEST) is None:
            tx.health.put(LATEST, now.isoformat())

    def next(self, tx: Transaction, now: dt.datetime) -> None:
        """A digest is announced: what it says is new since the one before."""
        tx.health.put(PREVIOUS, tx.health.get(LATEST) or now.isoformat())
        tx.health.put(LATEST, now.isoformat())

    def told(self) -> None:
        """The digest that was written last is out: the unread mails it counted are known."""
        if self._counted:
            with self.store.transaction() as tx:
                tx.mails.mark_told(self._counted)

    def view(self, now: dt.datetime, *, sent: bool = False) -> DigestView:
        """Everything a digest says: the one that is being `sent`, or the next one as it would be now."""
        from inboxtrack.app.signin import ending

        with self.store.reading() as tx:
            last = _moment(tx.health.get(PREVIOUS if sent else LATEST))
            until = (_moment(tx.health.get(LATEST)) if sent else None) or now
            state = tx.facts.open_state(ended_since=last)
            unread = tx.mails.untold(Outcome.UNREAD, until)
            health = [_health(mailbox.name, tx) for mailbox in self.settings.mailboxes]
        if sent:
            self._counted = unread
        views = without_given_up(self.views_of(state, now), last or now)
        views = tuple(view for view in views if not (last and _long_over(view, last - OLD_MAIL)))
        left_out = 0
        if self.settings.digest.only_if_changed and last:
            fresh = tuple(view for view in views if _changed(view, last))
            left_out, views = len(views) - len(fresh), fresh
        return DigestView(
            orders=views,
            mailboxes=tuple(health),
            unchanged=left_out,
            since=last,
            unread=len(unread),
            undelivered=_undelivered(self.store.outbox.given_up(), last),
            endings=tuple(filter(None, (ending(self.settings, mailbox, now) for mailbox in self.settings.mailboxes))),
        )

    def worth_sending(self, now: dt.datetime) -> bool:
        """Whether the settings want a digest although nothing is open, or nothing changed. Trouble is always told."""
        view = self.view(now)
        trouble = any(mailbox.trouble for mailbox in view.mailboxes) or view.unread or view.undelivered
        if self.settings.digest.only_if_changed and view.since and not view.orders and not trouble:
            return False
        return bool(view.orders or view.unchanged or trouble) or not self.settings.digest.only_if_open


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def latest_digest(store: Store) -> dt.datetime | None:
    """When the last digest was announced."""
    with store.reading() as tx:
        return _moment(tx.health.get(LATEST))


def without_given_up(views: Iterable[OrderView], since: dt.datetime) -> tuple[OrderView, ...]:
    """The orders that still count as open: those given up before a time have been in a digest, and have left."""

    def left(view: OrderView) -> bool:
        return any(signal.what is Silence.GIVEN_UP and signal.since < since for signal in view.signals)

    return tuple(view for view in views if not left(view))


def _health(name: str, tx: Transaction) -> MailboxHealth:
    own, folders = health_of(name, tx)
    return MailboxHealth(name=name, last_read=own.last_success, trouble=own.text or folders.text)


def _long_over(view: OrderView, before: dt.datetime) -> bool:
    heard = [moment for moment in (view.order.stage_at, view.order.last_news_at) if moment]
    return not view.order.open and bool(heard) and max(heard) < before


def _changed(view: OrderView, last: dt.datetime) -> bool:
    order = view.order
    return bool(view.advice or view.deadlines) or order.last_news_at is None or order.last_news_at > last


def _undelivered(rows: list[OutboxRow], last: dt.datetime | None) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(row.channel for row in rows if last is None or row.created_at > last).items()))
