"""Mail that is made to exhaust: each costs bounded time and memory, and the next mail is read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack.mail.headers import MailRefused, clean_text
from inboxtrack.mail.message import parse_headers
from inboxtrack.model import Outcome
from inboxtrack.reader import Context, read
from inboxtrack.reader.worker import SECONDS_LIMIT, Limits, Pool
from tests.conftest import corpus
from tests.hostile_mail import GOOD, HOSTILE, MARKS, PASS, SENDERS
from tests.trust_mail import google

FOR_EXTRACTORS = ["one line of 2 MB", "2 MB of blanks", "table rows", "divs", "links"]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as made:
        yield made


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_bounded_time_and_the_next_mail_is_read(pool: Pool, name: str) -> None:
    """covers: C1"""
    raw = HOSTILE[name]()
    assert pool.read(GOOD, Context()).outcome is Outcome.READ
    before, _ = cost(pool)
    found = pool.read(raw, Context())
    after, memory = cost(pool)
    assert after - before < SECONDS_LIMIT
    assert memory < 600_000_000
    assert found.outcome in set(Outcome)
    assert "took longer" not in found.reason
    assert "broke a limit" not in found.reason
    assert pool.read(GOOD, Context()).outcome is Outcome.READ


def cost(pool: Pool) -> tuple[float, int]:
    """Of the process that reads: seconds of processor time so far, and the most bytes it ever had in memory (Linux)."""
    (worker,) = pool._free.queue
    assert worker is not None
    folder = Path(f"/proc/{worker._process.pid}")
    ticks = folder.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]
    status = folder.joinpath("status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) * 1024


def test_heaps_of_combining_marks_end_their_reader_only() -> None:
    """covers: C1. Normalising them takes minutes; the worker's limit ends it."""
    raw = google(PASS, ("Content-Type", "text/plain; charset=utf-8"), body=MARKS)
    with Pool(1, Limits(seconds=2)) as pool:
        assert pool.read(raw, Context()).outcome is Outcome.FAILED
        assert pool.read(GOOD, Context()).outcome is Outcome.READ
    assert len(clean_text(MARKS, 2_000)) < 2_001


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("name", FOR_EXTRACTORS)
def test_no_extractor_hangs_on_hostile_text(pool: Pool, name: str, sender: str) -> None:
    """covers: C1, C2"""
    raw = HOSTILE[name]().replace(SENDERS[0].encode(), sender.encode())
    started = time.monotonic()
    found = pool.read(raw, Context())
    assert time.monotonic() - started < 12
    assert "took longer" not in found.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"X: " + b"y" * 300_000, "header block is longer than 256 kB"),
        (b"X: " + b"y" * 200_000 + b"\r\n\r\n", "longer than 160 kB"),
        (b"Received: x\r\n" * 101 + b"\r\n", "more than 100 Received"),
    ],
)
def test_a_broken_limit_is_named(raw: bytes, reason: str) -> None:
    """covers: C1"""
    with pytest.raises(MailRefused, match=reason):
        parse_headers(raw)
    assert reason in read(raw, Context()).reason


def test_a_mail_that_is_refused_is_still_named() -> None:
    """covers: C1"""
    found = read(HOSTILE["200000 empty parts"](), Context())
    assert (found.outcome, found.reason) == (Outcome.FAILED, "it has more than 200 parts")
    assert found.subject.startswith("Order 82")
    assert found.sender == SENDERS[0]


def test_broken_mail_of_other_peoples_tests_makes_no_order() -> None:
    """covers: C1"""
    folder = corpus()
    if folder is None:
        pytest.skip("the folder of other people's mail is not here")
    started = time.process_time()
    readings = [
        (path, read(path.read_bytes(), Context())) for path in (folder / "malformed").rglob("*") if path.is_file()
    ]
    assert len(readings) > 100
    assert [path.name for path, reading in readings if reading.facts] == []
    assert time.process_time() - started < 60
