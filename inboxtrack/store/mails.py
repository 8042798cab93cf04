"""Mail rows, where each mail stands, how far folders are read, and mails that make trouble."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from inboxtrack.keeping import MailRow, NewMail
from inboxtrack.mail.source import Pending, Place, Position, Trouble
from inboxtrack.model import Outcome, Reading, Trust
from inboxtrack.store.schema import mail, place, position, trouble

KEPT = frozenset({Outcome.READ, Outcome.IGNORED, Outcome.UNREAD, Outcome.QUARANTINED, Outcome.FAILED})

GIVEN_UP_DAYS = 30
"""For how long a mail that cannot be fetched is tried once a day, and shown."""


def _row(row: sa.Row[Any]) -> MailRow:
    values = dict(row._mapping)
    values.pop("told")
    values["outcome"], values["trust"] = Outcome(values["outcome"]), Trust(values["trust"])
    values["raw"] = zlib.decompress(values["raw"]) if values["raw"] else None
    return MailRow(**values)


class Mails:
    """The mail tables, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def by_key(self, key: str) -> MailRow | None:
        """The mail with this content key, if it was seen before."""
        row = self._connection.execute(sa.select(mail).where(mail.c.key == key)).first()
        return _row(row) if row else None

    def by_id(self, mail_id: int) -> MailRow | None:
        """A mail by its id."""
        row = self._connection.execute(sa.select(mail).where(mail.c.id == mail_id)).first()
        return _row(row) if row else None

    def by_outcome(self, outcomes: Sequence[Outcome], limit: int = 200) -> list[MailRow]:
        """Mails with one of these outcomes, newest first."""
        wanted = sa.select(mail).where(mail.c.outcome.in_([o.value for o in outcomes]))
        rows = self._connection.execute(wanted.order_by(mail.c.received_at.desc()).limit(limit))
        return [_row(row) for row in rows]

    def to_replay(self, revisions: dict[str, int]) -> list[int]:
        """Ids of kept mails that a newer revision of their extractor should read again, of those that nobody read, and
        of those that were refused: a recipe may know their sender now."""
        older = [sa.and_(mail.c.extractor == key, mail.c.revision < revision) for key, revision in revisions.items()]
        settled = (Outcome.READ.value, Outcome.IGNORED.value)
        again = sa.or_(mail.c.outcome.not_in(settled), *older)
        return list(self._connection.execute(sa.select(mail.c.id).where(again, mail.c.raw.is_not(None))).scalars())

    def all_ids(self) -> list[int]:
        """Ids of all mails whose bytes are kept."""
        return list(self._connection.execute(sa.select(mail.c.id).where(mail.c.raw.is_not(None))).scalars())

    def record(self, row: NewMail, reading: Reading, now: dt.datetime) -> int:
        """Keep a mail that was read; its bytes only where an extractor claimed it."""
        values = self._values(reading, now) | {
            "key": row.key,
            "account": row.account,
            "received_at": row.received_at,
            "raw": zlib.compress(row.raw, 6) if reading.outcome in KEPT else None,
            "truncated": row.truncated,
        }
        if reading.outcome is Outcome.FOREIGN:
            values |= {"sender": "", "subject": "", "message_id": ""}
        found = self._connection.execute(sa.insert(mail).values(values)).inserted_primary_key
        assert found is not None
        return int(found[0])

    def update(self, mail_id: int, reading: Reading, now: dt.datetime) -> None:
        """Note what a mail says when it is read again."""
        self._connection.execute(sa.update(mail).where(mail.c.id == mail_id).values(self._values(reading, now)))

    def keep_raw(self, mail_id: int, raw: bytes, *, truncated: bool) -> None:
        """Keep the bytes of a mail that somebody claims after all."""
        values = {"raw": zlib.compress(raw, 6), "truncated": truncated}
        self._connection.execute(sa.update(mail).where(mail.c.id == mail_id).values(values))

    @staticmethod
    def _values(reading: Reading, now: dt.datetime) -> dict[str, Any]:
        return {
            "message_id": reading.message_id,
            "sender": reading.sender,
            "subject": reading.subject,
            "dated": reading.date,
            "outcome": reading.outcome.value,
            "reason": reading.reason,
            "extractor": reading.extractor,
            "revision": reading.revision,
            "trust": reading.trust.value,
            "trust_reason": reading.trust_reason,
            "imitates": reading.imitates,
            "read_at": now,
        }

    def forget_raw(self, before: dt.datetime) -> int:
        """Drop the bytes of mails received before a time; how many there were."""
        old = sa.and_(mail.c.received_at < before, mail.c.raw.is_not(None))
        return self._connection.execute(sa.update(mail).where(old).values(raw=None)).rowcount

    def count(self) -> dict[Outcome, int]:
        """How many mails have which outcome."""
        rows = self._connection.execute(sa.select(mail.c.outcome, sa.func.count()).group_by(mail.c.outcome))
        return {Outcome(outcome): number for outcome, number in rows}

    def untold(self, outcome: Outcome, until: dt.datetime) -> frozenset[int]:
        """Ids of the mails with this outcome that were read up to a time and that no digest has counted yet."""
        wanted = sa.select(mail.c.id).where(mail.c.outcome == outcome.value, mail.c.told.is_(False))
        return frozenset(self._connection.execute(wanted.where(mail.c.read_at <= until)).scalars())

    def mark_told(self, ids: Iterable[int]) -> None:
        """A digest has counted these mails."""
        told = sa.update(mail).where(mail.c.id == sa.bindparam("counted")).values(told=True)
        self._connection.execute(told, [{"counted": mail_id} for mail_id in ids])

    def stand(self, where: Place, mail_id: int | None) -> None:
        """Note which mail stands at a place; None where it is nobody's order mail."""
        values = _place(where) | {"mail_id": mail_id}
        statement = insert(place).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(place.primary_key), set_={"mail_id": mail_id})
        )

    def places(self, mail_id: int) -> list[Place]:
        """Where a mail stands."""
        columns = (place.c.account, place.c.folder, place.c.uidvalidity, place.c.uid)
        return [Place(*row) for row in self._connection.execute(sa.select(*columns).where(place.c.mail_id == mail_id))]

    def is_known(self, where: Place) -> bool:
        """Whether a place is recorded."""
        return self._connection.execute(sa.select(place.c.uid).where(_same_place(place, where))).first() is not None

    def known_places(self, account: str, *, with_mail: bool = False, claimed: bool = False) -> frozenset[Place]:
        """Places that are recorded; `with_mail` only those whose body was read, `claimed` those of mail of somebody."""
        columns = (place.c.account, place.c.folder, place.c.uidvalidity, place.c.uid)
        wanted = sa.select(*columns).where(place.c.account == account)
        if with_mail:
            wanted = wanted.where(place.c.mail_id.is_not(None))
        if claimed:
            wanted = wanted.join(mail, mail.c.id == place.c.mail_id).where(mail.c.outcome != Outcome.FOREIGN.value)
        return frozenset(Place(*row) for row in self._connection.execute(wanted))

    def positions(self, account: str) -> dict[str, Position]:
        """How far each folder of an account is read."""
        rows = self._connection.execute(sa.select(position).where(position.c.account == account))
        return {row.folder: Position(*row) for row in rows}

    def set_position(self, where: Position) -> None:
        """Note how far a folder is read."""
        values = {
            "account": where.account,
            "folder": where.folder,
            "uidvalidity": where.uidvalidity,
            "next_uid": where.next_uid,
            "quiet_below": where.quiet_below,
        }
        statement = insert(position).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(position.primary_key), set_=values)
        )

    def note_troubles(self, troubles: Iterable[Trouble], now: dt.datetime) -> None:
        """Count the tries of mails that could not be fetched."""
        for found in troubles:
            same = _same_place(trouble, found.place)
            old = self._connection.execute(sa.select(trouble).where(same)).first()
            values = _place(found.place) | {
                "reason": found.reason,
                "attempts": old.attempts + 1 if old else 1,
                "days": old.days + (old.last_at.date() != now.date()) if old else 1,
                "last_at": now,
                "final": found.final,
            }
            statement = insert(trouble).values(values)
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=list(trouble.primary_key), set_=values)
            )

    def settle_trouble(self, where: Place) -> None:
        """A mail that made trouble was read after all."""
        self._connection.execute(sa.delete(trouble).where(_same_place(trouble, where)))

    def pending(self, account: str, now: dt.datetime | None = None) -> list[Pending]:
        """Mails to be tried again. Given `now`, those that were given up are among them, once a day for a month."""
        again: sa.ColumnElement[bool] = trouble.c.final.is_(False)
        if now is not None:
            today = sa.and_(trouble.c.days <= GIVEN_UP_DAYS, trouble.c.last_at <= now - dt.timedelta(days=1))
            again = sa.or_(again, today)
        wanted = sa.select(trouble).where(trouble.c.account == account, again)
        return [
            Pending(Place(row.account, row.folder, row.uidvalidity, row.uid), row.attempts, row.days, row.final)
            for row in self._connection.execute(wanted)
        ]

    def given_up(self, now: dt.datetime) -> list[tuple[Place, str]]:
        """Mails that could not be fetched, with the reason; after a month they no longer matter."""
        lately = now - dt.timedelta(days=GIVEN_UP_DAYS)
        wanted = (trouble.c.final.is_(True), trouble.c.days <= GIVEN_UP_DAYS, trouble.c.last_at >= lately)
        rows = self._connection.execute(sa.select(trouble).where(*wanted))
        return [(Place(row.account, row.folder, row.uidvalidity, row.uid), row.reason) for row in rows]


def _place(where: Place) -> dict[str, Any]:
    return {"account": where.account, "folder": where.folder, "uidvalidity": where.uidvalidity, "uid": where.uid}


def _same_place(table: sa.Table, where: Place) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in _place(where).items()))
