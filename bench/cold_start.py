"""What starting each command costs: `python bench/cold_start.py [rounds]` (default 9). Linux, with Dovecot.

Every command runs as a whole process, in turn with `python -c pass` and with a process that imports only what the
same work cannot do without. Prints processor time as ratios to both, and the peak memory. The poll is one of a
mailbox with all mails of the fixtures and nothing new.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.dovecot import USERS, Dovecot, dovecot
from tests.sinks import sink

MAILS = sorted((Path(__file__).parent.parent / "tests" / "fixtures" / "emails").glob("[!_]*/*.eml"))
NOTHING = "python -c pass"
NEEDED = {
    "--help": "argparse",
    "orders": "argparse, json, sqlite3, tomllib, zoneinfo",
    "orders --json": "argparse, json, sqlite3, tomllib, zoneinfo",
    "poll": "argparse, imapclient, json, sqlite3, tomllib, zoneinfo",
    "read FILE": "argparse, email, json, lxml.html",
}
"""A command, and the modules without which nobody could do its work."""

SETTINGS = """\
[general]
state_folder = "{folder}/state"
[[mailbox]]
name = "home"
address = "anna@home.example"
host = "127.0.0.1"
port = {port}
security = "plain"
user = "anna"
password = "{password}"
look_back_days = 3650
[[channel]]
name = "phone"
url = "{channel}"
"""


def prepare(server: Dovecot, channel: str, folder: Path) -> Path:
    """A mailbox with mails, and settings under which they have all been read."""
    with server.admin() as admin:
        for path in MAILS:
            admin.append("INBOX", path.read_bytes())
    settings = folder / "inboxtrack.toml"
    settings.write_text(SETTINGS.format(folder=folder, port=server.plain, password=USERS["anna"], channel=channel))
    settings.chmod(0o600)
    subprocess.run([*command("poll", settings)], stdout=subprocess.DEVNULL, check=True)
    return settings


def command(words: str, settings: Path) -> list[str]:
    """A command as one types it, with the sample file and the settings."""
    argv = [str(MAILS[0]) if word == "FILE" else word for word in words.split()]
    return [
        sys.executable,
        "-m",
        "inboxtrack",
        *argv,
        *(["--config", str(settings)] if argv[0] in ("orders", "poll") else []),
    ]


def measured(commands: dict[str, list[str]], rounds: int) -> dict[str, tuple[float, float]]:
    """The medians of processor time in seconds and of peak memory in bytes, by name."""
    measure = [sys.executable, "-I", str(Path(__file__).with_name("processes.py")), str(rounds)]
    printed = subprocess.run(measure, input=json.dumps(commands), capture_output=True, text=True, check=True).stdout
    return {name: (median(of["seconds"]), median(of["peak"])) for name, of in json.loads(printed).items()}


def main(rounds: int) -> None:
    """Prepare, measure, print."""
    with dovecot() as server, sink() as phone, tempfile.TemporaryDirectory() as folder:
        settings = prepare(server, phone.url, Path(folder))
        commands = {NOTHING: [sys.executable, "-c", "pass"]}
        for words, modules in NEEDED.items():
            commands[modules] = [sys.executable, "-c", f"import {modules}"]
            commands[words] = command(words, settings)
        taken = measured(commands, rounds)
    nothing = taken[NOTHING][0]
    print(f"{'':16}{'cpu':>8} {'x pass':>8} {'needed':>8} {'x needed':>9} {'peak':>8}")
    for words in (NOTHING, *NEEDED):
        seconds, peak = taken[words]
        needed = taken[NEEDED[words]][0] if words in NEEDED else nothing
        figures = f"{seconds * 1000:5.0f} ms {seconds / nothing:8.1f} {needed / nothing:8.1f} {seconds / needed:9.1f}"
        print(f"{words:16}{figures} {peak / 1e6:5.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
