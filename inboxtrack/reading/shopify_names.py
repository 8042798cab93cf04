"""The order's name in a Shopify mail: `#1001`, `MC1605`, `BAK(2)-563319`, `#SP-204/A`.

A shop chooses prefix and suffix freely, so the name is taken where it stands, never by its shape alone: in the
header cell, behind `#`, or behind the word for "order". It always has a digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.reading.found import Found, first
from inboxtrack.reading.labels import narrow

_TOKEN = r"(?P<name>[A-Za-z0-9][A-Za-z0-9()._\-/]{0,39})"  # noqa: S105 - no password
_ORDER = (
    r"(?:orders?|commande|bestelling|bestellung|bestelnummer|bestellnummer|pedido|ordine|ordrenummer|ordre|encomenda|"
    r"zamówienie|zamówienia|beställning|bestilling|tilaus|objednávk[ayuě]|objednávkou|číslo objednávky|"
    r"sipariş|rendelés|comanda|comandă|παραγγελία|"
    r"ご注文番号|注文番号|ご注文|注文|주문 번호|주문|订单|訂單|מספר הזמנה|הזמנה)"
)
_FILLER = r"(?:\s?(?:confirmation|number|nummer|numéro|número|numero|num\.?|name|no\.?|nr\.?|n[°º]|n\.º|n\.|id)){0,2}"
NUMBERED_ORDER = rf"(?<!\w){_ORDER}{_FILLER}\s?[:：(]{{0,2}}\s?#?\s?[A-Z]{{0,6}}\(?\d"
"""The word for "order" before something that has a digit: enough to look at a mail, not to take a name."""

_HASHED = re.compile(rf"(?<![\w&/])#\s?{_TOKEN}")
_BRACKETED = re.compile(rf"\[\s?#{_TOKEN}\]")
_BEHIND_ORDER = re.compile(rf"(?<!\w){_ORDER}(?!\w){_FILLER}[\s:：(#]{{0,5}}{_TOKEN}", re.I)
_HASHED_BEHIND_ORDER = re.compile(rf"(?<!\w){_ORDER}{_FILLER}\s?[:：(]{{0,2}}\s?#\s?{_TOKEN}", re.I)
_GLUED = re.compile(rf"^{_ORDER}\s*{_TOKEN}$", re.I)
_BEFORE_ORDER = re.compile(rf"(?:^|[\s「\[(])#?{_TOKEN}\s?(?:ご注文|の?配送|の?発送|の?ご注文)")
_IN_PARENTHESES = re.compile(rf"\(\s?#?{_TOKEN}\)")
_LAST = re.compile(rf"(?:^|\s)#?{_TOKEN}$")
_NAMELESS = re.compile(rf"{_ORDER}{_FILLER}\s?[:：#]{{0,3}}\s?", re.I)
_HEADER_CELLS = "//*[contains(@class,'order-number__text')]"
_LONGEST_CELL = 100
_LABEL = re.compile(rf"(?:your |votre |deine |ihre |je |tu |vaše )?{_ORDER}{_FILLER}\s?[:：#]?", re.I)
_WHOLE = re.compile(rf"^#?\s?{_TOKEN}$")
_NO_NAME = re.compile(r"\d{1,2}([/.])\d{1,2}(?:\1\d{2,4})|\d{1,2}/\d{1,2}|20\d\d-\d\d-\d\d|\d{1,3}x\d{1,3}", re.I)
"""What is no name without `#`: a day, `24/7`, a size."""
_OTHERS = re.compile(
    r"(?:\[|(?<!\w)(?:ticket|invoice|case|request|return|rma|claim|quote|rechnung|facture|factura|fattura|factuur)"
    r"(?:\s(?:no\.?|nr\.?|number|id))?)\s?$",
    re.I,
)
"""What stands right before `#` where the number is no order's, but a ticket's or an invoice's."""
_SHORTEST_BARE = 3
_SEARCHED_LINES = 200


