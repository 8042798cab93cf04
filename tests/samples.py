"""Orders in many situations, for tests of the messages. All names and numbers are invented."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from inboxtrack.channel import Form, Style
from inboxtrack.model import (
    DateRange,
    Flag,
    Item,
    Money,
    News,
    NewsKind,
    Number,
    Order,
    Parcel,
    Refund,
    RefundState,
    Role,
    Stage,
    Trust,
)
from inboxtrack.notifiers.render import Renderer
from inboxtrack.overview import Deadline, OrderView, ParcelView
from inboxtrack.views import DigestView, Ending, MailboxHealth, Views

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 5, 6, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 5)
PUSH, SMS, MAIL = Form(Style.PUSH), Form(Style.SMS), Form(Style.MAIL)
WRITE = Renderer("en", BERLIN)


def parcel(number: str, stage: Stage, carrier: str | None = None, **more: object) -> ParcelView:
    """A parcel with its carrier's page, where the carrier is known."""
    made = Parcel(id=number, numbers=(Number(number, Role.TRACKING),), stage=stage, carrier=carrier, **more)  # type: ignore[arg-type]
    link = f"https://track.example/{number}" if carrier and made.trust is Trust.VERIFIED else None
    return ParcelView(parcel=made, carrier_name=carrier, link=link)


def order(
    retailer: str, number: str, stage: Stage, urgency: int, *parcels: ParcelView, name: str = "", **more: object
) -> OrderView:
    """An order; `more` goes to the view or to the order, wherever the field is."""
    of_view = {key: more.pop(key) for key in ("advice", "deadlines", "link", "flags") if key in more}
    made = Order(
        retailer=retailer,
        number=number,
        stage=stage,
        parcels=tuple(view.parcel.id for view in parcels),
        last_news_at=NOW - dt.timedelta(days=20),
        **more,  # type: ignore[arg-type]
    )
    flags = of_view.pop("flags", frozenset())
    return OrderView(
        order=made,
        parcels=parcels,
        retailer_name=name or retailer.title(),
        stage=stage,
        urgency=urgency,
        flags=flags,  # type: ignore[arg-type]
        **of_view,  # type: ignore[arg-type]
    )


HISMILE = order(
    "hismile",
    "AU7730412",
    Stage.OUT_FOR_DELIVERY,
    50,
    parcel("36LQX40118720", Stage.OUT_FOR_DELIVERY, "Australia Post", eta=DateRange(TODAY, TODAY)),
    items=(Item("V34 Colour Corrector Serum", 2), Item("Glow Kit")),
    total=Money(Decimal("59.90"), "AUD"),
)
PICKUP = order(
    "aliexpress",
    "8203344556677801",
    Stage.READY_FOR_PICKUP,
    10,
    parcel("LB123456785SG", Stage.READY_FOR_PICKUP, "DHL"),
    name="AliExpress",
    items=(Item("USB-C cable 2 m"),),
    advice="Pick it up; bring an ID and the pick-up code from the mail.",
)
DISPUTE = order(
    "aliexpress",
    "8203344556677802",
    Stage.IN_TRANSIT,
    30,
    parcel("AP00912345678901", Stage.IN_TRANSIT),
    parcel("AP00912345678902", Stage.DELIVERED),
    name="AliExpress",
    flags=frozenset({Flag.STALLED}),
    items=(Item("Desk lamp with a very long name that goes on and on, warm white, 3 levels"),),
    advice="Nothing was heard for a while: ask AliExpress.",
    deadlines=(
        Deadline(
            policy="aliexpress.dispute",
            what="open a dispute",
            until=dt.date(2026, 3, 8),
            source="-",
            check="check at AliExpress",
            told=True,
        ),
    ),
    link="https://www.aliexpress.com/p/order/index.html",
)
LOST = order(
    "tiktok_shop",
    "577120099887766554",
    Stage.EXCEPTION,
    20,
    parcel("JJD0003334445556", Stage.EXCEPTION, "Yodel"),
    name="TikTok Shop",
    reason="lost",
    advice="The parcel is said to be lost: ask TikTok Shop for a refund or a new one.",
)
REFUND = order(
    "shop.example",
    "1042",
    Stage.CANCELLED,
    60,
    name="Corner Books",
    refund=Refund(RefundState.PROMISED, Money(Decimal("12.50"), "EUR")),
)
UNVERIFIED = order("hismile", "AU7730999", Stage.SHIPPED, 60, trust=Trust.UNVERIFIED)
DONE = order("hismile", "AU7730388", Stage.DELIVERED, 80, parcel("36LQX40118001", Stage.DELIVERED, "DPD"), open=False)
ALL = (PICKUP, LOST, DISPUTE, HISMILE, REFUND, UNVERIFIED, DONE)
VIEWS = Views.of(ALL)
HEALTHY = (MailboxHealth(name="home", last_read=NOW - dt.timedelta(minutes=5)),)
QUIET_DIGEST = DigestView(orders=ALL, mailboxes=HEALTHY)
TROUBLED_DIGEST = DigestView(
    orders=ALL,
    mailboxes=(
        *HEALTHY,
        MailboxHealth(
            name="work",
            last_read=NOW - dt.timedelta(days=2),
            trouble="the password was refused: set a new one",
        ),
    ),
    unread=2,
    unchanged=3,
    undelivered=(("sms", 2),),
    endings=(Ending(name="The sign-in for Outlook", until=dt.date(2026, 3, 12)),),
)


def news(kind: NewsKind, what: str, about: OrderView, **more: object) -> News:
    """News about an order's first parcel, or the order where it has none."""
    parcel_id = about.order.parcels[0] if about.order.parcels else None
    fields: dict[str, object] = {
        "keys": (f"{about.order.retailer}/{about.order.number}/{parcel_id}/{what}",),
        "at": NOW,
        "orders": (about.order.id,),
        "parcel": parcel_id,
        "trust": about.order.trust,
    }
    return News(kind=kind, what=what, **(fields | more))  # type: ignore[arg-type]
