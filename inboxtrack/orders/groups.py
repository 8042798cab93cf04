"""Which names and numbers mean the same thing: union-find, and the names of shops that are joined by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from inboxtrack.model import Fact, Trust

Node = TypeVar("Node", bound=Hashable)


class Groups(Generic[Node]):
    """Union-find: things that were said to be the same."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """The representative of a node's group."""
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent.setdefault(parent, parent)
            node, parent = parent, self._parent[parent]
        return node

    def join(self, nodes: Iterable[Node]) -> None:
        """Say that all these nodes are the same."""
        roots = [self.root(node) for node in nodes]
        for other in roots[1:]:
            self._parent[self.root(other)] = self.root(roots[0])

    def members(self) -> list[list[Node]]:
        """Every group, with its nodes."""
        groups: dict[Node, list[Node]] = defaultdict(list)
        for node in list(self._parent):
            groups[self.root(node)].append(node)
        return list(groups.values())


def shop_names(facts: Iterable[Fact]) -> Callable[[str], str]:
    """From any name a shop is known by to the one it is kept under: a retailer of ours, a domain, a shop id."""
    groups: Groups[str] = Groups()
    for fact in facts:
        if fact.retailer and fact.trust is Trust.VERIFIED:
            groups.join((fact.retailer, *fact.shop))
    best = {groups.root(group[0]): min(group, key=shop_rank) for group in groups.members()}
    return lambda name: best.get(groups.root(name), name)


def shop_rank(name: str) -> tuple[bool, bool, str]:
    """Of the names of a shop the least is the one it is kept under."""
    return (":" in name, "." in name, name)
