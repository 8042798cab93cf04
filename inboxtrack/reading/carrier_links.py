"""Parcels that a shop's mail names in links to carriers' pages alone."""

from __future__ import annotations

from inboxtrack.mail.message import Mail
from inboxtrack.reading.found import Found
from inboxtrack.tracking.links import read_link


def numbers_in_links(mail: Mail) -> dict[Found[str], str | None]:
    """The numbers in links to carriers' pages, each once, with the carrier's key; None on pages of many carriers."""
    found: dict[str, tuple[Found[str], str | None]] = {}
    for link in mail.links:
        named = read_link(link.url)
        if named:
            carrier, number = named
            found.setdefault(number, (Found(number, "html link", f"link to {link.host}", "link of a carrier"), carrier))
    return dict(found.values())
