"""What polls cost, counted on the wire by a relay: round trips, bytes, and bodies that come once."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from inboxtrack.mail.imap import ImapSource
from tests.dovecot import Dovecot
from tests.imap_help import Reading, account_of, bodies_of, deliver, mail
from tests.relay import Relay

pytestmark = pytest.mark.dovecot


@dataclass(frozen=True)
class Cost:
    """Client turns, and bytes both ways."""

    turns: int
    sent: int
    received: int


def filled(server: Dovecot, user: str, count: int) -> None:
    server.wipe(user)
    with server.admin(user) as admin:
        mails = [mail("Order" if n % 40 == 0 else "Hello", number=n) for n in range(min(count, 2_000))]
        for _ in range(0, count, 2_000):
            admin.multiappend("INBOX", mails)


def settled(relay: Relay) -> Cost:
    """The counters once everything under way has passed."""
    before = None
    while before != (now := (relay.turns, relay.sent, relay.received)):
        before = now
        time.sleep(0.02)
    return Cost(*now)


def idle_polls(server: Dovecot, user: str, *, kept: bool) -> Cost:
    """The cost of one poll that finds nothing, on a kept connection or from sign-in to sign-out."""
    with Relay(server.plain) as relay:
        reading = Reading(ImapSource(account_of(server, user=user, port=relay.port)))
        reading.poll()
        if not kept:
            reading.source.drop()
        settled(relay)
        relay.count_anew()
        assert reading.poll() == []
        if not kept:
            reading.source.drop()
        cost = settled(relay)
        reading.source.close()
    return cost


@pytest.mark.parametrize(("kept", "turns"), [(True, 1), (False, 4)])
def test_a_poll_that_finds_nothing_costs_the_same_in_every_mailbox(server: Dovecot, kept: bool, turns: int) -> None:
    filled(server, "anna", 2_000)
    server.wipe("carl")
    full, empty = (idle_polls(server, user, kept=kept) for user in ("anna", "carl"))
    print(f"\nidle poll, connection {'kept' if kept else 'new'}: full {full}, empty {empty}")
    assert full.turns == empty.turns == turns
    assert abs(full.sent - empty.sent) <= 8, "passwords and the numbers of commands differ in length"
    # The counts in the answer of EXAMINE have more digits, and an unread mailbox names its first unread mail.
    assert abs(full.received - empty.received) < 60


def test_each_body_comes_down_once(server: Dovecot) -> None:
    server.wipe()
    with server.admin() as admin, Relay(server.plain) as relay:
        deliver(admin, mail("Hello", body="u" * 100_000), mail("Order 1", body="x" * 50_000))
        reading = Reading(ImapSource(account_of(server, port=relay.port)))
        assert len(bodies_of(reading.poll())) == 1
        first = settled(relay)
        assert 50_000 < first.received < 60_000, "the body of other mail stays where it is"
        relay.count_anew()
        for _ in range(10):
            reading.poll()
        assert settled(relay).received < 10_000
        relay.count_anew()
        deliver(admin, mail("Order 2", body="y" * 20_000))
        assert len(bodies_of(reading.poll())) == 1
        assert 20_000 < settled(relay).received < 25_000
        assert relay.turns == 4, "EXAMINE, SEARCH, headers, bodies"
        reading.source.close()
