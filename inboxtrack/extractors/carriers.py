"""Carriers' own mails: which parcel, how far it is, when it comes.

Who sends for which carrier stands in `carrier_senders.toml`, what the words mean in `carriers.toml`. The number is read
from its label, a link of the carrier, or by its shape; a shop's number that the carrier quotes is kept as a reference.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from inboxtrack.extractors import Ignored, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, SourceKind
from inboxtrack.reading.carrier_days import promised_days, written_ahead
from inboxtrack.reading.carrier_numbers import digest_numbers, has_empty_label, parcel_numbers, quoted_numbers
from inboxtrack.reading.carrier_steps import read_step, step_by_day
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.phrases import Step, step_fields
from inboxtrack.reading.telling import UNKNOWN_REASON
from inboxtrack.tracking.carriers import Carrier, by_name, carrier, same_family
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import in_slot

NAME = "Carrier"
REVISION = 3
SOURCE = SourceKind.CARRIER_MAIL


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
    today = _today(mail, owner)
    days = promised_days(mail, step, numbers, today, _day_first(owner))
    for number in numbers:
        value, key = in_slot(number.value, owner.name)
        carried = branch.but(_branch(key, owner))
        eta = days.get(number.value)
        told = step_fields(step_by_day(step, eta, today, alone=len(numbers) == 1))
        yield make_fact(mail.at, tracking=number.but(value), carrier=carried, also=quoted, eta=eta, **told)


def _today(mail: Mail, owner: Carrier) -> dt.date:
    """The mail's day where the carrier is at home; for a carrier of many countries, where the mail was written."""
    hours = _data()["hours"].get(owner.key)
    ahead = written_ahead(mail) if hours is None else dt.timedelta(hours=hours)
    return (mail.at + ahead).date()


def _branch(key: str | None, owner: Carrier) -> str:
    return key if key and same_family(key, owner.key) else owner.key
