"""How the mailboxes are, and small things to remember."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from inboxtrack.store.schema import health, meta

_USER_MUST_ACT = ("auth", "config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """When a mailbox was last read, and what is wrong with it since when."""

    account: str
    last_success: dt.datetime | None = None
    since: dt.datetime | None = None
    kind: str | None = None
    text: str | None = None
    told: bool = False


class HealthRows:
    """The health and meta tables, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, account: str) -> Health:
        """A mailbox' health; empty when it was never polled."""
        row = self._connection.execute(sa.select(health).where(health.c.account == account)).first()
        return Health(**row._mapping) if row else Health(account=account)

    def good(self, account: str, now: dt.datetime) -> None:
        """A poll went well."""
        self._put(Health(account=account, last_success=now))

    def bad(self, account: str, kind: str, text: str, now: dt.datetime) -> Health:
        """A poll went wrong; the health as it now is, with `told` false when it should be told.

        Only trouble that the user must cure is trouble of its own: a server that fails in ever other ways is one, and
        a network that fails in between does not end a refused password.
        """
        old = self.of(account)
        same = old.since is not None and (old.kind == kind or kind not in _USER_MUST_ACT)
        new = Health(
            account=account,
            last_success=old.last_success,
            since=old.since if same else now,
            kind=old.kind if same and old.kind in _USER_MUST_ACT else kind,
            text=text,
            told=old.told and same,
        )
        self._put(new)
        return new

    def mark_told(self, account: str) -> None:
        """The user knows."""
        self._connection.execute(sa.update(health).where(health.c.account == account).values(told=True))

    def _put(self, value: Health) -> None:
        values = {name: getattr(value, name) for name in value.__slots__}
        statement = insert(health).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))

    def get(self, name: str) -> str | None:
        """A remembered value."""
        found: str | None = self._connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar()
        return found

    def put(self, name: str, value: str) -> None:
        """Remember a value."""
        statement = insert(meta).values(name=name, value=value)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
