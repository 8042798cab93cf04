"""The outbox: one row per news and channel, from the transaction that made the news until it ends.

`dispatch` works on these words alone; the store keeps the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from inboxtrack.model import News


class RowState(StrEnum):
    """`due` and `sending` are open; every row ends in one of the others."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"
    MERGED = "merged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One news for one channel. `attempts` counts the sends begun; `digest` rows carry a digest instead of news."""

    id: int
    channel: str
    news: News
    state: RowState
    created_at: dt.datetime
    due_at: dt.datetime
    attempts: int = 0
    error: str | None = None


class Outbox(Protocol):
    """What dispatch needs of the store; every method is one committed transaction."""

    def open_rows(self, channel: str) -> list[OutboxRow]:
        """All rows of a channel that are due or were left in `sending` by a crash, oldest first."""

    def begin(self, ids: Iterable[int], now: dt.datetime) -> None:
        """Mark rows as being sent: state `sending`, attempts + 1."""

    def end(self, ids: Iterable[int], state: RowState, now: dt.datetime, error: str | None = None) -> None:
        """End rows as sent, given up, merged or skipped."""

    def postpone(self, ids: Iterable[int], due_at: dt.datetime, error: str | None) -> None:
        """Back to `due`, not before `due_at`."""

    def sent_since(self, channel: str, since: dt.datetime) -> int:
        """How many messages this channel was sent since a time, for rate limits."""

    def add(self, channel: str, news: News, now: dt.datetime) -> bool:
        """A further row, such as "delivery problems on another channel"; False if it was told before."""
