"""`poll --quiet`, for cron, which mails every line: trouble is said when it begins and when it is over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from inboxtrack.cli.frame import exit_code, one_line, say

if TYPE_CHECKING:
    from inboxtrack.app.spells import Spells
    from inboxtrack.settings import Settings

MEMORY = "inboxtrack.said"
"""The file of the state folder that holds what was said."""

_POLL = "poll"


@contextmanager
def each_trouble_once(settings: Settings, say_over: Callable[[str], None]) -> Iterator[Spells]:
    """What is in trouble since an earlier poll; an error that ends this one is trouble, too, with its exit code."""
    from inboxtrack.app.spells import STORE, remembered
    from inboxtrack.store import StoreError

    with remembered(settings.general.state / MEMORY, say, say_over) as spells:
        try:
            yield spells
        except StoreError as error:
            _store_fails(settings, str(error), spells)
            raise typer.Exit(exit_code(error)) from error
        except Exception as error:
            if os.environ.get("INBOXTRACK_DEBUG"):
                raise
            spells.begin(_POLL, f"inboxtrack: {one_line(error)}", cause=type(error).__name__)
            raise typer.Exit(exit_code(error)) from error
        spells.end(_POLL)
        spells.end(STORE)


def _store_fails(settings: Settings, text: str, spells: Spells) -> None:
    """Say it; and send it where the next poll will know that it was sent."""
    from inboxtrack.app import utc_now
    from inboxtrack.app.spells import STORE, STORE_OVER
    from inboxtrack.app.warning import warn

    spells.begin(STORE, f"inboxtrack: {text}", STORE_OVER)
    try:
        (settings.general.state / MEMORY).touch(mode=0o600)
    except OSError:
        return
    spells.tell_once(STORE, lambda _: warn(settings, text, utc_now()))
