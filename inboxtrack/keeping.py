"""What the pipeline needs of the store: the words of one transaction. The store has them; the pipeline has no SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from inboxtrack.mail.source import Place, Position, Trouble
from inboxtrack.model import Fact, News, Outcome, Reading, State, Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail as it is kept. `raw` is None where the mail was foreign, or its retention has passed."""

    id: int
    key: str
    message_id: str
    sender: str
    subject: str
    dated: dt.datetime | None
    received_at: dt.datetime
    account: str
    outcome: Outcome
    reason: str
    extractor: str | None
    revision: int
    trust: Trust
    trust_reason: str
    imitates: str | None
    raw: bytes | None
    truncated: bool
    read_at: dt.datetime


class KeepsMails(Protocol):
    """Mail rows, places, positions and troubles."""

    def by_key(self, key: str) -> MailRow | None: ...
    def by_id(self, mail_id: int) -> MailRow | None: ...
    def record(self, row: NewMail, reading: Reading, now: dt.datetime) -> int: ...
    def update(self, mail_id: int, reading: Reading, now: dt.datetime) -> None: ...
    def keep_raw(self, mail_id: int, raw: bytes, *, truncated: bool) -> None: ...
    def stand(self, where: Place, mail_id: int | None) -> None: ...
    def set_position(self, where: Position) -> None: ...
    def note_troubles(self, troubles: Iterable[Trouble], now: dt.datetime) -> None: ...
    def settle_trouble(self, where: Place) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """A mail that is kept for the first time: its content key, where it came from, and its bytes."""

    key: str
    account: str
    received_at: dt.datetime
    raw: bytes
    truncated: bool


class KeepsFacts(Protocol):
    """Facts, and the states derived from them."""

    def add(self, told: Fact, mail_id: int | None = None) -> frozenset[str]: ...
    def of_mail(self, mail_id: int) -> list[Fact]: ...
    def drop_of_mail(self, mail_id: int) -> frozenset[str]: ...
    def component(self, nodes: Iterable[str]) -> tuple[list[Fact], frozenset[str]]: ...
    def all_nodes(self) -> list[str]: ...
    def state(self, nodes: Iterable[str]) -> State: ...
    def whole_state(self) -> State: ...
    def replace_state(self, before: State, after: State, now: dt.datetime) -> None: ...


class KeepsNews(Protocol):
    """The outbox, seen from where news is made."""

    def announce(self, told: News, channels: Iterable[str], now: dt.datetime, *, silent: bool) -> bool: ...


class Keeping(Protocol):
    """One transaction: all of it is kept, or none."""

    @property
    def mails(self) -> KeepsMails: ...
    @property
    def facts(self) -> KeepsFacts: ...
    @property
    def news(self) -> KeepsNews: ...
