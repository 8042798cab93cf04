"""Values behind labels: on the line, below it, in columns, in lists."""

from __future__ import annotations

import re

import pytest

from inboxtrack.mail.message import Mail, parse
from inboxtrack.reading.labels import SPACED, behind, value_after, values_after

LABEL = re.compile(r"tracking (?:number|no\.?)s?", re.I)


def mail(html: str) -> Mail:
    return parse(b"From: a@shop.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode())


TOLD = [
    ("<p>Tracking number: AB990041</p>", ["AB990041"]),
    ("<p>Your tracking number is AB990041 and more</p>", ["AB990041"]),
    ("<p>Tracking number</p><p>#AB990041</p>", ["AB990041"]),
    ("<p>Tracking numbers: AB1, AB2 and AB3.</p>", ["AB1", "AB2", "AB3"]),
    ("<p>Tracking numbers</p><ul><li>AB1</li><li>AB2</li></ul><p>Thank you</p>", ["AB1", "AB2"]),
    ("<table><tr><th>Order</th><th>Tracking no.</th></tr><tr><td>#1001</td><td>AB1</td></tr></table>", ["AB1"]),
    ("<table><tr><td>Tracking number</td><td>AB1</td></tr><tr><td>Total</td><td>12</td></tr></table>", ["AB1"]),
    ("<p>Tracking number:</p><p>Order number: 5555</p>", []),
    ("<p>A tracking number will follow. Order 12345</p>", []),
    ("<p>Tracking number: soon</p>", []),
]


@pytest.mark.parametrize(("html", "values"), TOLD)
def test_values_after(html: str, values: list[str]) -> None:
    assert [found.value for found in values_after(mail(html), LABEL)] == values


def test_evidence_is_the_line_that_says_so() -> None:
    found = value_after(mail("<p>Tracking number: AB990041</p>"), LABEL)
    assert found is not None
    assert (found.where, found.text, found.rule) == ("text", "Tracking number: AB990041", "label")


def test_behind_takes_brackets_as_part_of_the_label() -> None:
    label = re.compile("total", re.I)
    assert list(behind(("Total (2 items)", "€ 5", "Total: 7 €"), label)) == [
        ("Total (2 items) € 5", "€ 5"),
        ("Total: 7 €", "7 €"),
    ]


def test_full_width_labels_and_numbers_are_read_as_what_they_are() -> None:
    mail = Mail(headers=(), plain="Ｔｒａｃｋｉｎｇ　ｎｕｍｂｅｒ：　１２３４５６７８９０１２")
    (found,) = values_after(mail, re.compile("tracking number", re.I))
    assert found.value == "123456789012"


def test_numbers_with_letters_may_be_printed_in_groups() -> None:
    shape = re.compile(rf"({SPACED})")
    for printed in ("1Z 999 AA1 01 2345 6784", "RB 123 456 785 SG", "JV123456785GB", "JV 1234 5678 5GB"):
        mail = Mail(headers=(), plain=f"Tracking number: {printed}")
        assert [found.value for found in values_after(mail, LABEL, shape)] == [printed.replace(" ", "")]
    for words in ("RB 123 456 785", "AB 12345 CD", "1Z 999"):
        assert not values_after(Mail(headers=(), plain=f"Tracking number: {words}"), LABEL, shape)
