"""What the tests of the command line share: commands run in this process, settings, a state with the demo's orders.

A module that uses the fixtures `run` or `settings` imports them and names them in its `__all__`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inboxtrack.app import servers
from inboxtrack.cli import app, frame
from inboxtrack.cli.demo import mails
from tests.living import private

LAMP, GRINDER, SERUM = mails.LAMP, mails.GRINDER, mails.SERUM
NOW = dt.datetime.now(dt.UTC)
MAILBOX = '[[mailbox]]\nname = "home"\naddress = "kim@post.example"\npassword = "x"\n'
CHANNELS = """
[[channel]]
name = "typo"
url = "nttfy://topic"
[[channel]]
name = "missing"
url_file = "phone.url"
"""
Run = Callable[..., tuple[int, str, str]]


class NoNet:
    """In place of DNS and web servers: nobody answers."""

    def __call__(self, _url: str) -> None: ...

    def mx(self, _domain: str) -> list[str]:
        return []

    def srv(self, _name: str) -> list[tuple[str, int]]:
        return []


def code_of(*arguments: str | Path) -> int:
    """The exit code of a command that runs in this process."""
    return frame.guarded(lambda: app([str(a) for a in arguments], standalone_mode=False))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process: exit code, stdout, stderr. Names are looked up nowhere."""
    monkeypatch.setattr(servers, "DnsRecords", NoNet)
    monkeypatch.setattr(servers, "HttpsPages", NoNet)

    def go(*arguments: str | Path) -> tuple[int, str, str]:
        code = code_of(*arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return go


def write_settings(folder: Path, more: str = "") -> Path:
    """A settings file, private, with its state beside it."""
    text = f'[general]\ntime_zone = "Europe/London"\nstate_folder = "{folder / "state"}"\n{more}'
    return private(folder / "inboxtrack.toml", text)


def import_demo(folder: Path) -> None:
    """Import the demo's mails, as from Gmail, from `mails` into `state` of this folder."""
    (folder / "mails").mkdir()
    for number, (mail, _) in enumerate(mails.mailbox(NOW)):
        (folder / "mails" / f"{number}.eml").write_bytes(mail.replace(mails.PROVIDER.encode(), b"mx.google.com"))
    assert code_of("import", folder / "mails", "-c", write_settings(folder)) == 0


@pytest.fixture
def settings(imported: Path, tmp_path: Path) -> Path:
    """Settings over a copy of the state that the demo's mails make, so that each test may change it."""
    shutil.copytree(imported / "state", tmp_path / "state")
    return write_settings(tmp_path)


def one_line(err: str) -> str:
    """What was said, which is a line and no traceback."""
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err
