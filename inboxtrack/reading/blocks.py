"""Mails that list several things, each under its own link: the texts that belong to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inboxtrack.mail.headers import clean_text
from inboxtrack.mail.html import Href, clean_url
from inboxtrack.mail.message import Mail
from inboxtrack.reading.unwrapped import links, unwrapped

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Key = tuple[str, str]
_LEAST_TEXTS = 2


@dataclass(frozen=True, slots=True)
class Block:
    """What one link's parameters name, and the visible texts from it up to the next block."""

    key: Key
    texts: tuple[str, ...]


def blocks_by_link(mail: Mail, key_of: Callable[[Href], Key | None]) -> list[Block]:
    """The blocks of a mail in its order: each is the widest element that holds no link of another block.

    Where a link stands around its block, parsers move tables out of it: then the texts up to the next link count.
    """
    if mail.tree is None:
        keys = dict.fromkeys(key for key in map(key_of, links(mail)) if key)
        return [Block(key, ()) for key in keys]
    anchors = {element: key for element in mail.tree.iter("a") if (key := _key(element, key_of))}
    firsts = {key: element for element, key in reversed(anchors.items())}
    behind = _behind_links(mail.tree, anchors)
    return [Block(key, _within(firsts[key], anchors) or texts) for key, texts in behind.items()]


def _key(anchor: HtmlElement, key_of: Callable[[Href], Key | None]) -> Key | None:
    return key_of(unwrapped(Href(clean_url(anchor.get("href") or ""))))


def _behind_links(tree: HtmlElement, anchors: dict[HtmlElement, Key]) -> dict[Key, tuple[str, ...]]:
    """The texts from each block's link up to the next block's."""
    texts: dict[Key, list[str]] = {}
    current: Key | None = None
    for element in tree.iter():
        current = anchors.get(element, current)
        if current is not None:
            own = texts.setdefault(current, [])
            own += [line for line in map(clean_text, (element.text or "", element.tail or "")) if line]
    return {key: tuple(lines) for key, lines in texts.items()}


def _within(anchor: HtmlElement, anchors: dict[HtmlElement, Key]) -> tuple[str, ...]:
    """The texts of the widest element around a link that holds no link of another block; () where that is hardly more
    than the link."""
    widest = anchor
    for element in anchor.iterancestors():
        if any(anchors.get(other, anchors[anchor]) != anchors[anchor] for other in element.iter("a")):
            break
        widest = element
    lines = tuple(line for line in map(clean_text, widest.itertext()) if line)
    return lines if len(lines) >= _LEAST_TEXTS else ()
