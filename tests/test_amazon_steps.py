"""Amazon: what happened, in subjects that quote any title and in sentences that say what is."""

from __future__ import annotations

import pytest

from inboxtrack.model import Outcome, RefundState, Stage
from inboxtrack.reader import Context, read
from inboxtrack.reading.headed import quoted_item, unquoted
from tests.amazon_mail import ORDER, reading
from tests.marketplace_mail import only


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        ('Ordered: "A lamp..."', Stage.PLACED),
        ("Bestellt: „Eine Lampe...“", Stage.PLACED),
        ("Commandé : « Une lampe... »", Stage.PLACED),
        ('Pedido: "Una lámpara..." y 2 productos más', Stage.PLACED),
        ("注文済み: 「ランプ...」", Stage.PLACED),
        ('Dispatched: "A lamp..."', Stage.SHIPPED),
        ("Versandt: „Eine Lampe...“", Stage.SHIPPED),
        ("Expédiés : « Une lampe... »", Stage.SHIPPED),
        ('Spedito: "Una lampada..."', Stage.SHIPPED),
        ('Verzonden: "Een lamp..."', Stage.SHIPPED),
        ('Ihre Amazon.de Bestellung von "Eine Lampe..." wurde versandt!', Stage.SHIPPED),
        ('Your Amazon.com order of "A lamp..." has shipped!', Stage.SHIPPED),
        ('Out for delivery: "A lamp..."', Stage.OUT_FOR_DELIVERY),
        ("In Zustellung: „Eine Lampe...“", Stage.OUT_FOR_DELIVERY),
        ("En cours de livraison : « Une lampe... »", Stage.OUT_FOR_DELIVERY),
        ('En reparto: "Una lámpara..."', Stage.OUT_FOR_DELIVERY),
        ('Onderweg voor bezorging: "Een lamp..."', Stage.OUT_FOR_DELIVERY),
        ("📦 Delivered: 2 items | Order # 114-5550123-7788901", Stage.DELIVERED),
        ("Fwd: Zugestellt: 4 „Eine Lampe...“", Stage.DELIVERED),
        ('Entregado: 1 producto | N.º de pedido 114-5550123-7788901', Stage.DELIVERED),
        ('Teslim edildi: "Bir lamba..."', Stage.DELIVERED),
        ("Delivery attempted: “A lamp...”", Stage.ATTEMPT_FAILED),
        ('Versuchte Zustellung: „Eine Lampe...“', Stage.ATTEMPT_FAILED),
        ('Ready for pickup: "A lamp..."', Stage.READY_FOR_PICKUP),
        ("Your order has been cancelled", Stage.CANCELLED),
        ("Your package may be lost", Stage.EXCEPTION),
        ("Your order is being prepared", Stage.PREPARING),
        ("Your package was left with a neighbour", Stage.DELIVERED),
        ("Your package was returned to us", Stage.RETURNED),
    ],
)  # fmt: skip
def test_subjects(subject: str, stage: Stage) -> None:
    fact = only(reading(subject, f"Order # {ORDER}"))
    assert (fact.order, fact.stage, fact.reason in (None, "lost")) == (ORDER, stage, True)


@pytest.mark.parametrize(
    "title",
    [
        "Delivered: the board game", "Cancelled flights, a novel", "Out for delivery van, toy", 'TV 27" delivered flat',
        "How many stars? A sky atlas", "Your refund, a thriller",
    ],
)  # fmt: skip
def test_no_title_says_a_step(title: str) -> None:
    assert only(reading(f'Shipped: "{title}..."', f"Order # {ORDER}")).stage is Stage.SHIPPED
    assert only(reading(f'Your order of "{title}..." has shipped', f"Order # {ORDER}")).stage is Stage.SHIPPED
    told = only(reading(f'About your order of "{title}..."', f'"{title}..."', f"Order # {ORDER}"))
    assert (told.stage, told.reason) == (Stage.UPDATE, "unknown_step")


@pytest.mark.parametrize(
    "lines",
    [
        ("Ordered", "Shipped", "Out for delivery", "Delivered"),
        ("We will let you know when your package has been delivered.",),
        ("Your contract is not complete until we say that the items have been dispatched.",),
        ("Sobald dein Paket zugestellt wurde, siehst du es hier.",),
        ("Your package has not been delivered yet.",),
    ],
)
def test_a_progress_bar_and_what_is_yet_to_come_say_no_step(lines: tuple[str, ...]) -> None:
    assert only(reading("News of your order", *lines, f"Order # {ORDER}")).reason == "unknown_step"


def test_what_is_so_of_the_day_alone_is_no_step() -> None:
    told = only(reading('Arriving tomorrow: "A lamp..."', f"Order # {ORDER}", "Arriving: Wednesday, March 4"))
    assert (told.stage, told.reason, told.eta is not None) == (Stage.UPDATE, None, True)


