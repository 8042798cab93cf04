"""Days of delivery as they are printed, without a clock: `base` is the day of the mail.

`30/08/2024`, `2026-03-08`, `Mar 8 - 15`, `8.–15. März`, `10 de marzo`, `3월 10일`, `tomorrow`, `Friday`.
Month and weekday names come from the Unicode CLDR (through Babel).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from inboxtrack.model import DateRange

_LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "tr", "ro", "hu")
_TODAY = (
    r"today|heute|hoy|aujourd['’]hui|oggi|vandaag|hoje|dzisiaj|dziś|idag|i dag|dnes|tänään|ma(?=\s\d)|a mai napon|azi|"
    r"astăzi|danas|danes|šiandien|šodien|täna|bugün|σήμερα|сьогодні"
)
_TOMORROW = (
    r"tomorrow|morgen|mañana|demain|domani|amanhã|jutro|imorgon|i morgon|i morgen|zítra|zajtra|huomenna|holnap|mâine|"
    r"sutra|rytoj|rīt|yarın|αύριο|завтра"
)
_RELATIVE = ((0, _TODAY, "本日|今日|오늘|今天"), (1, _TOMORROW, "明日|내일|明天"))
"""Days from the mail's own: as words, and as words of scripts that write no blanks between them."""
_WEEKDAY_BEFORE = re.compile(r"(?!per\s)(?<!\w)(?:([^\W\d_]{3,14})[.,]{0,2}|([^\W\d_]{2})[.,]{1,2})\s$")
"""Bare, the names of two letters are prepositions elsewhere ("to", "di", "do", "la"), and so is Turkish "Per"."""
_UNTIL_WEEKDAY = r"\s?(?:-|–|to|through|bis|au?|al?|do|tot|t/m|till|til)\s?"
_BACK, _AHEAD = dt.timedelta(days=30), dt.timedelta(days=200)
_JOINT = re.compile(
    r"[\s,.]*(?:-|–|—|~|\bto\b|\band\b|bis|und|\bal?\b|\bau\b|\bet\b|\be\b|\by\b|\bog\b|\bdo\b|tot)\s*(?:\w{2,12}[.,]*\s+)?",
    re.I,
)


def find_days(text: str, base: dt.date, day_first: bool | None = None) -> DateRange | None:
    """The first day or range of days in a text; None when there is none or it cannot be told which it is.

    `day_first` says how `05/06/2026` is meant; None takes it only where one reading alone is near `base`.
    Days more than 30 days before or 200 after `base` are no days of delivery and are passed over.
    """
    hits = list(_hits(text[:2_000], base, day_first))
    if not hits:
        return relative_day(text, base) or _weekday(text, base)
    first, last = hits[0][2], hits[0][3]
    for (_, end, _, _), (start, _, _, later) in list(pairwise(hits))[:1]:
        if _JOINT.fullmatch(text[end:start]):
            last = later
    return DateRange(first, last) if first <= last else DateRange(first, first)


def _hits(text: str, base: dt.date, day_first: bool | None) -> Iterator[tuple[int, int, dt.date, dt.date]]:
    """(start, end, first day, last day) of each date in a text, from left to right."""
    for hit in _pattern().finditer(text.casefold()):
        days = [day for day in _days(hit, base, day_first) if base - _BACK <= day <= base + _AHEAD]
        if days:
            yield hit.start(), hit.end(), days[0], days[-1]


def _days(hit: re.Match[str], base: dt.date, day_first: bool | None) -> list[dt.date]:
    """The day of a date, or the two of a range inside one month (`8 - 15 March`)."""
    part = {re.sub(r"\d$", "", name): value for name, value in hit.groupdict().items() if value}
    if "a" in part:
        order = _order(part["sep"], day_first)
        found = _numeric(int(part["a"]), int(part["b"]), part.get("y"), base, order, _weekdays_before(hit))
        return [found] if found else []
    month = int(part["m"]) if "m" in part else _months()[part["name"]]
    numbers = [int(part[name]) for name in ("d", "until") if name in part]
    return [day for day in (_date(part.get("y"), month, number, base) for number in numbers) if day]


def _order(separator: str, day_first: bool | None) -> bool | None:
    return True if separator == "." else day_first


def _numeric(
    a: int, b: int, year: str | None, base: dt.date, day_first: bool | None, weekdays: frozenset[int]
) -> dt.date | None:
    """`a/b` as day and month. Unless `day_first` tells, the one reading that is possible and near `base` counts; of
    two, the one on the weekday that stands before it (`Fri 03/06/2026`)."""
    readings = {order: _date(year, month, day, base) for order, month, day in ((True, b, a), (False, a, b))}
    near = {day for day in readings.values() if day and base - _BACK <= day <= base + _AHEAD}
    if day_first is not None and readings[day_first]:
        return readings[day_first]
    if len(near) > 1:
        near = {day for day in near if day.weekday() in weekdays}
    return near.pop() if len(near) == 1 else None


