"""The whole test run is searched for what must not be told: planted secrets, and words of mail that are nobody's news.

Everything runs at DEBUG: this process by a handler at the root logger, every Python process that a test starts by
`tests/every_process`. Searched are each line that is logged, what tests and the processes they start print, messages
that reach `tests.sinks`, and each file that a test leaves in its folders. A finding fails the test that made it; it
names the secret and the place, never the words. `conftest` loads this; a plugin of its own is `-p tests.leaks`.
"""

from __future__ import annotations

import atexit
import base64
import json
import logging
import os
import re
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

PLANTED = {
    "anna's password": "correct horse",
    "bob's password": "pässwörd",
    "carl's password": "battery staple",
    "a password in settings": "hunter2",
    "an access token": "access-1",
    "a renewed access token": "access-2",
    "a refresh token": "refresh-1",
    "a renewed refresh token": "refresh-2",
    "a device code": "device-secret",
    "a client secret": "not-so-secret",
    "the token in a channel's URL": "hook-planted-4411",
    "the password in a channel's URL": "s3cret",
    "the key in a link of Shopify": "shcct_",
    "the token in a link of AliExpress": "a8f3e77b21c94d0f",
    "words of personal mail": "the quince jelly is behind the blue jars",
    "the customer of living.py": "Kim Larkspur",
    "the address in living.py": "7 Quince Alley",
    "a customer of the fixtures": "Mira Holm",
    "a customer of the fixtures (de)": "Robin Beispiel",
    "a customer of the fixtures (es)": "Robin Muestra",
    "a customer of the fixtures (fr)": "Robin Exemple",
    "a customer of the fixtures (pl)": "Robin Przykład",
    "an address in the fixtures": "7 Farm Road",
    "an address in the fixtures (en)": "14 Larch Lane",
    "an address in the fixtures (de)": "Lindenweg 14",
    "an address in the fixtures (es)": "Calle del Olmo 14",
    "an address in the fixtures (fr)": "rue des Tilleuls",
    "an address in the fixtures (pl)": "ul. Lipowa 14",
}
ALLOWED = (
    ("*.toml", "the user's settings, which a test wrote as the user would"),
    ("password", "a password file of the user's"),
    ("secret", "a password file of the user's"),
    ("*.url", "a channel's URL in a file of the user's"),
    ("*.eml", "mail that a test wrote"),
    ("*.mbox", "mail that a test wrote"),
    ("*cur/*", "mail that a test wrote, in a Maildir"),
    ("*new/*", "mail that a test wrote, in a Maildir"),
    ("*tokens/*.json", "the tokens' own file: private, and nothing else in it"),
)
HERE = Path(__file__).resolve().parent


def forms(text: str) -> Iterator[bytes]:
    """How a text may stand in a log or file: as it is, in a URL, in JSON, and in base64 wherever it begins there."""
    raw = text.encode()
    yield from {raw, quote(text).encode(), json.dumps(text)[1:-1].encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        yield coded[(0, 2, 3)[before] : len(coded) - 1]


NAMES = {form: name for name, text in PLANTED.items() for form in forms(text)}
ANY = re.compile(b"|".join(re.escape(form) for form in sorted(NAMES, key=len, reverse=True)))


def planted_in(data: bytes | str) -> set[str]:
    """The names of what is planted in it."""
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return {NAMES[hit] for hit in ANY.findall(raw)}


@dataclass
class Watch(logging.Handler):
    """What was found since the last `take`: (place, name of the secret)."""

    found: set[tuple[str, str]] = field(default_factory=set)
    log: Path | None = None
    read: int = 0
    files: set[tuple[Path, int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)

    __hash__ = logging.Handler.__hash__

    def see(self, place: str, data: bytes | str) -> None:
        """Search what somebody may read."""
        self.found |= {(place, name) for name in planted_in(data)}

    def emit(self, record: logging.LogRecord) -> None:
        """Search a line of the log, with its traceback."""
        self.see(f"the log of {record.name}", self.format(record))

    def start(self) -> None:
        """Have this process and those it starts log at DEBUG; tests may have turned it down."""
        root = logging.getLogger()
        root.setLevel(logging.DEBUG)
        if self not in root.handlers:
            root.addHandler(self)
        if self.log is None:
            handle, name = tempfile.mkstemp(prefix="leaks", suffix=".log")
            os.close(handle)
            self.log = Path(name)
            atexit.register(self.log.unlink, missing_ok=True)
            os.environ["LEAKS_LOG"] = name
            os.environ["PYTHONPATH"] = os.pathsep.join(
                filter(None, (str(HERE / "every_process"), os.environ.get("PYTHONPATH")))
            )

    def see_processes(self) -> None:
        """Search what the processes have logged since."""
        if self.log and self.log.stat().st_size > self.read:
            with self.log.open("rb") as file:
                file.seek(self.read)
                new = file.read()
            self.read += len(new)
            self.see("the log of a process", new)

    def see_folder(self, folder: Path) -> None:
        """Search every file that is new there or has changed, but for those that may hold what is planted."""
        for file in folder.rglob("*"):
            if file.is_file() and not any(fnmatch(file.relative_to(folder), pattern) for pattern, _ in ALLOWED):
                state = file.stat()
                version = (file, state.st_mtime_ns, state.st_size)
                if version not in self.files:
                    self.files.add(version)
                    self.see(f"the file {file.relative_to(folder)}", file.read_bytes())

    def take(self) -> list[str]:
        """What was found, in words, and forget it."""
        self.see_processes()
        said = sorted(f"{name} stands in {place}" for place, name in self.found)
        self.found.clear()
        return said


WATCH = Watch()
_communicate = subprocess.Popen.communicate
_readouterr = pytest.CaptureFixture.readouterr


def _watched_communicate(self: subprocess.Popen[Any], *arguments: Any, **more: Any) -> Any:
    printed = _communicate(self, *arguments, **more)
    for text in filter(None, printed):
        WATCH.see("what a process printed", text)
    return printed


def _watched_readouterr(self: pytest.CaptureFixture[Any]) -> Any:
    printed = _readouterr(self)
    for text in printed:
        WATCH.see("what was printed", text)
    return printed


subprocess.Popen.communicate = _watched_communicate  # type: ignore[method-assign] # every test is watched
pytest.CaptureFixture.readouterr = _watched_readouterr  # type: ignore[method-assign] # every test is watched


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> None:
    """Watch from here on: under xdist only in the processes that run tests."""
    WATCH.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that told what is planted."""
    report = yield
    if report.when == "teardown":
        for place, text in report.sections:
            if "log" not in place:  # pytest reads there even what the product lets nobody hear; `emit` does not
                WATCH.see(place, text)
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Path) and value.is_relative_to(tempfile.gettempdir()) and value.is_dir():
                WATCH.see_folder(value)
        found = WATCH.take()
        if found and report.passed:
            report.outcome, report.longrepr = "failed", "\n".join(["this must not be told (tests/leaks.py):", *found])
    return report
