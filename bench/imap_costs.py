"""What reading a large mailbox costs, on a real Dovecot: `python bench/imap_costs.py [mails]` (default 40,000).

Prints the first sync, 100 idle polls and a backfill with time, client turns and bytes, beside raw imaplib fetching the
same; and checks that flags, UIDs and dates of every mail are the same afterwards.
"""

from __future__ import annotations

import datetime as dt
import imaplib
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from inboxtrack.mail.imap import ImapSource
from tests.dovecot import USERS, Dovecot, dovecot
from tests.imap_help import Reading, account_of, bodies_of, everything, mail, state_of
from tests.relay import Relay

ORDERS_EVERY = 40
BODY = "A line of an order mail, as long as they are.\r\n" * 200


def fill(server: Dovecot, count: int) -> None:
    """Deliver mails; one in 40 is an order, one in three is read."""
    mails = [mail("Order" if n % ORDERS_EVERY == 0 else "Hello", number=n, body=BODY) for n in range(2_000)]
    with server.admin() as admin:
        for _ in range(0, count, 2_000):
            admin.multiappend("INBOX", mails)
        admin.select_folder("INBOX")
        for start in range(1, count, 3_000):
            admin.add_flags(list(range(start, min(start + 3_000, count), 3)), [b"\\Seen"], silent=True)


def measured(relay: Relay, what: str, work: Callable[[], object]) -> None:
    """Run and print time and traffic."""
    relay.count_anew()
    begin, cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds, used = time.perf_counter() - begin, time.process_time() - cpu
    time.sleep(0.1)
    traffic = f"{relay.turns:6} turns {relay.sent:9,} B up {relay.received:13,} B down"
    print(f"{what:44} {seconds:7.2f} s  cpu {used:6.2f} s {traffic}  {result}")


def raw_headers(port: int) -> int:
    """The reference: imaplib, all header fields in one command, nothing parsed."""
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login("anna", USERS["anna"])
    client.select("INBOX", readonly=True)
    _, data = client.uid("FETCH", "1:*", "(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)])")
    client.logout()
    return sum(isinstance(part, tuple) for part in data)


def main(count: int) -> None:
    """Fill, measure, compare."""
    now = dt.datetime.now(dt.UTC)
    with dovecot() as server, Relay(server.plain) as relay:
        fill(server, count)
        with server.admin() as admin:
            before = state_of(admin)
        measured(relay, "raw imaplib, header fields, one command", lambda: raw_headers(relay.port))
        source = ImapSource(account_of(server, port=relay.port))
        reading = Reading(source)
        measured(
            relay, f"first sync of {count:,}, bodies of 1 in 40", lambda: f"{len(bodies_of(reading.poll()))} bodies"
        )
        measured(relay, "100 idle polls, connection kept", lambda: sum(len(reading.poll()) for _ in range(100)))
        since = now - dt.timedelta(days=30)
        measured(relay, "backfill --deep", lambda: sum(len(b.mails) for b in source.backfill(since, everything, now)))
        source.close()
        with server.admin() as admin:
            print("flags, UIDs, dates as before:", state_of(admin) == before)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
