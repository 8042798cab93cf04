"""The first commands of a new user: see it work, write the settings, check them."""

from __future__ import annotations

from typing import Annotated

import typer

from inboxtrack.cli.frame import ConfigOption, JsonOption
from inboxtrack.cli.help import PlainCommand

commands = typer.Typer()
PANEL = "First steps"


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack demo")
def demo(
    fast: Annotated[bool, typer.Option("--fast", help="Without the pauses that let you read along.")] = False,
    config: ConfigOption = None,
) -> None:
    """See the whole story on sample mail, in under a minute.

    A mailbox, the orders in it, and what your phone would get. Starts a mail server with sample mail on this
    computer, polls it as it would poll yours, and ends without a trace.
    """
    from inboxtrack.cli.demo import run

    run(pause=not fast)


@commands.command(
    cls=PlainCommand,
    rich_help_panel=PANEL,
    epilog="Example: inboxtrack init && nano ~/.config/inboxtrack/inboxtrack.toml",
)
def init(config: ConfigOption = None) -> None:
    """Write a commented settings file to fill in. Never overwrites one."""
    from inboxtrack.cli.doctor import write_example

    write_example(config)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack doctor")
def doctor(
    config: ConfigOption = None,
    json: JsonOption = False,
    sign_in: Annotated[
        str | None, typer.Option("--sign-in", metavar="MAILBOX", help="Sign in to a mailbox with OAuth, and end.")
    ] = None,
) -> None:
    """Check settings, mailboxes and channels, and say how to cure what is wrong.

    Sends nothing (notify-test does) and changes nothing.
    """
    if sign_in is not None:
        from inboxtrack.cli.signin import run as run_sign_in

        run_sign_in(config, sign_in)
        return
    from inboxtrack.cli.doctor import run

    run(config, as_json=json)
