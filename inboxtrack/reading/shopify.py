"""Shopify's stock mails of any shop -> facts. Read by structure: header cell, subject and headline, tracking block.

Shops edit subjects and texts freely. A step counts where the subject or the headline says it, never in the running
text or in a progress bar; of the two, the one that says little else decides.
"""

from __future__ import annotations

import re
from typing import Any

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.model import Coverage, Fact, Refund, RefundState, Stage
from inboxtrack.reading import shopify_items
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.phrases import Phrases, Step, bounded, shipped_table, step_fields
from inboxtrack.reading.saying import first_step, is_whole, said_step
from inboxtrack.reading.shopify_names import NUMBERED_ORDER, is_of_an_order, order_name
from inboxtrack.reading.shopify_parcels import LABEL, Tracked, tracked
from inboxtrack.reading.shopify_shop import Shop, recognise, safe_lines
from inboxtrack.reading.subjects import ToldSubjects, told_subjects
from inboxtrack.reading.telling import unknown_step
from inboxtrack.tracking.numbers import in_slot

__all__ = ["IgnoredMail", "read_shopify", "recognise", "subject_phrases"]

_HEAD_LINES = 14
_SHORTEST_LETTERED = 11
_SHORTEST_ALONE = 3
"""`#1 in mugs` is no order's name where nothing else tells of one."""
_BULK_HOSTS = re.compile(
    r"(?:^|\.)(?:kmail-lists\.com|klclick\d?\.com|klaviyomail\.com|list-manage\.com|omnisend\.com)$"
)
_UNSUBSCRIBE = re.compile(
    r"unsubscribe|abmelden|désabonner|désinscrire|afmelden|uitschrijven|darse de baja|afmeld|annulla l'iscrizione", re.I
)


class IgnoredMail(Exception):
    """A Shopify mail without order news; the text says what it is. Extractors raise it as their own `Ignored`."""


def read_shopify(mail: Mail, shop: Shop, *, dollar: str | None = None) -> list[Fact]:
    """The facts of a Shopify mail: one a parcel, or one for the order.

    `dollar` is the currency of a bare `$`. Raises `IgnoredMail` for carts, codes, receipts, marketing and the like.
    """
    lines = safe_lines(mail)
    head = _head(mail, lines)
    order = order_name(mail, head, lines)
    step = said_step(tables()["step"], mail, head, order.value if order else None)
    parcels = tuple(parcel for parcel in tracked(mail, lines) if order is None or _is_parcel(parcel, order.value))
    reason = _no_news(mail, order, step, parcels)
    if reason:
        raise IgnoredMail(reason)
    fields = _order_fields(mail, shop, order, step or unknown_step(mail.subject, "subject"), lines, head, dollar)
    return [make_fact(mail.at, **fields, **_parcel_fields(parcel)) for parcel in parcels or (None,)]


def _is_parcel(parcel: Tracked, order: str) -> bool:
    """Whether a number is a parcel's although the order may have the same: behind a label, and of one carrier's shape.

    Some shops give a parcel's number to the order, too; most print the order's where a parcel's should stand.
    """
    number = parcel.number
    lettered = any(character.isalpha() for character in number.value) and len(number.value) >= _SHORTEST_LETTERED
    return number.value != order or (number.rule == "label" and lettered and in_slot(number.value)[1] is not None)


def _no_news(
    mail: Mail, order: Found[str] | None, step: Found[Step] | None, parcels: tuple[Tracked, ...]
) -> str | None:
    """Why a mail holds no order news; None when it does, or should and shows no number."""
    if step and step.value.ignored:
        return step.value.ignored
    if not parcels and _is_bulk(mail) and not (step and _is_headed(mail, step, order)):
        return "marketing"
    loose = order is None or order.where == "text" or len(order.value) < _SHORTEST_ALONE
    if step is None and not parcels and loose and not is_of_an_order(mail):
        return "no order news"
    return None