def test_what_cannot_be_delivered_is_trouble() -> None:
    for said in ("Your package is undeliverable.", "Dein Paket kann nicht zugestellt werden."):
        assert only(reading("News of your order", said, f"Order # {ORDER}")).stage is Stage.EXCEPTION


def test_japanese_mail_writes_numbers_without_blanks() -> None:
    placed = only(reading(f"Amazon.co.jpでのご注文{ORDER}（ランプ）", "ご注文いただきありがとうございます。"))
    assert (placed.order, placed.stage) == (ORDER, Stage.PLACED)
    sent = only(
        reading(f"Amazon.co.jpご注文の発送（#{ORDER}）", "ご注文の商品を発送いたしましたのでお知らせいたします。")
    )
    assert (sent.order, sent.stage) == (ORDER, Stage.SHIPPED)


def test_thanks_count_only_where_nothing_else_is_said() -> None:
    thanks = "Thank you for shopping with us."
    assert only(reading(f"Your Amazon.com order #{ORDER}", thanks)).stage is Stage.PLACED
    told = only(reading(f"Your Amazon.com order #{ORDER}", thanks, "Your package will be delivered today."))
    assert told.stage is Stage.OUT_FOR_DELIVERY


def test_cancelled_items_do_not_cancel_the_order() -> None:
    fact = only(reading(f"Successful cancellation of Item(s) from your Amazon.de order {ORDER}"))
    assert (fact.stage, fact.reason) == (Stage.UPDATE, "items_cancelled")
    fact = only(reading("About your order", f"An item in your order has been cancelled. Order # {ORDER}"))
    assert (fact.stage, fact.reason) == (Stage.UPDATE, "items_cancelled")


@pytest.mark.parametrize(
    "said",
    ["Your return is on its way", "Your return was delivered", "Ihre Rücksendung wurde zugestellt",
     "Il tuo reso è stato consegnato", "Je retour is bezorgd", "We've received your return"],
)  # fmt: skip
def test_what_a_return_does_is_not_done_by_the_order(said: str) -> None:
    for told in (reading(said, f"Order # {ORDER}"), reading("News for you", f"{said}.", f"Order # {ORDER}")):
        assert (only(told).stage, only(told).reason) == (Stage.UPDATE, "return_requested")
    assert only(reading('Shipped: "The return of the lamp"', f"Order # {ORDER}")).stage is Stage.SHIPPED


def test_a_refund_is_promised_until_the_money_comes() -> None:
    fact = only(reading("Your refund", f"Order # {ORDER}", "Refund total: $12.50"))
    assert fact.refund is not None
    assert fact.refund.amount is not None
    assert (fact.stage, fact.refund.state, str(fact.refund.amount.amount), fact.refund.amount.currency) == (
        Stage.UPDATE,
        RefundState.PROMISED,
        "12.50",
        "USD",
    )


def test_order_mail_without_a_number_is_said_to_be_unread_and_other_mail_is_passed_over() -> None:
    assert reading('Shipped: "A lamp..."', "See your orders").outcome is Outcome.UNREAD
    assert reading("Something new", "See your orders", sender="order-update@amazon.pl").outcome is Outcome.UNREAD
    assert reading("Our best lamps", "Look at them", sender="no-reply@amazon.com").outcome is Outcome.IGNORED
    assert reading("Thanks for your order", "Order # D01-5550123-7788901").outcome is Outcome.IGNORED


def test_a_saved_body_has_its_title_as_subject() -> None:
    link = f'<a href="https://www.amazon.co.uk/gp/css/order-details?orderId={ORDER}">Your order</a>'
    title = "Dispatched: &quot;Tea &amp; toast, a novel...&quot;"
    page = f"<html><head><title>{title}</title></head><body>{link}</body></html>"
    fact = only(read(b"Content-Type: text/html\r\n\r\n" + page.encode(), Context(body_only=True)))
    assert (fact.order, fact.stage, fact.items[0].title) == (ORDER, Stage.SHIPPED, "Tea & toast, a novel...")


def test_quotes_of_every_kind_hold_titles() -> None:
    for title in ('"A lamp"', "“A lamp”", "„A lamp“", "« A lamp »", "「A lamp」"):
        found = quoted_item(f"Delivered: 2 {title} and more")
        assert found is not None
        assert [(item.title, item.quantity) for item in found.value] == [("A lamp", 2)]
        assert unquoted(f"Delivered: {title} and more") == "Delivered: and more"
    assert quoted_item("Delivered: a lamp") is None
    assert unquoted('Delivered: "A lamp that is cut sh') == "Delivered:"