def _weekdays_before(hit: re.Match[str]) -> frozenset[int]:
    """What the word right before a date may mean as a weekday's name, in any language."""
    word = _WEEKDAY_BEFORE.search(hit.string[max(0, hit.start() - 18) : hit.start()])
    return _short_weekdays().get(word[1] or word[2], frozenset()) if word else frozenset()


def _date(year: str | None, month: int, day: int, base: dt.date) -> dt.date | None:
    """A date; without a year the one nearest to `base`. None for the 31st of February."""
    years = [int(year) + (2000 if len(year) == 2 else 0)] if year else [base.year - 1, base.year, base.year + 1]
    dates = []
    for candidate in years:
        try:
            dates.append(dt.date(candidate, month, day))
        except ValueError:
            continue
    return min(dates, key=lambda date: abs(date - base), default=None)


def relative_day(text: str, base: dt.date) -> DateRange | None:
    """The day that a word such as `today` names; None without one."""
    for days, words, glued in _RELATIVE:
        if re.search(rf"(?<!\w)(?:{words})(?!\w)|{glued}", text, re.I):
            day = base + dt.timedelta(days=days)
            return DateRange(day, day)
    return None


def _weekday(text: str, base: dt.date) -> DateRange | None:
    """The next day of a weekday's name, `base` itself included; None for opening hours ("Monday to Friday")."""
    names = "|".join(map(re.escape, _weekdays()))
    hit = re.search(rf"(?<!\w)(?P<name>{names})(?!\w)(?P<until>{_UNTIL_WEEKDAY}(?:{names})(?!\w))?", text.casefold())
    if not hit or hit["until"]:
        return None
    day = base + dt.timedelta(days=(_weekdays()[hit["name"]] - base.weekday()) % 7)
    return DateRange(day, day)


@cache
def _pattern() -> re.Pattern[str]:
    """Every way to write a date; the groups' last digit only keeps them apart."""
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    day, ordinal = r"(?P<d{0}>[0-3]?\d)", r"(?:st|nd|rd|th|er|\.|º|ª)?"
    both = r"(?:et(?: le)?|y(?: el)?|e(?: il)?|and(?: the)?|und(?: dem)?|en|og|och)\s(?:[^\W\d_]{{4,12}},?\s)?"
    dash = rf"(?:\s?(?:-|–|—|to|bis|al?|au)\s?|\s{both})"
    until = rf"(?:{dash}(?P<until{{0}}>[0-3]?\d){ordinal}(?!\d))?"
    year = r"(?:[\s,.-]{{1,2}}(?:de[l]?\s)?(?P<y{0}>20\d\d))?"
    return re.compile(
        r"(?<![\w/])(?:"
        r"(?P<y1>20\d\d)(?P<iso>[-/.])(?P<m1>[01]?\d)(?P=iso)(?P<d1>[0-3]?\d)(?!\d|-\d)"
        r"|(?:(?P<y2>20\d\d)\s?[年년]\s?)?(?P<m2>[01]?\d)\s?[月월]\s?(?P<d2>[0-3]?\d)\s?[日일]"
        r"|(?P<a>[0-3]?\d)(?P<sep>[./-])(?P<b>[0-3]?\d)(?:(?P=sep)(?P<y3>20\d\d|\d\d)|\.)(?![\d/-])"
        rf"|{day.format(4)}{ordinal}{until.format(4)}[\s-]?(?:de\s|of\s)?(?P<name4>{names})(?!\w)\.?{year.format(4)}"
        rf"|(?P<name5>{names})\.?\s{day.format(5)}{ordinal}(?!\d){until.format(5)}{year.format(5)}"
        r")"
    )


@cache
def _months() -> dict[str, int]:
    """Month names and abbreviations of every language, in lower case without a final dot."""
    return {name: month for month, name in _names("months") if len(name) > 2 and not name.isdigit()}


@cache
def _weekdays() -> dict[str, int]:
    """Full weekday names of every language, in lower case; Monday is 0."""
    return {name: day for day, name in _names("days") if len(name) > 4}


@cache
def _short_weekdays() -> dict[str, frozenset[int]]:
    """Weekday names and their abbreviations, in lower case; some mean two days in two languages."""
    named = tuple(_names("days"))
    return {name: frozenset(day for day, other in named if other == name) for _, name in named}


def _names(kind: str) -> Iterator[tuple[int, str]]:
    from babel import Locale

    for language in _LANGUAGES:
        for context in getattr(Locale(language), kind).values():
            for width in ("abbreviated", "wide"):
                for number, name in context.get(width, {}).items():
                    yield number, name.casefold().rstrip(".")
