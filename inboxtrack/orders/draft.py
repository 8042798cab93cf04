"""A parcel in the making, and the facts that speak of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from inboxtrack.model import Fact, Link, Number, Role

OrderId = tuple[str, str]


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
    def by_others_alone(self) -> bool:
        return all(n.role is not Role.RETAILER_PARCEL for n in self.numbers.values())

    @property
    def id(self) -> str:
        """Its earliest number; a number that is used again makes `<number>~2`."""
        seen = {n.value: m.fact.at for m in reversed(self.mentions) for n in m.numbers}
        name = min(self.numbers, key=lambda value: (seen[value], value))
        return name if self.generation == 1 else f"{name}~{self.generation}"
