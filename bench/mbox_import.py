"""Reading a large mbox: `python bench/mbox_import.py [megabytes]` (default 2,000); time, rate and peak memory."""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path

from inboxtrack.extractors import discover, is_candidate
from inboxtrack.mail.files import read_files

LINES = ("x" * 75 + "\n").encode() * 900


def write(path: Path, size: int) -> int:
    """An mbox of about this size; how many mails."""
    count = 0
    with path.open("wb") as file:
        while file.tell() < size:
            head = f"From a@b.example Mon Nov  2 10:00:00 2026\nFrom: Shop <a@b.example>\nSubject: Letter {count}\n\n"
            file.write(head.encode() + LINES + b"\n")
            count += 1
    return count


def main(megabytes: int) -> None:
    """Write, read, print."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "all.mbox"
        count = write(path, megabytes * 1_000_000)
        begin, mails, last = time.perf_counter(), 0, None
        for batch in read_files([path], dt.datetime.now(dt.UTC), lambda header: is_candidate(header, discover())):
            mails += len(batch.mails)
            last = batch.progress
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    print(f"{megabytes} MB, {count} mails: {mails} read in {seconds:.1f} s ({megabytes / seconds:.0f} MB/s), {last}")
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