def _is_headed(mail: Mail, step: Found[Step], order: Found[str] | None) -> bool:
    """Whether step or order of an order's mail stand above the running text, or the subject says the same as that."""
    if step.where != "text":
        return order is not None
    word = tables()["whole_subject"].match(mail.subject)
    said = word if word and is_whole(word) else tables()["step"].match(mail.subject)
    agrees = said is not None and said.value.stage is step.value.stage is not Stage.UPDATE
    return agrees or (order is not None and order.where != "text")


def subject_phrases() -> ToldSubjects:
    """What finds the subjects of order mails in every known language, for the header triage."""
    words = "|".join(bounded(phrase.words) for phrase in tables()["whole_subject"].phrases)
    return told_subjects(tables()["step"].phrases, NUMBERED_ORDER, rf"^\W{{0,9}}(?:{words})\W{{0,9}}$")


def tables() -> dict[str, Phrases]:
    """The phrase tables of `shopify.toml`: steps, coverage, refunds, cancellations."""
    return shipped_table("shopify", "inboxtrack.reading").steps


def _head(mail: Mail, lines: tuple[str, ...]) -> list[str]:
    """The lines above the first section (`h3`, tracking block): headline, sentence, header cell."""
    sections = {clean_text(h.text_content(), 300) for h in mail.tree.xpath("//h3")} if mail.tree is not None else set()
    stop = next((n for n, line in enumerate(lines) if line in sections or LABEL.search(line)), len(lines))
    return list(lines[: min(stop + 1, _HEAD_LINES)])


def _is_bulk(mail: Mail) -> bool:
    """Whether a mail can be unsubscribed from, as marketing must and stock order mail does not."""
    return bool(
        mail.all("List-Unsubscribe")
        or any(_BULK_HOSTS.search(link.host) or _UNSUBSCRIBE.search(link.text) for link in mail.links)
    )


def _order_fields(
    mail: Mail,
    shop: Shop,
    order: Found[str] | None,
    step: Found[Step],
    lines: tuple[str, ...],
    head: list[str],
    dollar: str | None,
) -> dict[str, Any]:
    """What holds for every parcel of the mail."""
    return {
        "retailer": shop.key,
        "shop": shop.names,
        "shop_name": shop.name,
        "order": order,
        "items": shopify_items.items(mail, lines),
        "total": shopify_items.total(lines, dollar),
        "eta": shopify_items.expected_days(lines, mail.at.date()),
        **step_fields(step),
        **_detail(mail, step, lines, head, dollar),
    }


def _detail(
    mail: Mail, step: Found[Step], lines: tuple[str, ...], head: list[str], dollar: str | None
) -> dict[str, Any]:
    """What a shipment, a refund or a cancellation says beside its step."""
    if step.value.body == "shipment":
        return {"coverage": _coverage(mail, lines, head)}
    if step.value.body == "refund":
        return {"refund": _refund(_in("refund", head) or step, lines, dollar), "total": None}
    if step.value.body == "cancelled":
        said = _in("cancelled_refund", head)
        return {"reason": _reason(head), "refund": _refund(said, lines, dollar) if said else None, "total": None}
    return {}


def _coverage(mail: Mail, lines: tuple[str, ...], head: list[str]) -> Found[Coverage] | None:
    said = _in("coverage", head)
    return said.but(said.value.coverage) if said else shopify_items.part_of_a_line(mail, lines)


def _refund(said: Found[Step], lines: tuple[str, ...], dollar: str | None) -> Found[Refund]:
    """How much of the order is refunded, and the amount; a refund that does not say how much is promised."""
    amount = shopify_items.refunded(lines, dollar)
    found = said if said.value.refund or amount is None else amount
    return found.but(Refund(said.value.refund or RefundState.PROMISED, amount.value if amount else None))


def _reason(head: list[str]) -> Found[str] | None:
    said = _in("cancelled", head)
    return said.but(said.value.reason) if said else None


def _in(table: str, head: list[str]) -> Found[Step] | None:
    return first_step(tables()[table], "text", head)


def _parcel_fields(parcel: Tracked | None) -> dict[str, Any]:
    return {"tracking": parcel.number, "carrier": parcel.carrier} if parcel else {}
