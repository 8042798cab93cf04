"""An IMAP server that wants OAuth: a refused token is renewed once, and one that stays refused is told."""

from __future__ import annotations

import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap.sasl import Sasl
from inboxtrack.mail.oauth.keep import TokenFile
from inboxtrack.mail.source import Kind, MailboxError
from tests.fake_imap import FakeImap
from tests.imap_help import Reading, account_at, orders
from tests.oauth_help import FRESH, TokenServer, kept, provider, token_source, wanting

__all__ = ["kept", "provider"]


@pytest.mark.parametrize("challenge", [True, False])
def test_a_refused_token_is_renewed_once_and_the_mail_read(
    provider: TokenServer, kept: TokenFile, challenge: bool
) -> None:
    """covers: A2.25"""
    provider.answers = [(200, FRESH)]
    hooks = {"AUTHENTICATE": wanting("access-2", challenge=challenge)}
    with FakeImap(orders(1), hooks, capability="IMAP4rev1 AUTH=XOAUTH2 AUTH=OAUTHBEARER") as server:
        source = ImapSource(account_at(server, token=token_source(provider, kept), secret=None))
        assert len(Reading(source).new()) == 1
        source.close()
        assert len([c for c in server.commands if c.startswith("token")]) == 2
        assert not [c for c in server.commands if c.startswith("LOGIN")]


def test_a_token_that_stays_refused_is_told_and_not_tried_for_ever(provider: TokenServer, kept: TokenFile) -> None:
    """covers: A2.25"""
    provider.answers = [(200, FRESH)]
    with FakeImap(orders(1), {"AUTHENTICATE": wanting("other")}, capability="IMAP4rev1 AUTH=XOAUTH2") as server:
        source = ImapSource(account_at(server, token=token_source(provider, kept), secret=None))
        with pytest.raises(MailboxError) as caught:
            Reading(source).poll()
        assert server.sessions == 2
    assert caught.value.kind is Kind.AUTH
    assert "refused the sign-in of anna" in caught.value.text
    assert "access-2" not in caught.value.text


def test_oauthbearer_has_its_own_form_and_farewell() -> None:
    sasl = Sasl("OAUTHBEARER", "a=b,c@d.example", "token")
    assert sasl(b"") == b"n,a=a=3Db=2Cc@d.example,\x01auth=Bearer token\x01\x01"
    assert sasl(b'{"status":"invalid_token"}') == b"\x01"
