"""`inboxtrack show`: one order with its parcels, its story, what to do and until when."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from inboxtrack.cli import words
from inboxtrack.cli.frame import opened
from inboxtrack.cli.show_orders import Clock
from inboxtrack.model import Fact, SourceKind, Trust
from inboxtrack.orderjson import SCHEMA, line_to_json, order_to_json

if TYPE_CHECKING:
    from inboxtrack.app import Line
    from inboxtrack.overview import OrderView

SOURCES = {
    SourceKind.USER: "you",
    SourceKind.LOOKUP: "carrier look-up",
    SourceKind.CARRIER_MAIL: "carrier's mail",
    SourceKind.RETAILER_MAIL: "shop's mail",
}


def run(config: Path | None, order: str, *, why: bool, as_json: bool) -> None:
    """Print the orders that a text means. Raises UnknownOrder."""
    with opened(config) as app:
        found = [(view, app.story(view)) for view in app.find(order)]
        clock = Clock(dt.datetime.now(app.settings.general.zone))
    if as_json:
        orders = [order_to_json(view) | {"story": [line_to_json(line.fact) for line in story]} for view, story in found]
        json.dump({"schema": SCHEMA, "orders": orders}, sys.stdout, ensure_ascii=False)
        print()
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for view, story in found:
        for text in (*head(view, clock), Text(), *timeline(view, story, clock, why=why)):
            console.print(text)


def head(view: OrderView, clock: Clock) -> list[Text]:
    """The order as it stands."""
    order = view.order
    lines = [
        Text.assemble((words.order_name(view), "bold"), "  ", (words.status(view), words.STAGE_COLOURS[view.stage]))
    ]
    facts = {
        "seller": order.seller,
        "placed": words.day(order.placed_at.astimezone(clock.now.tzinfo).date(), clock.today)
        if order.placed_at
        else "",
        "expected": words.days(words.expected(view), clock.today),
        "total": words.money(order.total) if order.total else "",
        "also": words.remarks(view),
        "orders page": view.link,
    }
    lines += [_field(name, value) for name, value in facts.items() if value]
    lines += [_field("item", f"{item.quantity} × {item.title}") for item in order.items]
    for parcel in view.parcels:
        stage = words.STAGE_WORDS[parcel.parcel.stage]
        lines.append(_field("parcel", f"{words.carrier_and_number(parcel)}  {stage}"))
        lines += [_field("", f"also {n.value} ({n.role.value.replace('_', ' ')})") for n in parcel.parcel.numbers[1:]]
        lines += [_field("", parcel.link)] if parcel.link else []
    if view.advice:
        lines.append(Text.assemble(("  ▲ ", "yellow"), (view.advice, "bold")))
    for deadline in view.deadlines:
        until = words.day(deadline.until, clock.today)
        lines.append(_field("until", f"{until}: {deadline.what} (check in the app; {deadline.source})"))
    lines += [_field("note", note) for note in order.notes]
    return lines


def _field(name: str, value: str | None) -> Text:
    return Text.assemble((f"  {name:<12}", "bright_black"), value or "")


def timeline(view: OrderView, story: Sequence[Line], clock: Clock, *, why: bool) -> list[Text]:
    """What was said, oldest first, each line with who said it."""
    lines: list[Text] = []
    for line in story:
        lines.append(_line(line, clock))
        if why:
            lines += _why(line)
    if why:
        lines += [Text()] + [_field("parcel", f"{text}") for text in _links(view)]
    return lines


def _line(line: Line, clock: Clock) -> Text:
    fact = line.fact
    time = f"{fact.at.astimezone(clock.now.tzinfo):%d %b %H:%M}"
    text = Text.assemble((f"  {time}  ", "bright_black"), _said(fact))
    source = SOURCES[fact.source.kind] if fact.source else "mail"
    text.append(f"  {source}", style="bright_black")
    if fact.trust is not Trust.VERIFIED:
        text.append("  sender not proven", style="yellow")
    return text


def _said(fact: Fact) -> str:
    if fact.correction:
        return " ".join(filter(None, (fact.correction.value, fact.text)))
    numbers = " ".join(number.value for number in fact.numbers())
    flags = ", ".join(words.FLAG_WORDS[flag] for flag in sorted(fact.flags))
    refund = words.refund(fact.refund) if fact.refund else ""
    return "  ".join(filter(None, (words.STAGE_WORDS[fact.stage], numbers, flags, refund)))


def _why(line: Line) -> list[Text]:
    """The mail, and for each field where it stood, the words and the rule."""
    lines = []
    if line.mail:
        lines.append(_field("", f"mail from {line.mail.sender}: {line.mail.subject}"))
        lines.append(_field("", f"{line.mail.trust}: {line.mail.trust_reason}"))
    for said in line.fact.evidence:
        lines.append(_field("", f"{said.field}: “{said.text}” ({said.where}; {said.rule})"))
    return lines


def _links(view: OrderView) -> list[str]:
    found = [
        f"{link.number} {f'with order {link.order[1]}: ' if link.order else ': '}{link.reason}"
        for shown in view.parcels
        for link in shown.parcel.links
    ]
    return list(dict.fromkeys(found))
