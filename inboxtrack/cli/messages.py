"""What `digest` and `notify-test` do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import typer

from inboxtrack.channel import Style
from inboxtrack.cli.frame import FAILED, WrongUsage, opened, say


def digest(config: Path | None, style: str, *, send: bool) -> None:
    """Print the digest in a style, or send it to every channel that wants digests."""
    if style not in list(Style):
        raise WrongUsage(f"--style {style!r} is none of {', '.join(Style)}")
    now = dt.datetime.now(dt.UTC)
    with opened(config) as app:
        if not send:
            message = app.messages.preview(Style(style), now)
            print(f"{message.title}\n\n{message.body}".strip())
            return
        if not any(channel.digest for channel in app.messages.channels):
            raise WrongUsage(f"{app.settings.path} has no channel for digests: add a [[channel]]")
        app.check_channels()
        app.messages.put_digest(f"digest/{now.isoformat()}", now, now)
        report = app.messages.send(now)
    for name, count in report.sent.items():
        print(f"{name}: {count} sent")
    for problem in report.problems:
        say(problem)
    if report.problems:
        raise typer.Exit(FAILED)


def notify_test(config: Path | None) -> None:
    """Send a test message to each channel and say how each went."""
    with opened(config) as app:
        if not app.settings.channels:
            raise WrongUsage(f"{app.settings.path} has no channel: add a [[channel]] with an Apprise URL")
        results = app.messages.test()
    for name, error in results:
        print(f"{name}: {'sent' if error is None else error}")
    if any(error for _, error in results):
        raise typer.Exit(FAILED)
