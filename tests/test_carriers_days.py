"""The expected day in carriers' mails: where it stands, whose it is, and when none is told."""

from __future__ import annotations

import datetime as dt

import pytest

from inboxtrack.model import DateRange
from tests.test_carriers import UPS, only, reading

OTHER = "1ZA1B2C30311998872"
SENDER = "UPS <mcinfo@ups.com>"


def day(number: int) -> DateRange:
    return DateRange(dt.date(2026, 3, number), dt.date(2026, 3, number))


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("Your package is on its way", "Estimated delivery\nFri 03/06/2026", day(6)),
        ("Your package is on its way", "Estimated delivery\n03/06/2026", None),
        ("Your package is on its way", "Scheduled delivery:\nThursday, March 5", day(5)),
        ("Your package is on its way", "It will be delivered by the end of\nThursday, March 5.", day(5)),
        ("Ihr Paket ist unterwegs", "Es wird am Donnerstag, 5. März zwischen 9 und 12 Uhr zugestellt.", day(5)),
        ("Your package is out for delivery today", "", day(2)),
        ("Sorry we missed you", "We tried to deliver it. You can collect it from 4 March.", None),
        ("Your package is on its way", "Original scheduled delivery: Sunday, March 1", None),
        ("Your package is ready for pickup", "Collect it by March 10", None),
    ],
)
def test_the_expected_day(subject: str, body: str, expected: DateRange | None) -> None:
    assert only(reading(SENDER, subject, f"Tracking Number: {UPS}\n{body}")).eta == expected


def test_a_carrier_of_one_country_writes_days_in_its_way() -> None:
    body = "Tracking number: RR435856426GB\nExpected delivery: 06/03/2026"
    assert only(reading("Royal Mail <a@royalmail.com>", "Your parcel is on its way", body)).eta == day(6)


def rows(*cells: tuple[str, ...]) -> str:
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in cells)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def test_the_day_stands_below_its_own_heading() -> None:
    table = rows(("Ship date:", "Scheduled delivery:"), ("Mon, March 2", "Thu, March 5"), ("Tracking #", UPS))
    assert only(reading(SENDER, "Your package is on its way", table, kind="html")).eta == day(5)


def test_each_parcel_of_a_list_has_its_own_day() -> None:
    table = rows(("Tracking Number", "Scheduled delivery"), (UPS, "Thursday, March 5"), (OTHER, "Friday, March 6"))
    result = reading(SENDER, "2 packages are on the way", table, kind="html")
    assert [(fact.tracking, fact.eta) for fact in result.facts] == [(UPS, day(5)), (OTHER, day(6))]


def test_a_digest_promises_no_common_day() -> None:
    body = "Arriving Today\n9400111206206406260787\nArriving Soon\n9361289023874500112232"
    sender = "USPS Informed Delivery <x@email.informeddelivery.usps.com>"
    result = reading(sender, "Your Daily Digest for Mon, Mar 2", body)
    assert [fact.eta for fact in result.facts] == [None, None]
