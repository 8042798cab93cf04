"""`inboxtrack scrub`: a sample of a mail that can be shared, on stdout."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from inboxtrack.cli.frame import CommandError, say
from inboxtrack.cli.read import load
from inboxtrack.mail.message import MailRefused
from inboxtrack.scrub import Refused, scrub


def run(file: str) -> None:
    """Print the sample of a mail. Raises CommandError when it cannot be given away."""
    try:
        sample = scrub(load(Path(file)), random.SystemRandom())
    except (Refused, MailRefused) as error:
        raise CommandError(f"no sample of {file}: {error}") from error
    sys.stdout.write(sample.decode("utf-8", "replace").replace("\r\n", "\n"))
    say("look it over before you share it: titles of goods, dates and amounts are kept")
