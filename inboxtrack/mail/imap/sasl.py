"""The client's side of XOAUTH2 and OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

_FAREWELL = {"XOAUTH2": b"", "OAUTHBEARER": b"\x01"}


class Sasl:
    """Answers the server's challenges: the token first, and the farewell of the mechanism to an error challenge.

    Sending the token again, as IMAPClient's own methods do, loses the server's reason or hangs the sign-in.
    """

    def __init__(self, mechanism: str, user: str, token: str) -> None:
        self._farewell = _FAREWELL[mechanism]
        self._first: bytes | None = _first_message(mechanism, user, token)

    def __call__(self, _challenge: bytes) -> bytes:
        answer, self._first = self._first, None
        return self._farewell if answer is None else answer


def _first_message(mechanism: str, user: str, token: str) -> bytes:
    bearer = f"auth=Bearer {token}\x01\x01"
    if mechanism == "XOAUTH2":
        return f"user={user}\x01{bearer}".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01{bearer}".encode()
