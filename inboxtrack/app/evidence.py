"""Files that the user keeps with an order: copied under names of our own into the state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SIZE_LIMIT = 50_000_000


class TooLarge(Exception):
    """The file is too large to keep."""


def keep_copy(state: Path, file: Path) -> Path:
    """Copy a file into the state folder; only its ending is taken from its name. Raises OSError, TooLarge."""
    if file.stat().st_size > SIZE_LIMIT:
        raise TooLarge(f"{file} is larger than {SIZE_LIMIT // 1_000_000} MB: attach a smaller copy")
    folder = state / "attachments"
    folder.mkdir(mode=0o700, exist_ok=True)
    ending = file.suffix if file.suffix[1:].isalnum() and len(file.suffix) <= 6 else ""
    kept = folder / f"{secrets.token_hex(8)}{ending.lower()}"
    handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as copy:
        copy.write(file.read_bytes())
    return kept


def drop_copy(state: Path, text: str) -> None:
    """Delete the copy that an attachment's text ("its-name.jpg unboxing.jpg") speaks of."""
    name = text.partition(" ")[0]
    (state / "attachments" / Path(name).name).unlink(missing_ok=True)
