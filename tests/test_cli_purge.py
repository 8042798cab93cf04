"""`purge`: what is deleted, what stays, and what it says where there is nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from tests.cli_help import Run, one_line, run, settings

__all__ = ["run", "settings"]


def test_purge_deletes_mail_and_keeps_orders(run: Run, settings: Path) -> None:
    before = run("orders", "--json", "-c", settings)[1]
    code, out, _ = run("purge", "--mail", "--yes", "-c", settings)
    assert code == 0
    assert re.fullmatch(r"[1-9]\d* mails deleted\n", out)
    assert run("orders", "--json", "-c", settings)[1] == before


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_nothing_is_deleted_unless_the_user_agrees(
    run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Without a terminal there is no answer."""
    before = run("orders", "--all", "--json", "-c", settings)[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    code, out, err = run("purge", "--everything", "-c", settings)
    assert (code, out.strip()) == (1, "")
    assert err.endswith("inboxtrack: nothing is deleted: --yes skips the question\n")
    assert run("orders", "--all", "--json", "-c", settings)[1] == before


def test_purge_of_everything_begins_anew(run: Run, settings: Path) -> None:
    assert run("purge", "--everything", "--yes", "-c", settings)[0] == 0
    assert run("orders", "--all", "-c", settings)[1] == ""


def test_a_purge_that_finds_nothing_says_what_it_looked_for(run: Run, settings: Path) -> None:
    said = "no kept mail is older than 365 days (retention_days)\n"
    assert run("purge", "-c", settings) == (0, said, "")
    run("purge", "--mail", "--yes", "-c", settings)
    assert run("purge", "--mail", "--yes", "-c", settings) == (0, "no mail is kept\n", "")


def test_mail_kept_for_ever_is_not_purged_by_its_age(run: Run, settings: Path) -> None:
    settings.write_text(settings.read_text() + "retention_days = 0\n")
    code, _, err = run("purge", "-c", settings)
    assert code == 2
    assert "--mail" in one_line(err)
