"""`read(raw, context) -> Reading`: what one mail says. Pure, and picklable to a worker process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from inboxtrack.extractors import Extractor, Ignored, discover, recognise
from inboxtrack.mail import message, trust
from inboxtrack.mail.message import Mail, MailRefused
from inboxtrack.model import Fact, Outcome, Reading, Trust


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a mail depends on beside its bytes."""

    policy: trust.Policy = trust.WELL_KNOWN
    received_at: dt.datetime | None = None
    truncated: bool = False


def read(raw: bytes, context: Context) -> Reading:
    """Read one mail. Never raises for what a mail contains: trouble is the outcome `failed` with a reason."""
    try:
        mail = message.parse(raw, received_at=context.received_at, truncated=context.truncated)
    except MailRefused as refused:
        return Reading(outcome=Outcome.FAILED, reason=str(refused))
    extractor = recognise(mail, discover())
    if extractor is None:
        return _reading(mail, Outcome.FOREIGN, "no extractor claims it")
    verdict = trust.judge(mail, extractor.domains(mail), context.policy)
    if verdict.trust is Trust.FAILED:
        return _reading(mail, Outcome.QUARANTINED, verdict.reason, extractor, verdict)
    try:
        facts = tuple(_stamp(fact, verdict.trust, mail) for fact in extractor.extract(mail))
    except Ignored as ignored:
        return _reading(mail, Outcome.IGNORED, str(ignored), extractor, verdict)
    except Exception as error:
        return _reading(mail, Outcome.FAILED, f"{extractor.key}: {type(error).__name__}: {error}", extractor, verdict)
    usable = tuple(fact for fact in facts if fact.order or fact.tracking)
    if not usable:
        return _reading(mail, Outcome.UNREAD, f"{extractor.name} mail without a number", extractor, verdict)
    return replace(_reading(mail, Outcome.READ, "read", extractor, verdict), facts=usable)


def _stamp(fact: Fact, verdict: Trust, mail: Mail) -> Fact:
    return replace(fact, trust=verdict, received_at=mail.received_at)


def _reading(
    mail: Mail,
    outcome: Outcome,
    reason: str,
    extractor: Extractor | None = None,
    verdict: trust.Verdict | None = None,
) -> Reading:
    verdict = verdict or trust.Verdict(Trust.UNVERIFIED, "nobody claims this mail")
    return Reading(
        outcome=outcome,
        reason=message.clean_text(reason),
        message_id=mail.message_id,
        sender=mail.sender.address,
        subject=mail.subject,
        date=mail.date,
        trust=verdict.trust,
        trust_reason=verdict.reason,
        extractor=extractor.key if extractor else None,
        revision=extractor.revision if extractor else 0,
    )
