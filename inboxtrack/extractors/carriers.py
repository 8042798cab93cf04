"""Carriers' own mails: which parcel, how far it is, when it comes.

Who sends for which carrier stands in `carrier_senders.toml`, what the words mean in `carriers.toml`. The number is read
from its label, a link of the carrier, or by its shape; a shop's number that the carrier quotes is kept as a reference.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from typing import Any

from inboxtrack.extractors import Ignored, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, SourceKind, Stage
from inboxtrack.reading.carrier_numbers import digest_numbers, has_empty_label, parcel_numbers, quoted_numbers
from inboxtrack.reading.carrier_steps import LINES_READ, read_step, whole_sentences
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.labels import in_columns
from inboxtrack.reading.phrases import Step, Table, shipped_table, step_fields
from inboxtrack.reading.telling import UNKNOWN_REASON
from inboxtrack.tracking.carriers import Carrier, by_name, carrier, same_family
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import in_slot

NAME = "Carrier"
REVISION = 2
SOURCE = SourceKind.CARRIER_MAIL

_DAY = dt.timedelta(days=1)
_AHEAD = frozenset(map(Stage, ["update", "preparing", "shipped", "in_transit", "out_for_delivery", "attempt_failed"]))
_ROWS_READ = 100
_CELL = re.compile(r"(.{4,80})")


def _table() -> Table:
    return shipped_table("carriers")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("carrier_senders.toml").read_text("utf-8"))


@cache
def _senders() -> dict[str, tuple[str, ...]]:
    return {key: tuple(domains) for key, domains in _data()["senders"].items()}


def _relays() -> tuple[str, ...]:
    return tuple(_data()["relays"]["senders"])


def _day_first(owner: Carrier) -> bool | None:
    """How the carrier writes days in digits; None where it depends on the country."""
    return owner.key in _data()["dates"]["day_first"] or None


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
    if not numbers and step.value.reason == UNKNOWN_REASON and not has_empty_label(mail):
        raise Ignored("it names no parcel and no step")
    return facts(mail, owner, step, numbers)


def facts(mail: Mail, owner: Carrier, step: Found[Step], numbers: list[Found[str]]) -> Iterator[Fact]:
    """The facts of a mail whose step and numbers are known."""
    quoted = quoted_numbers(mail, owner, numbers)
    branch = Found(owner.key, "sender", mail.sender.origin, f"{owner.name} sends from here")
    days = _days(mail, step, numbers, _day_first(owner))
    for number in numbers:
        value, key = in_slot(number.value, owner.name)
        carried = branch.but(_branch(key, owner))
        eta = days.get(number.value)
        yield make_fact(mail.at, tracking=number.but(value), carrier=carried, also=quoted, eta=eta, **step_fields(step))


def _days(
    mail: Mail, step: Found[Step], numbers: list[Found[str]], day_first: bool | None
) -> dict[str, Found[DateRange]]:
    """The expected day of each number: its own where a table of several parcels has one, else the mail's."""
    dated = mail.date is not None or mail.received_at is not None
    if step.value.stage not in _AHEAD or not dated:
        return {}
    today = mail.at.date()
    own = {n.value: day for n in numbers if len(numbers) > 1 and (day := _own_day(mail, n.value, today, day_first))}
    if own or step.value.reason == "digest":
        return own
    missed_today = step.value.stage is Stage.ATTEMPT_FAILED
    day = expected(mail, today + missed_today * _DAY, day_first) or _today(step, today)
    return {number.value: day for number in numbers} if day else {}


def _own_day(mail: Mail, number: str, today: dt.date, day_first: bool | None) -> Found[DateRange] | None:
    """The day that stands in the row or the line of a number."""
    texts = (*(" | ".join(row) for row in mail.rows[:_ROWS_READ]), *mail.lines[:LINES_READ])
    days = ((text, find_days(text, today, day_first)) for text in texts if number in text)
    return next(
        (Found(day, "text", text, "day beside the number") for text, day in days if day and day.last >= today), None
    )


def _branch(key: str | None, owner: Carrier) -> str:
    return key if key and same_family(key, owner.key) else owner.key


def expected(mail: Mail, soonest: dt.date, day_first: bool | None = None) -> Found[DateRange] | None:
    """The expected day: below its heading in a table, else in the first sentence that speaks of it, or right below it.

    Days before the `soonest` tell what was, not what is expected.
    """
    for said in _expecting(mail):
        days = find_days(said.text, mail.at.date(), day_first)
        if days and days.last >= soonest:
            return said.but(days)
    return None


def _expecting(mail: Mail) -> Iterator[Found[str]]:
    """The texts that may name the expected day, best first."""
    words, rule = _table().words["eta"], "day beside a word of expected delivery"
    yield from islice(in_columns(mail.rows[:_ROWS_READ], words, _CELL), 1)
    for sentence, below in pairwise((mail.subject, *whole_sentences(mail), "")):
        if words.search(sentence):
            yield Found(sentence, "subject" if sentence is mail.subject else "text", sentence, rule)
            if sentence[-1:] not in ".!?":
                yield Found(below, "text", below, rule)


def _today(step: Found[Step], day: dt.date) -> Found[DateRange] | None:
    """The mail's own day, where the words that tell of the last tour say that it is today."""
    days = find_days(step.text, day) if step.value.stage is Stage.OUT_FOR_DELIVERY else None
    return step.but(days) if days and days.first == days.last == day else None
