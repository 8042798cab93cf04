"""Recipes: shops that are described in a TOML file instead of code. `docs/recipes.md` is their manual.

The folder `recipes` of this package holds the shipped ones (WooCommerce, Magento, BigCommerce, PrestaShop); the user's
lie in the folder `recipes` beside the settings. A recipe that says `extends = "aliexpress"` adds phrases to a retailer
that is built in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from inboxtrack.extractors import Extractor, Ignored, Step, discover, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import Evidence, Fact, Refund, SourceKind, Stage
from inboxtrack.reading import patterns, shop_pages
from inboxtrack.reading.found import Found, distinct, make_fact
from inboxtrack.reading.items import find_items
from inboxtrack.reading.parcel_numbers import numbers_in_links
from inboxtrack.reading.phrases import Step as Said
from inboxtrack.reading.phrases import bounded, step_fields
from inboxtrack.reading.recipe_file import Recipe, RecipeError, Slot, parse
from inboxtrack.reading.rows import carrier_beside
from inboxtrack.reading.saying import said_step
from inboxtrack.reading.shopify_items import refunded, total
from inboxtrack.reading.shopify_parcels import may_be_number
from inboxtrack.reading.shopify_shop import own_domain
from inboxtrack.reading.subjects import ToldSubjects, told_subjects
from inboxtrack.reading.telling import UNKNOWN_REASON, unknown_step
from inboxtrack.tracking.numbers import in_slot

__all__ = ["RecipeError", "extractors", "load", "load_file"]

_HEAD_LINES = 14
_MOST_PARCELS = 20
_MOST_BYTES = 200_000
_SENT = frozenset({Stage.SHIPPED, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP, Stage.DELIVERED})
"""Only where a parcel is under way is the number in a carrier's link the order's."""


def extractors() -> tuple[Extractor, ...]:
    """The shipped recipes."""
    shipped = sorted((files(__package__) / "recipes").iterdir(), key=lambda file: file.name)
    texts = ((file.name, file.read_text("utf-8")) for file in shipped if file.name.endswith(".toml"))
    return tuple(_extractor(parse(text, name, name.removesuffix(".toml"))) for name, text in texts)


def load(folder: Path) -> tuple[Extractor, ...]:
    """The user's recipes, every `.toml` file of a folder. Raises RecipeError with the file, the key and the cure."""
    return tuple(load_file(path) for path in sorted(folder.glob("*.toml")))


def load_file(path: Path) -> Extractor:
    """The recipe in a file of the user. Raises RecipeError."""
    try:
        text = path.read_bytes()[:_MOST_BYTES].decode()
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}: give the path of a recipe, a .toml file") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    recipe = parse(text, str(path), f"recipe:{path.stem}")
    builtin = {extractor.key: extractor for extractor in discover()}
    if recipe.extends is None:
        return _extractor(recipe)
    if recipe.extends not in builtin:
        raise RecipeError(f"{path}: `extends`: {recipe.extends!r} is none of {', '.join(sorted(builtin))}")
    return _extended(builtin[recipe.extends], recipe)


# -- a shop of its own ---------------------------------------------------------------------------------------------


def _extractor(recipe: Recipe) -> Extractor:
    return Extractor(
        key=recipe.key,
        name=recipe.name,
        senders=recipe.senders,
        revision=recipe.revision,
        step=Step.RECIPE if recipe.senders else Step.PLATFORM,
        source=SourceKind.RETAILER_MAIL,
        claims=partial(claims, recipe),
        domains=partial(domains, recipe),
        extract=partial(extract, recipe),
        subjects=None if recipe.senders else _subjects(recipe),
        disowned=partial(disowned, recipe),
    )


def _subjects(recipe: Recipe) -> ToldSubjects:
    """Subjects of order mails, for a recipe whose senders nobody knows beforehand.

    A step in one word is the whole subject but for the shop's name: `[Clay Works] Shipped`.
    """
    told = [phrase for phrase in recipe.steps.phrases if phrase.step.ignored is None]
    words = "|".join(bounded(phrase.words) for phrase in told if " " not in phrase.words)
    whole = (rf"^(?:\[[^\]]{{1,60}}\])?\W{{0,9}}(?:{words})\W{{0,9}}$",) if words else ()
    return told_subjects((phrase for phrase in told if " " in phrase.words), *whole)


def claims(recipe: Recipe, mail: Mail) -> bool:
    """Whether a mail is from one of the recipe's senders; without senders, whether it bears all marks of a layout."""
    if recipe.senders:
        return sent_by(mail.sender.origin, recipe.senders)
    layouts = (recipe.marks, recipe.older_marks) if mail.html else (recipe.plain_marks,)
    return any(_bears(mail.html or mail.plain, marks) for marks in layouts)


def _bears(text: str, marks: tuple[str, ...]) -> bool:
    small = text.lower()
    return bool(marks) and all(mark in small for mark in marks)


def domains(recipe: Recipe, mail: Mail) -> tuple[str, ...]:
    """The domains that may speak for the shop: the senders', or that of the shop that sent the mail."""
    if recipe.senders:
        return tuple(dict.fromkeys(sender.rpartition("@")[2] for sender in recipe.senders))
    own = own_domain(mail)
    return (own,) if own else ()


