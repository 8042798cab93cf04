"""The stories: whatever the order of arrival and repetition, one end; told as it happens, exactly the expected news.

`INBOXTRACK_LONG=1` tells each story in 1,000 orders of arrival instead of 25.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inboxtrack.changes import changes
from inboxtrack.changes.alerts import deadline_news, time_news
from inboxtrack.model import Fact, News, NewsKind, Parcel, SourceKind, State, Trust
from inboxtrack.orders import fold
from inboxtrack.overview import OrderView, overview
from inboxtrack.overview.settings import overview_settings
from tests.story_language import DAY0, facts, lines, marked, on

STORIES = [
    story | {"file": file.stem}
    for file in sorted((Path(__file__).parent / "stories").glob("*.toml"))
    for story in tomllib.loads(file.read_text(encoding="utf-8"))["story"]
]
ARRIVALS = 1_000 if os.environ.get("INBOXTRACK_LONG") else 25
ZONE = ZoneInfo("Europe/Berlin")

every_story = pytest.mark.parametrize("story", STORIES, ids=[f"{s['file']}: {s['name']}" for s in STORIES])


class Told:
    """What was told, by its names, as the outbox keeps it: a correction makes room for what it takes back."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.lines: list[str] = []

    def tell(self, news: Iterable[News], state: State, at: dt.datetime) -> None:
        for one in news:
            if self.names & set(one.keys):
                self.names |= set(one.keys)
                continue
            retracted = {key for name, key in one.data if name == "retracts"}
            if one.kind is NewsKind.CORRECTION and not retracted & self.names:
                continue
            self.names = (self.names - retracted) | set(one.keys)
            self.lines.append(line(one, state, at))


def line(news: News, state: State, at: dt.datetime) -> str:
    """News as a story writes it."""
    doubt = "" if news.trust is Trust.VERIFIED else "? "
    subject = marked(state.parcel(news.parcel).numbers) if news.parcel else "+".join(map(" ".join, news.orders))
    what = news.keys[0].split("/")[-2] if news.kind is NewsKind.DEADLINE else news.what
    return f"{(at - DAY0).days} {doubt}{what} {subject}"


def view_line(view: OrderView, state: State) -> str:
    """An order in the end as a story writes it."""
    order, parcels = view.order, [marked(state.parcel(parcel).numbers) for parcel in view.order.parcels]
    marks = [
        *sorted(flag.value for flag in view.flags),
        *([f"refund={order.refund.state}"] if order.refund else []),
        *(["more"] if order.more_to_come else []),
        *(["muted"] if order.muted else []),
        *(["unverified"] if order.trust is Trust.UNVERIFIED else []),
        *([] if order.open else ["done"]),
    ]
    return " ".join([f"{' '.join(order.id)}: {order.stage}", *sorted(parcels), *marks])


def parcel_line(parcel: Parcel) -> str:
    doubt = [] if parcel.trust is Trust.VERIFIED else ["unverified"]
    was = [f"was={'/'.join(sorted(parcel.superseded))}"] if parcel.superseded else []
    return " ".join([f"{marked(parcel.numbers)}: {parcel.stage}", *was, *doubt])


def settings(story: dict[str, Any]) -> Any:
    return overview_settings(ZONE, story.get("home", "DE"))


@every_story
def test_it_ends_as_expected(story: dict[str, Any]) -> None:
    told = facts(story["told"])
    state = fold(told)
    shown = overview(state, on(story["until"]), settings(story))
    said = [view_line(view, state) for view in shown] + [parcel_line(parcel) for parcel in state.parcels]
    assert sorted(said) == sorted(lines(story["end"]))


@every_story
def test_it_ends_so_in_every_order_of_arrival(story: dict[str, Any]) -> None:
    told, end = facts(story["told"]), fold(facts(story["told"]))
    for seed in range(ARRIVALS):
        assert fold(arrival(told, seed)) == end, f"seed {seed}"


def arrival(told: list[Fact], seed: int) -> list[Fact]:
    """The facts in a random order, some of them twice."""
    rng = random.Random(seed)
    come = told + rng.choices(told, k=len(told) // 2)
    rng.shuffle(come)
    return come


@every_story
def test_as_it_happens_the_expected_news_is_told(story: dict[str, Any]) -> None:
    coming = sorted(facts(story["told"]), key=lambda fact: fact.received_at or fact.at)
    known: list[Fact] = []
    state, told = State(), Told()
    for day in range(int(story["until"]) + 1):
        for fact in [f for f in coming if on(day) <= (f.received_at or f.at) < on(day + 1)]:
            known.append(fact)
            before, state = state, fold(known)
            if not by_user(fact):
                told.tell(changes(before, state, fact.at), state, fact.received_at or fact.at)
        evening = on(day) + dt.timedelta(hours=11)
        views = overview(state, evening, settings(story))
        told.tell(time_news(views, evening, ZONE), state, evening)
        told.tell(deadline_news(views, evening, ZONE), state, evening)
    assert told.lines == lines(story["news"])


@every_story
def test_in_no_order_of_arrival_anything_else_is_told(story: dict[str, Any]) -> None:
    """What is told late may be less than what is told as it happens, never something else, and nothing twice."""
    told_in_time = facts(story["told"])
    expected = {bare(news) for news in lines(story["news"]) + lines(story.get("or", ""))}
    for seed in range(ARRIVALS):
        state, told = State(), Told()
        known: list[Fact] = []
        for fact in arrival(told_in_time, seed):
            known.append(fact)
            before, state = state, fold(known)
            if not by_user(fact):
                told.tell(changes(before, state, fact.at), state, fact.at)
        said = {bare(news) for news in told.lines if "not_" not in bare(news)}
        assert said <= expected, f"seed {seed}: {sorted(said - expected)}"
        assert ends(story) <= said, f"seed {seed}: {sorted(ends(story) - said)} not told"


def ends(story: dict[str, Any]) -> set[str]:
    """The news of how it stands in the end, once it is on its way: told in every order of arrival."""
    stages = {line.partition(": ")[2].split()[0] for line in lines(story["end"])}
    return stages & {bare(news) for news in lines(story["news"])} - {"placed", "closed"}


def by_user(fact: Fact) -> bool:
    """What the user says is no news to the user."""
    return fact.source is not None and fact.source.kind is SourceKind.USER


def bare(news: str) -> str:
    """News without its day and without whom it names, which late arrival may change."""
    words = news.split()
    return " ".join(words[1:3]) if words[1] == "?" else words[1]


def test_there_are_sixty_stories() -> None:
    assert len(STORIES) >= 60
    assert len({story["name"] for story in STORIES}) == len(STORIES)
