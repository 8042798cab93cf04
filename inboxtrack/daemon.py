"""The daemon: one supervised thread a mailbox, one that tells, and an orderly end.

A mailbox thread polls, waits (IDLE wakes it), and backs off when the mailbox is out of reach. Telling is one job of
the scheduler, so that a slow channel never delays a mailbox.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import os
import random
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from inboxtrack.app import App, utc_now
from inboxtrack.app.heartbeat import beat
from inboxtrack.app.poll import MailboxReport, MailSource
from inboxtrack.app.signin import renewed_at
from inboxtrack.app.spells import STORE, STORE_OVER, Say, Spells
from inboxtrack.app.warning import warn
from inboxtrack.channel import ChannelError
from inboxtrack.config.settings import MailboxSettings, Settings
from inboxtrack.mail.source import Kind, MailboxError
from inboxtrack.reader.worker import WorkerMissing
from inboxtrack.secret import ConfigError
from inboxtrack.store import StoreError

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

_log = logging.getLogger(__name__)

FIRST_BACK_OFF, LONGEST_BACK_OFF = 5.0, 900.0
USER_MUST_ACT = 6 * 3600.0
"""Seconds between tries of a refused sign-in: asking more often may lock the account.

Other trouble that only the user can cure is looked at more often: an untrusted certificate may be a hotel's network.
"""
LOOK_FOR_SIGN_IN = 30.0
LOOK_FOR_PASSWORD = 300.0
"""Seconds between looks whether a command or a keyring gives another password than the refused one.

