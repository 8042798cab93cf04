"""Reading within limits: whatever a mail does to its reader, the next mail is read (rows C1, C2)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess

import pytest

from inboxtrack.extractors import Extractor, Step
from inboxtrack.mail.headers import MailRefused
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, Outcome, SourceKind
from inboxtrack.reader import Context, read
from inboxtrack.reader.worker import SECONDS_LIMIT, Limits, Pool, WorkerMissing
from tests.trust_mail import google, mail

GOOD = google("dmarc=pass header.from=notice.aliexpress.com")


def misbehave(mail: Mail) -> tuple[Fact, ...]:
    """An extractor that does what a mail's subject says."""
    what = mail.subject
    if what == "eat":
        bytearray(600_000_000)
    if what == "spin":
        while True:
            pass
    if what == "sleep":
        time.sleep(60)
    if what == "die":
        os._exit(3)
    raise MailRefused(what)


def claim(mail: Mail) -> bool:
    return mail.sender.domain == "hostile.example"


def no_domains(mail: Mail) -> tuple[str, ...]:
    return ("hostile.example",)


HOSTILE = Extractor(
    "hostile",
    "Hostile",
    ("hostile.example",),
    1,
    Step.RECIPE,
    SourceKind.RETAILER_MAIL,
    claim,
    no_domains,
    misbehave,
    None,
)


def hostile(subject: str) -> bytes:
    raw = mail(sender="a@hostile.example")
    return raw.replace(b"Order 8200000000000001: order shipped", subject.encode())


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1, Limits(seconds=4)) as made:
        yield made


def test_a_worker_reads_as_we_do(pool: Pool) -> None:
    """covers: C1"""
    assert pool.read(GOOD, Context()) == read(GOOD, Context())
    assert pool.read(GOOD, Context()).outcome is Outcome.READ


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("eat", "MemoryError"),
        ("spin", "limit"),
        ("sleep", "took longer than 4 s"),
        ("die", "code 3"),
        ("some words", "hostile: MailRefused at test_reader_worker.py:"),
    ],
)
def test_a_mail_that_breaks_its_reader_stops_nothing_else(pool: Pool, subject: str, reason: str) -> None:
    """covers: C1. The clock runs while the mail is read: a new process takes as long as the machine lets it."""
    assert pool.read(GOOD, Context()).outcome is Outcome.READ
    started = time.monotonic()
    found = pool.read(hostile(subject), Context(recipes=(HOSTILE,)))
    took = time.monotonic() - started
    assert found.outcome is Outcome.FAILED
    assert "words" not in found.reason
    assert reason in found.reason or (subject == "spin" and "took longer" in found.reason)
    assert took < SECONDS_LIMIT
    assert pool.read(GOOD, Context()).outcome is Outcome.READ


def test_a_reader_that_is_killed_between_two_mails_is_replaced(pool: Pool) -> None:
    """covers: C1"""
    assert pool.read(GOOD, Context()).outcome is Outcome.READ
    worker = pool._free.get()
    assert worker is not None
    worker._process.kill()
    worker._process.join()
    pool._free.put(worker)
    assert pool.read(GOOD, Context()).outcome is Outcome.READ


def test_many_mails_are_read_side_by_side_in_their_order() -> None:
    """covers: C1"""
    mails = [(GOOD.replace(b"0000001", b"%07d" % n), Context()) for n in range(20)]
    with Pool(2) as pool:
        readings = pool.read_all(mails)
    assert [reading.facts[0].order for reading in readings] == [f"820000000{n:07d}" for n in range(20)]


def test_nothing_starts_before_the_first_mail() -> None:
    pool = Pool(4)
    assert list(pool._free.queue) == [None] * 4
    pool.close()


def test_a_mail_is_not_blamed_when_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(ForkServerProcess, "start", refuse)
    with Pool() as pool, pytest.raises(WorkerMissing, match="do not start"):
        pool.read(b"Subject: x\r\n\r\nx", Context())
