"""eBay: orders beside item numbers, titles behind colons, and baskets of several orders."""

from __future__ import annotations

import pytest

from inboxtrack.model import Outcome, Reading, RefundState, Stage
from tests.marketplace_mail import only, reading_of

ORDER, OTHER, ITEM = "12-09871-20456", "12-09871-20457", "256001122334"


def reading(subject: str, *lines: str, sender: str = "ebay@ebay.com") -> Reading:
    return reading_of(f"eBay <{sender}>", subject, lines)


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        ("Order confirmed: A lamp", Stage.PLACED),
        ("Your order is confirmed", Stage.PLACED),
        ("🚚 ORDER SHIPPED: A lamp", Stage.SHIPPED),
        ("Ihre Sendung ist jetzt beim Versanddienstleister!", Stage.SHIPPED),
        ("Sent: A lamp", Stage.SHIPPED),
        ("Your item arrived at the hub", Stage.IN_TRANSIT),
        ("OUT FOR DELIVERY: A lamp", Stage.OUT_FOR_DELIVERY),
        ("📦BESTELLUNG ZUGESTELLT: Eine Lampe", Stage.DELIVERED),
        ("PEDIDO ENTREGADO: Una lámpara", Stage.DELIVERED),
        ("Your package is ready for collection", Stage.READY_FOR_PICKUP),
        ("We tried to deliver your package", Stage.ATTEMPT_FAILED),
        ("Bestellung storniert: Eine Lampe", Stage.CANCELLED),
    ],
)
def test_subjects(subject: str, stage: Stage) -> None:
    fact = only(reading(subject, f"Order number: {ORDER}"))
    assert (fact.retailer, fact.order, fact.stage) == ("ebay", ORDER, stage)


@pytest.mark.parametrize(
    "title", ["Delivered! A comic", "Order cancelled, vinyl", "Deals watching outbid", "Your refund"]
)
def test_no_title_behind_the_colon_says_a_step(title: str) -> None:
    shipped = only(reading(f"ORDER SHIPPED: {title}", f"Order number: {ORDER}"))
    assert (shipped.stage, [item.title for item in shipped.items]) == (Stage.SHIPPED, [title])
    assert only(reading(f"ORDER UPDATE: {title}", f"Order number: {ORDER}")).reason == "unknown_step"


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("Great news! Your item's on its way.", Stage.SHIPPED),
        ("Der Artikel wurde als verschickt markiert.", Stage.SHIPPED),
        ("Your order will be on its way soon.", Stage.UPDATE),
        ("Als je pakket is bezorgd, hoor je het.", Stage.UPDATE),
        ("We'll tell you when it has been delivered.", Stage.UPDATE),
    ],
)
def test_sentences_say_what_is_and_not_what_will_be(said: str, stage: Stage) -> None:
    assert only(reading("News of your order", said, f"Order number: {ORDER}")).stage is stage


def test_item_numbers_and_transactions_are_no_orders() -> None:
    link = (
        f'<a href="https://www.ebay.com/vod/FetchOrderDetails?itemId={ITEM}&amp;transactionId=1235909058023">Order</a>'
    )
    found = reading("Order confirmed: A lamp", f"Item number: {ITEM}", "Transaction 1235909058023", link)
    assert found.outcome is Outcome.UNREAD
    own = f'<a href="https://order.ebay.com/ord/show?orderId={ORDER}">Order</a>'
    assert only(reading("Order confirmed: A lamp", f"Item number: {ITEM}", own)).order == ORDER


@pytest.mark.parametrize("number", [f"1{ORDER}", f"{ORDER}1", f"{ORDER}-1", "12-0987-20456"])
def test_other_shapes_are_no_orders(number: str) -> None:
    assert reading("Order confirmed: A lamp", f"Order number: {number}").facts == ()


def test_each_order_of_a_basket_has_its_own_items_and_days() -> None:
    first = ("A lamp", "Item price: $4.00", "Est. delivery: Mon, Mar 9", f"Order number: {ORDER}")
    more = ("A shade", "Quantity: 1", "Item price: $2.00", f"Order number: {ORDER}")
    second = ("A bulb", "Item price: $1.00", "Est. delivery: Tue, Mar 10", f"Order number: {OTHER}", "Total: $7.00")
    found = reading("Your order is confirmed", *first, *more, *second)
    assert [(fact.order, [item.title for item in fact.items]) for fact in found.facts] == [
        (ORDER, ["A lamp", "A shade"]),
        (OTHER, ["A bulb"]),
    ]
    assert [fact.eta.last.day if fact.eta else None for fact in found.facts] == [9, 10]
    assert [fact.total for fact in found.facts] == [None, None]


def test_each_parcel_of_an_order_is_told_with_its_carrier() -> None:
    found = reading("ORDER SHIPPED: A lamp", f"Order number: {ORDER}", "Shipped with: UPS",
                    "Tracking number: 1Z999AA10123456784", "Tracking number: 1Z999AA10123456793")  # fmt: skip
    assert [(fact.order, fact.tracking, fact.carrier) for fact in found.facts] == [
        (ORDER, "1Z999AA10123456784", "ups"),
        (ORDER, "1Z999AA10123456793", "ups"),
    ]
    alone = only(reading("ORDER SHIPPED: A lamp", "Tracking number: 1Z999AA10123456784"))
    assert (alone.order, alone.tracking, alone.retailer) == (None, "1Z999AA10123456784", "ebay")


def test_a_confirmation_names_no_parcel() -> None:
    told = ("Tracking number: 1Z999AA10123456784", f"Order number: {ORDER}")
    assert only(reading("Order confirmed: A lamp", *told)).tracking is None


def test_a_refund_is_promised_with_its_amount() -> None:
    fact = only(reading("Your refund for A lamp", f"Order number: {ORDER}", "Refund amount: US $42.00"))
    assert fact.refund is not None
    assert fact.refund.amount is not None
    assert (fact.refund.state, str(fact.refund.amount.amount)) == (RefundState.PROMISED, "42.00")


@pytest.mark.parametrize(
    ("subject", "sender"),
    [
        ("ORDER SHIPPED: A lamp", "friend@members.ebay.de"),
        ("ORDER SHIPPED: deals", "ebay@reply.ebay.co.uk"),
        ("You made the sale for A lamp", "ebay@ebay.com"),
        ("Your buyer has paid: A lamp", "ebay@ebay.com"),
        ("You've been outbid", "ebay@ebay.com"),
        ("The seller sent you a message", "ebay@ebay.com"),
        ("Please leave feedback for your purchase", "ebay@ebay.com"),
    ],
)
def test_mail_that_is_not_to_buyers_is_passed_over(subject: str, sender: str) -> None:
    assert reading(subject, f"Order number: {ORDER}", sender=sender).outcome is Outcome.IGNORED


def test_order_mail_without_a_number_is_said_to_be_unread_and_other_mail_is_passed_over() -> None:
    assert reading("ORDER DELIVERED: A lamp", "See it in My eBay").outcome is Outcome.UNREAD
    assert reading("New user agreement", "Please read it").outcome is Outcome.IGNORED
