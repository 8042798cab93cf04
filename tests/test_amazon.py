"""Amazon: subjects that quote any title, orders beside session ids of their shape, and shipments as parcels."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from inboxtrack.extractors import amazon, discover
from inboxtrack.mail.message import parse
from inboxtrack.model import Fact, Order, Outcome, Reading, RefundState, Role, Stage, Trust
from inboxtrack.orders import fold
from inboxtrack.overview_settings import shipped
from inboxtrack.reader import Context, read
from inboxtrack.reading.headed import quoted_item, unquoted
from inboxtrack.scrub import scrub
from tests.conftest import FIXTURES

ORDER, OTHER = "114-5550123-7788901", "114-5550123-7788902"
SESSION = "143-7712345-1929561"
TRACKER = "https://www.amazon.com/progress-tracker/package?orderId={order}&shipmentId={shipment}&packageIndex={index}"


def reading(subject: str, *lines: str, sender: str = "auto-confirm@amazon.com", day: int = 3) -> Reading:
    head = f"From: Amazon <{sender}>\r\nSubject: {subject}\r\nDate: {day:02} Mar 2026 10:00:00 +0000\r\n"
    body = "".join(f"<p>{line}</p>" for line in lines)
    return read((head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + body).encode(), Context())


def link(shipment: str, order: str = ORDER, index: int = 0) -> str:
    url = TRACKER.format(order=order, shipment=shipment, index=index)
    return f'<a href="{url.replace("&", "&amp;")}">Track package</a>'


def only(found: Reading) -> Fact:
    (fact,) = found.facts
    return fact


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


def test_session_ids_in_links_to_products_are_no_orders() -> None:
    product = f'<a href="https://www.amazon.com/Lamp/dp/B0TEST/ref=x/{SESSION}?pf_rd_r={SESSION}">A lamp</a>'
    assert [fact.order for fact in reading("Thanks for your order", f"Order # {ORDER}", product).facts] == [ORDER]
    plain = f"https://www.amazon.com/Lamp/dp/B0TEST/ref=x/{SESSION}"
    assert [fact.order for fact in reading("Thanks for your order", f"Order #{ORDER} {plain}").facts] == [ORDER]
    assert reading("Thanks for your order", product).outcome is Outcome.UNREAD


def test_an_order_that_only_a_link_names_is_read_also_behind_the_click_counter() -> None:
    inner = f"https%3A%2F%2Fwww.amazon.co.uk%2Fgp%2Fcss%2Fsummary%2Fedit.html%3ForderID%3D{ORDER}"
    counted = f'<a href="https://www.amazon.co.uk/gp/r.html?C=1&amp;U={inner}&amp;H=2">Your order</a>'
    assert only(reading("Thanks for your order", counted)).order == ORDER
    strange = f'<a href="https://amazon.example/gp/css?orderID={ORDER}">Your order</a>'
    assert reading("Thanks for your order", strange).outcome is Outcome.UNREAD


@pytest.mark.parametrize("order", [f"1{ORDER}", f"{ORDER}1", f"{ORDER}-1", f"A{ORDER}", "D01-5550123-7788901"])
def test_other_shapes_are_no_orders(order: str) -> None:
    assert reading("Thanks for your order", f"Order # {order}").facts == ()


def test_each_order_of_a_confirmation_is_told_with_its_own_days() -> None:
    first = (f"Order 1 of 2 #{ORDER}", "Arriving: Friday, March 6")
    found = reading("Thanks for your orders", *first, f"Order 2 of 2 #{OTHER}", "Arriving: Monday, March 9")
    assert [(fact.order, fact.stage, fact.eta and fact.eta.last.day) for fact in found.facts] == [
        (ORDER, Stage.PLACED, 6),
        (OTHER, Stage.PLACED, 9),
    ]
    listed = reading(
        "Thanks for your orders", f"#{ORDER}", f"#{OTHER}", "Two orders", *["Terms"] * 9, "Arriving: Friday"
    )
    assert [(fact.order, fact.eta) for fact in listed.facts] == [(ORDER, None), (OTHER, None)]


def test_shipments_are_parcels_that_amazon_alone_knows() -> None:
    found = reading(
        "Shipped: 3 items", f"Order # {ORDER}", link("Kd7xQ2mPb"), link("Kd7xQ2mPb", index=1), link("Bw4hN")
    )
    assert [(fact.tracking, fact.tracking_role) for fact in found.facts] == [
        ("Kd7xQ2mPb", Role.RETAILER_PARCEL),
        ("Kd7xQ2mPb-2", Role.RETAILER_PARCEL),
    ]
    two = reading("Delivered: 2 items", f"# {ORDER}", f"# {OTHER}", link("Kd7xQ2mPb"), link("Bw4hN8sYc", OTHER))
    assert [(fact.order, fact.tracking) for fact in two.facts] == [(ORDER, "Kd7xQ2mPb"), (OTHER, "Bw4hN8sYc")]


@pytest.mark.parametrize(
    "subject",
    ["Ordered: 2 items", "Your order has been cancelled", "Your refund for one item", "Your payment was declined"],
)
def test_what_is_said_of_an_order_is_not_said_of_its_shipment(subject: str) -> None:
    assert only(reading(subject, f"Order # {ORDER}", link("Kd7xQ2mPb"))).tracking is None


def test_the_shipment_ids_of_older_links_are_left_out_because_newer_mail_names_the_same_shipment_otherwise() -> None:
    old = f'<a href="https://www.amazon.com/gp/css/shiptrack/view.html?orderID={ORDER}&amp;orderingShipmentId=85576522188302">'
    assert only(reading("Out for delivery: 1 item", f"Order # {ORDER}", old)).tracking is None


def test_one_shipment_delivered_does_not_end_the_order() -> None:
    told = [
        reading("Ordered: 2 items", f"Order # {ORDER}", day=1),
        reading("Shipped: 1 item", f"Order # {ORDER}", link("Kd7xQ2mPb"), day=2),
        reading("Delivered: 1 item", f"Order # {ORDER}", link("Kd7xQ2mPb"), day=4),
        reading("Shipped: 1 item", f"Order # {ORDER}", link("Bw4hN8sYc"), day=5),
    ]
    facts = [fact for mail in told for fact in mail.facts]
    state = fold(replace(fact, trust=Trust.VERIFIED, key=str(n)) for n, fact in enumerate(facts))
    (order,) = state.orders
    assert (order.stage, order.open, len(order.parcels)) == (Stage.SHIPPED, True, 2)


def test_a_printed_carrier_number_is_the_parcels_and_amazons_id_stands_beside_it() -> None:
    said = "It was sent with UPS. Tracking ID: 1Z999AA10123456784"
    fact = only(reading("Shipped: 1 item", f"Order # {ORDER}", said, link("Kd7xQ2mPb")))
    assert (fact.tracking, fact.carrier, fact.tracking_role) == ("1Z999AA10123456784", "ups", Role.TRACKING)
    assert [(number.value, number.role) for number in fact.also] == [("Kd7xQ2mPb", Role.RETAILER_PARCEL)]
    several = reading("Shipped: 2 items", f"# {ORDER}", said, link("Kd7xQ2mPb"), link("Bw4hN8sYc"))
    assert {fact.tracking for fact in several.facts} == {"Kd7xQ2mPb", "Bw4hN8sYc"}


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


@pytest.mark.parametrize(
    "sender",
    [
        "k3x9@marketplace.amazon.de", "seller-notification@amazon.com", "store-news@amazon.co.uk",
        "digital-no-reply@amazon.com", "no-reply@aws.amazon.com", "thehub@amazon.com", "kdp-support@amazon.com",
    ],
)  # fmt: skip
def test_mail_of_and_to_sellers_and_advertising_is_passed_over(sender: str) -> None:
    assert reading("Delivered: 1 item", f"Order # {ORDER}", sender=sender).outcome is Outcome.IGNORED


def test_order_mail_without_a_number_is_said_to_be_unread_and_other_mail_is_passed_over() -> None:
    assert reading('Shipped: "A lamp..."', "See your orders").outcome is Outcome.UNREAD
    assert reading("Something new", "See your orders", sender="order-update@amazon.pl").outcome is Outcome.UNREAD
    assert reading("Our best lamps", "Look at them", sender="no-reply@amazon.com").outcome is Outcome.IGNORED
    assert reading("Thanks for your order", "Order # D01-5550123-7788901").outcome is Outcome.IGNORED


def test_every_marketplace_is_believed_and_has_its_own_page_of_orders() -> None:
    (extractor,) = [e for e in discover() if e.key == "amazon"]
    pages = shipped("retailers.toml")["orders_pages"]
    for domain in amazon.SENDERS:
        fact = only(reading('Delivered: "A lamp..."', f"Order # {ORDER}", sender=f"order-update@{domain}"))
        assert (fact.retailer, fact.shop) == ("amazon", ())
        order = Order(retailer="amazon", number=ORDER, shop_name=fact.shop_name)
        assert pages[order.site] == f"https://www.{domain}/gp/css/order-history"
        assert order.site in shipped("thresholds.toml")["regions"]
    assert set(amazon.SENDERS) == set(extractor.domains(parse(b"From: x@amazon.de\r\n\r\n")))


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Amazon", "order@secure-account.example"),
        ("Amazon.de", "order@versand.example"),
        ("Orders", "order@amazon-orders.example"),
        ("Orders", "order@arnazon.example"),
        ("Orders", "order@amazon.de.account.example"),
    ],
)
def test_imitations_are_set_aside(name: str, sender: str) -> None:
    head = f"From: {name} <{sender}>\r\nSubject: Your order {ORDER} could not be delivered\r\n"
    found = read((head + f"\r\nOrder # {ORDER}\r\n").encode(), Context())
    assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, "amazon", ())


@pytest.mark.parametrize(
    ("name", "sender", "subject"),
    [
        ("DHL Paket", "noreply@dhl.de", "Ihr Amazon Paket kommt heute"),
        ("Kim", "kim@people.example", f"Re: my Amazon order {ORDER}"),
        ("Deal Letter", "news@deals.example", f"Amazon orders from 9.99, code {ORDER}"),
    ],
)
def test_who_mentions_amazon_imitates_nobody(name: str, sender: str, subject: str) -> None:
    mail = f"From: {name} <{sender}>\r\nSubject: {subject}\r\n\r\nAmazon order {ORDER}\r\n"
    assert read(mail.encode(), Context()).imitates is None


def test_a_saved_body_has_its_title_as_subject() -> None:
    link = f'<a href="https://www.amazon.co.uk/gp/css/order-details?orderId={ORDER}">Your order</a>'
    page = f"<html><head><title>Dispatched: &quot;Tea &amp; toast, a novel...&quot;</title></head><body>{link}</body></html>"
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


def test_a_scrubbed_mail_reads_as_before() -> None:
    for name in ("shipped.en", "delivered.de", "ordered_two_orders.en"):
        raw = (FIXTURES / "amazon" / f"{name}.eml").read_bytes()
        before, after = read(raw, Context()), read(scrub(raw, Random(1)), Context())
        told = [
            [(fact.stage, fact.order is None, fact.tracking is None) for fact in one.facts] for one in (before, after)
        ]
        assert told[0] == told[1]
        assert {fact.order for fact in before.facts}.isdisjoint(fact.order for fact in after.facts)
