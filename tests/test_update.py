"""After an update the orders are as today's rules fold them, and nothing is told of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import inboxtrack
from inboxtrack.app import App, utc_now
from inboxtrack.config import load
from inboxtrack.model import Stage, State
from inboxtrack.store import Store

SETTINGS = """
[general]
state_folder = "state"
[[channel]]
name = "phone"
url = "json://127.0.0.1:9/x"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "inboxtrack.toml"
    path.write_text(SETTINGS.replace('"state"', f'"{tmp_path / "state"}"'))
    path.chmod(0o600)
    return path


@pytest.fixture
def app(settings: Path) -> Iterator[App]:
    with App.open(load(settings)) as opened:
        opened.orders.add("hismile", "AU7700123", "33ABC0123456")
        opened.tidy(utc_now())
        yield opened


def as_an_older_version_folded(store: Store) -> None:
    with store.transaction() as tx:
        right = tx.facts.whole_state()
        wrong = State(tuple(replace(order, stage=Stage.DELIVERED, open=False) for order in right.orders), right.parcels)
        tx.facts.replace_state(right, wrong, utc_now())


def stages(app: App) -> list[Stage]:
    return [view.order.stage for view in app.orders.overview(everything=True)]


def test_an_order_that_an_older_version_took_for_delivered_is_open_again_unsaid(
    app: App, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_an_older_version_folded(app.store)
    app.tidy(utc_now())
    assert stages(app) == [Stage.DELIVERED], "without an update nothing is folded anew"
    package = tmp_path / "updated" / "inboxtrack"
    for name in ("extractors", "reading", "orders"):
        shutil.copytree(Path(inboxtrack.__file__).parent / name, package / name)
    os.utime(package / "orders" / "__init__.py", (0, 0))
    monkeypatch.setattr(inboxtrack, "__file__", str(package / "__init__.py"))
    with App.open(load(settings)) as updated:
        updated.tidy(utc_now())
        assert stages(updated) == [Stage.SHIPPED]
        assert updated.store.outbox.open_rows("phone") == []


def test_a_changed_fold_alone_is_an_update(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "inboxtrack"
    shutil.copytree(Path(inboxtrack.__file__).parent / "orders", package / "orders")
    monkeypatch.setattr(inboxtrack, "__file__", str(package / "__init__.py"))
    before = app.intake.rules
    del app.intake.rules
    os.utime(package / "orders" / "progress.py", (0, 0))
    assert app.intake.rules != before
