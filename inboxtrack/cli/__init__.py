"""The command line: one module a group of commands, imported only when the command runs."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def inboxtrack() -> None:
    """Knows where every order is, from the mails in your own mailbox."""


@app.command()
def read(files: list[str], json: bool = typer.Option(False, "--json", help="Print JSON (schema 1).")) -> None:
    """Show what .eml files (or .html bodies) say, without mailbox, settings or store."""
    from inboxtrack.cli.read import run

    run(files, json)


def main() -> None:
    """Run the command line."""
    app()
