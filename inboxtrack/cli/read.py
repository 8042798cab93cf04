"""`inboxtrack read`: what given files say."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from inboxtrack.cli import words
from inboxtrack.cli.frame import CommandError
from inboxtrack.extractors import Extractor
from inboxtrack.jsonform import Json, reading_to_json
from inboxtrack.model import Outcome
from inboxtrack.reader import Context
from inboxtrack.reader.worker import Pool

_FIELDS = ("order", "tracking", "carrier", "seller", "flags", "reason", "coverage")


def run(files: list[str], as_json: bool, recipes: Sequence[Path] = ()) -> None:
    """Read each file and print the readings in the order given, with further recipes.

    A file is read as a mail from the net is: in a process of its own, within limits.
    Raises CommandError for files that cannot be read, RecipeError for recipes that cannot be used.
    """
    context = Context(recipes=_loaded(recipes))
    mails = [(load(Path(name)), replace(context, body_only=is_body(Path(name)))) for name in files]
    with Pool(min(len(mails), os.cpu_count() or 1)) as pool:
        readings = [reading_to_json(*one) for one in zip(files, pool.read_all(mails), strict=True)]
    if as_json:
        json.dump({"schema": 1, "files": readings}, sys.stdout, ensure_ascii=False)
        print()
        return
    names = {recipe.key: recipe.name for recipe in context.recipes}
    for reading in readings:
        print("\n".join(told(reading, names)))


def _loaded(recipes: Sequence[Path]) -> tuple[Extractor, ...]:
    if not recipes:
        return ()
    from inboxtrack.extractors.recipe import load_file

    return tuple(load_file(path) for path in recipes)


def load(path: Path) -> bytes:
    """A file's bytes; an HTML body gets the header it needs to be read as a mail."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}; give the path of an .eml or .html file") from error
    if is_body(path):
        return b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + raw
    return raw


def is_body(path: Path) -> bool:
    """Whether a file holds the HTML of a mail without its header."""
    return path.suffix.lower() in (".html", ".htm")


def told(reading: Json, names: Mapping[str, str]) -> Iterator[str]:
    """One reading for a person: the mail, the verdict, and each fact with the words that say so."""
    outcome, why = Outcome(reading["outcome"]), words.reason(reading["reason"])
    said = outcome in (Outcome.READ, Outcome.FOREIGN)
    yield f"{reading['file']}: {words.OUTCOME_WORDS[outcome]}" + ("" if said else f" ({why})")
    if reading["sender"] or reading["subject"]:
        yield f"  {reading['sender'] or 'no sender'}: {reading['subject'] or 'no subject'}"
    reader = names.get(reading["extractor"] or "", reading["extractor"])
    if reader:
        yield f"  {reader}, {reading['trust']}: {reading['trust_reason']}"
    for fact in reading["facts"]:
        yield f"  - {fact['stage']}: {', '.join(described(fact))}"
        yield from (f"      {field}: {said['text']!r} ({said['rule']})" for field, said in fact["evidence"].items())


def described(fact: Json) -> Iterator[str]:
    """What a fact tells beside its stage, in words."""
    for field in _FIELDS:
        value = fact[field]
        if value and value != "all":
            yield f"{field} {' '.join(value) if isinstance(value, list) else value}"
    if fact["eta"]:
        yield f"expected {fact['eta']['from']} to {fact['eta']['to']}"
    if fact["total"]:
        yield f"total {fact['total']['amount']} {fact['total']['currency']}"
