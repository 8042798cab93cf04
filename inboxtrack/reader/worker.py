"""Bounded reading: mails are read in processes of their own, so that a hostile one costs bounded memory and time.

The processes start with the first mail that is read; a run without new mail pays nothing. A process that breaks a
limit is killed and replaced, its mail is `failed`, the next mail is read as if nothing had been. What comes back
from a process is JSON, never a pickle: the process has seen the mail. Ctrl-C reaches the whole group of processes; only
the one that the user started answers it, and ends the others.
"""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import os
import queue
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any

from inboxtrack.jsonform import fact_from_json, stored_fact, time_from_json, time_to_json
from inboxtrack.model import Outcome, Reading, Trust
from inboxtrack.reader import Context, read

MEMORY_LIMIT = 512_000_000
SECONDS_LIMIT = 10
START_SECONDS = 60
READY = b"ready"


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one mail may cost: address space in bytes, seconds of processor time and of waiting."""

    memory: int = MEMORY_LIMIT
    seconds: int = SECONDS_LIMIT


class _Broken(Exception):
    """A process did not answer; the text says why. `idle` when it was gone before the mail reached it."""

    def __init__(self, reason: str, *, idle: bool = False) -> None:
        super().__init__(reason)
        self.idle = idle


NO_WORKER = "the processes that read mail do not start: is there memory left, and may this user start processes?"


class WorkerMissing(Exception):
    """No process can be started to read mail: no mail's fault, so none is marked; they are read when it is cured."""


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "inboxtrack.reader.warm"])
        self._limits = limits
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(target=_serve, args=(theirs, limits), daemon=True)
        try:
            _start_server()
            self._process.start()
        except (OSError, EOFError) as error:
            raise WorkerMissing(NO_WORKER) from error
        finally:
            theirs.close()
        try:
            started = self._pipe.poll(START_SECONDS) and self._pipe.recv_bytes() == READY
        except (EOFError, OSError):
            started = False
        if not started:
            self.stop()
            raise WorkerMissing(NO_WORKER)

    def read(self, raw: bytes, context: Context) -> Reading:
        """The reading of one mail; raises `_Broken`, after which the process is gone."""
        try:
            self._pipe.send((raw, context))
        except OSError as error:
            self.stop()
            raise _Broken("its reader ended before it could be read", idle=True) from error
        try:
            if not self._pipe.poll(self._limits.seconds):
                raise _Broken(f"reading it took longer than {self._limits.seconds} s")
            return _reading_from_json(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self._process.join(1)
            raise _Broken(f"its reader broke a limit and ended (code {self._process.exitcode})") from error
        except _Broken:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()


class Pool:
    """Up to `jobs` processes that read mails. Use it as a context manager, or `close` it.

    `read` may be called from several threads at once; more than `jobs` wait for their turn.
    """

    def __init__(self, jobs: int = 1, limits: Limits | None = None) -> None:
        self._jobs = jobs
        self._limits = limits or Limits()
        self._stopped = False
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(jobs):
            self._free.put(None)

    def read(self, raw: bytes, context: Context) -> Reading:
        """Read one mail within the limits; breaking one is the outcome `failed` with the reason."""
        worker = self._free.get()
        try:
            for _ in range(2):
                try:
                    worker = worker or _Worker(self._limits)
                    if self._stopped:
                        raise WorkerMissing(NO_WORKER)
                    return worker.read(raw, context)
                except _Broken as broken:
                    worker, reason, again = None, str(broken), broken.idle
                if not again:
                    break
            return Reading(outcome=Outcome.FAILED, reason=reason)
        except KeyboardInterrupt:
            self._stop()
            raise
        finally:
            self._free.put(worker)

    def read_all(self, mails: Iterable[tuple[bytes, Context]]) -> list[Reading]:
        """Read many mails with all processes; the readings are in the order of the mails."""
        with ThreadPoolExecutor(self._jobs) as threads:
            try:
                return list(threads.map(lambda mail: self.read(*mail), mails))
            except KeyboardInterrupt:
                threads.shutdown(wait=False, cancel_futures=True)
                self._stop()
                raise

    def _stop(self) -> None:
        """End what is under way, whatever it is at, so that nobody waits for it."""
        self._stopped = True
        _end_server()
        for process in multiprocessing.active_children():
            process.kill()

    def close(self) -> None:
        """End the processes. Whoever reads at this moment is waited for."""
        for _ in range(self._jobs):
            worker = self._free.get()
            if worker is not None:
                worker.stop()
        for _ in range(self._jobs):
            self._free.put(None)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _start_server() -> None:
    """Start what processes are forked from, unless it runs; Ctrl-C is kept from it and from all that it forks.

    It ignores Ctrl-C by itself only when it has loaded what reading needs; till then it would print where it was.
    """
    resource_tracker.ensure_running()  # or it is started later, and lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_server() -> None:
    """End it, even while it loads. The standard library offers no way; another one starts when it is needed."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _serve(pipe: Connection, limits: Limits) -> None:
    """Read mails until the other end closes the pipe. Runs in the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(limits.memory)
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(READY)
        while True:
            raw, context = pipe.recv()
            _limit_time(limits.seconds)
            pipe.send_bytes(_reading_to_json(_read_in_memory(raw, context)))


def _read_in_memory(raw: bytes, context: Context) -> Reading:
    try:
        return read(raw, context)
    except MemoryError:
        return Reading(outcome=Outcome.FAILED, reason="reading it needs too much memory")


def _limit_memory(size: int) -> None:
    """Bound the address space, where the system can (macOS cannot)."""
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _limit_time(seconds: int) -> None:
    """Let the system end this process after so many further seconds of processor time."""
    import resource

    most = math.ceil(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _reading_to_json(reading: Reading) -> bytes:
    values: dict[str, Any] = {field.name: getattr(reading, field.name) for field in fields(reading)}
    values |= {"date": time_to_json(reading.date), "facts": [stored_fact(fact) for fact in reading.facts]}
    return json.dumps(values).encode()


def _reading_from_json(data: bytes) -> Reading:
    values: dict[str, Any] = json.loads(data)
    values |= {
        "outcome": Outcome(values["outcome"]),
        "trust": Trust(values["trust"]),
        "date": time_from_json(values["date"]),
        "facts": tuple(fact_from_json(fact) for fact in values["facts"]),
    }
    return Reading(**values)
