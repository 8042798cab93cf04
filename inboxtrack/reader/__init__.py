"""`read(raw, context) -> Reading`: what one mail says. Pure, and picklable to a worker process."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from traceback import extract_tb
from typing import Literal

from inboxtrack.extractors import Extractor, Ignored, Step, recognise, with_recipes
from inboxtrack.mail import dkim, forwarded, message, trust
from inboxtrack.mail.authres import Result
from inboxtrack.mail.domains import within
from inboxtrack.mail.message import Mail, MailRefused
from inboxtrack.mail.trust import Verdict
from inboxtrack.mail.unlinked import unlinked
from inboxtrack.model import ANOTHER_SHOP, Fact, Outcome, Reading, Trust
from inboxtrack.reader.headless import with_header
from inboxtrack.reader.imitation import borrows, imitated, through_relay

# order names are free text of the shop, in any script; a tracking number may end in a link and is plain ASCII
_ORDER = re.compile(r"[\w(][\w()./#+-]{0,39}")
_TRACKING = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{1,49}")
NOBODY = Verdict(Trust.UNVERIFIED, "nobody claims this mail")


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a mail depends on beside its bytes.

    `unverified` says what to do with mail whose sender nobody confirms: `mark` its facts, `believe` them, or
    `refuse` the mail. `own_addresses` are the user's: what they forward may advance an order. `dns` answers TXT
    questions for the DKIM check; None leaves that out. `body_only` is a file that the user gives of a mail's HTML.
    """

    policy: trust.Policy = trust.WELL_KNOWN
    received_at: dt.datetime | None = None
    truncated: bool = False
    own_addresses: tuple[str, ...] = ()
    unverified: Literal["mark", "believe", "refuse"] = "mark"
    recipes: tuple[Extractor, ...] = ()
    dns: dkim.Dns | None = None
    body_only: bool = False


def read(raw: bytes, context: Context) -> Reading:
    """Read one mail. Never raises for what a mail contains: trouble is the outcome `failed` with a reason."""
    try:
        mail = message.parse(raw, received_at=context.received_at, truncated=context.truncated)
    except MailRefused as refused:
        return _refused(raw, context, str(refused))
    try:
        return _read_body(mail, context) if context.body_only else _read_mail(mail, context)
    except Exception as error:
        return _reading(mail, Outcome.FAILED, _where(error))


def _refused(raw: bytes, context: Context, reason: str) -> Reading:
    """What can be said of a mail that breaks a limit: by its header, where that alone keeps to them."""
    try:
        return _reading(message.parse_headers(raw, context.received_at), Outcome.FAILED, reason)
    except MailRefused:
        return Reading(outcome=Outcome.FAILED, reason=reason)


def _read_mail(mail: Mail, context: Context) -> Reading:
    """The reading of the mail itself, of the mail it forwards, or of what it imitates."""
    extractors = with_recipes(context.recipes)
    extractor = recognise(mail, extractors)
    if extractor is None or not _speaks(mail, extractor):
        brought = _read_forwarded(mail, extractors, context)
        if brought is not None:
            return brought
        copied = imitated(mail, extractors, extractor)
        if copied is not None:
            reading = _reading(mail, Outcome.QUARANTINED, f"somebody imitates {copied.extractor.name}: {copied.reason}")
            return replace(reading, imitates=copied.extractor.key)
    if extractor is None:
        return _reading(mail, Outcome.FOREIGN, "no extractor claims it")
    reading = _read_as(mail, extractor, _judge(mail, extractor.domains(mail), context), context)
    return _unless_borrowed(mail, extractor, reading, context)


def _read_body(body: Mail, context: Context) -> Reading:
    """The reading of HTML without a header: the sender only decides who reads it, and is not what the mail says."""
    mail = with_header(body, with_recipes(context.recipes))
    return replace(_read_mail(mail, context), sender="", trust_reason="a saved body does not say who sent it")


def _unless_borrowed(mail: Mail, extractor: Extractor, reading: Reading, context: Context) -> Reading:
    """The reading; the mail is set aside where it cannot be its sender's.

    What the user sends on without the head of a forward, and what a relay hides the sender of, is left alone.
    """
    told = reading.outcome in (Outcome.READ, Outcome.UNREAD)
    reason = extractor.disowned(mail) if told and not _is_users(mail, context) and not through_relay(mail) else None
    if reason is None:
        return reading
    if extractor.step < Step.PLATFORM:
        return replace(_reading(mail, Outcome.QUARANTINED, reason), imitates=extractor.key)
    return replace(_reading(mail, Outcome.QUARANTINED, f"{extractor.key}: {reason}"), imitates=ANOTHER_SHOP)


def _speaks(mail: Mail, extractor: Extractor) -> bool:
    """Whether the extractor knows the mail's sender; those of platforms and of markup know a mail by its looks."""
    return extractor.step < Step.PLATFORM and within(mail.sender.origin_domain, extractor.domains(mail))


