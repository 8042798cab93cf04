"""One mailbox' connection over time: kept between polls, renewed when it breaks, patient with single bad mails."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inboxtrack.mail.account import ImapAccount
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.imap.errors import Refused, pause_asked
from inboxtrack.mail.imap.plan import Folder, Header, Plan
from inboxtrack.mail.source import Kind, MailboxError

MOST_FAILURES = 40
"""Failed fetches in one poll after which the trouble is the server's, not that of single mails."""

_NO_RIGHT = re.compile(r"\bNOPERM\b|permission denied|access denied|not authori[sz]ed", re.I)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unopened:
    """Why a folder is not open, in one line for the user; `kind` says whether that may pass."""

    kind: Kind
    text: str


class Session:
    """The connection of one account and the folder that is open in it."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self.seen: dict[str, int | None] = {}
        """UIDNEXT of each folder at its last poll, so that waiting notices what came since."""

        self._connection: Connection | None = None
        self._folder: Folder | None = None
        self._failures = 0

    def begin(self) -> None:
        """A new poll: count failures anew."""
        self._failures = 0

    def connection(self) -> Connection:
        """The live connection, made now where there is none. Raises MailboxError."""
        if self._connection is None or not self._connection.alive:
            self._connection = self._folder = None
            self._connection = Connection(self.account)
        return self._connection

    def examine(self, name: str) -> Folder:
        """Open a folder, on a new connection when the kept one turns out to be dead.

        A fresh EXAMINE is one round trip, as NOOP is, and the only question that notices a rebuilt folder.
        """
        kept = self._connection is not None and self._connection.alive
        try:
            self._folder = self.connection().examine(name)
        except MailboxError as error:
            if not kept:
                raise
            _log.info("%s", error)
            self._folder = self.connection().examine(name)
        return self._folder

    def open(self, name: str) -> Folder | Unopened:
        """Open a folder, or say why not. Raises MailboxError, also where the server asks for a pause."""
        try:
            folder = self.examine(name)
        except Refused as refused:
            if refused.wait:
                self.close()
                raise pause_asked(self.account, refused.text) from refused
            return self._unopened(name, refused.text)
        self.seen[name] = folder.uidnext
        return folder

    def reopen(self, folder: Folder) -> None:
        """Have a folder open that was opened before. MailboxError when it was rebuilt since."""
        connection, here = self.connection(), self._folder
        if connection.alive and here and (here.name, here.uidvalidity) == (folder.name, folder.uidvalidity):
            return
        try:
            uidvalidity = self.examine(folder.name).uidvalidity
        except Refused as refused:
            raise self._transient(f"folder {folder.name!r} went away ({refused.text})") from refused
        if uidvalidity != folder.uidvalidity:
            raise self._transient(f"folder {folder.name!r} was rebuilt while it was read")

    def names(self) -> list[str]:
        """The folders to read: special uses such as `\\Junk` are looked up, the others taken as they are."""
        wanted = self.account.folders
        if not any(name.startswith("\\") for name in wanted):
            return list(wanted)
        listed = self.connection().folders()
        by_use = {flag.lower(): name for name, flags in reversed(listed) for flag in flags}
        return list(dict.fromkeys(by_use.get(name.lower(), name) for name in wanted))

    def search(self, folder: Folder, plan: Plan) -> list[int]:
        """The UIDs a plan asks for, ascending. Raises MailboxError."""
        self.reopen(folder)
        found: set[int] = set()
        try:
            for first, last in plans.windows(plan.first, folder):
                found.update(self.connection().search(first, last, plan.since_day))
        except Refused as refused:
            text = f"{self.account.server} refuses to search {folder.name!r} ({refused.text})"
            raise self._transient(text, refused.wait) from refused
        return sorted(found)

    def headers(self, folder: Folder, uids: Sequence[int]) -> tuple[dict[int, Header], dict[int, str]]:
        """Headers by UID, and why not for those that fail alone."""
        return self._gather(folder, "headers", uids)

    def bodies(self, folder: Folder, uids: Sequence[int], limit: int) -> tuple[dict[int, bytes], dict[int, str]]:
        """Bodies by UID, at most `limit` bytes each, and why not for those that fail alone."""
        return self._gather(folder, "bodies", uids, limit)

    def heed(self) -> None:
        """Raise MailboxError where the server asked for a pause while it gave what was asked."""
        if self._connection is not None and self._connection.throttled:
            self.close()
            raise pause_asked(self.account)

    def close(self) -> None:
        """Sign out."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _gather(
        self, folder: Folder, what: str, uids: Sequence[int], *args: int
    ) -> tuple[dict[int, Any], dict[int, str]]:
        """Fetch in ever smaller portions what fails together, so that one bad mail holds up no other."""
        got: dict[int, Any] = {}
        failed: dict[int, str] = {}
        lost: MailboxError | None = None
        todo = [list(portion) for portion in plans.portions(uids, plans.HEADER_IDS)][::-1]
        while todo:
            portion = todo.pop()
            try:
                self.reopen(folder)
                got |= getattr(self.connection(), what)(portion, *args)
            except (Refused, MailboxError) as error:
                self._count(error)
                lost = error if isinstance(error, MailboxError) else lost
                if len(portion) == 1:
                    failed[portion[0]] = error.text
                else:
                    middle = len(portion) // 2
                    todo += [portion[middle:], portion[:middle]]
        if lost and not got and len(uids) > 1:
            # Not one of several mails came, and connections broke: the server's trouble, not the mails'.
            raise lost
        return got, failed

    def _count(self, error: Refused | MailboxError) -> None:
        """Raise where smaller portions are no use: too many failures, silence, a pause asked for, no way back in."""
        self._failures += 1
        many = self._failures > MOST_FAILURES
        if isinstance(error, Refused):
            if many or error.wait:
                text = f"{self.account.server} refuses to give mails ({error.text})"
                raise self._transient(text, error.wait) from error
            return
        broke = self._connection is not None and not self._connection.alive
        if many or not broke or error.wait or isinstance(error.__cause__, TimeoutError):
            raise error

    def _unopened(self, name: str, said: str) -> Unopened:
        """A folder that is there may be opened later; one that is not has another name."""
        mailbox, there, cure = f"mailbox {self.account.name!r}", self._listed(), ""
        if there is not None and name not in there and name.upper() != "INBOX":
            cure = self._cure(name, there)
        elif _NO_RIGHT.search(said):
            cure = "ask for the right to read it, or take it out of folders"
        if cure:
            return Unopened(Kind.CONFIG, f"{mailbox}: folder {name!r} cannot be opened ({said}): {cure}")
        text = f"{mailbox}: folder {name!r} cannot be opened now ({said}): it is tried again"
        return Unopened(Kind.TRANSIENT, text)

    def _listed(self) -> list[str] | None:
        """The folders that can be opened; None where the server does not even list them."""
        try:
            return [listed for listed, flags in self.connection().folders() if "\\Noselect" not in flags]
        except (Refused, MailboxError):
            return None

    def _cure(self, name: str, there: list[str]) -> str:
        close = difflib.get_close_matches(name, there, 1, 0.5)
        if close:
            return f"did you mean {close[0]!r}?"
        return f"the mailbox has {', '.join(map(repr, there[:8]))}" if there else "check its name"

    def _transient(self, text: str, wait: float = 0) -> MailboxError:
        return MailboxError(Kind.TRANSIENT, f"mailbox {self.account.name!r}: {text}: it is tried again", wait)
