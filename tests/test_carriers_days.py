"""The expected day in carriers' mails: where it stands, whose it is, and when none is told."""

from __future__ import annotations

import datetime as dt

import pytest

from inboxtrack.model import DateRange, Stage
from inboxtrack.reader import Context, read
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
        ("Ihr Paket ist unterwegs", "Ihr Paket vom 02.03. wird voraussichtlich am 05.03. zugestellt.", day(5)),
        ("Je pakket is onderweg", "Morgen bezorgd\ndinsdag 3 maart tussen 09:45 en 12:00 uur", day(3)),
        ("Your package is on its way", "Change your delivery until March 4, 10 pm", None),
        ("Your package is on its way", "The delivery status was not updated as of March 2", None),
        ("Sorry we missed you", "We'll try again on Wednesday 4 March.", day(4)),
        ("Your parcel is out for delivery", "If you are out we'll try again tomorrow.", None),
        ("Your parcel is out for delivery", "Your driver comes with it today between 14:00 and 15:00", day(2)),
        ("UPS Exception Notification", "Rescheduled Delivery Date: 5-March-2026", day(5)),
        ("UPS Exception Notification", "Scheduled Delivery Date: March 5", None),
        (
            "Votre colis est en chemin",
            "Livraison prévue entre le 5 et le 7 mars",
            DateRange(day(5).first, day(7).first),
        ),
        (
            "Tu envío está en camino",
            "Entrega prevista entre el jueves 5 y el viernes 6 de marzo",
            DateRange(day(5).first, day(6).first),
        ),
        ("Your package is on its way", "Consignment no 123456789 will be delivered on Thursday 5 March.", day(5)),
        ("Your package is on its way", "It will not be delivered on Thursday 5 March.", None),
        ("Your package is delayed", "Original delivery date: Monday, March 2", None),
        ("Your package is delayed", "Previously scheduled for delivery: March 3\nNow expected: March 5", day(5)),
        ("Your package is arriving early", "Now expected on March 4 instead of March 5", day(4)),
        ("Ihr Paket verspätet sich", "Ursprünglich geplante Zustellung: 03.03.2026\nZustellung am 05.03.2026", day(5)),
        ("Your package is on its way", "Delivery attempts are made Monday to Saturday.", None),
        ("Csomagja úton van", "Várhatóan 2026.03.05-án érkezik.", day(5)),
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


def test_two_parcels_of_a_list_have_the_days_that_take_turns_with_them() -> None:
    body = f"Arriving Today\n{UPS}\nNorthwind\nArriving Thursday, 03/05/2026\n{OTHER}\nContoso"
    first, second = reading(SENDER, "2 packages arriving soon", body).facts
    assert (first.tracking, first.eta, first.stage) == (UPS, day(2), Stage.OUT_FOR_DELIVERY)
    assert (second.tracking, second.eta, second.stage) == (OTHER, day(5), Stage.IN_TRANSIT)


def test_no_parcel_of_several_gets_a_day_that_may_be_the_others() -> None:
    body = f"{UPS} {OTHER}\nExpected delivery: March 4\nExpected delivery: March 5"
    assert {fact.eta for fact in reading(SENDER, "Your packages are on their way", body).facts} == {None}


@pytest.mark.parametrize(
    ("sender", "date", "expected"),
    [
        ("Australia Post <a@notifications.auspost.com.au>", "Mon, 02 Mar 2026 15:34:00 -0600", day(3)),
        ("Hermes <a@myhermes.de>", "Sun, 01 Mar 2026 23:30:00 +0000", day(2)),
        ("FedEx <a@fedex.com>", "Mon, 02 Mar 2026 21:00:00 -0600", day(2)),
        ("UPS <a@ups.com>", "Mon, 02 Mar 2026 21:00:00 +0000", day(2)),
    ],
)
def test_today_is_the_day_where_the_carrier_is_at_home(sender: str, date: str, expected: DateRange) -> None:
    body = "Your delivery is coming today. Tracking number: AB1234567890"
    head = f"From: {sender}\nSubject: Your delivery is coming today\nDate: {date}\n"
    assert only(read(f"{head}\n{body}\n".encode(), Context())).eta == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Tu paquete va a ser recibido. Entrega prevista: hoy", Stage.OUT_FOR_DELIVERY),
        ("Entrega prevista: mañana", Stage.UPDATE),
        ("Entrega prevista: hoy no será posible", Stage.UPDATE),
    ],
)
def test_what_comes_today_is_on_its_last_tour_where_no_phrase_tells_the_step(words: str, expected: Stage) -> None:
    assert only(reading(SENDER, "Hola", f"Número de envío: {UPS}\n{words}")).stage is expected
