"""The real daemon under faults for a long time: `python bench/soak.py [seconds]` (default 3,600).

A real Dovecot behind a relay gets one mail a second, one in ten of an order; every 20 seconds something breaks. Prints
memory, threads and open files of the daemon once a minute, and at the end whether every order is known as delivered.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.dovecot import Dovecot, dovecot
from tests.living import STEPS, aliexpress, deliver, furthest, newsletter, stages, write_settings
from tests.relay import Relay
from tests.sinks import sink

FAULT_EVERY = 20
ORDER_EVERY = 10
PATIENCE = 240


def orders() -> Iterator[tuple[str, bytes]]:
    """Order mails without end: each order goes through its steps."""
    for n in itertools.count():
        number = f"80{10**13 + n * 7919:014d}"
        for step in STEPS:
            yield number, aliexpress(f"Order {number}: {step}", number)


def stall(relay: Relay) -> None:
    """Swallow everything for 8 seconds."""
    relay.stalled.set()
    time.sleep(8)
    relay.stalled.clear()


def drip(relay: Relay) -> None:
    """Let bytes through one by one for 8 seconds."""
    relay.drip = 0.02
    time.sleep(8)
    relay.drip = 0


def stopped(server: Dovecot) -> None:
    """Stop the server's sessions for 5 seconds."""
    pids = server.sessions()
    server.kill_sessions(signal.SIGSTOP)
    time.sleep(5)
    for pid in set(pids) & set(server.sessions()):
        os.kill(pid, signal.SIGCONT)


def faults(server: Dovecot, relay: Relay) -> Iterator[tuple[str, Callable[[], object]]]:
    """What breaks, in turn."""
    turns: list[tuple[str, Callable[[], object]]] = [
        ("cut", relay.cut),
        ("reset", relay.reset),
        ("stall", lambda: stall(relay)),
        ("kill", lambda: server.kill_sessions(signal.SIGKILL)),
        ("drip", lambda: drip(relay)),
        ("term", lambda: server.kill_sessions(signal.SIGTERM)),
        ("stop", lambda: stopped(server)),
    ]
    return itertools.cycle(turns)


def use_of(pid: int) -> str:
    """Memory, threads and open files of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    told = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return f"{told['VmRSS'].strip():>12}  {told['Threads'].strip():>3} threads  {files:>3} files"


def main(seconds: float) -> int:
    """Run, print, judge: exit code 1 when an order is missing or wrong."""
    with dovecot() as server, Relay(server.plain) as relay, sink() as phone, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = write_settings(folder, replace(server, plain=relay.port), phone.url, poll_seconds=5)
        log = (folder / "log").open("w")
        run = [sys.executable, "-m", "inboxtrack", "run", "--config", str(settings)]
        daemon = subprocess.Popen(run, stdout=log, stderr=log)
        try:
            sent, numbers = feed(server, relay, daemon.pid, seconds)
            known = settle(settings, sent, numbers)
        finally:
            daemon.terminate()
            ended = daemon.wait(60)
        wrong = {n: (known.get(n), stage) for n, stage in furthest(sent, numbers).items() if known.get(n) != stage}
        print(f"delivered {len(sent)} order mails of {len(numbers)} orders; missing or wrong: {len(wrong)} {wrong}")
        print(f"messages on the phone: {len(phone.got)}; connections: {relay.accepted}; daemon ended with {ended}")
        print("said last:", *(folder / "log").read_text().splitlines()[-3:], sep="\n  ")
        return 1 if wrong else 0


def feed(server: Dovecot, relay: Relay, pid: int, seconds: float) -> tuple[list[bytes], list[str]]:
    """Deliver and break for so long; the order mails that were sent, and their orders."""
    sent: list[bytes] = []
    numbers: dict[str, None] = {}
    source, trouble, begin = orders(), faults(server, relay), time.monotonic()
    for second in itertools.count(1):
        if time.monotonic() - begin > seconds:
            return sent, list(numbers)
        if second % ORDER_EVERY == 0:
            number, mail = next(source)
            numbers[number] = None
            sent.append(mail)
            deliver(server, [mail])
        else:
            deliver(server, [newsletter(second)])
        if second % FAULT_EVERY == 0:
            threading.Thread(target=next(trouble)[1], daemon=True).start()
        if second % 60 == 0:
            print(f"{second // 60:4} min  {use_of(pid)}", flush=True)
        time.sleep(max(0.0, begin + second - time.monotonic()))
    raise AssertionError


def settle(settings: Path, sent: list[bytes], numbers: list[str]) -> dict[str, str]:
    """What the store knows once it is right, or after some minutes."""
    wanted, end = furthest(sent, numbers), time.monotonic() + PATIENCE
    while (known := stages(settings)) != wanted and time.monotonic() < end:
        time.sleep(2)
    return known


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3_600))
