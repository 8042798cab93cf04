"""Commands by which the user corrects what the mails say. Each is a fact of its own and survives every replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inboxtrack.cli.frame import ConfigOption, OrderArgument
from inboxtrack.cli.help import PlainCommand
from inboxtrack.model import Correction

commands = typer.Typer()
PANEL = "Your word counts"
UndoOption = Annotated[bool, typer.Option("--undo", help="Take it back: the one named, or the last.")]
NumberArgument = Annotated[str | None, typer.Argument(metavar="TRACKING", help="The parcel's number.")]


def _correct(config: Path | None, kind: Correction, order: str, text: str | None = None, *, undo: bool = False) -> None:
    from inboxtrack.cli.correct import run

    run(config, kind, order, text, undo=undo)


@commands.command(
    cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack add hismile AU1234567 33ABC0123456"
)
def add(
    retailer: Annotated[
        str,
        typer.Argument(
            metavar="RETAILER", help="aliexpress, amazon, ebay, etsy, hismile, tiktok_shop, or a shop's domain."
        ),
    ],
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The order number.")],
    tracking: NumberArgument = None,
    undo: UndoOption = False,
    config: ConfigOption = None,
) -> None:
    """Follow an order that no mail told of."""
    from inboxtrack.cli.correct import add as run

    run(config, retailer, number, tracking, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack link AU1234567 33ABC0123456")
def link(
    order: OrderArgument, tracking: NumberArgument = None, undo: UndoOption = False, config: ConfigOption = None
) -> None:
    """Say that a parcel belongs to an order."""
    _correct(config, Correction.LINK, order, tracking, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack split AU1234567 33ABC0123456")
def split(
    order: OrderArgument, tracking: NumberArgument = None, undo: UndoOption = False, config: ConfigOption = None
) -> None:
    """Say that a parcel does not belong to an order."""
    _correct(config, Correction.SPLIT, order, tracking, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack close AU1234567")
def close(order: OrderArgument, undo: UndoOption = False, config: ConfigOption = None) -> None:
    """Say that an order is done; it leaves the list."""
    _correct(config, Correction.CLOSE, order, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack mute AU1234567")
def mute(order: OrderArgument, undo: UndoOption = False, config: ConfigOption = None) -> None:
    """Get no more messages about an order; it stays in the list."""
    _correct(config, Correction.MUTE, order, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack ack AU1234567")
def ack(order: OrderArgument, undo: UndoOption = False, config: ConfigOption = None) -> None:
    """Say that you know: no more reminders of what was told so far."""
    _correct(config, Correction.ACK, order, undo=undo)


@commands.command(
    cls=PlainCommand, rich_help_panel=PANEL, epilog='Example: inboxtrack note AU1234567 "a present for Kim"'
)
def note(
    order: OrderArgument,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What to remember.")] = None,
    undo: UndoOption = False,
    config: ConfigOption = None,
) -> None:
    """Write a note to an order."""
    _correct(config, Correction.NOTE, order, text, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack attach AU1234567 unboxing.jpg")
def attach(
    order: OrderArgument,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A photo, an invoice, a chat.")] = None,
    undo: UndoOption = False,
    config: ConfigOption = None,
) -> None:
    """Keep a copy of a file with an order, as evidence."""
    from inboxtrack.cli.correct import attach as run

    run(config, order, file, undo=undo)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack report AU1234567 not-received")
def report(
    order: OrderArgument,
    what: Annotated[
        str | None, typer.Argument(metavar="not-received|damaged|wrong", help="What is the matter.")
    ] = None,
    undo: UndoOption = False,
    config: ConfigOption = None,
) -> None:
    """Say that a delivery is missing, damaged or wrong.

    The order is open again, with advice and deadlines.
    """
    from inboxtrack.cli.correct import report as run

    run(config, order, what, undo=undo)
