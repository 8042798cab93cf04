"""What the commands of the user's word do."""

from __future__ import annotations

import re
from pathlib import Path

from inboxtrack.app.corrections import REPORTS
from inboxtrack.cli.frame import WrongUsage, opened
from inboxtrack.cli.words import REPORT_WORDS, carrier_and_number, order_name, status
from inboxtrack.model import Correction
from inboxtrack.overview import OrderView, ParcelView
from inboxtrack.tracking.numbers import canonical

NEEDS = {
    Correction.LINK: "the parcel's number",
    Correction.SPLIT: "the parcel's number",
    Correction.NOTE: "what to remember",
    Correction.REPORT: "what is the matter, one of not-received, damaged, wrong",
}
_PLAUSIBLE = re.compile(r"[A-Z0-9]{7,40}")
_LEAST_DIGITS = 5
DONE = {
    Correction.LINK: "{order}: parcel {text} belongs to it",
    Correction.SPLIT: "{order}: parcel {text} does not belong to it",
    Correction.CLOSE: "{order}: closed",
    Correction.MUTE: "{order}: muted: no more news of it, but the digest still lists it",
    Correction.NOTE: "{order}: note kept",
}
ALREADY = {
    Correction.LINK: "{order}: parcel {text} belongs to it already",
    Correction.SPLIT: "{order}: parcel {text} is parted from it already",
    Correction.CLOSE: "{order} is closed already",
    Correction.MUTE: "{order} is muted already",
    Correction.NOTE: "{order}: this note is kept already",
}


def run(config: Path | None, kind: Correction, order: str, text: str | None, *, undo: bool) -> None:
    """Keep a correction, or take the last one of its kind back."""
    if not undo and text is None and kind in NEEDS:
        raise WrongUsage(f"name {NEEDS[kind]}: only --undo does without")
    with opened(config) as app:
        view = app.orders.find_one(order)
        if kind in (Correction.LINK, Correction.SPLIT) and text:
            text = canonical(text) if undo or kind is Correction.SPLIT else plausible_number(text)
        if undo:
            app.orders.undo(kind, view.order.id, text)
            print(f"{order_name(view)}: {kind.value} taken back")
            return
        new = app.orders.correct(kind, view.order.id, text)
        now = app.orders.find_one("/".join(view.order.id)) if kind in (Correction.ACK, Correction.REPORT) else view
    print(answer(kind, text, view, now, new=new))


def answer(kind: Correction, text: str | None, before: OrderView, after: OrderView, *, new: bool) -> str:
    """What the user is told of a word that was kept, or was said already."""
    name = order_name(before)
    if kind is Correction.ACK:
        return f"{name}: {_acknowledged(before, after)}"
    if kind is Correction.REPORT:
        advice = after.advice or f"inboxtrack show {after.order.number} says it"
        return f"{name}: noted here as {REPORT_WORDS[text or '']} (nobody is told but you); what to do: {advice}"
    return (DONE if new else ALREADY)[kind].format(order=name, text=text)


def _acknowledged(before: OrderView, after: OrderView) -> str:
    if not before.needs_a_look:
        return "noted that you know, though nothing waits for you"
    return "noted that you know" + ("" if after.needs_a_look else "; it needs you again when there is news")


def add(config: Path | None, retailer: str, number: str, tracking: str | None, *, undo: bool) -> None:
    """Follow an order that no mail told of, or take that back."""
    number = number.strip().removeprefix("#")
    if not number or any(ord(c) < 33 for c in number):
        raise WrongUsage("an order number has no blanks: write it as the shop does, without #")
    with opened(config) as app:
        if undo:
            view = app.orders.find_one(f"{app.orders.retailer_named(retailer)}/{number}")
            app.orders.undo(None, view.order.id, canonical(tracking) if tracking else None)
            print(f"{order_name(view)}: add taken back")
            return
        tracking = plausible_number(tracking) if tracking else None
        view, known = app.orders.add(retailer, number, tracking)
    print(f"{order_name(view)}{' was known already' if known else ''}: {status(view)}")
    for parcel in view.parcels:
        if any(one.value == tracking for one in parcel.parcel.numbers):
            print("  " + added_parcel(parcel))


def added_parcel(parcel: ParcelView) -> str:
    """A parcel that the user named: who carries it, its page, and where its news comes from."""
    page = f": {parcel.link}" if parcel.link else ""
    return f"{carrier_and_number(parcel)}{page} (news comes when a mail names this number)"


def plausible_number(text: str) -> str:
    """A tracking number in the form it is kept in. Raises WrongUsage for what cannot be one."""
    number = canonical(text)
    if not _PLAUSIBLE.fullmatch(number) or sum(c.isdigit() for c in number) < _LEAST_DIGITS:
        raise WrongUsage(f"{text!r} is no tracking number: those are 7 to 40 letters and digits, mostly digits")
    return number


def attach(config: Path | None, order: str, file: Path | None, *, undo: bool) -> None:
    """Keep a copy of a file with an order, or delete it again."""
    with opened(config) as app:
        view = app.orders.find_one(order)
        if undo:
            app.orders.undo(Correction.ATTACH, view.order.id, file.name if file else None)
            print(f"{order_name(view)}: {file.name if file else 'attach'} taken back, the copy is deleted")
        elif file is None:
            raise WrongUsage("name the file to keep: only --undo does without")
        else:
            kept = app.orders.attach(view.order.id, file)
            print(f"{order_name(view)}: {file.name} kept as {kept}")


def report(config: Path | None, order: str, what: str | None, *, undo: bool) -> None:
    """Say that a delivery is missing, damaged or wrong."""
    if what is not None and what not in REPORTS:
        raise WrongUsage(f"{what!r} is none of {', '.join(REPORTS)}")
    run(config, Correction.REPORT, order, what, undo=undo)
