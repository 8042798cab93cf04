"""What the commands of the user's word do."""

from __future__ import annotations

from pathlib import Path

from inboxtrack.app.corrections import REPORTS
from inboxtrack.cli.frame import WrongUsage, opened
from inboxtrack.cli.words import order_name, status
from inboxtrack.model import Correction

DONE = {
    Correction.LINK: "{order}: parcel {text} belongs to it",
    Correction.SPLIT: "{order}: parcel {text} does not belong to it",
    Correction.CLOSE: "{order}: closed",
    Correction.MUTE: "{order}: muted; it stays in the list",
    Correction.ACK: "{order}: noted that you know",
    Correction.NOTE: "{order}: note kept",
    Correction.REPORT: "{order}: reported as {text}; inboxtrack show {number} says what to do",
}


def run(config: Path | None, kind: Correction, order: str, text: str | None, *, undo: bool) -> None:
    """Keep a correction, or take the last one of its kind back."""
    with opened(config) as app:
        view = app.find_one(order)
        text = _plain_number(text) if kind in (Correction.LINK, Correction.SPLIT) and text else text
        app.correct(kind, view.order.id, text, undo=undo)
        if undo:
            print(f"{order_name(view)}: {kind.value} taken back")
        else:
            print(DONE[kind].format(order=order_name(view), text=text, number=view.order.number))


def add(config: Path | None, retailer: str, number: str, tracking: str | None) -> None:
    """Follow an order that no mail told of."""
    number = number.strip().removeprefix("#")
    if not number or any(ord(c) < 33 for c in number):
        raise WrongUsage("an order number has no blanks: write it as the shop does, without #")
    with opened(config) as app:
        view = app.add(retailer.strip().lower(), number, _plain_number(tracking) if tracking else None)
        print(f"{order_name(view)}: {status(view)}")


def _plain_number(text: str) -> str:
    from inboxtrack.tracking.numbers import canonical

    number = canonical(text)
    if not number:
        raise WrongUsage(f"{text!r} is no tracking number: letters and digits only")
    return number


def attach(config: Path | None, order: str, file: Path) -> None:
    """Keep a copy of a file with an order."""
    with opened(config) as app:
        view = app.find_one(order)
        app.attach(view.order.id, file)
        print(f"{order_name(view)}: {file.name} kept")


def report(config: Path | None, order: str, what: str, *, undo: bool) -> None:
    """Say that a delivery is missing, damaged or wrong."""
    if what not in REPORTS:
        raise WrongUsage(f"{what!r} is none of {', '.join(REPORTS)}")
    run(config, Correction.REPORT, order, what, undo=undo)
