"""News and the outbox: one row per news and channel, from the transaction that made it until it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from inboxtrack.model import News, NewsKind
from inboxtrack.outbox import OutboxRow, RowState
from inboxtrack.store.schema import news, news_key, outbox

OPEN = (RowState.DUE.value, RowState.SENDING.value)


class NewsRows:
    """The news tables, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def announce(self, told: News, channels: Iterable[str], now: dt.datetime, *, silent: bool) -> bool:
        """Keep news with a row for each channel, skipped at once when silent; False if it was told before.

        A correction goes only to the channels that were sent what it takes back, which may be told again when true.
        """
        if self._known(told.keys):
            self._name(told.keys)
            return False
        if told.kind is NewsKind.CORRECTION:
            wrong = [key for name, key in told.data if name == "retracts"]
            channels = sorted(self._sent_to(wrong) & set(channels))
            self._take_back(wrong, now)
        found = self._connection.execute(sa.insert(news).values(created_at=now, payload=told))
        assert found.inserted_primary_key is not None
        news_id = int(found.inserted_primary_key[0])
        keys = [{"key": key, "news_id": news_id} for key in dict.fromkeys(told.keys)]
        self._connection.execute(insert(news_key).on_conflict_do_nothing(), keys)
        state = RowState.SKIPPED if silent else RowState.DUE
        ended = now if silent else None
        for channel in channels:
            values = {"news_id": news_id, "channel": channel, "state": state.value, "created_at": now, "due_at": now}
            self._connection.execute(sa.insert(outbox).values(values | {"ended_at": ended, "attempts": 0}))
        return True

    def _take_back(self, wrong: Sequence[str], now: dt.datetime) -> None:
        """What was not sent yet is not sent any more; and it is news again when it is true."""
        of = sa.select(news_key.c.news_id).where(news_key.c.key.in_(wrong))
        waiting = sa.and_(outbox.c.news_id.in_(of), outbox.c.state == RowState.DUE.value)
        ended = {"state": RowState.SKIPPED.value, "ended_at": now, "error": "taken back before it was sent"}
        self._connection.execute(sa.update(outbox).where(waiting).values(ended))
        self._connection.execute(sa.delete(news_key).where(news_key.c.key.in_(wrong)))

    def _known(self, keys: Sequence[str]) -> bool:
        wanted = sa.select(sa.func.count()).where(news_key.c.key.in_(list(keys)))
        return bool(self._connection.execute(wanted).scalar_one())

    def _name(self, keys: Sequence[str]) -> None:
        """Remember further names of news that was told, such as a number that became known later."""
        known = sa.select(news_key.c.news_id).where(news_key.c.key.in_(list(keys))).limit(1)
        news_id = self._connection.execute(known).scalar_one()
        rows = [{"key": key, "news_id": news_id} for key in keys]
        self._connection.execute(insert(news_key).on_conflict_do_nothing(), rows)

    def _sent_to(self, keys: Sequence[str]) -> set[str]:
        wanted = (
            sa.select(outbox.c.channel)
            .join(news_key, news_key.c.news_id == outbox.c.news_id)
            .where(news_key.c.key.in_(list(keys)), outbox.c.state == RowState.SENT.value)
        )
        return set(self._connection.execute(wanted).scalars())

    def rows(self, *conditions: sa.ColumnElement[bool]) -> list[OutboxRow]:
        """Outbox rows that meet conditions, oldest first."""
        wanted = sa.select(outbox, news.c.payload).join(news).where(*conditions).order_by(outbox.c.id)
        return [
            OutboxRow(
                id=row.id,
                channel=row.channel,
                news=row.payload,
                state=RowState(row.state),
                created_at=row.created_at,
                due_at=row.due_at,
                attempts=row.attempts,
                error=row.error,
            )
            for row in self._connection.execute(wanted)
        ]

    def update(self, ids: Iterable[int], **values: object) -> None:
        """Change rows."""
        self._connection.execute(sa.update(outbox).where(outbox.c.id.in_(list(ids))).values(**values))


class StoredOutbox:
    """The `Outbox` that dispatch works on: every method is one committed transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def open_rows(self, channel: str) -> list[OutboxRow]:
        """All rows of a channel that are due or were left in `sending` by a crash, oldest first."""
        with self._engine.connect().execution_options(reading=True) as connection:
            return NewsRows(connection).rows(outbox.c.channel == channel, outbox.c.state.in_(OPEN))

    def begin(self, ids: Iterable[int], now: dt.datetime) -> None:
        """Mark rows as being sent: state `sending`, attempts + 1."""
        with self._engine.begin() as connection:
            NewsRows(connection).update(ids, state=RowState.SENDING.value, attempts=outbox.c.attempts + 1, due_at=now)

    def end(self, ids: Iterable[int], state: RowState, now: dt.datetime, error: str | None = None) -> None:
        """End rows as sent, given up, merged or skipped."""
        with self._engine.begin() as connection:
            NewsRows(connection).update(ids, state=state.value, ended_at=now, error=error)

    def postpone(self, ids: Iterable[int], due_at: dt.datetime, error: str | None) -> None:
        """Back to `due`, not before `due_at`."""
        with self._engine.begin() as connection:
            NewsRows(connection).update(ids, state=RowState.DUE.value, due_at=due_at, error=error)

    def sent_since(self, channel: str, since: dt.datetime) -> int:
        """How many messages this channel was sent since a time; rows of one message end at one moment."""
        sent = sa.and_(outbox.c.channel == channel, outbox.c.state == RowState.SENT.value, outbox.c.ended_at >= since)
        with self._engine.connect().execution_options(reading=True) as connection:
            return int(
                connection.execute(sa.select(sa.func.count(outbox.c.ended_at.distinct())).where(sent)).scalar_one()
            )

    def add(self, channel: str, told: News, now: dt.datetime) -> bool:
        """A further row, such as "delivery problems on another channel"; False if it was told before."""
        with self._engine.begin() as connection:
            return NewsRows(connection).announce(told, [channel], now, silent=False)

    def given_up(self) -> list[OutboxRow]:
        """Rows that were given up."""
        with self._engine.connect().execution_options(reading=True) as connection:
            return NewsRows(connection).rows(outbox.c.state == RowState.GIVEN_UP.value)
