"""Hismile: six shops, one retailer; marketing from the same domain; nobody else's mail."""

from __future__ import annotations

import pytest

from inboxtrack.extractors import hismile
from inboxtrack.mail.message import parse
from inboxtrack.model import Outcome, Stage, Trust
from inboxtrack.reader import Context, read
from tests.recipe_mail import mail

OWN = "Hismile <help.orders@hismileteeth.com>"
SHIPPED = "<h2>Your order is on the way</h2><p>FedEx tracking number: 794609112348</p><p>Total</p><p>$20.00</p>"


@pytest.mark.parametrize(("region", "shop"), sorted(hismile.SHOP_IDS.items()))
def test_every_region_is_one_retailer_with_its_shop_as_another_name(region: str, shop: str) -> None:
    sender = f"Hismile <store+{shop}@t.shopifyemail.com>"
    reading = read(mail(sender, f"Order #{region}1234567 confirmed", SHIPPED, html=True), Context())
    (fact,) = reading.facts
    assert (reading.extractor, fact.retailer, fact.order) == ("hismile", "hismile", f"{region}1234567")
    host = "hismileteeth.com" if region == "AU" else f"{region.lower()}.hismileteeth.com"
    assert fact.shop == (host, f"shopify:{shop}")
    assert (fact.total.currency if fact.total else None) == hismile.DOLLARS.get(region)
    assert hismile.domains(parse(mail(sender, "x", "y"))) == ("hismileteeth.com", "shopifyemail.com")


def test_the_region_is_told_by_the_shop_id_where_no_number_tells_it() -> None:
    sender = f"Hismile <store+{hismile.SHOP_IDS['CA']}@t.shopifyemail.com>"
    (fact,) = read(mail(sender, "Your order is on the way", SHIPPED, html=True), Context()).facts
    assert fact.order is None
    assert (fact.tracking, fact.stage, fact.shop[1]) == ("794609112348", Stage.SHIPPED, "shopify:11509858404")


def test_the_number_of_its_own_shape_beats_what_stands_behind_order() -> None:
    reading = read(mail(OWN, "Order 2 of 2 is on the way: AU1234567", SHIPPED, html=True), Context())
    assert [fact.order for fact in reading.facts] == ["AU1234567"]


@pytest.mark.parametrize(
    "sender",
    [
        "Hismile <store+4444444@t.shopifyemail.com>",
        "Hismile <orders@hismile-shop.example>",
        "Hismile <help@hismileteeth.com.parcel.example>",
    ],
)
def test_another_shop_that_calls_itself_hismile_is_set_aside(sender: str) -> None:
    reading = read(mail(sender, "A shipment from order AU1234567 is on the way", SHIPPED, html=True), Context())
    assert (reading.outcome, reading.imitates) == (Outcome.QUARANTINED, "hismile")


def test_the_platform_alone_is_not_believed_for_hismile() -> None:
    reading = read(
        mail("X <store+4444444@t.shopifyemail.com>", "Order AU1234567 confirmed", SHIPPED, html=True), Context()
    )
    assert reading.extractor == "shopify"
    assert {fact.retailer for fact in reading.facts} == {"shopify:4444444"}
    assert reading.trust is Trust.UNVERIFIED


@pytest.mark.parametrize("subject", ["You left something behind...", "WELCOME10 inside", "New: V34 Serum has arrived"])
def test_marketing_is_ignored(subject: str) -> None:
    body = '<h1>Shop now</h1><a href="https://manage.kmail-lists.com/subscriptions/unsubscribe?a=X">Unsubscribe</a>'
    assert read(mail(OWN, subject, body, html=True), Context()).outcome is Outcome.IGNORED
