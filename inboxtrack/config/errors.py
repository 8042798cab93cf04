"""What pydantic found wrong with the settings, as one line with the setting's place and a cure."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_TEXTS = {
    "string_type": "must be a text in double quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": 'must be a list such as ["one", "two"]',
    "frozen_set_type": 'must be a list such as ["one", "two"]',
    "model_type": "must be a section of its own",
    "dict_type": "must be a section of its own",
}
_PATTERNS = {
    "address": "must be an e-mail address",
    "home_country": 'must be two capital letters such as "AU"',
    "language": 'must be a language such as "en" or "de"',
    "name": "must be a short name of letters, digits, blanks, dots and dashes",
}


def every_error(error: ValidationError, values: Mapping[str, Any], model: type[BaseModel]) -> str:
    """All that is wrong, a setting once: a union of types tells one error a member."""
    found = {one["loc"][:3]: one for one in reversed(error.errors())}
    return "; ".join(f"{place(one, values)}{text(one, model)}" for one in reversed(found.values()))


def place(found: ErrorDetails, values: Mapping[str, Any]) -> str:
    """The section a setting stands in: `[digest] ` or `[[mailbox]] 'home' `."""
    section = found["loc"][0]
    inside: Any = values.get(str(section))
    if len(found["loc"]) > 1 and isinstance(inside, list) and isinstance(found["loc"][1], int):
        index = found["loc"][1]
        entry = inside[index]
        name = entry.get("name") if isinstance(entry, dict) else None
        return f"[[{section}]] {name!r} " if isinstance(name, str) else f"[[{section}]] number {index + 1} "
    return f"[{section}] " if len(found["loc"]) > 1 else ""


def text(found: ErrorDetails, model: type[BaseModel]) -> str:
    """The setting and what is wrong with it."""
    names = [part for part in found["loc"] if isinstance(part, str)]
    key = names[1] if len(names) > 1 else names[0]
    if found["type"] == "extra_forbidden":
        return f"{key} is not a setting: {nearest(key, _known(names[:-1], model))}"
    return f"{key} {_wrong(found, key)}"


def _wrong(found: ErrorDetails, key: str) -> str:
    kind = found["type"]
    if key in ("mailbox", "channel"):
        return f"is written with two brackets: [[{key}]]"
    if kind == "missing":
        return "is missing: add it"
    if kind == "value_error":
        return str(found["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(key, 'must be written "service/user"')
    return _TEXTS.get(kind) or found["msg"].replace("Input should be", "must be").replace("Value should", "must")


def nearest(key: str, known: Sequence[str], further: str = "") -> str:
    """What was probably meant: the nearest of the known names, else all of them, and what there is `further`."""
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here are {', '.join(known)}{further}" if known else "take it out"


def _known(names: list[str], model: type[BaseModel]) -> list[str]:
    for name in names:
        fields = {field.alias or key: field for key, field in model.model_fields.items()}
        model = _model_of(fields[name].annotation)
    return [field.alias or key for key, field in model.model_fields.items() if not field.exclude]


def _model_of(annotation: Any) -> Any:
    if get_origin(annotation) in (tuple, Union, types.UnionType):
        return _model_of(get_args(annotation)[0])
    return annotation
