"""TikTok Shop: labels before shapes, and the numbers that are never orders."""

from __future__ import annotations

import pytest

from inboxtrack.model import Outcome, Reading, RefundState
from inboxtrack.reader import Context, read

ORDER = "576941770041886231"
PRODUCT, SHOP_ID, CANCEL, RETURN = (
    "1736033390941733990",
    "7494049642642441990",
    "4035318504086604990",
    "576941770041999231",
)


def reading(subject: str, *lines: str, sender: str = "no-reply@shop.tiktok.com") -> Reading:
    head = f"From: TikTok Shop <{sender}>\r\nSubject: {subject}\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\n"
    body = "".join(f"<p>{line}</p>" for line in lines)
    return read((head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + body).encode(), Context())


def orders(*lines: str) -> list[str | None]:
    return [fact.order for fact in reading("Your order has shipped!", *lines).facts]


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        ("Your order is confirmed!", "placed"),
        ("Your order has been placed", "placed"),
        ("Thanks for your order", "placed"),
        ("Your order has shipped!", "shipped"),
        ("Your order is on the way", "shipped"),
        ("Your package is out for delivery", "out_for_delivery"),
        ("Your order has been delivered", "delivered"),
        ("Your order has been canceled", "cancelled"),
        ("Your refund has been issued", "update"),
        ("Something new about your order", "update"),
        ("We've shipped your order", "shipped"),
        ("Your package arrives today", "out_for_delivery"),
        ("Your seller is preparing your package", "preparing"),
        ("Deine Bestellung ist auf dem Weg", "shipped"),
        ("Your order will be shipped soon", "update"),
        ("Your order will be delivered tomorrow", "update"),
    ],
)
def test_subjects(subject: str, stage: str) -> None:
    (fact,) = reading(subject, "Order ID", ORDER).facts
    assert (fact.order, fact.stage) == (ORDER, stage)


@pytest.mark.parametrize("label", ["Order ID: ", "Order number: ", "Order no. ", "Order #", "Número do pedido: "])
def test_labelled_order(label: str) -> None:
    assert orders(f"{label}{ORDER}", f"Product ID: {PRODUCT}", f"Shop ID: {SHOP_ID}") == [ORDER]


def test_two_orders_in_one_mail() -> None:
    assert orders(f"Order ID: {ORDER}", f"Order ID: {RETURN}") == [ORDER, RETURN]


@pytest.mark.parametrize(
    "line",
    [f"Return ID: {RETURN}", f"Return order ID: {RETURN}", f"Order cancellation ID: {CANCEL}", f"Order {PRODUCT}",
     f"Order {SHOP_ID}", f"SKU {PRODUCT}", f"Invoice {RETURN}"],
)  # fmt: skip
def test_other_ids_are_no_orders(line: str) -> None:
    assert reading("Your order has shipped!", line).outcome is Outcome.UNREAD
    assert orders(line, f"Order ID: {ORDER}") == [ORDER]


def test_one_number_of_the_shape_counts_without_label_and_two_do_not() -> None:
    assert orders(f"#{ORDER}") == [ORDER]
    assert orders(ORDER, RETURN) == []


def test_tracking_number_is_not_the_order() -> None:
    (fact,) = reading("Your order has shipped!", f"Order ID {ORDER}", "Tracking number 9400100000000000000006").facts
    assert (fact.order, fact.tracking, fact.carrier) == (ORDER, "9400100000000000000006", "usps")
    (fact,) = reading("Your order has shipped!", f"Order ID {ORDER}", f"Tracking number {ORDER}").facts
    assert fact.tracking is None


def test_refund_stands_beside_the_stage() -> None:
    (fact,) = reading("Your refund has been issued", f"Order ID {ORDER}", "Refund amount: US$18.20").facts
    assert fact.refund is not None
    assert fact.refund.amount is not None
    assert (fact.refund.state, str(fact.refund.amount.amount)) == (RefundState.FULL, "18.20")


@pytest.mark.parametrize(
    "sender", ["sellersupport@shop.tiktok.com", "taylor@shop.tiktok.com", "noreply@account.tiktok.com"]
)
def test_seller_and_account_mail_is_ignored(sender: str) -> None:
    assert reading("Your order has shipped!", f"Order ID {ORDER}", sender=sender).outcome is Outcome.IGNORED


def test_unknown_words_without_a_number_are_unread_only_where_they_speak_of_an_order() -> None:
    assert reading("A word about your order", "See the app.").outcome is Outcome.UNREAD
    assert reading("Meet the makers", "New this week.").outcome is Outcome.IGNORED
