"""`inboxtrack init` and `inboxtrack doctor`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from inboxtrack.cli.frame import FAILED, CommandError, opened
from inboxtrack.config import default_path
from inboxtrack.resources import config_folder

if TYPE_CHECKING:
    from inboxtrack.app.doctor import Check

MARKS = {True: "✓", False: "✗"}


def write_example(config: Path | None) -> None:
    """Write the commented example as the user's settings, private. Raises CommandError when there are some."""
    path = config or default_path()
    text = (config_folder() / "inboxtrack.example.toml").read_text(encoding="utf-8")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} is there already: edit it, or name another place with --config") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{path} is written: fill in your mailbox and a channel, then run inboxtrack doctor")


def run(config: Path | None, *, as_json: bool) -> None:
    """Check everything and say how to cure what is not well; exit code 1 then."""
    from inboxtrack.app.doctor import checks

    with opened(config) as app:
        found = []
        for check in checks(app):
            found.append(check)
            if not as_json:
                print_check(check)
    if as_json:
        values = [{"what": c.what, "ok": c.ok, "found": c.found, "cure": c.cure} for c in found]
        json.dump({"schema": 1, "checks": values}, sys.stdout, ensure_ascii=False)
        print()
    if not all(check.ok for check in found):
        raise typer.Exit(FAILED)


def print_check(check: Check) -> None:
    """One check on a line, its cure below."""
    print(f"{MARKS[check.ok]} {check.what}: {check.found}")
    if check.cure:
        print(f"    {check.cure}")
