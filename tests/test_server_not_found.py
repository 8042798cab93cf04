"""A mailbox whose server cannot be found yet is the trouble of that mailbox alone: the others are read, it heals."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inboxtrack import daemon as daemons
from inboxtrack.app import App, servers
from inboxtrack.app.doctor import checks
from inboxtrack.app.poll import PollReport
from inboxtrack.config import load
from inboxtrack.daemon import Daemon
from inboxtrack.mail.autoconfig.lookups import DnsRecords
from tests.autoconfig_help import Web, entry, name_server, named, page, web
from tests.dovecot import USERS, Dovecot, free_ports
from tests.living import AUTHSERV, aliexpress, deliver, now, run, write_settings
from tests.sinks import Sink

__all__ = ["name_server", "web"]

SILENT = "the server of silent.example cannot be looked up, as the DNS does not answer: it is tried again"
CONFIG = "silent.example/.well-known/autoconfig/mail/config-v1.1.xml"
NUMBER, SECOND = "8044444444444444", "8055555555555555"


@pytest.fixture
def no_dns(name_server: tuple[str, int], web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A name server that is silent on silent.example; its web server may say where its mail is."""
    monkeypatch.setattr(servers, "DnsRecords", lambda: DnsRecords(0.2, name_server))
    monkeypatch.setattr(servers, "HttpsPages", web.pages)
    with named("imap.firm.example", monkeypatch):
        yield web


@pytest.fixture
def settings(server: Dovecot, phone: Sink, tmp_path: Path) -> Path:
    """Two mailboxes: the first one's server has to be looked up, the second one's is known."""
    server.wipe("bob")
    path = write_settings(tmp_path, server, phone.url, poll_seconds=5)
    text = path.read_text()
    own = f'name = "own"\naddress = "bob@silent.example"\npassword = "{USERS["bob"]}"\nca_file = "{server.ca}"\n'
    path.write_text(text.replace("[[mailbox]]", f'[[mailbox]]\n{own}authserv_ids = ["{AUTHSERV}"]\n[[mailbox]]'))
    return path


def found(server: Dovecot) -> tuple[int, dict[str, str], bytes]:
    """What the domain's web server says, once it says anything."""
    return 200, {}, page(entry(port=server.tls, user="%EMAILLOCALPART%"))


def polled(settings: Path, at: dt.datetime) -> PollReport:
    with App.open(load(settings)) as app:
        return app.poll(at)


@pytest.mark.dovecot
def test_the_others_are_read_it_is_told_once_and_heals(
    server: Dovecot, no_dns: Web, phone: Sink, settings: Path
) -> None:
    """covers: A1.5"""
    begin = now()
    deliver(server, [aliexpress(f"Order {NUMBER}: order shipped", NUMBER)])
    reports = [polled(settings, begin + dt.timedelta(minutes=minutes)).mailboxes for minutes in (0, 50, 70, 200)]
    cure = 'if that lasts, check the network, or set host = "imap.silent.example", or what your provider says'
    assert [own.error for own, _ in reports] == [f"mailbox 'own': {SILENT}; {cure}"] * 4
    assert [(home.error, home.mails) for _, home in reports] == [(None, 1), (None, 0), (None, 0), (None, 0)]
    summary, trouble = phone.texts
    assert NUMBER in summary
    assert SILENT in trouble
    no_dns.answers = {CONFIG: found(server)}
    own, _ = polled(settings, begin + dt.timedelta(minutes=210)).mailboxes
    assert own.error is None
    assert own.found == (
        f"mailbox 'own': its server is imap.firm.example:{server.tls}, because https://{CONFIG} says so; "
        "if that is wrong, set host"
    )
    assert polled(settings, begin + dt.timedelta(minutes=220)).mailboxes[0].found is None


@contextmanager
def at_work(settings: Path, said: list[str]) -> Iterator[Daemon]:
    """The daemon in a thread of this process, whose names and web servers are those of the test."""
    with App.open(load(settings)) as app:
        daemon = Daemon(app, said.append)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        try:
            yield daemon
        finally:
            daemon.end()
            thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that tries again and tells at once."""
    monkeypatch.setattr(daemons, "FIRST_BACK_OFF", 0.2)
    monkeypatch.setattr(daemons, "LONGEST_BACK_OFF", 0.5)
    monkeypatch.setattr(daemons, "TELL_EVERY", 1)


@pytest.mark.dovecot
def test_the_daemon_watches_the_others_and_goes_on_looking(
    server: Dovecot, no_dns: Web, phone: Sink, settings: Path, impatient: None
) -> None:
    """covers: A1.5"""
    said: list[str] = []
    with at_work(settings, said):
        assert phone.wait_for(1), "home was read for the first time"
        deliver(server, [aliexpress(f"Order {NUMBER}: order shipped", NUMBER)])
        assert phone.wait_until(lambda: any(NUMBER in text for text in phone.texts)), said
        assert [SILENT in line for line in said] == [True]
        no_dns.answers = {CONFIG: found(server)}
        assert phone.wait_until(lambda: len(phone.texts) == 3), "own was read for the first time"
        client = server.admin("bob")
        client.append("INBOX", aliexpress(f"Order {SECOND}: order shipped", SECOND))
        client.logout()
        assert phone.wait_until(lambda: any(SECOND in text for text in phone.texts)), said
    assert [line.partition(", because")[0] for line in said[1:]] == [
        f"mailbox 'own': its server is imap.firm.example:{server.tls}",
        "mailbox 'own' is read again",
    ]


@pytest.mark.dovecot
def test_the_daemon_goes_on_at_the_server_that_doctor_finds_anew(
    server: Dovecot, no_dns: Web, phone: Sink, settings: Path, impatient: None
) -> None:
    said: list[str] = []
    (closed,) = free_ports(1)
    no_dns.answers = {CONFIG: (200, {}, page(entry(port=closed, user="%EMAILLOCALPART%")))}
    with at_work(settings, said) as daemon:
        assert phone.wait_for(1), "home was read for the first time"
        no_dns.answers = {CONFIG: found(server)}
        list(checks(daemon.app))
        assert phone.wait_for(2), said
    troubles = [line for line in said if "its server is" not in line]
    assert troubles[0].startswith(f"mailbox 'own': nothing listens at imap.firm.example:{closed}: ")
    assert troubles[0].endswith("; the server was looked up: inboxtrack doctor looks for it anew")
    assert troubles[1:] == ["mailbox 'own' is read again"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("anna@example.com", "anna@example.com is the example's address: write your own"),
        ("anna@tuta.com", "Tuta cannot be read over IMAP: it offers no IMAP: forward order mail"),
    ],
)
@pytest.mark.parametrize("command", ["poll", "run"])
def test_settings_that_can_never_work_are_said_before_any_mailbox_is_read(
    command: str, address: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "inboxtrack.toml"
    here = f'[[mailbox]]\nname = "here"\nmaildir = "{tmp_path / "nowhere"}"\n'
    path.write_text(
        f'[general]\nstate_folder = "{tmp_path / "state"}"\n{here}'
        f'[[mailbox]]\nname = "home"\naddress = "{address}"\npassword_env = "X"\n'
    )
    code, out, err = run(command, "--config", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"inboxtrack: mailbox 'home': {words}")
    assert err.count("\n") == 1
