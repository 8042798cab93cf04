"""One instance at a time: a lock on a file of the state folder, freed by the system when the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class AnotherInstance(Exception):
    """Another inboxtrack reads the mailboxes already."""

    exit_code = 3


@contextmanager
def instance_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a state folder. Raises AnotherInstance at once when somebody else holds it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / "inboxtrack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            text = f"{who} is already at work on {folder}: stop it, or wait until it is done"
            raise AnotherInstance(text) from None
        with suppress(OSError):  # on a full disk the lock holds all the same, without a name
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
