"""`attention` and what it leads to: each line says which mail it is of, and what can be done while it is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli_help import Run, one_line, run, write_settings
from tests.conftest import ROOT

__all__ = ["run"]

ALIEXPRESS = ROOT / "tests" / "fixtures" / "emails" / "aliexpress"


@pytest.fixture
def settings(run: Run, tmp_path: Path) -> Path:
    """Settings over a state with one mail that could not be read, and one whose step is not known."""
    path = write_settings(tmp_path)
    mails = ALIEXPRESS / "no_number.en.eml", ALIEXPRESS / "unknown_step.en.eml"
    assert run("import", *mails, "-c", path)[0] == 0
    return path


def test_import_says_what_needs_a_person(run: Run, tmp_path: Path) -> None:
    done = run("import", ALIEXPRESS / "no_number.en.eml", "-c", write_settings(tmp_path))
    assert done == (0, "import: 1 mail, 0 order mails read, 1 could not be read (inboxtrack attention)\n", "")


def test_a_step_that_is_not_known_is_shown_with_shop_day_and_words(run: Run, settings: Path) -> None:
    out = run("attention", "-c", settings)[1]
    (line,) = re.findall(r"News whose step is not known .*:\n  (.*)\n", out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  AliExpress \d+  '.*'", line)


def test_a_mail_that_could_not_be_read_says_why_and_leads_to_its_sample(run: Run, settings: Path) -> None:
    out = run("attention", "-c", settings)[1]
    assert "Order mail that could not be read (inboxtrack scrub NUMBER makes a sample to share):\n" in out
    assert "it names no order or parcel number" in out
    (number,) = (mail["number"] for mail in json.loads(run("attention", "--json", "-c", settings)[1])["unread"])
    code, out, _ = run("scrub", str(number), "-c", settings)
    assert code == 0
    assert "aliexpress.com" in out


def test_after_a_purge_nothing_is_advised_that_cannot_be_done(run: Run, settings: Path) -> None:
    assert run("purge", "--mail", "--yes", "-c", settings)[0] == 0
    out = run("attention", "-c", settings)[1]
    assert "its mail is deleted here: save it from your mail program, then inboxtrack scrub FILE" in out
    assert "scrub NUMBER" not in out
    (number,) = (mail["number"] for mail in json.loads(run("attention", "--json", "-c", settings)[1])["unread"])
    code, _, err = run("scrub", str(number), "-c", settings)
    assert (code, "is not kept any more: save it from your mail program" in one_line(err)) == (1, True)
    for more in ((), ("--apply",)):
        assert run("replay", *more, "-c", settings)[1].startswith("No mail is kept, so nothing can be read again")


def test_a_number_of_no_mail_is_said(run: Run, settings: Path) -> None:
    code, _, err = run("scrub", "4711", "-c", settings)
    assert (code, "there is no mail number 4711" in one_line(err)) == (1, True)


def test_read_says_in_words_what_a_mail_is(run: Run) -> None:
    bill, unread = ROOT / "tests/fixtures/emails/_not_orders/bank_statement.en.eml", ALIEXPRESS / "no_number.en.eml"
    out = run("read", bill, unread, ALIEXPRESS / "at_customs.en.eml")[1]
    assert f"{bill}: no order mail that is known here\n" in out
    assert f"{unread}: could not be read (it names no order or parcel number)\n" in out
    assert f"{ALIEXPRESS / 'at_customs.en.eml'}: read\n" in out


def test_a_recipe_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    code, _, err = run("read", "--recipe", tmp_path / "none.toml", ALIEXPRESS / "at_customs.en.eml")
    assert (code, one_line(err).startswith(f"inboxtrack: {tmp_path / 'none.toml'}: No such file")) == (2, True)
