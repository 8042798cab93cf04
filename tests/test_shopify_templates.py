"""Shopify's own notification templates, rendered with invented values, read right (skipped without the corpus)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest

from inboxtrack.model import Fact, Outcome, Reading, Refund, RefundState, Stage
from inboxtrack.reader import Context, read
from tests.conftest import corpus
from tests.recipe_mail import mail as written

FOLDER = (corpus() or Path("/nonexistent")) / "shopify-templates"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the corpus is not here")

NAMES = ("#1001", "MC1605", "BAK(2)-563319", "PP3024", "#SP-204/A", "#77220-EU", "900.14")
NUMBERS = ("1Z5R89390357567127", "YT2626900701670433", "00340434161094042557")

SUBJECTS = {
    "order-confirmation": "Order {name} confirmed",
    "shipping-confirmation": "A shipment from order {name} is on the way",
    "shipping-update": "Shipping update for order {name}",
    "shipment-out-for-delivery": "A shipment from order {name} is out for delivery",
    "shipment-delivered": "A shipment from order {name} has been delivered",
    "order-canceled": "Order {name} has been canceled",
    "order-cancelled": "Order {name} cancelled",
    "order-refund": "Refund notification",
    "refund-notification": "Refund Notification",
    "pos-and-mobile-receipt": "Receipt for order {name}",
}
FRENCH = {
    "order-confirmation": "Commande {name} confirmée",
    "shipping-confirmation": "Un envoi de la commande {name} est en cours",
    "shipping-update": "Mise à jour de la livraison pour la commande {name}",
    "order-cancelled": "La commande {name} a été annulée",
    "refund-notification": "Remboursement",
    "pos-and-mobile-receipt": "Reçu pour la commande {name}",
}
STAGES = {
    "order-confirmation": Stage.PLACED,
    "shipping-confirmation": Stage.SHIPPED,
    "shipping-update": Stage.SHIPPED,
    "shipment-out-for-delivery": Stage.OUT_FOR_DELIVERY,
    "shipment-delivered": Stage.DELIVERED,
    "order-canceled": Stage.CANCELLED,
    "order-cancelled": Stage.CANCELLED,
    "order-refund": Stage.UPDATE,
    "refund-notification": Stage.UPDATE,
}
CASES = {
    "all": {"item_count": 3, "shipped": 3, "status": "fulfilled", "coverage": "all"},
    "some": {"item_count": 3, "shipped": 2, "status": "partial", "coverage": "some"},
    "one": {"item_count": 3, "shipped": 1, "status": "partial", "coverage": "some"},
    "last ones": {"item_count": 3, "shipped": 2, "status": "fulfilled", "coverage": "rest"},
    "last one": {"item_count": 3, "shipped": 1, "status": "fulfilled", "coverage": "rest"},
}
SHIPMENTS = frozenset(stem for stem in STAGES if stem.startswith("ship") and stem != "shipping-update")


class Values(dict[str, Any]):
    """A Liquid object: a missing attribute is nil, and `.size`, `.first`, `.last` work on lists."""


class Nil(jinja2.ChainableUndefined):
    """Liquid's nil: prints nothing, is greater than nothing."""

    def _never(self, _other: object) -> bool:
        return False

    __lt__ = __gt__ = __le__ = __ge__ = _never  # type: ignore[assignment]  # Jinja's own raise


def _environment() -> jinja2.Environment:
    class Environment(jinja2.Environment):
        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, list | tuple):
                return {"size": len(obj), "first": obj[0] if obj else None, "last": obj[-1] if obj else None}[attribute]
            return obj.get(attribute, self.undefined()) if isinstance(obj, dict) else self.undefined()

    environment = Environment(undefined=Nil, finalize=_printed)
    environment.filters |= {
        "money": lambda amount: f"${amount}",
        "money_with_currency": lambda amount: f"${amount} USD",
        "date": lambda value, _format="": "December 3, 2026",
        "shopify_asset_url": lambda value: "https://cdn.shopify.com/" + str(value),
        "size": lambda value: len(value or ()),
        "plus": lambda a, b: (a or 0) + b,
        "minus": lambda a, b: float(a or 0) - float(b or 0),
        "times": lambda a, b: float(a or 0) * float(b or 0),
        "downcase": lambda value: str(value).lower(),
        "upcase": lambda value: str(value).upper(),
        "prepend": lambda value, text: text + str(value),
    }
    return environment


