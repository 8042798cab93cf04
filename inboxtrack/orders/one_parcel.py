"""A parcel from the facts that name its numbers, and those that name its orders alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from inboxtrack.model import Correction, Fact, Parcel, Role, Stage, Trust
from inboxtrack.orders.draft import Draft, Mention, OrderId
from inboxtrack.orders.graph import drafts
from inboxtrack.orders.progress import ON_THE_WAY, Power, Step, run, sort_key, step
from inboxtrack.orders.sides import Sides, order_steps

T = TypeVar("T")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RAISES = ON_THE_WAY | {Stage.DELIVERED}


def parcel_drafts(sides: Sides, *, verified: bool) -> list[Draft]:
    """The parcels among the verified, or among the unverified numbers."""
    mentions, links = [], []
    for fact in sides.facts:
        order = sides.order(fact)
        numbers = tuple(n for n in fact.numbers() if (n.value in sides.numbers) is verified)
        if fact.correction in (Correction.LINK, Correction.SPLIT) and order:
            links.append((fact, order))
        elif numbers and not fact.correction:
            tied = sides.may_link(fact)
            separate = [numbers] if tied or not verified else [(n,) for n in numbers]
            by = sides.retailer(fact)
            mentions += [Mention(fact, order if tied else None, group, by) for group in separate]
    counted: list[Mention] = []
    silent: list[Mention] = []
    for mention in mentions:
        telling = sides.power(mention.fact, verified=verified) is not Power.TIMELINE
        (counted if telling else silent).append(mention)
    known = {n.value for m in counted for n in m.numbers}
    for fact, _ in links if verified else ():
        if fact.tracking not in known and fact.correction is Correction.LINK:
            counted.append(Mention(fact, None, fact.numbers()))
    found = drafts(counted, links)
    _remember(found, silent)
    return found


def _remember(found: list[Draft], silent: list[Mention]) -> None:
    """Mails that change nothing still stand in the timeline of the parcel they speak of."""
    for mention in silent:
        for draft in found:
            if mention.numbers[0].value in draft.numbers:
                draft.mentions.append(mention)
                break


def build_parcel(
    draft: Draft, sides: Sides, order_facts: dict[OrderId, list[Fact]], visitor: OrderId | None = None
) -> Parcel:
    """A parcel as carriers, the user and the retailer that named it first tell of it; or the retailer of a visitor."""
    verified = any(value in sides.numbers for value in draft.numbers)
    heard, orders = draft.mentions, draft.orders - draft.visitors
    if visitor:
        heard = [m for m in draft.mentions + draft.guests if m.retailer in (None, visitor[0])]
        orders = {visitor}
    own = [step(m.fact, sides.power(m.fact, verified=verified)) for m in heard]
    above = [
        raised
        for order in sorted(orders)
        for s in order_steps(order_facts.get(order, []), sides, verified=verified)
        if (raised := _raise(s))
    ]
    progress = run(own + above)
    facts = sorted({m.fact.key: m.fact for m in draft.mentions + draft.guests}.values(), key=sort_key)
    telling = [s.fact for s in sorted(own, key=lambda s: sort_key(s.fact)) if s.power is not Power.TIMELINE]
    return Parcel(
        id=draft.id,
        numbers=tuple(sorted(draft.numbers.values(), key=lambda n: _number_rank(n.role, n.value, draft))),
        superseded=draft.superseded,
        carrier=last(f.carrier for f in telling),
        stage=progress.stage,
        stage_at=progress.stage_at,
        flags=progress.flags,
        reason=progress.reason,
        shipped_at=first_said(own, ON_THE_WAY),
        delivered_at=first_said(own, {Stage.DELIVERED}),
        eta=last(f.eta for f in telling),
        orders=tuple(sorted(draft.orders)),
        visitors=tuple(sorted(draft.visitors)),
        trust=Trust.VERIFIED if verified else Trust.UNVERIFIED,
        last_news_at=max((f.at for f in telling if not f.correction), default=None),
        links=tuple(draft.links),
        fact_keys=tuple(f.key for f in facts),
    )


def first_said(steps: Iterable[Step], stages: AbstractSet[Stage]) -> dt.datetime | None:
    """When a source first said one of these stages."""
    return min((s.fact.at for s in steps if s.stage in stages and s.power is not Power.TIMELINE), default=None)


def _raise(new: Step) -> Step | None:
    """What a fact that names only the order says of each parcel: `shipped` at most; the user's report counts whole."""
    if new.fact.correction is Correction.REPORT:
        return new
    if new.stage in _RAISES:
        return replace(new, stage=Stage.SHIPPED)
    return new if new.stage in (Stage.PLACED, Stage.PREPARING) else None


def _number_rank(role: Role, value: str, draft: Draft) -> tuple[bool, int, dt.datetime, str]:
    """A carrier's number first, the newest of them; superseded ones last."""
    roles = (Role.LAST_MILE, Role.TRACKING, Role.RETAILER_PARCEL, Role.REFERENCE)
    first = min(m.fact.at for m in draft.mentions if any(n.value == value for n in m.numbers))
    return (
        value in draft.superseded,
        roles.index(role),
        dt.datetime.max.replace(tzinfo=dt.UTC) - (first - EPOCH),
        value,
    )


def last(values: Iterable[T | None]) -> T | None:
    return next((value for value in reversed(list(values)) if value is not None), None)
