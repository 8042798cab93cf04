"""The user's own sign-in at a provider: by a code on another device, or in a browser on this machine."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from inboxtrack.mail.oauth.client import OAuthClient, Tokens, tokens_of
from inboxtrack.mail.source import Kind

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
BROWSER_SECONDS = 300.0
_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"inboxtrack has got the answer. You can close this page.\n"
)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What to show the user: open `url`, type `code`, within `expires_in` seconds."""

    url: str
    code: str
    expires_in: float
    interval: float
    secret: str = field(repr=False)


def begin_device(client: OAuthClient) -> DeviceCode:
    """Ask for a code to type in a browser on any device. Raises MailboxError."""
    url = client.endpoints.device
    if url is None:
        raise client.error(Kind.CONFIG, "knows no codes for mail: sign in with a browser on this machine")
    answer = client.ask(url, scope=client.endpoints.scope)
    try:
        return DeviceCode(
            url=str(answer["verification_uri"]),
            code=str(answer["user_code"]),
            expires_in=float(answer.get("expires_in", 900)),
            interval=float(answer.get("interval", 5)),
            secret=str(answer["device_code"]),
        )
    except (KeyError, ValueError, TypeError):
        raise client.error(Kind.TRANSIENT, "gives no usable code: try again") from None


def await_device(
    client: OAuthClient, code: DeviceCode, now: Callable[[], dt.datetime], pause: Callable[[float], object]
) -> Tokens:
    """Ask until the user has typed the code. Raises MailboxError when it is refused or its time is over."""
    interval, waited = code.interval, 0.0
    while waited < code.expires_in:
        pause(interval)
        waited += max(interval, 1)
        answer = client.post(client.endpoints.token, grant_type=DEVICE_GRANT, device_code=code.secret)
        if "error" not in answer:
            return tokens_of(answer, client, now())
        if answer["error"] == "slow_down":
            interval += 5
        elif answer["error"] != "authorization_pending":
            raise client.refusal(answer)
    raise client.refusal({"error": "expired_token"})


class BrowserSignIn:
    """A sign-in in a browser on this machine. Use it as a context manager; show `url` to the user."""

    def __init__(self, client: OAuthClient) -> None:
        self._client = client
        self._state = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(48)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._redirect = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    @property
    def url(self) -> str:
        """The page to open. It holds no secret."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest()).rstrip(b"=")
        query = {
            "client_id": self._client.client_id,
            "response_type": "code",
            "redirect_uri": self._redirect,
            "scope": self._client.endpoints.scope,
            "state": self._state,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
            **dict(self._client.endpoints.extra),
        }
        return f"{self._client.endpoints.authorize}?{urlencode(query)}"

    def wait(self, now: Callable[[], dt.datetime], seconds: float = BROWSER_SECONDS) -> Tokens:
        """Wait for the browser to come back, once. Raises MailboxError."""
        self._server.settimeout(seconds)
        try:
            connection, _ = self._server.accept()
            with connection:
                connection.settimeout(10)
                target = _request_target(connection)
                connection.sendall(_PAGE)
        except TimeoutError:
            raise self._client.error(Kind.AUTH, "took too long: try again, or paste the browser's address") from None
        return self.redeem(target, now)

    def redeem(self, address: str, now: Callable[[], dt.datetime]) -> Tokens:
        """The tokens for the address that the browser ended at; the user may paste it from another machine."""
        told = {key: values[-1] for key, values in parse_qs(urlsplit(address.strip()).query).items()}
        if not secrets.compare_digest(told.get("state", ""), self._state):
            raise self._client.error(Kind.AUTH, "came back with a foreign answer: start it again")
        if "code" not in told:
            raise self._client.refusal({"error": told.get("error", "access_denied")})
        values = {"grant_type": "authorization_code", "code": told["code"], "redirect_uri": self._redirect}
        answer = self._client.ask(self._client.endpoints.token, code_verifier=self._verifier, **values)
        return tokens_of(answer, self._client, now())

    def __enter__(self) -> BrowserSignIn:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()


def _request_target(connection: socket.socket) -> str:
    """The path and query of one GET request; at most 16 kB are read."""
    got = b""
    while b"\r\n\r\n" not in got and len(got) < 16_384:
        more = connection.recv(4_096)
        if not more:
            break
        got += more
    parts = got.split(b" ", 2)
    return parts[1].decode("ascii", "replace") if len(parts) > 2 else ""