def _read_forwarded(mail: Mail, extractors: tuple[Extractor, ...], context: Context) -> Reading | None:
    """The reading of the first mail inside this one that an extractor claims."""
    for inner in forwarded.inner_mails(mail):
        extractor = recognise(inner, extractors)
        if extractor is not None:
            verdict = Verdict(Trust.UNVERIFIED, f"forwarded by {mail.sender.address or 'somebody'}")
            reading = _read_as(inner, extractor, verdict, context, may_advance=_is_from_user(mail, context))
            return replace(reading, message_id=mail.message_id)
    return None


def _is_from_user(mail: Mail, context: Context) -> bool:
    """Whether one of the user's own addresses sent the mail, and the provider confirms it."""
    return _is_users(mail, context) and _judge(mail, (mail.sender.domain,), context).trust is Trust.VERIFIED


def _is_users(mail: Mail, context: Context) -> bool:
    """Whether a mail names one of the user's own addresses as its sender."""
    return mail.sender.address in {address.lower() for address in context.own_addresses}


def _judge(mail: Mail, domains: tuple[str, ...], context: Context) -> Verdict:
    return trust.judge(mail, domains, context.policy, _signatures(mail, context.dns))


def _signatures(mail: Mail, dns: dkim.Dns | None) -> Callable[[], tuple[Result, ...]] | None:
    """How to check the mail's own signatures; None where that is off or only a part of the mail is there."""
    if dns is None or mail.truncated:
        return None
    return lambda: dkim.check(mail.raw, dns)


def _read_as(
    mail: Mail, extractor: Extractor, verdict: Verdict, context: Context, *, may_advance: bool = False
) -> Reading:
    """What an extractor makes of a mail whose sender is judged."""
    if verdict.trust is Trust.FAILED:
        return replace(_reading(mail, Outcome.QUARANTINED, verdict.reason, extractor, verdict), imitates=extractor.key)
    if verdict.trust is Trust.UNVERIFIED and context.unverified == "refuse":
        return _reading(mail, Outcome.QUARANTINED, f"{verdict.reason}; your settings refuse it", extractor, verdict)
    if verdict.trust is Trust.UNVERIFIED and context.unverified == "believe":
        verdict = Verdict(Trust.VERIFIED, f"{verdict.reason}; your settings believe it")
    if extractor.needs_verified and verdict.trust is not Trust.VERIFIED:
        return _reading(mail, Outcome.FOREIGN, f"{extractor.name}: {verdict.reason}")
    try:
        facts = tuple(
            _stamp(_named(fact, extractor), verdict.trust, mail, may_advance=may_advance)
            for fact in extractor.extract(mail)
        )
    except Ignored as ignored:
        return _reading(mail, Outcome.IGNORED, str(ignored), extractor, verdict)
    except Exception as error:
        return _reading(mail, Outcome.FAILED, f"{extractor.key}: {_where(error)}", extractor, verdict)
    usable = tuple(fact for fact in facts if fact.order or fact.tracking)
    if not usable:
        return _reading(mail, Outcome.UNREAD, f"{extractor.name} mail without a number", extractor, verdict)
    return replace(_reading(mail, Outcome.READ, "read", extractor, verdict), facts=usable)


def _where(error: Exception) -> str:
    """What went wrong and where, without the error's text: that may hold words or links of the mail."""
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {PurePath(place.filename).name}:{place.lineno}"


def _named(fact: Fact, extractor: Extractor) -> Fact:
    """The fact without a shop's name that is a known retailer's or a carrier's; the user's recipes may use any."""
    if not fact.shop_name or extractor.step is Step.RECIPE or not borrows(fact.shop_name, extractor):
        return fact
    kept = tuple(said for said in fact.evidence if said.field != "shop_name")
    return replace(fact, shop_name=None, evidence=kept)


def _stamp(fact: Fact, verdict: Trust, mail: Mail, *, may_advance: bool) -> Fact:
    """The fact with what reading knows of it, without what no order or parcel is ever called, and without links."""
    return replace(
        fact,
        order=fact.order if _is_number(fact.order, _ORDER) else None,
        shop_name=unlinked(fact.shop_name) if fact.shop_name else None,
        seller=unlinked(fact.seller) if fact.seller else None,
        items=tuple(replace(item, title=unlinked(item.title)) for item in fact.items),
        tracking=fact.tracking if _is_number(fact.tracking, _TRACKING) else None,
        also=tuple(number for number in fact.also if _is_number(number.value, _ORDER)),
        trust=verdict,
        received_at=mail.received_at,
        may_advance=may_advance,
    )


def _is_number(value: str | None, form: re.Pattern[str]) -> bool:
    return bool(value and form.fullmatch(value)) and unlinked(value or "") == value


def _reading(
    mail: Mail, outcome: Outcome, reason: str, extractor: Extractor | None = None, verdict: Verdict = NOBODY
) -> Reading:
    return Reading(
        outcome=outcome,
        reason=message.clean_text(reason),
        message_id=mail.message_id,
        sender=mail.sender.address,
        subject=mail.subject,
        date=mail.date,
        trust=verdict.trust,
        trust_reason=message.clean_text(verdict.reason),
        extractor=extractor.key if extractor else None,
        revision=extractor.revision if extractor else 0,
    )
