"""What a mail source hands over: batches of mails, each with the position that is true once it is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail stands. A UID means nothing without its folder's UIDVALIDITY (RFC 9051, 2.3.1.1)."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder is read: every UID below `next_uid` is recorded, gone, or named by a kept `Trouble`.

    UIDs below `quiet_below` are old mail (of a first sync or a rescan), which is never told message by message.
    It is part of the position so that a crash in the middle of a first sync does not make old mail news.
    """

    account: str
    folder: str
    uidvalidity: int
    next_uid: int
    quiet_below: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One mail as it came down. `raw` is the header block alone when `header_only`, cut short when `truncated`.

    `received_at` is the INTERNALDATE; `server_id` is X-GM-MSGID or EMAILID where the server has one.
    """

    place: Place
    received_at: dt.datetime
    size: int
    raw: bytes
    header_only: bool = False
    truncated: bool = False
    server_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A mail that could not be fetched: to be tried again, or given up with a reason when `final`."""

    place: Place
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A kept `Trouble` to be tried again: how often the mail was tried, and on how many different days.

    One that was `given_up` is tried once a day all the same: servers give up a broken mail after days, and it may go.
    """

    place: Place
    attempts: int = 1
    days: int = 1
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long run has come; `total` is known from the start. `unit` is "mails" or "bytes"."""

    done: int
    total: int
    unit: str = "mails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Mails and troubles that are kept in one transaction together with the position behind them.

    `quiet` batches hold old mail (first sync, rescan, backfill, import): no message per mail, but one summary.
    `gone` are places asked for that no longer exist: a trouble kept for them is settled.
    `warnings` are for the user: one line each that names a folder and the cure; they hold until the next poll.
    """

    mails: tuple[Fetched, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    gone: tuple[Place, ...] = ()
    position: Position | None = None
    quiet: bool = False
    warnings: tuple[str, ...] = ()
    progress: Progress | None = None


class Kind(StrEnum):
    """What a mailbox error asks for.

    `auth`: a new password or sign-in; `config`: a changed setting; neither heals by trying again soon.
    `transient`: the network or the server, tried again with growing pauses. `protocol`: an answer that makes no
    sense; tried again on a new connection.
    """

    AUTH = "auth"
    CONFIG = "config"
    TRANSIENT = "transient"
    PROTOCOL = "protocol"


LASTING = frozenset({Kind.AUTH, Kind.CONFIG})
"""The kinds that do not heal by themselves: each is trouble of its own."""


class MailboxError(Exception):
    """A mailbox that cannot be read now. `text` is one line that names the mailbox, the cause and the cure.

    `wait` is how many seconds to leave the server alone at least, where it asked for that. `refused_after` so many
    in a row, a transient error is a refused sign-in after all; 0 where it never is.
    """

    def __init__(self, kind: Kind, text: str, wait: float = 0, refused_after: int = 0) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.wait = wait
        self.refused_after = refused_after
