"""Parcels' numbers in a shop's mail: behind their label, or in links to carriers' pages alone."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from inboxtrack.mail.message import Mail
from inboxtrack.reading.found import Found, distinct
from inboxtrack.reading.labels import SPACED, behind, in_lines
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import in_slot

_LONGEST_NAME = 60
_MOST = 20


def printed_numbers(
    lines: tuple[str, ...], label: re.Pattern[str], carrier: re.Pattern[str] | None = None
) -> dict[Found[str], str | None]:
    """The numbers behind a label, each once, with the key of the carrier that stands behind the label `carrier`, or of
    the only one that has the number's shape."""
    names = (value for _, value in behind(lines, carrier) if len(value) < _LONGEST_NAME) if carrier else iter(())
    named = next(names, None)
    return {n: in_slot(n.value, named)[1] for n in distinct(islice(in_lines(lines, label, _shape()), _MOST))}


def numbers_in_links(mail: Mail) -> dict[Found[str], str | None]:
    """The numbers in links to carriers' pages, each once, with the carrier's key; None on pages of many carriers."""
    found: dict[str, tuple[Found[str], str | None]] = {}
    for link in mail.links:
        named = read_link(link.url)
        if named:
            carrier, number = named
            found.setdefault(number, (Found(number, "html link", f"link to {link.host}", "link of a carrier"), carrier))
    return dict(found.values())


@cache
def _shape() -> re.Pattern[str]:
    """Eight characters or more, six of them digits: an order's `302-…` is none."""
    return re.compile(rf"#?\s?({SPACED}|(?=[A-Z]{{0,14}}(?:\d[A-Z]{{0,14}}){{6}})[0-9A-Z]{{8,40}})(?![0-9A-Za-z-])")
