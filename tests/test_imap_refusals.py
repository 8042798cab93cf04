"""Settings that do not fit a real Dovecot: one line each, which names the cure."""

from __future__ import annotations

import imapclient
import pytest

from inboxtrack.mail.account import Limits
from inboxtrack.mail.source import Kind
from tests.dovecot import Dovecot, dovecot, free_ports
from tests.imap_help import account_of, admin, refusal

__all__ = ["admin"]

pytestmark = pytest.mark.dovecot


def test_a_wrong_password_is_named_with_the_providers_cure(server: Dovecot) -> None:
    """covers: A1.11"""
    error = refusal(account_of(server, secret=lambda: "wrong", hint="make an app password: https://provider.example"))
    assert error.kind is Kind.AUTH
    assert "refused the password of anna" in error.text
    assert error.text.endswith("make an app password: https://provider.example")
    assert "wrong" not in error.text


def test_a_missing_folder_is_named_with_the_likely_one(admin: imapclient.IMAPClient, server: Dovecot) -> None:
    """covers: A2.19"""
    admin.create_folder("Bestellungen")
    error = refusal(account_of(server, folders=("Bestelungen",)))
    assert error.kind is Kind.CONFIG
    assert "folder 'Bestelungen' cannot be opened (Mailbox doesn't exist: Bestelungen):" in error.text
    assert "did you mean 'Bestellungen'?" in error.text


def test_an_unreachable_server(server: Dovecot) -> None:
    (port,) = free_ports(1)
    error = refusal(account_of(server, port=port))
    assert error.kind is Kind.TRANSIENT
    assert f"nothing listens at 127.0.0.1:{port}: check host and port" in error.text


def test_an_unknown_host_is_named(server: Dovecot) -> None:
    error = refusal(account_of(server, host="imap.nowhere.invalid", security="tls"))
    assert error.kind is Kind.TRANSIENT
    assert "imap.nowhere.invalid is not found: check the spelling" in error.text


def test_the_wrong_tls_mode(server: Dovecot) -> None:
    """covers: A1.9"""
    error = refusal(account_of(server, security="tls", port=server.plain))
    assert error.kind is Kind.CONFIG
    assert 'speaks no TLS: the port is wrong, or set security = "starttls"' in error.text
    error = refusal(account_of(server, port=server.tls, limits=Limits(connect=0.7)))
    assert 'set security = "tls"' in error.text


def test_too_many_sessions_are_no_wrong_password() -> None:
    """covers: A1.10, A1.11"""
    with dovecot(sessions=1) as server, server.admin():
        error = refusal(account_of(server))
        assert error.kind is Kind.TRANSIENT
        assert error.wait >= 600
