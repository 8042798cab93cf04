"""Amazon: orders beside session ids of their shape, shipments as parcels, and who may speak for it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from inboxtrack.extractors import amazon, discover
from inboxtrack.mail.message import parse
from inboxtrack.model import Order, Outcome, Role, Stage, Trust
from inboxtrack.orders import fold
from inboxtrack.overview.settings import shipped
from inboxtrack.reader import Context, read
from inboxtrack.scrub import scrub
from tests.amazon_mail import ORDER, OTHER, link, reading
from tests.conftest import FIXTURES
from tests.marketplace_mail import only

SESSION = "143-7712345-1929561"


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


@pytest.mark.parametrize(
    "sender",
    [
        "k3x9@marketplace.amazon.de", "seller-notification@amazon.com", "store-news@amazon.co.uk",
        "digital-no-reply@amazon.com", "no-reply@aws.amazon.com", "thehub@amazon.com", "kdp-support@amazon.com",
    ],
)  # fmt: skip
def test_mail_of_and_to_sellers_and_advertising_is_passed_over(sender: str) -> None:
    assert reading("Delivered: 1 item", f"Order # {ORDER}", sender=sender).outcome is Outcome.IGNORED


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


def test_a_scrubbed_mail_reads_as_before() -> None:
    for name in ("shipped.en", "delivered.de", "ordered_two_orders.en"):
        raw = (FIXTURES / "amazon" / f"{name}.eml").read_bytes()
        before, after = read(raw, Context()), read(scrub(raw, Random(1)), Context())
        told = [
            [(fact.stage, fact.order is None, fact.tracking is None) for fact in one.facts] for one in (before, after)
        ]
        assert told[0] == told[1]
        assert {fact.order for fact in before.facts}.isdisjoint(fact.order for fact in after.facts)
