"""Which outbox rows go into one message, and which do not go at all: pure, on the rows of one channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inboxtrack.channel import DIGEST, FIRST_RUN, Channel
from inboxtrack.model import News, NewsKind
from inboxtrack.outbox import OutboxRow, RowState, schedule

MOST_CRASHES = 4
"""A row that was found half sent so often is given up: sending it seems to be what crashes."""

Silenced = Callable[[News], str | None]


class Manner(StrEnum):
    """What kind of message a batch becomes."""

    NEWS = "news"
    CATCH_UP = "catch_up"
    DIGEST = "digest"
    FIRST_RUN = "first_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of one message. `repeated`: it may have been sent before."""

    channel: Channel
    rows: tuple[OutboxRow, ...]
    manner: Manner
    repeated: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows' ids."""
        return tuple(row.id for row in self.rows)

    @property
    def outdated(self) -> tuple[int, ...]:
        """The rows whose place a later one takes: all of a summary but the last."""
        return self.ids[:-1] if self.manner in (Manner.DIGEST, Manner.FIRST_RUN) else ()

    @property
    def told(self) -> tuple[int, ...]:
        """The rows that the message tells."""
        return self.ids[len(self.outdated) :]

    @property
    def news(self) -> tuple[News, ...]:
        """What the message tells."""
        return tuple(row.news for row in self.rows)


class Turn(StrEnum):
    """The order in which a channel's rows are sent: what may have been sent, what is due, what waits for a retry."""

    REPEATED = "repeated"
    FRESH = "fresh"
    BACKLOG = "backlog"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The open rows of a channel by what is to be done with them now.

    `over` are to be ended, with the reason; `hushed` wait for the end of the quiet hours. The backlog goes as soon as
    the channel works again.
    """

    over: list[tuple[OutboxRow, RowState, str]] = field(default_factory=list)
    hushed: list[OutboxRow] = field(default_factory=list)
    turns: dict[Turn, list[OutboxRow]] = field(default_factory=lambda: {turn: [] for turn in Turn})


def sort_rows(rows: Iterable[OutboxRow], channel: Channel, now: dt.datetime, quiet: bool, silenced: Silenced) -> Sorted:
    """What is to be done with each row. Rows that merely wait are in none of the lists."""
    found = Sorted()
    for row in rows:
        ending = _ending(row, channel, silenced)
        turn = _turn(row, now)
        if ending:
            found.over.append((row, *ending))
        elif turn and not (quiet and not _may_disturb(row.news, channel)):
            found.turns[turn].append(row)
        elif turn and turn is not Turn.BACKLOG:
            found.hushed.append(row)
    return found


def _turn(row: OutboxRow, now: dt.datetime) -> Turn | None:
    if row.state is RowState.SENDING:
        return Turn.REPEATED
    if row.due_at <= now:
        return Turn.REPEATED if schedule.is_unknown(row) else Turn.FRESH
    return Turn.BACKLOG if schedule.has_failed(row) and not schedule.is_unknown(row) else None


def _ending(row: OutboxRow, channel: Channel, silenced: Silenced) -> tuple[RowState, str] | None:
    reason = silenced(row.news)
    if reason:
        return RowState.SKIPPED, reason
    if row.state is not RowState.SENDING:
        return None
    if channel.at_most_once:
        return RowState.SKIPPED, "not sent again after a crash: it may have arrived, and the channel is at_most_once"
    if row.attempts >= MOST_CRASHES:
        return RowState.GIVEN_UP, f"the program ended {row.attempts} times while sending this"
    return None


def remembered(row: OutboxRow) -> str | None:
    """The error a row keeps while it waits for something else than a retry: only that it may have arrived."""
    if row.state is RowState.SENDING:
        return f"{schedule.UNKNOWN}the program ended while sending"
    return row.error if schedule.is_unknown(row) else None


def _may_disturb(news: News, channel: Channel) -> bool:
    return news.kind in channel.urgent or news.what in (DIGEST, FIRST_RUN)


def batches(rows: Sequence[OutboxRow], channel: Channel, now: dt.datetime, repeated: bool = False) -> list[Batch]:
    """The messages that rows become: a summary for itself, all news together. Of several digests the last counts.

    A summary of old mail has the deadlines in it that were found with it: it is the one message of a first run.
    """
    made = []
    told = tuple(row for row in rows if row.news.what not in (DIGEST, FIRST_RUN))
    for manner, what in ((Manner.FIRST_RUN, FIRST_RUN), (Manner.DIGEST, DIGEST)):
        summaries = tuple(row for row in rows if row.news.what == what)
        if summaries:
            within = tuple(row for row in told if row.news.kind is NewsKind.DEADLINE and what == FIRST_RUN)
            told = tuple(row for row in told if row not in within)
            made.append(Batch(channel=channel, rows=within + summaries, manner=manner, repeated=repeated))
    if told:
        manner = Manner.CATCH_UP if schedule.is_late(told, channel, now) else Manner.NEWS
        made.append(Batch(channel=channel, rows=told, manner=manner, repeated=repeated))
    return made