def _printed(value: Any) -> Any:
    if isinstance(value, list):
        return "".join(map(str, value))
    return "" if value is None else value


def jinja_of(liquid: str) -> str:
    """A Liquid template in Jinja's spelling; enough for Shopify's notification templates."""

    def tag(hit: re.Match[str]) -> str:
        words = re.sub(r"\s+", " ", hit[1]).strip()
        verb, _, rest = words.partition(" ")
        rest = re.sub(r"(\S+) contains (\S+)", r"(\2 in (\1 or ''))", rest).replace("has_high_risks?", "has_high_risks")
        if verb == "case":
            subject.append(rest)
            return "{% if false %}"
        if verb == "when":
            return f"{{% elif {subject[-1]} == {rest} %}}"
        names = {"elsif": "elif", "unless": "if", "endunless": "endif", "endcase": "endif", "assign": "set"}
        names |= {"capture": "set", "endcapture": "endset"}
        verb_now = names.get(verb, verb)
        condition = f"not ({rest})" if verb == "unless" else rest
        return "{% " + verb_now + (" " + _filters(condition) if rest else "") + " %}"

    subject: list[str] = []
    text = re.sub(r"<!--.*?-->", "", liquid, flags=re.S)
    text = re.sub(r"\{%(.*?)%\}(?:\s*(?=\{% when))?", tag, text, flags=re.S)
    return re.sub(r"\{\{(.*?)\}\}", lambda hit: "{{" + _filters(hit[1]) + "}}", text, flags=re.S)


def _filters(expression: str) -> str:
    return re.sub(r"\|\s*(\w+)\s*:\s*([^|]+?)\s*(?=\||$)", r"| \1(\2)", expression)


def values(name: str, numbers: tuple[str, ...], case: dict[str, Any]) -> dict[str, Any]:
    """What Shopify fills in; everything is invented."""
    address = Values(name="Mira Holm", first_name="Mira", street="Farm Road 7", address1="Farm Road 7", zip="20041",
                     city="Oldtown", province="ON", country="Canada", address2=None)  # fmt: skip
    titles = ["Linen Apron", "Clay Mug", "Oak Board"]
    prices = {"price": "12.00", "line_price": "12.00", "original_line_price": "12.00"}
    variant = Values(title="Default Title")
    lines = [Values(title=t, quantity=1, **prices, product=Values(title=t), variant=variant) for t in titles]
    shipped = [Values(line_item=line, title=line["title"], quantity=1) for line in lines[: case["shipped"]]]
    fulfillment = Values(
        item_count=case["shipped"],
        line_items=shipped,
        fulfillment_line_items=shipped,
        tracking_company="UPS" if numbers else None,
        tracking_numbers=list(numbers),
        tracking_number=numbers[0] if numbers else None,
        tracking_urls=[f"https://parcels.example/t/{n}" for n in numbers],
        tracking_url=f"https://parcels.example/t/{numbers[0]}" if numbers else None,
        estimated_delivery_at="2026-12-03",
    )
    return {
        "name": name, "order_name": name, "shop_name": "Clay & Linen", "line_items": lines, "fulfillment": fulfillment,
        "item_count": case["item_count"], "fulfillment_status": case["status"], "requires_shipping": True,
        "unfulfilled_line_items": [] if case["status"] == "fulfilled" else [1], "cancel_reason": "inventory",
        "shop": Values(name="Clay & Linen", url="https://clay.example", email="hi@clay.example", domain="clay.example"),
        "customer": Values(name="Mira Holm", first_name="Mira"), "billing_address": address, "amount": 24,
        "shipping_address": address, "financial_status": "refunded", "subtotal_price": "36.00", "total_price": "41.00",
        "shipping_price": "5.00", "refund_line_items": shipped, "blank": None, "nil": None, "transactions": [],
        "shipping_method": Values(title="Standard"), "order_status_url":
        f"https://clay.example/12345678/orders/{'0a1b2c3d' * 4}/authenticate?key=secret", "date": "2026-11-20",
    }  # fmt: skip


def mail(subject: str, body: str, *, html: bool) -> bytes:
    return written("Clay & Linen <store+12345678@t.shopifyemail.com>", subject, body, html=html)


@cache
def compiled(path: Path) -> jinja2.Template:
    """A template; filters that only shape links and pictures leave their value as it is."""
    source, environment = jinja_of(path.read_text("utf-8")), _environment()
    for unknown in set(re.findall(r"\|\s*(\w+)", source)) - set(environment.filters):
        environment.filters[unknown] = lambda value, *_: value
    return environment.from_string(source)


