"""The two walk-throughs of `docs/adding-a-retailer.md`, done as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack import extractors
from inboxtrack.extractors.recipe import load
from inboxtrack.model import Outcome, Stage
from inboxtrack.reader import Context, read
from tests.recipe_mail import blocks, mail

DOCUMENT = "docs/adding-a-retailer.md"


@pytest.fixture
def fourth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The walk-through's one file lies in the folder of extractors."""
    (tmp_path / "lumen_lamps.py").write_text(blocks(DOCUMENT, "python")[0], "utf-8")
    monkeypatch.setattr(extractors, "__path__", [*extractors.__path__, str(tmp_path)])
    extractors.discover.cache_clear()
    yield
    extractors.discover.cache_clear()


@pytest.mark.usefixtures("fourth")
def test_a_fourth_retailer_is_one_file() -> None:
    sender = "Lumen Lamps <post@lumenlamps.example>"
    got = read(mail(sender, "Your Lumen order LL-20417 is on its way", "Tracking: 1Z5R89390357567127\n"), Context())
    (fact,) = got.facts
    assert got.extractor == "lumen_lamps"
    assert (fact.order, fact.tracking, fact.carrier) == ("LL-20417", "1Z5R89390357567127", "ups")
    assert fact.stage is Stage.SHIPPED

    german = read(mail(sender, "Danke für deine Bestellung LL-20418", "Bis bald"), Context())
    assert [(f.order, f.stage) for f in german.facts] == [("LL-20418", Stage.PLACED)]
    assert read(mail(sender, "New lamps for dark days", "LL-1000"), Context()).outcome is Outcome.IGNORED
    assert read(mail(sender, "Your parcel is on its way", "Soon"), Context()).outcome is Outcome.UNREAD


def test_a_fifth_retailer_is_a_recipe(tmp_path: Path) -> None:
    (tmp_path / "pine-and-pin.toml").write_text(blocks(DOCUMENT, "toml")[0], "utf-8")
    context = Context(recipes=load(tmp_path))
    sender = "Pine & Pin <hello@pineandpin.example>"
    (packed,) = read(mail(sender, "Order PP-77 packed", "Soon yours."), context).facts
    assert (packed.retailer, packed.order, packed.stage) == ("pine-and-pin", "PP-77", Stage.PREPARING)

    row = "<tr><td>DHL Paket</td><td>00340434161094042557</td></tr>"
    table = f"<table><tr><th>Carrier</th><th>Parcel</th></tr>{row}</table>"
    (sent,) = read(mail(sender, "Order PP-77 has left the workshop", table, html=True), context).facts
    assert (sent.tracking, sent.carrier, sent.stage) == ("00340434161094042557", "dhl-de", Stage.SHIPPED)
    assert read(mail(sender, "Letters from the workshop", "Hello"), context).outcome is Outcome.IGNORED
