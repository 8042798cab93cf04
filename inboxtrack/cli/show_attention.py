"""`inboxtrack attention`: what could not be settled and may need the user, with the command that helps."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from inboxtrack.cli import words
from inboxtrack.cli.frame import opened

if TYPE_CHECKING:
    from inboxtrack.app import App
    from inboxtrack.app.attention import Attention
    from inboxtrack.keeping import MailRow
    from inboxtrack.model import Fact


_REFUSED = "open none of its links; where you know who sent it, a recipe's `senders` let that sender write for the shop"
_PURGED = "its mail is deleted here: save it from your mail program, then inboxtrack scrub FILE makes a sample to share"
_SAMPLE = "inboxtrack scrub NUMBER makes a sample to share"


def run(config: Path | None, *, as_json: bool) -> None:
    """Print everything that needs a person."""
    with opened(config) as app:
        found, never_read = app.attention(), _never_read(app)
        unknown_steps = [step_line(fact, app.orders.shop_of(fact)) for fact in found.unknown_steps]
    if as_json:
        json.dump({"schema": 1} | as_values(found), sys.stdout, ensure_ascii=False)
        print()
        return
    for text in lines(found, unknown_steps):
        print(text)
    if found.empty and never_read:
        print(f"Nothing needs you yet, but nothing was read from {', '.join(never_read)} so far: inboxtrack poll")
    elif found.empty:
        print("Nothing needs you: every order mail was read, every mailbox and channel works.")


def _never_read(app: App) -> list[str]:
    """Mailboxes that no poll has got through yet."""
    with app.store.reading() as tx:
        return [box.name for box in app.settings.mailboxes if tx.health.of(box.name).last_success is None]


def lines(found: Attention, unknown_steps: Iterable[str]) -> Iterable[str]:
    """A heading a list that is not empty, what to do, and its entries."""
    kept = any(row.raw for row in found.unread)
    parts = (
        ("Order mail that could not be read", map(_mail, found.unread), _SAMPLE if kept else _PURGED),
        ("Mail that broke its reader", map(_mail, found.failed), "inboxtrack replay tries again after an update"),
        ("News whose step is not known", unknown_steps, "a recipe that `extends` the shop teaches it"),
        (
            "Statuses of carriers that no table knows; they changed nothing",
            map(_status, found.unknown_statuses),
            "please report them",
        ),
        ("Refused: the sender is not, or may not be, who it claims", map(_mail, found.quarantined), _REFUSED),
        ("Mail that could not be fetched", (f"{p.folder} {p.uid}: {why}" for p, why in found.not_fetched), ""),
        ("Mailboxes in trouble", (f"{h.account}: {h.text}" for h in found.mailboxes), "inboxtrack doctor says more"),
        ("Messages that were given up", (f"{r.channel}: {r.error}" for r in found.given_up), "inboxtrack notify-test"),
    )
    for title, entries, cure in parts:
        listed = list(entries)
        if listed:
            yield f"{title} ({cure}):" if cure else f"{title}:"
            yield from (f"  {entry}" for entry in listed)
            yield ""


def _mail(row: MailRow) -> str:
    head = f"{row.id}: {row.dated or row.received_at:%Y-%m-%d}  {row.sender}  {row.subject}"
    return f"{head}\n    {words.reason(row.reason)}"


def step_line(fact: Fact, shop: str) -> str:
    """News that moved nothing, with the words that no table knows."""
    said = next((one.text for one in fact.evidence if one.field == "stage"), "")
    return f"{fact.at:%Y-%m-%d}  {shop} {fact.order or fact.tracking}  {said!r}"


def _status(fact: Fact) -> str:
    return f"{fact.tracking}: {fact.text!r} by {fact.source.ref if fact.source else 'nobody'}"


def as_values(found: Attention) -> dict[str, object]:
    """The same as JSON values."""

    def mails(rows: Iterable[MailRow]) -> list[dict[str, object]]:
        return [
            {
                "number": row.id,
                "message_id": row.message_id,
                "sender": row.sender,
                "subject": row.subject,
                "received_at": row.received_at.isoformat(),
                "reason": row.reason,
            }
            for row in rows
        ]

    return {
        "unread": mails(found.unread),
        "failed": mails(found.failed),
        "quarantined": mails(found.quarantined),
        "unknown_statuses": [_status(fact) for fact in found.unknown_statuses],
        "unknown_steps": [fact.order or fact.tracking for fact in found.unknown_steps],
        "not_fetched": [{"folder": p.folder, "uid": p.uid, "reason": why} for p, why in found.not_fetched],
        "mailboxes": [{"name": health.account, "text": health.text} for health in found.mailboxes],
        "given_up": [{"channel": row.channel, "error": row.error} for row in found.given_up],
    }
