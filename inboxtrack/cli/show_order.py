"""`inboxtrack show`: one order with its parcels, its story, what to do and until when."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from inboxtrack.app.corrections import said_with
from inboxtrack.cli import words
from inboxtrack.cli.frame import opened
from inboxtrack.cli.show_orders import Clock
from inboxtrack.jsonform.orders import SCHEMA, line_to_json, order_to_json
from inboxtrack.model import Correction, Fact, SourceKind, Stage, Trust

if TYPE_CHECKING:
    from inboxtrack.app.orders import Line
    from inboxtrack.overview import OrderView

SOURCES = {
    SourceKind.USER: "you",
    SourceKind.LOOKUP: "carrier look-up",
    SourceKind.CARRIER_MAIL: "carrier's mail",
    SourceKind.RETAILER_MAIL: "shop's mail",
}


INDENT, LABEL, NARROW_LABEL = 2, 20, 13
"""Columns before a label, and for it, on a wide and on a narrow screen. A label that does not fit stands above."""
NARROW_WIDTH = 66
"""Below so many columns a screen is narrow."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is known: what it is, or when it was, and what it says."""

    label: str = ""
    text: Text = field(default_factory=Text)


def run(config: Path | None, order: str, *, why: bool, as_json: bool) -> None:
    """Print the orders that a text means. Raises UnknownOrder."""
    with opened(config) as app:
        found = [(view, app.orders.story(view)) for view in app.orders.find(order)]
        clock = Clock(dt.datetime.now(app.settings.general.zone))
    if as_json:
        orders = [order_to_json(view) | {"story": [line_to_json(line.fact) for line in story]} for view, story in found]
        json.dump({"schema": SCHEMA, "orders": orders}, sys.stdout, ensure_ascii=False)
        print()
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for view, story in found:
        show(view, story, clock, console, why=why)


def show(view: OrderView, story: Sequence[Line], clock: Clock, console: Console, *, why: bool) -> None:
    """Print one order: its name and stage, then what is known of it, its parcels, what to do, and its story."""
    console.print(Text.assemble((words.order_name(view), "bold"), "  ", _stage(view.stage, view.order.reason)))
    for part in (about(view, clock), parcels(view), to_do(view, clock, why=why), timeline(story, clock, why=why)):
        for row in part:
            _print(row, console)
        if part:
            console.print()
    for text in _links(view) if why else ():
        _print(Row("parcel", Text(text)), console)


def _print(row: Row, console: Console) -> None:
    for line in _laid_out(row, console):
        console.print(line, soft_wrap=True)


def _laid_out(row: Row, console: Console) -> Iterator[Text]:
    """A row's lines within the screen; in a pipe it is one line. A link stays in one piece, or it cannot be opened."""
    if console.soft_wrap:
        yield _labelled(row.label, row.text, LABEL)
        return
    room = LABEL if console.width >= NARROW_WIDTH else NARROW_LABEL
    space, label = console.width - INDENT - room, row.label
    too_long = row.text.plain.startswith("https://") and len(row.text) > space
    if label and (too_long or len(label) >= room):
        yield _labelled(label, Text())
        label = ""
    if too_long:
        yield _labelled("", row.text)
        return
    for line in row.text.wrap(console, max(20, space)) or [Text()]:
        line.rstrip()
        yield _labelled(label, line, room)
        label = ""


def _labelled(label: str, text: Text, room: int = 0) -> Text:
    return Text.assemble((f"{' ' * INDENT}{label:<{room}}", "bright_black"), text)


def _stage(stage: Stage, reason: str | None) -> tuple[str, str]:
    return words.stage(stage, reason), words.STAGE_COLOURS[stage]


