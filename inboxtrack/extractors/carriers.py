"""Carriers' own mails: which parcel, how far it is, when it comes.

Who sends for which carrier stands in `carrier_senders.toml`, what the words mean in `carriers.toml`. The number is read
from its label, a link of the carrier, or by its shape; a shop's number that the carrier quotes is kept as a reference.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import accumulate

from inboxtrack.extractors import Ignored, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Number, Role, SourceKind, Stage
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.labels import in_columns, in_lines
from inboxtrack.reading.phrases import Phrases, Step, Table, shipped_table, step_fields
from inboxtrack.reading.telling import UNKNOWN_REASON, decided_by_body, unknown_step
from inboxtrack.tracking.carriers import Carrier, by_name, carrier, same_family
from inboxtrack.tracking.finding import find_numbers
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import canonical, fits, in_slot, normal

NAME = "Carrier"
REVISION = 1
SOURCE = SourceKind.CARRIER_MAIL

_LINES_READ = 60
_ROWS_READ = 300
_PARCELS_AT_MOST = 50
_TEXT_READ = 40_000
_SENTENCE_READ = 400
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
_VALUE = re.compile(r"[\s*(]{0,3}#?\s?((?=[A-Z.-]{0,14}\d)[0-9A-Z][0-9A-Z./-]{4,38}[0-9A-Z])(?![0-9A-Za-z])")
_WORD = re.compile(r"(?<![\w-])[0-9A-Z]{7,40}(?![\w-])")
_SHOWN_LINK = re.compile(r"[(\[<]?\s?https?://\S+\s?[)\]>]?")
_MASKED = re.compile(r"X{3}|\*{2}")
_AHEAD = frozenset({Stage.PREPARING, Stage.SHIPPED, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.ATTEMPT_FAILED})


def _table() -> Table:
    return shipped_table("carriers")


@cache
def _subject_phrases() -> Phrases:
    return _table().steps["step"].extended(_table().steps["subject"])


@cache
def _senders() -> dict[str, tuple[str, ...]]:
    text = files(__package__).joinpath("carrier_senders.toml").read_text("utf-8")
    return {key: tuple(domains) for key, domains in tomllib.loads(text)["senders"].items()}


@cache
def _relays() -> tuple[str, ...]:
    text = files(__package__).joinpath("carrier_senders.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["relays"]["senders"])


SENDERS = (*(domain for domains in _senders().values() for domain in domains), *_relays())


def sending_carrier(mail: Mail) -> Carrier | None:
    """The carrier a mail is from: by its sender, by the name that a relay shows; where there is no sender at all, by
    links that all point to one carrier."""
    address = mail.sender.origin
    if not address:
        return _linked_carrier(mail)
    if sent_by(address, _relays()):
        return by_name(mail.sender.name) or by_name(mail.subject)
    return carrier(next((key for key, domains in _senders().items() if sent_by(address, domains)), None))


def _linked_carrier(mail: Mail) -> Carrier | None:
    keys = {linked[0] for href in mail.links if (linked := read_link(href.url))}
    key = next(iter(keys)) if len(keys) == 1 else None
    domains = _senders().get(key or "", ())
    return carrier(key) if domains and all(sent_by("@" + href.host, domains) for href in mail.links) else None


def claims(mail: Mail) -> bool:
    """Whether a carrier sent the mail."""
    return sending_carrier(mail) is not None


def domains(mail: Mail) -> tuple[str, ...]:
    """The domains that may speak for the mail's carrier."""
    owner = sending_carrier(mail)
    own = _senders().get(owner.key, ()) if owner else ()
    return _relays() if sent_by(mail.sender.origin, _relays()) else own


def extract(mail: Mail) -> Iterator[Fact]:
    """One fact for each parcel the mail names. `Ignored` for advertising and for digests without parcels."""
    owner = sending_carrier(mail)
    if owner is None:
        return iter(())
    step = read_step(mail)
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    is_digest = step.value.reason == "digest"
    numbers = (digest_numbers if is_digest else parcel_numbers)(mail, owner)
    if not numbers and is_digest:
        raise Ignored("a digest without parcels")
    if not numbers and step.value.reason == UNKNOWN_REASON and not _has_empty_label(mail):
        raise Ignored("it names no parcel and no step")
    return facts(mail, owner, step, numbers)


def facts(mail: Mail, owner: Carrier, step: Found[Step], numbers: Iterable[Found[str]]) -> Iterator[Fact]:
    """The facts of a mail whose step and numbers are known."""
    eta = expected(mail) if step.value.stage in _AHEAD else None
    quoted = references(mail, [number.value for number in numbers])
    for number in numbers:
        value, key = in_slot(number.value, owner.name)
        branch = Found(_branch(key, owner), "sender", mail.sender.origin, f"{owner.name} sends from here")
        yield make_fact(mail.at, tracking=number.but(value), carrier=branch, also=quoted, eta=eta, **step_fields(step))


def _branch(key: str | None, owner: Carrier) -> str:
    return key if key and same_family(key, owner.key) else owner.key


def read_step(mail: Mail) -> Found[Step]:
    """What the subject says, else the first sentence that tells a step; an update when no phrase is known."""
    found = _subject_phrases().match(mail.subject)
    if found and found.value.body:
        found = decided_by_body(mail, _table(), found)
    if found and (found.value.stage is not Stage.UPDATE or not found.value.body):
        return found
    return first(_table().steps["step"].match(said, "text") for said in sentences(mail)) or (
        found or unknown_step(mail.subject, "subject")
    )


