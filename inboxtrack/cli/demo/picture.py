"""Draws the demo as a terminal picture: `python -m inboxtrack.cli.demo.picture docs` writes `docs/demo.svg`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from inboxtrack.cli.demo import run

WIDTH = 112


def draw(folder: Path) -> Path:
    """Run the demo without pauses and save what it showed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    run(pause=False, console=console)
    path = folder / "demo.svg"
    console.save_svg(str(path), title="inboxtrack demo")
    return path


if __name__ == "__main__":
    print(draw(Path(sys.argv[1])))
