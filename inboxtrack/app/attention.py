"""What needs a person: mails that gave nothing, refused senders, mailboxes in trouble, messages that were given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from inboxtrack.app.poll import health_of
from inboxtrack.config.settings import Settings
from inboxtrack.keeping import MailRow
from inboxtrack.mail.source import Place
from inboxtrack.model import Fact, Outcome
from inboxtrack.outbox import OutboxRow
from inboxtrack.store import Health, Store
from inboxtrack.tracking.statuses import UNKNOWN_REASON


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Each list may be empty. `unknown_steps` are facts whose step no phrase table knows,
    `unknown_statuses` those of carriers' words that no row maps."""

    unread: tuple[MailRow, ...]
    failed: tuple[MailRow, ...]
    quarantined: tuple[MailRow, ...]
    unknown_steps: tuple[Fact, ...]
    unknown_statuses: tuple[Fact, ...]
    not_fetched: tuple[tuple[Place, str], ...]
    mailboxes: tuple[Health, ...]
    given_up: tuple[OutboxRow, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(getattr(self, name) for name in self.__slots__)


LATELY = dt.timedelta(days=30)
"""How long a message that was given up is shown: after that its news is old."""


def attention(store: Store, settings: Settings, now: dt.datetime) -> Attention:
    """Everything that needs a person now."""
    with store.reading() as tx:
        health = [one for mailbox in settings.mailboxes for one in health_of(mailbox.name, tx)]
        return Attention(
            unread=tuple(tx.mails.by_outcome([Outcome.UNREAD])),
            failed=tuple(tx.mails.by_outcome([Outcome.FAILED])),
            quarantined=tuple(tx.mails.by_outcome([Outcome.QUARANTINED])),
            unknown_steps=tuple(tx.facts.with_reason("unknown_step")),
            unknown_statuses=tuple(tx.facts.with_reason(UNKNOWN_REASON)),
            not_fetched=tuple(tx.mails.given_up(now)),
            mailboxes=tuple(one for one in health if one.text),
            given_up=tuple(row for row in store.outbox.given_up() if row.created_at >= now - LATELY),
        )
