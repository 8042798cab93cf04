"""Days of delivery in the ways mails print them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxtrack.model import DateRange
from inboxtrack.reading.dates import find_days

BASE = dt.date(2026, 3, 5)  # a Thursday

TOLD = [
    ("2026-03-08", "03-08", "03-08"),
    ("08.03.2026", "03-08", "03-08"),
    ("Dienstag, 10.03.", "03-10", "03-10"),
    ("13/03/2026", "03-13", "03-13"),
    ("03/13/2026", "03-13", "03-13"),
    ("12/03/2026 - 14/03/2026", "03-12", "03-14"),
    ("Mar 8 - 15", "03-08", "03-15"),
    ("Mar 28 - Apr 2, 2026", "03-28", "04-02"),
    ("between 10 March and 12 March", "03-10", "03-12"),
    ("Tuesday, March 10th", "03-10", "03-10"),
    ("8.–15. März", "03-08", "03-15"),
    ("10.03.2026 bis 12.03.2026", "03-10", "03-12"),
    ("entre el 10 de marzo y el 12 de marzo", "03-10", "03-12"),
    ("le 3 avril 2026", "04-03", "04-03"),
    ("dostawa 12 marca 2026", "03-12", "03-12"),
    ("3월 10일", "03-10", "03-10"),
    ("2026年3月10日", "03-10", "03-10"),
    ("arriving today", "03-05", "03-05"),
    ("mañana", "03-06", "03-06"),
    ("by Friday", "03-06", "03-06"),
    ("until Thursday", "03-05", "03-05"),
    ("Fri 03/06/2026", "03-06", "03-06"),
    ("Do, 05/03/2026", "03-05", "03-05"),
]
SILENT = ["", "soon", "05/06/2026", "31 February 2026", "Order 8211968327931234", "(+49) 151 123456", "March",
          "1.99 EUR", "10 March 2020", "99/99/2026",
          "moved to 05/07/2026", "per 05/07/2026", "di 04/07/2026"]  # fmt: skip


@pytest.mark.parametrize(("text", "first", "last"), TOLD)
def test_days_are_found(text: str, first: str, last: str) -> None:
    days = find_days(text, BASE)
    assert days == DateRange(dt.date.fromisoformat(f"2026-{first}"), dt.date.fromisoformat(f"2026-{last}"))


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_day_or_could_be_two_is_nothing(text: str) -> None:
    assert find_days(text, BASE) is None


def test_the_order_of_day_and_month_can_be_told() -> None:
    june, may = dt.date(2026, 6, 5), dt.date(2026, 5, 6)
    assert find_days("05/06/2026", BASE, day_first=True) == DateRange(june, june)
    assert find_days("05/06/2026", BASE, day_first=False) == DateRange(may, may)


def test_a_day_without_year_is_the_nearest() -> None:
    new, old = dt.date(2026, 1, 3), dt.date(2025, 12, 30)
    assert find_days("Jan 3", dt.date(2025, 12, 28)) == DateRange(new, new)
    assert find_days("30 Dec", dt.date(2026, 1, 2)) == DateRange(old, old)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    days = find_days(text, BASE)
    assert days is None or days.first <= days.last
