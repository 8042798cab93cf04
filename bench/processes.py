"""Measures commands as whole processes, in turn: `python -I bench/processes.py ROUNDS` with {name: argv} as JSON on
stdin. Prints {name: {"seconds": [processor time, a round each], "peak": [bytes]}} as JSON. Linux only.

It is a process of its own because a command's peak begins with the memory of whoever starts it: this one imports
next to nothing. What a command leaves behind falls to it, and is waited for and counted.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

PR_SET_CHILD_SUBREAPER = 36


def run(argv: list[str]) -> tuple[float, int]:
    """Processor time and peak memory of one run, all its processes included; what it prints is thrown away."""
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    started = os.posix_spawn(argv[0], argv, os.environ, file_actions=[silent])
    seconds, peak = 0.0, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds, peak
        if pid == started and status:
            raise SystemExit(f"{' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}")
        seconds += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * 1024)


def main(rounds: int) -> None:
    """One round to warm the caches, then those that count."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    commands: dict[str, list[str]] = json.load(sys.stdin)
    taken: dict[str, dict[str, list[float]]] = {name: {"seconds": [], "peak": []} for name in commands}
    for number in range(rounds + 1):
        for name, argv in commands.items():
            seconds, peak = run(argv)
            if number:
                taken[name]["seconds"].append(seconds)
                taken[name]["peak"].append(peak)
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
