"""Mails of Amazon for the tests, of one line a paragraph."""

from __future__ import annotations

from inboxtrack.model import Fact, Reading
from inboxtrack.reader import Context, read

ORDER, OTHER = "114-5550123-7788901", "114-5550123-7788902"
TRACKER = "https://www.amazon.com/progress-tracker/package?orderId={order}&shipmentId={shipment}&packageIndex={index}"


def reading(subject: str, *lines: str, sender: str = "auto-confirm@amazon.com", day: int = 3) -> Reading:
    head = f"From: Amazon <{sender}>\r\nSubject: {subject}\r\nDate: {day:02} Mar 2026 10:00:00 +0000\r\n"
    body = "".join(f"<p>{line}</p>" for line in lines)
    return read((head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + body).encode(), Context())


def link(shipment: str, order: str = ORDER, index: int = 0) -> str:
    url = TRACKER.format(order=order, shipment=shipment, index=index)
    return f'<a href="{url.replace("&", "&amp;")}">Track package</a>'


def only(found: Reading) -> Fact:
    (fact,) = found.facts
    return fact
