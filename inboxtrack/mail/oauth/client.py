"""OAuth 2.0 for mailboxes: where to ask, how to ask, and what the answers mean (RFC 6749, 7636, 8252, 8628).

The user brings the client id of an own app: no id can be shared (Google allows 100 users an unreviewed app).
"""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import dataclass, field
from typing import Any

from inboxtrack.mail.source import Kind, MailboxError

TIMEOUT = 30
_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """A provider's addresses. `scope` must be the whole URL: Microsoft gives a useless token for the bare name."""

    authorize: str
    token: str
    scope: str
    device: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


ENDPOINTS = {
    "microsoft": Endpoints(
        authorize=f"{_MICROSOFT}/authorize",
        token=f"{_MICROSOFT}/token",
        device=f"{_MICROSOFT}/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    ),
    # Google's device flow refuses mail, and gives no refresh token without these two parameters.
    "google": Endpoints(
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, no secret
        scope="https://mail.google.com/",
        extra=(("access_type", "offline"), ("prompt", "consent")),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """The user's own app at a provider, for one mailbox. Microsoft's public clients have no secret."""

    mailbox: str
    provider: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    endpoints: Endpoints

    def ask(self, url: str, **values: str) -> dict[str, Any]:
        """POST to the provider; the answer, or MailboxError for what is not an answer or names an error."""
        answer = self.post(url, **values)
        if "error" in answer:
            raise self.refusal(answer)
        return answer

    def post(self, url: str, **values: str) -> dict[str, Any]:
        """POST to the provider; its answer as it is, errors included. Raises MailboxError (transient)."""
        import httpx

        form = {"client_id": self.client_id, **values}
        if self.client_secret:
            form["client_secret"] = self.client_secret
        try:
            answer = httpx.post(url, data=form, timeout=TIMEOUT, follow_redirects=False)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self.error(
                Kind.TRANSIENT, f"gives no usable answer ({type(error).__name__}): it is tried again"
            ) from None
        if not isinstance(told, dict) or (answer.status_code >= 500 or answer.status_code == 429):
            raise self.error(Kind.TRANSIENT, f"is not ready (HTTP {answer.status_code}): it is tried again")
        return told

    def refusal(self, answer: dict[str, Any]) -> MailboxError:
        """What an error answer means. The provider's own description is not passed on: it may hold tokens."""
        code = str(answer.get("error", ""))[:60]
        kind, cure = _REFUSALS.get(code, (Kind.CONFIG, f"answered {code!r}: check client_id and the app's settings"))
        return self.error(kind, cure.format(command=self.sign_in))

    @property
    def sign_in(self) -> str:
        """The command by which the user signs in anew."""
        return f"inboxtrack doctor --sign-in {shlex.quote(self.mailbox)}"

    @property
    def to_file(self) -> str:
        """The same, for tokens in a file although this session has a keyring."""
        return f"PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring {self.sign_in}"

    def error(self, kind: Kind, text: str) -> MailboxError:
        """A MailboxError of this mailbox and provider."""
        return MailboxError(kind, f"mailbox {self.mailbox!r}: the sign-in at {self.provider} {text}")


_AGAIN = "sign in again: {command}"
_REFUSALS = {
    "invalid_grant": (Kind.AUTH, f"has ended (expired, revoked, or the password was changed): {_AGAIN}"),
    "interaction_required": (Kind.AUTH, f"wants you in person: {_AGAIN}"),
    "access_denied": (Kind.AUTH, f"was refused in the browser: {_AGAIN}"),
    "authorization_declined": (Kind.AUTH, f"was refused in the browser: {_AGAIN}"),
    "expired_token": (Kind.AUTH, f"took too long, the code has ended: {_AGAIN}"),
    "bad_verification_code": (Kind.AUTH, f"does not know the code: {_AGAIN}"),
    "invalid_client": (Kind.CONFIG, "does not know client_id, or client_secret is wrong: copy them from your app"),
    "unauthorized_client": (
        Kind.CONFIG,
        "does not let this app ask for mail: allow public client flows and IMAP in it",
    ),
    "invalid_scope": (Kind.CONFIG, 'does not give mail to this kind of app: make a "Desktop app" client'),
    "temporarily_unavailable": (Kind.TRANSIENT, "is not ready: it is tried again"),
    "server_error": (Kind.TRANSIENT, "is not ready: it is tried again"),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token with its end, the refresh token, and when the user consented."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: dt.datetime
    consented_at: dt.datetime


def tokens_of(answer: dict[str, Any], client: OAuthClient, now: dt.datetime, before: Tokens | None = None) -> Tokens:
    """The tokens of an answer. Without a new refresh token the old one stays (Google); Microsoft always gives one."""
    access = answer.get("access_token")
    refresh = answer.get("refresh_token") or (before.refresh if before else None)
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise client.error(Kind.CONFIG, "gave no lasting token: the app must ask for offline access; sign in once more")
    seconds = answer.get("expires_in", 3600)
    lasts = dt.timedelta(seconds=float(seconds) if isinstance(seconds, int | float | str) else 3600)
    return Tokens(access, refresh, now + lasts, before.consented_at if before else now)
