"""What the commands that read mail do: poll, run, backfill, import; and purge."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from inboxtrack.cli.frame import FAILED, CommandError, WrongUsage, opened, say, settings_of
from inboxtrack.cli.quiet import MEMORY, each_trouble_once
from inboxtrack.cli.words import OUTCOME_WORDS, counted
from inboxtrack.model import Outcome

if TYPE_CHECKING:
    from inboxtrack.app import App
    from inboxtrack.app.poll import MailboxReport, PollReport
    from inboxtrack.config.settings import MailboxSettings, Settings
    from inboxtrack.mail.source import Progress


def poll(config: Path | None, *, as_json: bool, quiet: bool) -> None:
    """One cycle. Exit code 1 when a mailbox or a folder could not be read, or a message not sent.

    For cron, which mails every line, `quiet` says trouble once a spell; the exit code says it each time.
    """
    settings = settings_of(config)
    report = each_trouble_once(settings, _polled, say if as_json else print) if quiet else _polled(settings)
    if as_json:
        print(json.dumps(_as_json(report), ensure_ascii=False))
    elif not quiet:
        for mailbox in report.mailboxes:
            if not mailbox.error:
                print(_line(mailbox))
        if report.messages:
            print(f"{counted(report.messages, 'message')} sent")
    if not quiet:
        _end_with(_problems(report))
    elif any(_problems(report)):
        raise typer.Exit(FAILED)


def _polled(settings: Settings) -> PollReport:
    from inboxtrack.app import App

    with App.open(settings) as app:
        if not settings.mailboxes:
            raise WrongUsage(f"{settings.path} has no mailbox: add a [[mailbox]], as its example shows")
        with app.alone():
            app.intake.check_mailboxes()
            app.check_channels()
            report = app.poll()
    _say_all(mailbox.found for mailbox in report.mailboxes if mailbox.found)
    return report


def _say_all(texts: Iterable[str]) -> None:
    for text in texts:
        say(text)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _end_with(problems: Iterable[str]) -> None:
    """Say what went wrong; exit code 1 when anything did."""
    said = list(problems)
    for text in said:
        say(text)
    if said:
        raise typer.Exit(FAILED)


_NEED_A_PERSON = (Outcome.UNREAD, Outcome.QUARANTINED, Outcome.FAILED)


def _line(mailbox: MailboxReport, noun: str = "new mail") -> str:
    read = mailbox.outcomes
    if not mailbox.mails:
        return f"{mailbox.name}: no {noun}"
    said = [f"{counted(read.get(Outcome.READ, 0), 'order mail')} read"]
    odd = [f"{read[one]} {OUTCOME_WORDS[one]}" for one in _NEED_A_PERSON if one in read]
    line = f"{mailbox.name}: {counted(mailbox.mails, noun)}, {', '.join(said + odd)}"
    return f"{line} (inboxtrack attention)" if odd else line


def _problems(report: PollReport) -> Iterable[str]:
    for mailbox in report.mailboxes:
        yield from mailbox.warnings
        if mailbox.error:
            yield mailbox.error
    yield from report.undelivered


def _as_json(report: PollReport) -> dict[str, object]:
    mailboxes = [
        {
            "name": mailbox.name,
            "mails": mailbox.mails,
            "outcomes": {outcome.value: number for outcome, number in sorted(mailbox.outcomes.items())},
            "news": mailbox.news,
            "warnings": mailbox.warnings,
            "error": mailbox.error,
        }
        for mailbox in report.mailboxes
    ]
    return {"schema": 1, "mailboxes": mailboxes, "messages": report.messages, "undelivered": report.undelivered}


def watch(config: Path | None) -> None:
    """The daemon, until it is stopped."""
    from inboxtrack.daemon import run

    settings = settings_of(config)
    if not settings.mailboxes:
        raise WrongUsage(f"{settings.path} has no mailbox: add a [[mailbox]], as its example shows")
    run(settings, say)


def backfill(config: Path | None, since: str, *, deep: bool) -> None:
    """Read older mail with a progress bar, then tell one summary. A mailbox in trouble stops no other."""
    start = parse_since(since, _now())
    with opened(config) as app, app.alone():
        app.intake.check_mailboxes()
        _say_all(_not_backfilled(app.settings))
        problems = [text for mailbox in app.settings.mailboxes for text in _backfilled(app, mailbox, start, deep=deep)]
        app.tell()
    _end_with(problems)


def _backfilled(app: App, mailbox: MailboxSettings, start: dt.datetime, *, deep: bool) -> list[str]:
    """Read older mail of one mailbox; what went wrong."""
    from inboxtrack.mail.source import MailboxError
    from inboxtrack.secret import ConfigError

    try:
        _say_all(filter(None, [app.intake.find_server(mailbox)]))
        report = _follow(app.intake.backfill(start, _now(), deep=deep, only=mailbox), "Reading older mail")
    except (ConfigError, MailboxError) as error:
        return [str(error)]
    _tell_old(report, f"since {start:%Y-%m-%d} that was not read before")
    return [text for one in report for text in one.warnings]


def import_paths(config: Path | None, paths: list[Path]) -> None:
    """Take in mail from files with a progress bar, then tell one summary."""
    with opened(config) as app, app.alone():
        report = _follow(app.intake.import_paths(paths, _now()), "Importing")
        _tell_old(report)
        app.tell()
    _end_with(text for one in report for text in one.warnings)


def parse_since(text: str, now: dt.datetime) -> dt.datetime:
    """ "180d", "180", or a date such as 2026-05-01, as a time. Raises WrongUsage."""
    if days := re.fullmatch(r"(\d{1,3}|\d{1,5}\s*d(?:ays)?)", text.strip()):
        return now - dt.timedelta(days=int(days[1].rstrip("days ")))
    try:
        since = dt.datetime.combine(dt.date.fromisoformat(text.strip()), dt.time(), dt.UTC)
    except ValueError:
        raise WrongUsage(f"--since {text!r} is neither days back (180d) nor a date (2026-05-01)") from None
    if since > now:
        raise WrongUsage(f"--since {text!r} lies in the future: name a day that is past")
    return since


def _follow(steps: Iterable[tuple[MailboxReport, Progress]], title: str) -> list[MailboxReport]:
    """Show how far a long run is, on stderr; its reports."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    reports: dict[str, MailboxReport] = {}
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {}
        for report, progress in steps:
            if report.name not in reports:
                reports[report.name] = report
                tasks[report.name] = bar.add_task(f"{title} ({report.name})", total=progress.total)
            bar.update(tasks[report.name], completed=progress.done, total=progress.total)
    return list(reports.values())


