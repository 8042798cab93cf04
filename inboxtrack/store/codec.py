"""Facts, news, orders and parcels as JSON for the store, and back, in one step each way."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.types import TypeDecorator


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class Kept(TypeDecorator[Any]):
    """A JSON column that holds a dataclass of the model; the engine must pass its JSON on as text (`as_text`)."""

    impl = sa.JSON
    cache_ok = True

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: object, dialect: Any) -> str:  # noqa: ARG002 - SQLAlchemy's form
        """The dataclass as JSON."""
        return _adapter(self.kind).dump_json(value).decode()

    def process_result_value(self, value: Any, dialect: Any) -> object:  # noqa: ARG002 - SQLAlchemy's form
        """JSON as the dataclass."""
        return _adapter(self.kind).validate_json(value)

    def coerce_compared_value(self, op: Any, value: object) -> Any:
        """What a field of it is compared with is plain JSON."""
        return self.impl_instance.coerce_compared_value(op, value)


def as_text(value: str) -> str:
    """The engine's way with JSON: `Kept` reads and writes the text itself."""
    return value
