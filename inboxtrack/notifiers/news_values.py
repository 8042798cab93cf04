"""One piece of news as the values its line is written from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from inboxtrack.model import News, NewsKind, Trust
from inboxtrack.notifiers.sizes import shorten
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.troubles import in_language, without_mailbox
from inboxtrack.notifiers.words import NAME_LENGTH, Words
from inboxtrack.orders import PROVISIONAL
from inboxtrack.overview import OrderView, ParcelView
from inboxtrack.views import Views

Values = Mapping[str, object]
FULL, BRIEF, SHOP_ONLY = range(3)
"""How long a line is: with hints, without, and without the order's number."""

IMPORTANCE = (
    NewsKind.IMITATION,
    NewsKind.PROBLEM,
    NewsKind.DEADLINE,
    NewsKind.READY_FOR_PICKUP,
    NewsKind.CORRECTION,
    NewsKind.OUT_FOR_DELIVERY,
    NewsKind.DELIVERED,
    NewsKind.MAILBOX,
    NewsKind.CANCELLED,
    NewsKind.RETURN,
    NewsKind.DELAY,
    NewsKind.STALLED,
    NewsKind.REFUND,
    NewsKind.SHIPPED,
    NewsKind.PLACED,
    NewsKind.SUMMARY,
)
"""What is told first, and left out last."""

_STEPS = (
    NewsKind.PLACED,
    NewsKind.SHIPPED,
    NewsKind.OUT_FOR_DELIVERY,
    NewsKind.READY_FOR_PICKUP,
    NewsKind.DELIVERED,
)
_ADVISED = frozenset({NewsKind.STALLED, NewsKind.DELAY, NewsKind.REFUND, NewsKind.READY_FOR_PICKUP})


def worth_telling(news: tuple[News, ...]) -> tuple[News, ...]:
    """The news that no later step of the same parcel has overtaken, the most important first."""
    kept = [one for one in news if not any(_overtakes(other, one) for other in news)]
    return tuple(sorted(kept, key=lambda one: (IMPORTANCE.index(one.kind), one.at)))


def _overtakes(later: News, one: News) -> bool:
    if one.kind not in _STEPS or later.kind not in _STEPS:
        return False
    return (
        _STEPS.index(later.kind) > _STEPS.index(one.kind)
        and (later.trust is Trust.VERIFIED or one.trust is not Trust.VERIFIED)
        and one.parcel in (None, later.parcel)
        and bool(one.orders)
        and set(one.orders) <= set(later.orders)
    )


def parcel_of(news: News, views: Views) -> ParcelView | None:
    """The parcel that the news is about, or the only one of its order."""
    if news.parcel:
        return views.parcels.get(news.parcel)
    shown = [parcel for order in views.about(news) for parcel in order.parcels]
    return shown[0] if len(shown) == 1 else None


def link_of(news: News, views: Views) -> str | None:
    """The carrier's page of its parcel, else the shop's list of orders; none for what nobody vouches for."""
    if news.trust is not Trust.VERIFIED or news.kind is NewsKind.IMITATION:
        return None
    parcel = parcel_of(news, views)
    about = views.about(news)
    return (parcel.link if parcel else None) or next((order.link for order in about if order.link), None)


def advice_of(news: News, views: Views) -> str | None:
    """What to do next, where the news is of the kind that asks for it."""
    if news.kind in _ADVISED or news.kind is NewsKind.PROBLEM:
        return next((order.advice for order in views.about(news) if order.advice), None)
    return None


def items_of(news: News, views: Views, words: Words) -> str | None:
    """The titles of the orders' items."""
    return words.items([item for order in views.about(news) for item in order.order.items])


