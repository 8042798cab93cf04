"""A statement as the values its sentence is written from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from inboxtrack.model import DateRange, News, NewsKind, Trust
from inboxtrack.notifiers.sizes import shorten
from inboxtrack.notifiers.statements import Line, Statement, step
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.troubles import in_language, without_codes, without_mailbox
from inboxtrack.notifiers.words import NAME_LENGTH, Words
from inboxtrack.orders import PROVISIONAL
from inboxtrack.overview import Deadline, OrderView, ParcelView
from inboxtrack.views import Views

Values = Mapping[str, object]
FULL, BRIEF, SHOP_ONLY = range(3)
"""How long a line is: with hints, without, and without the order's number."""

_ADVISED = frozenset({NewsKind.STALLED, NewsKind.DELAY, NewsKind.REFUND, NewsKind.READY_FOR_PICKUP})


def parcels_of(line: Iterable[News], views: Views) -> list[ParcelView]:
    """The parcels that news is about, each once; the only one of an order where that alone is named."""
    found = [parcel for one in line if (parcel := _parcel_of(one, views))]
    return list({parcel.parcel.id: parcel for parcel in found}.values())


def _parcel_of(news: News, views: Views) -> ParcelView | None:
    if news.parcel:
        return views.parcels.get(news.parcel)
    shown = [parcel for order in views.about(news) for parcel in order.parcels]
    return shown[0] if len(shown) == 1 else None


def link_of(line: Line, views: Views) -> tuple[str, str | None] | None:
    """The page of its parcel with the carrier's name, else the shop's orders; none for what nobody vouches for."""
    first = line[0][0]
    if first.trust is not Trust.VERIFIED or first.kind is NewsKind.IMITATION:
        return None
    for parcel in parcels_of(line[0], views):
        if parcel.link:
            return parcel.link, parcel.carrier_name
    return next(((order.link, None) for order in views.about(first) if order.link), None)


def advice_of(line: Line, views: Views) -> str | None:
    """What to do next, where there is news of a kind that asks for it."""
    asking = (one[0] for one in line if one[0].kind in _ADVISED or one[0].kind is NewsKind.PROBLEM)
    return next((order.advice for one in asking for order in views.about(one) if order.advice), None)


def items_of(news: News, views: Views, words: Words) -> str | None:
    """The titles of the orders' items."""
    return words.items([item for order in views.about(news) for item in order.order.items])


def news_values(
    statement: Statement, views: Views, words: Words, length: int, after: Statement | None = None
) -> Values:
    """The values of `news_line.j2`; the hints are None where the line is to be short.

    A statement `after` another of its line goes without what that has said: what it is about, and who carries it.
    """
    news, hints = statement[0], _hints(statement, views, words)
    data = dict(news.data)
    if after and parcels_of(after, views) == parcels_of(statement, views):
        hints["carrier"] = None
    if length != FULL:
        hints = dict.fromkeys(hints)
    return hints | {
        "who": "" if after else who(news, views, words, length),
        "kind": news.kind.value,
        "what": step(news),
        "detail": _detail(news, data.get("mailbox", ""), words),
        "mailbox": data.get("mailbox"),
        "trouble": data.get("trouble"),
        "unverified": not after and news.trust is not Trust.VERIFIED and bool(news.orders or news.parcel),
        "todo": _todo(news, views, words),
        "until": words.day(until) if (until := _until(news)) else None,
    }


def _hints(statement: Statement, views: Views, words: Words) -> dict[str, object]:
    news = statement[0]
    about, parcels = views.about(news), parcels_of(statement, views)
    order = about[0].order if len(about) == 1 else None
    refund = order.refund if order else None
    since = dict(news.data).get("quiet_since")
    done, all_parcels = _share(statement, about)
    return {
        "carrier": ", ".join(dict.fromkeys(one.carrier_name for one in parcels if one.carrier_name)) or None,
        "eta": words.days(_expected(parcels) or (order.eta if order and len(parcels) < 2 else None)),
        "reason": words.reason(news.detail) if news.kind not in _ADVISED else None,
        "total": words.money(order.total) if order else None,
        "amount": words.money(refund.amount) if refund else None,
        "since": words.day_of(dt.datetime.fromisoformat(since)) if since else None,
        "item_count": sum(item.quantity for item in order.items) if order else 0,
        "done": done,
        "parcels": all_parcels,
    }


def _expected(parcels: list[ParcelView]) -> DateRange | None:
    """The days of delivery that hold for all."""
    days = {parcel.parcel.eta for parcel in parcels}
    return days.pop() if len(days) == 1 else None


def _share(statement: Statement, about: tuple[OrderView, ...]) -> tuple[int, int | None]:
    """How many of how many parcels the statement is about; None for orders of one parcel."""
    told = {one.parcel for one in statement if one.parcel}
    if len(about) != 1 or not told or len(about[0].parcels) < 2:
        return 0, None
    is_delivery = statement[0].kind is NewsKind.DELIVERED
    return about[0].delivered if is_delivery else len(told), len(about[0].parcels)


def who(news: News, views: Views, words: Words, length: int) -> str:
    """What the news is about: the shop with the order's number, or with how many orders; else the parcel."""
    if news.kind is NewsKind.IMITATION:
        return shop_of(news, views)
    if not news.orders:
        return parcel_name(_number(news, views), words)
    if news.orders[0][0] == PROVISIONAL:
        return parcel_name(news.orders[0][1], words)
    shop = shop_of(news, views)
    if length == SHOP_ONLY:
        return _orders_of(shop, len(news.orders), words)
    if len(news.orders) == 1:
        return f"{shop} {news.orders[0][1]}"
    return f"{shop} ({_orders(len(news.orders), words)})"


def shop_of(news: News, views: Views) -> str:
    """What people call the shop that the news is about, or that a mail imitates."""
    imitated = dict(news.data).get("imitates")
    if imitated:
        return shorten(_shop_name(imitated, views), NAME_LENGTH)
    about = views.about(news)
    return shorten(about[0].retailer_name if about else news.orders[0][0], NAME_LENGTH) if news.orders else ""


def _detail(news: News, mailbox: str, words: Words) -> str:
    """The reason as it was given; trouble in the reader's language."""
    detail = news.detail or ""
    if news.kind is not NewsKind.MAILBOX:
        return detail
    return without_codes(in_language(without_mailbox(detail, mailbox), words.language))


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


def _orders_of(shop: str, count: int, words: Words) -> str:
    """What a title calls orders that it does not name one by one."""
    ngettext = catalogue(words.language).ngettext
    return ngettext("%(shop)s order", "%(count)d %(shop)s orders", count) % {"shop": shop, "count": count}


def _number(news: News, views: Views) -> str:
    parcel = views.parcels.get(news.parcel or "")
    return parcel.parcel.tracking if parcel else (news.parcel or "").partition("~")[0]


def _deadline(news: News, views: Views) -> Deadline | None:
    policy = dict(news.data).get("policy")
    found = (deadline for order in views.about(news) for deadline in order.deadlines if deadline.policy == policy)
    return next(found, None)


def _todo(news: News, views: Views, words: Words) -> Values | None:
    deadline, until = _deadline(news, views), _until(news)
    return words.todo(deadline.what, until, deadline.check) if deadline and until else None


def _until(news: News) -> dt.date | None:
    until = dict(news.data).get("until")
    return dt.date.fromisoformat(until) if until else None
