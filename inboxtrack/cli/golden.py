"""`inboxtrack golden`: write what fixture mails are read as beside them, to be checked by eye."""

from __future__ import annotations

import json
from pathlib import Path

from inboxtrack.cli.frame import CommandError, say
from inboxtrack.cli.read import load
from inboxtrack.jsonform import Json, reading_to_json
from inboxtrack.reader import Context, read


def run(files: list[str], *, force: bool = False) -> None:
    """Write the golden file of each mail. Raises CommandError for one that is there, unless `force`."""
    for name in files:
        mail = Path(name)
        write(golden_path(mail), as_text(reading_of(mail)), force=force)
        say(f"wrote {golden_path(mail)}: check it by eye before you commit it")


def golden_path(mail: Path) -> Path:
    """The golden file beside a mail."""
    return mail.with_name(mail.name + ".json")


def reading_of(mail: Path) -> Json:
    """What a mail is read as, as a golden file holds it: without its path and the wording of the verdict."""
    reading = reading_to_json(mail.name, read(load(mail), Context()))
    return {name: value for name, value in reading.items() if name not in ("file", "trust_reason")}


def as_text(reading: Json) -> str:
    """The text of a golden file."""
    return json.dumps(reading, ensure_ascii=False, indent=1) + "\n"


def write(path: Path, text: str, *, force: bool) -> None:
    """Write a golden file, never over one that is there unless `force`."""
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandError(f"{path} is there already; look at the difference, then use --force") from error
