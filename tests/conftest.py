"""Every test runs in an odd time zone and locale, without a keyring, on loopback only, and is searched for leaks."""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.dovecot import Dovecot, dovecot
from tests.leaks import pytest_runtest_makereport, pytest_runtest_protocol
from tests.sinks import Sink, sink

__all__ = ["pytest_runtest_makereport", "pytest_runtest_protocol"]

os.environ["TZ"] = "Pacific/Chatham"
os.environ["LC_ALL"] = os.environ["LANG"] = "C.UTF-8"
os.environ["LANGUAGE"] = "tr_TR"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # child processes are started by the dozen: compiled once
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # never the developer's own keyring
time.tzset()

settings.register_profile(
    "default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("default")

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "fixtures" / "emails"
_connect, _sendto = socket.socket.connect, socket.socket.sendto


class NetworkForbidden(AssertionError):
    """A test tried to talk to something other than loopback."""


def _check(to: socket.socket, address: Any) -> None:
    if to.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise NetworkForbidden(f"talk to {address}")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _check(self, address)
    _connect(self, address)


def _guarded_sendto(self: socket.socket, data: bytes, *flags_and_address: Any) -> int:
    _check(self, flags_and_address[-1])
    return _sendto(self, data, *flags_and_address)


socket.socket.connect = _guarded_connect  # type: ignore[method-assign] # every socket of the run is guarded
socket.socket.sendto = _guarded_sendto  # type: ignore[method-assign,assignment] # questions to name servers, too


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    """A real IMAP server for all tests of a module."""
    with dovecot() as started:
        yield started


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """The module's server, with an empty mailbox."""
    running.wipe()
    return running


@pytest.fixture
def phone() -> Iterator[Sink]:
    """An HTTP service that takes every message."""
    with sink() as made:
        yield made


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's `mails` and the `state` that importing them makes; what changes them takes a copy."""
    from tests.cli_help import import_demo

    folder = tmp_path_factory.mktemp("imported")
    import_demo(folder)
    return folder


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def corpus() -> Path | None:
    """The folder of real mail that is kept outside the repository, where it is there."""
    given = os.environ.get("INBOXTRACK_CORPUS")
    folder = Path(given) if given else ROOT.parent / "shared" / "corpus"
    return folder if (folder / "orders" / "TRUTH.tsv").exists() else None
