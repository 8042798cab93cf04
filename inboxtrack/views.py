"""What messages are written from: the orders and parcels as they are now, and what a digest says beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inboxtrack.model import News
from inboxtrack.overview import OrderView, ParcelView


@dataclass(frozen=True, slots=True)
class Views:
    """Orders by (retailer, number) and parcels by id, at the moment of sending."""

    orders: Mapping[tuple[str, str], OrderView] = field(default_factory=dict)
    parcels: Mapping[str, ParcelView] = field(default_factory=dict)

    @classmethod
    def of(cls, orders: Iterable[OrderView], loose: Iterable[ParcelView] = ()) -> Views:
        """From an overview, and the parcels that belong to no order yet."""
        orders = tuple(orders)
        shown = [parcel for order in orders for parcel in order.parcels] + list(loose)
        return cls({order.order.id: order for order in orders}, {parcel.parcel.id: parcel for parcel in shown})

    def about(self, news: News) -> tuple[OrderView, ...]:
        """The orders that a piece of news is about, as far as they are known."""
        return tuple(self.orders[order] for order in news.orders if order in self.orders)

    def silenced(self, news: News) -> str | None:
        """Why the news is not to be told any more, or None: the user has muted or closed all its orders."""
        about = [view.order for view in self.about(news)]
        if not about or not all(order.muted or order.closed_by_user for order in about):
            return None
        return "muted" if any(order.muted for order in about) else "closed by you"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxHealth:
    """How a mailbox is. `trouble` is one line that names the cure, or None."""

    name: str
    last_read: dt.datetime | None
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Something the user must renew, such as a sign-in token, and until when."""

    name: str
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMail:
    """What a first poll, a backfill or an import has read: so many mails, and which orders are new; None where all are.

    `news` is what they brought that cannot wait, deadlines that come near, with the `views` of its orders.
    """

    mails: int
    new_orders: frozenset[tuple[str, str]] | None = None
    news: tuple[News, ...] = ()
    views: Views = Views()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """What a digest tells. `orders` come most urgent first, the ones done since the last digest among them.

    `unchanged` counts open orders left out because nothing changed since `since`. `unread` counts mails of retailers
    that gave nothing usable, `undelivered` says of each channel how many messages were given up.
    """

    orders: tuple[OrderView, ...] = ()
    mailboxes: tuple[MailboxHealth, ...] = ()
    unchanged: int = 0
    since: dt.datetime | None = None
    unread: int = 0
    undelivered: tuple[tuple[str, int], ...] = ()
    endings: tuple[Ending, ...] = ()
