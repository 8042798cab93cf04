"""What goes wrong is one line that names the cure, with the exit code of the contract."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inboxtrack.app.lock import instance_lock
from inboxtrack.cli import cycle, frame
from tests.cli_help import MAILBOX, Run, one_line, run, write_settings
from tests.conftest import ROOT

__all__ = ["run"]

MAIL = ROOT / "tests" / "fixtures" / "emails" / "hismile" / "shipped.en.eml"

WRONG = (
    (("poll",), "", 2, "[[mailbox]]"),
    (("run",), "", 2, "[[mailbox]]"),
    (("poll",), "[digst]\n", 2, "did you mean digest?"),
    (("poll",), MAILBOX.replace("password", "pasword"), 2, "did you mean password?"),
    (("poll",), MAILBOX, 1, "set host"),  # trouble of this mailbox alone: others would be read
    (("notify-test",), "", 2, "[[channel]]"),
    (("digest", "--send"), "", 2, "[[channel]]"),
    (("digest", "--style", "fax"), "", 2, "sms, push, mail"),
    (("backfill", "--since", "spring"), MAILBOX, 2, "180d"),
    (("backfill", "--since", "2999-01-01"), MAILBOX, 2, "lies in the future"),
    (("backfill", "--since", "2025"), MAILBOX, 2, "180d"),
    (("show", "4711"), "", 1, "its last characters, or all; `inboxtrack orders --all`"),
    (("close", "4711"), "", 1, "inboxtrack orders --all"),
    (("report", "4711", "ugly"), "", 2, "not-received, damaged, wrong"),
    (("report", "4711"), "", 2, "name what is the matter, one of not-received"),
    (("note", "4711"), "", 2, "name what to remember: only --undo does without"),
    (("link", "4711"), "", 2, "name the parcel's number"),
    (("add", "hismile", "two words"), "", 2, "no blanks"),
    (("add", "hissmile", "4711"), "", 2, "'hissmile' is no retailer known here: name aliexpress, "),
    (("add", "parcel", "4711"), "", 2, "a shop's domain"),
    (("add", "hismile", "4711", "ab"), "", 2, "'ab' is no tracking number: those are 7 to 40"),
    (("add", "hismile", "4711", "tomorrow"), "", 2, "is no tracking number"),
    (("add", "hismile", "4711", "--undo"), "", 1, "inboxtrack orders --all"),
    (("import", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("read", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("scrub", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("doctor", "--sign-in", "work"), MAILBOX, 2, "'home'"),
)


@pytest.mark.parametrize(("arguments", "more", "code", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_what_goes_wrong_is_one_line_that_names_the_cure(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], more: str, code: int, said: str
) -> None:
    found, out, err = run(*arguments, "-c", write_settings(tmp_path, more))
    assert (found, out) == (code, "")
    assert said in one_line(err)


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("sho",), "inboxtrack --help"),
        (("show",), "inboxtrack show --help"),
        (("orders", "--al"), "inboxtrack orders --help"),
        (("orders", "--config"), "inboxtrack --help"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], where: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert one_line(err).endswith(f"(see {where})\n")


def test_a_state_folder_that_cannot_be_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    code, _, err = run("orders", "-c", write_settings(tmp_path))
    assert code == 1
    assert "state_folder" in one_line(err)


def test_a_second_instance_ends_with_3(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, MAILBOX)
    with instance_lock(tmp_path / "state"):
        code, _, err = run("poll", "-c", settings)
    assert code == 3
    assert f"process {os.getpid()}" in one_line(err)


def test_what_runs_for_ever_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, MAILBOX)
    with instance_lock(tmp_path / "state", watching=True):
        code, _, err = run("poll", "-c", settings)
    assert code == 3
    assert f"inboxtrack run (process {os.getpid()}) is already at work on " in one_line(err)
    assert "wait" not in err
    with instance_lock(tmp_path / "state"):
        assert "wait until it is done" in one_line(run("poll", "-c", settings)[2])


def test_days_back_may_be_written_without_a_unit() -> None:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    assert {cycle.parse_since(text, now) for text in ("180", "180d", " 180 days")} == {now - dt.timedelta(days=180)}


@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_full_disk_is_one_line(buffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "inboxtrack", "read", str(MAIL)],
            env=os.environ | {"PYTHONUNBUFFERED": buffered},
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    said = "inboxtrack: No space left on device: make room, or write to another place\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_errors_nobody_foresaw_are_one_line_and_a_traceback_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise ZeroDivisionError("division\nby zero")

    assert frame.guarded(fail) == 1
    assert "ZeroDivisionError: division by zero (INBOXTRACK_DEBUG=1" in one_line(capsys.readouterr().err)
    monkeypatch.setenv("INBOXTRACK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        frame.guarded(fail)
