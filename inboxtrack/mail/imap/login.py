"""Getting into a mailbox: settings that must not reach a server, verified TLS, password or token."""

from __future__ import annotations

import os
import re
import ssl
from functools import cache
from pathlib import Path

from imapclient import IMAPClient

from inboxtrack.mail.account import ImapAccount, has_control, is_loopback
from inboxtrack.mail.imap.sasl import Sasl
from inboxtrack.mail.source import Kind, MailboxError

CA_FOLDER = "/etc/ssl/certs"
_ATOM = re.compile(r"[A-Za-z0-9@._+=-]+")


@cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A verifying context, made once: loading the whole bundle of CAs costs 50 ms each time.

    A folder of hashed certificates is looked up on demand and verifies the same.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    elif "SSL_CERT_FILE" not in os.environ and any(Path(CA_FOLDER).glob("*.0")):
        context.load_verify_locations(capath=CA_FOLDER)
    else:
        context.load_default_certs()
    return context


def check_arguments(account: ImapAccount) -> None:
    """Raise MailboxError for settings that must not reach a server."""
    texts = {"host": account.host, "user": account.user, **{f"folder {f!r}": f for f in account.folders}}
    for what, text in texts.items():
        if has_control(text):
            raise _config(account, f"{what} holds a control character: take it out")
    if account.security == "plain" and not is_loopback(account.host):
        cure = 'set security = "tls" (port 993) or "starttls" (port 143)'
        raise _config(account, f'security = "plain" would show the password to everyone on the way: {cure}')


def credential(account: ImapAccount, *, refresh: bool) -> str:
    """The password or the access token, asked for before anything is opened."""
    text = account.secret() if account.secret else ""
    if account.token is not None:
        text = account.token(refresh)
    if has_control(text):
        raise _config(account, "its password holds a control character: set it anew")
    return text


def sign_in(client: IMAPClient, account: ImapAccount, secret: str) -> None:
    """Sign in by token where the account has one, else by password. Raises what IMAPClient raises."""
    if account.token is not None:
        mechanism = "XOAUTH2" if client.has_capability("AUTH=XOAUTH2") else "OAUTHBEARER"
        client.sasl_login(mechanism, Sasl(mechanism, account.user, secret))
        return
    user = account.user
    if (user + secret).isascii() and _ATOM.fullmatch(user):
        client.login(user, secret)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(user, secret)
    else:
        # imaplib quotes the password only.
        client.login('"' + user.replace("\\", "\\\\").replace('"', '\\"') + '"', secret)


def _config(account: ImapAccount, text: str) -> MailboxError:
    return MailboxError(Kind.CONFIG, f"mailbox {account.name!r}: {text}")