def _tell_old(reports: list[MailboxReport], looked_at: str = "") -> None:
    for report in reports:
        print(_line(report, "mail") if report.mails else f"{report.name}: no mail {looked_at}".rstrip())


def _not_backfilled(settings: Settings) -> Iterable[str]:
    for mailbox in settings.mailboxes:
        if mailbox.maildir:
            yield f"mailbox {mailbox.name!r} is a Maildir: inboxtrack import {mailbox.maildir} reads its older mail"


def purge(config: Path | None, *, mail: bool, everything: bool, yes: bool) -> None:
    """Delete kept mail, or everything that is known."""
    general = settings_of(config).general
    if everything:
        _ask(f"Delete everything inboxtrack knows, in {general.state}?", yes=yes)
        _purge_everything(general.state)
        return
    if mail:
        _ask("Delete all kept mail? Orders stay; they cannot be read again.", yes=yes)
    elif not general.retention_days:
        raise WrongUsage("retention_days is 0, so mail is kept for ever: --mail deletes it all the same")
    before = _now() - dt.timedelta(days=0 if mail else general.retention_days)
    with opened(config) as app, app.alone():
        number = app.intake.purge(before)
    none = "no mail is kept" if mail else f"no kept mail is older than {general.retention_days} days (retention_days)"
    print(f"{counted(number, 'mail')} deleted" if number else none)


def _ask(question: str, *, yes: bool) -> None:
    """Raises CommandError unless the user agrees; without a terminal nobody can."""
    try:
        agreed = yes or typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
        say("")
    if not agreed:
        raise CommandError("nothing is deleted: --yes skips the question")


def _purge_everything(folder: Path) -> None:
    """Delete store, attachments and sign-ins, while nobody else is at work on them."""
    from inboxtrack.app.lock import instance_lock
    from inboxtrack.mail.oauth.keep import TokenKeep

    with instance_lock(folder):
        left = [file.stem for file in sorted(folder.glob("tokens/*.json")) if not TokenKeep(file).forget()]
        for pattern in ("inboxtrack.sqlite*", MEMORY, "attachments/*", "tokens/*", "tokens/.token*", "servers.json"):
            for file in sorted(folder.glob(pattern)):
                file.unlink()
    print("Everything is deleted. The next poll begins anew.")
    _end_with(f"the keyring did not let go of the sign-in of {name}: delete it there" for name in left)
