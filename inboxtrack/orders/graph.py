"""Which numbers are one parcel, and which orders it carries: a graph built from facts, whatever their order."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from inboxtrack.model import Correction, Fact, Link, Role, Trust
from inboxtrack.orders.draft import Draft, Mention, OrderId
from inboxtrack.orders.groups import Groups
from inboxtrack.orders.hand_over import supersede
from inboxtrack.orders.progress import CARRIER, kind_of, sort_key

SILENCE = dt.timedelta(days=120)


def drafts(mentions: list[Mention], corrections: list[tuple[Fact, OrderId]]) -> list[Draft]:
    """The parcels that these mentions speak of, with their orders, after the user's links and splits."""
    found = [
        draft
        for group in _connected(sorted(mentions, key=lambda m: sort_key(m.fact)))
        for generation, era in enumerate(_eras(group), start=1)
        for draft in _parcels(era, generation)
    ]
    _correct(found, corrections)
    made = supersede(found)
    for draft in made:
        _welcome(draft)
    return made


def _parcels(era: list[Mention], generation: int) -> list[Draft]:
    """The parcels of connected mentions: those that a retailer named first are joined and linked by it alone."""
    own, guests = _housed(era)
    made = [Draft(parcel, generation) for parcel in _connected(own)]
    for draft in made:
        _link(draft)
        draft.guests = [guest for guest in guests if guest.numbers[0].value in draft.numbers]
    return made


def _housed(era: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """Mentions that make parcels; and guests, each of one number that another retailer named first."""
    if len({mention.retailer for mention in era if mention.retailer}) < 2:
        return era, []
    host = _hosts(era)
    own: list[Mention] = []
    guests: list[Mention] = []
    for mention in era:
        foreign = [n for n in mention.numbers if mention.retailer and host(n.value) not in (None, mention.retailer)]
        mine = tuple(n for n in mention.numbers if n not in foreign)
        own += [replace(mention, numbers=mine)] if mine else []
        guests += [replace(mention, numbers=(number,)) for number in foreign]
    return own, guests


def _hosts(era: list[Mention]) -> Callable[[str], str | None]:
    """From a number to the retailer whose verified mail named it first, or one that a carrier says is the same.

    First by the time of receipt, which the user's provider tells: the time of the event is the sender's word.
    """
    same: Groups[str] = Groups()
    for mention in era:
        if kind_of(mention.fact) in CARRIER:
            same.join(n.value for n in mention.numbers)
    first: dict[str, str] = {}
    proven = (m for m in era if m.retailer and m.fact.trust is Trust.VERIFIED)
    for mention in sorted(proven, key=lambda m: (m.fact.received_at or m.fact.at, sort_key(m.fact))):
        for number in mention.numbers:
            first.setdefault(same.root(number.value), mention.retailer or "")
    return lambda number: first.get(same.root(number))


def _connected(mentions: list[Mention]) -> list[list[Mention]]:
    """Mentions by the numbers they share, each group in the given order."""
    groups: Groups[str] = Groups()
    for mention in mentions:
        groups.join(n.value for n in mention.numbers)
    found: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        found[groups.root(mention.numbers[0].value)].append(mention)
    return list(found.values())


def _eras(mentions: list[Mention]) -> list[list[Mention]]:
    """Mentions in order, cut where they were silent for more than 120 days."""
    made: list[list[Mention]] = []
    for mention in mentions:
        if made and mention.fact.at - made[-1][-1].fact.at <= SILENCE:
            made[-1].append(mention)
        else:
            made.append([mention])
    return made


def _link(draft: Draft) -> None:
    for mention in draft.mentions:
        for number in mention.numbers:
            known = draft.numbers.get(number.value)
            if known is None or _role_rank(number.role) < _role_rank(known.role):
                draft.numbers[number.value] = number
        if mention.order:
            draft.orders.add(mention.order)
        draft.links.extend(_reasons(mention))


def _role_rank(role: Role) -> int:
    return (Role.RETAILER_PARCEL, Role.LAST_MILE, Role.TRACKING, Role.REFERENCE).index(role)


def _reasons(mention: Mention) -> list[Link]:
    said = "named together in one mail" if len(mention.numbers) > 1 else "named by this mail"
    key = mention.fact.key
    return [Link(number=n.value, order=mention.order, reason=said, fact_key=key) for n in mention.numbers]


def _correct(found: list[Draft], corrections: list[tuple[Fact, OrderId]]) -> None:
    """The user's word on a number and an order; of several, the latest holds."""
    for fact, order in sorted(corrections, key=lambda pair: sort_key(pair[0])):
        meant = [draft for draft in found if fact.tracking in draft.numbers]
        if not meant:
            continue
        draft = max((d for d in meant if d.first <= fact.at), key=lambda d: d.first, default=meant[0])
        linked = fact.correction is Correction.LINK
        (draft.orders.add if linked else draft.orders.discard)(order)
        (draft.split.discard if linked else draft.split.add)(order)
        said = "linked by you" if linked else "split by you"
        draft.links.append(Link(number=fact.tracking or "", order=order, reason=said, fact_key=fact.key))


def _welcome(draft: Draft) -> None:
    """The orders that guests' mails name, but for those that the user has split from it."""
    for guest in draft.guests:
        draft.links.extend(_reasons(guest))
        if guest.order and guest.order not in draft.split:
            draft.visitors.add(guest.order)
    draft.orders |= draft.visitors