def about(view: OrderView, clock: Clock) -> list[Row]:
    """What was ordered, when, and what stands beside its stage."""
    order = view.order
    placed = order.placed_at.astimezone(clock.now.tzinfo).date() if order.placed_at else None
    facts = (
        ("remarks", words.remarks(view, clock.now.tzinfo)),
        ("seller", order.seller),
        ("placed", words.day(placed, clock.today) if placed else ""),
        ("expected", words.days(words.expected(view), clock.today)),
        *(("item", f"{item.quantity} × {item.title}") for item in order.items),
        ("total", words.money(order.total) if order.total else ""),
        *(("note", note) for note in order.notes),
        ("orders page", view.link),
    )
    return [Row(label, Text(value, style="yellow" if label == "remarks" else "")) for label, value in facts if value]


def parcels(view: OrderView) -> list[Row]:
    """Each parcel with its stage, its further numbers and the carrier's page."""
    rows = []
    for shown in view.parcels:
        rows.append(
            Row(
                "parcel",
                Text.assemble(words.carrier_and_number(shown), "  ", _stage(shown.parcel.stage, shown.parcel.reason)),
            )
        )
        rows += [Row("", Text(f"also {n.value} ({n.role.value.replace('_', ' ')})")) for n in shown.parcel.numbers[1:]]
        rows += [Row("", Text(shown.link))] if shown.link else []
    return rows


def to_do(view: OrderView, clock: Clock, *, why: bool) -> list[Row]:
    """What to do, and until when what can still be done; `why` adds where that is written."""
    label = "to know" if view.to_know else "▲ to do"
    rows = [Row(label, Text(view.advice, style="" if view.to_know else "bold"))] if view.advice else []
    for deadline in sorted(view.deadlines, key=lambda one: one.until):
        text = Text.assemble(deadline.what, (f"  {deadline.check}", "bright_black"))
        rows.append(Row(f"by {words.day(deadline.until, clock.today)}", text))
        rows += [Row("", Text(deadline.source, style="bright_black"))] if why else []
    return rows


def timeline(story: Sequence[Line], clock: Clock, *, why: bool) -> list[Row]:
    """What was said, oldest first, each line with who said it."""
    rows: list[Row] = []
    for line in story:
        row = _line(line, clock)
        if why:
            rows += [row, *_why(line)]
        elif row not in rows[-1:]:  # a mail on a parcel with several orders says the same of each
            rows.append(row)
    return rows


def _line(line: Line, clock: Clock) -> Row:
    fact = line.fact
    source = SOURCES[fact.source.kind] if fact.source else "mail"
    subject = f"  “{line.mail.subject}”" if line.mail and fact.stage is Stage.UPDATE else ""
    text = Text.assemble(_said(fact), subject, (f"  {source}", "bright_black"))
    if fact.trust is not Trust.VERIFIED:
        text.append("  unverified sender", style="yellow")
    return Row(f"{fact.at.astimezone(clock.now.tzinfo):%d %b %H:%M}", text)


def _said(fact: Fact) -> Text:
    if fact.correction is Correction.REPORT:
        return Text(f"reported as {words.REPORT_WORDS.get(fact.text or '', fact.text)}")
    if fact.correction:
        return Text(" ".join(filter(None, (fact.correction.value, said_with(fact)))))
    numbers = " ".join(number.value for number in fact.numbers())
    flags = ", ".join(words.FLAG_WORDS[flag] for flag in sorted(fact.flags))
    refund = words.refund(fact.refund) if fact.refund else ""
    beside = "".join(f"  {part}" for part in (numbers, flags, refund) if part)
    return Text.assemble(_stage(fact.stage, fact.reason), beside)


def _why(line: Line) -> list[Row]:
    """The mail, and for each field where it stood, the words and the rule."""
    texts = []
    if line.mail:
        texts.append(f"mail from {line.mail.sender}: {line.mail.subject}")
        texts.append(f"{line.mail.trust}: {line.mail.trust_reason}")
    texts += [f"{said.field}: “{said.text}” ({said.where}; {said.rule})" for said in line.fact.evidence]
    return [Row("", Text(text, style="bright_black")) for text in texts]


def _links(view: OrderView) -> list[str]:
    found = [
        f"{link.number}{f' with order {link.order[1]}' if link.order else ''}: {link.reason}"
        for shown in view.parcels
        for link in shown.parcel.links
    ]
    return list(dict.fromkeys(found))
