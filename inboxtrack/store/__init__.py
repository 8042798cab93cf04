"""What is kept: schema, migrations and all SQL there is.

Truth: mails, places, positions, facts, news and outbox. Derived, and rebuilt by the fold: orders and parcels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from inboxtrack.store.facts import Facts, nodes_of
from inboxtrack.store.health import Health, HealthRows
from inboxtrack.store.mails import Mails
from inboxtrack.store.news import NewsRows, StoredOutbox
from inboxtrack.store.opening import StoreError, open_engine

__all__ = ["Health", "Store", "StoreError", "Transaction", "nodes_of"]


class Transaction:
    """Everything kept, seen from inside one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.mails = Mails(connection)
        self.facts = Facts(connection)
        self.news = NewsRows(connection)
        self.health = HealthRows(connection)


class Store:
    """The store in a state folder. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._engine = open_engine(folder)
        self.outbox = StoredOutbox(self._engine)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A look at what is kept; it waits for no writer."""
        with self._engine.connect().execution_options(reading=True) as connection:
            yield Transaction(connection)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: all of it is kept, or none."""
        with self._engine.connect() as connection:
            connection.begin()
            yield Transaction(connection)
            connection.commit()
