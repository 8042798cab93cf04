"""Signing in by code and by browser, against a local token server."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from inboxtrack.mail.oauth.signin import BrowserSignIn, await_device, begin_device
from inboxtrack.mail.source import MailboxError
from tests.oauth_help import CODE, FRESH, HOUR, NOW, TokenServer, client_at, provider

__all__ = ["provider"]


def test_a_sign_in_by_code_waits_slows_down_and_ends(provider: TokenServer) -> None:
    pending = (400, {"error": "authorization_pending"})
    provider.answers = [(200, CODE), pending, (400, {"error": "slow_down"}), pending, (200, FRESH)]
    client = client_at(provider)
    code = begin_device(client)
    assert (code.url, code.code) == ("https://login.example/link", "AB-CD")
    assert "device-secret" not in repr(code)
    pauses: list[float] = []
    tokens = await_device(client, code, lambda: NOW, pauses.append)
    assert pauses == [2, 2, 7, 7]
    assert (tokens.access, tokens.consented_at, tokens.expires_at) == ("access-2", NOW, NOW + HOUR)
    assert provider.asked[-1][1]["device_code"] == "device-secret"
    assert "client_secret" not in provider.asked[-1][1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"error": "authorization_declined"}, "refused in the browser"), ({"error": "expired_token"}, "took too long")],
)
def test_a_code_that_is_refused_or_too_late(provider: TokenServer, answer: dict[str, str], words: str) -> None:
    provider.answers = [(200, CODE), (400, answer)]
    client = client_at(provider)
    with pytest.raises(MailboxError, match=words):
        await_device(client, begin_device(client), lambda: NOW, lambda _: None)


def test_a_code_nobody_types_ends_by_itself(provider: TokenServer) -> None:
    provider.answers = [(200, {**CODE, "expires_in": 10}), *[(400, {"error": "authorization_pending"})] * 9]
    client = client_at(provider)
    with pytest.raises(MailboxError, match="took too long"):
        await_device(client, begin_device(client), lambda: NOW, lambda _: None)
    assert len(provider.asked) == 6


def test_google_has_no_codes_for_mail(provider: TokenServer) -> None:
    with pytest.raises(MailboxError, match="sign in with a browser"):
        begin_device(client_at(provider, "google"))


def visit(url: str, **query: str) -> bytes:
    """What the provider's page does at the end: send the browser back."""
    told = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    target = urlsplit(told["redirect_uri"])
    given = "&".join(f"{key}={value}" for key, value in {"state": told["state"], **query}.items())
    with socket.create_connection((target.hostname or "", target.port or 0)) as browser:
        browser.sendall(f"GET /?{given} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return browser.recv(1_000)


def test_a_sign_in_by_browser(provider: TokenServer) -> None:
    provider.answers = [(200, FRESH)]
    with BrowserSignIn(client_at(provider, "google", client_secret="not-so-secret")) as sign_in:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(sign_in.url).query).items()}
        assert asked["redirect_uri"].startswith("http://127.0.0.1:")
        assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
        pages: list[bytes] = []
        thread = threading.Thread(target=lambda: pages.append(visit(sign_in.url, code="the-code")))
        thread.start()
        tokens = sign_in.wait(lambda: NOW, 5)
        thread.join()
    assert tokens.access == "access-2"
    assert b"200 OK" in pages[0]
    form = provider.asked[0][1]
    assert (form["code"], form["redirect_uri"], form["client_secret"]) == (
        "the-code",
        asked["redirect_uri"],
        "not-so-secret",
    )
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


def test_a_pasted_address_serves_as_well(provider: TokenServer) -> None:
    provider.answers = [(200, FRESH)]
    with BrowserSignIn(client_at(provider)) as sign_in:
        state = parse_qs(urlsplit(sign_in.url).query)["state"][0]
        assert sign_in.redeem(f" http://127.0.0.1:1/?code=x&state={state}\n", lambda: NOW).refresh == "refresh-2"


@pytest.mark.parametrize(
    ("query", "words"),
    [({"code": "x", "state": "foreign"}, "foreign answer"), ({"error": "access_denied"}, "refused in")],
)
def test_a_foreign_or_refused_answer_is_not_redeemed(provider: TokenServer, query: dict[str, str], words: str) -> None:
    with BrowserSignIn(client_at(provider)) as sign_in:
        thread = threading.Thread(target=visit, args=(sign_in.url,), kwargs=query)
        thread.start()
        with pytest.raises(MailboxError, match=words):
            sign_in.wait(lambda: NOW, 5)
        thread.join()
    assert provider.asked == []


def test_a_browser_that_never_comes(provider: TokenServer) -> None:
    with BrowserSignIn(client_at(provider)) as sign_in, pytest.raises(MailboxError, match="took too long"):
        sign_in.wait(lambda: NOW, 0.05)
