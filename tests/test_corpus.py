"""Real mail that is kept outside the repository, scored by the script beside it; skipped where it is not there."""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from inboxtrack.jsonform import reading_to_json
from inboxtrack.model import Outcome, Reading, Role
from inboxtrack.reader import Context, read
from tests.conftest import corpus

CORPUS = corpus()
pytestmark = pytest.mark.skipif(
    CORPUS is None, reason="no folder of real mail beside the checkout (INBOXTRACK_CORPUS names one)"
)


def scorer(folder: Path) -> ModuleType:
    """The corpus's own script, so that its rules are the ones that count."""
    spec = importlib.util.spec_from_file_location("corpus_score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(folder: Path) -> list[dict[str, str]]:
    """The rows of the truth table."""
    with (folder / "orders" / "TRUTH.tsv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def is_linked_id(reading: Reading, mistake: tuple[str, str]) -> bool:
    """Whether a number is Amazon's id of a shipment, which only links name: the table lists what is printed."""
    ids = {fact.tracking for fact in reading.facts if fact.tracking_role is Role.RETAILER_PARCEL}
    return reading.extractor == "amazon" and mistake[0] == "tracking" and mistake[1] in {(i or "").upper() for i in ids}


@pytest.fixture(scope="module")
def scored() -> tuple[Counter[str], list[Any]]:
    """(numbers true and found in scope, everything wrong anywhere)."""
    assert CORPUS is not None
    script, count, wrong = scorer(CORPUS), Counter[str](), []
    for row in rows(CORPUS):
        raw = (CORPUS / "orders" / row["file"]).read_bytes()
        true, found, mistakes, _ = script.judge(row, reading_to_json(row["file"], read(raw, Context())))
        wrong += [(row["file"], *mistake) for mistake in mistakes if not is_linked_id(read(raw, Context()), mistake)]
        if script.SCOPE.match(row["retailer_or_carrier"]):
            count.update(true=true, found=found)
    return count, wrong


def test_nothing_is_wrong(scored: tuple[Counter[str], list[Any]]) -> None:
    assert scored[1] == []


def test_nearly_all_is_found(scored: tuple[Counter[str], list[Any]]) -> None:
    count, _ = scored
    assert count["true"] > 40
    assert count["found"] >= 0.95 * count["true"]


@pytest.mark.parametrize(
    "folder", sorted((CORPUS / "malformed").iterdir()) if CORPUS else [], ids=lambda path: path.name
)
def test_malformed_mail_makes_no_order(folder: Path) -> None:
    mails = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert mails
    for path in mails:
        reading = read(path.read_bytes(), Context())
        assert reading.facts == (), path
        assert reading.outcome is not Outcome.READ, path
