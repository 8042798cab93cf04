"""Servers that refuse a sign-in or speak something else: judged by their words; no password is sent in the open."""

from __future__ import annotations

import re

import pytest

from inboxtrack.mail.source import Kind
from tests.fake_imap import FakeImap, saying
from tests.imap_help import failure_of, orders, polled, reading_at

LOGINS = [
    ("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", Kind.AUTH, "refused the password of anna"),
    ("{tag} NO LOGIN failed.", Kind.AUTH, "refused the password"),
    ("{tag} NO Basic authentication is disabled.", Kind.AUTH, 'oauth = "microsoft"'),
    ("{tag} NO [ALERT] Application-specific password required", Kind.AUTH, "wants an app password"),
    ("{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded", Kind.TRANSIENT, "asks for a pause"),
    ("{tag} NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", Kind.TRANSIENT, "asks for a pause"),
    ("{tag} NO [ALERT] Your account is not enabled for IMAP use. (Failure)", Kind.CONFIG, "IMAP switched off for anna"),
    ("{tag} NO [AUTHENTICATIONFAILED] IMAP access is disabled", Kind.CONFIG, "IMAP switched off for anna"),
    ("{tag} NO POP3/IMAP has not been used and is not activated", Kind.CONFIG, "IMAP switched off for anna"),
    ("{tag} NO [AUTHENTICATIONFAILED] imap login failed", Kind.AUTH, "refused the password of anna"),
    ("{tag} NO [WEBALERT https://x.example/] Web login required. (Failure)", Kind.CONFIG, "by web browser once"),
    ("{tag} NO [ALERT] Please log in via your web browser: https://x.example/", Kind.CONFIG, "by web browser once"),
    ("{tag} NO Login failed, account locked for 15 minutes", Kind.AUTH, "has locked the account of anna"),
    ("{tag} NO [UNAVAILABLE] Temporary authentication failure.", Kind.TRANSIENT, "asks for a pause"),
    ("{tag} NO User is authenticated but not connected.", Kind.TRANSIENT, "IMAP is switched on"),
    ("{tag} NO [PRIVACYREQUIRED] Plaintext authentication disallowed", Kind.CONFIG, 'security = "starttls"'),
    ("{tag} NO EXAMINE Unsafe Login. Please contact help@provider.example", Kind.AUTH, "unsafe"),
]
WAITS = re.compile("LIMIT|bandwidth|IMAP|Web login|web browser")
"""What is not worth a try within ten minutes."""


@pytest.mark.parametrize(("answer", "kind", "words"), LOGINS)
def test_a_refused_sign_in_is_judged_by_the_servers_words(answer: str, kind: Kind, words: str) -> None:
    """covers: A1.11, A1.12, A1.13"""
    with FakeImap(hooks={"LOGIN": saying(answer)}) as server:
        error = failure_of(reading_at(server))
    assert error.kind is kind
    assert words in error.text
    assert (error.wait >= 600) == bool(WAITS.search(answer))
    assert "secret" not in error.text


def test_another_protocol_at_the_port_is_named() -> None:
    with FakeImap(hooks={"greeting": saying("HTTP/1.1 400 Bad Request")}) as server:
        error = failure_of(reading_at(server))
    assert error.kind is Kind.CONFIG
    assert "does not speak IMAP" in error.text


def test_no_starttls_is_named() -> None:
    with FakeImap() as server:
        error = failure_of(reading_at(server, security="starttls"))
    assert error.kind is Kind.CONFIG
    assert "offers no STARTTLS" in error.text


def test_starttls_is_never_given_up_for_plain_text() -> None:
    with FakeImap(capability="IMAP4rev1 STARTTLS", hooks={"STARTTLS": saying("{tag} BAD not now")}) as server:
        failure_of(reading_at(server, security="starttls", host="localhost"))
        assert not [c for c in server.commands if c.startswith("LOGIN")]


def test_netease_is_told_who_calls_before_a_folder_is_opened() -> None:
    with FakeImap(orders(1), capability="IMAP4rev1 ID") as server:
        polled(server, send_id=True)
        names = [command.split(" ")[0] for command in server.commands]
    assert names.index("ID") < names.index("EXAMINE")
    assert 'ID ("name" "inboxtrack"' in server.commands[names.index("ID")]
