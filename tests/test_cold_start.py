"""What a command imports: everything that its work does not need would be paid for at every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_help import write_settings as settings_without_mailbox
from tests.conftest import ROOT
from tests.dovecot import dovecot
from tests.living import deliver, life, run, write_settings
from tests.sinks import sink

SENDING = {"apprise", "jinja2", "babel", "inboxtrack.notifiers.apprise"}
READING = {"lxml", "bs4", "mailparser", "dateparser", "dkim", "inboxtrack.reader.worker", "inboxtrack.reading"}
ASKING = {"httpx", "dns", "keyring"}
MAILBOXES = {"imapclient", "imaplib", "inboxtrack.app.intake", "inboxtrack.mail.imap"}
RARE = {"alembic", "apscheduler", "uvicorn", "starlette"}
ASK = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from inboxtrack.cli import main
main()
"""


def imported(*command: str, settings: Path) -> set[str]:
    """The modules that a command has loaded when it ends."""
    argv = [sys.executable, "-c", ASK, *command, "--config", str(settings)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("command", [("orders",), ("orders", "--all", "--json"), ("attention",)])
def test_what_is_known_is_shown_without_mailboxes_and_channels(tmp_path: Path, command: tuple[str, ...]) -> None:
    loaded = imported(*command, settings=settings_without_mailbox(tmp_path))
    assert "inboxtrack.store" in loaded
    assert not loaded & (SENDING | READING | ASKING | MAILBOXES | RARE)


@pytest.mark.dovecot
def test_a_poll_that_finds_nothing_loads_nothing_that_reads_or_sends(tmp_path: Path) -> None:
    with dovecot() as server, sink() as phone:
        deliver(server, life(2, seed=3).mails)
        settings = write_settings(tmp_path, server, phone.url)
        assert run("poll", "--config", str(settings))[0] == 0
        loaded = imported("poll", settings=settings)
    assert "imapclient" in loaded
    assert not loaded & (SENDING | READING | ASKING | RARE - {"apscheduler"})
