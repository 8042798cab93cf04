"""The one connection to a real Dovecot: kept, renewed when it died, ended with a sign-out."""

from __future__ import annotations

import imaplib
import signal
from contextlib import suppress

import imapclient
import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.source import MailboxError
from tests.dovecot import USERS, Dovecot
from tests.imap_help import Reading, account_of, admin, deliver, mail, reading

__all__ = ["admin", "reading"]

pytestmark = pytest.mark.dovecot


def test_a_password_beyond_ascii_signs_in(server: Dovecot) -> None:
    """covers: A2.26"""
    source = ImapSource(account_of(server, user="bob"))
    assert Reading(source).poll()
    source.close()


def test_one_account_holds_one_connection_and_signs_out(server: Dovecot, reading: Reading) -> None:
    """covers: A1.10"""
    for _ in range(3):
        reading.poll()
        reading.source.wait(0.05)
    assert len(server.doveadm("-f", "flow", "who", "anna").splitlines()) == 1
    reading.source.close()
    assert server.doveadm("-f", "flow", "who", "anna").strip() == ""


def test_a_connection_that_died_between_polls_is_renewed_unseen(
    server: Dovecot, admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A1.8"""
    reading.poll()
    deliver(admin, mail("Order 1"))
    server.kill_sessions(signal.SIGKILL)
    assert len(reading.new()) == 1


def test_a_server_that_says_bye_is_asked_again(server: Dovecot, admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A1.8"""
    reading.poll()
    deliver(admin, mail("Order 1"))
    server.kill_sessions(signal.SIGTERM)
    found = []
    for _ in range(3):  # the BYE comes when the server gets to it: between two commands, or in the middle of one
        with suppress(MailboxError):
            found += reading.new()
    assert len(found) == 1


def test_unknown_uids_are_gone_not_an_error(server: Dovecot, reading: Reading) -> None:
    """covers: A2.4"""
    connection = Connection(account_of(server))
    connection.examine("INBOX")
    assert connection.headers([999]) == {}
    assert connection.bodies([999], 100) == {}
    connection.close()


def test_search_answers_below_the_first_uid_are_dropped(server: Dovecot, admin: imapclient.IMAPClient) -> None:
    """covers: A2.3"""
    deliver(admin, mail("Order 1"), mail("Order 2"))
    connection = Connection(account_of(server))
    connection.examine("INBOX")
    assert connection.search(2) == [2]
    assert connection.search(3) == []
    assert connection.search(900) == []
    connection.close()


def test_the_doctor_can_ask(server: Dovecot) -> None:
    source = ImapSource(account_of(server))
    assert "IDLE" in source.capabilities()
    assert set(source.folder_names()) == {"INBOX", "Spam"}
    source.close()


def test_imaplib_still_fails_as_the_rules_expect() -> None:
    """The classes that the error table stands on."""
    assert issubclass(imaplib.IMAP4.abort, imaplib.IMAP4.error)
    assert imapclient.exceptions.LoginError.__mro__[1] is imaplib.IMAP4.error
    assert TimeoutError is __import__("socket").timeout
    assert USERS
