"""Items of an order: by quantity lines, on one line, in tables."""

from __future__ import annotations

import pytest

from inboxtrack.mail.message import parse
from inboxtrack.reading.items import find_items

TABLE = "<table><tr><td>{}</td><td>{}</td><td>Price</td></tr>{}</table>"
ROW = "<tr><td>{}</td><td>{}</td><td>6.00</td></tr>"


def found(html: str) -> list[tuple[str, int]]:
    raw = b"From: a@shop.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
    items = find_items(parse(raw))
    return [(item.title, item.quantity) for item in items.value] if items else []


@pytest.mark.parametrize(("product", "count"), [("Product", "Quantity"), ("Artikel", "Menge"), ("Item", "Qty")])
def test_a_table_of_products(product: str, count: str) -> None:
    rows = ROW.format("Clay mug (#CM-100)", 2) + ROW.format("Total", "12.00") + ROW.format("Saucer", 1)
    assert found(TABLE.format(product, count, rows)) == [("Clay mug", 2), ("Saucer", 1)]


def test_a_table_of_something_else_holds_no_items() -> None:
    assert found(TABLE.format("Carrier", "Tracking number", ROW.format("UPS", "12"))) == []
    assert found(TABLE.format("Product", "Quantity", "<tr><td>Shipping</td><td>2</td></tr>")) == []


@pytest.mark.parametrize("line", ["2 x Clay mug", "Clay mug x 2", "2× Clay mug", "Clay mug ×2"])
def test_a_line_with_its_quantity(line: str) -> None:
    assert found(f"<p>Order 1001</p><p>{line}</p><p>Total 12.00</p>") == [("Clay mug", 2)]


@pytest.mark.parametrize(
    "line", ["12 x 3", "Clay mug", "x 2", "60 x 40 x 20", "Frame 30 x 40", "30 x 40 cm", "2 x 3 m rug"]
)
def test_what_is_no_item(line: str) -> None:
    assert found(f"<p>{line}</p>") == []


def test_a_title_stands_above_its_quantity() -> None:
    assert found("<p>Sold by Glow</p><p>Serum 30 ml</p><p>Rose</p><p>£6.00 x 2</p>") == [("Serum 30 ml", 2)]
