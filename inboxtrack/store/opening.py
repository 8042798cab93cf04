"""Opening the store: private files, SQLite's settings, and migrations."""

from __future__ import annotations

import os
import sqlite3
import stat
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from inboxtrack.store.codec import as_text
from inboxtrack.store.schema import metadata

HEAD = "0001"


class StoreError(Exception):
    """The store cannot be used; the text names the cure."""


def open_engine(folder: Path) -> sa.Engine:
    """The engine on `inboxtrack.sqlite` in a folder that only the user can read, at the present schema.

    Raises StoreError when the folder cannot be written, the file is damaged or a newer version made it.
    """
    path = _private_file(folder)
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": 5.0}, json_serializer=as_text, json_deserializer=as_text
    )
    sa.event.listen(engine, "connect", _settings)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "handle_error", partial(_named, path))
    try:
        _migrate(engine, path)
    except sa.exc.DatabaseError as error:
        raise StoreError(f"{path}: {error.orig}; {_cure(error)}") from error
    return engine


def _named(path: Path, context: sa.engine.ExceptionContext) -> None:
    """Trouble with the disk at any later moment: one line with its cure, in place of SQLAlchemy's page."""
    error = context.sqlalchemy_exception
    # A damaged file is a plain DatabaseError; its subclasses beside OperationalError are bugs of ours.
    if isinstance(error, sa.exc.OperationalError) or type(error) is sa.exc.DatabaseError:
        raise StoreError(f"{path}: {error.orig}; {_cure(error)}") from error


def _cure(error: sa.exc.DatabaseError) -> str:
    text = str(error.orig).lower()
    if "locked" in text:
        return "another program holds it; stop it and try again"
    if "readonly" in text or "unable to open" in text:
        return "make the state folder writable for this user"
    if "full" in text:
        return "free some disk space"
    if "i/o" in text:
        return "the disk is full or fails: make room or use another, then start again; nothing is lost"
    return "move it away or restore it from a backup; a new one is filled from the mailbox"


def _private_file(folder: Path) -> Path:
    path = folder / "inboxtrack.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except OSError as error:
        cure = "make it writable for this user, or set state_folder to another place"
        raise StoreError(f"state folder {folder}: {error.strerror}; {cure}") from error
    return path


def _settings(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Writers take the lock at once, so that two of them never wait for each other; readers take none."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(engine: sa.Engine, path: Path) -> None:
    found = _revision(engine)
    if found == HEAD:
        return
    if found is None:
        _create(engine)
        return
    if found > HEAD:
        raise StoreError(f"{path} was made by a newer inboxtrack (schema {found}); install that version again")
    _backup(path, found)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _create(engine: sa.Engine) -> None:
    """A new store begins at the present schema; migrations are for stores that exist."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT OR REPLACE INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect().execution_options(reading=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _backup(path: Path, revision: str) -> None:
    """A copy beside the store before its tables change."""
    copy = path.with_suffix(f".before-{revision}.sqlite")
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT, 0o600))
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
