"""Access tokens for a mailbox: renewed before they end, never renewed in vain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from inboxtrack.mail.oauth.client import ENDPOINTS, Endpoints, OAuthClient, Tokens, tokens_of
from inboxtrack.mail.oauth.keep import Kept, OutOfReach
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


class TokenSource:
    """Gives the access token of a mailbox; it is what `ImapAccount.token` wants."""

    def __init__(self, client: OAuthClient, kept: Kept, clock: Callable[[], dt.datetime]) -> None:
        self._client = client
        self._kept = kept
        self._clock = clock
        self._renewed_at: dt.datetime | None = None

    def __call__(self, refused: bool) -> str:
        """A token that holds for 5 minutes at least; a new one when the server `refused` the last.

        Raises MailboxError: `auth` where the user must sign in again, `transient` where the provider is not ready.
        """
        now, tokens = self._clock(), self._load()
        if tokens is None:
            raise self._client.error(Kind.AUTH, f"was never made: {self._client.sign_in}")
        if not refused and tokens.expires_at - now > EARLY:
            return tokens.access
        if refused and self._renewed_at is not None and now - self._renewed_at < EARLY:
            cure = f"sign in again: {self._client.sign_in}"
            raise self._client.error(Kind.AUTH, f"gives tokens that the mail server refuses: {cure}")
        renewed = self._renew(tokens, now)
        self._save(renewed)
        self._renewed_at = now
        return renewed.access

    def _load(self) -> Tokens | None:
        try:
            return self._kept.load()
        except OutOfReach as error:
            cure = f"unlock it; a service or cron that has none needs the sign-in in a file: {self._client.to_file}"
            raise self._client.error(
                Kind.CONFIG, f"is in the keyring, which does not answer ({error}): {cure}"
            ) from None

    def _save(self, renewed: Tokens) -> None:
        """Before the new token is used: the old refresh token may be worth nothing from now on."""
        try:
            self._kept.save(renewed)
        except OSError as error:
            where = f"{self._kept.path} cannot be written ({error.strerror})"
            raise self._client.error(
                Kind.CONFIG, f"cannot be kept: {where}: make room there, or set the rights"
            ) from error

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
                cure = f"press Publish in its consent screen, then: {self._client.sign_in}"
                raise self._client.error(
                    Kind.AUTH, f'ended after 7 days, because your app is in "Testing": {cure}'
                ) from None
            raise
        return tokens_of(answer, self._client, now, tokens)
