"""Polls of a real Dovecot: a first sync, what is new, in which portions, and mails that come, go or are strange."""

from __future__ import annotations

import imapclient
import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.source import Pending, Place
from tests.dovecot import Dovecot
from tests.imap_help import NOW, Reading, account_of, admin, bodies_of, deliver, mail, mails_of, reading, troubles_of

__all__ = ["admin", "reading"]

pytestmark = pytest.mark.dovecot


def test_a_first_sync_fetches_the_bodies_of_candidates_only(admin: imapclient.IMAPClient, reading: Reading) -> None:
    deliver(admin, *(mail("Order 1" if n % 3 == 0 else "Hello", number=n) for n in range(30)))
    batches = reading.poll()
    assert len(mails_of(batches)) == 30
    assert len(bodies_of(batches)) == 10
    assert all(raw.endswith(b"Hello\r\n") for raw in bodies_of(batches))
    assert all(batch.quiet for batch in batches)
    assert reading.positions["INBOX"].next_uid == 31


def test_the_second_poll_fetches_nothing_and_the_third_what_is_new(
    admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A2.3"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(5)))
    assert len(bodies_of(reading.poll())) == 5
    assert reading.poll() == []
    deliver(admin, mail("Order 2"), mail("Hello"))
    batches = reading.poll()
    assert [m.header_only for m in mails_of(batches)] == [False, True]
    assert not any(batch.quiet for batch in batches)
    assert reading.poll() == []


def test_an_expunge_between_search_and_fetch_is_normal(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.4"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(4)))
    search = Connection.search

    def search_then_expunge(self: Connection, *args: object) -> list[int]:
        found = search(self, *args)  # type: ignore[arg-type] # passed through as they came
        admin.select_folder("INBOX")
        admin.delete_messages([2])
        admin.expunge()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "search", search_then_expunge)
        batches = reading.poll()
    assert {m.place.uid for m in mails_of(batches)} >= {1, 3, 4}
    # Dovecot still lists the mail to this session, without its text; the next try finds it gone.
    assert reading.positions["INBOX"].next_uid == 5
    later = reading.poll(pending=[Pending(trouble.place) for trouble in troubles_of(batches)])
    assert troubles_of(later) == []
    assert [place.uid for batch in later for place in batch.gone] == [t.place.uid for t in troubles_of(batches)] == [2]


def test_a_large_mail_comes_in_part(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.11"""
    deliver(admin, mail("Order 1", body="x" * 990 + "\r\n" + "y" * 1_000_000), mail("Order 2", body="z" * 200_000))
    large, small = reading.new()
    assert large.truncated
    assert len(large.raw) == plans.BODY_CAP
    assert large.size > 1_000_000
    assert not small.truncated
    (batch,) = reading.source.fetch([large.place], NOW, limit=2_000_000)
    assert len(batch.mails[0].raw) == large.size
    assert not batch.mails[0].truncated


def test_batches_are_bounded_by_ids_and_bytes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.9"""
    admin.multiappend("INBOX", [mail("Order 1", number=n) for n in range(45)])
    admin.multiappend("INBOX", [mail("Hello", number=n) for n in range(250)])
    batches = reading.poll()
    assert max(len(bodies_of([batch])) for batch in batches) == plans.BODY_IDS
    assert max(len(batch.mails) for batch in batches) <= plans.TRIAGE_IDS
    assert len(mails_of(batches)) == 295
    positions = [batch.position.next_uid for batch in batches if batch.position]
    assert positions == sorted(positions)


def test_a_poll_that_ends_early_goes_on_where_it_was(
    server: Dovecot, admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A2.8"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(45)))
    first = next(iter(reading.source.poll({}, reading.wanted, NOW)))
    assert first.position is not None
    assert first.position.quiet_below == 46
    again = Reading(ImapSource(account_of(server)), {"INBOX": first.position})
    batches = again.poll()
    again.source.close()
    assert len(first.mails) + len(mails_of(batches)) == 45
    assert all(batch.quiet for batch in batches), "the rest of a first sync is old mail after a crash, too"


def test_pending_mails_are_tried_again_and_gone_ones_end(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A1.12"""
    deliver(admin, mail("Order 1"), mail("Order 2"))
    reading.poll()
    valid = reading.positions["INBOX"].uidvalidity
    places = [Place("home", "INBOX", valid, 2), Place("home", "INBOX", valid, 77), Place("home", "INBOX", 1, 2)]
    batches = reading.poll(pending=[Pending(place) for place in places])
    assert [m.place for m in mails_of(batches)] == places[:1]
    assert [place for batch in batches for place in batch.gone] == [places[1]]
    assert [(t.place, t.final) for t in troubles_of(batches)] == [(places[2], True)]


def test_hostile_headers_stop_nothing(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.13, A2.24"""
    date = b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n"
    hostile = [
        b"From: a@b.example\r\nSubject: Order 1\r\n" + date + b"\r\nx\r\n",
        b"Subject: Order " + b"(" * 5_000 + b"\r\n\r\nx\r\n",
        b"From: " + b"a@b.example, " * 3_000 + b"\r\nSubject: Order 2\r\n\r\nx\r\n",
        b"\xff\xfe\r\nSubject: Order \xff\r\n\r\nx\r\n",
        b"Subject: =?x?q?=00?= Order\r\n\r\nx\r\n",
        b"\r\nno header at all\r\n",
        b'From: "\\"<a@b.example>\r\nSubject: Order "\\\r\n\r\nx\r\n',
    ]
    deliver(admin, *hostile, *(mail("Order 9", number=n) for n in range(10)))
    batches = reading.poll()
    assert len(mails_of(batches)) == len(hostile) + 10
    assert sum(b"Order 9" in raw for raw in bodies_of(batches)) == 10
    assert troubles_of(batches) == []
