"""Exceptions of IMAPClient, imaplib, ssl and socket -> `MailboxError` with a text that names the cure.

IMAPClient raises far more than its own errors: `facts` of version 4.1 are that a bad answer may end in ValueError,
TypeError, IndexError, RecursionError, OverflowError or MemoryError, and that every trouble in login, even a lost
connection, is a LoginError. So login is judged by the server's words, and whatever is unknown is a protocol error.
"""

from __future__ import annotations

import imaplib
import re
import shlex
import socket
import ssl
from dataclasses import dataclass

from imapclient.exceptions import CapabilityError, InvalidCriteriaError

from inboxtrack.mail.account import ImapAccount
from inboxtrack.mail.message import clean_text
from inboxtrack.mail.source import Kind, MailboxError

TOO_MANY_PAUSE = 600.0
"""Seconds to leave a server alone that counts too many sessions or requests."""


class Refused(Exception):
    """The server refused one command. `text` holds its words; `wait` the pause it asks for, in seconds."""

    def __init__(self, text: str, wait: float = 0) -> None:
        super().__init__(text)
        self.text = text
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Rule:
    """Server words, what they ask for, and the sentence for the user (`{host}` etc. are filled in).

    `wait` and `refused_after` are those of MailboxError.
    """

    words: re.Pattern[str]
    kind: Kind
    text: str
    wait: float = 0
    refused_after: int = 0


def _rule(words: str, kind: Kind, text: str, wait: float = 0) -> Rule:
    return Rule(re.compile(words, re.I), kind, text, wait)


_LOST = "{server} ended the connection ({said}): it is tried again"
_BUSY = (
    "{server} asks for a pause ({said}): it is tried again later, leave it be; if it stays, close other mail programs"
)
_LIMIT = re.compile(
    r"\[?\bLIMIT\b|too many|maximum number|rate limit|bandwidth limit|overquota|throttl|try again later", re.I
)
_NO_MAILBOX = Rule(
    re.compile(r"authenticated but not connected", re.I),
    Kind.TRANSIENT,
    "{host} knows {user} but opens no mailbox: check the user name, and that IMAP is switched on in its web settings"
    "{hint}",
    refused_after=5,
)
"""Microsoft says so to a command after the sign-in, too; it may pass, or IMAP is switched off for good."""
_TIMING = re.compile(r"\s?\([\d.]{1,12} \+ [\d. +]{0,60}secs\)|\s?\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]")
"""How long it took Dovecot, or when it failed: the same trouble would never read the same twice."""
_REFUSAL = re.compile(r"^(?:\w+ failed:|\w+ command error: (?:BAD|NO)\b)", re.I)

LOGIN_RULES = (
    _rule(r"socket error|\bEOF\b|connection closed|shutting down|unexpected response", Kind.TRANSIENT, _LOST),
    _rule(_LIMIT.pattern, Kind.TRANSIENT, _BUSY, TOO_MANY_PAUSE),
    _rule(
        r"basic ?auth\w* is disabled|basicauthblocked",
        Kind.AUTH,
        '{host} takes no passwords any more: set oauth = "microsoft" and client_id for this mailbox, '
        "then: inboxtrack doctor --sign-in {mailbox}",
    ),
    _rule(
        r"app(?:lication)?[- ]specific password|app[- ]password|authoriz?s?ation code",
        Kind.AUTH,
        "{host} wants an app password for {user}, not the usual one{hint}",
    ),
    _rule(
        r"not enabled for imap"
        r"|\bimap4?\b[^.]{0,30}\b(?:disabled|deactivated|inactive|not (?:activated|active|enabled|allowed))\b",
        Kind.CONFIG,
        "{host} has IMAP switched off for {user} ({said}): allow it in its web settings{hint}",
        TOO_MANY_PAUSE,
    ),
    _rule(
        r"web ?login required|log ?in (?:via|with) (?:your |a )?(?:web )?browser|\[webalert",
        Kind.CONFIG,
        "{host} wants {user} to sign in by web browser once ({said}): do so, then it is tried again",
        TOO_MANY_PAUSE,
    ),
    _rule(
        r"\baccount (?:is |has been )?(?:temporarily |currently )?(?:locked|blocked|suspended|disabled)",
        Kind.AUTH,
        "{host} has locked the account of {user} ({said}): sign in by web browser, and see what it wants",
    ),
    _rule(
        r"unsafe login", Kind.AUTH, "{host} calls this sign-in unsafe ({said}): allow IMAP in its web settings{hint}"
    ),
    _NO_MAILBOX,
    _rule(r"\[?unavailable|\[?inuse|temporar|internal error|server error", Kind.TRANSIENT, _BUSY),
    _rule(
        r"privacyrequired|logindisabled|login is disabled|plaintext auth\w* (?:is )?(?:disallowed|disabled)",
        Kind.CONFIG,
        '{host} takes passwords over TLS only: set security = "starttls", or "tls" with port = 993',
    ),
)
_REFUSED_LOGIN = "{host} refused the {credential} of {user} ({said}): check it{hint}"


