"""Random sets of facts about few orders and numbers, as retailers, carriers and the user would say them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass

from inboxtrack.model import Correction, Coverage, Fact, Number, Role, Source, SourceKind, Stage, Trust

ORDERS = (("alpha", "1001"), ("alpha", "1002"), ("beta", "1001"))
NUMBERS = (
    Number("T1", Role.TRACKING),
    Number("T2", Role.TRACKING),
    Number("L1", Role.LAST_MILE),
    Number("R1", Role.RETAILER_PARCEL),
    Number("R2", Role.RETAILER_PARCEL),
)
DAYS = (0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 119, 120, 121, 250)
START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
SAID_BY_THE_USER = (
    Correction.LINK,
    Correction.SPLIT,
    Correction.CLOSE,
    Correction.MUTE,
    Correction.REPORT,
    Correction.UNDO,
)
MOST_FACTS = 12


@dataclass(frozen=True)
class World:
    """Few orders and numbers, so that facts are often about the same."""

    rng: random.Random
    orders: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]

    @classmethod
    def of(cls, seed: int) -> World:
        rng = random.Random(seed)
        orders = tuple(rng.sample(ORDERS, rng.randint(1, len(ORDERS))))
        return cls(rng, orders, tuple(rng.sample(NUMBERS, rng.randint(1, len(NUMBERS)))))

    def fact(self, key: str) -> Fact:
        """A fact as a retailer, a carrier or the user would say it."""
        return self.rng.choices((self.retailers_fact, self.carriers_fact, self.users_fact), (6, 4, 1))[0](key)

    def retailers_fact(self, key: str) -> Fact:
        retailer, order = self.rng.choice(self.orders)
        own, also = self.some_numbers()
        trust = self.rng.choices((Trust.VERIFIED, Trust.UNVERIFIED, Trust.FAILED), (7, 3, 1))[0]
        at = self.when()
        return Fact(
            at=at,
            received_at=at + dt.timedelta(hours=self.rng.choice((0, 1, 30))),
            retailer=retailer,
            order=order if not own or self.rng.random() < 0.8 else None,
            stage=self.rng.choice(list(Stage)),
            coverage=self.rng.choices(list(Coverage), (8, 1, 1))[0],
            tracking=own.value if own else None,
            tracking_role=own.role if own else Role.TRACKING,
            also=also,
            trust=trust,
            may_advance=trust is Trust.UNVERIFIED and self.rng.random() < 0.3,
            source=Source(SourceKind.RETAILER_MAIL, key),
            key=key,
        )

    def carriers_fact(self, key: str) -> Fact:
        number = self.rng.choice(self.numbers)
        kind = self.rng.choice((SourceKind.CARRIER_MAIL, SourceKind.LOOKUP))
        unverified = kind is SourceKind.CARRIER_MAIL and self.rng.random() < 0.2
        return Fact(
            at=self.when(),
            stage=self.rng.choice([stage for stage in Stage if stage not in (Stage.PLACED, Stage.CLOSED)]),
            tracking=number.value,
            tracking_role=number.role,
            trust=Trust.UNVERIFIED if unverified else Trust.VERIFIED,
            source=Source(kind, key),
            key=key,
        )

    def users_fact(self, key: str) -> Fact:
        retailer, order = self.rng.choice(self.orders)
        what = self.rng.choice(SAID_BY_THE_USER)
        number = self.rng.choice(self.numbers) if what in (Correction.LINK, Correction.SPLIT) else None
        return Fact(
            at=self.when(),
            retailer=retailer,
            order=order,
            stage=Stage.EXCEPTION if what is Correction.REPORT else Stage.UPDATE,
            tracking=number.value if number else None,
            tracking_role=number.role if number else Role.TRACKING,
            correction=what,
            text=f"f{self.rng.randint(0, MOST_FACTS):02}" if what is Correction.UNDO else None,
            source=Source(SourceKind.USER, key),
            trust=Trust.VERIFIED,
            key=key,
        )

    def some_numbers(self) -> tuple[Number | None, tuple[Number, ...]]:
        wanted = self.rng.choices((0, 1, 2), (5, 8, 1))[0]
        chosen = self.rng.sample(self.numbers, min(wanted, len(self.numbers)))
        return (chosen[0], tuple(chosen[1:])) if chosen else (None, ())

    def when(self) -> dt.datetime:
        return START + dt.timedelta(days=self.rng.choice(DAYS), hours=self.rng.choice((0, 0, 5)))


def facts(seed: int) -> list[Fact]:
    """A random set of facts, the same for the same seed."""
    world = World.of(seed)
    return [world.fact(f"f{n:02}") for n in range(world.rng.randint(1, MOST_FACTS))]


def in_words(given: Iterable[Fact]) -> str:
    """The facts, readable, for a failure."""
    return "\n".join(
        f"{f.key} {f.at:%j %H} {f.source.kind if f.source else ''} {f.trust} {f.correction or ''} "
        f"{f.retailer} {f.order} {[n.value for n in f.numbers()]} {f.stage} {f.coverage} {f.may_advance}"
        for f in sorted(given, key=lambda f: f.at)
    )
