"""Places of values in a mail, as people write them in a recipe: labels, phrases with a gap, CSS selectors.

`Order number` is a label: the value stands behind it, on the next line or below it in a table. `Order #{order}` is a
phrase: `{order}`, `{tracking}` or `{carrier}` is the value, `{reference}` an order's that is nine capitals,
`{any}` up to 60 characters that do not matter. No regular expression of a user is ever run, so a mail cannot make one
slow: the time is linear in the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.reading.found import Found
from inboxtrack.reading.labels import values_after

VALUES = {
    "order": re.compile(r"[#\s]{0,2}((?=[\w./()-]{0,15}\d)[^\W_](?:[\w./()-]{0,38}[^\W_])?)(?!\w)"),
    "tracking": re.compile(
        r"[#\s]{0,2}((?:\d{2,9}(?:[ ]\d{2,9}){1,7}(?=\s?(?:$|[.,;()])))|"
        r"(?=[A-Za-z.-]{0,14}\d)[0-9A-Za-z](?:[0-9A-Za-z._/-]{2,38}[0-9A-Za-z]))(?![0-9A-Za-z])"
    ),
    "carrier": re.compile(r"\s{0,2}([^\W_][^:;,|]{1,39})"),
    "reference": re.compile(r"[#\s]{0,2}((?-i:[A-Z]{9}))(?!\w)"),
}
_KIND_OF = {"reference": "order"}
_PLACE = re.compile(r"\{(order|tracking|carrier|reference|any)\}")
_GAP = 60
_MOST_LINES, _LONGEST_LINE = 600, 500
_MOST_ELEMENTS = 30
_SELECTOR = re.compile(r"[\w\s.#>\[\]^$*~=\"'-]{1,150}")
_PLAIN_SELECTOR = re.compile(r'(?:[a-z][a-z0-9]{0,9}(?:\[[a-z]{1,20}[$^*~]?="[\w-]{1,60}"\])?(?: (?=[a-z])|$)){1,9}')


class PatternError(Exception):
    """A pattern cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A label or a phrase, compiled for one kind of value. A label takes its value from wherever labels have it."""

    written: str
    kind: str
    words: re.Pattern[str]
    is_label: bool


def compile_pattern(written: str, kind: str) -> Pattern:
    """`written` as a pattern for `kind` ("order", "tracking", "carrier"). Raises PatternError."""
    pieces = _PLACE.split(" ".join(written.split()))
    words, places = pieces[::2], pieces[1::2]
    if not written.strip() or not any(re.search(r"[^\W_]", word) for word in words):
        raise PatternError("it has no words of its own")
    if re.search(r"[{}]", "".join(words)):
        raise PatternError(f"in braces it knows {{{kind}}} and {{any}} only")
    values = [place for place in places if place != "any"]
    if any(_KIND_OF.get(place, place) != kind for place in values) or len(values) > 1:
        raise PatternError(f"it may hold {{{kind}}} once, and {{any}}")
    if places and not values:
        raise PatternError(f"it has {{any}}, but no {{{kind}}}")
    return Pattern(written, kind, _compiled(words, places), is_label=not places)


def _compiled(words: list[str], places: list[str]) -> re.Pattern[str]:
    """Words and gaps as one pattern. A gap is atomic: it ends at the first place where the next words stand."""
    text, pending = "", False
    for word, place in zip(words, [*places, ""], strict=True):
        literal = _literal(word)
        text += f"(?>.{{0,{_GAP}}}?{literal})" if pending else literal
        pending = place == "any"
        text += VALUES[place].pattern if place in VALUES else ""
    return re.compile(r"(?<!\w)" + text if words[0][:1].isalnum() else text, re.I)


def _literal(words: str) -> str:
    return r"\s{0,3}".join(re.escape(part).replace("'", "['’]") for part in re.split(r"\s+", words))


def check_selector(selector: str) -> None:
    """Refuse a CSS selector that is broken, or more than tags, classes, ids and attributes. Raises PatternError.

    Selectors as the shipped recipes write them are not asked of soupsieve: to import it takes 0.2 s.
    """
    if _PLAIN_SELECTOR.fullmatch(selector):
        return
    if not _SELECTOR.fullmatch(selector):
        raise PatternError("it may use tags, .classes, #ids and [attributes] only, up to 150 characters")
    import soupsieve

    try:
        soupsieve.compile(selector)
    except soupsieve.SelectorSyntaxError as error:
        raise PatternError("it is no CSS selector") from error


def in_subject(mail: Mail, patterns: tuple[Pattern, ...]) -> Iterator[Found[str]]:
    """Values that the patterns find in the subject, the first pattern's first."""
    for pattern in patterns:
        yield from _matches(pattern, mail.subject, "subject")


def in_text(mail: Mail, patterns: tuple[Pattern, ...]) -> Iterator[Found[str]]:
    """Values that the patterns find in the text, the first pattern's first."""
    for pattern in patterns:
        if pattern.is_label:
            yield from values_after(mail, pattern.words, VALUES[pattern.kind])
            continue
        for line in mail.lines[:_MOST_LINES]:
            yield from _matches(pattern, line[:_LONGEST_LINE], "text")


def in_elements(mail: Mail, selectors: tuple[str, ...], kind: str) -> Iterator[Found[str]]:
    """Values in the elements that the selectors name: the element's whole text, or the first value in it."""
    if not mail.html:
        return
    for selector in selectors:
        for element in mail.soup.select(selector, limit=_MOST_ELEMENTS):
            text = clean_text(element.get_text(" "), _LONGEST_LINE)
            hit = VALUES[kind].search(text)
            if hit:
                yield Found(_bare(hit[1], kind), f"html {selector}", text, "selector")


def _matches(pattern: Pattern, text: str, where: str) -> Iterator[Found[str]]:
    if pattern.is_label:
        hit = pattern.words.search(text)
        value = VALUES[pattern.kind].match(text, hit.end()) if hit else None
        if value:
            yield Found(_bare(value[1], pattern.kind), where, text, f"label {pattern.written}")
        return
    for hit in pattern.words.finditer(text):
        yield Found(_bare(hit[1], pattern.kind), where, text, f"phrase {pattern.written}")


def _bare(value: str, kind: str) -> str:
    return value.strip() if kind == "carrier" else re.sub(r"[#\s]", "", value)
