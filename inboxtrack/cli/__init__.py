"""The command line: commands are declared here by group; what they do is imported only when they run."""

from __future__ import annotations

import io
import sys

import typer

from inboxtrack.cli import corrections, mailing, orders, start, upkeep
from inboxtrack.cli.frame import guarded
from inboxtrack.cli.help import PlainGroup

app = typer.Typer(
    cls=PlainGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings, mailboxes and channels are explained in the README. Nothing in your mailbox is ever changed.",
)
for group in (start, mailing, orders, corrections, upkeep):
    app.add_typer(group.commands)


def _version(wanted: bool) -> None:
    if wanted:
        from inboxtrack import __version__

        print(f"inboxtrack {__version__}")
        raise typer.Exit


@app.callback()
def inboxtrack(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Knows where every order is, from the mails in your own mailbox."""


def main() -> None:
    """Run the command line and exit with its code. What a terminal's character set lacks is shown as "?"."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(guarded(lambda: app(standalone_mode=False)))
