"""`poll --quiet`, for cron, which mails every line: trouble is said when it begins and when it is over.

Two polls at the same time say it once: what was said is looked at and written down only when a poll is over, alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import typer

from inboxtrack.cli.frame import exit_code, one_line, say

if TYPE_CHECKING:
    from inboxtrack.app.poll import PollReport
    from inboxtrack.app.spells import Spells
    from inboxtrack.config.settings import Settings

MEMORY = "inboxtrack.said"
"""The file of the state folder that holds what was said."""

_POLL = "poll"


def each_trouble_once(
    settings: Settings, poll: Callable[[Settings], PollReport], say_over: Callable[[str], None]
) -> PollReport:
    """A poll, and what of its trouble is new since an earlier one; an error that ends it is trouble with its exit code.

    Raises typer.Exit.
    """
    from inboxtrack.app.spells import STORE
    from inboxtrack.store import StoreError

    try:
        report = poll(settings)
    except StoreError as error:
        with _remembered(settings, say_over) as spells:
            _store_fails(settings, str(error), spells)
        raise typer.Exit(exit_code(error)) from error
    except Exception as error:
        if os.environ.get("INBOXTRACK_DEBUG"):
            raise
        with _remembered(settings, say_over) as spells:
            spells.begin(_POLL, f"inboxtrack: {one_line(error)}", cause=type(error).__name__)
        raise typer.Exit(exit_code(error)) from error
    with _remembered(settings, say_over) as spells:
        spells.note(report)
        spells.end(_POLL)
        spells.end(STORE)
    return report


def _remembered(settings: Settings, say_over: Callable[[str], None]) -> AbstractContextManager[Spells]:
    from inboxtrack.app.spells import remembered

    return remembered(settings.general.state / MEMORY, say, say_over)


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
