"""Checks of the whole chain: settings, store, mailboxes, channels. Nothing is sent and nothing changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from inboxtrack.app import App, utc_now
from inboxtrack.app.mailboxes import check, policy_of, provider_of
from inboxtrack.app.messages import channel_of
from inboxtrack.app.poll import MailSource
from inboxtrack.app.servers import described, is_unknown
from inboxtrack.app.signin import tokens_kept
from inboxtrack.channel import ChannelError
from inboxtrack.config.settings import MailboxSettings
from inboxtrack.extractors.recipe import RecipeError
from inboxtrack.keeping import MailRow
from inboxtrack.mail.files.maildir import MaildirSource
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.message import parse_headers
from inboxtrack.mail.source import MailboxError
from inboxtrack.mail.trust import unnamed_id
from inboxtrack.model import Outcome, Trust
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.texts import TemplateError, check_own
from inboxtrack.secret import ConfigError

LEAST_MAILS, MOST_OF = 5, 0.8
"""Of how much kept mail the user's own server must have signed which part: all, but for what was forwarded.

A server that signs nothing lets a stranger's header stand; a few such mails must not look like its own.
"""


UNCONFIRMED = (
    "so no mail may end an order: name your server's id in authserv_ids, where it checks senders; or set "
    'unverified = "believe", where mail comes in by a way that you trust; after either, inboxtrack replay --apply'
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `cure` says what to do where it is not well."""

    what: str
    ok: bool
    found: str
    cure: str = ""


def checks(app: App) -> Iterator[Check]:
    """Look at everything, the cheap things first."""
    settings = app.settings
    yield Check("settings", True, str(settings.path))
    yield Check("state folder", True, str(settings.general.state))
    yield from _own_files(app)
    if not settings.mailboxes:
        yield Check("mailboxes", False, "none is set", "add a [[mailbox]] with your address and password")
    for mailbox in settings.mailboxes:
        yield from _mailbox(app, mailbox)
    if not settings.channels:
        yield Check("channels", False, "none is set", "add a [[channel]] with an Apprise URL, or you are told nothing")
    for channel in settings.channels:
        try:
            notifier_for(channel_of(settings, channel))
            yield Check(f"channel {channel.name}", True, f"{channel.style} style; inboxtrack notify-test sends to it")
        except (ChannelError, ConfigError) as error:
            yield Check(f"channel {channel.name}", False, "cannot be used", str(error))


def _own_files(app: App) -> Iterator[Check]:
    """The user's recipes and templates, where there are any."""
    try:
        recipes = [recipe.key.removeprefix("recipe:") for recipe in app.intake.recipes]
        if recipes:
            yield Check("recipes", True, ", ".join(recipes))
    except RecipeError as error:
        yield Check("recipes", False, "cannot be used: no mail is read until it is mended or gone", str(error))
    own = app.settings.path.parent / "templates"
    if not own.is_dir():
        return
    try:
        yield Check("templates", True, ", ".join(check_own(app.settings.general.language, own)) or "none yet")
    except TemplateError as error:
        yield Check("templates", False, "cannot be used", str(error))


def _mailbox(app: App, mailbox: MailboxSettings) -> Iterator[Check]:
    name = f"mailbox {mailbox.name}"
    try:
        check(mailbox)
        if is_unknown(mailbox):
            yield Check(f"{name}: server", True, described(app.intake.servers.look_up(mailbox)))
        source = app.intake.source(mailbox)
    except (ConfigError, MailboxError) as error:
        yield Check(name, False, "is not set up", _cure(str(error), mailbox))
        return
    mailbox = app.intake.servers.completed(mailbox)
    try:
        reached = _reached(name, mailbox, source)
    except (MailboxError, ConfigError) as error:
        reached = Check(name, False, "cannot be read", _cure(str(error), mailbox))
    finally:
        source.close()
    yield reached
    kept = tokens_kept(app.settings, mailbox)
    if mailbox.oauth and kept.path.exists():
        yield Check(f"{name}: sign-in", True, f"kept in {kept.place}")
    if reached.ok:
        yield _last_read(app, mailbox)
        yield _senders(app, mailbox)


