"""From the settings of a mailbox to a source that can be polled, and to what reading its mail depends on."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inboxtrack.app.poll import MailSource
from inboxtrack.app.signin import GivenPassword, token_source
from inboxtrack.config.settings import MailboxSettings, Settings
from inboxtrack.extractors import Extractor
from inboxtrack.mail.account import ImapAccount
from inboxtrack.mail.dkim import Resolver
from inboxtrack.mail.files.maildir import MaildirSource
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.providers import Provider, by_host, settings_for
from inboxtrack.mail.source import Place
from inboxtrack.mail.trust import WELL_KNOWN, Policy
from inboxtrack.reader import Context
from inboxtrack.secret import ConfigError

EXAMPLE = "example.com"
"""The domain of the addresses in the settings that inboxtrack init writes."""

LOOPBACK = "127.0.0.1"
"""A server on this computer may be anybody's (a bridge, a sync tool): who runs it follows from the address."""

UNKNOWN_HINT = (
    "in the provider's web settings IMAP may have to be switched on, or an app password made in place of the usual one"
)
"""What to try when a server of which nothing is known refuses the sign-in."""


def provider_of(mailbox: MailboxSettings) -> Provider | None:
    """Who runs a mailbox: by its host where that is set, else by its address."""
    if mailbox.host and mailbox.host != LOOPBACK:
        return by_host(mailbox.host)
    return settings_for(mailbox.address) if mailbox.address else None


def check(mailbox: MailboxSettings) -> None:
    """Raise ConfigError for a mailbox that cannot be read whatever the net says: only other settings can help."""
    if mailbox.maildir:
        return
    provider = provider_of(mailbox)
    if provider and not provider.has_imap:
        raise ConfigError(f"mailbox {mailbox.name!r}: {provider.name} cannot be read over IMAP: {provider.hint}")
    if not mailbox.host and (mailbox.address or "").endswith(f"@{EXAMPLE}"):
        raise ConfigError(f"mailbox {mailbox.name!r}: {mailbox.address} is the example's address: write your own")


def account_of(settings: Settings, mailbox: MailboxSettings, *, looked_up: bool = False) -> ImapAccount:
    """How to sign in to a mailbox. Raises ConfigError when settings and provider together do not say enough.

    Its server may have been `looked_up`, and stands in the settings then.
    """
    check(mailbox)
    provider = provider_of(mailbox)
    host = mailbox.host or (provider.host if provider else None)
    if not host:
        domain = (mailbox.address or "").rpartition("@")[2]
        raise ConfigError(
            f"mailbox {mailbox.name!r}: {domain} is no provider known here: "
            "set host to its IMAP server, or let inboxtrack doctor look for it"
        )
    address = mailbox.address or ""
    password = GivenPassword(settings.secret(mailbox, "password"))
    return ImapAccount(
        name=mailbox.name,
        host=host,
        port=mailbox.port or (provider.port if provider else None) or _usual_port(mailbox),
        security=mailbox.security or (provider.security if provider else "tls"),
        user=mailbox.user or (provider.user_for(address) if provider else address),
        secret=None if mailbox.oauth else password,
        renewed=None if mailbox.oauth else password.renewed,
        token=token_source(settings, mailbox) if mailbox.oauth else None,
        folders=mailbox.folders,
        look_back_days=mailbox.look_back_days,
        ca_file=mailbox.ca_file,
        hint=_hint(settings, mailbox, provider),
        send_id=provider.send_id if provider else False,
        looked_up=looked_up,
    )


def _hint(settings: Settings, mailbox: MailboxSettings, provider: Provider | None) -> str:
    """What to do when the sign-in is refused, and where the password that was refused came from."""
    if mailbox.oauth:
        return f"sign in again: inboxtrack doctor --sign-in {shlex.quote(mailbox.name)}"
    hint = (provider.hint if provider else "") or UNKNOWN_HINT
    return f"{hint}; inboxtrack takes the password from {settings.secret(mailbox, 'password').place}"


def _usual_port(mailbox: MailboxSettings) -> int:
    return 143 if mailbox.security in ("starttls", "plain") else 993


def source_of(
    settings: Settings, mailbox: MailboxSettings, known: Callable[[Place], bool], *, looked_up: bool = False
) -> MailSource:
    """The source of a mailbox; `known` says which places are recorded. Raises ConfigError for a lack of settings."""
    if mailbox.maildir:
        root = Path(mailbox.maildir).expanduser()
        return MaildirSource(mailbox.name, root, known, mailbox.folders, mailbox.look_back_days)
    return ImapSource(account_of(settings, mailbox, looked_up=looked_up))


def context_of(mailbox: MailboxSettings, recipes: tuple[Extractor, ...] = ()) -> Context:
    """What reading the mail of a mailbox depends on: whose word on senders counts, and the user's own addresses."""
    own = tuple(address for address in (mailbox.address, *mailbox.own_addresses) if address)
    return Context(
        policy=policy_of(mailbox),
        own_addresses=tuple(address.lower() for address in own),
        unverified=mailbox.unverified.value,
        recipes=recipes,
        dns=Resolver(),
    )


def policy_of(mailbox: MailboxSettings) -> Policy:
    """Whose Authentication-Results count: as set, else the provider's, else those of every provider known."""
    if mailbox.authserv_ids:
        return Policy(mailbox.authserv_ids, arc_sealers=mailbox.arc_sealers)
    provider = provider_of(mailbox)
    if provider is None:
        return replace(WELL_KNOWN, arc_sealers=mailbox.arc_sealers)
    return Policy(provider.authserv_ids, microsoft=provider.oauth == "microsoft", arc_sealers=mailbox.arc_sealers)
