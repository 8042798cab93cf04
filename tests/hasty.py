"""The command line with short pauses: `python -m tests.hasty run --config FILE`. All else is as the user has it.

HASTY_TOKEN_URL is the token endpoint in Microsoft's place; HASTY_USER_MUST_ACT the seconds between refused sign-ins.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def make_hasty() -> None:
    """A second where the program waits minutes or hours."""
    from inboxtrack import daemon
    from inboxtrack.mail.account import ImapAccount, Limits
    from inboxtrack.mail.oauth import client as oauth_client

    daemon.FIRST_BACK_OFF, daemon.LONGEST_BACK_OFF, daemon.TELL_EVERY, daemon.LOOK_FOR_SIGN_IN = 0.2, 0.5, 1, 0.2
    daemon.LOOK_FOR_PASSWORD = 0.4
    daemon.USER_MUST_ACT = float(os.environ.get("HASTY_USER_MUST_ACT", "0.5"))
    defaults = ImapAccount.__init__.__kwdefaults__
    defaults["limits"] = Limits(connect=1, read=1, command=2, leave=0.5, idle=1)
    url = os.environ.get("HASTY_TOKEN_URL")
    if url:
        local = replace(oauth_client.ENDPOINTS["microsoft"], token=url)
        oauth_client.ENDPOINTS["microsoft"] = local


@dataclass
class Running:
    """A daemon in a process of its own, and every line that it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Take down each line, and have it searched for secrets; until the process ends."""
        from tests.leaks import WATCH

        assert self.process.stderr is not None
        for line in self.process.stderr:
            WATCH.see("what a process printed", line)
            with self.heard:
                self.said.append(line.rstrip("\n"))
                self.heard.notify_all()

    def says(self, words: str, timeout: float = 40) -> bool:
        """Whether a line with these words (a pattern) was said, or is in time."""
        with self.heard:
            return self.heard.wait_for(lambda: any(re.search(words, line) for line in self.said), timeout)

    @property
    def troubles(self) -> list[str]:
        """What it has said beside hello and goodbye."""
        return [line for line in self.said if not line.startswith(("watching ", "stopped"))]


@contextmanager
def daemon(settings: Path, *, debug_log: bool = True, **environment: str) -> Iterator[Running]:
    """`inboxtrack run` in haste, ended by SIGTERM. No `debug_log` where that file would meet a size limit, too."""
    withheld = ("INBOXTRACK_",) if debug_log else ("INBOXTRACK_", "LEAKS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(withheld)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hasty", "run", "--config", str(settings)],
        env=kept | environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    running = Running(process)
    listener = threading.Thread(target=running.listen, daemon=True)
    listener.start()
    try:
        assert running.says("^watching "), running.said
        yield running
    finally:
        process.terminate()
        _await_end(running)
        listener.join(5)
        assert process.stderr is not None
        process.stderr.close()
    assert process.returncode == 0, running.said
    assert not [line for line in running.said if "Traceback" in line], running.said


def _await_end(running: Running) -> None:
    """A daemon that does not end says where it stands."""
    try:
        running.process.wait(30)
    except subprocess.TimeoutExpired:
        running.process.send_signal(signal.SIGUSR1)
        running.says("most recent call first", 5)
        running.process.kill()
        raise AssertionError("\n".join(running.said)) from None


if __name__ == "__main__":
    from inboxtrack.cli import main

    faulthandler.register(signal.SIGUSR1)
    make_hasty()
    main()
