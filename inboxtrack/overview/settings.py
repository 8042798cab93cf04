"""The overview's settings: the shipped data files with the user's own figures over them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from inboxtrack.overview import OverviewSettings
from inboxtrack.overview.advice import parse_advice
from inboxtrack.overview.deadlines import parse_policies
from inboxtrack.overview.silence import parse_thresholds
from inboxtrack.resources import config_folder


@cache
def shipped(name: str) -> dict[str, Any]:
    """A shipped data file as plain values."""
    return tomllib.loads((config_folder() / name).read_text(encoding="utf-8"))


def overview_settings(
    zone: ZoneInfo,
    home_country: str | None = None,
    *,
    thresholds: Mapping[str, int | str] | None = None,
    policies: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
) -> OverviewSettings:
    """The settings of a user. `thresholds` go by name ("in_transit_domestic", "hismile.dispatch"), `policies` are
    days by policy ("aliexpress.dispute"), `names` further retailers' names by key. Raises ValueError for unknown ones.
    """
    retailers = shipped("retailers.toml")
    return OverviewSettings(
        zone=zone,
        home_country=home_country,
        thresholds=parse_thresholds(shipped("thresholds.toml"), thresholds),
        policies=parse_policies(shipped("policies.toml"), policies),
        advice=parse_advice(shipped("advice.toml")),
        names={**retailers["names"], **(names or {})},
        orders_pages=retailers["orders_pages"],
    )


def translated(
    settings: OverviewSettings, words: Callable[[str], str], day: Callable[[dt.date], str]
) -> OverviewSettings:
    """The same settings with their sentences in another language, and its way to write a day."""

    def told(text: str | None) -> str | None:
        return words(text) if text else None

    advice = tuple(replace(one, text=words(one.text), claim=told(one.claim)) for one in settings.advice)
    policies = tuple(
        replace(one, what=words(one.what), check=words(one.check), never_came=told(one.never_came))
        for one in settings.policies
    )
    return replace(settings, advice=advice, policies=policies, day=day)