def news_values(news: News, views: Views, words: Words, length: int) -> Values:
    """The values of `news_line.j2`; the hints are None where the line is to be short."""
    hints, data = _hints(news, views, words), dict(news.data)
    if length != FULL:
        hints = dict.fromkeys(hints)
    return hints | {
        "who": who(news, views, words, length),
        "kind": news.kind.value,
        "what": news.what,
        "detail": _detail(news, data.get("mailbox", ""), words),
        "mailbox": data.get("mailbox"),
        "unverified": news.trust is not Trust.VERIFIED and bool(news.orders or news.parcel),
        "deadline": _deadline(news, views),
        "until": _until(news, words),
    }


def _hints(news: News, views: Views, words: Words) -> dict[str, object]:
    about, parcel = views.about(news), parcel_of(news, views)
    order = about[0].order if len(about) == 1 else None
    refund = order.refund if order else None
    days = (parcel.parcel.eta if parcel else None) or (order.eta if order else None)
    since = dict(news.data).get("quiet_since")
    done, all_parcels = _share(news, about)
    return {
        "carrier": parcel.carrier_name if parcel else None,
        "eta": words.days(days),
        "reason": news.detail.replace("_", " ") if news.detail and news.kind not in _ADVISED else None,
        "total": words.money(order.total) if order else None,
        "amount": words.money(refund.amount) if refund else None,
        "since": words.day_of(dt.datetime.fromisoformat(since)) if since else None,
        "item_count": sum(item.quantity for item in order.items) if order else 0,
        "done": done,
        "parcels": all_parcels,
    }


def _share(news: News, about: tuple[OrderView, ...]) -> tuple[int, int | None]:
    """How many of how many parcels the news is about; None for orders of one parcel."""
    if len(about) != 1 or not news.parcel or len(about[0].parcels) < 2:
        return 0, None
    return about[0].delivered if news.kind is NewsKind.DELIVERED else 1, len(about[0].parcels)


def who(news: News, views: Views, words: Words, length: int) -> str:
    """What the news is about: the shop with the order's number, or with how many orders; else the parcel."""
    imitated = dict(news.data).get("imitates")
    if imitated:
        return shorten(_shop_name(imitated, views), NAME_LENGTH)
    if not news.orders:
        return parcel_name(_number(news, views), words)
    about = views.about(news)
    shop = shorten(about[0].retailer_name if about else news.orders[0][0], NAME_LENGTH)
    if news.orders[0][0] == PROVISIONAL:
        return parcel_name(news.orders[0][1], words)
    if len(news.orders) == 1:
        return shop if length == SHOP_ONLY else f"{shop} {news.orders[0][1]}"
    return f"{shop} ({_orders(len(news.orders), words)})"


def _detail(news: News, mailbox: str, words: Words) -> str:
    """The reason as it was given; trouble in the reader's language."""
    detail = news.detail or ""
    return in_language(without_mailbox(detail, mailbox), words.language) if news.kind is NewsKind.MAILBOX else detail


def _shop_name(retailer: str, views: Views) -> str:
    """What people call a retailer: as in its orders, else its key as a name."""
    names = (view.retailer_name for view in views.orders.values() if view.order.retailer == retailer)
    return next(names, retailer.replace("_", " ").title())


def parcel_name(number: str, words: Words) -> str:
    """What a parcel is called whose order is not known yet."""
    _ = catalogue(words.language).gettext
    parcel = _("Parcel")
    return f"{parcel} {number}"


def _orders(count: int, words: Words) -> str:
    ngettext = catalogue(words.language).ngettext
    return ngettext("%d order", "%d orders", count) % count


def _number(news: News, views: Views) -> str:
    parcel = views.parcels.get(news.parcel or "")
    return parcel.parcel.tracking if parcel else (news.parcel or "").partition("~")[0]


def _deadline(news: News, views: Views) -> str | None:
    policy = dict(news.data).get("policy")
    found = (deadline.what for order in views.about(news) for deadline in order.deadlines if deadline.policy == policy)
    return next(found, None)


def _until(news: News, words: Words) -> str | None:
    until = dict(news.data).get("until")
    return words.day(dt.date.fromisoformat(until)) if until else None
