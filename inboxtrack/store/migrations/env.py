"""Runs migrations on the connection that `store.open` hands over; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from inboxtrack.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
