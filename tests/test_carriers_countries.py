"""Carriers of many countries in their own words: number, step and day of a mail each, in twenty-five languages."""

from __future__ import annotations

import csv
from email.header import Header

import pytest

from inboxtrack.reader import Context, read
from inboxtrack.tracking.numbers import normal
from tests.conftest import ROOT
from tests.test_carriers import only

TABLE = (ROOT / "tests" / "fixtures" / "carrier_countries.tsv").read_text("utf-8").splitlines()
MAILS = list(csv.DictReader(TABLE, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("mail", MAILS, ids=[f"{mail['sender']}: {mail['subject']}" for mail in MAILS])
def test_a_mail_tells_number_step_and_day(mail: dict[str, str]) -> None:
    subject = Header(mail["subject"], "utf-8").encode()
    head = f"From: {mail['sender']}\nSubject: {subject}\nDate: {mail['date']}\n"
    text = mail["text"].replace(" | ", "\n")
    fact = only(read(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode(), Context()))
    assert (normal(fact.tracking or ""), fact.stage) == (mail["number"], mail["stage"])
    assert (fact.eta.first.isoformat() if fact.eta else "") == mail["day"]
