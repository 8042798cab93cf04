"""What to ask a folder for, in which portions, and when to give up on a mail: pure decisions of the poll."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from inboxtrack.mail.message import Mail, MailRefused, parse_headers
from inboxtrack.mail.source import Fetched, Pending, Place, Position, Trouble

T = TypeVar("T")
_log = logging.getLogger(__name__)
HEADER_IDS = 100
TRIAGE_IDS = 500
"""Mails that are triaged together, so that their few candidates share a fetch."""

BODY_IDS = 20
BODY_BYTES = 8_000_000
BODY_CAP = 262_144
BODY_REFUSED = 50_000_000
SEARCH_IDS = 80_000
"""imaplib takes answers up to 1,000,000 bytes; a UID and its blank have at most 11."""

ZONE_MARGIN = dt.timedelta(days=2)
"""SINCE knows neither time nor zone, and servers differ in whose day they mean."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What EXAMINE says of a folder. `uidvalidity` is 0 and `uidnext` None where the server is silent about them."""

    name: str
    uidvalidity: int
    uidnext: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Header:
    """A mail's header fields for triage; `raw` is empty when the server gave none."""

    raw: bytes
    size: int
    received_at: dt.datetime | None
    server_id: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read of a folder: UIDs from `first`, of mails not older than `since`; old news below `quiet_below`."""

    first: int
    since: dt.datetime | None
    quiet_below: int
    restarted: bool = False

    def admits(self, header: Header, now: dt.datetime) -> bool:
        """Whether a mail is young enough: the server knows days only."""
        return self.since is None or received(header, now) >= self.since

    @property
    def is_first(self) -> bool:
        """Whether this is the first sync of a folder."""
        return self.since is not None and not self.restarted

    @property
    def since_day(self) -> dt.date | None:
        """The day to give the server, with a margin for its zone."""
        return (self.since - ZONE_MARGIN).date() if self.since else None


def plan(folder: Folder, position: Position | None, look_back_days: int, now: dt.datetime) -> Plan | None:
    """None when there is nothing new. A rebuilt or set-back folder is read again over the look-back.

    That is not quiet: what was read before is known by its content, so that what remains is new.
    """
    rebuilt = position is not None and (
        position.uidvalidity != folder.uidvalidity
        or (folder.uidnext is not None and folder.uidnext < position.next_uid)
    )
    if position is None or rebuilt:
        since = now - dt.timedelta(days=look_back_days)
        return Plan(1, since, 0 if rebuilt else folder.uidnext or 0, restarted=rebuilt)
    if folder.uidnext == position.next_uid:
        return None
    return Plan(position.next_uid, None, position.quiet_below)


def windows(first: int, folder: Folder) -> Iterator[tuple[int, int | None]]:
    """UID ranges whose search answers stay below imaplib's limit; one open range for folders of usual size."""
    if folder.uidnext is not None:
        while folder.exists > SEARCH_IDS and folder.uidnext - first > SEARCH_IDS:
            yield first, first + SEARCH_IDS - 1
            first += SEARCH_IDS
    yield first, None


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Consecutive slices of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


@dataclass(frozen=True, slots=True)
class Run:
    """Mails that are kept in one transaction. `last` is the highest UID that is dealt with once they are kept."""

    last: int
    foreign: tuple[int, ...]
    candidates: tuple[int, ...]


def runs(uids: Sequence[int], sizes: Mapping[int, int], wanted: Container[int]) -> Iterator[Run]:
    """Split UIDs into runs whose candidates' bodies are within the limits of one fetch.

    `sizes` lacks the mails that are gone; they are passed over, as are those that cannot be judged.
    """
    foreign: list[int] = []
    candidates: list[int] = []
    total, last = 0, 0
    for uid in uids:
        if uid in sizes and uid in wanted:
            size = min(sizes[uid], BODY_CAP)
            if len(candidates) == BODY_IDS or (candidates and total + size > BODY_BYTES):
                yield Run(last, tuple(foreign), tuple(candidates))
                foreign, candidates, total = [], [], 0
            candidates.append(uid)
            total += size
        elif uid in sizes:
            foreign.append(uid)
        last = uid
    if last:
        yield Run(last, tuple(foreign), tuple(candidates))


def triage(header: Header, wanted: Callable[[Mail], bool]) -> bool:
    """Whether a mail's body is worth fetching. A header that breaks a limit, or the triage, is left to the reader."""
    try:
        return wanted(parse_headers(header.raw, header.received_at))
    except MailRefused:
        return True
    except Exception:  # one mail must not stop the mailbox; the reader records what is wrong with it
        _log.exception("the triage of a mail failed: it is read whole")
        return True


def received(header: Header, now: dt.datetime) -> dt.datetime:
    """The server's date of receipt in UTC; `now` where it is missing, impossible or more than a day ahead."""
    if header.received_at is None:
        return now
    try:
        utc = header.received_at.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return now
    return now if utc > now + dt.timedelta(days=1) else utc


def fetched(place: Place, header: Header, body: bytes | None, now: dt.datetime, cap: int = BODY_CAP) -> Fetched:
    """One mail, with its header alone when `body` is None. Short answers count as cut: sizes are the server's word."""
    raw = header.raw if body is None else body
    expected = min(header.size, cap)
    cut = body is not None and ((len(body) >= cap and header.size != len(body)) or len(body) < expected * 0.9)
    return Fetched(
        place=place,
        received_at=received(header, now),
        size=header.size,
        raw=raw,
        header_only=body is None,
        truncated=cut,
        server_id=header.server_id,
    )


EMPTY_TRIES = 3
REFUSED_TRIES = 5
REFUSED_DAYS = 3


def trouble(place: Place, reason: str, before: Pending | None, *, empty: bool) -> Trouble:
    """A mail that did not come: final after 3 empty answers, or 5 refusals on 3 different days."""
    attempts, days = (before.attempts + 1, before.days) if before else (1, 1)
    final = attempts >= EMPTY_TRIES if empty else attempts >= REFUSED_TRIES and days >= REFUSED_DAYS
    return Trouble(place=place, reason=reason, final=final)


def by_folder(pending: Iterable[Pending], account: str) -> dict[str, list[Pending]]:
    """The pending mails of an account by folder."""
    found: dict[str, list[Pending]] = {}
    for item in pending:
        if item.place.account == account:
            found.setdefault(item.place.folder, []).append(item)
    return found
