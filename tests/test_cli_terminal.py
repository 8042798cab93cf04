"""The command line in a terminal and in pipes: characters, Ctrl-C, and nothing of a mail but text."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inboxtrack.cli.demo import mails
from tests.cli_help import LAMP, NOW, Run, run, settings, write_settings
from tests.conftest import ROOT

__all__ = ["run", "settings"]


def test_no_mail_reaches_the_terminal_as_anything_but_text(run: Run, tmp_path: Path) -> None:
    """covers: C17"""
    hostile = "\x1b[31m\x1b]8;;https://evil.example\x07\u202e\u200b[bold]\x9b1A"
    (good,) = [mail for mail, _ in mails.mailbox(NOW) if f"{LAMP}: order confirmed".encode() in mail]
    titled = good.replace(b"Paper floor lamp", f"Paper {hostile} lamp".encode()).replace(
        mails.PROVIDER.encode(), b"mx.google.com"
    )
    subject = base64.b64encode(f"Your order {hostile} news".encode()).decode()
    unread = (
        "Authentication-Results: mx.google.com; dmarc=pass header.from=shop.tiktok.com\r\n"
        f"From: TikTok Shop <no-reply@shop.tiktok.com>\r\nSubject: =?utf-8?B?{subject}?=\r\n\r\nShipped!\r\n"
    ).encode()
    for number, mail in enumerate((titled, unread)):
        (tmp_path / f"{number}.eml").write_bytes(mail)
    settings = write_settings(tmp_path)
    printed = run("import", tmp_path / "0.eml", tmp_path / "1.eml", "-c", settings)[1]
    for arguments in (("orders",), ("show", LAMP, "--why"), ("attention",), ("digest",), ("digest", "--style", "mail")):
        printed += run(*arguments, "-c", settings)[1]
    printed += run("read", tmp_path / "0.eml", tmp_path / "1.eml")[1]
    assert LAMP in printed
    assert "no-reply@shop.tiktok.com" in printed
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e]", printed)
    assert "[bold]" in printed


@pytest.mark.parametrize("arguments", [("orders", "--all"), ("orders", "--all", "--json")])
def test_a_reader_that_leaves_a_pipe_is_no_error(settings: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "inboxtrack", *arguments, "-c", str(settings)]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_loads_nothing_heavy() -> None:
    heavy = ("apprise", "sqlalchemy", "bs4", "lxml", "httpx", "jinja2", "apscheduler", "pydantic", "imapclient")
    ask = f"import sys, inboxtrack.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("charset", ["ascii", "latin-1"])
def test_a_terminal_with_few_characters_gets_question_marks(settings: Path, charset: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inboxtrack", "doctor", "--config", str(settings)],
        env=os.environ | {"PYTHONIOENCODING": charset, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert b"? settings: " in done.stdout
    assert b"UnicodeEncodeError" not in done.stderr


def test_ctrl_c_is_said(tmp_path: Path) -> None:
    """A pipe that nobody fills keeps the command waiting."""
    os.mkfifo(tmp_path / "mail.eml")
    with subprocess.Popen(
        [sys.executable, "-m", "inboxtrack", "read", str(tmp_path / "mail.eml")],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        writer = os.open(tmp_path / "mail.eml", os.O_WRONLY)  # returns when the command reads
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        os.close(writer)
    assert (process.returncode, err) == (130, "inboxtrack: stopped\n")


SAYS_THAT_IT_STARTS = """
import os, sys
if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    with open({fifo!r}, "w") as fifo:
        fifo.write(str(os.getpid()))
"""


@contextmanager
def reading_starts(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`read` at the moment when the process that its readers are forked from begins to load; that one's id."""
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    (tmp_path / "sitecustomize.py").write_text(SAYS_THAT_IT_STARTS.format(fifo=str(fifo)))
    mail = str(ROOT / "tests" / "fixtures" / "emails" / "hismile" / "shipped.en.eml")
    with subprocess.Popen(
        [sys.executable, "-m", "inboxtrack", "read", mail, mail],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, int(fifo.read_text())


def test_ctrl_c_is_one_line_while_the_processes_that_read_mail_start(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group. Both pipes end when the last process that could print has ended."""
    with reading_starts(tmp_path) as (process, _):
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "inboxtrack: stopped\n")


def test_ctrl_c_is_kept_from_the_processes_that_read_mail(tmp_path: Path) -> None:
    with reading_starts(tmp_path) as (process, loading):
        os.kill(loading, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.count("shipped.en.eml: read") == 2


def test_ctrl_c_is_one_line_while_the_command_line_loads(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run(
        [sys.executable, "-m", "inboxtrack", "--version"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "inboxtrack: stopped\n")
