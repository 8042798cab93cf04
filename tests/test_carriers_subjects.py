"""What carriers' subjects say: a table of senders, subjects and the stage each one tells, beside a labelled number."""

from __future__ import annotations

import csv

import pytest

from inboxtrack.reader import Context, read
from tests.conftest import ROOT

TABLE = (ROOT / "tests" / "fixtures" / "carrier_subjects.tsv").read_text("utf-8").splitlines()
ROWS = list(csv.DictReader(TABLE, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_table_is_wide() -> None:
    assert len(ROWS) >= 150
    assert len({row["sender"] for row in ROWS}) >= 20
    assert {row["stage"] for row in ROWS} >= {"preparing", "in_transit", "delivered", "ready_for_pickup", "returning"}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['sender']}: {row['subject']}" for row in ROWS])
def test_subject_tells_its_stage(row: dict[str, str]) -> None:
    mail = f"From: X <noreply@{row['sender']}>\nSubject: {row['subject']}\nDate: Mon, 02 Mar 2026 10:00:00 +0000\n"
    text = f"{mail}Content-Type: text/plain; charset=utf-8\n\nTracking number: {row['number']}\n"
    (fact,) = read(text.encode(), Context()).facts
    assert (fact.tracking, fact.stage) == (row["number"], row["stage"])