def _cure(text: str, mailbox: MailboxSettings) -> str:
    return text.removeprefix(f"mailbox {mailbox.name!r}: ")


def _reached(name: str, mailbox: MailboxSettings, source: MailSource) -> Check:
    """Whether mail can be read there. Raises MailboxError, ConfigError."""
    if isinstance(source, ImapSource):
        return _sign_in(name, mailbox, source)
    assert isinstance(source, MaildirSource)
    return _maildir(name, mailbox, source)


def _maildir(name: str, mailbox: MailboxSettings, source: MaildirSource) -> Check:
    lacking = [_cure(text, mailbox) for text in source.lacking()]
    return Check(name, not lacking, "cannot be read" if lacking else "a Maildir", "; ".join(lacking))


def _sign_in(name: str, mailbox: MailboxSettings, source: ImapSource) -> Check:
    idle = "IDLE" in source.capabilities()
    folders = source.folder_names()
    missing = [folder for folder in mailbox.folders if folder not in folders and not folder.startswith("\\")]
    missing = [folder for folder in missing if folder.upper() != "INBOX"]
    how = "it pushes new mail" if idle else f"asked every {mailbox.poll_seconds} s (it has no IDLE)"
    if missing:
        return Check(name, False, f"has no folder {', '.join(missing)}", f"it has: {', '.join(folders[:20])}")
    provider = provider_of(mailbox)
    return Check(name, True, f"signed in{f' at {provider.name}' if provider else ''}; {how}")


def _senders(app: App, mailbox: MailboxSettings) -> Check:
    """Who proves senders, and whether any is proven."""
    what, mails = f"mailbox {mailbox.name}: senders", _order_mails(app, mailbox)
    found, cure = _provers(mailbox, mails)
    confirmed = any(row.trust is Trust.VERIFIED for row in mails)
    if confirmed or len(mails) < LEAST_MAILS or mailbox.unverified != "mark":
        return Check(what, True, found, cure)
    return Check(what, False, f"none of the last {len(mails)} order mails has a confirmed sender", cure or UNCONFIRMED)


def _provers(mailbox: MailboxSettings, mails: list[MailRow]) -> tuple[str, str]:
    """Who proves senders; for a server that is not known, who seems to do it, and how to say so."""
    if mailbox.authserv_ids or provider_of(mailbox):
        ids = ", ".join(policy_of(mailbox).authserv_ids) or "Microsoft's form without a name"
        return f"proven by what {ids} says", ""
    found, own = "proven by the DKIM signatures of the mails, as your server is not known here", _seems_own(mails)
    cure = (
        f"{own} checks them, too: if that is your own server and it does so with every mail, "
        f'set authserv_ids = ["{own}"], then: inboxtrack replay --apply'
    )
    return found, cure if own else ""


def _order_mails(app: App, mailbox: MailboxSettings) -> list[MailRow]:
    """The latest order mails of a mailbox."""
    with app.store.reading() as tx:
        return [row for row in tx.mails.by_outcome([Outcome.READ, Outcome.UNREAD]) if row.account == mailbox.name]


def _seems_own(mails: list[MailRow]) -> str:
    """Who signed Authentication-Results on most of the kept mail, on taking it over; '' for nobody."""
    ids = [unnamed_id(parse_headers(row.raw)) for row in mails if row.raw]
    found, times = Counter(ids).most_common(1)[0] if ids else ("", 0)
    return found if len(ids) >= LEAST_MAILS and times >= MOST_OF * len(ids) else ""


def _last_read(app: App, mailbox: MailboxSettings) -> Check:
    with app.store.reading() as tx:
        health = tx.health.of(mailbox.name)
    name = f"mailbox {mailbox.name}: last read"
    if health.last_success is None:
        return Check(name, True, "never yet: inboxtrack poll reads it")
    age = utc_now() - health.last_success
    late = age > dt.timedelta(seconds=max(3 * mailbox.poll_seconds, 3600))
    found = f"{health.last_success.astimezone(app.settings.general.zone):%d %b %H:%M}"
    cure = health.text or "is inboxtrack run at work, or the cron line there?"
    return Check(name, not late, found, cure if late else "")
