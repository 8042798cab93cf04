"""Days and amounts that stand behind their label in a short line."""

from __future__ import annotations

import datetime as dt
import re

from inboxtrack.model import DateRange, Money
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found
from inboxtrack.reading.labels import behind
from inboxtrack.reading.money import find_money

_LONGEST = 60
"""What is longer is a sentence, which may speak of other days and amounts."""


def labelled_days(lines: tuple[str, ...], label: re.Pattern[str], base: dt.date) -> Found[DateRange] | None:
    """The expected days of delivery, as seen from the day `base`."""
    for text, value in behind(lines, label):
        days = find_days(value, base) if len(text) < _LONGEST else None
        if days:
            return Found(days, "text", text, "label of the expected delivery")
    return None


def labelled_total(lines: tuple[str, ...], label: re.Pattern[str], dollar: str | None = None) -> Found[Money] | None:
    """The total of an order. A bare `$` counts as `dollar`."""
    for text, value in behind(lines, label):
        money = find_money(value, dollar) if len(value) < _LONGEST else None
        if money:
            return Found(money, "text", text, "label of the total")
    return None
