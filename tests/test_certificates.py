"""A certificate that is refused says what to do about it: another name, an ended one, a signer that nobody knows."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from inboxtrack.mail.account import ImapAccount
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.source import Kind, MailboxError
from tests.autoconfig_help import named
from tests.dovecot import Dovecot, dovecot
from tests.listener import Listener


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@contextmanager
def ended_certificate(folder: Path) -> Iterator[tuple[int, str]]:
    """A server on localhost whose certificate, its own CA, has ended: its port, and the certificate's file."""
    key, asked, made, names = (str(folder / name) for name in ("key.pem", "asked.pem", "ended.pem", "names"))
    Path(names).write_text("subjectAltName=DNS:localhost\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", asked, "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", asked, "-signkey", key, "-days", "-1", "-extfile", names, "-out", made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            context.wrap_socket(connection, server_side=True)

    listener = Listener(serve)
    try:
        yield listener.port, made
    finally:
        listener.close()


def why_not(port: int, host: str, ca_file: str | None) -> str:
    account = ImapAccount(name="home", host=host, port=port, user="anna", ca_file=ca_file, secret=lambda: "secret")
    with pytest.raises(MailboxError) as caught:
        Connection(account)
    assert caught.value.kind is Kind.CONFIG
    return caught.value.text


@pytest.mark.dovecot
def test_a_certificate_for_another_name(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: C16"""
    with named("imap.other.example", monkeypatch):
        text = why_not(server.tls, "imap.other.example", server.ca)
    assert "is not valid for 'imap.other.example'" in text
    assert text.endswith("): check host: it must be a name that the certificate is for")


@pytest.mark.dovecot
def test_a_certificate_of_a_signer_that_nobody_knows(server: Dovecot) -> None:
    """covers: C16 — the user's own server, or a hotel's network."""
    text = why_not(server.tls, "localhost", None)
    assert text.endswith(
        "if the server is your own, name its CA as ca_file; else the network here shows its own: use another"
    )


def test_a_certificate_that_has_ended(tmp_path: Path) -> None:
    """covers: C16"""
    with ended_certificate(tmp_path) as (port, file):
        assert why_not(port, "localhost", file) == (
            f"mailbox 'home': the certificate of localhost:{port} is not accepted (certificate has expired): "
            "its operator must renew it; if others get in, check this computer's clock"
        )
