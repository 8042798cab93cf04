"""`inboxtrack replay`: what today's rules read differently in kept mail."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from inboxtrack.cli.frame import opened, say
from inboxtrack.cli.words import OUTCOME_WORDS, STAGE_WORDS, counted
from inboxtrack.model import Trust

if TYPE_CHECKING:
    from inboxtrack.model import Fact
    from inboxtrack.pipeline import Difference

NO_MAIL = "No mail is kept, so nothing can be read again: inboxtrack backfill reads what your mailbox still has."


def run(config: Path | None, *, apply: bool, as_json: bool) -> None:
    """Show what today's rules read differently, and keep that on `apply`."""
    with opened(config) as app, app.alone() if apply else nullcontext():
        found = app.intake.replay(dt.datetime.now(dt.UTC), apply=apply)
        with app.store.reading() as tx:
            nothing = (
                NO_MAIL if not tx.mails.all_ids() else "Nothing has changed." if apply else "Nothing would change."
            )
    if as_json:
        json.dump({"schema": 1, "applied": apply, "differences": [_difference(one) for one in found]}, sys.stdout)
        print()
        return
    for one in found:
        print("\n".join(_told(one)))
    if not found:
        print(nothing)
    elif apply:
        say(f"{counted(len(found), 'mail')} read differently from now on")
    else:
        say(f"{counted(len(found), 'mail')} would be read differently: inboxtrack replay --apply does it")


def _told(one: Difference) -> Iterable[str]:
    """A mail that is read differently: what it said before (-), what it says now (+), and what otherwise (~)."""
    yield f"{one.mail.dated or one.mail.received_at:%Y-%m-%d} {one.mail.subject}"
    if one.mail.outcome != one.reading.outcome:
        yield f"  {OUTCOME_WORDS[one.mail.outcome]} -> {OUTCOME_WORDS[one.reading.outcome]}"
    gone = {_fact_line(fact): fact for fact in one.gone}
    new = {_fact_line(fact): fact for fact in one.new}
    yield from (f"  - {line}" for line in gone if line not in new)
    yield from (f"  + {line}" for line in new if line not in gone)
    yield from (f"  ~ {line}: {_otherwise(gone[line], new[line])}" for line in gone if line in new)


def _otherwise(old: Fact, new: Fact) -> str:
    """The names of what two facts of one line say differently."""
    names = [field.name for field in fields(new) if field.name not in ("key", "evidence")]
    return ", ".join(name.replace("_", " ") for name in names if getattr(old, name) != getattr(new, name))


def _difference(one: Difference) -> dict[str, object]:
    from inboxtrack.jsonform import fact_to_json

    return {
        "message_id": one.mail.message_id,
        "subject": one.mail.subject,
        "outcome": {"before": one.mail.outcome.value, "after": one.reading.outcome.value},
        "gone": [fact_to_json(fact) for fact in one.gone],
        "new": [fact_to_json(fact) for fact in one.new],
    }


def _fact_line(fact: Fact) -> str:
    sender = "" if fact.trust is Trust.VERIFIED else "(unverified sender)"
    return " ".join(filter(None, (STAGE_WORDS[fact.stage], fact.retailer, fact.order, fact.tracking, sender)))
