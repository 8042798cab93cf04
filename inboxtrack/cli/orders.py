"""Commands that show what is known, and that send it."""

from __future__ import annotations

from typing import Annotated

import typer

from inboxtrack.cli.frame import ConfigOption, JsonOption, OrderArgument
from inboxtrack.cli.help import PlainCommand

commands = typer.Typer()
PANEL = "Your orders"


@commands.command(
    cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack orders --all --json | jq '.orders[].number'"
)
def orders(
    everything: Annotated[bool, typer.Option("--all", "-a", help="Finished orders, too.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List the open orders, what needs you first.

    Plain text when piped.
    """
    from inboxtrack.cli.show_orders import run

    run(config, everything=everything, as_json=json)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack show 8211968327931234 --why")
def show(
    order: OrderArgument,
    why: Annotated[bool, typer.Option("--why", help="The mail, the words and the rule behind each line.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show one order: parcels, story with sources, what to do and until when."""
    from inboxtrack.cli.show_order import run

    run(config, order, why=why, as_json=json)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack attention")
def attention(config: ConfigOption = None, json: JsonOption = False) -> None:
    """List what could not be settled and may need you.

    Mail that could not be read or was refused, messages that were given up, mailboxes in trouble.
    """
    from inboxtrack.cli.show_attention import run

    run(config, as_json=json)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack digest --style sms")
def digest(
    style: Annotated[str, typer.Option("--style", metavar="sms|push|mail", help="Which form to show.")] = "push",
    send: Annotated[bool, typer.Option("--send", help="Send it now to every channel that wants digests.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show the digest as a channel would get it, or send it now."""
    from inboxtrack.cli.messages import digest as run

    run(config, style, send=send)


@commands.command("notify-test", cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack notify-test")
def notify_test(config: ConfigOption = None) -> None:
    """Send a test message to each channel and report each."""
    from inboxtrack.cli.messages import notify_test as run

    run(config)
