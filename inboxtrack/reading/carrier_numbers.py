"""The numbers of a carrier's mail: its parcels, and what it quotes beside them.

A number is looked for behind its label, in the carrier's links, by its shape, and at the end of the subject; what the
labels are stands in the extractor's phrase table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, pairwise

from inboxtrack.mail.message import Mail
from inboxtrack.model import Number, Role
from inboxtrack.reading.carrier_steps import LINES_READ
from inboxtrack.reading.found import Found, distinct
from inboxtrack.reading.labels import in_columns, in_lines
from inboxtrack.reading.phrases import shipped_table
from inboxtrack.tracking.carriers import Carrier, Strength, same_family
from inboxtrack.tracking.finding import find_numbers, labels_something_else
from inboxtrack.tracking.links import read_link, shaped_in_link
from inboxtrack.tracking.numbers import canonical, carriers_for, check, fits, normal

_ROWS_READ = 300
_PARCELS_AT_MOST = 50
_TEXT_READ = 40_000
_GROUPED_AT_MOST = 60
_LONG = 14
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
_VALUE = re.compile(r"[\s*(\"'“„«]{0,3}#?\s?((?=[A-Z.-]{0,14}\d)[0-9A-Z][0-9A-Z./-]{4,38}[0-9A-Z])(?![0-9A-Za-z])")
_GROUPED = re.compile(r"[\s*(]{0,3}((?:[0-9A-Z]{1,9}\s){1,9}[0-9A-Z]{1,9})(?![0-9A-Za-z])")
_BEFORE = re.compile(r"(?<![\w-])((?=[A-Z]{0,6}\d)[0-9A-Z]{7,30})\s?$")
_WORD = re.compile(r"(?<![\w-])[0-9A-Z]{7,40}(?![\w-])")
_ANY_CASE = re.compile(r"[\s*(]{0,3}((?=[A-Za-z]{0,9}\d)[0-9A-Za-z]{11,40})(?![0-9A-Za-z])")
_LAST_WORD = re.compile(r"(?<![\w-])[0-9A-Z]{10,34}$")
_SHOWN_LINK = re.compile(r"[(\[<]?\s?https?://\S+\s?[)\]>]?")
_EMPHASIS = re.compile(r"(?<!\*)\*(?!\*)")
_MASKED = re.compile(r"X{3}|\*{2}")


def _words(use: str) -> re.Pattern[str]:
    return shipped_table("carriers").words[use]


def parcel_numbers(mail: Mail, owner: Carrier) -> list[Found[str]]:
    """The parcels a mail names: behind their label, else in the carrier's links, else by their shape.

    A number that has a shape of the carrier goes before one that has not.
    """
    levels = _levels(mail, owner)
    fitting = ([found for found in level if fits(found.value, owner.key)] for level in levels)
    chosen = next((level for level in (*fitting, *levels) if level), list(_last_in_subject(mail)))
    parcels = _one_a_parcel(chosen)
    return parcels[:1] if _are_names_of_one(parcels) else parcels


def _are_names_of_one(numbers: list[Found[str]]) -> bool:
    """Whether two numbers name one parcel: their labels and their lengths differ, as GLS's Track ID and parcel number.

    Two parcels have the same label.
    """
    labels = {label for number in numbers if (label := _label_of(number))}
    return len(numbers) == len(labels) == len({len(number.value) for number in numbers}) == 2


def _label_of(number: Found[str]) -> str:
    """The words of the label that a number stands behind; '' for one that was found otherwise."""
    before = number.text.partition(number.value)[0] if number.rule == "label" else ""
    labels = [hit[0].casefold() for hit in _words("tracking").finditer(before)]
    return labels[-1] if labels else ""


def digest_numbers(mail: Mail, owner: Carrier) -> list[Found[str]]:
    """Every parcel that a digest of several lists, however it stands there."""
    labelled, linked, shaped = _levels(mail, owner)
    return _one_a_parcel([*linked, *(found for found in (*labelled, *shaped) if fits(found.value, owner.key))])


def _levels(mail: Mail, owner: Carrier) -> tuple[list[Found[str]], list[Found[str]], list[Found[str]]]:
    labelled = [*_behind(mail, _label(), key=owner.key), *_in_subject(mail)]
    if not any(fits(found.value, owner.key) for found in labelled):
        labelled += [*_printed_otherwise(mail, owner), *_labelled_behind(mail), *_above_label(mail, owner)]
    return labelled, list(_linked(mail, owner)), [*_by_shape(mail, owner), *_loose(mail, owner), *_worded(mail, owner)]


def _printed_otherwise(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    """Numbers behind their label in groups or in lower case: only in a shape of the carrier."""
    for shape in (_GROUPED, _ANY_CASE):
        yield from (found for found in _behind(mail, _label(), shape) if fits(found.value, owner.key))


def _labelled_behind(mail: Mail) -> Iterator[Found[str]]:
    """Numbers before their label, as Hungarian and Turkish have it ("01234567890 számú csomagját")."""
    for line in mail.lines[:LINES_READ]:
        for hit in _words("tracking_behind").finditer(line):
            value = _BEFORE.search(line[: hit.start()])
            if value and _plausible(value[1]):
                yield Found(value[1], "text", line, "label behind it")


def _above_label(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    """Numbers of the carrier's shape that have a line to themselves, and their label as a caption below."""
    for line, below in pairwise(mail.lines[:LINES_READ]):
        number = re.sub(r"\s", "", line[:_GROUPED_AT_MOST])
        if _words("tracking").fullmatch(below) and _WORD.fullmatch(number) and fits(number, owner.key):
            yield Found(number, "text", f"{line} {below}", "label below it")


