"""What a mail source hands over: batches of mails, each with the position that is true once it is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail stands. A UID means nothing without its folder's UIDVALIDITY (RFC 9051, 2.3.1.1)."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder is read: every UID below `next_uid` is recorded or gone."""

    account: str
    folder: str
    uidvalidity: int
    next_uid: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Mails that are kept in one transaction together with the position behind them."""

    mails: tuple[Fetched, ...]
    troubles: tuple[Trouble, ...] = ()
    position: Position | None = None
