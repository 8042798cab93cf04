"""What every command shares: `--config`, the opened app, errors as one line, and the exit codes.

0 done; 1 something failed; 2 wrong usage or configuration; 3 another instance holds the lock.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from inboxtrack.app import App
    from inboxtrack.config import Settings

FAILED = 1
INTERRUPTED = 130

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The settings file, where it is not in its usual place."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON (schema 1) for other programs.")]
OrderArgument = Annotated[
    str,
    typer.Argument(metavar="ORDER", help="An order number or its end, RETAILER/NUMBER, or a tracking number."),
]


class CommandError(Exception):
    """A command cannot do what was asked; the text is one line that names the cure."""


class WrongUsage(Exception):
    """A command was asked for something that does not exist; the text is one line that names what does."""

    exit_code = 2


def say(text: str) -> None:
    """Tell the user something that is not data: on stderr, as one line."""
    print(text, file=sys.stderr)


def settings_of(config: Path | None) -> Settings:
    """The settings that a command runs with. Raises ConfigError."""
    from inboxtrack.config import load

    return load(config)


@contextmanager
def opened(config: Path | None) -> Iterator[App]:
    """The app over the user's settings and store, closed at the end."""
    from inboxtrack.app import App

    with App.open(settings_of(config)) as app:
        yield app


def guarded(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code (typer hands over that of an Exit); errors become one line on stderr.

    INBOXTRACK_DEBUG=1 lets the traceback through instead.
    """
    try:
        code = command() or 0
        sys.stdout.flush()
        if code == INTERRUPTED:  # typer makes this of Ctrl-C
            say("inboxtrack: stopped")
        return code
    except (KeyboardInterrupt, typer.Abort):
        say("inboxtrack: stopped")
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the reader of a pipe has left; typer ends the process for that
        _let_go_of_stdout()
        return 0
    except Exception as error:
        if os.environ.get("INBOXTRACK_DEBUG"):
            raise
        _let_go_of_stdout()
        say(f"inboxtrack: {one_line(error)}")
        return exit_code(error)


def _let_go_of_stdout() -> None:
    """What a pipe without a reader or a full disk does not take must not raise again when the process ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command_of(error: Exception) -> str:
    """The command that was used wrongly, as one types it."""
    context: Any = getattr(error, "ctx", None)
    return f"inboxtrack {context.info_name}" if context and context.parent else "inboxtrack"


def exit_code(error: Exception) -> int:
    """What an error asks for: 2 for settings, 3 for a lock (each says so itself), else 1."""
    return int(getattr(error, "exit_code", FAILED))


def one_line(error: Exception) -> str:
    """An error as one line. Errors of our own speak for themselves; others are named, with a way to learn more."""
    formatted = getattr(error, "format_message", None)
    text = " ".join((formatted() if formatted else str(error)).split())
    if formatted:
        return f"{text} (see {_command_of(error)} --help)"
    if type(error).__module__.startswith("inboxtrack."):
        return text
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{error.strerror}: make room, or write to another place"
    return f"{type(error).__name__}: {text[:300]} (INBOXTRACK_DEBUG=1 shows where)"
