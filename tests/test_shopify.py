"""Shopify's mails: whose they are, what an order is called, and what must never leave them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inboxtrack.extractors import discover
from inboxtrack.mail.message import parse
from inboxtrack.model import Outcome, Reading, Stage
from inboxtrack.reader import Context, read
from inboxtrack.reading.shopify import tables
from inboxtrack.reading.shopify_items import expected_days, total
from inboxtrack.reading.shopify_names import below_label, in_header_cell, in_lines, in_subject
from inboxtrack.reading.shopify_parcels import tracked
from inboxtrack.reading.shopify_shop import marks, recognise, shop_of, speaking_domains
from tests.conftest import FIXTURES
from tests.recipe_mail import mail

SHARED = "Kuusi <store+4411002299@t.shopifyemail.com>"
OWN = "Kuusi <orders@mail.kuusi.example>"
STATUS = "https://{host}/{id}/orders/" + "0a1b2c3d" * 4 + "/authenticate?key=shcct_secret"


def link(host: str = "kuusi.example", shop: str = "4411002299") -> str:
    return f'<td class="button__cell"><a href="{STATUS.format(host=host, id=shop)}">View your order</a></td>'


def reading(sender: str, subject: str, body: str) -> Reading:
    return read(mail(sender, subject, body, html=True), Context())


# -- the order's name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Order #1001 confirmed", "1001"),
        ("A shipment from order MC1605 is on the way", "MC1605"),
        ("Order BAK(2)-563319 confirmed", "BAK(2)-563319"),
        ("Your Clay Mug Order 20417 is Confirmed! 🎉", "20417"),
        ("Your order has been picked up (KC-00871)", "KC-00871"),
        ("Your order has been picked up (#KC-00871)", "KC-00871"),
        ("Order no. 4431: it left", "4431"),
        ("Commande n° 2304 confirmée", "2304"),
        ("#8804 ご注文完了", "8804"),
        ("8804 配送のお知らせ", "8804"),
        ("[Kuusi] Payment for #20488 has been received", "20488"),
        ("Order 900.14.", "900.14"),
        ("Update for order #SP-204/A!", "SP-204/A"),
        ("Order Number 100123 confirmed", "100123"),
        ("Order confirmation number: ABC12345", "ABC12345"),
        ("Order #: 100123", "100123"),
        ("Order 24/7", None),
        ("Order 100% cotton", None),
        ("Order 4x4 tyres", None),
        ("Bestellung 10.03.2026", None),
        ("Invoice #2001 for order #1001", "1001"),
        ("Ticket #889 about order #1001", "1001"),
        ("[#889] Re: order 1001", "1001"),
        ("[#1001] Thank you", "1001"),
        ("Ticket #889", None),
        ("Order 2026-03-10", None),
        ("Your order is on the way", None),
        ("Order 2 get 1 free", None),
        ("Order now, pay in 2027", None),
        ("225102はあなたのコードです", None),
    ],
)
def test_the_order_name_stands_anywhere_in_a_subject(subject: str, name: str | None) -> None:
    found = in_subject(subject)
    assert (found.value if found else None) == name


@pytest.mark.parametrize("text", ["Order #1001", "BestellingMC1605", "注文 #8804", "הזמנה #4410", "Pedido ES-77"])
def test_the_header_cell_names_the_order(text: str) -> None:
    found = in_header_cell(parse(mail(SHARED, "x", f'<span class="m_9order-number__text">{text}</span>', html=True)))
    assert found is not None
    assert found.value in ("1001", "MC1605", "8804", "4410", "ES-77")


def test_a_purchase_order_number_or_a_phone_is_no_order_name() -> None:
    assert in_lines(["PO number #4711", "Call 555 0147", "Order within 2 hours"]) is None


@pytest.mark.parametrize("lines", [("Order number", "#1001"), ("Your order:", "1001"), ("Bestellnummer", "1001")])
def test_a_label_names_the_order_on_the_next_line(lines: tuple[str, ...]) -> None:
    found = below_label(("Hello", *lines, "Bye"))
    assert found is not None
    assert found.value == "1001"
    assert below_label(("Order number", "see below", "Order", "3 pieces of soap")) is None


# -- parcels, items, money -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["UPS tracking number: 1Z5R89390357567127"], [("1Z5R89390357567127", "ups")]),
        (["Tracking number: ND6EV0V3JWBEYVK1B3B7"], [("ND6EV0V3JWBEYVK1B3B7", None)]),
        (["Your tracking number: ND6EV0V3JWBEYVK1B3B7"], [("ND6EV0V3JWBEYVK1B3B7", None)]),
        (["Shipment tracking number", "9400111899223197428490"], [("9400111899223197428490", None)]),
        (["UPS tracking numbers:", "1Z5R89390357567127", "1Z879E930346834440"],
         [("1Z5R89390357567127", "ups"), ("1Z879E930346834440", "ups")]),
        (["tracking numbers: 1Z5R89390357567127, 1Z879E930346834440"],
         [("1Z5R89390357567127", "ups"), ("1Z879E930346834440", "ups")]),
        (["They are being shipped via FedEx with tracking number 794609112348. See"], [("794609112348", "fedex")]),
        (["Your tracking number is 9400111899223197428490 (USPS)"], [("9400111899223197428490", "usps")]),
        (["Numéro de suivi Colissimo : 6A11223344556"], [("6A11223344556", "colissimo")]),
        (["DHL Sendungsnummer: 00340 434161 094042557"], [("00340434161094042557", "dhl-de")]),
        (["Track your tracking number any time", "Call 555"], []),
        (["Tracking number: see the app"], []),
        (["Tracking number:", "2026-12-03"], []),
        (["Tracking number:", "12.50 USD"], []),
    ],
)  # fmt: skip
def test_the_tracking_block(lines: list[str], expected: list[tuple[str, str | None]]) -> None:
    parcels = tracked(parse(mail(SHARED, "x", "y")), tuple(lines))
    assert [(p.number.value, p.carrier.value if p.carrier else None) for p in parcels] == expected


def test_the_orders_own_name_is_no_parcel() -> None:
    (fact,) = reading(SHARED, "A shipment from order #100123 is on the way", "<p>Tracking number: 100123</p>").facts
    assert (fact.order, fact.tracking) == ("100123", None)


def test_a_parcels_number_that_is_the_orders_too_is_kept_where_a_carrier_takes_it() -> None:
    label = '<span class="order-number__text">Order {0}</span><p>Tracking number: {0}</p>'
    for number, tracking in (("1Z999AA10123456784", "1Z999AA10123456784"), ("TP-9021", None), ("100000020417", None)):
        (fact,) = reading(SHARED, f"Order {number} has shipped", label.format(number)).facts
        assert (fact.order, fact.tracking) == (number, tracking)


def test_totals_and_days_stand_on_their_line_or_the_next() -> None:
    found = total(("Subtotal", "$9.00 USD", "Total", "$12.50 USD"))
    assert found is not None
    assert str(found.value.amount) == "12.50"
    assert total(("Total", "$12.50")) is None
    sent = parse(mail(SHARED, "x", "y")).at.date()
    days = expected_days(("Estimated delivery date:", "December 3, 2026"), sent)
    assert days is not None
    assert days.value.first.isoformat() == "2026-12-03"


# -- whose it is ---------------------------------------------------------------------------------------------------


def test_the_shared_sender_proves_its_shop_id_and_no_domain() -> None:
    shared = parse(mail(SHARED, "x", link(), html=True))
    assert shop_of(shared).key == "shopify:4411002299"
    assert shop_of(shared).names == ("shopify:4411002299",)
    assert speaking_domains(shared) == ("shopifyemail.com",)


@pytest.mark.parametrize("sender", [SHARED, OWN])
def test_a_link_to_another_shop_gives_no_further_name(sender: str) -> None:
    forged = parse(mail(sender, "x", link(host="hismileteeth.com", shop="9164078"), html=True))
    assert len(shop_of(forged).names) == 1
    assert not {"hismileteeth.com", "shopify:9164078"} & set(shop_of(forged).names)


def test_a_shop_with_its_own_domain_is_that_domain() -> None:
    own = parse(mail(OWN, "x", link(), html=True))
    assert shop_of(own).key == "kuusi.example"
    assert shop_of(own).names == ("kuusi.example",)
    assert speaking_domains(own) == ("kuusi.example",)


@pytest.mark.parametrize(
    "sender", ["Kuusi <no-reply@parcelpanel.net>", "Kuusi <kuusi@gmail.com>", "x <x@y.parcelpanel.com>"]
)
def test_apps_and_free_mailers_speak_for_no_shop(sender: str) -> None:
    assert speaking_domains(parse(mail(sender, "x", link(), html=True))) == ()
    assert shop_of(parse(mail(sender, "x", link(), html=True))).key == "kuusi.example"


def test_one_mark_is_not_enough() -> None:
    newsletter = parse(mail(OWN, "Spring is on the way", '<img src="https://cdn.shopify.com/a.png">', html=True))
    assert marks(newsletter) == 1
    assert not recognise(newsletter)
    two = '<img src="https://cdn.shopify.com/a.png"><p class="disclaimer__subtext">x</p>'
    assert recognise(parse(mail(OWN, "x", two, html=True)))


# -- what it says --------------------------------------------------------------------------------------------------


def test_the_order_status_link_never_leaves_the_mail() -> None:
    for golden in sorted((FIXTURES / "shopify").glob("*.json")) + sorted((FIXTURES / "hismile").glob("*.json")):
        text = golden.read_text("utf-8")
        assert "authenticate" not in text, golden
        assert "://" not in text, golden
    body = f"Order #1001\n\nYour order is on the way\n\nUPS tracking number: 1Z5R89390357567127 ( {STATUS} )\n"
    plain = read(mail(SHARED, "Order #1001", body.format(host="kuusi.example", id="1")), Context())
    assert plain.facts[0].tracking == "1Z5R89390357567127"
    assert "shcct" not in repr(plain)


def test_a_progress_bar_is_no_step() -> None:
    bar = "<ul><li>Confirmed</li><li>Shipped</li><li>Out for delivery</li><li>Delivered</li></ul>"
    (fact,) = reading(SHARED, "About order #1001", f"<h1>Hello</h1>{bar}").facts
    assert fact.stage is Stage.UPDATE


def test_what_will_be_is_no_step() -> None:
    body = (
        "<p>We will notify you when your order has been delivered.</p><p>You'll see it once it is out for delivery.</p>"
    )
    (fact,) = reading(SHARED, "About order #1001", body).facts
    assert fact.stage is Stage.UPDATE


@pytest.mark.parametrize(
    "sentence",
    ["Your payment has been handed over to the bank.", "You can choose to have it delivered to a pickup point."],
)
def test_what_is_handed_over_or_brought_to_a_pickup_point_is_a_parcel(sentence: str) -> None:
    (fact,) = reading(SHARED, "About order #1001", f"<p>{sentence}</p>").facts
    assert fact.stage is Stage.UPDATE


@pytest.mark.parametrize("language", ["en", "fr", "de", "nl", "da", "es", "it", "pt", "ja", "he"])
def test_every_language_tells_the_main_steps(language: str) -> None:
    told = {p.step.stage for p in tables()["step"].phrases if p.language == language and not p.step.ignored}
    assert told >= {Stage.PLACED, Stage.SHIPPED, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED, Stage.CANCELLED, Stage.UPDATE}


def test_marketing_with_an_order_word_is_ignored_and_order_news_with_an_unsubscribe_link_is_not() -> None:
    leave = '<a href="https://kuusi.example/u">Unsubscribe</a>'
    assert reading(SHARED, "30% off", f"<p>Order #1 today, shipped today.</p>{leave}").outcome is Outcome.IGNORED
    (fact,) = reading(SHARED, "Order #1001 confirmed", f"<p>Thanks</p>{leave}").facts
    assert fact.stage is Stage.PLACED


def test_a_step_without_any_number_is_said_to_be_unread() -> None:
    assert reading(SHARED, "Your order is on the way", "<h1>Hooray</h1>").outcome is Outcome.UNREAD


def test_an_order_mail_of_unknown_words_that_lost_its_name_is_unread_too() -> None:
    for cell in ("Order", "Bestelling #", "Commande n°"):
        body = f'<span class="order-number__text">{cell}</span><p>The handle comes in walnut instead of oak.</p>'
        assert reading(SHARED, "A note", body).outcome is Outcome.UNREAD, cell
    assert reading(SHARED, "A note", "<p>The handle comes in walnut.</p>").outcome is Outcome.IGNORED


def test_the_subject_alone_makes_stock_mails_candidates() -> None:
    subjects = next(e for e in discover() if e.key == "shopify").subjects
    assert subjects is not None
    fixtures = [json.loads(p.read_text("utf-8")) for p in sorted((FIXTURES / "shopify").glob("*.json"))]
    told = [f["subject"] for f in fixtures if f["outcome"] == "read" and "shopifyemail" not in f["sender"]]
    assert len(told) > 10
    missed = [subject for subject in told if not subjects.search(subject)]
    assert missed == ["Update voor FH-4410"]
    assert not subjects.search("Lunch on Friday?")


def test_fixtures_hold_no_real_shop() -> None:
    for path in sorted(Path(FIXTURES / "shopify").glob("*.eml")):
        assert b"myshopify.com" not in path.read_bytes(), path


def test_a_broken_shop_number_in_the_link_costs_the_reference_alone() -> None:
    raw = (FIXTURES / "shipstation" / "in_transit.en.eml").read_bytes()
    (whole,) = read(raw, Context()).facts
    (broken,) = read(raw.replace(b"order_number=3DTVktNzcx", b"order_number=3DTVkt=C3=A9"), Context()).facts
    assert whole.also
    assert (broken.tracking, broken.also) == (whole.tracking, ())
