"""Commands for those who keep inboxtrack going, and who teach it new mails."""

from __future__ import annotations

from typing import Annotated

import typer

from inboxtrack.cli.frame import ConfigOption, JsonOption
from inboxtrack.cli.help import PlainCommand

commands = typer.Typer()
PANEL = "Upkeep"


@commands.command(
    cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack replay, then inboxtrack replay --apply"
)
def replay(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, only the difference is shown.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Read all kept mail again with the rules of today.

    Shows the difference first; old news is not sent.
    """
    from inboxtrack.cli.replay import run

    run(config, apply=apply, as_json=json)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack purge --mail")
def purge(
    mail: Annotated[bool, typer.Option("--mail", help="Delete all kept mail; orders stay.")] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="Delete all: orders, mail, attachments, sign-ins.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Delete kept mail, or everything.

    Without an option: the mail older than the setting retention_days.
    """
    from inboxtrack.cli.cycle import purge as run

    run(config, mail=mail, everything=everything, yes=yes)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack scrub order.eml > sample.eml")
def scrub(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An .eml file, or a mail's number from attention.")],
    config: ConfigOption = None,
) -> None:
    """Make a sample of a mail that can be shared.

    Names, addresses and numbers are replaced; the shape stays.
    """
    from inboxtrack.cli.scrub import run

    run(file, config)


@commands.command(
    cls=PlainCommand,
    rich_help_panel=PANEL,
    epilog="Example: inboxtrack golden tests/fixtures/emails/hismile/shipped.en.eml",
)
def golden(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Fixture mails.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a golden file that is there.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write down what a fixture mail is read as, to check by eye."""
    from inboxtrack.cli.golden import run

    run(files, force=force)