def explain(error: Exception, account: ImapAccount, doing: str) -> MailboxError | Refused:
    """What an exception means for this mailbox. `doing` is "connect", "login" or the command."""
    if isinstance(error, MailboxError | Refused):
        return error
    if doing == "login" and isinstance(error, imaplib.IMAP4.error):
        return _explain_login(str(error), account)
    if isinstance(error, OSError):
        return _explain_network(error, account, doing)
    said = _said(str(error))
    if isinstance(error, imaplib.IMAP4.abort):
        return _explain_abort(said, account, doing)
    if isinstance(error, imaplib.IMAP4.error):
        return _explain_refusal(error, said, account, doing)
    text = f"{account.server} answered {doing} with something unreadable ({type(error).__name__}): it is tried again"
    return _mailbox_error(Kind.PROTOCOL, text, account)


def pause_asked(account: ImapAccount, said: str = "[THROTTLED]") -> MailboxError:
    """The server says, maybe in passing, that it gets too much to do."""
    return _mailbox_error(Kind.TRANSIENT, _fill(_BUSY, said, account), account, TOO_MANY_PAUSE)


def _explain_login(words: str, account: ImapAccount) -> MailboxError:
    for rule in LOGIN_RULES:
        if rule.words.search(words):
            return _by_rule(rule, words, account)
    return _mailbox_error(Kind.AUTH, _fill(_REFUSED_LOGIN, words, account), account)


def _explain_abort(said: str, account: ImapAccount, doing: str) -> MailboxError:
    if doing == "connect" and "unexpected response" in said:
        text = f"{account.server} does not speak IMAP: check host and port (993 with TLS, 143 with STARTTLS)"
        return _mailbox_error(Kind.CONFIG, text, account)
    return _mailbox_error(Kind.TRANSIENT, _fill(_LOST, said, account), account, _pause(said))


def _explain_refusal(error: Exception, said: str, account: ImapAccount, doing: str) -> MailboxError | Refused:
    if _NO_MAILBOX.words.search(said):
        return _by_rule(_NO_MAILBOX, said, account)
    if isinstance(error, CapabilityError) and doing == "connect":
        text = f'{account.server} offers no STARTTLS: set security = "tls" and port = 993'
        return _mailbox_error(Kind.CONFIG, text, account)
    if _REFUSAL.search(str(error)) or isinstance(error, InvalidCriteriaError):
        return Refused(said, _pause(said))
    if "BYE" in said or "more than" in said:
        return _mailbox_error(Kind.TRANSIENT, _fill(_LOST, said, account), account, _pause(said))
    text = f"{account.server} answered {doing} with something unreadable ({said[:60]}): it is tried again"
    return _mailbox_error(Kind.PROTOCOL, text, account)


