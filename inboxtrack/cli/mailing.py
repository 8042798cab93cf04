"""Commands that read mail: from mailboxes, or from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inboxtrack.cli.frame import ConfigOption, JsonOption
from inboxtrack.cli.help import PlainCommand

commands = typer.Typer()
PANEL = "Reading mail"


@commands.command(
    cls=PlainCommand,
    rich_help_panel=PANEL,
    epilog="Example, as a cron line: */10 * * * * $HOME/.local/bin/inboxtrack poll --quiet",
)
def poll(
    config: ConfigOption = None,
    json: JsonOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="For cron: say trouble once, and when it is over.")
    ] = False,
) -> None:
    """Look for new mail once, tell what changed, and end: for cron.

    A digest that is due is sent, too.
    """
    from inboxtrack.cli.cycle import poll as run

    run(config, as_json=json, quiet=quiet)


@commands.command(
    cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack run (stops on Ctrl-C or SIGTERM)"
)
def run(config: ConfigOption = None) -> None:
    """Watch the mailboxes until stopped, and tell what changes.

    Polls, IDLE where the server has it, digests on schedule. One instance at a time.
    """
    from inboxtrack.cli.cycle import watch

    watch(config)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack backfill --since 180d")
def backfill(
    since: Annotated[str, typer.Option("--since", metavar="WHEN", help="A date, or days back such as 180d.")],
    deep: Annotated[bool, typer.Option("--deep", help="Read every mail whole, not only likely order mail.")] = False,
    config: ConfigOption = None,
) -> None:
    """Read older mail, silent but for one summary.

    Can be stopped, and goes on where it was.
    """
    from inboxtrack.cli.cycle import backfill as run

    run(config, since, deep=deep)


@commands.command(
    "import",
    cls=PlainCommand,
    rich_help_panel=PANEL,
    epilog="Example: inboxtrack import ~/Downloads/*.eml old-mail.mbox",
)
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help=".eml files, mbox files, Maildirs, folders.")],
    config: ConfigOption = None,
) -> None:
    """Take in mail from files, as if it had been in a mailbox.

    Silent but for one summary; a mail that is known already counts once.
    """
    from inboxtrack.cli.cycle import import_paths

    import_paths(config, paths)


@commands.command(cls=PlainCommand, rich_help_panel=PANEL, epilog="Example: inboxtrack read order.eml")
def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help=".eml files, or .html bodies.")],
    json: JsonOption = False,
    recipe: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Try this recipe, too.")] = None,
    config: ConfigOption = None,
) -> None:
    """Show what mails in files say, without mailbox, settings or store."""
    from inboxtrack.cli.read import run

    run(files, json, recipe or [])
