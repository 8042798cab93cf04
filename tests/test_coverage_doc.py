"""The table of what is read says what the golden files prove."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import FIXTURES, ROOT

Cell = tuple[str, str, str]
_ROW = re.compile(r"^\| (\w+) \| (\w+) \|([^|]*)\|([^|]*)\|$", re.M)


def kind_of(golden: Path) -> str:
    """The kind of mail a golden file is about."""
    reading = json.loads(golden.read_text("utf-8"))
    if reading["outcome"] != "read":
        return str(reading["outcome"])
    return "refund" if any(fact["refund"] for fact in reading["facts"]) else str(reading["facts"][0]["stage"])


def proved() -> set[Cell]:
    """(sender, kind, language) of every golden file that is about an order."""
    goldens = [path for path in FIXTURES.glob("*/*.eml.json") if not path.parent.name.startswith("_")]
    return {(path.parent.name, kind_of(path), path.name.split(".")[1]) for path in goldens}


def declared() -> list[Cell]:
    """(sender, kind, language) of every cell of the table."""
    rows = _ROW.findall((ROOT / "docs" / "coverage.md").read_text("utf-8"))
    return [(who, kind, lang) for who, kind, yes, no in rows for lang in (yes + no).split() if who != "sender"]


def test_every_declared_cell_has_a_golden_and_every_golden_its_cell() -> None:
    cells = set(declared())
    assert sorted(cells - proved()) == [], "declared in docs/coverage.md, but no golden file shows it"
    assert sorted(proved() - cells) == [], "shown by a golden file, but missing in docs/coverage.md"


def test_no_cell_is_declared_twice() -> None:
    assert len(declared()) == len(set(declared()))


def test_there_are_enough_mails() -> None:
    assert len(list(FIXTURES.glob("[!_]*/*.eml"))) >= 120
