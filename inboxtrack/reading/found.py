"""A value together with why it is believed, and the making of facts from such values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inboxtrack.model import Evidence, Fact

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value that was read: `where` it stood ("subject", "html link", "text"), the `text`, and the `rule` used."""

    value: T
    where: str
    text: str
    rule: str

    def evidence(self, field: str) -> Evidence:
        return Evidence(field, self.where, self.text[:200], self.rule)

    def but(self, value: Any) -> Found[Any]:
        """Another value read from the same words."""
        return Found(value, self.where, self.text, self.rule)


def make_fact(at: dt.datetime, **fields: Any) -> Fact:
    """A `Fact` whose fields may be given as `Found`: their evidence is kept. Nones are left out.

    A field that is given plain and is not a constant of the extractor itself should have been `Found`:
    `tests/test_evidence.py` fails for facts whose told fields have no evidence.
    """
    evidence: list[Evidence] = []
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Found):
            evidence.append(value.evidence(name))
            value = value.value
        if value is not None:
            values[name] = value
    return Fact(at=at, evidence=tuple(evidence), **values)


def first(candidates: Iterable[Found[T] | None]) -> Found[T] | None:
    """The first that was found."""
    return next((found for found in candidates if found is not None), None)


def distinct(found: Iterable[Found[T]]) -> list[Found[T]]:
    """Each value once, as it was first found."""
    seen: dict[T, Found[T]] = {}
    for item in found:
        seen.setdefault(item.value, item)
    return list(seen.values())
