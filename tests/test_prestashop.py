"""PrestaShop: an order of nine capitals only where the text says that it is one; the parcel in the carrier's link."""

from __future__ import annotations

import pytest

from inboxtrack.extractors import discover, is_candidate
from inboxtrack.mail.message import parse_headers
from inboxtrack.model import Outcome, Reading, Stage
from inboxtrack.reader import Context, read
from inboxtrack.reading.patterns import PatternError, compile_pattern
from tests.recipe_mail import mail

MARKS = (
    '<div class="mj-column-per-100 mj-outlook-group-fix"><a href="https://clay.example/" style="color:#25B9D7">Clay</a>'
)
GLS = '<a href="https://gls-group.eu/DE/de/paketverfolgung?match=50346007538">track</a>'


def reading(subject: str, *lines: str) -> Reading:
    body = "<html>" + MARKS + "".join(f"<p>{line}</p>" for line in lines) + "</div>"
    return read(mail("Clay <contact@clay.example>", subject, body, html=True), Context())


def orders(*lines: str) -> list[str | None]:
    return [fact.order for fact in reading("[Clay] Shipped", *lines).facts]


@pytest.mark.parametrize(
    ("subject", "stage", "reason"),
    [
        ("[Clay] Order confirmation", Stage.PLACED, None),
        ("Payment accepted", Stage.PLACED, "payment_received"),
        ("[Clay] Processing in progress", Stage.PREPARING, None),
        ("[Clay] Package in transit", Stage.SHIPPED, None),
        ("[Clay] Delivered", Stage.DELIVERED, None),
        ("[Clay] Annulé", Stage.CANCELLED, None),
        ("[Clay] Rimborsato", Stage.UPDATE, None),
        ("[Clay] Payment error", Stage.UPDATE, "payment_failed"),
        ("[Clay] Something of its own", Stage.UPDATE, "unknown_step"),
    ],
)
def test_subjects_are_the_names_of_order_states(subject: str, stage: Stage, reason: str | None) -> None:
    (fact,) = reading(subject, "Your order with the reference QWZKTRBLM has news.").facts
    assert (fact.retailer, fact.order, fact.stage, fact.reason) == ("clay.example", "QWZKTRBLM", stage, reason)


@pytest.mark.parametrize(
    "line", ["Order ID QWZKTRBLM - In transit", "Order: QWZKTRBLM Placed on 02/11/2026", "votre référence QWZKTRBLM",
             "Commande : QWZKTRBLM Passée le 02/11/2026"]
)  # fmt: skip
def test_the_reference_is_read_where_the_text_says_that_it_is_one(line: str) -> None:
    assert orders(line) == ["QWZKTRBLM"]


@pytest.mark.parametrize(
    "line", ["Reference", "QWZKTRBLM", "Order: IMPORTANT", "Commande : IMPORTANT news", "with the reference qwzktrblm",
             "with the reference QWZKTRBLMN", "with the reference below"]
)  # fmt: skip
def test_other_capitals_are_no_order(line: str) -> None:
    assert reading("[Clay] Shipped", line).outcome is Outcome.UNREAD


def test_the_article_code_of_a_product_table_is_no_order() -> None:
    table = "<table><tr><th>Reference</th><th>Product</th></tr><tr><td>MUGBLUEXL</td><td>Mug</td></tr></table>"
    assert orders("with the reference QWZKTRBLM", table) == ["QWZKTRBLM"]
    assert reading("[Clay] Order confirmation", table).outcome is Outcome.UNREAD


def test_a_module_that_makes_numbers_of_references_is_read() -> None:
    assert orders("Your order with the reference 2026-00417 has been shipped.") == ["2026-00417"]


def test_the_parcel_stands_in_the_carriers_link_once_it_is_on_its_way() -> None:
    (fact,) = reading("[Clay] Package in transit", "with the reference QWZKTRBLM", GLS).facts
    assert (fact.tracking, fact.carrier) == ("50346007538", "gls")
    (fact,) = reading("[Clay] Order confirmation", "with the reference QWZKTRBLM", GLS).facts
    assert fact.tracking is None


def test_the_older_layout_is_read_too() -> None:
    body = (
        '<html><table class="table table-mail"><tr><td>Hi Mira,</td></tr><tr><td>Your order with the reference '
        '<strong>QWZKTRBLM</strong> has been shipped.</td></tr><tr><td><a href="https://clay.example/">Clay</a> '
        'powered by <a href="http://www.prestashop.com/">PrestaShop™</a></td></tr></table>'
    )
    (fact,) = read(mail("Clay <contact@clay.example>", "[Clay] Shipped", body, html=True), Context()).facts
    assert (fact.order, fact.stage, fact.retailer) == ("QWZKTRBLM", Stage.SHIPPED, "clay.example")


def test_other_mail_in_the_same_layout_engine_is_not_taken_for_it() -> None:
    body = '<html><div class="mj-outlook-group-fix">Your order with the reference QWZKTRBLM has been shipped.</div>'
    assert read(mail("Clay <contact@clay.example>", "Shipped", body, html=True), Context()).outcome is Outcome.FOREIGN


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("[Clay] Shipped", True),
        ("Delivered", True),
        ("[Brume et Sel] Remboursé", True),
        ("[Clay] Order confirmation", True),
        ("Fresh food delivered to your door", False),
        ("Webinar canceled", False),
    ],
)
def test_a_step_in_one_word_makes_a_header_a_candidate_only_as_the_whole_subject(subject: str, told: bool) -> None:
    (prestashop,) = [extractor for extractor in discover() if extractor.key == "prestashop"]
    assert is_candidate(parse_headers(mail("Clay <contact@clay.example>", subject, "")), [prestashop]) is told


def test_a_reference_is_an_orders_alone() -> None:
    assert compile_pattern("reference {reference}", "order").kind == "order"
    for written, kind in (("code {reference}", "tracking"), ("{reference} {order} here", "order")):
        with pytest.raises(PatternError, match="it may hold"):
            compile_pattern(written, kind)