def sentences(mail: Mail) -> Iterator[str]:
    """The sentences at the top of a mail, each cut short where it goes on to what only might happen."""
    for line in mail.lines[:_LINES_READ]:
        for sentence in re.split(r"(?<=[.!?])\s", line):
            maybe = _table().words["condition"].search(sentence)
            yield sentence[: min(maybe.start(), _SENTENCE_READ)] if maybe else sentence[:_SENTENCE_READ]


def parcel_numbers(mail: Mail, owner: Carrier) -> list[Found[str]]:
    """The parcels a mail names: behind their label, else in the carrier's links, else by their shape.

    A number that has a shape of the carrier goes before one that has not.
    """
    levels = _levels(mail, owner)
    fitting = ([found for found in level if fits(found.value, owner.key)] for level in levels)
    chosen = next((level for level in (*fitting, *levels) if level), list(_last_in_subject(mail)))
    return _one_a_parcel(chosen)


def digest_numbers(mail: Mail, owner: Carrier) -> list[Found[str]]:
    """Every parcel that a digest of several lists, however it stands there."""
    labelled, linked, shaped = _levels(mail, owner)
    return _one_a_parcel([*linked, *(found for found in (*labelled, *shaped) if fits(found.value, owner.key))])


def _levels(mail: Mail, owner: Carrier) -> tuple[list[Found[str]], list[Found[str]], list[Found[str]]]:
    labelled = [*_behind(mail, _label()), *_in_subject(mail)]
    return labelled, list(_linked(mail, owner)), [*_by_shape(mail, owner), *_loose(mail, owner)]


def _one_a_parcel(found: Iterable[Found[str]]) -> list[Found[str]]:
    named: dict[str, Found[str]] = {}
    for number in found:
        named.setdefault(canonical(number.value), number)
    return list(named.values())[:_PARCELS_AT_MOST]


@cache
def _label() -> re.Pattern[str]:
    """The label of a number, behind which the carrier's name may stand."""
    label = _table().words["tracking"].pattern
    return re.compile(
        rf"(?:{label})(?:\s\(?(?:UPS|USPS|FedEx|DHL|DPD|GLS|Correos|CTT|Evri|PostNL|InPost|J&T)\)?)?", re.I
    )


@cache
def _label_line() -> re.Pattern[str]:
    return re.compile(rf"(?:{_table().words['tracking'].pattern})\s?[:：]", re.I)


def _has_empty_label(mail: Mail) -> bool:
    """Whether a label of a number stands there, so that the mail was about a parcel."""
    return any(_label_line().search(line) for line in mail.lines[:_LINES_READ])


def _plausible(value: str) -> bool:
    number = normal(value)
    digits = sum(map(str.isdigit, number))
    return digits >= 4 and len(number) >= 7 and not _DATE.fullmatch(value) and not _MASKED.search(number)


def _behind(mail: Mail, label: re.Pattern[str]) -> list[Found[str]]:
    """The plausible values behind a label; emphasis and links that plain text shows between them do not count."""
    lines = tuple(_SHOWN_LINK.sub("", line).strip("*# ") for line in _upper_lines(mail))
    found = distinct([*in_columns(mail.rows[:_ROWS_READ], label, _VALUE), *in_lines(lines, label, _VALUE)])
    return [value for value in found if _plausible(value.value)]


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


def _by_shape(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    """Numbers of the carrier's shape, whatever their check digit: in the subject, or alone on a line."""
    places = [("subject", hit[0], mail.subject) for hit in _WORD.finditer(mail.subject)]
    places += [("text", line, line) for line in mail.lines[:_LINES_READ] if _WORD.fullmatch(line)]
    for where, value, text in places:
        if fits(value, owner.key) and _plausible(value):
            yield Found(value, where, text, "shape of the carrier's numbers")


def _last_in_subject(mail: Mail) -> Iterator[Found[str]]:
    """A long number that ends the subject, as USPS and FedEx write it, unless the shop's label stands before it."""
    hit = re.search(r"(?<![\w-])[0-9A-Z]{10,34}$", mail.subject)
    if hit and _plausible(hit[0]) and not _table().words["reference"].search(mail.subject):
        yield Found(hit[0], "subject", mail.subject, "number at the end of the subject")


def _loose(mail: Mail, owner: Carrier) -> Iterator[Found[str]]:
    for where, text in (("subject", mail.subject), ("text", "\n".join(mail.lines))):
        for seen in find_numbers(text, shipment=True, hint=owner.key):
            yield Found(seen.number, where, seen.text, "shape and words around it")


def references(mail: Mail, numbers: Iterable[str]) -> Found[tuple[Number, ...]] | None:
    """The shop's numbers that the carrier quotes under an order's label."""
    own = {canonical(number) for number in numbers}
    found = [f for f in _behind(mail, _table().words["reference"]) if canonical(f.value) not in own]
    return found[0].but(tuple(Number(f.value, Role.REFERENCE) for f in found)) if found else None


def expected(mail: Mail) -> Found[DateRange] | None:
    """The expected day, from the subject or the first line that speaks of it (or the line below it)."""
    if mail.date is None and mail.received_at is None:
        return None
    lines = (mail.subject, *mail.lines[:_LINES_READ])
    for index, line in enumerate(lines):
        if not _table().words["eta"].search(line):
            continue
        for text in (line, *lines[index + 1 : index + 2]):
            days = find_days(text, mail.at.date())
            if days:
                return Found(days, "text" if index else "subject", text, "day beside a word of expected delivery")
    return None
