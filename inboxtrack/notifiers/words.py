"""Days, money and names as people write them in their language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from inboxtrack.model import DateRange, Item, Money
from inboxtrack.notifiers.sizes import shorten
from inboxtrack.notifiers.texts import catalogue

if TYPE_CHECKING:
    from babel import Locale

NAME_LENGTH = 40
_TITLES = 2
_WORDS_OF_TITLE = 24
_WEEK = 6


@cache
def locale_of(language: str) -> Locale:
    """The Babel locale of "de" or "de_AT"; English for one that Babel does not know."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def long_day(language: str, day: dt.date) -> str:
    """A day inside a sentence: "5. März 2026"."""
    from babel.dates import format_date

    return format_date(day, "long", locale_of(language))


_SHOWN_AS = {("delivered", "neighbour"): "with_neighbour", ("returning", "return_approved"): "return_approved"}
"""Steps that a reason makes another one for people: where to look for a parcel, what to do for a return."""

_SAYS_NOTHING = frozenset({"other", "unknown_step", "unknown_status"})


def shown_as(stage: str, reason: str | None) -> str:
    """What a step is called in the templates."""
    return _SHOWN_AS.get((stage, reason or ""), stage)


@dataclass(frozen=True, slots=True)
class Words:
    """How to write values for one reader at one moment. `now` is aware."""

    language: str
    zone: dt.tzinfo
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The reader's date."""
        return self.now.astimezone(self.zone).date()

    def day(self, day: dt.date) -> str:
        """ "today", "tomorrow" or "Thu, Mar 5", with the year when it is another one."""
        from babel.dates import format_date, format_skeleton

        _ = catalogue(self.language).gettext
        near = {0: _("today"), 1: _("tomorrow")}.get((day - self.today).days)
        if near:
            return near
        locale = locale_of(self.language)
        if day.year != self.today.year:
            return format_date(day, "medium", locale)
        return str(format_skeleton("MMMEd", day, locale=locale))

    def day_of(self, moment: dt.datetime) -> str:
        """The reader's day of a moment."""
        return self.day(moment.astimezone(self.zone).date())

    def days(self, span: DateRange | None) -> str | None:
        """ "tomorrow" or "Mar 8 – 15"; None for no days, and for days that have passed."""
        from babel.dates import format_interval

        if span is None or span.last < self.today:
            return None
        first = max(span.first, self.today)
        if first == span.last:
            return self.day(first)
        skeleton = "MMMd" if span.last.year == self.today.year else "yMMMd"
        return str(format_interval(first, span.last, skeleton, locale=locale_of(self.language)))

    def moment(self, moment: dt.datetime) -> str:
        """ "07:00" of today, "Mon 07:00" of the last days, else with the date."""
        from babel.dates import format_skeleton

        local = moment.astimezone(self.zone)
        age = (self.today - local.date()).days
        skeleton = "Hm" if age == 0 else "EHm" if 0 < age <= _WEEK else "MMMdHm"
        return str(format_skeleton(skeleton, local.replace(tzinfo=None), locale=locale_of(self.language)))

    def money(self, money: Money | None) -> str | None:
        """An amount in its currency."""
        from babel.numbers import format_currency

        return str(format_currency(money.amount, money.currency, locale=locale_of(self.language))) if money else None

    def todo(self, what: str, until: dt.date, check: str) -> dict[str, object]:
        """A deadline as the values of `todo` in `words.j2`."""
        return {"what": what, "until": self.day(until), "today": until == self.today, "check": check}

    def reason(self, reason: str | None) -> str | None:
        """A reason as words: "wrong address"; None where it says nothing."""
        if not reason or reason in _SAYS_NOTHING:
            return None
        return catalogue(self.language).gettext(reason.replace("_", " "))

    def first_item(self, items: Sequence[Item]) -> str | None:
        """A few words of the first title, and how many titles follow: enough to know the order by."""
        if not items:
            return None
        more = f" +{len(items) - 1}" if len(items) > 1 else ""
        return f"{shorten(items[0].title, _WORDS_OF_TITLE)}{more}"

    def items(self, items: Sequence[Item]) -> str | None:
        """The first titles, and how many more there are."""
        if not items:
            return None
        titles = [shorten(i.title, NAME_LENGTH) + (f" ×{i.quantity}" if i.quantity > 1 else "") for i in items]
        rest = [f"+{len(titles) - _TITLES}"] if len(titles) > _TITLES else []
        return ", ".join(titles[:_TITLES] + rest)
