"""schema.org markup of a mail, JSON-LD and microdata alike, as plain nodes. Bounded in size, depth and number.

A node is a dict of property name -> list of texts and nodes, with its types under `@type`
(https://developers.google.com/workspace/gmail/markup/reference).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from inboxtrack.mail.message import Mail, clean_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCKS_LIMIT = 10
BLOCK_LIMIT = 100_000
NODES_LIMIT = 500
DEPTH_LIMIT = 8
VALUE_LIMIT = 300

_TYPE = re.compile(r'"@type"\s{0,9}:\s{0,9}"([\w:/.]{1,80})"')
Node = dict[str, list[Any]]


def nodes(mail: Mail, wanted: frozenset[str]) -> list[Node]:
    """The nodes of the wanted types, wherever they stand, outer ones before those inside them."""
    if "schema.org" not in mail.html:
        return []
    roots = [*_json_roots(mail.html), *_microdata_roots(mail)]
    return [node for root in roots for node in _walk(root) if wanted & set(node.get("@type", ()))][:NODES_LIMIT]


def texts(node: Node, *names: str) -> Iterator[tuple[str, str]]:
    """(property, text) of the properties' texts, in the order of the names."""
    return ((name, value) for name in names for value in node.get(name, ()) if isinstance(value, str) and value)


def inner(node: Node, *names: str) -> Iterator[Node]:
    """The nodes that stand under these properties."""
    return (value for name in names for value in node.get(name, ()) if isinstance(value, dict))


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting.extend(value for values in node.values() for value in values if isinstance(value, dict))


def _json_roots(html: str) -> Iterator[Node]:
    for block in _json_blocks(html):
        try:
            content = json.loads(block)
        except (ValueError, RecursionError):
            yield from _broken(block)
            continue
        yield from _nodes_in(content, _Budget())


def _broken(block: str) -> Iterator[Node]:
    """A node with its types alone for JSON that cannot be read: a shop that broke its markup still has an order."""
    types = [_short(hit) for hit in _TYPE.findall(block)]
    if types:
        yield {"@type": list(types)}


def _json_blocks(html: str) -> Iterator[str]:
    at, lowered = 0, html.lower()
    for _ in range(BLOCKS_LIMIT):
        mark = lowered.find("application/ld+json", at)
        start, end = lowered.find(">", mark) + 1, lowered.find("</script", mark)
        if mark < 0 or start <= 0 or end < start:
            return
        yield html[start : min(end, start + BLOCK_LIMIT)].strip().removeprefix("<![CDATA[").removesuffix("]]>")
        at = end


class _Budget:
    """How many nodes of one block may still be read."""

    def __init__(self) -> None:
        self.left = NODES_LIMIT

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _nodes_in(value: Any, budget: _Budget, depth: int = 0) -> Iterator[Node]:
    """The nodes of a JSON value: itself, those of a list, those of a graph."""
    if depth > DEPTH_LIMIT:
        return
    if isinstance(value, list):
        for element in value[:NODES_LIMIT]:
            yield from _nodes_in(element, budget, depth + 1)
    elif isinstance(value, dict) and budget.spend():
        yield {key: list(_values(inside, budget, depth + 1)) for key, inside in value.items() if isinstance(key, str)}


def _values(value: Any, budget: _Budget, depth: int) -> Iterator[Any]:
    if isinstance(value, dict | list):
        elements = value if isinstance(value, list) else [value]
        for element in elements[:NODES_LIMIT]:
            yield from (
                _nodes_in(element, budget, depth)
                if isinstance(element, dict | list)
                else _values(element, budget, depth)
            )
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield _short(str(value))


def _short(text: str) -> str:
    """A text without its `schema.org` address, so that types and enumerations are bare words."""
    text = clean_text(text, VALUE_LIMIT)
    bare = text.removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return bare.removeprefix("schema.org/") if bare.startswith("schema.org/") else text


def _microdata_roots(mail: Mail) -> Iterator[Node]:
    if mail.tree is None or "itemscope" not in mail.html.lower():
        return
    scopes = [element for element in mail.tree.iter() if _is_scope(element) and element.get("itemprop") is None]
    budget = _Budget()
    for scope in scopes[:NODES_LIMIT]:
        yield _microdata(scope, budget)


def _is_scope(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and element.get("itemscope") is not None


def _microdata(scope: HtmlElement, budget: _Budget, depth: int = 0) -> Node:
    """One itemscope with its properties; scopes inside it that are no property of it are roots of their own."""
    node: Node = {"@type": [_short(word) for word in (scope.get("itemtype") or "").split()[:5]]}
    waiting = list(_children(scope))
    while waiting:
        element = waiting.pop()
        name = element.get("itemprop")
        if _is_scope(element):
            if name and depth < DEPTH_LIMIT and budget.spend():
                node.setdefault(name, []).append(_microdata(element, budget, depth + 1))
            continue
        if name and budget.spend():
            node.setdefault(name, []).append(_short(_content(element)))
        waiting.extend(_children(element))
    return node


def _children(element: HtmlElement) -> Iterable[HtmlElement]:
    return [child for child in reversed(element) if isinstance(child.tag, str)]


def _content(element: HtmlElement) -> str:
    given = (element.get(name) for name in ("content", "href", "datetime", "src"))
    return next((value for value in given if value), None) or " ".join(islice(element.itertext(), 50))
