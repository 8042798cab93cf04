"""What the first look at a mailbox costs: `python bench/first_sync.py [mails] [rounds]` (default 1,000 and 3).

A real Dovecot holds order mails of about 70 kB, as shops send them. In turn, each against its floor in the same run:
the mail source fetching all of them, against imaplib with one command; the whole of it (fetched, read in workers, kept,
folded), against imaplib and the standard library's parser. Prints wall clock and this process's CPU as ratios.
"""

from __future__ import annotations

import datetime as dt
import email
import imaplib
import sys
import tempfile
import time
from collections.abc import Callable
from email import policy
from itertools import cycle, islice
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.mail.imap import ImapSource
from tests.conftest import FIXTURES
from tests.dovecot import USERS, Dovecot, dovecot
from tests.imap_help import account_of, everything
from tests.living import now, write_settings
from tests.mutations import put_together, take_apart

STYLE = (
    f"<style>{'.card-block td {{ padding: 12px 24px; font-family: Arial, sans-serif; color: #333333 }} ' * 600}</style>"
)
SINCE = dt.timedelta(days=30)


def mails(count: int) -> list[bytes]:
    """Order mails of the fixtures over and over, each with a style sheet as long as shops' are and its own id."""
    kinds = [take_apart(path.read_bytes()) for path in sorted(FIXTURES.glob("[a-z]*/*.eml"))]
    long = [put_together(parts.text(lambda text: text.replace("<body", STYLE + "<body", 1))) for parts in kinds]
    return [b"X-Copy: %d\r\n" % number + raw for number, raw in enumerate(islice(cycle(long), count))]


def fetched_raw(port: int) -> list[bytes]:
    """The floor of fetching: imaplib, one command, nothing parsed."""
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login("anna", USERS["anna"])
    client.select("INBOX", readonly=True)
    _, data = client.uid("FETCH", "1:*", "(UID INTERNALDATE BODY.PEEK[])")
    client.logout()
    return [part[1] for part in data if isinstance(part, tuple)]


def fetched(server: Dovecot) -> int:
    """The same mails through the mail source."""
    source = ImapSource(account_of(server))
    count = sum(len(batch.mails) for batch in source.backfill(now() - SINCE, everything, now()))
    source.close()
    return count


def parsed_raw(port: int) -> int:
    """The floor of reading: the standard library's parser, its texts decoded, nothing looked for."""
    parts = (part for raw in fetched_raw(port) for part in email.message_from_bytes(raw, policy=policy.compat32).walk())
    return sum(len(part.get_payload(decode=True) or b"") for part in parts if part.get_content_maintype() == "text")


def read(server: Dovecot) -> int:
    """A deep backfill into a new store: how many orders it found."""
    with (
        tempfile.TemporaryDirectory() as folder,
        App.open(load(write_settings(Path(folder), server, "json://127.0.0.1:9"))) as app,
    ):
        for _ in app.intake.backfill(now() - SINCE, now(), deep=True):
            pass
        return len(app.orders.overview(everything=True))


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall clock and of this process's CPU."""
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - cpu


def main(count: int, rounds: int) -> None:
    """Fill, measure by turns, print medians."""
    with dovecot() as server:
        raw = mails(count)
        with server.admin() as admin:
            for start in range(0, count, 200):
                admin.multiappend("INBOX", raw[start : start + 200])
        print(f"{count:,} mails, {sum(map(len, raw)) / 1e6:.0f} MB; {read(server)} orders")
        ways: dict[str, Callable[[], object]] = {
            "imaplib, one command": lambda: fetched_raw(server.plain),
            "mail source": lambda: fetched(server),
            "imaplib and stdlib parser": lambda: parsed_raw(server.plain),
            "deep backfill": lambda: read(server),
        }
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, work in ways.items():
                costs[name].append(cost(work))
    middle = {name: [median(column) for column in zip(*found, strict=True)] for name, found in costs.items()}
    floors = dict(zip(list(ways)[1::2], list(ways)[::2], strict=True))
    for name, (wall, cpu) in middle.items():
        floor = middle[floors.get(name, name)]
        print(f"{name:28} {wall:7.2f} s {wall / floor[0]:6.2f} x   cpu {cpu:6.2f} s {cpu / floor[1]:6.2f} x")


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [1_000, 3][len(arguments) :]))