The server is not asked for that. Each refusal doubles them: what gives ever other passwords must not lock the account.
"""
LONGEST_PAUSE = 6 * 3600.0
TELL_EVERY = 30
CLOCK_JUMP = 300.0
REPORT = "it is tried again; please report the traceback"
TELLING, TELLING_OVER = "telling", "telling works again"
GRACE = 10.0


def back_off(failures: int, kind: Kind | None, asked: float, chance: float) -> float:
    """Seconds to wait after so many failures in a row; `chance` (0 to 1) spreads the tries of many users.

    A server that `asked` for a pause gets it, twice as long each time it asks again.
    """
    if kind is Kind.AUTH:
        return max(USER_MUST_ACT, asked)
    if asked:
        return min(asked * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)
    return min(FIRST_BACK_OFF * 2.0 ** min(failures - 1, 20), LONGEST_BACK_OFF) * (0.75 + chance / 2)


@dataclass(slots=True)
class Watcher:
    """Watches one mailbox until it is stopped. It has no `source` until its server and its settings are found."""

    app: App
    mailbox: MailboxSettings
    stop: threading.Event
    tell: Callable[[], None]
    say: Say
    spells: Spells
    source: MailSource | None = None
    _completed: MailboxSettings | None = None
    healthy: bool = False
    failures: int = 0
    refusals: int = 0
    _clock: float = field(default_factory=lambda: time.time() - time.monotonic())

    def run(self) -> None:
        """Poll and wait until stopped."""
        while not self.stop.is_set():
            report = self._poll()
            self.healthy = report.error is None
            self.failures = 0 if self.healthy else self.failures + 1
            self.refusals = self.refusals + 1 if report.kind is Kind.AUTH else 0
            if self.stop.is_set():
                break
            if self.healthy:
                self._wait()
            else:
                self._pause(back_off(self.failures, report.kind, report.wait, random.random()))  # noqa: S311 - jitter
        if self.source:
            self.source.close()

    def interrupt(self) -> None:
        """End a wait; from another thread."""
        if self.source:
            self.source.interrupt()

    def _poll(self) -> MailboxReport:
        name = self.mailbox.name
        try:
            report = self._poll_or_why_not()
            self.spells.end(STORE, name)
        except StoreError as error:
            self.spells.begin(STORE, str(error), STORE_OVER, met_by=name)
            return MailboxReport(name, error=str(error))
        self.spells.note_mailbox(report)
        if report.mails or report.error:
            self.tell()
        return report

    def _poll_or_why_not(self) -> MailboxReport:
        """Raises StoreError only: whatever else fails, this mailbox is tried again and the others go on."""
        name = self.mailbox.name
        try:
            return self.app.intake.poll(self.mailbox, self._opened(), utc_now())
        except StoreError:
            raise
        except WorkerMissing as error:
            return MailboxReport(name, error=f"mailbox {name!r}: {error}")
        except (ConfigError, MailboxError) as error:
            return self.app.intake.failed(self.mailbox, error, utc_now())
        except Exception as error:
            if not self.failures:
                _log.exception("mailbox %r: the poll failed", name)
            return MailboxReport(name, error=f"mailbox {name!r}: the poll failed ({type(error).__name__}): {REPORT}")

    def _opened(self) -> MailSource:
        """What is polled, at the server that is set, or was looked up last. Raises ConfigError, MailboxError."""
        if found := self.app.intake.find_server(self.mailbox):
            self.say(found)
        completed = self.app.intake.servers.completed(self.mailbox)
        if self.source and completed != self._completed:  # doctor has found another one
            self.source.close()
            self.source = None
        self.source, self._completed = self.source or self.app.intake.source(self.mailbox), completed
        return self.source

    def _pause(self, seconds: float) -> None:
        """Leave the mailbox alone, until the user has signed in again or given another password."""
        end, before = time.monotonic() + seconds, renewed_at(self.app.settings, self.mailbox)
        look = time.monotonic() + self._pace
        while (left := end - time.monotonic()) > 0 and not self.stop.wait(min(left, LOOK_FOR_SIGN_IN)):
            if renewed_at(self.app.settings, self.mailbox) != before:
                break
            if time.monotonic() >= look:
                if self.source and self.source.renewed():
                    break
                look = time.monotonic() + self._pace

    @property
    def _pace(self) -> float:
        """Seconds between looks for another password; for ever while none was refused."""
        return LOOK_FOR_PASSWORD * 2.0 ** min(self.refusals - 1, 20) if self.refusals else math.inf

    def _wait(self) -> None:
        """Until the next poll is due, or IDLE says that it is worth while, or the clock has jumped."""
        source, due = self._opened(), time.monotonic() + self.mailbox.poll_seconds
        while not self.stop.is_set() and (left := due - time.monotonic()) > 0:
            if not self.mailbox.idle:
                self.stop.wait(left)
            elif source.wait(left):
                break
        clock = time.time() - time.monotonic()
        if abs(clock - self._clock) > CLOCK_JUMP:
            source.drop()
        self._clock = clock


class Daemon:
    """All watchers and the telling job."""

    def __init__(self, app: App, say: Say) -> None:
        self.app = app
        self.say = say
        self.spells = Spells(say)
        self.stop = threading.Event()
        self._beat_url = app.heartbeat_url()
        self._ended, self.wakes = os.pipe()
        os.set_blocking(self.wakes, False)
        self.watchers = [self._watcher(mailbox) for mailbox in app.settings.mailboxes]

    def _watcher(self, mailbox: MailboxSettings) -> Watcher:
        return Watcher(self.app, mailbox, self.stop, self.tell_soon, self.say, self.spells)

    def run(self) -> bool:
        """Until `end` is called; whether all work came to its end within the grace."""
        scheduler = self._scheduler()
        threads = [threading.Thread(target=w.run, name=f"mailbox {w.mailbox.name}") for w in self.watchers]
        for thread in threads:
            thread.start()
        scheduler.start()
        try:
            select.select([self._ended], [], [])
        finally:
            self.stop.set()
            for watcher in self.watchers:
                watcher.interrupt()
            deadline = time.monotonic() + GRACE
            for thread in threads:
                thread.join(max(deadline - time.monotonic(), 0.1))
            telling = threading.Thread(target=scheduler.shutdown, name="the last telling", daemon=True)
            telling.start()
            telling.join(max(deadline - time.monotonic(), 1))
        return not any(thread.is_alive() for thread in (*threads, telling))

    def end(self) -> None:
        """Ask everything to stop; safe in signal handlers, because it takes no lock."""
        os.write(self.wakes, b"x")

    def _scheduler(self) -> BackgroundScheduler:
        from apscheduler.schedulers.background import BackgroundScheduler

        # A turn that is skipped because the last one is still sending is no news: the next one does it all.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._jobs = BackgroundScheduler(timezone=dt.UTC)
        self._jobs.add_job(
            self._tell,
            "interval",
            seconds=TELL_EVERY,
            id="tell",
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        return self._jobs

    def tell_soon(self) -> None:
        """Tell now, not at the next turn."""
        if self._jobs.running:
            self._jobs.modify_job("tell", next_run_time=utc_now())

    def _tell(self) -> None:
        """One turn of telling. Whatever fails is said once, and tried again at the next turn."""
        try:
            self._tell_or_why_not()
            self.spells.end(TELLING)
        except (ConfigError, ChannelError) as error:
            self.spells.begin(TELLING, str(error), TELLING_OVER)
        except Exception as error:
            text = f"telling failed ({type(error).__name__}): {REPORT}"
            if self.spells.begin(TELLING, text, TELLING_OVER):
                _log.exception("telling failed")

    def _tell_or_why_not(self) -> None:
        try:
            self.app.tidy(utc_now())
            report = self.app.tell()
        except StoreError as error:
            self.spells.begin(STORE, str(error), STORE_OVER, met_by=TELLING)
            return
        finally:
            self.spells.tell_once(STORE, lambda text: warn(self.app.settings, text, utc_now()))
        self.spells.end(STORE, TELLING)
        self.spells.note_channels(report)
        if self._beat_url and not report.undelivered and all(watcher.healthy for watcher in self.watchers):
            beat(self._beat_url)


def run(settings: Settings, say: Say) -> None:
    """Watch all mailboxes until SIGTERM or SIGINT. Raises AnotherInstance, StoreError, ConfigError, ChannelError."""
    with App.open(settings) as app, app.alone(watching=True):
        app.intake.check_mailboxes()
        app.check_channels()
        app.tidy(utc_now())  # before the watchers: reading much mail again would keep them from the store
        daemon = Daemon(app, say)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            daemon.end()

        # The system may hand the signal to any thread, and then nothing else would wake this one.
        signal.set_wakeup_fd(daemon.wakes)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        names = ", ".join(mailbox.name for mailbox in settings.mailboxes)
        say(f"watching {names}; stop with Ctrl-C")
        orderly = daemon.run()
        signal.set_wakeup_fd(-1)
        say(
            "stopped"
            if orderly
            else "stopped while a mailbox or a message was under way; it is taken up again next time"
        )
    if not orderly:
        sys.stderr.flush()
        os._exit(0)  # a service that hangs would keep the process for half a minute more
