"""OAuth sign-in against a local token server and an IMAP server that wants XOAUTH2."""

from __future__ import annotations

import base64
import datetime as dt
import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap.sasl import Sasl
from inboxtrack.mail.oauth import TokenSource, client_of
from inboxtrack.mail.oauth.client import ENDPOINTS, Endpoints, OAuthClient, Tokens
from inboxtrack.mail.oauth.keep import TokenFile
from inboxtrack.mail.oauth.signin import BrowserSignIn, await_device, begin_device
from inboxtrack.mail.source import Kind, MailboxError
from tests.fake_imap import FakeImap, Hook, Peer
from tests.imap_help import Reading, account_at, orders
from tests.listener import web_server

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
FRESH = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}


@dataclass
class TokenServer:
    """Gives its `answers` one by one, and keeps what it was `asked`."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def provider() -> Iterator[TokenServer]:
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            state.asked.append((self.path, {key: values[0] for key, values in form.items()}))
            status, answer = state.answers.pop(0)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with web_server(Handler) as port:
        state.url = f"http://127.0.0.1:{port}"
        yield state


def client_at(provider: TokenServer, name: str = "microsoft", **changes: Any) -> OAuthClient:
    real = ENDPOINTS[name]
    endpoints = Endpoints(
        authorize=f"{provider.url}/authorize",
        token=f"{provider.url}/token",
        device=f"{provider.url}/devicecode" if real.device else None,
        scope=real.scope,
        extra=real.extra,
    )
    return client_of("home", name, "my-app", endpoints=endpoints, **changes)


@pytest.fixture
def kept(tmp_path: Path) -> TokenFile:
    file = TokenFile(tmp_path / "tokens" / "home.json")
    file.save(Tokens("access-1", "refresh-1", NOW + HOUR, NOW - dt.timedelta(days=3)))
    return file


def token_source(
    provider: TokenServer, kept: TokenFile, now: dt.datetime = NOW, name: str = "microsoft"
) -> TokenSource:
    return TokenSource(client_at(provider, name), kept, lambda: now)


def test_a_token_is_used_until_five_minutes_before_its_end(provider: TokenServer, kept: TokenFile) -> None:
    assert token_source(provider, kept)(False) == "access-1"
    assert token_source(provider, kept, NOW + dt.timedelta(minutes=54))(False) == "access-1"
    assert provider.asked == []
    provider.answers = [(200, FRESH)]
    later = NOW + dt.timedelta(minutes=56)
    assert token_source(provider, kept, later)(False) == "access-2"
    path, form = provider.asked[0]
    assert path == "/token"
    assert form == {
        "client_id": "my-app",
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "scope": "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    }
    assert kept.load() == Tokens("access-2", "refresh-2", later + HOUR, NOW - dt.timedelta(days=3))


def test_a_refresh_without_a_new_refresh_token_keeps_the_old(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, {"access_token": "access-2", "expires_in": 3600})]
    assert token_source(provider, kept)(True) == "access-2"
    tokens = kept.load()
    assert tokens is not None
    assert tokens.refresh == "refresh-1"


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "AADSTS700082 secret"},
            Kind.AUTH,
            "doctor --sign-in home",
        ),
        (401, {"error": "invalid_client"}, Kind.CONFIG, "client_id"),
        (400, {"error": "unauthorized_client"}, Kind.CONFIG, "public client"),
        (400, {"error": "something_new"}, Kind.CONFIG, "'something_new'"),
        (503, {"error": "temporarily_unavailable"}, Kind.TRANSIENT, "tried again"),
        (429, {}, Kind.TRANSIENT, "tried again"),
        (200, b"<html>captive portal</html>", Kind.TRANSIENT, "tried again"),
        (200, b"[]", Kind.TRANSIENT, "tried again"),
        (200, {"token_type": "Bearer"}, Kind.CONFIG, "offline access"),
    ],
)
def test_a_refresh_that_fails_keeps_the_tokens(
    provider: TokenServer, kept: TokenFile, status: int, answer: Any, kind: Kind, words: str
) -> None:
    before = kept.load()
    provider.answers = [(status, answer)]
    with pytest.raises(MailboxError) as caught:
        token_source(provider, kept)(True)
    assert caught.value.kind is kind
    assert words in caught.value.text
    assert caught.value.text.startswith("mailbox 'home': the sign-in at Microsoft")
    assert not [secret for secret in ("refresh-1", "access-1", "AADSTS") if secret in caught.value.text]
    assert kept.load() == before


def test_an_unreachable_provider_is_transient(kept: TokenFile) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(MailboxError) as caught:
        token_source(TokenServer(url=url), kept)(True)
    assert caught.value.kind is Kind.TRANSIENT


def test_googles_seven_days_are_named(provider: TokenServer, kept: TokenFile) -> None:
    for days, words in ((7, 'is in "Testing": press Publish'), (30, "has ended")):
        provider.answers = [(400, {"error": "invalid_grant"})]
        kept.save(Tokens("a", "r", NOW, NOW - dt.timedelta(days=days)))
        with pytest.raises(MailboxError) as caught:
            token_source(provider, kept, name="google")(False)
        assert words in caught.value.text
        assert caught.value.kind is Kind.AUTH


def test_no_sign_in_yet_is_named(provider: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="was never made: inboxtrack doctor --sign-in home"):
        token_source(provider, TokenFile(tmp_path / "none.json"))(False)


def test_tokens_are_private_and_replaced_in_one_step(kept: TokenFile) -> None:
    """covers: C14"""
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    tokens = kept.load()
    assert tokens is not None
    assert "access-1" not in repr(tokens)
    kept.save(replace(tokens, access="access-9"))
    assert [path.name for path in kept.path.parent.iterdir()] == ["home.json"]
    kept.path.write_text('{"access": ')
    assert kept.load() is None


def test_tokens_that_cannot_be_kept_are_not_used(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, FRESH)]

    class FullDisk(TokenFile):
        def save(self, tokens: Tokens) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(MailboxError, match="No space left on device") as caught:
        TokenSource(client_at(provider), FullDisk(kept.path), lambda: NOW)(True)
    assert caught.value.kind is Kind.CONFIG


CODE = {
    "device_code": "device-secret",
    "user_code": "AB-CD",
    "verification_uri": "https://login.example/link",
    "interval": 2,
}


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
    import hashlib

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


def wanting(token: str, *, challenge: bool = True) -> Hook:
    """An AUTHENTICATE that accepts one token, and explains a refusal as Google does, or not, as Microsoft."""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        assert arguments.startswith("XOAUTH2")
        peer.send("+ ")
        given = base64.b64decode(peer.line() or "")
        peer.server.commands.append(f"token {given!r}")
        if given == b"user=anna\x01auth=Bearer " + token.encode() + b"\x01\x01":
            peer.send(f"{tag} OK [CAPABILITY {peer.server.capability}] welcome")
            return True
        if challenge:
            peer.send("+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode())
            assert peer.line() == "", "an error challenge is answered with an empty line"
        peer.send(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")
        return True

    return hook


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


def test_a_token_is_never_renewed_twice_in_a_row(provider: TokenServer, kept: TokenFile) -> None:
    provider.answers = [(200, FRESH)]
    source = token_source(provider, kept, NOW + HOUR)
    assert source(False) == "access-2"
    with pytest.raises(MailboxError, match="tokens that the mail server refuses: sign in again") as caught:
        source(True)
    assert caught.value.kind is Kind.AUTH


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
