"""Order lines as marketplaces and shops print them: a title, perhaps a variant, and a quantity such as `x1` or
`€ 1,99x2` below it; `2 x Title` on one line; or a table with columns for the product and its quantity."""

from __future__ import annotations

import re

from inboxtrack.mail.message import Mail
from inboxtrack.model import Item
from inboxtrack.reading.found import Found

_QUANTITY = re.compile(
    r"(?:.{0,20}[\d.,]+\D{0,4}\s?)?[x×]\s?(\d{1,3})|(?:Qty|Quantity|Menge|Cantidad|Qtd)\.?:?\s?(\d{1,3})"
)
_ON_ITS_LINE = re.compile(
    r"(?P<before>\d{1,3})\s?[x×]\s(?!\d+(?:[.,]\d+)?\s?(?:[cm]?m|in|inch|ft|[x×\"″'])(?!\w))(?P<title>\S.{1,190})|"
    r"(?P<title2>\S.{0,189}[^\s\d])\s[x×]\s?(?P<behind>\d{1,3})"
)
"""A number before "x 40", or a length behind "30 x", makes a size of it: `Frame 30 x 40`, `30 x 40 cm`."""
_PRODUCT = re.compile(
    r"(?:products?|produkte?|productos?|produits?|prodott[oi]|produtos?|produkty|artikel|artikelen|art[íi]culos?|"
    r"articles?|articol[oi]|items?|item description|description|bezeichnung|beschreibung|tuote|"
    r"tuotteet|var[ae]r?|položka|"
    r"zboží|商品名?)",
    re.I,
)
_COUNT = re.compile(
    r"(?:qty\.?|quantity|menge|anzahl|cantidad|cant\.?|quantité|qté\.?|quantità|quantidade|qtde?\.?|aantal|ilość|antal|antall|"
    r"määrä|množství|数量|個数)",
    re.I,
)
_SKU = re.compile(r"\s?\((?:#|SKU:?\s?)[^()]{1,40}\)$|\s?SKU:\s?\S{1,40}$", re.I)
_LONG_NUMBER = re.compile(r"\d{13}")
_WINDOW = 3
_MOST_ITEMS = 100


def find_items(mail: Mail) -> Found[tuple[Item, ...]] | None:
    """The items of the one order that a mail speaks of, however they are printed; None when there are none."""
    return items_in_table(mail.rows) or items_by_quantity(mail.lines) or items_on_lines(mail.lines)


def items_in_table(rows: tuple[tuple[str, ...], ...]) -> Found[tuple[Item, ...]] | None:
    """The items of tables with a column for the product and one for its quantity."""
    found: list[Item] = []
    columns: tuple[int, int, int] | None = None
    for row in rows:
        columns = _columns(row) or columns
        product, count, width = columns or (0, 0, 0)
        if width == len(row) and row[count].isdecimal() and len(found) < _MOST_ITEMS:
            found.append(Item(_SKU.sub("", row[product]), int(row[count][:4])))
    kept = tuple(item for item in found if item.title and item.quantity)
    return Found(kept, "table", "; ".join(item.title for item in kept), "product and quantity") if kept else None


def _columns(row: tuple[str, ...]) -> tuple[int, int, int] | None:
    """(product, quantity, width) of a row of headings."""
    product = next((index for index, cell in enumerate(row) if _PRODUCT.fullmatch(cell)), None)
    count = next((index for index, cell in enumerate(row) if _COUNT.fullmatch(cell)), None)
    return (product, count, len(row)) if product is not None and count is not None else None


def items_on_lines(lines: tuple[str, ...]) -> Found[tuple[Item, ...]] | None:
    """The items that stand with their quantity on one line: `2 x Title`, `Title x 2`."""
    hits = [hit for line in lines if (hit := _ON_ITS_LINE.fullmatch(line))][:_MOST_ITEMS]
    items = tuple(Item(hit["title"] or hit["title2"], int(hit["before"] or hit["behind"])) for hit in hits)
    kept = tuple(item for item in items if item.quantity and sum(map(str.isalpha, item.title)) > 2)
    return Found(kept, "text", "; ".join(item.title for item in kept), "title x quantity") if kept else None


def items_by_quantity(lines: tuple[str, ...]) -> Found[tuple[Item, ...]] | None:
    """The items of an order by their quantity lines; None when there are none."""
    found: list[Item] = []
    for index, line in enumerate(lines):
        hit = _QUANTITY.fullmatch(line)
        title = title_above(lines[max(0, index - _WINDOW) : index]) if hit else None
        if hit and title and len(found) < _MOST_ITEMS:
            found.append(Item(title, int(hit[1] or hit[2])))
    return Found(tuple(found), "text", "; ".join(item.title for item in found), "lines above x1") if found else None


def title_above(lines: tuple[str, ...]) -> str | None:
    """The title among the lines above a quantity: the one that was cut short, else the second last."""
    after = max(
        (i for i, line in enumerate(lines) if _QUANTITY.fullmatch(line) or _LONG_NUMBER.search(line)), default=-1
    )
    own = lines[after + 1 :]
    cut = [line for line in own if line.endswith(("...", "…"))]
    return next(iter(cut[-1:] or own[-2:]), None)
