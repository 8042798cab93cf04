"""Carriers as data: `carriers.json` beside this file says how their numbers look and where their pages are."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Strength(IntEnum):
    """How much a number's shape says outside a slot. The value is the score of a match without a check digit."""

    NEVER = 30
    WEAK = 55
    MEDIUM = 75
    STRONG = 90


@dataclass(frozen=True, slots=True)
class Format:
    """One shape of a carrier's numbers; `check` names a rule of `check_digits.CHECKS`."""

    id: str
    pattern: str
    shortest: int
    longest: int
    strength: Strength
    check: str | None

    def shapes(self, number: str) -> bool:
        """Whether a number has this shape, its check digit aside."""
        return _compiled(self.pattern).fullmatch(number) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A list of orders needs names and pages of a few carriers, and no shape of the others."""
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Where a number stands in a URL: host suffixes, then query parameters, path, fragment."""

    domains: tuple[str, ...]
    params: tuple[str, ...] = ()
    path: re.Pattern[str] | None = None
    fragment: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """A carrier's page with `{number}` for people of some countries (ISO 3166), where the number has this shape."""

    countries: frozenset[str]
    url: str
    numbers: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier. `tracking_url` is its page with `{number}`, or without when it takes none; None when there is none."""

    key: str
    name: str
    aliases: tuple[str, ...]
    tracking_url: str | None
    formats: tuple[Format, ...]
    links: tuple[LinkRule, ...]
    home_pages: tuple[HomePage, ...] = ()

    def page_for(self, number: str, home_country: str | None) -> str | None:
        """Its page for people of a country, with `{number}`: in their language where it has one."""
        own = (page for page in self.home_pages if home_country in page.countries and page.numbers.fullmatch(number))
        return next((page.url for page in own), self.tracking_url)


POSTAL_UNION = "s10"
"""The entry for postal numbers of countries whose post is not in the table."""

_NOT_NAMES = frozenset(
    ["dao", "toll", "mpl", "ppl", "bring", "landmark", "post", "posten", "sf", "cne", "sda", "spx", "fpx"]
)


def load_json(name: str) -> Any:
    """A data file that lies beside this module."""
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _format(row: dict[str, Any]) -> Format:
    shortest, longest = row["length"]
    strength = Strength[row["strength"].upper()]
    return Format(row["id"], row["pattern"], shortest, longest, strength, row.get("check"))


def _link_rule(row: dict[str, Any]) -> LinkRule:
    path, fragment = (re.compile(row[part]) if part in row else None for part in ("path", "fragment"))
    return LinkRule(tuple(row["domains"]), tuple(row.get("params", ())), path, fragment)


def _home_page(row: dict[str, Any]) -> HomePage:
    return HomePage(frozenset(row["countries"]), row["url"], re.compile(row.get("numbers", ".+")))


def _carrier(row: dict[str, Any]) -> Carrier:
    return Carrier(
        key=row["key"],
        name=row["name"],
        aliases=tuple(row["aliases"]),
        tracking_url=row["tracking_url"],
        formats=tuple(map(_format, row["formats"])),
        links=tuple(map(_link_rule, row["links"])),
        home_pages=tuple(map(_home_page, row.get("home_pages", ()))),
    )


@cache
def all_carriers() -> tuple[Carrier, ...]:
    """Every carrier of the table."""
    return tuple(map(_carrier, load_json("carriers.json")))


@cache
def _by_key() -> dict[str, Carrier]:
    return {carrier.key: carrier for carrier in all_carriers()}


def carrier(key: str | None) -> Carrier | None:
    """The carrier with this key ("canada-post"); None for None and unknown keys."""
    return _by_key().get(key) if key else None


def _plain(name: str) -> str:
    """A name in lower case ASCII letters and digits, words apart: "Österreichische Post." -> "osterreichische post"."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("&", " ")).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", folded))


@cache
def _by_alias() -> dict[str, Carrier]:
    named = (c for c in all_carriers() if c.key != POSTAL_UNION)
    return {_plain(alias): c for c in named for alias in reversed((c.name, *c.aliases))}


@cache
def _names() -> re.Pattern[str]:
    words = sorted((alias for alias in _by_alias() if alias not in _NOT_NAMES), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b")


def named_in(text: str) -> tuple[Carrier, ...]:
    """The carriers whose names stand in a text, in its order."""
    return tuple(dict.fromkeys(_by_alias()[found[0]] for found in _names().finditer(_plain(text))))


def by_name(name: str | None) -> Carrier | None:
    """The carrier a label names ("Canada post", "UPS SurePost®", "DHL Paket GmbH"); None when none or several are."""
    plain = _plain((name or "")[:200])
    named = (_by_alias()[plain],) if plain in _by_alias() else named_in(plain)
    return named[0] if len(named) == 1 else None


def same_family(one: str, other: str) -> bool:
    """Whether two keys are branches of one house: "dhl-de" and "dhl-express"."""
    return one.partition("-")[0] == other.partition("-")[0]
