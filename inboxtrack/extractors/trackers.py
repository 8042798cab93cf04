"""Services that mail the way of a parcel in a shop's name: AfterShip, Narvar, Sendcloud, Route, Wonderment, Shop.

None of their stock texts is known from real mail, so a mail counts only where it names a parcel (behind a label, or in
a link to a page that tracks it) or its subject tells a step. The display name is the shop's and proves nothing; the
shop's order number is kept as a reference and makes no order of its own.
"""

from __future__ import annotations

from inboxtrack.extractors import Ignored, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, Number, Role
from inboxtrack.reading.found import Found, first, make_fact
from inboxtrack.reading.phrases import step_fields
from inboxtrack.reading.saying import said_step
from inboxtrack.reading.shopify import tables
from inboxtrack.reading.shopify_names import in_lines, in_subject
from inboxtrack.reading.shopify_parcels import tracked
from inboxtrack.reading.shopify_shop import safe_lines
from inboxtrack.reading.telling import unknown_step

NAME = "Tracking service (AfterShip, Narvar …)"
SENDERS = ("aftership.com", "narvar.com", "sendcloud.sc", "route.com", "wonderment.com", "shop.app")
REVISION = 2

_HEAD_LINES = 14


def claims(mail: Mail) -> bool:
    """Whether such a service sent the mail, and it names a parcel or a step."""
    if not sent_by(mail.sender.origin, SENDERS):
        return False
    return bool(tracked(mail, safe_lines(mail))) or tables()["step"].match(mail.subject) is not None


def extract(mail: Mail) -> list[Fact]:
    """One fact a parcel; `Ignored` for what is known to be no order news."""
    lines = safe_lines(mail)
    order = first([in_subject(mail.subject), in_lines(lines[:_HEAD_LINES])])
    step = said_step(tables()["step"], mail, lines[:_HEAD_LINES], order.value if order else None)
    if step and step.value.ignored:
        raise Ignored(step.value.ignored)
    fields = {"shop_name": mail.sender.name or None, **step_fields(step or unknown_step(mail.subject, "subject"))}
    also = _reference(order)
    return [
        make_fact(mail.at, **fields, tracking=parcel.number, carrier=parcel.carrier, also=also)
        for parcel in tracked(mail, lines)
        if order is None or parcel.number.value != order.value
    ]


def _reference(order: Found[str] | None) -> Found[tuple[Number, ...]] | None:
    """The shop's number of the order."""
    return order.but((Number(order.value, Role.REFERENCE),)) if order else None
