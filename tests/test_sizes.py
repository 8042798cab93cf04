"""What fits: SMS segments by the GSM rules, and lists that never cut a number."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxtrack.channel import Form, Limits, Style
from inboxtrack.model import Order, Stage
from inboxtrack.notifiers.gsm import is_gsm, plain, to_gsm
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.sizes import Entry, fit, fits, segments, shorten
from inboxtrack.notifiers.texts import one_line
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView
from tests.samples import BERLIN, HEALTHY, HISMILE, NOW, TROUBLED_DIGEST

SMS = Form(Style.SMS, Limits(0, 160))
ASCII_SMS = replace(SMS, transliterate=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ж" * 66 + "😀" + "ж" * 66, 3),
    ],
)
def test_segments_are_counted_as_they_are_paid(text: str, expected: int) -> None:
    """covers: B10: 160/153 and 70/67; a character of two places does not straddle two parts."""
    assert segments(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Łódź – “ñandú”", 'Lodz - "ñandu"'), ("Çelik ×2 …", "Çelik x2 ..."), ("Привет 12", "?????? 12"), ("٣", "?")],
)
def test_other_letters_become_cheap_ones(text: str, expected: str) -> None:
    """covers: B10"""
    assert to_gsm(text) == expected


@given(st.text())
def test_transliterated_text_is_gsm(text: str) -> None:
    assert is_gsm(to_gsm(text))


@given(st.from_regex("[A-Z0-9#/-]{4,34}", fullmatch=True))
def test_numbers_stay_as_they_are(number: str) -> None:
    assert to_gsm(number) == plain(number) == number


def test_typography_alone_costs_nothing() -> None:
    assert is_gsm(plain("“Mar 8 – 15”…"))


@given(st.text(alphabet="ab 12é-", max_size=60), st.integers(4, 40))
def test_a_short_name_has_whole_numbers_only(name: str, most: int) -> None:
    short = shorten(name, most)
    assert len(short) <= max(most, 1)
    assert set(re.findall("[0-9]+", short)) <= set(re.findall("[0-9]+", name))


HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), st.sampled_from("{%}<>&*_[]1234€😀")
    ),
    min_size=1,
    max_size=200,
)
ORDERS = st.lists(
    st.tuples(HOSTILE, st.from_regex("[A-Z0-9]{4,34}", fullmatch=True), st.sampled_from(list(Stage))),
    min_size=1,
    max_size=40,
)


def view(name: str, number: str, stage: Stage, urgency: int) -> OrderView:
    order = Order(retailer="shop.example", number=number, stage=stage)
    return replace(HISMILE, order=order, retailer_name=name, stage=stage, urgency=urgency, parcels=())


def lines_of(text: str) -> list[str]:
    return text.split("\n")


@settings(max_examples=60)
@given(ORDERS, st.booleans())
def test_an_sms_digest_holds_its_size_and_no_number_is_cut(
    orders: list[tuple[str, str, Stage]], ascii_only: bool
) -> None:
    """covers: B9: three segments, whole numbers, "+N more" right, for hostile names."""
    form = ASCII_SMS if ascii_only else SMS
    shown = tuple(view(name, number, stage, rank) for rank, (name, number, stage) in enumerate(orders))
    body = Renderer("en", BERLIN).digest(DigestView(orders=shown, mailboxes=HEALTHY), form, NOW).body
    assert segments(body) <= 3
    assert is_gsm(body) or not ascii_only
    more = re.search(r"^\+(\d+) more$", body, re.MULTILINE)
    told = len(orders) - int(more[1]) if more else len(orders)
    lines = lines_of(body)[1 : told + 1]
    assert len(lines) == told
    for line, (name, number, _) in zip(lines, orders, strict=False):
        written = to_gsm if ascii_only else plain
        rest = line.removeprefix("! ").removeprefix(one_line(written(shorten(name, 40)))).lstrip()
        assert rest.startswith((f"{number}, ", f"{number}: ", ": ")), line


@pytest.mark.parametrize("count", range(1, 41))
def test_one_to_forty_orders_lose_the_least_urgent(count: int) -> None:
    """The SMS digest of 1 to 40 open orders: what is left out is what is least urgent, and it is counted."""
    numbers = [f"1000{n:04d}" for n in range(count)]
    shown = tuple(view("Corner Books", number, Stage.IN_TRANSIT, 60 + n) for n, number in enumerate(numbers))
    body = Renderer("en", BERLIN).digest(DigestView(orders=shown, mailboxes=HEALTHY), SMS, NOW).body
    told = [number for number in numbers if f"Corner Books {number}" in body]
    assert segments(body) <= 3
    assert told == numbers[: len(told)]
    assert len(told) >= min(count, 9)
    assert (f"+{count - len(told)} more" in body) == (len(told) < count)
    assert "Mailboxes fine, read 06:55" in body


@pytest.mark.parametrize("room", [70, 160, 1000])
@pytest.mark.parametrize("title", [0, 250])
def test_trouble_is_told_even_where_there_is_little_room(room: int, title: int) -> None:
    """covers: B9, B11: a push notice holds the service's size and never drops the first trouble for an order."""
    message = Renderer("en", BERLIN).digest(TROUBLED_DIGEST, Form(Style.PUSH, Limits(title, room)), NOW)
    assert len(message.body.encode()) <= room
    assert len(message.title) <= title
    if room >= 160:
        assert "Mailbox work: the password was refused" in message.body


def test_details_go_before_whole_entries_do() -> None:
    entries = [Entry(f"{n} in full with details", f"{n} in brief", f"{n}") for n in range(3)]
    wide, narrow, tiny = (Form(Style.PUSH, Limits(0, room)) for room in (100, 50, 30))

    def more(count: int) -> str:
        return f"+{count}"

    assert fit("", entries, (), wide, more).count("in full") == 3
    assert fit("", entries, (), narrow, more).splitlines() == ["0 in full with details", "1 in brief", "2 in brief"]
    assert fit("", entries, (), tiny, more).splitlines() == ["0 in brief", "1 in brief", "+1"]


@given(st.lists(st.text(max_size=50), max_size=10), st.integers(20, 400))
def test_whatever_is_fitted_fits(lines: list[str], room: int) -> None:
    """covers: B9: whole lines only; bytes, not characters, are counted."""
    form = Form(Style.PUSH, Limits(0, room))
    entries = [Entry(line * 2, line, line[:5]) for line in lines]
    assert fits(fit("head", entries, ["tail"], form, lambda count: f"+{count} more"), form)


def test_late_dates_are_written_with_their_year() -> None:
    from inboxtrack.notifiers.words import Words

    words = Words("en", BERLIN, NOW)
    assert [words.day(dt.date(2026, 3, day)) for day in (5, 6, 9)] == ["today", "tomorrow", "Mon, Mar 9"]
    assert words.day(dt.date(2027, 1, 2)) == "Jan 2, 2027"
