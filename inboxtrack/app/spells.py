"""Trouble is said once a spell: when it begins, and when it is over, however often it is met in between."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from inboxtrack.app.poll import MailboxReport, PollReport
from inboxtrack.mail.source import LASTING

Say = Callable[[str], None]
STORE = "store"
STORE_OVER = "there is room again, and the store works: what waited is done now, and nothing was lost"


@dataclass(slots=True)
class Spell:
    """One trouble that lasts: its line and the one that ends it, which of its causes were said, and who meets it.

    `told`: a message went out, too.
    """

    text: str
    over: str
    told: bool = False
    said: list[str] = field(default_factory=list)
    met_by: list[str] = field(default_factory=list)


class Spells:
    """What is in trouble now, by what it is about. Safe from several threads."""

    def __init__(self, say: Say, say_over: Say | None = None, spells: dict[str, Spell] | None = None) -> None:
        self._say = say
        self._say_over = say_over or say
        self._spells = spells or {}
        self._lock = threading.Lock()

    def begin(self, about: str, text: str, over: str = "", *, cause: str = "", met_by: str = "") -> bool:
        """Say trouble that is new, or has a `cause` of its own that is; whether it was said.

        Without a cause it is the same trouble as before: a server fails in ever other ways.
        """
        with self._lock:
            new = about not in self._spells
            spell = self._spells.setdefault(about, Spell(text, over))
            new |= bool(cause) and cause not in spell.said and text != spell.text
            spell.said += [cause] if cause not in spell.said else []
            spell.met_by += [met_by] if met_by not in spell.met_by else []
        if new:
            self._say(text)
        return new

    def end(self, about: str, met_by: str = "") -> None:
        """Trouble is no longer met here; it is over, and said to be, when nobody meets it any more."""
        with self._lock:
            spell = self._spells.get(about)
            if spell is None:
                return
            spell.met_by = [other for other in spell.met_by if other != met_by]
            if spell.met_by:
                return
            del self._spells[about]
        if spell.over:
            self._say_over(spell.over)

    def tell_once(self, about: str, send: Callable[[str], bool]) -> None:
        """Send a message about trouble, until it went out once. For one thread."""
        spell = self._spells.get(about)
        if spell is not None and not spell.told:
            spell.told = send(spell.text)

    def note_mailbox(self, report: MailboxReport) -> None:
        """What a poll showed of a mailbox and its folders."""
        name = report.name
        if report.error:
            cause = str(report.kind) if report.kind in LASTING else ""
            self.begin(f"mailbox {name}", report.error, f"mailbox {name!r} is read again", cause=cause)
            return
        self.end(f"mailbox {name}")
        for text in report.warnings:
            over = f"mailbox {name!r}: every folder is read again"
            self.begin(f"folders {name}", text, over, cause=text)
        if not report.warnings:
            self.end(f"folders {name}")

    def note_channels(self, report: PollReport) -> None:
        """What sending showed of the channels; one that was sent nothing is as it was."""
        for name in set(report.delivered) - set(report.failed):
            self.end(f"channel {name}")
        for name, text in report.failed.items():
            self.begin(f"channel {name}", text, f"channel {name!r} works again")

    def note(self, report: PollReport) -> None:
        """What a poll of all mailboxes showed."""
        for mailbox in report.mailboxes:
            self.note_mailbox(mailbox)
        self.note_channels(report)

    def as_values(self) -> dict[str, object]:
        """What is in trouble, to be remembered."""
        return {about: asdict(spell) for about, spell in self._spells.items()}


@contextmanager
def remembered(file: Path, say: Say, say_over: Say) -> Iterator[Spells]:
    """Spells that outlast the process, in a file, because a store in trouble remembers nothing. One process at a time.

    A file that a full disk has left empty says so: the trouble is the store's, and was said.
    """
    with _alone(file.parent):
        spells = Spells(say, say_over, _kept(file))
        try:
            yield spells
        finally:
            _keep(file, spells)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for others who hold this folder. It is the folder itself that is locked: a full disk takes no new file."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # no such folder, or none of ours: nothing can be remembered there, and the store says why
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _kept(file: Path) -> dict[str, Spell]:
    try:
        return {about: Spell(**values) for about, values in json.loads(file.read_text(encoding="utf-8")).items()}
    except OSError:
        return {}
    except (ValueError, TypeError, AttributeError):
        return {STORE: Spell("", STORE_OVER, told=True, said=[""], met_by=[""])}


def _keep(file: Path, spells: Spells) -> None:
    values = spells.as_values()
    with suppress(OSError):
        if values:
            file.touch(mode=0o600)
            file.write_text(json.dumps(values), encoding="utf-8")
        else:
            file.unlink(missing_ok=True)
