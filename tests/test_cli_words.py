"""How the terminal says stages, refunds and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.cli import words
from inboxtrack.model import DateRange, Flag, Refund, RefundState, Stage
from tests.samples import HISMILE, order, parcel

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-12-12", "2026-12-16", "12–16 Dec"),
        ("2026-11-29", "2026-12-03", "29 Nov – 3 Dec"),
        ("2027-03-12", "2027-03-16", "12–16 Mar 2027"),
        ("2026-12-29", "2027-01-03", "29 Dec – 3 Jan 2027"),
        ("2027-03-12", "2027-03-12", "Fri 12 Mar 2027"),
    ],
)
def test_a_span_of_days_names_the_year_when_it_is_another(first: str, last: str, said: str) -> None:
    assert words.days(DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last)), TODAY) == said


def test_a_reason_may_make_a_stage_another_one() -> None:
    here = order("hismile", "UK46", Stage.DELIVERED, 80, reason="neighbour")
    back = order("hismile", "UK47", Stage.RETURNING, 60, reason="return_approved")
    assert [words.status(view) for view in (here, back, HISMILE)] == [
        "with a neighbour",
        "return approved",
        "out for delivery",
    ]


def test_remarks_of_a_refund_that_is_sent_and_of_what_the_user_knows() -> None:
    paid = order("hismile", "UK48", Stage.CANCELLED, 60, refund=Refund(RefundState.FULL))
    assert words.remarks(paid) == "refund sent"
    asked = order("hismile", "UK49", Stage.PLACED, 10, flags=frozenset({Flag.ACTION_REQUIRED}))
    assert words.remarks(asked) == "needs you"
    assert words.remarks(replace(asked, urgency=75)) == ""


def test_a_silent_order_says_since_when_unless_it_has_several_parcels() -> None:
    quiet = {"flags": frozenset({Flag.STALLED})}
    one, other = parcel("AP1", Stage.IN_TRANSIT), parcel("AP2", Stage.IN_TRANSIT)
    alone = order("aliexpress", "82", Stage.IN_TRANSIT, 40, one, **quiet)
    assert words.remarks(alone, dt.UTC) == "no news since 13 Feb"
    assert words.remarks(alone, ZoneInfo("Pacific/Honolulu")) == "no news since 12 Feb"
    assert words.remarks(order("aliexpress", "83", Stage.IN_TRANSIT, 40, one, other, **quiet)) == "no news for long"
