"""Mails of Amazon for the tests, of one line a paragraph."""

from __future__ import annotations

from inboxtrack.model import Reading
from tests.marketplace_mail import reading_of

ORDER, OTHER = "114-5550123-7788901", "114-5550123-7788902"
TRACKER = "https://www.amazon.com/progress-tracker/package?orderId={order}&shipmentId={shipment}&packageIndex={index}"


def reading(subject: str, *lines: str, sender: str = "auto-confirm@amazon.com", day: int = 3) -> Reading:
    return reading_of(f"Amazon <{sender}>", subject, lines, day)


def link(shipment: str, order: str = ORDER, index: int = 0) -> str:
    url = TRACKER.format(order=order, shipment=shipment, index=index)
    return f'<a href="{url.replace("&", "&amp;")}">Track package</a>'
