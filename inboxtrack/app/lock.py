"""One instance at a time: a lock on a file of the state folder, freed by the system when the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WATCHING = " watching"


class AnotherInstance(Exception):
    """Another inboxtrack reads the mailboxes already."""

    exit_code = 3


@contextmanager
def instance_lock(folder: Path, *, watching: bool = False) -> Iterator[None]:
    """Hold the lock of a state folder, `watching` until somebody stops it. Raises AnotherInstance at once when held."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / "inboxtrack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AnotherInstance(_who(os.pread(handle, 40, 0).decode(errors="replace"), folder)) from None
        with suppress(OSError):  # on a full disk the lock holds all the same, without a name
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}{_WATCHING if watching else ''}".encode(), 0)
        yield
    finally:
        os.close(handle)


def _who(holder: str, folder: Path) -> str:
    """Who holds the lock, and what to do; `run` is never done by itself."""
    number = holder.removesuffix(_WATCHING)
    who = f"process {number}" if number.isdigit() else "another process"
    if holder != number:
        return f"inboxtrack run ({who}) is already at work on {folder} and reads new mail by itself: stop it first"
    return f"{who} is already at work on {folder}: stop it, or wait until it is done"
