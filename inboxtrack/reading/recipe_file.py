"""A recipe's TOML text -> a checked `Recipe`. Every error is one line that names the file, the key and the cure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from inboxtrack.model import Coverage, Flag, RefundState, Stage
from inboxtrack.reading.patterns import Pattern, PatternError, check_selector, compile_pattern
from inboxtrack.reading.phrases import Phrases, phrases_of

_T = TypeVar("_T")
_KEYS = frozenset(
    [
        "name",
        "retailer",
        "senders",
        "marks",
        "older_marks",
        "plain_marks",
        "revision",
        "dollar",
        "extends",
        "step",
        "order",
        "tracking",
        "carrier",
    ]
)
_EXTENSION_KEYS = frozenset(["extends", "revision", "senders", "step"])
_SLOT_KEYS = frozenset(["subject", "text", "css"])
_CHOICES: dict[str, tuple[str, ...]] = {
    "stage": tuple(Stage),
    "coverage": tuple(Coverage),
    "refund": tuple(RefundState),
}
_STEP_TEXTS = frozenset(["ignored", "reason"])
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}")
_SENDER = re.compile(r"(?:[^@\s]{1,64}@)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_MOST_PHRASES, _LONGEST_PHRASE, _MOST_GAPS = 200, 120, 3


class RecipeError(Exception):
    """A recipe cannot be used; the text names the file, the key and the cure."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands: in the subject, in the text, in an element. What stands first is tried first."""

    subject: tuple[Pattern, ...] = ()
    text: tuple[Pattern, ...] = ()
    css: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A shop by its senders, or a shop system by marks that all stand in its HTML (or plain text), or by those of its
    older layout; or phrases and senders for a built-in one."""

    key: str
    name: str
    steps: Phrases
    retailer: str | None = None
    senders: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    older_marks: tuple[str, ...] = ()
    plain_marks: tuple[str, ...] = ()
    revision: int = 1
    dollar: str | None = None
    extends: str | None = None
    order: Slot = Slot()
    tracking: Slot = Slot()
    carrier: Slot = Slot()


def parse(text: str, file: str, key: str) -> Recipe:
    """The recipe in a TOML text. `file` is named in errors, `key` names the recipe. Raises RecipeError."""
    try:
        content = tomllib.loads(text)
        return _extension(content, key) if "extends" in content else _recipe(content, key)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{file}: this is no TOML: {error}") from error
    except RecipeError as error:
        raise RecipeError(f"{file}: {error}") from error.__cause__


def _extension(content: dict[str, Any], key: str) -> Recipe:
    _known(content, _EXTENSION_KEYS, "a recipe with `extends`")
    base, senders = _text(content, "extends"), _each(content, "senders", _sender)
    steps = _steps(content) if "step" in content or not senders else Phrases(())
    return Recipe(key, base, steps, senders=senders, revision=_number(content), extends=base)


def _recipe(content: dict[str, Any], key: str) -> Recipe:
    _known(content, _KEYS, "a recipe")
    recipe = Recipe(
        key=key,
        name=_text(content, "name"),
        steps=_steps(content),
        retailer=_matching(content, "retailer", _KEY, "small letters, digits, dots and dashes"),
        senders=_each(content, "senders", _sender),
        marks=_each(content, "marks", _mark),
        older_marks=_each(content, "older_marks", _mark),
        plain_marks=_each(content, "plain_marks", _mark),
        revision=_number(content),
        dollar=_matching(content, "dollar", re.compile("[A-Z]{3}"), 'a currency code such as "AUD"'),
        order=_slot(content, "order"),
        tracking=_slot(content, "tracking"),
        carrier=_slot(content, "carrier"),
    )
    if not recipe.senders and len(recipe.marks) < 2:
        raise RecipeError("it needs `senders`, or at least two `marks` of its HTML")
    if len(recipe.older_marks) == 1:
        raise RecipeError("`older_marks`: one is too few, the older layout needs at least two of its HTML")
    if recipe.senders and not recipe.retailer:
        raise RecipeError('it needs a `retailer`, such as retailer = "blue-coffee"')
    if recipe.order == Slot() and recipe.tracking == Slot():
        raise RecipeError("it needs [order] or [tracking], so that its mail gives a number")
    return recipe


def _steps(content: dict[str, Any]) -> Phrases:
    entries = content.get("step", [])
    if not isinstance(entries, list) or not entries:
        raise RecipeError("it needs [[step]] tables: a stage and the phrases that tell it")
    phrases = [phrase for number, entry in enumerate(entries, 1) for phrase in phrases_of(_step(entry, number))]
    if len(phrases) > _MOST_PHRASES:
        raise RecipeError(f"it has {len(phrases)} phrases; {_MOST_PHRASES} are the most")
    return Phrases(tuple(phrases))


def _step(entry: Any, number: int) -> dict[str, Any]:
    """A checked [[step]] table, its gaps written as phrase tables have them."""
    where = f"[[step]] {number}"
    if not isinstance(entry, dict) or not {"stage", "ignored", "refund"} & entry.keys():
        raise RecipeError(f"{where}: it needs `stage`, or `ignored` for mail without order news")
    checked: dict[str, Any] = {}
    for key, value in entry.items():
        checked[key] = _step_value(key, value, f"{where}: `{key}`")
    if not any(isinstance(value, list) for key, value in checked.items() if key != "flags"):
        raise RecipeError(f'{where}: it has no phrases, such as en = ["your order was sent"]')
    return checked


def _step_value(key: str, value: Any, where: str) -> Any:
    if key in _CHOICES:
        return _one_of(value, _CHOICES[key], where)
    if key == "flags":
        return [_one_of(flag, tuple(Flag), where) for flag in _list(value, where)]
    if key in _STEP_TEXTS and isinstance(value, str):
        return value
    if not _LANGUAGE.fullmatch(key):
        raise RecipeError(f"{where} is not known here; phrases stand under a language such as `en`")
    return [_phrase(phrase, where) for phrase in _list(value, where)]


def _phrase(phrase: str, where: str) -> str:
    phrase = phrase.replace("{any}", "…").strip()
    if len(phrase) > _LONGEST_PHRASE or phrase.count("…") + phrase.count("*") > _MOST_GAPS:
        raise RecipeError(f"{where}: a phrase has at most {_LONGEST_PHRASE} characters and {_MOST_GAPS} gaps")
    if sum(character.isalpha() for character in phrase) < 2 or phrase.startswith("…") or "{" in phrase:
        raise RecipeError(f"{where}: {phrase!r} is no phrase; write the words that stand around the number")
    return phrase


def _slot(recipe: dict[str, Any], kind: str) -> Slot:
    content = recipe.get(kind, {})
    if not isinstance(content, dict):
        raise RecipeError(f"[{kind}] must be a table with `subject`, `text` or `css`")
    _known(content, _SLOT_KEYS, f"[{kind}]")
    compiled = {
        place: _each(content, place, lambda written: compile_pattern(written, kind)) for place in ("subject", "text")
    }
    return Slot(**compiled, css=_each(content, "css", _checked_selector))


def _checked_selector(selector: str) -> str:
    check_selector(selector)
    return selector


def _sender(sender: str) -> str:
    if not _SENDER.fullmatch(sender.lower()):
        raise PatternError("write an address or a domain")
    return sender.lower()


def _mark(mark: str) -> str:
    if len(mark.strip()) < 6:
        raise PatternError("a mark is a class, an id or another piece of the mail of at least 6 characters")
    return mark.lower()


def _each(content: dict[str, Any], key: str, checked: Callable[[str], _T]) -> tuple[_T, ...]:
    """Every text of a list, checked one by one."""
    found = []
    for text in _list(content.get(key, []), f"`{key}`"):
        try:
            found.append(checked(text))
        except PatternError as error:
            raise RecipeError(f"`{key}`: {text!r} cannot be used: {error}") from error
    return tuple(found)


def _list(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RecipeError(f'{where} must be a list of texts, such as ["one", "two"]')
    return value


def _one_of(value: Any, choices: tuple[str, ...], where: str) -> str:
    if value not in choices:
        raise RecipeError(f"{where}: {value!r} is none of {', '.join(choices)}")
    return str(value)


def _known(content: dict[str, Any], keys: frozenset[str], where: str) -> None:
    unknown = sorted(content.keys() - keys)
    if unknown:
        raise RecipeError(f"`{unknown[0]}` is not known in {where}; known are {', '.join(sorted(keys))}")


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RecipeError(f"it needs `{key}`, a text in quotes")
    return value.strip()[:60]


def _matching(content: dict[str, Any], key: str, shape: re.Pattern[str], cure: str) -> str | None:
    value = content.get(key)
    if value is not None and not (isinstance(value, str) and shape.fullmatch(value)):
        raise RecipeError(f"`{key}` must be {cure}, not {value!r}")
    return value


def _number(content: dict[str, Any]) -> int:
    value = content.get("revision", 1)
    if not isinstance(value, int) or not 1 <= value <= 999:
        raise RecipeError(f"`revision` must be a number from 1 to 999, not {value!r}")
    return value