def _one_a_parcel(found: Iterable[Found[str]]) -> list[Found[str]]:
    named: dict[str, Found[str]] = {}
    for number in found:
        named.setdefault(canonical(number.value), number)
    return list(named.values())[:_PARCELS_AT_MOST]


@cache
def _label() -> re.Pattern[str]:
    """The label of a number, behind which the carrier's name, or "with" and "no." may stand."""
    label = _words("tracking").pattern
    return re.compile(
        rf"(?:{label})(?:\s\(?(?:UPS|USPS|FedEx|DHL(?:\s(?:Express|Paket|eCommerce))?|DPD|GLS|Correos|CTT|Evri|Hermes|PostNL|"
        r"InPost|J&T|Royal\sMail|Australia\sPost|Canada\sPost|Purolator|"
        r"Mondial\sRelay|Chronopost|Colissimo|SEUR|BRT|MRW|PostNord|Posti|bpost|Packeta)\)?)?"
        r"(?:\s(?:with|mit|mit\sder|con|com|com\so|avec\sle|met|med|s|o|cu|pod)(?=\s(?:n|č)))?"
        r"(?:\s(?:numerze|číslem|číslom|numărul|č\.|čís\.|číslo|br\.|št\.|n\.|№))?",
        re.I,
    )


def _plausible(value: str, key: str = "") -> bool:
    """Whether a value can be a number at all; with few digits only in a shape of the carrier (GLS: "ZK7QV2M4")."""
    number = normal(value)
    enough = sum(map(str.isdigit, number)) >= 4 or (key != "" and fits(number, key))
    return enough and len(number) >= 7 and not _DATE.fullmatch(value) and not _MASKED.search(number)


def _behind(mail: Mail, label: re.Pattern[str], shape: re.Pattern[str] = _VALUE, key: str = "") -> list[Found[str]]:
    """The plausible values behind a label; emphasis and links that plain text shows between them do not count."""
    lines = tuple(_EMPHASIS.sub("", _SHOWN_LINK.sub("", line)).strip("*# ") for line in _upper_lines(mail))
    found = distinct([*in_columns(mail.rows[:_ROWS_READ], label, shape), *in_lines(lines, label, shape)])
    return [value for value in found if _plausible(value.value, key)]


def _upper_lines(mail: Mail) -> list[str]:
    """The lines within the first characters that carriers ever fill; what stands below costs only time."""
    ends = accumulate(len(line) for line in mail.lines)
    return [line for line, end in zip(mail.lines, ends, strict=True) if end <= _TEXT_READ]


def _in_subject(mail: Mail) -> Iterator[Found[str]]:
    for hit in _label().finditer(mail.subject):
        value = _VALUE.match(mail.subject, hit.end())
        if value and _plausible(value[1]):
            yield Found(value[1], "subject", mail.subject, "label")


