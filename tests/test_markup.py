"""schema.org markup: bounded, believed only from a confirmed sender, speaking only for its domain."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from inboxtrack.mail.message import parse
from inboxtrack.model import Item, Outcome, Reading, Stage
from inboxtrack.reader import Context, read
from inboxtrack.reading.markup import nodes

TYPES = frozenset({"Order", "ParcelDelivery"})
UPS = "1Z999AA10123456784"


def mail(html: str, *, domain: str = "papermoth.shop", results: str = "pass", proof: bool = True) -> bytes:
    head = []
    if proof:
        head = [
            f"Received: from mta.{domain} by mx.google.com with ESMTPS id q7; Tue, 10 Feb 2026 01:12:01 -0800 (PST)",
            f"Authentication-Results: mx.google.com; dkim={results} header.i=@{domain}; dmarc={results}",
        ]
    head += [f"From: Shop <orders@{domain}>", "Subject: Your Papermoth order", "Date: Tue, 10 Feb 2026 09:12:00 +0000"]
    return ("\n".join(head) + "\nContent-Type: text/html; charset=utf-8\n\n" + html).encode()


def script(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps({"@context": "https://schema.org", **value})
    return f'<html><body><script type="application/ld+json">{text}</script><p>Hello</p></body></html>'


def order(**fields: Any) -> str:
    return script({"@type": "Order", "orderNumber": "PM-1", **fields})


def reading(html: str, **how: Any) -> Reading:
    return read(mail(html, **how), Context())


def test_confirmed_sender_is_believed() -> None:
    result = reading(order(orderStatus="http://schema.org/OrderCancelled"))
    assert result.outcome is Outcome.READ
    (fact,) = result.facts
    assert (fact.retailer, fact.order, fact.stage) == ("papermoth.shop", "PM-1", Stage.CANCELLED)


@pytest.mark.parametrize("how", [{"proof": False}, {"results": "none"}, {"results": "fail"}, {"domain": "gmail.com"}])
def test_nobody_else_is(how: dict[str, Any]) -> None:
    result = reading(order(), **how)
    assert result.outcome in (Outcome.FOREIGN, Outcome.QUARANTINED)
    assert result.facts == ()


def test_a_mailbox_set_to_believe_believes() -> None:
    believing = Context(unverified="believe")
    assert read(mail(order(), proof=False), believing).outcome is Outcome.READ


def test_the_retailer_is_the_senders_domain_whoever_the_merchant_is() -> None:
    (fact,) = reading(
        order(merchant={"@type": "Organization", "name": "AliExpress"}), domain="mail.papermoth.shop"
    ).facts
    assert fact.retailer == "papermoth.shop"
    assert fact.shop_name is None, "a known retailer's name is shown for its own mail alone"


@pytest.mark.parametrize(
    ("status", "alone", "with_parcel"),
    [
        (None, Stage.PLACED, Stage.SHIPPED),
        ("OrderProcessing", Stage.PLACED, Stage.PREPARING),
        ("https://schema.org/OrderInTransit", Stage.IN_TRANSIT, Stage.IN_TRANSIT),
        ("OrderDelivered", Stage.SHIPPED, Stage.DELIVERED),
        ("OrderProblem", Stage.EXCEPTION, Stage.EXCEPTION),
        ("OrderReturned", Stage.RETURNED, Stage.RETURNED),
        ("OrderMadeUp", Stage.PLACED, Stage.SHIPPED),
    ],
)
def test_status(status: str | None, alone: Stage, with_parcel: Stage) -> None:
    said = {"orderStatus": status} if status else {}
    (bare,) = reading(order(**said)).facts
    (carried,) = reading(order(orderDelivery={"@type": "ParcelDelivery", "trackingNumber": UPS}, **said)).facts
    assert (bare.stage, carried.stage) == (alone, with_parcel)
    assert (carried.tracking, carried.carrier, carried.order) == (UPS, "ups", "PM-1")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 50_000,
        '{"@type":' * 20_000,
        '{"@context":"schema.org","@type":"Order","orderNumber":{"@type":"Order"}}',
        '{"@context":"schema.org","@type":"Order","orderNumber":"' + "9" * 500 + '"}',
        '{"@context":"schema.org","@type":"Order","orderNumber":"<b>1</b>"}',
        '{"@context":"schema.org","@type":"Order","orderNumber":true}',
        '{"@context":"schema.org","@type":"Order","orderNumber":null}',
        '{"@context":"schema.org","@type":"Order","price":"NaN","priceCurrency":"EUR"}',
    ],
)
def test_broken_or_hostile_markup_gives_no_order(text: str) -> None:
    began = time.process_time()
    assert reading(script(text)).facts == ()
    assert time.process_time() - began < 2


def test_markup_that_can_no_longer_be_read_is_said_aloud() -> None:
    broken = '{"@context": "http://schema.org", "@type": "Order", "orderNumber": , "orderStatus": "OrderDelivered"}'
    assert reading(script(broken)).outcome is Outcome.UNREAD
    assert reading(script(broken), proof=False).outcome is Outcome.FOREIGN
    assert reading(script(broken.replace('"Order"', '"Product"'))).outcome is Outcome.FOREIGN


def test_a_parcels_number_may_stand_in_the_link_to_its_carrier() -> None:
    for url, told in (
        (f"https://www.ups.com/track?tracknum={UPS}", (UPS, "ups")),
        ("https://papermoth.shop/t/1", None),
    ):
        (fact,) = reading(order(orderDelivery={"@type": "ParcelDelivery", "trackingUrl": url})).facts
        assert (fact.order, fact.tracking, fact.carrier) == ("PM-1", *(told or (None, None)))
        assert not any("https" in evidence.text for evidence in fact.evidence)


def test_amounts_days_and_items_are_checked() -> None:
    (fact,) = reading(
        order(
            price="Infinity",
            priceCurrency="EUR",
            acceptedOffer=[
                {"itemOffered": {"name": "Pen\u202e\u0000"}, "eligibleQuantity": {"value": "-3"}},
                "nothing",
            ],
            orderDelivery={"@type": "ParcelDelivery", "trackingNumber": UPS, "expectedArrivalUntil": "soon"},
        )
    ).facts
    assert fact.total is None
    assert fact.eta is None
    assert fact.items == (Item("Pen", 1),)


def test_number_of_facts_and_nodes_is_bounded() -> None:
    many = script({"@graph": [{"@type": "Order", "orderNumber": f"PM-{n}"} for n in range(1_500)]})
    assert len(reading(many).facts) == 20
    assert len(nodes(parse(mail(many)), TYPES)) <= 500


@pytest.mark.parametrize(
    "html",
    [
        '<script type="application/ld+json">schema.org ' * 10_000,
        '<div itemscope itemtype="https://schema.org/Order" itemprop="x">' * 5_000,
        '<div itemscope itemtype="https://schema.org/Order"><b itemprop="orderNumber">' * 5_000,
    ],
)
def test_endless_markup_ends(html: str) -> None:
    began = time.process_time()
    read(mail(html), Context())
    assert time.process_time() - began < 5


def test_microdata_scopes_do_not_mix() -> None:
    html = (
        '<div itemscope itemtype="https://schema.org/Order"><b itemprop="orderNumber">A-1</b>'
        '<div itemscope itemtype="https://schema.org/Person"><b itemprop="orderNumber">B-2</b></div>'
        '<div itemprop="seller" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ada</b></div></div>'
    )
    (fact,) = reading(html).facts
    assert (fact.order, fact.shop_name) == ("A-1", "Ada")


def test_every_told_field_has_its_evidence() -> None:
    (fact,) = reading(order(orderStatus="OrderInTransit", price="10.00", priceCurrency="EUR")).facts
    assert {said.field for said in fact.evidence} == {"retailer", "order", "stage", "total"}
