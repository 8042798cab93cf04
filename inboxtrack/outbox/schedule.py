"""When a message is tried again, and when it must wait: pure arithmetic on outbox rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from inboxtrack.channel import Channel, Style
from inboxtrack.outbox import OutboxRow

DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440, 1440, 1440))
"""Waits after each failed attempt; a message is given up after the attempt that follows the last one."""

MOST_ATTEMPTS = len(DELAYS) + 1
USER_MUST_ACT = dt.timedelta(hours=1)
"""The least wait after a refusal that only the user can cure."""

PROBE = dt.timedelta(minutes=5)
"""A channel that failed is not asked again before, not even for fresh news."""

PER_HOUR = {Style.SMS: 10, Style.PUSH: 30, Style.MAIL: 30}
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LATE = dt.timedelta(hours=48)
MOST_AT_ONCE = {Style.SMS: 8, Style.PUSH: 12, Style.MAIL: 30}
"""Older or more news become one catch-up message."""

UNKNOWN_WAIT = dt.timedelta(minutes=5)
UNKNOWN = "unknown: "
"""Stands before the error of a row whose message may have arrived."""

_MOST_JITTER = dt.timedelta(minutes=4)


def next_try(attempts: int, now: dt.datetime, permanent: bool, chance: float) -> dt.datetime:
    """When to try again after so many attempts. `chance` (0 to 1) spreads the tries of many users."""
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    delay = max(delay, USER_MUST_ACT) if permanent else delay
    return now + delay + chance * min(delay / 5, _MOST_JITTER)


def failed_lately(rows: Sequence[OutboxRow], now: dt.datetime) -> bool:
    """Whether the channel failed within the last minutes, as its waiting rows tell."""
    return any(_tells_of_failure(row, now) for row in rows if row.due_at > now)


def _tells_of_failure(row: OutboxRow, now: dt.datetime) -> bool:
    if is_unknown(row):
        return row.due_at <= now + UNKNOWN_WAIT
    return has_failed(row) and _failed_at(row) > now - PROBE


def is_unknown(row: OutboxRow) -> bool:
    """Whether the row's message may have arrived."""
    return row.error is not None and row.error.startswith(UNKNOWN)


def has_failed(row: OutboxRow) -> bool:
    """Whether an attempt to send this row failed."""
    return row.attempts > 0 and row.error is not None


def _failed_at(row: OutboxRow) -> dt.datetime:
    """When the last attempt failed, by up to four minutes of jitter later than it was."""
    return row.due_at - DELAYS[min(row.attempts, len(DELAYS)) - 1]


def is_late(rows: Sequence[OutboxRow], channel: Channel, now: dt.datetime) -> bool:
    """Whether the rows are to become one catch-up message."""
    return len(rows) > MOST_AT_ONCE[channel.style] or any(now - row.created_at > LATE for row in rows)
