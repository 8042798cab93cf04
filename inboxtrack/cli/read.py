"""`inboxtrack read`: what given files say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from inboxtrack.jsonform import reading_to_json
from inboxtrack.model import Reading
from inboxtrack.reader import Context, read


def run(files: list[str], as_json: bool) -> None:
    """Read each file and print the readings in the order given."""
    readings = [(name, read(load(Path(name)), Context())) for name in files]
    if as_json:
        json.dump(
            {"schema": 1, "files": [reading_to_json(*pair) for pair in readings]},
            sys.stdout,
            ensure_ascii=False,
        )
        print()
        return
    for name, reading in readings:
        show(name, reading)


def load(path: Path) -> bytes:
    """A file's bytes; an HTML body gets the header it needs to be read as a mail."""
    raw = path.read_bytes()
    if path.suffix.lower() in (".html", ".htm"):
        return b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + raw
    return raw


def show(name: str, reading: Reading) -> None:
    """Print one reading for a person."""
    print(f"{name}: {reading.outcome} ({reading.reason})")
    for fact in reading.facts:
        print("  ", fact.stage, fact.retailer, fact.order, fact.tracking)
