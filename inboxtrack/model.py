"""The words of inboxtrack: facts, and the orders and parcels that are folded from them.

Everything here is an immutable value; nothing reads a clock, a file or a network.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """What has happened to an order or a parcel. `UPDATE` is news without a step."""

    PLACED = "placed"
    PREPARING = "preparing"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    UPDATE = "update"


class Flag(StrEnum):
    """Something to know beside the stage. The first three are said by a source, the others follow from time."""

    DELAYED = "delayed"
    CUSTOMS = "customs"
    ACTION_REQUIRED = "action_required"
    STALLED = "stalled"
    NEVER_SHIPPED = "never_shipped"
    OVERDUE = "overdue"
    GIVEN_UP = "given_up"


class Trust(StrEnum):
    """Whether a mail is from whom it claims to be from."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class Outcome(StrEnum):
    """What became of a mail."""

    READ = "read"
    IGNORED = "ignored"
    UNREAD = "unread"
    FOREIGN = "foreign"
    QUARANTINED = "quarantined"
    FAILED = "failed"


class Role(StrEnum):
    """Who knows a number. `REFERENCE` is a shop's number quoted by a carrier: it names no parcel and no order."""

    TRACKING = "tracking"
    RETAILER_PARCEL = "retailer_parcel"
    LAST_MILE = "last_mile"
    REFERENCE = "reference"


class Coverage(StrEnum):
    """Which of the order's items a fact speaks of."""

    ALL = "all"
    SOME = "some"
    REST = "rest"


class RefundState(StrEnum):
    """How far a refund has come."""

    PROMISED = "promised"
    PARTIAL = "partial"
    FULL = "full"
    ARRIVED = "arrived"


class SourceKind(StrEnum):
    """Who said it. The order here is the priority at equal times, highest first."""

    USER = "user"
    LOOKUP = "lookup"
    CARRIER_MAIL = "carrier_mail"
    RETAILER_MAIL = "retailer_mail"