def disowned(recipe: Recipe, mail: Mail) -> str | None:
    """Why a mail of a shop system cannot be its sender's: it shows another shop, or does not name its sender."""
    return None if recipe.senders else shop_pages.disowned(mail)


def extract(recipe: Recipe, mail: Mail) -> list[Fact]:
    """The facts of a mail: one a parcel, or one for the order. `Ignored` when it tells neither a step nor a number."""
    order = next(_values(mail, recipe.order, "order"), None)
    said = said_step(recipe.steps, mail, mail.lines[:_HEAD_LINES], order.value if order else None)
    shown = frozenset(mail.lines)
    numbers = distinct(_values(mail, recipe.tracking, "tracking"))
    parcels = [n for n in numbers if may_be_number(n, shown) and (order is None or n.value != order.value)]
    linked = numbers_in_links(mail) if said and said.value.stage in _SENT and not parcels else {}
    if said and said.value.ignored:
        raise Ignored(said.value.ignored)
    if said is None and order is None and not parcels:
        raise Ignored("no order news")
    fields = _order_fields(recipe, mail, order, said or unknown_step(mail.subject, "subject"))
    return [
        make_fact(mail.at, **fields, **_parcel_fields(recipe, mail, number, linked))
        for number in (parcels or [*linked])[:_MOST_PARCELS] or (None,)
    ]


def _values(mail: Mail, slot: Slot, kind: str) -> Iterator[Found[str]]:
    """Values of a slot, those of named elements first."""
    return chain(
        patterns.in_elements(mail, slot.css, kind),
        patterns.in_subject(mail, slot.subject),
        patterns.in_text(mail, slot.text),
    )


def _order_fields(recipe: Recipe, mail: Mail, order: Found[str] | None, said: Found[Said]) -> dict[str, Any]:
    own = own_domain(mail)
    fields = {
        "retailer": recipe.retailer or own or next(iter(shop_pages.shown_domains(mail)), None),
        "shop": (own,) if own and not recipe.senders else (),
        "shop_name": mail.sender.name or recipe.name,
        "order": order,
        **step_fields(said),
    }
    if said.value.refund:
        amount = refunded(mail.lines, recipe.dollar)
        return fields | {"refund": said.but(Refund(said.value.refund, amount.value if amount else None))}
    return fields | {"total": total(mail.lines, recipe.dollar), "items": find_items(mail)}


def _parcel_fields(
    recipe: Recipe, mail: Mail, number: Found[str] | None, linked: Mapping[Found[str], str | None]
) -> dict[str, Any]:
    if number is None:
        return {}
    key = linked.get(number)
    return {"tracking": number, "carrier": number.but(key) if key else _carrier(recipe, mail, number)}


def _carrier(recipe: Recipe, mail: Mail, number: Found[str]) -> Found[str] | None:
    """The carrier in the number's row of a table, else as the recipe finds it, else by the number's shape."""
    named = carrier_beside(mail, number.value) or next(_values(mail, recipe.carrier, "carrier"), None)
    key = in_slot(number.value, named.value if named else None)[1]
    return (named or number).but(key) if key else None


# -- phrases and senders for a built-in one --------------------------------------------------------------------------


def _extended(base: Extractor, recipe: Recipe) -> Extractor:
    """A built-in extractor that knows further phrases, and senders that may write for other shops.

    It is looked up by key, so that it can go to a worker.
    """
    return replace(
        base,
        revision=base.revision + 1_000 * recipe.revision,
        claims=partial(_claimed_by, base.key),
        domains=partial(_domains_of, base.key),
        extract=partial(_extract_more, base.key, recipe),
        disowned=partial(_disowned, base.key, recipe.senders),
    )


def _builtin(key: str) -> Extractor:
    return next(extractor for extractor in discover() if extractor.key == key)


def _claimed_by(key: str, mail: Mail) -> bool:
    return _builtin(key).claims(mail)


def _domains_of(key: str, mail: Mail) -> tuple[str, ...]:
    return _builtin(key).domains(mail)


def _disowned(key: str, senders: tuple[str, ...], mail: Mail) -> str | None:
    """Why a mail cannot be its sender's, unless the user knows that this sender writes for other shops."""
    return None if sent_by(mail.sender.origin, senders) else _builtin(key).disowned(mail)


def _extract_more(key: str, recipe: Recipe, mail: Mail) -> list[Fact]:
    """The built-in's facts; those without a known step get the step that the recipe's phrases tell."""
    facts = list(_builtin(key).extract(mail))
    return [_told(fact, recipe, mail) if _is_untold(fact) else fact for fact in facts]


def _is_untold(fact: Fact) -> bool:
    return fact.stage is Stage.UPDATE and fact.reason == UNKNOWN_REASON


def _told(fact: Fact, recipe: Recipe, mail: Mail) -> Fact:
    said = said_step(recipe.steps, mail, mail.lines[:_HEAD_LINES], fact.order)
    if said is None:
        return fact
    if said.value.ignored:
        raise Ignored(said.value.ignored)
    evidence: list[Evidence] = [e for e in fact.evidence if e.field not in ("stage", "reason")]
    fields = step_fields(said)
    evidence += [found.evidence(name) for name, found in fields.items()]
    values = {name: found.value for name, found in fields.items()}
    return replace(fact, **({"reason": None} | values), evidence=tuple(evidence))
