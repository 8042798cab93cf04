"""Which numbers are one parcel, and which orders it carries: a graph built from facts, whatever their order."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from inboxtrack.model import Correction, Fact, Link, Number, Role, Trust
from inboxtrack.orders.progress import CARRIER, kind_of, sort_key

SILENCE = dt.timedelta(days=120)
OrderId = tuple[str, str]
Node = TypeVar("Node", bound=Hashable)


class Groups(Generic[Node]):
    """Union-find: things that were said to be the same."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """The representative of a node's group."""
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent.setdefault(parent, parent)
            node, parent = parent, self._parent[parent]
        return node

    def join(self, nodes: Iterable[Node]) -> None:
        """Say that all these nodes are the same."""
        roots = [self.root(node) for node in nodes]
        for other in roots[1:]:
            self._parent[self.root(other)] = self.root(roots[0])

    def members(self) -> list[list[Node]]:
        """Every group, with its nodes."""
        groups: dict[Node, list[Node]] = defaultdict(list)
        for node in list(self._parent):
            groups[self.root(node)].append(node)
        return list(groups.values())


def shop_names(facts: Iterable[Fact]) -> Callable[[str], str]:
    """From any name a shop is known by to the one it is kept under: a retailer of ours, a domain, a shop id."""
    groups: Groups[str] = Groups()
    for fact in facts:
        if fact.retailer and fact.trust is Trust.VERIFIED:
            groups.join((fact.retailer, *fact.shop))
    best = {groups.root(group[0]): min(group, key=shop_rank) for group in groups.members()}
    return lambda name: best.get(groups.root(name), name)


def shop_rank(name: str) -> tuple[bool, bool, str]:
    """Of the names of a shop the least is the one it is kept under."""
    return (":" in name, "." in name, name)


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact about a parcel, with the order it links and the retailer whose mail it is, by their settled names."""

    fact: Fact
    order: OrderId | None
    numbers: tuple[Number, ...]
    retailer: str | None = None


@dataclass(slots=True)
class Draft:
    """A parcel in the making. Guests are mentions by retailers that did not name it first; they bring `visitors`."""

    mentions: list[Mention]
    generation: int = 1
    guests: list[Mention] = field(default_factory=list)
    visitors: set[OrderId] = field(default_factory=set)
    split: set[OrderId] = field(default_factory=set)
    numbers: dict[str, Number] = field(default_factory=dict)
    orders: set[OrderId] = field(default_factory=set)
    superseded: frozenset[str] = frozenset()
    links: list[Link] = field(default_factory=list)

    @property
    def first(self) -> dt.datetime:
        return min(m.fact.at for m in self.mentions)

    @property
    def last(self) -> dt.datetime:
        return max(m.fact.at for m in self.mentions)

    @property
    def by_retailer_alone(self) -> bool:
        return all(n.role is Role.RETAILER_PARCEL for n in self.numbers.values())

    @property
    def id(self) -> str:
        """Its earliest number; a number that is used again makes `<number>~2`."""
        seen = {n.value: m.fact.at for m in reversed(self.mentions) for n in m.numbers}
        name = min(self.numbers, key=lambda value: (seen[value], value))
        return name if self.generation == 1 else f"{name}~{self.generation}"


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


def supersede(found: list[Draft]) -> list[Draft]:
    """Merge a retailer's number that fell silent into the carrier number that took over for the same orders.

    Where more numbers fell silent than carrier numbers appeared, nobody can say which is which: none is merged.
    """
    by_orders: dict[frozenset[OrderId], list[Draft]] = defaultdict(list)
    for draft in found:
        if draft.orders:
            by_orders[frozenset(draft.orders)].append(draft)
    merged: list[Draft] = []
    taken: set[int] = set()
    for group in by_orders.values():
        for old, new in _hand_overs(group):
            merged.append(_merge(old, new))
            taken |= {id(old), id(new)}
    return merged + [draft for draft in found if id(draft) not in taken]


def _hand_overs(group: list[Draft]) -> list[tuple[Draft, Draft]]:
    carriers = sorted((d for d in group if not d.by_retailer_alone), key=lambda d: (d.first, d.id))
    silent = [d for d in group if d.by_retailer_alone and any(d.last < c.first for c in carriers)]
    if len(silent) > len(carriers):
        return []
    pairs = []
    for old in sorted(silent, key=lambda d: (d.last, d.id)):
        new = next((c for c in carriers if old.last < c.first), None)
        if new is not None:
            carriers.remove(new)
            pairs.append((old, new))
    return pairs


def _merge(old: Draft, new: Draft) -> Draft:
    reason = f"{', '.join(sorted(old.numbers))} fell silent when this number appeared for the same orders"
    inferred = [
        Link(number=n, order=None, reason=reason, fact_key=new.mentions[0].fact.key) for n in sorted(new.numbers)
    ]
    return replace(
        new,
        mentions=old.mentions + new.mentions,
        numbers=new.numbers | {k: v for k, v in old.numbers.items() if k not in new.numbers},
        superseded=frozenset(old.numbers) - frozenset(new.numbers),
        links=new.links + old.links + inferred,
        generation=old.generation,
        guests=old.guests + new.guests,
        split=old.split | new.split,
    )
