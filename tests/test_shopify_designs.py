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
