"""Order lines as marketplaces print them: a title, perhaps a variant, and a quantity such as `x1` or `€ 1,99x2`."""

from __future__ import annotations

import re

from inboxtrack.model import Item
from inboxtrack.reading.found import Found

_QUANTITY = re.compile(
    r"(?:.{0,20}[\d.,]+\D{0,4}\s?)?[x×]\s?(\d{1,3})|(?:Qty|Quantity|Menge|Cantidad|Qtd)\.?:?\s?(\d{1,3})"
)
_LONG_NUMBER = re.compile(r"\d{13}")
_WINDOW = 3
_MOST_ITEMS = 100


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
