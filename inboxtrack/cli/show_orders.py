"""`inboxtrack orders`: a table for people, plain lines for pipes, JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from inboxtrack.cli import words
from inboxtrack.jsonform.orders import SCHEMA, order_to_json

if TYPE_CHECKING:
    from inboxtrack.overview import OrderView, ParcelView

TABLE_WIDTH, ROOMY_WIDTH = 78, 100
"""Columns below which orders stand one under the other instead of in a table, and from which a table has more air."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the screen, in the user's zone."""

    now: dt.datetime

    @property
    def today(self) -> dt.date:
        return self.now.date()


def run(config: Path | None, *, everything: bool, as_json: bool) -> None:
    """Print the orders. Raises ConfigError, and the store's errors."""
    from inboxtrack.cli.frame import opened, settings_of

    settings = settings_of(config)
    with opened(config) as app:
        views = app.orders.overview(everything=everything)
        finished = not views and not everything and bool(app.orders.overview(everything=True))
    if as_json:
        json.dump({"schema": SCHEMA, "orders": [order_to_json(view) for view in views]}, sys.stdout, ensure_ascii=False)
        print()
        return
    clock = Clock(dt.datetime.now(settings.general.zone))
    if not sys.stdout.isatty():
        print_plain(views, clock)
    elif views:
        Console(highlight=False).print(screen(views, clock, Console().width, everything=everything))
    if not views:
        print(empty(finished=finished, mailboxes=len(settings.mailboxes)), file=sys.stderr)


def empty(*, finished: bool, mailboxes: int) -> str:
    """What to do when there is nothing to list; `finished` says whether there are orders that are done."""
    if finished:
        return "No open orders. inboxtrack orders --all lists the finished ones."
    if not mailboxes:
        return "No orders yet: add a mailbox to the settings (inboxtrack init writes them), then run inboxtrack poll."
    return "No orders yet: inboxtrack poll looks for new mail, inboxtrack backfill --since 180d reads older mail."


def print_plain(views: Sequence[OrderView], clock: Clock) -> None:
    """Print a line a parcel (or a line an order without one), the fields apart by tabs."""
    for view in views:
        for parcel in view.parcels or (None,):
            print("\t".join(plain_fields(view, parcel, clock)))


def plain_fields(view: OrderView, parcel: ParcelView | None, clock: Clock) -> tuple[str, ...]:
    """Retailer, number, stage, carrier, tracking, expected, remarks, last news: "-" for what is not known."""
    stage = parcel.parcel.stage if parcel else view.stage
    eta = parcel.parcel.eta if parcel and parcel.parcel.eta else view.order.eta
    fields = (
        view.retailer_name,
        view.order.number,
        words.STAGE_WORDS[stage],
        (parcel.carrier_name or "") if parcel else "",
        parcel.parcel.tracking if parcel else "",
        "..".join(dict.fromkeys(str(day) for day in (eta.first, eta.last))) if eta else "",
        words.remarks(view, clock.now.tzinfo),
        words.age(view.order.last_news_at, clock.now),
    )
    return tuple(field or "-" for field in fields)


def screen(views: Sequence[OrderView], clock: Clock, width: int, *, everything: bool = False) -> RenderableType:
    """What a person sees: what needs them, then every order."""
    wide = width >= TABLE_WIDTH
    listing = table(views, clock, width) if wide else Group(*(block(view, clock) for view in views))
    parts: list[RenderableType] = [Text()]
    todo = [view for view in views if view.advice and view.needs_a_look]
    if todo:
        parts += [heading("What needs you"), Padding(advice(todo, wide=wide), (0, 1, 1, 1))]
    return Group(*parts, heading(count(views, everything=everything)), listing)


def heading(text: str) -> Padding:
    """A heading over a part of the screen."""
    return Padding(Text(text, style="bold underline"), (0, 0, 0, 1))


def count(views: Sequence[OrderView], *, everything: bool) -> str:
    """How many orders are listed; of the open ones those that only wait for a refund apart."""
    if everything:
        return counted(len(views), "order")
    refunds = sum(view.waits_for_refund for view in views)
    orders = counted(len(views) - refunds, "open order")
    return f"{orders}, {counted(refunds, 'refund')} to come" if refunds else orders


