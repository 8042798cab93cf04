"""A Maildir that is watched as a mailbox: for those who fetch their mail with mbsync, getmail or a local server."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from inboxtrack.mail.files import Wanted, file_mail, maildir_files, maildir_name, place_of, received_at
from inboxtrack.mail.source import Batch, Fetched, Kind, MailboxError, Pending, Place, Position

BATCH = 50
LOOK_SECONDS = 2.0


class MaildirSource:
    """A Maildir. `known` says which places the store has; a Maildir has no UIDs to count by.

    It only reads: no file is moved or renamed, so mails stay "new" for the user's mail program.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        known: Callable[[Place], bool],
        folders: tuple[str, ...] = ("INBOX",),
        look_back_days: int = 60,
    ) -> None:
        self.name = name
        self._root = root
        self._known = known
        self._folders = folders
        self._look_back = dt.timedelta(days=look_back_days)
        self._stop = threading.Event()
        self._seen: dict[Path, int] = {}

    def poll(
        self, positions: Mapping[str, Position], wanted: Wanted, now: dt.datetime, pending: Iterable[Pending] = ()
    ) -> Iterator[Batch]:
        """The mails whose places are not known yet; those of the first poll are quiet.

        Mails that the first poll finds older than the look-back come `header_only`, so that they are known afterwards.
        The position only says that the first poll is over. Raises MailboxError when there is no such Maildir.
        """
        del pending  # A file that could not be read is not known, and so is read again anyway.
        for name in self._folders:
            folder = self._folder(name)
            text = self._lack(folder)
            if text:
                if len(self._folders) == 1:
                    raise MailboxError(Kind.CONFIG, text)
                yield Batch(warnings=(text,))
                continue
            changed = _changed(folder)
            if self._seen.get(folder) != changed:
                yield from self._read(name, folder, positions.get(name), wanted, now)
                self._seen[folder] = changed

    def lacking(self) -> list[str]:
        """A line on each folder that cannot be read, for `doctor`."""
        return [text for name in self._folders if (text := self._lack(self._folder(name)))]

    def _folder(self, name: str) -> Path:
        return self._root if name == "INBOX" else self._root / ("." + name.replace("/", "."))

    def _lack(self, folder: Path) -> str | None:
        if (folder / "cur").is_dir():
            return None
        return f"mailbox {self.name!r}: {folder} is no Maildir (it has no folder cur): check maildir and folders"

    def wait(self, seconds: float) -> bool:
        """Wait until a delivery changed a folder (True), or `seconds` are over or `interrupt` is called (False)."""
        left = seconds
        while left > 0 and not self._stop.wait(min(LOOK_SECONDS, left)):
            left -= LOOK_SECONDS
            if any(_changed(folder) != seen for folder, seen in self._seen.items()):
                return True
        self._stop.clear()
        return False

    def interrupt(self) -> None:
        """End a `wait` in another thread, or else the next one."""
        self._stop.set()

    def drop(self) -> None:
        """Nothing to give up: there is no connection."""

    def renewed(self) -> bool:
        """Never: there is no password."""
        return False

    def close(self) -> None:
        """Nothing to release."""

    def _read(
        self, name: str, folder: Path, position: Position | None, wanted: Wanted, now: dt.datetime
    ) -> Iterator[Batch]:
        quiet = position is None
        mails: list[Fetched] = []
        for path in maildir_files(folder):
            place = place_of(self.name, name, maildir_name(path))
            if self._known(place):
                continue
            try:
                mails.append(file_mail(path, place, now, self._young(wanted, now) if quiet else wanted))
            except FileNotFoundError:
                continue  # A mail program has just moved it; the next poll finds it under its new name.
            except OSError as error:
                yield Batch(
                    warnings=(f"mailbox {self.name!r}: {path} cannot be read ({error.strerror}): make it readable",)
                )
                continue
            if len(mails) == BATCH:
                yield Batch(mails=tuple(mails), quiet=quiet)
                mails = []
        if mails or quiet:
            yield Batch(mails=tuple(mails), quiet=quiet, position=Position(self.name, name, 1, 1))

    def _young(self, wanted: Wanted, now: dt.datetime) -> Wanted:
        edge = now - self._look_back
        return lambda header: received_at(header, now) >= edge and wanted(header)


def _changed(folder: Path) -> int:
    return max((folder / sub).stat().st_mtime_ns for sub in ("new", "cur") if (folder / sub).is_dir())
