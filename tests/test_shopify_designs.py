"""Mails that shops on Shopify design themselves: other apps' mailings, tracking pages, carriers' names as labels."""

from __future__ import annotations

import pytest

from inboxtrack.model import Outcome, Reading, Stage
from inboxtrack.reader import Context, read
from tests.recipe_mail import mail

SHARED = "Kuusi <store+4411002299@t.shopifyemail.com>"
OWN = "Kuusi <orders@mail.kuusi.example>"


def reading(sender: str, subject: str, body: str) -> Reading:
    return read(mail(sender, subject, body, html=True), Context())


@pytest.mark.parametrize(
    ("subject", "text", "stage"),
    [
        ("Delivered! 📦", "Your order #KC-1042 has been delivered.", Stage.DELIVERED),
        ("Zugestellt", "Deine Bestellung #KC-1042 wurde zugestellt.", Stage.DELIVERED),
        ("Today is the day: out for delivery", "Order #KC-1042 is out for delivery.", Stage.OUT_FOR_DELIVERY),
        ("Delivered in two days, always", "Order #KC-1042 has been delivered. Rate it!", None),
        ("How do you like your mug?", "Your order #KC-1042 has been delivered. Rate it!", None),
        ("30% off", "Your order #KC-1042 has been delivered. Take 30% off the next.", None),
    ],
)
def test_a_text_that_can_be_unsubscribed_from_is_news_where_the_subject_says_the_same(
    subject: str, text: str, stage: Stage | None
) -> None:
    leave = '<a href="https://kuusi.example/u">Unsubscribe</a>'
    assert [fact.stage for fact in reading(SHARED, subject, f"<p>{text}</p>{leave}").facts] == (
        [stage] if stage else []
    )


@pytest.mark.parametrize(
    ("line", "number", "carrier"),
    [
        ("UPS: 1Z5R89390357567127", "1Z5R89390357567127", "ups"),
        ("DHL Paket - 00340434161094042557", "00340434161094042557", "dhl-de"),
        ("DHL 00340434161094042557", "00340434161094042557", "dhl-de"),
        ("Royal Mail: 1Z5R89390357567127", None, None),
        ("DHL: 02284333112", None, None),
        ("UPS: 1Z5R89390357567128", None, None),
        ("Kiln: 1Z5R89390357567127", None, None),
    ],
)
def test_a_carriers_name_is_a_label_for_a_number_of_its_own_shape(
    line: str, number: str | None, carrier: str | None
) -> None:
    (fact,) = reading(SHARED, "A shipment from order #1042 is on the way", f"<p>{line}</p>").facts
    assert (fact.tracking, fact.carrier) == (number, carrier)


def test_a_shops_own_tracking_page_names_a_parcel_by_a_number_that_tells_its_carrier() -> None:
    for value, number in (("1Z5R89390357567127", "1Z5R89390357567127"), ("20260310", None), ("KC-1042", None)):
        page = f'<a href="https://track.kuusi.example/?tracking_number={value}">Track</a>'
        (fact,) = reading(SHARED, "A shipment from order #1042 is on the way", page).facts
        assert fact.tracking == number, value


def test_a_tracking_app_and_shopifys_pictures_together_are_marks_enough() -> None:
    picture = '<img src="https://cdn.shopify.com/s/files/1/logo.png" alt="Kuusi"><p>Order number: #KC-1042</p>'
    app = '<a href="https://kuusi.aftership.com/1Z5R89390357567127">Track</a>'
    (fact,) = reading(OWN, "Your Kuusi order has been delivered", picture + app).facts
    assert (fact.order, fact.tracking, fact.stage) == ("KC-1042", "1Z5R89390357567127", Stage.DELIVERED)
    assert reading(OWN, "Your Kuusi order has been delivered", picture).outcome is Outcome.FOREIGN


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        ("An item in order #KC-1042 has been canceled", Stage.UPDATE),
        ("All items in order #KC-1042 have been cancelled", Stage.CANCELLED),
        ("Ein Artikel aus Bestellung #KC-1042 wurde storniert", Stage.UPDATE),
        ("Your return for order #KC-1042 is on its way back to us", Stage.RETURNING),
        ("Your return for order #KC-1042 has been delivered", Stage.RETURNED),
        ("Refund for #KC-1042 is on its way", Stage.UPDATE),
        ("Order #KC-1042 is on its way", Stage.SHIPPED),
    ],
)
def test_what_happens_to_an_item_a_return_or_a_refund_does_not_happen_to_the_order(subject: str, stage: Stage) -> None:
    (fact,) = reading(SHARED, subject, "<p>Hello</p>").facts
    assert (fact.order, fact.stage) == ("KC-1042", stage)


