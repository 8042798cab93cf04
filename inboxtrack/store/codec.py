"""Facts, news, orders and parcels as JSON for the store, and back."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(value: object) -> Any:
    """A dataclass of the model as plain JSON values."""
    kind: Any = type(value)
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[T], value: Any) -> T:
    """Plain JSON values as a dataclass of the model."""
    return cast(T, _adapter(cast(Any, kind)).validate_python(value))
