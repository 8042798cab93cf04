"""Samples that can be shared: nobody's data in them, and the same facts."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from inboxtrack.app import App, utc_now
from inboxtrack.cli.frame import CommandError
from inboxtrack.cli.scrub import run
from inboxtrack.config import load
from inboxtrack.mail.message import parse
from inboxtrack.model import Outcome
from inboxtrack.reader import Context, read
from inboxtrack.scrub import scrub
from inboxtrack.scrub.replacing import Refused
from tests.conftest import FIXTURES

MAILS = [path for path in sorted(FIXTURES.glob("*/*.eml")) if not path.parent.name.startswith("_")]
PERSONAL = b"""From: AliExpress <transaction@notice.aliexpress.com>\r
To: Henrike Wolkenstein <henrike.w@wolken.example>\r
Delivered-To: henrike.w@wolken.example\r
Received: from a.example by b.example; Tue, 3 Mar 2026 10:00:00 +0000\r
Date: Tue, 3 Mar 2026 10:00:00 +0000\r
Message-ID: <990041.771@notice.aliexpress.com>\r
Subject: Package LP00917730049921: with local carrier\r
Content-Type: text/html; charset=utf-8\r
\r
<html><body><h1>Collected by local carrier</h1><p>Hi Henrike Wolkenstein,</p>
<p>Your package LP00917730049921 is with the carrier. Write to henrike.w@wolken.example.</p>
<a href="https://www.aliexpress.com/p/tracking/index.html?tradeOrderId=8290114477310042&token=a8f3e77b21c94d0f">Track</a>
<div>Ship to</div><div>Amselstieg 7</div><div>24937 Flensburg</div><div>Henrike Wolkenstein (+49) 15550001420</div>
<img src="https://ae01.alicdn.com/open?u=8837261"></body></html>
"""
SECRETS = (
    "Henrike", "Wolkenstein", "wolken.example", "LP00917730049921", "8290114477310042", "a8f3e77b21c94d0f",
    "Amselstieg", "24937", "Flensburg", "15550001420", "990041", "8837261", "b.example",
)  # fmt: skip


@pytest.fixture
def sample() -> bytes:
    return scrub(PERSONAL, random.Random(7))


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_personal_is_left(sample: bytes, secret: str) -> None:
    mail = parse(sample)
    shown = "\n".join((sample.decode(), mail.subject, mail.html, mail.text))
    assert secret.casefold() not in shown.casefold()


def test_shape_and_facts_stay(sample: bytes) -> None:
    mail, reading = parse(sample), read(sample, Context())
    assert re.fullmatch(r"Package LP\d{14}: with local carrier", mail.subject)
    (fact,) = reading.facts
    assert (fact.stage, fact.reason) == ("in_transit", "local_carrier")
    assert fact.order is not None
    assert re.fullmatch(r"\d{16}", fact.order)
    assert fact.tracking is not None
    assert fact.tracking in mail.subject
    assert fact.tracking in mail.text


def test_most_fixtures_give_a_sample() -> None:
    given = refused = 0
    for path in MAILS[::2]:
        raw = path.read_bytes()
        if read(raw, Context()).outcome in (Outcome.READ, Outcome.IGNORED, Outcome.UNREAD):
            try:
                scrub(raw, random.Random(7))
                given += 1
            except Refused:
                refused += 1
    assert given > 100
    assert refused <= 0.05 * (given + refused)


def test_mail_of_a_shop_that_nobody_reads_yet_gives_a_sample_too() -> None:
    head = b"From: Lamps <hi@lamps.example>\r\nTo: Kim Tarn <k@tarn.example>\r\nSubject: Your order #4177\r\n"
    mail = parse(scrub(head + b"\r\nHello Kim,\r\n", random.Random(7)))
    assert "4177" not in mail.subject
    assert "Kim" not in mail.text
    assert mail.sender.address == "hi@lamps.example"


def test_mail_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    mail = tmp_path / "broken.eml"
    mail.write_bytes(b"From: hi@lamps.example\r\nX: " + b"y" * 300_000 + b"\r\n\r\nhi\r\n")
    with pytest.raises(CommandError, match="no sample of"):
        run(str(mail))


def test_sample_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = tmp_path / "order.eml"
    mail.write_bytes(PERSONAL)
    run(str(mail))
    shown = capsys.readouterr()
    assert read(shown.out.encode(), Context()).outcome is Outcome.READ
    assert "look it over" in shown.err


def test_a_kept_mail_is_scrubbed_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "inboxtrack.toml"
    settings.write_text(f'[general]\nstate_folder = "{tmp_path / "state"}"\n')
    fixture = FIXTURES / "aliexpress" / "confirmed.en.eml"
    with App.open(load(settings)) as app:
        for _ in app.intake.import_paths([fixture], utc_now()):
            pass
    run("1", settings)
    assert "AliExpress" in capsys.readouterr().out
    with pytest.raises(CommandError, match="attention lists"):
        run("77", settings)
