"""Etsy: receipts beside listings and transactions of the same shape, and shops of one word."""

from __future__ import annotations

import pytest

from inboxtrack.model import Outcome, Reading, Stage
from tests.marketplace_mail import only, reading_of

ORDER, OTHER = "3390128847", "3390128848"


def reading(subject: str, *lines: str, sender: str = "transaction@etsy.com") -> Reading:
    return reading_of(f"Etsy <{sender}>", subject, lines)


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        (f"Your Etsy Purchase from ClayByWren ({ORDER})", Stage.PLACED),
        (f"Another package for your Etsy order is on the way (Receipt #{ORDER})", Stage.SHIPPED),
        ("And it’s off! DHL has your order 🚚", Stage.SHIPPED),
        ("Arriving today: your order from ClayByWren", Stage.OUT_FOR_DELIVERY),
        ("ClayByWren has shipped your order", Stage.SHIPPED),
        ("Delivery attempted", Stage.ATTEMPT_FAILED),
        ("Your package is ready for pickup", Stage.READY_FOR_PICKUP),
        ("It's here! Your order from ClayByWren has been delivered.", Stage.DELIVERED),
        (f"Your order from ClayByWren was canceled (Order #{ORDER})", Stage.CANCELLED),
    ],
)
def test_subjects(subject: str, stage: Stage) -> None:
    fact = only(reading(subject, f"Order #{ORDER}"))
    assert (fact.retailer, fact.order, fact.stage) == ("etsy", ORDER, stage)


@pytest.mark.parametrize(
    "line", [f"Transaction ID: {OTHER}", f"Listing {OTHER}", f"Call us: {OTHER}",
             f'<a href="https://www.etsy.com/listing/{OTHER}/cup">Cup</a>', f"Order #{OTHER}12345"]
)  # fmt: skip
def test_other_numbers_are_no_orders(line: str) -> None:
    assert reading("Your order has shipped", line).outcome is Outcome.UNREAD
    assert only(reading("Your order has shipped", line, f"Order number: {ORDER}")).order == ORDER


def test_an_order_that_only_the_link_to_the_purchase_names_is_read() -> None:
    link = '<a href="https://www.etsy.com/{}?utm_source=mail">View</a>'
    for path in (f"your/purchases/{ORDER}", f"your/account/purchases/{ORDER}", f"your/orders/{ORDER}"):
        assert only(reading("Your order has been delivered", link.format(path))).order == ORDER
    strange = f'<a href="https://etsy.example/your/purchases/{ORDER}">View</a>'
    assert reading("Your order has been delivered", strange).outcome is Outcome.UNREAD


def test_the_parcel_has_its_carrier_and_is_never_the_order() -> None:
    told = (f"Order #{ORDER}", "Shipped via: DHL", "Tracking number: 00340434161094015995")
    fact = only(reading("Your order is on its way", *told))
    assert (fact.tracking, fact.carrier) == ("00340434161094015995", "dhl-de")
    assert only(reading("Your order is on its way", f"Order #{ORDER}", f"Tracking number: {ORDER}")).tracking is None
    assert only(reading(f"Your Etsy Purchase from ClayByWren ({ORDER})", *told)).tracking is None


def test_the_shop_is_one_word_of_the_subject() -> None:
    assert only(reading(f"Your Etsy Purchase from ClayByWren ({ORDER})")).seller == "ClayByWren"
    assert only(reading("Your order from a friend has been delivered", f"Order #{ORDER}")).seller is None


@pytest.mark.parametrize(
    "subject",
    [
        f"You made a sale on Etsy - Ship by Feb 20 - [$12.00, Order #{ORDER}]",
        f"New message from ClayByWren about order {ORDER}",
        "How was your purchase? Leave a review",
        "Your favorites are waiting",
        "Your digital download is ready",
        "Sign-in from a new device",
    ],
)
def test_sellers_mail_messages_and_advertising_are_passed_over(subject: str) -> None:
    assert reading(subject, f"Order #{ORDER}", "Your order has been delivered.").outcome is Outcome.IGNORED


def test_order_mail_without_a_number_is_said_to_be_unread_and_other_mail_is_passed_over() -> None:
    assert reading("It's here! Your order from ClayByWren has been delivered.").outcome is Outcome.UNREAD
    assert reading("Something new", "See your order").outcome is Outcome.UNREAD
    garden = reading("Spring is here", "Look at these gardens", sender="email@email.etsy.com")
    assert garden.outcome is Outcome.IGNORED
