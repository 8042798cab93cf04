"""A mail's links as their sender wrote them: gateways (Outlook's Safe Links, Proofpoint …) wrap them into their own."""

from __future__ import annotations

from dataclasses import replace

from inboxtrack.mail.message import Href, Mail
from inboxtrack.tracking.links import unwrap


def links(mail: Mail) -> tuple[Href, ...]:
    """Every link of a mail, out of its wrappers. None is followed."""
    return tuple(map(unwrapped, mail.links))


def unwrapped(href: Href) -> Href:
    """A link out of its wrappers; the link itself where it has none."""
    url = unwrap(href.url)
    return href if url == href.url else replace(href, url=url)
