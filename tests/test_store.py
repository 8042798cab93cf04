"""The store's files, schema and promises."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from inboxtrack.model import News, NewsKind
from inboxtrack.outbox import RowState
from inboxtrack.store import Store, StoreError
from inboxtrack.store.opening import HEAD
from inboxtrack.store.schema import metadata
from tests.facts import on, told


def test_only_the_user_can_read_the_store(tmp_path: Path) -> None:
    os.umask(0)
    with Store(tmp_path / "deep" / "state"):
        pass
    folder = tmp_path / "deep" / "state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_last_migration_is_the_schema(tmp_path: Path) -> None:
    """A store that is upgraded from the first revision ends with the tables of a new one."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import inboxtrack.store

    config = Config()
    config.set_main_option("script_location", str(Path(inboxtrack.store.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    with Store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "inboxtrack.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables >= set(metadata.tables)


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "inboxtrack.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer inboxtrack"):
        Store(tmp_path)


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "inboxtrack.sqlite").write_bytes(b"this is no database, however long it goes on" * 100)
    with pytest.raises(StoreError, match="move it away or restore it"):
        Store(tmp_path)


def test_a_store_that_is_damaged_further_in_says_what_to_do(tmp_path: Path) -> None:
    with Store(tmp_path):
        pass
    file = tmp_path / "inboxtrack.sqlite"
    whole = bytearray(file.read_bytes())
    with sqlite3.connect(file) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'order_state'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole[(page - 1) * size : page * size] = b"\x99" * size
    file.write_bytes(whole)
    with (
        Store(tmp_path) as store,
        pytest.raises(StoreError, match="malformed; move it away or restore it"),
        store.reading() as tx,
    ):
        tx.facts.whole_state()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="set state_folder to another place"):
        Store(tmp_path / "file" / "state")


def news(what: str) -> News:
    return News(kind=NewsKind.SHIPPED, keys=(f"order/x/1/{what}",), at=on(0), what=what)


def test_outbox_rows_live_from_due_to_an_end(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store.outbox.add("phone", news("shipped"), on(0))
        assert not store.outbox.add("phone", news("shipped"), on(1))
        (row,) = store.outbox.open_rows("phone")
        store.outbox.begin([row.id], on(1))
        (row,) = store.outbox.open_rows("phone")
        assert (row.state, row.attempts) == (RowState.SENDING, 1)
        store.outbox.postpone([row.id], on(2), "no answer")
        (row,) = store.outbox.open_rows("phone")
        assert (row.state, row.due_at, row.error) == (RowState.DUE, on(2), "no answer")
        store.outbox.end([row.id], RowState.SENT, on(3))
        assert store.outbox.open_rows("phone") == []
        assert store.outbox.sent_since("phone", on(2)) == 1


def test_finding_an_order_by_its_end(tmp_path: Path) -> None:
    from inboxtrack.pipeline import correct

    with Store(tmp_path) as store, store.transaction() as tx:
        for number in ("AU1234567", "AU7654321", "100%1"):
            correct(told("placed", 0, order=number), tx, on(0))
        assert [order.number for order in tx.facts.find("#au1234567")] == ["AU1234567"]
        assert [order.number for order in tx.facts.find("4321")] == ["AU7654321"]
        assert [order.number for order in tx.facts.find("%1")] == ["100%1"]
        assert tx.facts.find("99") == []


def test_every_statement_has_parameters() -> None:
    """covers: C17 — no SQL text is put together from values anywhere in the package."""
    package = Path(__file__).parent.parent / "inboxtrack"
    for file in package.rglob("*.py"):
        text = file.read_text()
        assert 'text(f"' not in text, file
        assert 'exec_driver_sql(f"' not in text, file
    assert sa.__version__


def test_trouble_that_changes_its_kind_is_one_trouble_unless_the_user_must_act(tmp_path: Path) -> None:
    kinds = ("transient", "protocol", "transient")
    with Store(tmp_path) as store, store.transaction() as tx:
        assert {tx.health.bad("home", kind, kind, on(n)).since for n, kind in enumerate(kinds)} == {on(0)}
        tx.health.mark_told("home")
        assert tx.health.bad("home", "protocol", "again", on(3)).told
        refused = tx.health.bad("home", "auth", "refused", on(4))
        assert (refused.since, refused.told) == (on(4), False)
        tx.health.good("home", on(5))
        assert tx.health.bad("home", "transient", "anew", on(6)).since == on(6)
