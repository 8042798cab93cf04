"""Named points at which a test can kill the program, to show that a crash there loses nothing.

`INBOXTRACK_CRASH_AT=<name>` kills at the first pass of that point, `<name>:3` at the third.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

CRASH_AT = "INBOXTRACK_CRASH_AT"
_passes: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here by SIGKILL, as in a power cut, when the environment names this point; else do nothing."""
    wanted = os.environ.get(CRASH_AT)
    if wanted is None:
        return
    _passes[name] += 1
    wanted_name, _, count = wanted.partition(":")
    if wanted_name == name and _passes[name] >= int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
