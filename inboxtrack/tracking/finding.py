"""Numbers that stand loose in a text: `find_numbers`. In its slot a number is read by `numbers.in_slot` instead.

A token counts only whole: never a window of a longer run, never beside `- @ + _ / =`, where parts of order numbers,
phones and addresses stand. What its shape is worth (`carriers.Strength`) decides what else must speak for it:

* strong: its own shape, unless an order, product or phone word stands before a number without check digit;
* medium: a tracking word, a carrier's name, or the mail being about a shipment;
* weak: a tracking label right before it *and* the name of a carrier whose check digit it has;
* never: nothing suffices here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

from inboxtrack.tracking.carriers import Strength, named_in, same_family
from inboxtrack.tracking.numbers import Match, best, canonical, matches

TEXT_LIMIT = 500_000
TOKENS_LIMIT = 5_000
_BEFORE, _AFTER = 60, 60
_SLOT_REACH = 40
_LABEL_WORDS = 3
_GROUPS_AT_MOST = 12
_CHUNK = re.compile(r"\S+")
_TOKEN = re.compile(r"[A-Za-z0-9]+")
_NOT_BESIDE = frozenset("-@+_/=\\%&*")
_GROUP = re.compile(r"[0-9A-Z]{1,8}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A number in a text: normalised, the carriers' keys it may belong to (best first), and the words around it."""

    number: str
    carriers: tuple[str, ...]
    strength: Strength
    text: str

    @property
    def carrier(self) -> str | None:
        """The carrier, when only one fits."""
        return self.carriers[0] if len(self.carriers) == 1 else None


@dataclass(frozen=True, slots=True)
class _Token:
    """A whole token, or several joined by single blanks, with its place in the text."""

    number: str
    start: int
    end: int
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a token: the kind of the nearest word before it, a label right before it, carriers named.

    `text` is what stands before it and itself, as evidence.
    """

    nearest: str | None
    labelled: bool
    named: tuple[str, ...]
    text: str


@cache
def _labels() -> dict[str, re.Pattern[str]]:
    words = tomllib.loads(files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))
    return {
        kind: re.compile(r"(?<![^\W\d_])(?:" + "|".join(alternatives) + r")(?![a-zà-ÿ])")
        for kind, alternatives in words.items()
    }


def labels_something_else(text: str) -> bool:
    """Whether a short text is the label of an order, a customer, a phone or the like."""
    return len(text.split()) <= _LABEL_WORDS and bool(_labels()["other"].search(text.lower()))


def without_addresses(text: str) -> str:
    """The text with URLs and mail addresses blanked out, every other character at its place."""
    return _CHUNK.sub(lambda chunk: " " * len(chunk[0]) if re.search(r"://|@|^www\.", chunk[0]) else chunk[0], text)


def find_numbers(
    text: str, *, shipment: bool = False, hint: str | None = None, known: Collection[str] = ()
) -> tuple[Sighting, ...]:
    """The tracking numbers that stand loose in a text, each once, in its order.

    `shipment`: the mail is known to be about a shipment. `hint`: the key of the carrier that sent the mail or that the
    retailer names. `known`: numbers whose meaning is known already, such as the order's; they are left out.
    """
    text = without_addresses(text[:TEXT_LIMIT])
    taken = {canonical(number) for number in known}
    found: dict[str, Sighting] = {}
    for token in islice(_tokens(text), TOKENS_LIMIT):
        name = canonical(token.number)
        if name not in taken and name not in found and (fitting := matches(token.number)):
            sighting = _judge(token, fitting, _around(text, token), shipment, hint)
            found |= {name: sighting} if sighting else {}
    return tuple(found.values())


def _tokens(text: str) -> Iterator[_Token]:
    run: list[_Token] = []
    for found in _TOKEN.finditer(text):
        token = _Token(found[0], found.start(), found.end())
        if not _stands_alone(text, token):
            yield from _joined(run)
            run = []
            continue
        if 7 <= len(token.number) <= 40 and _looks_printed(token.number):
            yield token
        if run and text[run[-1].end : token.start] not in (" ", "\u00a0"):
            yield from _joined(run)
            run = []
        if _GROUP.fullmatch(token.number):
            run.append(token)
        else:
            yield from _joined(run)
            run = []
    yield from _joined(run)


def _looks_printed(number: str) -> bool:
    return number == number.upper() and sum(map(str.isdigit, number)) >= 3


def _stands_alone(text: str, token: _Token) -> bool:
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 1]
    goes_on = after == "." and text[token.end + 1 : token.end + 2].isalnum()
    return not (goes_on or {before, after} & _NOT_BESIDE or _latin(before) or _latin(after))


def _latin(char: str) -> bool:
    return char.isalpha() and ord(char[0]) < 0x250


def _joined(run: list[_Token]) -> Iterator[_Token]:
    """Numbers printed in groups ("1Z 999 AA1 01 2345 6784"): joins of whole groups that no digits continue."""
    if not 2 <= len(run) <= 2 * _GROUPS_AT_MOST:
        return
    digits = [any(map(str.isdigit, token.number)) for token in run]
    starts = [i for i in range(len(run) - 1) if i == 0 or not digits[i - 1]]
    ends = [i for i in range(1, len(run)) if not any(digits[i + 1 : i + 2])]
    for start in starts:
        for end in ends:
            number = "".join(token.number for token in run[start : end + 1])
            if end > start and len(number) <= 40 and end - start < _GROUPS_AT_MOST and _looks_printed(number):
                yield _Token(number, run[start].start, run[end].end, spaced=True)


def _around(text: str, token: _Token) -> _Around:
    before = text[max(0, token.start - _BEFORE) : token.start].lower()
    last = {
        kind: found[-1] for kind, label in _labels().items() if (found := [m.end() for m in label.finditer(before)])
    }
    nearest = max(last, key=lambda kind: last[kind]) if last else None
    gap = before[last["tracking"] :] if nearest == "tracking" else ""
    labelled = nearest == "tracking" and len(gap) <= _SLOT_REACH and not re.search(r"\d", gap)
    wider = text[max(0, token.start - 2 * _BEFORE) : token.start] + " | " + text[token.end : token.end + _AFTER]
    named = tuple(carrier.key for carrier in named_in(wider))
    return _Around(nearest, labelled, named, " ".join(text[max(0, token.start - _BEFORE) : token.end].split()))


def _judge(
    token: _Token, fitting: tuple[Match, ...], around: _Around, shipment: bool, hint: str | None
) -> Sighting | None:
    speakers = (*around.named, *((hint,) if hint else ()))
    admitted = tuple(match for match in fitting if _admits(match, token, around, shipment, speakers))
    if not admitted:
        return None
    spoken = next((s for s in reversed(speakers) if any(same_family(owner.key, s) for owner, _ in admitted)), None)
    owners = tuple(owner.key for owner in best(admitted, spoken))
    return Sighting(token.number, owners, admitted[0][1].strength, around.text)


def _admits(match: Match, token: _Token, around: _Around, shipment: bool, speakers: tuple[str, ...]) -> bool:
    owner, form = match
    denied = around.nearest == "other"
    named = any(same_family(owner.key, speaker) for speaker in speakers)
    if form.strength is Strength.STRONG:
        return form.check is not None or not (denied or token.spaced)
    if form.strength is Strength.MEDIUM:
        told = around.nearest is not None or named or shipment
        return told and not denied and (form.check is not None or not token.spaced)
    return form.strength is Strength.WEAK and around.labelled and named
