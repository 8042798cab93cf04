"""What is said together: a line for each order, and in it a statement for each step of its parcels."""

from __future__ import annotations

from collections.abc import Iterable

from inboxtrack.channel import MAILBOX_WELL
from inboxtrack.model import News, NewsKind, Trust
from inboxtrack.notifiers.words import shown_as

Statement = tuple[News, ...]
"""The same step of one or more parcels of the same orders."""
Line = tuple[Statement, ...]
"""All that is said of the same orders, or of the same parcel."""

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
_ALONE = frozenset({NewsKind.IMITATION, NewsKind.DEADLINE, NewsKind.CORRECTION, NewsKind.MAILBOX})
"""News that always has a line of its own."""


def lines(news: Iterable[News]) -> tuple[Line, ...]:
    """The lines of a message, the most important first."""
    statements: dict[tuple[object, ...], list[News]] = {}
    for one in worth_telling(tuple(news)):
        statements.setdefault((*_subject(one), step(one)), []).append(one)
    found: dict[tuple[object, ...], list[Statement]] = {}
    for (*subject, _), together in statements.items():
        found.setdefault(tuple(subject), []).append(tuple(together))
    return tuple(map(tuple, found.values()))


def step(news: News) -> str:
    """What has happened, as one says it: a later day is a delay, whatever day it is."""
    is_later = news.kind is NewsKind.DELAY and news.what != "overdue"
    return "delayed" if is_later else shown_as(news.what, news.detail)


def _subject(news: News) -> tuple[object, ...]:
    own = news.keys if news.kind in _ALONE else ()
    return news.orders or news.parcel, news.trust, own


def worth_telling(news: tuple[News, ...]) -> tuple[News, ...]:
    """The news that nothing later has overtaken (a step of its parcel, the end of trouble), the weightiest first."""
    kept = [one for one in news if not any(_overtakes(other, one) for other in news)]
    return tuple(sorted(kept, key=lambda one: (IMPORTANCE.index(one.kind), one.at)))


def _overtakes(later: News, one: News) -> bool:
    if later.what == MAILBOX_WELL:
        return one.at < later.at and one.kind is NewsKind.MAILBOX and _mailbox(one) == _mailbox(later)
    if one.kind not in _STEPS or later.kind not in _STEPS:
        return False
    return (
        _STEPS.index(later.kind) > _STEPS.index(one.kind)
        and (later.trust is Trust.VERIFIED or one.trust is not Trust.VERIFIED)
        and one.parcel in (None, later.parcel)
        and bool(one.orders)
        and set(one.orders) <= set(later.orders)
    )


def _mailbox(news: News) -> str | None:
    return dict(news.data).get("mailbox")
