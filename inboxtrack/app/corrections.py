"""What the user says about orders, as facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from inboxtrack.model import Correction, Evidence, Fact, Flag, Role, Source, SourceKind, Stage, Trust

REPORTS = {
    "not-received": (Stage.EXCEPTION, "not_received"),
    "damaged": (Stage.UPDATE, "damaged"),
    "wrong": (Stage.UPDATE, "wrong"),
}
OrderId = tuple[str, str]


class NothingToUndo(Exception):
    """There is no such correction."""


def added(retailer: str, number: str, tracking: str | None, now: dt.datetime) -> Fact:
    """An order that the user adds; with a number it is on its way."""
    command = " ".join(filter(None, ("add", retailer, number, tracking)))
    told = {"order": number, "retailer": retailer} | ({"tracking": tracking} if tracking else {})
    return Fact(
        at=now,
        received_at=now,
        stage=Stage.SHIPPED if tracking else Stage.PLACED,
        retailer=retailer,
        order=number,
        tracking=tracking,
        tracking_role=Role.TRACKING,
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
        flags=frozenset({Flag.ACTION_REQUIRED}) if kind is Correction.REPORT else frozenset(),
        reason=reason,
        correction=kind,
        text=text,
        trust=Trust.VERIFIED,
        source=Source(SourceKind.USER, words),
        key=f"user/{now.isoformat()}/{kind}/{order[1]}/{text or ''}",
        evidence=tuple(Evidence(name, "command line", words, "said by you") for name in ("order", "stage")),
    )


def undoing(kind: Correction, order: OrderId, text: str | None, facts: Iterable[Fact], now: dt.datetime) -> Fact:
    """The fact that takes the user's last such correction back. Raises NothingToUndo."""
    told = sorted((f for f in facts if f.correction), key=lambda f: f.at)
    undone = {f.text for f in told if f.correction is Correction.UNDO}
    same = [f for f in told if f.correction is kind and f.key not in undone and text in (None, f.text)]
    if not same:
        raise NothingToUndo(f"order {order[1]} has no {kind} that could be undone: see inboxtrack show {order[1]}")
    return correction(Correction.UNDO, order, same[-1].key, now)