def _explain_network(error: OSError, account: ImapAccount, doing: str) -> MailboxError:
    kind, text = Kind.TRANSIENT, _network_text(error, account, doing)
    if isinstance(error, ssl.SSLCertVerificationError):
        kind, text = Kind.CONFIG, _certificate_text(error, account)
    elif isinstance(error, FileNotFoundError | PermissionError) and account.ca_file:
        kind, text = Kind.CONFIG, f"ca_file {account.ca_file} cannot be read: name the file of your own CA"
    elif isinstance(error, ssl.SSLError) and doing == "connect" and not isinstance(error, ssl.SSLZeroReturnError):
        kind, text = Kind.CONFIG, _wrong_mode_text(account)
    if doing == "connect" and account.looked_up:
        text += "; the server was looked up: inboxtrack doctor looks for it anew"
    return _mailbox_error(kind, text, account)


def _network_text(error: OSError, account: ImapAccount, doing: str) -> str:
    server = account.server
    if isinstance(error, socket.gaierror):
        return f"the host {account.host} is not found: check the spelling of host, or the network"
    if isinstance(error, ConnectionRefusedError):
        return (
            f"nothing listens at {server}: check host and port (993 with TLS, 143 with STARTTLS), or start the server"
        )
    if isinstance(error, TimeoutError) and doing == "connect":
        cure = "check host and port, or the network"
        if account.security != "tls":
            cure = f'if port {account.port} is a TLS port, set security = "tls"; else {cure}'
        return f"{server} does not answer: {cure}"
    if isinstance(error, TimeoutError):
        return f"{server} fell silent ({doing}): it is tried again"
    return f"the connection to {server} broke ({error.strerror or type(error).__name__}): it is tried again"


_CERTIFICATE_CURES = {
    9: "check this computer's clock",
    10: "its operator must renew it; if others get in, check this computer's clock",
    62: "check host: it must be a name that the certificate is for",
    64: "check host: it must be a name that the certificate is for",
}
"""OpenSSL's X509_V_ERR_*: not valid yet, expired, another name, another address; else nobody known has signed it."""
_UNKNOWN_SIGNER = "if the server is your own, name its CA as ca_file; else the network here shows its own: use another"


def _certificate_text(error: ssl.SSLCertVerificationError, account: ImapAccount) -> str:
    why = clean_text(error.verify_message or "not trusted")
    cure = _CERTIFICATE_CURES.get(error.verify_code, _UNKNOWN_SIGNER)
    return f"the certificate of {account.server} is not accepted ({why}): {cure}"


def _wrong_mode_text(account: ImapAccount) -> str:
    if account.security == "starttls":
        return f'{account.server} failed at STARTTLS: try security = "tls" with port = 993'
    return f'{account.server} speaks no TLS: the port is wrong, or set security = "starttls" (port 143)'


def _mailbox_error(kind: Kind, text: str, account: ImapAccount, wait: float = 0) -> MailboxError:
    return MailboxError(kind, f"mailbox {account.name!r}: {text}", wait)


def _by_rule(rule: Rule, words: str, account: ImapAccount) -> MailboxError:
    text = f"mailbox {account.name!r}: {_fill(rule.text, words, account)}"
    return MailboxError(rule.kind, text, rule.wait, rule.refused_after)


def _fill(text: str, words: str, account: ImapAccount) -> str:
    return text.format(
        server=account.server,
        host=account.host,
        user=account.user,
        said=_said(words),
        hint=f"; {account.hint}" if account.hint else "",
        credential="sign-in" if account.token else "password",
        mailbox=shlex.quote(account.name),
    )


def _said(words: str) -> str:
    """The server's own words, short and clean: without imaplib's preface and the repr of bytes."""
    words = re.sub(r"^(?:command: )?\w+ (?:=> |failed: |command error: )", "", words)
    words = re.sub(r"^(?:BAD|NO) \[(.*)\]$", r"\1", words.strip())
    words = re.sub(r"^b(['\"])(.*)\1$", r"\2", words.strip())
    return clean_text(_TIMING.sub("", words), 120).rstrip(".") or "–"


def _pause(said: str) -> float:
    return TOO_MANY_PAUSE if _LIMIT.search(said) else 0