class Correction(StrEnum):
    """What the user said about an order; each is a fact that survives replay and can be undone."""

    LINK = "link"
    SPLIT = "split"
    CLOSE = "close"
    MUTE = "mute"
    ACK = "ack"
    NOTE = "note"
    ATTACH = "attach"
    REPORT = "report"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its ISO 4217 currency code."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order. Titles are as printed, so they may be cut short; what would be a link in them is broken."""

    title: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class DateRange:
    """Expected days of delivery, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Refund:
    """How far a refund has come, and how much it is where that is said."""

    state: RefundState
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A further number of the same parcel, and who knows it."""

    value: str
    role: Role


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field of a fact has its value: where it stood, the words that said so, and the rule that read them."""

    field: str
    where: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from; `ref` is the mail's key, the look-up's name or the user's command."""

    kind: SourceKind
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing one source says about one order or parcel.

    An order number or any parcel number must be there; everything else may be missing. `at` and `received_at`
    are aware datetimes. `shop` holds further names the shop is known by (its domain, `shopify:<shop id>`).
    `source`, `trust` and `received_at` are stamped by the pipeline: an extractor cannot set them.
    """

    at: dt.datetime
    stage: Stage
    retailer: str | None = None
    shop: tuple[str, ...] = ()
    shop_name: str | None = None
    seller: str | None = None
    order: str | None = None
    tracking: str | None = None
    tracking_role: Role = Role.TRACKING
    also: tuple[Number, ...] = ()
    carrier: str | None = None
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None
    coverage: Coverage = Coverage.ALL
    refund: Refund | None = None
    eta: DateRange | None = None
    items: tuple[Item, ...] = ()
    total: Money | None = None
    evidence: tuple[Evidence, ...] = ()
    received_at: dt.datetime | None = None
    source: Source | None = None
    trust: Trust = Trust.UNVERIFIED
    may_advance: bool = False
    correction: Correction | None = None
    text: str | None = None
    key: str = ""

    def numbers(self) -> tuple[Number, ...]:
        """Every number that names this fact's parcel; references name none."""
        own = (Number(self.tracking, self.tracking_role),) if self.tracking else ()
        return own + tuple(n for n in self.also if n.role is not Role.REFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Why a number belongs to a parcel or a parcel to an order, for `show --why`."""

    number: str
    order: tuple[str, str] | None
    reason: str
    fact_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One tracked thing, folded from its facts. `numbers` has the most useful one first.

    `shipped_at` and `delivered_at` are the earliest times at which a source said so: deadlines count from them.
    `visitors` are those of its orders whose retailer named it after another had: that retailer moves them alone.
    """

    id: str
    numbers: tuple[Number, ...]
    superseded: frozenset[str] = frozenset()
    carrier: str | None = None
    stage: Stage = Stage.UPDATE
    stage_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None
    eta: DateRange | None = None
    orders: tuple[tuple[str, str], ...] = ()
    visitors: tuple[tuple[str, str], ...] = ()
    trust: Trust = Trust.VERIFIED
    last_news_at: dt.datetime | None = None
    links: tuple[Link, ...] = ()
    fact_keys: tuple[str, ...] = ()

    @property
    def tracking(self) -> str:
        """The number to show."""
        return self.numbers[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, folded from its facts. `parcels` are ids of parcels."""

    retailer: str
    number: str
    shop: tuple[str, ...] = ()
    shop_name: str | None = None
    seller: str | None = None
    stage: Stage = Stage.UPDATE
    stage_at: dt.datetime | None = None
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None
    placed_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    parcels: tuple[str, ...] = ()
    more_to_come: bool = False
    refund: Refund | None = None
    refund_at: dt.datetime | None = None
    items: tuple[Item, ...] = ()
    total: Money | None = None
    eta: DateRange | None = None
    trust: Trust = Trust.VERIFIED
    open: bool = True
    closed_by_user: bool = False
    muted: bool = False
    acknowledged_at: dt.datetime | None = None
    notes: tuple[str, ...] = ()
    last_news_at: dt.datetime | None = None
    fact_keys: tuple[str, ...] = ()

    @property
    def id(self) -> tuple[str, str]:
        """What an order is known by."""
        return (self.retailer, self.number)

    @property
    def site(self) -> str:
        """The retailer and the name of its site that was bought from, for tables of such sites: `amazon/amazon de`."""
        return f"{self.retailer}/{(self.shop_name or '').lower()}"


@dataclass(frozen=True, slots=True)
class State:
    """Orders and parcels that belong together, or all of them."""

    orders: tuple[Order, ...] = ()
    parcels: tuple[Parcel, ...] = ()

    def parcel(self, parcel_id: str) -> Parcel:
        """The parcel with this id; KeyError when there is none."""
        for parcel in self.parcels:
            if parcel.id == parcel_id:
                return parcel
        raise KeyError(parcel_id)

    def parcels_of(self, order: Order) -> tuple[Parcel, ...]:
        """The parcels of an order, in its order."""
        return tuple(self.parcel(parcel_id) for parcel_id in order.parcels)


class NewsKind(StrEnum):
    """The kinds of news a channel can wish for."""

    PLACED = "placed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    PROBLEM = "problem"
    CANCELLED = "cancelled"
    RETURN = "return"
    REFUND = "refund"
    DELAY = "delay"
    DEADLINE = "deadline"
    STALLED = "stalled"
    IMITATION = "imitation"
    MAILBOX = "mailbox"
    SUMMARY = "summary"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A change worth telling. `keys` name it and every other name its subject has had, so that it is told once.

    `orders` are the orders it is about, `parcel` the parcel's id where it is about one.
    """

    kind: NewsKind
    keys: tuple[str, ...]
    at: dt.datetime
    what: str
    orders: tuple[tuple[str, str], ...] = ()
    parcel: str | None = None
    trust: Trust = Trust.VERIFIED
    detail: str | None = None
    data: tuple[tuple[str, str], ...] = field(default=())


ANOTHER_SHOP = "another shop"
"""What a shop system's mail imitates that cannot be its sender's: which shop's it is, nobody can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What `read` makes of one mail: the outcome with its reason, the verdict on the sender, and the facts.

    `imitates` is the key of the retailer that a mail pretends to be from, or `ANOTHER_SHOP`.
    """

    outcome: Outcome
    reason: str
    message_id: str = ""
    sender: str = ""
    subject: str = ""
    date: dt.datetime | None = None
    trust: Trust = Trust.UNVERIFIED
    trust_reason: str = ""
    extractor: str | None = None
    revision: int = 0
    facts: tuple[Fact, ...] = ()
    imitates: str | None = None
