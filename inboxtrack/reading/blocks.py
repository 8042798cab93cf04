"""Mails that list several things, each under its own link: the texts that belong to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inboxtrack.mail.headers import clean_text
from inboxtrack.mail.html import Href, clean_url
from inboxtrack.mail.message import Mail
from inboxtrack.reading.unwrapped import links, unwrapped

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """What one link's parameters name, and the visible texts from it up to the next block."""

    key: Key
    texts: tuple[str, ...]


def blocks_by_link(mail: Mail, key_of: Callable[[Href], Key | None]) -> list[Block]:
    """The blocks of a mail in its order. A block begins at the first link with its key.

    The texts are read in the order of the document, because parsers move tables out of the link around them.
    """
    if mail.tree is None:
        keys = dict.fromkeys(key for key in map(key_of, links(mail)) if key)
        return [Block(key, ()) for key in keys]
    texts: dict[Key, list[str]] = {}
    current: Key | None = None
    for element in mail.tree.iter():
        if element.tag == "a":
            current = key_of(unwrapped(Href(clean_url(element.get("href") or "")))) or current
        if current is not None:
            own = texts.setdefault(current, [])
            own += [line for line in map(clean_text, (element.text or "", element.tail or "")) if line]
    return [Block(key, tuple(lines)) for key, lines in texts.items()]
