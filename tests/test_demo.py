"""The demo tells its whole story, fast, and leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import time
from io import StringIO

from rich.console import Console

from inboxtrack.cli.demo import mails, run
from inboxtrack.mail.trust import Policy
from inboxtrack.model import Outcome, Trust
from inboxtrack.reader import Context, read

RETAILERS = {"aliexpress", "hismile", "tiktok_shop"}
NOW = dt.datetime(2026, 11, 22, 7, 0, tzinfo=dt.UTC)


def test_the_sample_mailbox_is_what_it_says() -> None:
    context = Context(policy=Policy((mails.PROVIDER,)))
    readings = [read(mail, context) for mail, _ in mails.mailbox(NOW)]
    outcomes = [reading.outcome for reading in readings]
    assert len(readings) >= 60
    assert sum(reading.extractor in RETAILERS for reading in readings if reading.outcome is not Outcome.FOREIGN) >= 20
    assert outcomes.count(Outcome.QUARANTINED) == 1
    facts = [fact for reading in readings for fact in reading.facts]
    assert all(fact.trust is Trust.VERIFIED for fact in facts)
    assert {fact.retailer for fact in facts if fact.order} == RETAILERS
    assert len({fact.order for fact in facts if fact.order}) >= 7


def test_the_story_is_told_in_time() -> None:
    out = StringIO()
    begin = time.monotonic()
    run(pause=False, console=Console(file=out, width=110, highlight=False))
    assert time.monotonic() - begin < 60
    text = " ".join(out.getvalue().split())
    for expected in (
        "62 mails stands ready",
        "6 open orders, 1 refund to come",
        "What needs you",
        "ready for pick-up",
        "out for delivery",
        "0 new mails, 0 messages",
        "is delivered",
        "5 open orders, 1 refund to come",
        "imitates TikTok Shop",
        "inboxtrack init write your settings",
        "inboxtrack doctor check them",
    ):
        assert expected in text, expected
