"""Every pattern of the package takes linear time on text made to hurt it (row C2).

At most 80 microseconds a letter, on a slow and busy machine: a line at its limit of 2,000 letters takes 160 ms.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import time
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import inboxtrack
from inboxtrack.reading.phrases import Phrase, compile_phrase
from inboxtrack.tracking.carriers import Format

ROOT = Path(inboxtrack.__file__).parent
USES = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
READS_MAIL = re.compile(r"inboxtrack\.(?:mail|reading|extractors|tracking|reader|recipes?)\b")
REPEATS = re.compile(r"(?<!\\)[*+{]")
SIZES, SECONDS_A_LETTER, SECONDS = (500, 20_000), 80e-6, 0.1


def modules() -> list[types.ModuleType]:
    """The modules that read mail."""
    names = (info.name for info in pkgutil.walk_packages([str(ROOT)], "inboxtrack."))
    return [importlib.import_module(name) for name in names if READS_MAIL.match(name)]


@cache
def anchored() -> dict[str, str]:
    """The patterns with a name that are only ever matched from the beginning of a text, and how."""
    trees = [ast.parse(path.read_text()) for path in ROOT.rglob("*.py")]
    named: dict[str, str] = {}
    used: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and literal(node.value) is not None:
            named[node.targets[0].id] = str(literal(node.value))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.setdefault(node.value.id, set()).add(node.attr)
    return {text: "fullmatch" for name, text in named.items() if used.get(name) == {"fullmatch"}} | {
        text: "match" for name, text in named.items() if used.get(name) in ({"match"}, {"match", "fullmatch"})
    }


def literal(node: ast.AST) -> str | None:
    """The text of `re.compile("...")` and its like; None for everything else."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    ours = isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in USES
    first = node.args[0]
    return first.value if ours and isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def written() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that stand as literals in the source."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            text = literal(node)
            if text is not None:
                yield f"{path.name}:{getattr(node, 'lineno', 0)}", re.compile(text, re.I)


def held(value: object, seen: set[int], depth: int = 0) -> Iterator[re.Pattern[str]]:
    """The text patterns in a module's values, however deep."""
    if id(value) in seen or depth > 8:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, Phrase):
        yield compile_phrase(value.words)
    elif isinstance(value, Format):
        yield re.compile(value.pattern)
    elif isinstance(value, dict | list | tuple | set | frozenset):
        for inner in list(value.values() if isinstance(value, dict) else value):
            yield from held(inner, seen, depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from held(getattr(value, field.name), seen, depth + 1)


def filled(module: types.ModuleType) -> Iterator[object]:
    """What a module holds, and what its cached functions without arguments make."""
    for value in list(vars(module).values()):
        yield value
        wrapped = getattr(value, "__wrapped__", None)
        if hasattr(value, "cache_info") and wrapped is not None and wrapped.__code__.co_argcount == 0:
            yield value()


@cache
def patterns() -> dict[str, tuple[str, re.Pattern[str]]]:
    """Each pattern that repeats something, once, by its text, with the place it was found."""
    found: dict[str, tuple[str, re.Pattern[str]]] = {}
    for place, pattern in written():
        found.setdefault(pattern.pattern, (place, pattern))
    seen: set[int] = set()
    for module in modules():
        for value in filled(module):
            for pattern in held(value, seen):
                found.setdefault(pattern.pattern, (module.__name__, pattern))
    return {text: where for text, where in found.items() if REPEATS.search(text)}


def prefix(pattern: re.Pattern[str]) -> str:
    """The first letters a pattern speaks of."""
    found = re.search(r"(?<![\\\[?])[A-Za-z]{2,20}", pattern.pattern)
    return found[0] if found else "a1 "


def hurting(pattern: re.Pattern[str], size: int) -> dict[str, str]:
    start = prefix(pattern)
    return {
        "letters": "a" * size,
        "digits": "1" * size,
        "blanks": " " * size,
        "lines": "\n" * size,
        "own beginning": (start * size)[:size],
        "beginning and blanks": start + " " * size,
        "beginning and digits": start + "1" * size,
        "words": ("order 12345678 " * size)[:size],
    }


def allowed(text: str) -> float:
    return max(SECONDS, SECONDS_A_LETTER * len(text))


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """Processor time of the better of two searches, so that a busy machine does not count."""
    times = []
    for _ in range(2):
        started = time.process_time()
        getattr(pattern, anchored().get(pattern.pattern, "search"))(text)
        times.append(time.process_time() - started)
        if times[-1] < allowed(text):
            break
    return min(times)


def complaints(place: str, text: str, pattern: re.Pattern[str]) -> list[str]:
    """What takes too long, tried with short texts first."""
    for size in SIZES:
        for name, hurt in hurting(pattern, size).items():
            taken = seconds(pattern, hurt)
            if taken > allowed(hurt):
                return [f"{place}: {text[:80]!r} takes {taken:.2f} s on {size} {name}"]
    return []


def test_there_are_patterns_to_check() -> None:
    assert len(patterns()) > 100


def test_no_pattern_takes_more_than_linear_time() -> None:
    """covers: C2"""
    slow = [
        complaint for text, (place, pattern) in patterns().items() for complaint in complaints(place, text, pattern)
    ]
    assert slow == [], "\n".join(slow)


def test_the_check_finds_a_pattern_that_is_not_linear() -> None:
    """covers: C2"""
    assert seconds(re.compile(r"\s+\s+$"), " " * 600 + "x") > allowed(" " * 600)


@pytest.mark.parametrize("name", ["_NUMBER"])
def test_patterns_of_modules_are_seen(name: str) -> None:
    from inboxtrack.reader import imitation

    assert getattr(imitation, name).pattern in patterns()