def order_name(mail: Mail, head: Iterable[str], lines: tuple[str, ...]) -> Found[str] | None:
    """The order's name: from the header cell, the subject, the lines that a mail begins with, or behind its label."""
    return first(
        [in_header_cell(mail), in_subject(mail.subject), in_lines(head), below_label(lines), in_column(mail.rows)]
    )


def is_of_an_order(mail: Mail) -> bool:
    """Whether the header cell has the word for "order" though no name stands there: the template has changed."""
    cells = mail.tree.xpath(_HEADER_CELLS) if mail.tree is not None else ()
    return any(_NAMELESS.fullmatch(clean_text(cell.text_content(), _LONGEST_CELL)) for cell in cells)


def in_header_cell(mail: Mail) -> Found[str] | None:
    """From the cell `order-number__text`: `Order #1001`, `BestellingMC1605`."""
    if mail.tree is None:
        return None
    for cell in mail.tree.xpath(_HEADER_CELLS):
        text = clean_text(cell.text_content())
        name = next((n for pattern in (_HASHED, _GLUED, _LAST) if (n := _name(pattern, text, 1))), None)
        if name:
            return Found(name, "html order-number__text", text, "header cell")
    return None


def in_subject(subject: str) -> Found[str] | None:
    """From a subject that the shop may have worded itself."""
    for pattern, shortest in (
        (_HASHED_BEHIND_ORDER, 1),
        (_HASHED, 1),
        (_BEHIND_ORDER, _SHORTEST_BARE),
        (_BEFORE_ORDER, _SHORTEST_BARE),
        (_IN_PARENTHESES, _SHORTEST_BARE),
        (_BRACKETED, _SHORTEST_BARE),
    ):
        name = _name(pattern, subject, shortest)
        if name:
            return Found(name, "subject", subject, "order name")
    return None


def in_lines(lines: Iterable[str]) -> Found[str] | None:
    """From text, behind the word for "order" only: `Order #1001`, `your order (MC1605)`."""
    for line in lines:
        name = _name(_HASHED_BEHIND_ORDER, line, 1) or _name(_BEHIND_ORDER, line, _SHORTEST_BARE)
        if name:
            return Found(name, "text", line, "order name")
    return None


def below_label(lines: tuple[str, ...]) -> Found[str] | None:
    """From the line below or the cell beside a label such as `Order number`, wherever it stands."""
    for label, line in pairwise(lines[:_SEARCHED_LINES]):
        hit = _LABEL.fullmatch(narrow(label))
        name = _name(_WHOLE, line, 1) if hit else None
        if name:
            return Found(name, "label", f"{label} {line}", "order label")
    return None


def in_column(rows: tuple[tuple[str, ...], ...]) -> Found[str] | None:
    """From the cell below a heading such as `Order` in a table."""
    for heading, row in pairwise(rows):
        for label, cell in zip(heading, row, strict=False):
            name = _name(_WHOLE, cell, 1) if len(heading) > 1 and _LABEL.fullmatch(narrow(label)) else None
            if name:
                return Found(name, "label", f"{label} {cell}", "order column")
    return None


def _name(pattern: re.Pattern[str], text: str, shortest: int) -> str | None:
    for hit in pattern.finditer(narrow(text[:2_000])):
        name = trimmed(hit["name"])
        if shortest > 1 and (_NO_NAME.fullmatch(name) or hit.string[hit.end() :][:1] in ("%", "+")):
            continue
        if pattern is _HASHED and _OTHERS.search(hit.string[: hit.start()]):
            continue
        if len(name) >= shortest and any(character.isdigit() for character in name):
            return name
    return None


def trimmed(name: str) -> str:
    """A name without the sentence's punctuation: `1001.` -> `1001`, `1001)` -> `1001`, `A(2)` as it is."""
    name = name.rstrip("._-/")
    while name.endswith(")") and name.count("(") < name.count(")"):
        name = name[:-1].rstrip("._-/")
    return name.split("(")[0] if name.count("(") > name.count(")") else name
