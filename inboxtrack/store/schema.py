"""The tables. `order_state`, `parcel_state` and what hangs on them are derived and can be rebuilt from the facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from inboxtrack.model import Fact, News, Order, Parcel
from inboxtrack.store.codec import Kept


class Utc(TypeDecorator[dt.datetime]):
    """An aware time, kept in UTC as naive text that sorts."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy's form
        """Aware -> naive UTC; a naive time is a bug and raises."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r} for the store")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy's form
        """Naive UTC -> aware."""
        return value.replace(tzinfo=dt.UTC) if value else None


metadata = sa.MetaData()

mail = sa.Table(
    "mail",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("message_id", sa.String, nullable=False, default=""),
    sa.Column("sender", sa.String, nullable=False, default=""),
    sa.Column("subject", sa.String, nullable=False, default=""),
    sa.Column("dated", Utc),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False, default=""),
    sa.Column("extractor", sa.String),
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("trust", sa.String, nullable=False),
    sa.Column("trust_reason", sa.String, nullable=False, default=""),
    sa.Column("imitates", sa.String),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("truncated", sa.Boolean, nullable=False, default=False),
    sa.Column("read_at", Utc, nullable=False),
    sa.Column("told", sa.Boolean, nullable=False, default=False),
    sa.Index("mail_outcome", "outcome", "told"),
    sa.Index("mail_revision", "extractor", "revision"),
)

place = sa.Table(
    "place",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("folder", sa.String, primary_key=True),
    sa.Column("uidvalidity", sa.Integer, primary_key=True),
    sa.Column("uid", sa.Integer, primary_key=True),
    sa.Column("mail_id", sa.ForeignKey("mail.id")),
    sqlite_with_rowid=False,
)

position = sa.Table(
    "position",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("folder", sa.String, primary_key=True),
    sa.Column("uidvalidity", sa.Integer, nullable=False),
    sa.Column("next_uid", sa.Integer, nullable=False),
    sa.Column("quiet_below", sa.Integer, nullable=False, default=0),
)

trouble = sa.Table(
    "trouble",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("folder", sa.String, primary_key=True),
    sa.Column("uidvalidity", sa.Integer, primary_key=True),
    sa.Column("uid", sa.Integer, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("last_at", Utc, nullable=False),
    sa.Column("final", sa.Boolean, nullable=False, default=False),
)

fact = sa.Table(
    "fact",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("mail_id", sa.ForeignKey("mail.id"), index=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("payload", Kept(Fact), nullable=False),
)

fact_node = sa.Table(
    "fact_node",
    metadata,
    sa.Column("node", sa.String, primary_key=True),
    sa.Column("fact_id", sa.ForeignKey("fact.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

shop_name = sa.Table(
    "shop_name",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("same_as", sa.String, nullable=False, index=True),
)

order_state = sa.Table(
    "order_state",
    metadata,
    sa.Column("retailer", sa.String, primary_key=True),
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("stage", sa.String, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Column("payload", Kept(Order), nullable=False),
    sa.Index("order_open", "open", "ended_at"),
)

parcel_state = sa.Table(
    "parcel_state",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("lone_open", sa.Boolean, nullable=False, index=True),
    sa.Column("payload", Kept(Parcel), nullable=False),
)

parcel_node = sa.Table(
    "parcel_node",
    metadata,
    sa.Column("node", sa.String, primary_key=True),
    sa.Column("parcel_id", sa.ForeignKey("parcel_state.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

news = sa.Table(
    "news",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("payload", Kept(News), nullable=False),
)

news_key = sa.Table(
    "news_key",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("news_id", sa.ForeignKey("news.id"), nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("news_id", sa.ForeignKey("news.id"), nullable=False),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.String),
    sa.UniqueConstraint("news_id", "channel"),
    sa.Index("outbox_open", "channel", "state"),
)

health = sa.Table(
    "health",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("last_success", Utc),
    sa.Column("since", Utc),
    sa.Column("kind", sa.String),
    sa.Column("text", sa.String),
    sa.Column("told", sa.Boolean, nullable=False, default=False),
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
