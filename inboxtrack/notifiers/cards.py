"""The cards of a mail: one for each order or piece of news, and the lines on how everything is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.channel import MAILBOX_WELL
from inboxtrack.model import NewsKind
from inboxtrack.notifiers.news_values import advice_of, items_of, link_of, parcels_of, shop_of
from inboxtrack.notifiers.order_values import card_values, page, tone
from inboxtrack.notifiers.statements import Line
from inboxtrack.notifiers.troubles import in_language, without_mailbox
from inboxtrack.notifiers.words import Words
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView, Views

MOST = 60
"""More cards make a mail that providers cut (Gmail at 102 kB)."""

LinkText = Callable[[str | None, str], str]
_TONES = {
    NewsKind.PROBLEM: "bad",
    NewsKind.IMITATION: "bad",
    NewsKind.MAILBOX: "bad",
    NewsKind.DEADLINE: "look",
    NewsKind.READY_FOR_PICKUP: "look",
    NewsKind.DELAY: "look",
    NewsKind.STALLED: "look",
    NewsKind.OUT_FOR_DELIVERY: "good",
    NewsKind.DELIVERED: "good",
}

details = card_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a mail shows of one order: `line` in the text part, the rest in the HTML part."""

    line: str
    headline: str
    status: str
    tone: str
    small: tuple[str, ...]
    advice: str | None
    link: str | None
    link_text: str


def of_order(view: OrderView, who: str, status: str, small: tuple[str, ...], link_text: LinkText) -> Card:
    """The card of an order in a digest."""
    link, carrier = page(view) or (None, None)
    return Card(
        line=f"{who}: {status}",
        headline=who,
        status=status,
        tone=tone(view),
        small=small,
        advice=view.advice,
        link=link,
        link_text=link_text(carrier, view.retailer_name),
    )


def of_news(line: Line, views: Views, words: Words, text: str, link_text: LinkText) -> Card:
    """The card of a line of news, written as `text`."""
    news = line[0][0]
    link, carrier = link_of(line, views) or (None, None)
    parcels = parcels_of((one for statement in line for one in statement), views)
    numbers = [" ".join(filter(None, [shown.carrier_name, shown.parcel.tracking])) for shown in parcels]
    return Card(
        line=text,
        headline=text,
        status="",
        tone="good" if news.what == MAILBOX_WELL else _TONES.get(news.kind, "calm"),
        small=tuple(filter(None, [items_of(news, views, words), *numbers])),
        advice=advice_of(line, views),
        link=link,
        link_text=link_text(carrier, shop_of(news, views)),
    )


def health(digest: DigestView, words: Words) -> dict[str, object]:
    """The values of `health.j2`. The mailboxes are fine when each was read and none is in trouble."""
    troubled = [box for box in digest.mailboxes if box.trouble]
    read = [box.last_read for box in digest.mailboxes if box.last_read]
    return {
        "troubled": [
            {
                "name": box.name,
                "trouble": in_language(without_mailbox(box.trouble or "", box.name), words.language),
                "last_read": words.moment(box.last_read) if box.last_read else None,
            }
            for box in troubled
        ],
        "fine": bool(read) and not troubled and len(read) == len(digest.mailboxes),
        "read_at": words.moment(min(read)) if read else "",
        "undelivered": digest.undelivered,
        "endings": [
            {"name": in_language(ending.name, words.language), "until": words.day(ending.until)}
            for ending in digest.endings
        ],
        "unread": digest.unread,
        "unchanged": digest.unchanged,
    }
