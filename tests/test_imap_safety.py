"""What is promised of a mailbox: nothing in it changes, TLS is verified, and no setting smuggles a command."""

from __future__ import annotations

import datetime as dt

import imapclient
import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.source import Kind
from tests.conftest import ROOT
from tests.dovecot import Dovecot
from tests.imap_help import NOW, Reading, account_of, admin, deliver, everything, mail, reading, refusal, state_of

__all__ = ["admin", "reading"]

pytestmark = pytest.mark.dovecot


def test_nothing_of_the_mailbox_changes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.6"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(20)))
    admin.select_folder("INBOX")
    admin.add_flags([3, 4], [b"\\Seen", b"\\Flagged"])
    before = state_of(admin)
    reading.poll()
    for _ in range(5):
        reading.poll()
    list(reading.source.backfill(NOW - dt.timedelta(days=30), everything, NOW))
    reading.source.wait(0.2)
    assert state_of(admin) == before


def test_the_code_knows_no_command_that_changes_a_mailbox() -> None:
    """covers: A2.6, A2.13, A2.14"""
    code = "\n".join(p.read_text() for p in (ROOT / "inboxtrack" / "mail").rglob("*.py"))
    calls = [
        "add_flags",
        "set_flags",
        "remove_flags",
        "delete_messages",
        "expunge",
        "append",
        "copy",
        "move",
        "create_folder",
    ]
    calls += ["delete_folder", "rename_folder", "close_folder", "multiappend", "subscribe_folder", "store"]
    # "append" and "copy" are also methods of lists and dicts, so the receiver counts.
    assert not [call for call in calls if f"client.{call}(" in code.replace("_client", "client")]
    assert '"ENVELOPE' not in code
    assert '"BODYSTRUCTURE' not in code
    assert '"BINARY' not in code
    assert code.count("select_folder(") == code.count("readonly=True") == 1, (
        "the code that is searched is the right one"
    )


def test_imaplibs_own_log_of_every_body_is_off(server: Dovecot) -> None:
    """IMAPClient switches it on; an upgrade that needs another switch must fail here."""
    assert imapclient.IMAPClient("127.0.0.1", server.plain, ssl=False)._imap.debug == 5
    connection = Connection(account_of(server))
    assert connection._client._imap.debug == 0
    connection.close()


def test_tls_and_starttls_are_verified(server: Dovecot) -> None:
    """covers: C16"""
    for security, port in (("tls", server.tls), ("starttls", server.plain)):
        for host in ("localhost", "127.0.0.1"):
            source = ImapSource(account_of(server, host=host, port=port, security=security, ca_file=server.ca))
            Reading(source).poll()
            source.close()
        error = refusal(account_of(server, host="localhost", port=port, security=security))
        assert error.kind is Kind.CONFIG
        assert "certificate of localhost" in error.text
        assert "ca_file" in error.text


def test_plain_text_is_for_this_machine_only(server: Dovecot) -> None:
    """covers: C16"""
    error = refusal(account_of(server, host="imap.provider.example"))
    assert error.kind is Kind.CONFIG
    assert 'set security = "tls"' in error.text


@pytest.mark.parametrize("change", [{"user": "anna\r\nX LOGOUT"}, {"folders": ("IN\nBOX",)}, {"host": "a\x00b"}])
def test_no_setting_can_smuggle_a_command(server: Dovecot, change: dict[str, object]) -> None:
    """covers: C3"""
    error = refusal(account_of(server, secret=lambda: "x", **change))
    assert error.kind is Kind.CONFIG
    assert "control character" in error.text


def test_a_password_cannot_smuggle_a_command(server: Dovecot) -> None:
    assert refusal(account_of(server, secret=lambda: "x\r\nA LOGOUT")).kind is Kind.CONFIG
