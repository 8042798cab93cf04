"""ShipStation's mails: sent for small shops of any system, named after the shop in the display name only.

The parcel's number stands in the link to ShipStation's page and in the text; the shop's order number stands in the link
in base64. Who the shop is cannot be proven, so its number is kept as a reference and makes no order of its own. The
link also holds the buyer's postal code: it is never evidence.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from inboxtrack.extractors import Ignored
from inboxtrack.mail.message import Href, Mail, clean_text
from inboxtrack.model import Fact, Number, Role
from inboxtrack.reading import unwrapped
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.phrases import shipped_table, step_fields
from inboxtrack.reading.saying import said_step
from inboxtrack.reading.shopify_names import in_lines
from inboxtrack.reading.shopify_parcels import Tracked, tracked
from inboxtrack.reading.shopify_shop import safe_lines
from inboxtrack.reading.telling import unknown_step
from inboxtrack.tracking.numbers import in_slot

NAME = "ShipStation"
SENDERS = ("tracking@shipstation.com",)
REVISION = 3

_PAGE = "trackshipment.shipstation.com"
_HEAD_LINES = 14
_LONGEST_NUMBER = 40


def extract(mail: Mail) -> list[Fact]:
    """One fact a parcel; `Ignored` for what tells neither a step nor a number."""
    lines = safe_lines(mail)
    step = said_step(shipped_table("shipstation").steps["step"], mail, lines[:_HEAD_LINES], None)
    if step and step.value.ignored:
        raise Ignored(step.value.ignored)
    parcels = list(_linked(mail)) or list(tracked(mail, lines))
    if step is None and not parcels:
        raise Ignored("no order news")
    fields = {"shop_name": mail.sender.name or None, **step_fields(step or unknown_step(mail.subject, "subject"))}
    also = _reference(mail, lines)
    return [
        make_fact(mail.at, **fields, tracking=parcel.number, carrier=parcel.carrier, also=also) for parcel in parcels
    ]


def _linked(mail: Mail) -> Iterator[Tracked]:
    """The parcels in links to ShipStation's page."""
    seen = set()
    for link in unwrapped.links(mail):
        number = clean_text(link.query.get("tracking_number", ""), _LONGEST_NUMBER) if _is_page(link) else ""
        if any(character.isdigit() for character in number) and number not in seen:
            seen.add(number)
            found = Found(number, "html link", f"link to {_PAGE}", "tracking_number")
            key = in_slot(number, link.query.get("carrier_code"))[1]
            yield Tracked(found, found.but(key) if key else None)


def _reference(mail: Mail, lines: tuple[str, ...]) -> Found[tuple[Number, ...]] | None:
    """The shop's number for the order: `SO-10042` of `SO-10042, #1` in the link, else of the text."""
    pages = (link for link in unwrapped.links(mail) if _is_page(link))
    coded = next(filter(None, (link.query.get("order_number") for link in pages)), "")
    name = _decoded(coded).partition(",")[0].strip(" #")
    where = Found(name, "html link", f"link to {_PAGE}", "order_number") if name else in_lines(lines)
    return where.but((Number(where.value, Role.REFERENCE),)) if where else None


def _is_page(link: Href) -> bool:
    return link.host == _PAGE


def _decoded(code: str) -> str:
    try:
        return clean_text(base64.b64decode(code[:200], validate=True).decode(), _LONGEST_NUMBER)
    except ValueError:
        return ""
