"""Access tokens for a mailbox: kept in a private file, renewed before they end, never renewed in vain."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from inboxtrack.mail.oauth_client import ENDPOINTS, Endpoints, OAuthClient, Tokens, tokens_of
from inboxtrack.mail.source import Kind, MailboxError

EARLY = dt.timedelta(minutes=5)
"""How long before its end a token is renewed, so that none ends in the middle of a sign-in."""

TESTING_ENDS = (dt.timedelta(days=6, hours=12), dt.timedelta(days=7, hours=12))
"""A Google app in status "Testing" loses every consent after 7 days."""


def client_of(
    mailbox: str,
    provider: str,
    client_id: str,
    client_secret: str | None = None,
    endpoints: Endpoints | None = None,
) -> OAuthClient:
    """The user's app at "microsoft" or "google"."""
    return OAuthClient(
        mailbox=mailbox,
        provider=provider.capitalize(),
        client_id=client_id,
        client_secret=client_secret,
        endpoints=endpoints or ENDPOINTS[provider],
    )


class TokenFile:
    """The tokens of one mailbox in a file that only the user can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Tokens | None:
        """The kept tokens; None where there are none, or what stands there is damaged."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            times = (dt.datetime.fromisoformat(kept[name]) for name in ("expires_at", "consented_at"))
            return Tokens(kept["access"], kept["refresh"], *times)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, tokens: Tokens) -> None:
        """Replace the tokens in one step: a crash leaves the old or the new ones, never half of them."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in asdict(tokens).items()})
        # mkstemp makes the file 0600 from the start.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".token")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.path)


class TokenSource:
    """Gives the access token of a mailbox; it is what `ImapAccount.token` wants."""

    def __init__(self, client: OAuthClient, kept: TokenFile, clock: Callable[[], dt.datetime]) -> None:
        self._client = client
        self._kept = kept
        self._clock = clock
        self._renewed_at: dt.datetime | None = None

    def __call__(self, refused: bool) -> str:
        """A token that holds for 5 minutes at least; a new one when the server `refused` the last.

        Raises MailboxError: `auth` where the user must sign in again, `transient` where the provider is not ready.
        """
        now, tokens = self._clock(), self._kept.load()
        if tokens is None:
            raise self._client.error(Kind.AUTH, f"was never made: inboxtrack doctor --sign-in {self._client.mailbox}")
        if not refused and tokens.expires_at - now > EARLY:
            return tokens.access
        if refused and self._renewed_at is not None and now - self._renewed_at < EARLY:
            cure = f"sign in again: inboxtrack doctor --sign-in {self._client.mailbox}"
            raise self._client.error(Kind.AUTH, f"gives tokens that the mail server refuses: {cure}")
        renewed = self._renew(tokens, now)
        # Before the new one is used: the old refresh token may be worth nothing from now on.
        try:
            self._kept.save(renewed)
        except OSError as error:
            where = f"{self._kept.path} cannot be written ({error.strerror})"
            raise self._client.error(
                Kind.CONFIG, f"cannot be kept: {where}: make room there, or set the rights"
            ) from error
        self._renewed_at = now
        return renewed.access

    def _renew(self, tokens: Tokens, now: dt.datetime) -> Tokens:
        url = self._client.endpoints.token
        values = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "scope": self._client.endpoints.scope}
        try:
            answer = self._client.ask(url, **values)
        except MailboxError as error:
            age = now - tokens.consented_at
            if (
                error.kind is Kind.AUTH
                and self._client.provider == "Google"
                and TESTING_ENDS[0] < age < TESTING_ENDS[1]
            ):
                cure = f"press Publish in its consent screen, then: inboxtrack doctor --sign-in {self._client.mailbox}"
                raise self._client.error(
                    Kind.AUTH, f'ended after 7 days, because your app is in "Testing": {cure}'
                ) from None
            raise
        return tokens_of(answer, self._client, now, tokens)