def render(path: Path, name: str, numbers: tuple[str, ...], case: dict[str, Any]) -> Reading:
    """What a template is read as, filled in and sent by a shop."""
    text = compiled(path).render(values(name, numbers, case))
    first, _, rest = text.partition("\n")
    printed = first.removeprefix("Subject:").strip() if first.startswith("Subject:") else None
    table = FRENCH if "fr-" in str(path) else SUBJECTS
    stock = table.get(path.stem, "News from Clay & Linen").format(name=name)
    subject = printed or (f"Bestelling {name}" if "nl-" in str(path) and path.stem in STAGES else stock)
    return read(mail(subject, rest if printed else text, html=path.suffix != ".txt"), Context())


def templates(stems: frozenset[str] | dict[str, Stage]) -> list[Path]:
    found = sorted(FOLDER.rglob("*.html")) + sorted(FOLDER.rglob("*.txt")) + sorted(FOLDER.rglob("*.liquid"))
    return [path for path in found if path.stem in stems and path.parent.name != "output"]


def cases() -> Iterator[tuple[Path, str, int, str]]:
    """Each template with every case of shipment, and names and numbers in turn."""
    names, counts = itertools.cycle(NAMES), itertools.cycle((0, 1, 2, 3))
    for path in templates(STAGES):
        several = "tracking_numbers" in path.read_text("utf-8") and path.suffix != ".liquid"
        for case in CASES if path.stem in SHIPMENTS else ("all",):
            for _ in NAMES[:4] if path.stem.startswith("ship") else NAMES:
                yield path, next(names), min(next(counts), 3 if several else 1), case


def label(path: Path) -> str:
    return str(path.relative_to(FOLDER)) if FOLDER in path.parents else path.name


def _check(fact: Fact, path: Path, name: str, case: str) -> None:
    assert fact.order == name.lstrip("#")
    assert fact.stage is STAGES[path.stem]
    assert fact.retailer == "shopify:12345678"
    if path.stem in SHIPMENTS:
        assert fact.coverage.value == CASES[case]["coverage"]


def test_every_order_template_reads_right() -> None:
    seen = 0
    for path, name, count, case in cases():
        reading = render(path, name, NUMBERS[:count], CASES[case])
        where = f"{label(path)} {name} {count} {case}: {reading.reason}"
        assert reading.outcome is Outcome.READ, where
        for fact in reading.facts:
            try:
                _check(fact, path, name, case)
            except AssertionError as error:
                raise AssertionError(where) from error
        text = path.read_text("utf-8")
        shown = NUMBERS[:count] if "tracking_number" in text else ()
        assert [fact.tracking for fact in reading.facts if fact.tracking] == list(shown), where
        assert "secret" not in repr(reading), where
        seen += 1
    assert seen >= 200


@pytest.mark.parametrize("stem", ["order-canceled", "order-cancelled", "order-refund", "refund-notification"])
def test_cancellations_and_refunds_say_what_becomes_of_the_money(stem: str) -> None:
    for path in templates(frozenset([stem])):
        (fact,) = render(path, "#1001", (), CASES["all"]).facts
        if "refund" in stem:
            assert str(fact.refund).count("Decimal('24')") == 1, label(path)
        else:
            assert fact.reason == "not_enough_stock", label(path)
            if "refunded" in path.read_text("utf-8").partition("</p>")[0]:
                assert fact.refund == Refund(RefundState.FULL), label(path)


def test_templates_that_are_no_order_news_give_no_facts() -> None:
    news = STAGES.keys() | {"contact-buyer"}
    paths = [path for path in templates(_all_stems()) if path.stem not in news and path.name[0] != "_"]
    assert len(paths) >= 28
    for path in paths:
        reading = render(path, "#1001", (), CASES["all"])
        assert not reading.facts, f"{label(path)}: {reading.subject} {reading.facts}"
        assert reading.outcome is Outcome.IGNORED, f"{label(path)}: {reading.outcome} {reading.reason}"


def test_a_shop_owners_own_words_about_an_order_are_an_update() -> None:
    for path in templates(frozenset(["contact-buyer"])):
        (fact,) = render(path, "#1001", (), CASES["all"]).facts
        assert (fact.order, fact.stage) == ("1001", Stage.UPDATE)


def _all_stems() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.rglob("*.*"))
