"""Waiting for new mail. IDLE only wakes the poll, which is the source of truth: what the server says is not read."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress

from inboxtrack.mail.imap.errors import Refused
from inboxtrack.mail.imap.session import Session
from inboxtrack.mail.source import MailboxError

CLOSED = -1
FLOOR = 1.0
"""Seconds a wait lasts at least, so that a dead or chatty server cannot make the loop spin."""


class Waiter:
    """Waits on a session's first folder, or for the time alone where the server has no IDLE."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._woken, self._wake = os.pipe()

    def wait(self, seconds: float) -> bool:
        """True when a poll is worth while; False after `seconds` or `interrupt`.

        One IDLE lasts at most `limits.idle` (5 minutes), shorter than routers forget a connection; a wait that is
        longer ends there with True, because only a poll shows that the connection still lives.
        """
        begin = time.monotonic()
        window = min(seconds, self._session.account.limits.idle)
        spoke = self._idle(window)
        left = min(FLOOR, seconds) - (time.monotonic() - begin)
        if spoke is None:
            left, spoke = seconds - (time.monotonic() - begin), False
        interrupted = self._pause(left)
        return not interrupted and (spoke or window < seconds)

    def interrupt(self) -> None:
        """End the wait; callable from other threads and signal handlers."""
        with suppress(OSError):
            os.write(self._wake, b"x")

    def close(self) -> None:
        """Release the pipe; once, because its numbers are soon somebody else's."""
        for fd in {self._woken, self._wake} - {CLOSED}:
            os.close(fd)
        self._woken = self._wake = CLOSED

    def _idle(self, seconds: float) -> bool | None:
        """True: look now. False: nothing came. None: the server has no IDLE."""
        try:
            connection = self._session.connection()
            if not connection.offers("IDLE"):
                return None
            name = self._session.names()[0]
            seen = self._session.seen.get(name)
            if self._session.examine(name).uidnext != seen:
                return True
            return self._session.connection().idle(seconds, self._woken)
        except (MailboxError, Refused):
            return True

    def _pause(self, seconds: float) -> bool:
        """Sleep; True when interrupted, before or now."""
        ready, _, _ = select.select([self._woken], [], [], max(seconds, 0))
        if ready:
            os.read(self._woken, 4096)
        return bool(ready)
