"""`inboxtrack scrub`: a sample of a mail that can be shared, on stdout."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from inboxtrack.cli.frame import CommandError, opened, say
from inboxtrack.cli.read import load
from inboxtrack.mail.message import MailRefused
from inboxtrack.scrub import scrub
from inboxtrack.scrub.replacing import Refused


def run(file: str, config: Path | None = None) -> None:
    """Print the sample of a mail: a file's, or a kept one's by the number that `attention` shows.

    Raises CommandError when it cannot be given away.
    """
    try:
        sample = scrub(_mail(file, config), random.SystemRandom())
    except (Refused, MailRefused) as error:
        raise CommandError(f"no sample of {file}: {error}") from error
    sys.stdout.write(sample.decode("utf-8", "replace").replace("\r\n", "\n"))
    say("look it over before you share it: titles of goods, dates and amounts are kept")


def _mail(file: str, config: Path | None) -> bytes:
    if not file.isdecimal() or Path(file).exists():
        return load(Path(file))
    with opened(config) as app, app.store.reading() as tx:
        row = tx.mails.by_id(int(file))
    if row is None:
        raise CommandError(f"there is no mail number {file}: inboxtrack attention lists those that need you")
    if row.raw is None:
        cure = "save it from your mail program and name that file"
        raise CommandError(f"mail number {file} was read, but is not kept any more: {cure}")
    return row.raw