def test_an_arrow_leads_to_the_number() -> None:
    line = "<p>Track your package → 9400111899223197428490</p>"
    (fact,) = reading(SHARED, "A shipment from order #1042 is on the way", line).facts
    assert (fact.order, fact.tracking) == ("1042", "9400111899223197428490")


def test_a_number_that_a_subject_boasts_of_is_no_order() -> None:
    for subject in ("#1 in mugs: our order book is open", "12 reasons to order #2"):
        assert (
            reading(OWN, subject, '<a class="button__cell">x</a><img src="https://cdn.shopify.com/a.png">').facts == ()
        )
    (fact,) = reading(
        OWN, "Order #1 confirmed", '<p class="button__cell">Kuusi</p><img src="//cdn.shopify.com/a">'
    ).facts
    assert fact.order == "1"


@pytest.mark.parametrize(
    "line", ["Order Number: 100123", "ORDER NUMBER 100123", "Order No. 100123", "Order ID: 100123"]
)
def test_the_orders_name_stands_behind_its_label_on_one_line(line: str) -> None:
    (fact,) = reading(SHARED, "Your order is on the way", f"<h1>Hooray</h1><p>{line}</p>").facts
    assert (fact.order, fact.stage) == ("100123", Stage.SHIPPED)


NUMBERS = {
    "Tracking number: 1Z999AA10123456784": "1Z999AA10123456784",
    "Tracking number 1Z999AA10123456784 (UPS)": "1Z999AA10123456784",
    "Tracking Number - 9400111899223197428490": "9400111899223197428490",
    "Tracking #: 9400111899223197428490": "9400111899223197428490",
    "Tracking #9400111899223197428490": "9400111899223197428490",
    "Tracking: 9400111899223197428490": "9400111899223197428490",
    "Tracking no. 9400111899223197428490": "9400111899223197428490",
    "Tracking ID: TBA123456789000": "TBA123456789000",
    "Tracking code: XY12345678": "XY12345678",
    "USPS Tracking: 9400111899223197428490": "9400111899223197428490",
    "UPS Tracking Number(s): 1Z999AA10123456784": "1Z999AA10123456784",
    "Your tracking number is: 9400111899223197428490.": "9400111899223197428490",
    "Your USPS tracking number is 9400111899223197428490": "9400111899223197428490",
    "Track your order with tracking number 9400111899223197428490 at usps.com": "9400111899223197428490",
    "Tracking information: 9400111899223197428490": "9400111899223197428490",
    "Tracking info: 9400111899223197428490": "9400111899223197428490",
    "Tracking link: 9400111899223197428490": "9400111899223197428490",
    "Shipment number: 12345678901": "12345678901",
    "Shipment tracking number: 12345678901": "12345678901",
    "Delivery tracking: 12345678901": "12345678901",
    "Consignment number: 12345678901": "12345678901",
    "Consignment: ABC1234567": "ABC1234567",
    "Parcel number 15501234567890": "15501234567890",
    "Parcel reference: 15501234567890": "15501234567890",
    "AWB: 1234567890": "1234567890",
    "AWB No: 1234567890": "1234567890",
    "Waybill: YT2612345678901234": "YT2612345678901234",
    "Courier tracking number: 12345678901": "12345678901",
    "Sendungsnummer: 00340434161094021501": "00340434161094021501",
    "Sendungsnr.: 00340434161094021501": "00340434161094021501",
    "Sendungs-Nr. 00340434161094021501": "00340434161094021501",
    "Paketnummer 01905012345678": "01905012345678",
    "Paket-Nr.: 01905012345678": "01905012345678",
    "Tracking-ID: 00340434161094021501": "00340434161094021501",
    "Trackingcode: 3SABCD1234567": "3SABCD1234567",
    "Track & Trace: 3SABCD1234567": "3SABCD1234567",
    "Track & trace code: 3SABCD1234567": "3SABCD1234567",
    "Track and Trace nummer 3SABCD1234567": "3SABCD1234567",
    "Barcode: 3SABCD1234567": "3SABCD1234567",
    "Zendingnummer: 3SABCD1234567": "3SABCD1234567",
    "Numéro de suivi : 6A12345678901": "6A12345678901",
    "N° de suivi : 6A12345678901": "6A12345678901",
    "Numéro de colis : 6A12345678901": "6A12345678901",
    "Suivi : 6A12345678901": "6A12345678901",
    "Número de seguimiento: PQ5U5B0712345678901234A": "PQ5U5B0712345678901234A",
    "Nº de seguimiento: 1234567890": "1234567890",
    "Número de envío: 1234567890": "1234567890",
    "Localizador: 1234567890": "1234567890",
    "Código de rastreo: AA123456785BR": "AA123456785BR",
    "Numero di tracking: 1234567890123": "1234567890123",
    "Numero di spedizione: 1234567890123": "1234567890123",
    "Codice spedizione: 1234567890123": "1234567890123",
    "Numer przesyłki: 680012345678901234567890": "680012345678901234567890",
    "Nr listu przewozowego: 1234567890123": "1234567890123",
    "Numer paczki: 680012345678901234567890": "680012345678901234567890",
    "Pakkenummer: 00370712345678901234": "00370712345678901234",
    "Kollinummer: 00373500489530470000": "00373500489530470000",
    "Track & trace: 00057125123456789012": "00057125123456789012",
    "Sporingsnr.: 370712345678901234": "370712345678901234",
    "Spårningsnummer: UX123456785SE": "UX123456785SE",
    "Sändningsnummer: 1234567890": "1234567890",
    "Kolli-ID: 00373500489530470000": "00373500489530470000",
    "Seurantakoodi: JJFI12345678901234567": "JJFI12345678901234567",
    "お問い合わせ番号：1234-5678-9012": "1234-5678-9012",
    "伝票番号: 123456789012": "123456789012",
}
NO_NUMBERS = (
    "You can track it with the number 9400111899223197428490",
    "Tracking number: Not available",
    "Tracking number: TBD",
    "Tracking number: 0",
    "Tracking number: 1001",
    "Tracking number: Order #1001",
    "Customer number: 12345678901",
    "Invoice number: 12345678901",
    "Phone: 12345678901",
    "Reference number: 12345678901",
    "Your order reference 12345678901",
    "Estimated delivery: 12345678",
    "Tracking updates: call 18005550199",
    "Tracking is available 24 hours",
    "Tracking number will be sent by 10/03/2026",
    "Have your tracking number ready? Call 1-800-555-0199",
)


@pytest.mark.parametrize(("line", "number"), [*NUMBERS.items(), *((line, None) for line in NO_NUMBERS)])
def test_a_parcels_number_stands_behind_its_label_and_nowhere_else(line: str, number: str | None) -> None:
    body = f"<p>Hello</p><p>{line}</p><p>Thanks</p>"
    (fact,) = reading(SHARED, "A shipment from order #1001 is on the way", body).facts
    assert (fact.order, fact.tracking) == ("1001", number)


@pytest.mark.parametrize("box", ["<td><h2>%s</h2></td>", "<li><h2>%s</h2></li>", "<div><h2>%s</h2></div>"])
@pytest.mark.parametrize(
    ("headline", "stage"), [("", Stage.UPDATE), ("<h2>Your order has been delivered</h2>", Stage.DELIVERED)]
)
def test_a_progress_bar_of_headlines_is_no_headline(box: str, headline: str, stage: Stage) -> None:
    bar = "".join(box % step for step in ("Confirmed", "Shipped", "Out for delivery", "Delivered"))
    (fact,) = reading(SHARED, "News about order #KC-1042", f"{headline}<table><tr>{bar}</tr></table>").facts
    assert fact.stage is stage