def counted(number: int, what: str) -> str:
    """ "1 order", "2 orders"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def advice(views: Sequence[OrderView], *, wide: bool) -> RenderableType:
    """What to do about each order: side by side, or one under the other."""
    if not wide:
        entries = (Text.assemble(("▲ ", "yellow"), name(view), "\n", view.advice or "") for view in views)
        return Text("\n\n").join(entries)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(max_width=36)
    grid.add_column(ratio=1)
    for view in views:
        grid.add_row(Text.assemble(("▲ ", "yellow"), name(view, apart="\n  ")), view.advice)
    return grid


COLUMNS: dict[str, dict[str, Any]] = {
    "Order": {"overflow": "fold", "no_wrap": True},
    "Where it is": {"max_width": 34},
    "Parcel": {"overflow": "fold", "no_wrap": True},
    "Expected": {},
    "News": {"no_wrap": True, "justify": "right", "style": "bright_black"},
}


def table(views: Sequence[OrderView], clock: Clock, width: int) -> Table:
    """The orders as a table, an order a row, its parcels one under the other; no column that is empty throughout."""
    roomy = width >= ROOMY_WIDTH
    listing = Table(box=None, padding=(0, 2 if roomy else 1), collapse_padding=not roomy, header_style="bright_black")
    rows = [cells(view, clock) for view in views]
    filled = [number for number in range(len(COLUMNS)) if any(row[number] for row in rows)]
    names = list(COLUMNS)
    for number in filled:
        listing.add_column(names[number], **COLUMNS[names[number]])
    for row in rows:
        listing.add_row(*(row[number] for number in filled))
        listing.add_row()
    return listing


def cells(view: OrderView, clock: Clock) -> tuple[Text, ...]:
    """One order's cells, in the order of COLUMNS."""
    eta = words.days(words.expected(view), clock.today)
    news = words.age(view.order.last_news_at, clock.now)
    return name_and_goods(view, apart="\n"), where(view, clock), parcels(view), Text(eta), Text(news)


def block(view: OrderView, clock: Clock) -> Padding:
    """One order for a narrow terminal: its name and stage, then what is known, a line each."""
    eta = words.days(words.expected(view), clock.today)
    news = words.age(view.order.last_news_at, clock.now)
    tail = " · ".join(part for part in (f"expected {eta}" if eta else "", f"last news {news}" if news else "") if part)
    lines = [
        name_and_goods(view),
        where(view, clock),
        *([parcels(view)] if view.parcels else []),
        Text(tail, style="bright_black"),
    ]
    return Padding(Text("\n").join(line for line in lines if line), (0, 0, 1, 1))


def name(view: OrderView, apart: str = " ") -> Text:
    """Retailer and number; the number leads to the retailer's own orders page."""
    number = Text(view.order.number, style=link_style(view.link))
    return Text.assemble((view.retailer_name, "bold"), apart, number)


def name_and_goods(view: OrderView, apart: str = " ") -> Text:
    """Retailer and number, and below what was ordered where that is known."""
    goods = words.goods(view)
    return name(view, apart).append(f"\n{goods}", style="italic bright_black") if goods else name(view, apart)


def link_style(link: str | None) -> str:
    """The style that makes a text lead to a page on terminals that can."""
    return f"link {link}" if link else ""


def where(view: OrderView, clock: Clock) -> Text:
    """The stage with its mark and colour, and what stands beside it."""
    colour = words.STAGE_COLOURS[view.stage]
    text = Text.assemble(("● ", colour), (words.status(view), colour))
    remarks = words.remarks(view, clock.now.tzinfo)
    return text.append(f"\n{remarks}", style="yellow") if remarks else text


def parcels(view: OrderView) -> Text:
    """Each parcel: its number, which leads to the carrier's page, its stage where they differ, and who carries it."""
    return Text("\n").join(_parcel(parcel, alone=len(view.parcels) == 1) for parcel in view.parcels)


def _parcel(view: ParcelView, *, alone: bool) -> Text:
    text = Text(view.parcel.tracking, style=link_style(view.link))
    if not alone:
        text.append(f"\n{words.STAGE_WORDS[view.parcel.stage]}", style=words.STAGE_COLOURS[view.parcel.stage])
    return text.append(f"\n{view.carrier_name}", style="bright_black") if view.carrier_name else text
