"""What the tests of OAuth share: a local token server, tokens that are kept, and an IMAP server that wants one.

A module that uses the fixtures `provider` or `kept` imports them and names them in its `__all__`.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from inboxtrack.mail.oauth import TokenSource, client_of
from inboxtrack.mail.oauth.client import ENDPOINTS, Endpoints, OAuthClient, Tokens
from inboxtrack.mail.oauth.keep import TokenFile
from tests.fake_imap import Hook, Peer
from tests.listener import web_server
from tests.living import channel, settings_file

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
FRESH = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}
CODE = {
    "device_code": "device-secret",
    "user_code": "AB-CD",
    "verification_uri": "https://login.example/link",
    "interval": 2,
}


@dataclass
class TokenServer:
    """Gives its `answers` one by one, and keeps what it was `asked`."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """A token server on loopback, until the block ends."""
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


@pytest.fixture
def provider() -> Iterator[TokenServer]:
    """A token server in the place of Microsoft's and Google's."""
    with token_server() as state:
        yield state


def client_at(provider: TokenServer, name: str = "microsoft", **changes: Any) -> OAuthClient:
    """The program as a provider knows it, at this token server."""
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
    """The file of a sign-in three days ago, with a token for one more hour."""
    file = TokenFile(tmp_path / "tokens" / "home.json")
    file.save(Tokens("access-1", "refresh-1", NOW + HOUR, NOW - dt.timedelta(days=3)))
    return file


def token_source(
    provider: TokenServer, kept: TokenFile, now: dt.datetime = NOW, name: str = "microsoft"
) -> TokenSource:
    """What the mail source asks for tokens, at a moment."""
    return TokenSource(client_at(provider, name), kept, lambda: now)


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


def oauth_settings(folder: Path, port: int, url: str) -> Path:
    """A settings file for a mailbox on this port that signs in at Microsoft, and a channel."""
    lines = f'''\
host = "127.0.0.1"
port = {port}
security = "plain"
user = "anna"
oauth = "microsoft"
client_id = "my-app"'''
    return settings_file(folder, lines, channel("phone", url))
