"""`inboxtrack orders`: a table for people, plain lines for pipes, JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from inboxtrack.cli import words
from inboxtrack.orderjson import SCHEMA, order_to_json

if TYPE_CHECKING:
    from inboxtrack.overview import OrderView, ParcelView

TABLE_WIDTH = 88
"""Columns below which orders are shown one under the other instead of in a table."""


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
        views = app.overview(everything=everything)
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
        print(empty(everything=everything, mailboxes=len(settings.mailboxes)), file=sys.stderr)


def empty(*, everything: bool, mailboxes: int) -> str:
    """What to do when there is nothing to list."""
    if not mailboxes:
        return "No orders yet: add a mailbox to the settings (inboxtrack init writes them), then run inboxtrack poll."
    if everything:
        return "No orders yet: inboxtrack poll looks for new mail, inboxtrack backfill --since 180d reads older mail."
    return "No open orders. inboxtrack orders --all lists the finished ones."


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
        f"{eta.first}..{eta.last}" if eta else "",
        words.remarks(view),
        words.age(view.order.last_news_at, clock.now),
    )
    return tuple(field or "-" for field in fields)


def screen(views: Sequence[OrderView], clock: Clock, width: int, *, everything: bool = False) -> RenderableType:
    """What a person sees: what needs them, then every order."""
    listing = table(views, clock) if width >= TABLE_WIDTH else Group(*(block(view, clock) for view in views))
    parts: list[RenderableType] = [Text()]
    todo = [view for view in views if view.advice and view.needs_a_look]
    if todo:
        parts += [Text("  What needs you", style="bold"), Padding(advice(todo, clock), (0, 2, 1, 2))]
    parts += [Text(f"  {_count(len(views), everything=everything)}", style="bold"), listing]
    return Group(*parts)


def _count(number: int, *, everything: bool) -> str:
    kind = "order" if everything else "open order"
    return f"{number} {kind}{'' if number == 1 else 's'}"


def advice(views: Sequence[OrderView], clock: Clock) -> Table:
    """One line of advice an order, with the nearest deadline."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(ratio=1)
    for view in views:
        text = Text(view.advice or "")
        if view.deadlines:
            until = min(view.deadlines, key=lambda deadline: deadline.until).until
            text.append(f"  by {words.day(until, clock.today)}", style="bold yellow")
        grid.add_row(Text("▲", style="yellow"), words.order_name(view), text)
    return grid


def table(views: Sequence[OrderView], clock: Clock) -> Table:
    """The orders as a table, an order a row, its parcels one under the other."""
    listing = Table(box=None, padding=(0, 2), pad_edge=True, header_style="bright_black", expand=False)
    listing.add_column("Order", overflow="fold")
    listing.add_column("Where it is", min_width=16)
    listing.add_column("Parcel", overflow="fold", min_width=20)
    listing.add_column("Expected", no_wrap=True)
    listing.add_column("News", justify="right", no_wrap=True, style="bright_black")
    for view in views:
        eta = words.days(words.expected(view), clock.today)
        news = words.age(view.order.last_news_at, clock.now)
        listing.add_row(name(view), where(view), parcels(view), eta, news, end_section=True)
        listing.add_row()
    return listing


def block(view: OrderView, clock: Clock) -> Padding:
    """One order for a narrow terminal: its name and stage, then what is known, a line each."""
    eta = words.days(words.expected(view), clock.today)
    head = Text.assemble(name(view), "  ", where(view))
    news = words.age(view.order.last_news_at, clock.now)
    tail = " · ".join(part for part in (f"expected {eta}" if eta else "", f"news {news} ago" if news else "") if part)
    lines = [head, *([parcels(view)] if view.parcels else []), Text(tail, style="bright_black")]
    return Padding(Text("\n").join(lines), (0, 0, 1, 2))


def name(view: OrderView) -> Text:
    """Retailer and number; the number leads to the retailer's own orders page."""
    number = Text(view.order.number, style=f"link {view.link}" if view.link else "")
    shop = Text(view.retailer_name, style="bold")
    return Text.assemble(shop, " ", number)


def where(view: OrderView) -> Text:
    """The stage with its mark and colour, and what stands beside it."""
    text = Text.assemble(("● ", words.STAGE_COLOURS[view.stage]), (words.status(view), words.STAGE_COLOURS[view.stage]))
    remarks = words.remarks(view)
    if remarks:
        text.append(f"\n  {remarks}", style="yellow")
    return text


def parcels(view: OrderView) -> Text:
    """Each parcel on a line; the number leads to the carrier's page."""
    return Text("\n").join(_parcel(parcel, alone=len(view.parcels) == 1) for parcel in view.parcels)


def _parcel(view: ParcelView, *, alone: bool) -> Text:
    text = Text()
    if not alone:
        text.append("● ", style=words.STAGE_COLOURS[view.parcel.stage])
    if view.carrier_name:
        text.append(f"{view.carrier_name} ", style="bright_black")
    return text.append(view.parcel.tracking, style=f"link {view.link}" if view.link else "")
