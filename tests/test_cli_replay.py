"""`replay`: a look that changes and holds up nothing, and what `--apply` keeps."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.model import Fact
from inboxtrack.store import Transaction
from tests.cli_help import LAMP, Run, run, settings

__all__ = ["run", "settings"]


def test_replay_without_new_rules_changes_nothing(run: Run, settings: Path) -> None:
    before = run("orders", "--json", "-c", settings)[1]
    assert run("replay", "-c", settings)[1] == "Nothing would change.\n"
    assert run("replay", "--apply", "-c", settings)[1] == "Nothing has changed.\n"
    assert run("orders", "--json", "-c", settings)[1] == before


def test_a_look_at_a_replay_holds_nobody_up_and_is_held_up_by_nobody(run: Run, settings: Path) -> None:
    with App.open(load(settings)) as other, other.alone(), other.store.transaction():
        assert run("replay", "-c", settings) == (0, "Nothing would change.\n", "")
        assert run("replay", "--apply", "-c", settings)[0] == 3


def first_of_the_lamp(tx: Transaction) -> tuple[int, Fact]:
    """A mail on the lamp, and what was read in it."""
    return next((row, fact) for row in tx.mails.all_ids() for fact in tx.facts.of_mail(row) if fact.order == LAMP)


def test_a_look_at_a_replay_keeps_nothing_and_apply_does(run: Run, settings: Path) -> None:
    """A fact that the rules of today do not read: as if an older version had read the mail."""
    with App.open(load(settings)) as app_, app_.store.transaction() as tx:
        row, fact = first_of_the_lamp(tx)
        tx.facts.add(replace(fact, key=f"{fact.key}x", order="8099999999999999"), row)
    told = re.compile(r".*\n  - [a-z ]+ aliexpress 8099999999999999.*\n", re.DOTALL)
    for _ in range(2):
        code, out, err = run("replay", "-c", settings)
        assert code == 0
        assert told.fullmatch(out)
        assert "1 mail would be read differently" in err
    assert told.fullmatch(run("replay", "--apply", "-c", settings)[1])
    assert run("replay", "-c", settings)[1] == "Nothing would change.\n"


def test_replay_names_what_a_fact_of_the_same_line_says_otherwise(run: Run, settings: Path) -> None:
    with App.open(load(settings)) as app_, app_.store.transaction() as tx:
        row, fact = first_of_the_lamp(tx)
        tx.facts.drop_of_mail(row)
        tx.facts.add(replace(fact, items=(), shop_name="Lamps"), row)
    out = run("replay", "-c", settings)[1]
    assert re.fullmatch(rf".*\n  ~ [a-z ]+ aliexpress {LAMP}.*: shop name, items\n", out)
