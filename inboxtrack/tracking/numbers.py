"""Tracking numbers: which carrier a number may belong to, whether its check digit holds, where one stands in a text.

In a slot (a label, a subject position, a link parameter) a value is taken as written: `in_slot`. Outside one, the
strength of its shape decides: `find_numbers`. No guess is made between carriers that fit equally well.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from inboxtrack.tracking.carriers import (
    POSTAL_UNION,
    Carrier,
    Format,
    Strength,
    all_carriers,
    by_name,
    carrier,
    same_family,
)
from inboxtrack.tracking.check_digits import CHECKS, fedex34, fedex96, usps_package

_NOISE = re.compile(r"[\s.\-\u2010-\u2015\u200b-\u200f\u2060\ufeff\u00ad]+")
_AUSTRALIAN_BARCODE = re.compile(r"0199312650999998(?:91)?([0-9A-Z]{21}(?:..)?)")
_CHECKED = 10
_GENERIC = -20
_RIVALS_WITHIN = 15

Match = tuple[Carrier, Format]


def normal(number: str) -> str:
    """A number as the table's patterns want it: NFKC, upper case, without blanks, dots and hyphens."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", number)).upper()


def canonical(number: str) -> str:
    """The one form of a number that is printed in several: routing codes and barcode prefixes are taken off.

    USPS's 420 and ZIP, FedEx's 96... (the last 15 count) and 34 digits (the last 12), Australia Post's barcode.
    """
    number = normal(number)
    if number.startswith("420") and number.isdecimal() and len(number) >= 30:
        return usps_package(number) or number
    if fedex96(number):
        return number[-15:]
    if fedex34(number):
        return number[-12:]
    found = _AUSTRALIAN_BARCODE.fullmatch(number)
    return found[1] if found else number


@cache
def _by_length() -> dict[int, tuple[Match, ...]]:
    pairs = [(c, f) for c in all_carriers() for f in c.formats]
    return {n: tuple((c, f) for c, f in pairs if f.shortest <= n <= f.longest) for n in range(7, 41)}


def holds(form: Format, number: str) -> bool:
    """Whether a normalised number has this shape and, where there is one, the right check digit."""
    return form.shapes(number) and (form.check is None or CHECKS[form.check](number))


def matches(number: str) -> tuple[Match, ...]:
    """Every carrier and shape that a normalised number fits, check digit included; the best one first."""
    fitting = [match for match in _by_length().get(len(number), ()) if holds(match[1], number)]
    return tuple(sorted(fitting, key=_score, reverse=True))


def _score(match: Match) -> int:
    owner, form = match
    generic = _GENERIC if owner.key == POSTAL_UNION else 0
    return form.strength + (_CHECKED if form.check else 0) + generic


def best(fitting: tuple[Match, ...], hint: str | None = None) -> tuple[Carrier, ...]:
    """The carriers of the best matches; several when no one of them stands out. A hinted one of them goes alone."""
    hinted = tuple(owner for owner, _ in fitting if hint and same_family(owner.key, hint))
    if hinted:
        return next(((c,) for c in hinted if c.key == hint), hinted[:1])
    rivals = (owner for owner, form in fitting if _score((owner, form)) >= _score(fitting[0]) - _RIVALS_WITHIN)
    return tuple(dict.fromkeys(rivals))


def carriers_for(number: str, hint: str | None = None) -> tuple[Carrier, ...]:
    """The carriers a number may belong to, best first; () when none fits. `hint` is a carrier's key or name.

    Shapes that say nothing (any fourteen digits) count only for a hinted carrier.
    """
    named = carrier(hint) or by_name(hint)
    key = named.key if named else ""
    telling = (m for m in matches(normal(number)) if m[1].strength > Strength.NEVER or same_family(m[0].key, key))
    return best(tuple(telling), key)


def check(number: str, carrier_key: str) -> bool:
    """Whether a number has one of the carrier's shapes and, where that has a check digit, the right one."""
    owner = carrier(carrier_key)
    forms = {normal(number), canonical(number)}
    return owner is not None and any(holds(form, n) for form in owner.formats for n in forms)


def fits(number: str, carrier_key: str, least: Strength = Strength.NEVER) -> bool:
    """Whether a number has a shape of the carrier's house that says at least so much, whatever its check digit.

    Shapes that any text has (a carrier that is known by its links alone) do not count.
    """
    number = normal(number)
    return any(form.shapes(number) for form in _shapes_of_house(carrier_key) if form.strength >= least)


@cache
def _shapes_of_house(carrier_key: str) -> tuple[Format, ...]:
    house = (c for c in all_carriers() if same_family(c.key, carrier_key))
    return tuple(form for owner in house for form in owner.formats if not _any_text(form))


def _any_text(form: Format) -> bool:
    return form.shortest != form.longest and form.strength is Strength.NEVER


def in_slot(value: str, carrier_label: str | None = None) -> tuple[str, str | None]:
    """A number from its slot: as written, without blanks and `#`, and the key of its carrier.

    The carrier is the one the label names (or the branch of its house that the number fits); without a name, the only
    carrier whose shape the number has, unless that shape says too little.
    """
    number = re.sub(r"[\s#\u200b-\u200f\u2060\ufeff\u00ad]+", "", value)
    named = by_name(carrier_label)
    fitting = matches(normal(number))
    if named:
        hinted = best(fitting, named.key)
        return number, hinted[0].key if hinted and same_family(hinted[0].key, named.key) else named.key
    telling = tuple((owner, form) for owner, form in fitting if form.strength > Strength.WEAK)
    found = best(telling)
    return number, found[0].key if len(found) == 1 and found[0].key != POSTAL_UNION else None
