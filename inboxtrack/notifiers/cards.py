"""The cards of a mail: one for each order or piece of news, and the lines on how everything is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.model import News, NewsKind
from inboxtrack.notifiers.news_values import advice_of, items_of, link_of, parcel_of
from inboxtrack.notifiers.order_values import card_values, page, tone
from inboxtrack.notifiers.troubles import in_language, without_mailbox
from inboxtrack.notifiers.words import Words
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView, Views

MOST = 60
"""More cards make a mail that providers cut (Gmail at 102 kB)."""

LinkText = Callable[[str | None], str]
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
        link_text=link_text(carrier),
    )


def of_news(news: News, views: Views, words: Words, line: str, link_text: LinkText) -> Card:
    """The card of a piece of news."""
    parcel, link = parcel_of(news, views), link_of(news, views)
    carrier = parcel.carrier_name if parcel and parcel.link == link else None
    numbers = [parcel.parcel.tracking] if parcel else []
    small = [items_of(news, views, words), " ".join(filter(None, [carrier, *numbers]))]
    return Card(
        line=line,
        headline=line,
        status="",
        tone=_TONES.get(news.kind, "calm"),
        small=tuple(text for text in small if text),
        advice=advice_of(news, views),
        link=link,
        link_text=link_text(carrier),
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