def _linked(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    for href in mail.links:
        linked = read_link(href.url)
        if linked and _plausible(linked[1]) and (linked[0] is None or same_family(linked[0], owner.key)):
            yield Found(linked[1], "link", f"{href.host} {href.text}", "link of the carrier")
        elif shaped := shaped_in_link(href.url, owner.key):
            yield Found(shaped, "link", f"{href.host} {href.text}", "shape of the carrier's numbers in its link")


def _by_shape(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    """Numbers of the carrier's shape: in the subject, or alone on a line if their shape or check digit says enough."""
    for hit in _WORD.finditer(mail.subject):
        if fits(hit[0], owner.key) and _plausible(hit[0]):
            yield Found(hit[0], "subject", mail.subject, "shape of the carrier's numbers")
    alone = list(_alone(mail))
    sure = [found for found in alone if _tells(found, owner.key)]
    lengths = {len(found.value) for found in sure}
    alike = (found for found in alone if not lengths or len(found.value) in lengths)
    yield from distinct([*sure, *(found for found in alike if _may_be_barcode(found, owner.key))])


def _alone(mail: Mail) -> Iterator[Found[str]]:
    """Everything like a number that has its line to itself, but what is labelled as something else."""
    for above, line in pairwise(("", *mail.lines[:LINES_READ])):
        number = "" if labels_something_else(above) else re.sub(r"\s", "", line[:_GROUPED_AT_MOST])
        if _WORD.fullmatch(number) and _plausible(number):
            yield Found(number, "text", line, "shape of the carrier's numbers, alone on its line")


def _tells(found: Found[str], key: str) -> bool:
    """Whether a shape says enough; few digits printed in groups may as well be a phone's."""
    number, whole = found.value, found.value == found.text
    checked = (whole or len(number) >= _LONG) and fits(number, key, Strength.WEAK) and check(number, key)
    return checked or fits(number, key, Strength.MEDIUM)


def _may_be_barcode(found: Found[str], key: str) -> bool:
    """Whether a long number is the carrier's although its check digit does not say so, as it stands under a barcode.

    Beside one that is sure it has to be as long: an account's number looks the same.
    """
    return found.value == found.text and len(found.value) >= _LONG and fits(found.value, key)


def _last_in_subject(mail: Mail) -> Iterator[Found[str]]:
    """A long number that ends the subject, as USPS and FedEx write it, unless the shop's label stands before it."""
    hit = _LAST_WORD.search(mail.subject)
    if hit and _plausible(hit[0]) and not _words("reference").search(mail.subject):
        yield Found(hit[0], "subject", mail.subject, "number at the end of the subject")


def _loose(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    for where, text in (("subject", mail.subject), ("text", "\n".join(mail.lines))):
        for seen in find_numbers(text, shipment=True, hint=owner.key):
            yield Found(seen.number, where, seen.text, "shape and words around it")


def _worded(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    """Numbers inside a sentence in a shape that only the carrier's numbers have, whatever their check digit."""
    for line in mail.lines[:LINES_READ]:
        for hit in _WORD.finditer(_SHOWN_LINK.sub("", line)):
            if fits(hit[0], owner.key, Strength.MEDIUM) and _plausible(hit[0]):
                yield Found(hit[0], "text", line, "shape of the carrier's numbers")


def quoted_numbers(mail: Mail, owner: Carrier, parcels: list[Found[str]]) -> Found[tuple[Number, ...]] | None:
    """The shop's numbers under an order's label, a single parcel's second name, and its number with another carrier."""
    own = {canonical(found.value) for found in parcels}
    quoted = [(found, Role.REFERENCE) for found in _behind(mail, _words("reference"))]
    if len(own) == 1:
        quoted += [(found, Role.TRACKING) for found in _second_names(mail, owner, parcels[0])]
        quoted += [(found, Role.LAST_MILE) for found in _behind(mail, _label()) if _is_of_another(found.value, owner)]
    further = {canonical(f.value): (f, Number(f.value, role)) for f, role in quoted if canonical(f.value) not in own}
    numbers = tuple(number for _, number in further.values())
    return next(iter(further.values()))[0].but(numbers) if numbers else None


def _second_names(mail: Mail, owner: Carrier, parcel: Found[str]) -> Iterator[Found[str]]:
    """The number that the carrier gives a single parcel beside the one it is known by."""
    further = _behind(mail, _label(), key=owner.key)
    names = [found for found in _one_a_parcel([parcel, *further]) if fits(found.value, owner.key)]
    yield from names[1:] if _are_names_of_one(names) else ()


def _is_of_another(number: str, owner: Carrier) -> bool:
    """Whether a number has the shape of another carrier, check digit included, and not one of this carrier's."""
    others = carriers_for(number)
    return bool(others) and not fits(number, owner.key) and all(fits(number, o.key, Strength.MEDIUM) for o in others)


@cache
def _label_line() -> re.Pattern[str]:
    return re.compile(rf"(?:{_words('tracking').pattern})\s?[:：]", re.I)


def has_empty_label(mail: Mail) -> bool:
    """Whether a label of a number stands there, so that the mail was about a parcel."""
    label, words = _label_line(), _words("tracking")
    return any(label.search(line) or words.fullmatch(line) for line in mail.lines[:LINES_READ])
