"""What the user says about orders, as facts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from inboxtrack.model import Correction, Evidence, Fact, Flag, Role, Source, SourceKind, Stage, Trust
from inboxtrack.tracking.numbers import in_slot

REPORTS = {
    "not-received": (Stage.EXCEPTION, "not_received"),
    "damaged": (Stage.UPDATE, "damaged"),
    "wrong": (Stage.UPDATE, "wrong"),
}
OrderId = tuple[str, str]


_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class NothingToUndo(Exception):
    """There is no such correction."""


class UnknownRetailer(Exception):
    """Nobody is called so; the text names who is known."""

    exit_code = 2


def added(
    retailer: str,
    number: str,
    tracking: str | None,
    now: dt.datetime,
    *,
    carrier: str | None = None,
    known: bool = False,
) -> Fact:
    """An order that the user adds; with a number it is on its way. `carrier` is the key of the number's carrier.

    What is `known` already keeps its step: who adds a delivered parcel again does not say that it is on its way.
    """
    command = " ".join(filter(None, ("add", retailer, number, tracking)))
    told = {"order": number, "retailer": retailer} | ({"tracking": tracking} if tracking else {})
    return Fact(
        at=now,
        received_at=now,
        stage=Stage.UPDATE if known else Stage.SHIPPED if tracking else Stage.PLACED,
        retailer=retailer,
        order=number,
        tracking=tracking,
        tracking_role=Role.TRACKING,
        carrier=carrier,
        trust=Trust.VERIFIED,
        source=Source(SourceKind.USER, command),
        key=f"user/{now.isoformat()}/add/{number}",
        evidence=tuple(Evidence(name, "command line", str(value), "said by you") for name, value in told.items()),
    )


def correction(kind: Correction, order: OrderId, text: str | None, now: dt.datetime) -> Fact:
    """A correction of an order. `text` is the number for link and split, the report, the note or the file's name."""
    tracking = text if kind in (Correction.LINK, Correction.SPLIT) else None
    stage, reason = REPORTS[text or ""] if kind is Correction.REPORT else (Stage.UPDATE, None)
    words = " ".join(filter(None, (kind.value, order[1], text)))
    return Fact(
        at=now,
        received_at=now,
        stage=stage,
        retailer=order[0],
        order=order[1],
        tracking=tracking,
        carrier=in_slot(text)[1] if text and kind is Correction.LINK else None,
        flags=frozenset({Flag.ACTION_REQUIRED}) if kind is Correction.REPORT else frozenset(),
        reason=reason,
        correction=kind,
        text=text,
        trust=Trust.VERIFIED,
        source=Source(SourceKind.USER, words),
        key=f"user/{now.isoformat()}/{kind}/{order[1]}/{text or ''}",
        evidence=tuple(Evidence(name, "command line", words, "said by you") for name in ("order", "stage")),
    )


def undoing(
    kind: Correction | None, order: OrderId, text: str | None, facts: Iterable[Fact], now: dt.datetime
) -> list[Fact]:
    """The facts that take the user's last such word back, as often as it was said; no `kind` stands for `add`.

    With a `text` only what was said with it: the number, the note, the name of the file. Raises NothingToUndo.
    """
    same = [f for f in _standing(facts) if f.correction is kind and text in (None, said_with(f))]
    if not same:
        raise NothingToUndo(f"order {order[1]} has no {kind or 'add'} that could be undone: inboxtrack show {order[1]}")
    equal = (f for f in same if (f.text, f.tracking) == (same[-1].text, same[-1].tracking))
    return [correction(Correction.UNDO, order, fact.key, now) for fact in equal]


def says_again(word: Fact, facts: Iterable[Fact]) -> bool:
    """Whether the user's word stands already. What counts from its moment on, `ack` and `report`, is new each time."""
    last = next((f for f in reversed(_standing(facts)) if _subject(f) == _subject(word)), None)
    new = last is None or last.correction is not word.correction
    return not new and word.correction not in (Correction.ACK, Correction.REPORT)


def _standing(facts: Iterable[Fact]) -> list[Fact]:
    """What the user said and did not take back, oldest first."""
    told = sorted(filter(_by_user, facts), key=lambda f: f.at)
    undone = {f.text for f in told if f.correction is Correction.UNDO}
    return [f for f in told if f.key not in undone and f.correction is not Correction.UNDO]


def _by_user(fact: Fact) -> bool:
    return fact.source is not None and fact.source.kind is SourceKind.USER


def _subject(fact: Fact) -> tuple[str | None, ...]:
    """What a word is about: the last one on a parcel counts."""
    on_parcel = fact.correction in (Correction.LINK, Correction.SPLIT)
    return ("parcel" if on_parcel else fact.correction, fact.text, fact.tracking)


def said_with(fact: Fact) -> str | None:
    """What the user named beside the order: a number, a note, the name of a file."""
    if fact.correction is None:
        return fact.tracking
    return (fact.text or "").partition(" ")[2] if fact.correction is Correction.ATTACH else fact.text


def retailer_named(text: str, names: Mapping[str, str], further: Iterable[str] = ()) -> str:
    """The retailer that the user means: one of ours by key or name, a `further` one, or a shop by its domain.

    Raises UnknownRetailer.
    """
    wanted = text.strip().casefold()
    known = {name.casefold(): key for key, name in names.items()} | {key: key for key in (*names, *further)}
    if wanted in known:
        return known[wanted]
    domain = re.sub(r"^(?:https?://)?(?:www\.)?", "", wanted).partition("/")[0]
    if not _DOMAIN.fullmatch(domain):
        listed = ", ".join(sorted(names))
        raise UnknownRetailer(f"{text!r} is no retailer known here: name {listed}, or a shop's domain (shop.example)")
    return domain
