"""Outbox to channels: each message is begun, sent and ended; what fails is tried again, and given up aloud.

At least once: a message goes out twice only when the program or the network died between "sent" and "recorded",
and then says so. A crash or a slow channel never touches the messages of another channel.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from inboxtrack import faults
from inboxtrack.channel import DELIVERY_TROUBLE, Channel, Message, Notifier, NotifyError
from inboxtrack.model import News, NewsKind
from inboxtrack.outbox import Outbox, OutboxRow, RowState, schedule
from inboxtrack.outbox.batch import Batch, Silenced, Turn, batches, remembered, sort_rows

WORKERS = 4
RATE_WAIT = dt.timedelta(minutes=10)

Write = Callable[[Batch], Message]
"""Writes a batch's message; may raise NotifyError, for a broken template of the user's."""


@dataclass(slots=True)
class Report:
    """What one run did: messages sent by channel, and one line for each channel that failed."""

    sent: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """The lines of what failed."""
        return list(self.failed.values())


def run(
    outbox: Outbox,
    channels: Sequence[Channel],
    notifiers: Mapping[str, Notifier],
    write: Write,
    silenced: Silenced,
    now: dt.datetime,
    zone: dt.tzinfo,
    chance: Callable[[], float] = random.random,
) -> Report:
    """Send all that is due on every channel; returns when each attempt is recorded.

    `notifiers` go by channel name. `silenced` says why news must not be told any more: it is asked right before.
    `zone` is the user's, for quiet hours. Nothing is raised for a channel that fails.
    """
    work = _Run(outbox, channels, notifiers, write, silenced, now, zone, chance, Report())
    for turn in Turn:
        work.take(turn)
    return work.report


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over all channels. The outbox is used by this thread alone; only sending is done by workers."""

    outbox: Outbox
    channels: Sequence[Channel]
    notifiers: Mapping[str, Notifier]
    write: Write
    silenced: Silenced
    now: dt.datetime
    zone: dt.tzinfo
    chance: Callable[[], float]
    report: Report

    def take(self, turn: Turn) -> None:
        """One turn on all channels: those that have something to send do it at the same time."""
        waiting = {channel.name: self._batches(channel, turn) for channel in self.channels}
        while any(waiting.values()):
            heads = [queue.pop(0) for queue in waiting.values() if queue]
            for batch, error in self._send(heads):
                self._settle(batch, error)
                if error:
                    waiting[batch.channel.name].clear()

    def _batches(self, channel: Channel, turn: Turn) -> list[Batch]:
        rows = self.outbox.open_rows(channel.name)
        quiet_until = channel.quiet.end(self.now, self.zone) if channel.quiet else None
        found = sort_rows(rows, channel, self.now, quiet_until is not None, self.silenced)
        for row, state, reason in found.over:
            self.outbox.end([row.id], state, self.now, reason)
            if state is RowState.GIVEN_UP:
                self._tell_others(channel, [row], reason)
        if quiet_until:
            self._put_off(found.hushed, quiet_until)
        if not self._may_send(channel, turn, rows):
            return []
        return self._within_rate(channel, batches(found.turns[turn], channel, self.now, turn is Turn.REPEATED))

    def _may_send(self, channel: Channel, turn: Turn, rows: Sequence[OutboxRow]) -> bool:
        """A channel that failed is left alone for a while; its backlog goes when it has just worked."""
        if turn is Turn.BACKLOG:
            return channel.name in self.report.sent
        return not schedule.failed_lately(rows, self.now)

    def _put_off(self, rows: Iterable[OutboxRow], until: dt.datetime) -> None:
        for row in rows:
            self.outbox.postpone([row.id], until, remembered(row))

    def _within_rate(self, channel: Channel, made: list[Batch]) -> list[Batch]:
        """As many of the messages as the channel may send now; the others wait."""
        room = schedule.PER_HOUR[channel.style] - self.outbox.sent_since(channel.name, self.now - schedule.HOUR)
        if channel.daily_cap is not None:
            room = min(room, channel.daily_cap - self.outbox.sent_since(channel.name, self.now - schedule.DAY))
        for batch in made[max(room, 0) :]:
            self._put_off(batch.rows, self.now + RATE_WAIT)
        return made[: max(room, 0)]

    def _send(self, heads: list[Batch]) -> Iterator[tuple[Batch, NotifyError | None]]:
        """Begin all, send all at the same time, and hand back each with its outcome."""
        faults.point("dispatch.picked")
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="notify") as pool:
            running = []
            for batch in heads:
                self.outbox.begin(batch.ids, self.now)
                running.append((batch, pool.submit(_attempt, self._writing(batch), self.notifiers[batch.channel.name])))
            faults.point("dispatch.begun")
            for batch, outcome in running:
                yield batch, outcome.result()

    def _writing(self, batch: Batch) -> Message | NotifyError:
        """The batch's message, written by this thread; or why it cannot be."""
        try:
            return self.write(batch)
        except NotifyError as error:
            return error

    def _settle(self, batch: Batch, error: NotifyError | None) -> None:
        """Record the outcome of one attempt."""
        if error is None:
            self._sent(batch)
            return
        self.report.failed[batch.channel.name] = f"channel {batch.channel.name!r}: {error}"
        if not error.unknown:
            self._failed(batch, error)
        elif batch.channel.at_most_once:
            self.outbox.end(batch.ids, RowState.SKIPPED, self.now, f"{schedule.UNKNOWN}{error}")
        elif batch.repeated:
            self._give_up(batch, batch.rows, f"{error}, twice: it may have arrived")
        else:
            self.outbox.postpone(batch.ids, self.now + schedule.UNKNOWN_WAIT, f"{schedule.UNKNOWN}{error}")

    def _sent(self, batch: Batch) -> None:
        """Messages of one run end a microsecond apart, because the outbox counts moments."""
        faults.point("dispatch.sent")
        before = self.report.sent.get(batch.channel.name, 0)
        moment = self.now + dt.timedelta(microseconds=before)
        if batch.outdated:
            self.outbox.end(batch.outdated, RowState.MERGED, moment)
            faults.point("dispatch.merged")
        self.outbox.end(batch.told, RowState.SENT, moment)
        faults.point("dispatch.ended")
        self.report.sent[batch.channel.name] = before + 1

    def _failed(self, batch: Batch, error: NotifyError) -> None:
        text = f"{schedule.UNKNOWN}{error}" if batch.repeated else str(error)
        over = [row for row in batch.rows if row.attempts + 1 >= schedule.MOST_ATTEMPTS]
        again = [row for row in batch.rows if row not in over]
        if again:
            attempts = max(row.attempts for row in again) + 1
            due = schedule.next_try(attempts, self.now, error.permanent, self.chance())
            self.outbox.postpone([row.id for row in again], due, text)
            faults.point("dispatch.postponed")
        if over:
            self._give_up(batch, over, str(error))
        elif error.permanent:
            self._tell_others(batch.channel, batch.rows, str(error))

    def _give_up(self, batch: Batch, rows: Sequence[OutboxRow], reason: str) -> None:
        self.outbox.end([row.id for row in rows], RowState.GIVEN_UP, self.now, reason)
        self._tell_others(batch.channel, rows, reason)

    def _tell_others(self, channel: Channel, rows: Sequence[OutboxRow], reason: str) -> None:
        """A note on another channel, once a day: the first that works. Lost notes are no reason for a note."""
        if all(row.news.what == DELIVERY_TROUBLE for row in rows):
            return
        note = News(
            kind=NewsKind.MAILBOX,
            keys=(f"{DELIVERY_TROUBLE}/{channel.name}/{self.now.astimezone(self.zone).date().isoformat()}",),
            at=self.now,
            what=DELIVERY_TROUBLE,
            detail=f"channel {channel.name}: {reason}",
        )
        others = [other for other in self.channels if other.name != channel.name and other.wants(note)]
        others.sort(key=lambda other: schedule.failed_lately(self.outbox.open_rows(other.name), self.now))
        for other in others[:1]:
            self.outbox.add(other.name, note, self.now)


def _attempt(message: Message | NotifyError, notifier: Notifier) -> NotifyError | None:
    """Send one message; in a worker's thread."""
    if isinstance(message, NotifyError):
        return message
    try:
        notifier.send(message)
    except NotifyError as error:
        return error
    except Exception as error:  # a service's plugin may fail in any way, and must stop no other channel
        return NotifyError(f"the service's plugin failed ({type(error).__name__})")
    return None
