"""Old mail of a real Dovecot: how far a first sync looks back, and the backfill beyond it."""

from __future__ import annotations

import datetime as dt

import imapclient
import pytest

from tests.imap_help import NOW, Reading, admin, bodies_of, deliver, everything, mail, mails_of, reading

__all__ = ["admin", "reading"]

pytestmark = pytest.mark.dovecot


def test_the_look_back_counts_to_the_minute(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.17"""
    edge = NOW - dt.timedelta(days=60)
    deliver(admin, mail("Order old"), at=edge - dt.timedelta(hours=1))
    deliver(admin, mail("Order young"), at=edge + dt.timedelta(hours=1))
    assert [b"young" in m.raw for m in reading.new(now=NOW)] == [True]
    assert reading.poll() == []


def test_the_same_internaldate_in_any_zone(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.17"""
    at = dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=14)))
    deliver(admin, mail("Order 1"), at=at)
    assert reading.new(now=dt.datetime(2026, 11, 5, tzinfo=dt.UTC))[0].received_at == at
    assert at.astimezone(dt.UTC).tzinfo is dt.UTC


def test_a_backfill_knows_its_total_and_resumes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    old = NOW - dt.timedelta(days=200)
    for n in range(120):
        deliver(admin, mail("Order 1" if n % 4 == 0 else "Hello", number=n), at=old)
    reading.poll()
    known = set()
    for batch in reading.source.backfill(NOW - dt.timedelta(days=300), reading.wanted, NOW):
        assert batch.quiet
        assert batch.position is None
        assert batch.progress is not None
        assert batch.progress.total == 120
        known |= {m.place for m in batch.mails}
        if batch.progress.done >= 50:
            break
    assert 0 < len(known) < 120
    rest = list(reading.source.backfill(NOW - dt.timedelta(days=300), reading.wanted, NOW, known.__contains__))
    assert not known & {m.place for m in mails_of(rest)}
    assert len(known) + len(mails_of(rest)) == 120
    assert rest[-1].progress is not None
    assert rest[-1].progress.done == rest[-1].progress.total == 120 - len(known)


def test_a_deep_backfill_reads_every_body(admin: imapclient.IMAPClient, reading: Reading) -> None:
    deliver(admin, mail("Order 1"), mail("Hello"))
    batches = list(reading.source.backfill(NOW - dt.timedelta(days=3), everything, NOW))
    assert len(bodies_of(batches)) == 2
