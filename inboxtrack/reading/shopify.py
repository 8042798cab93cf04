"""Shopify's stock mails of any shop -> facts. Read by structure: header cell, subject and headline, tracking block.

Shops edit subjects and texts freely. A step counts where the subject or the headline says it, never in the running
text or in a progress bar; of the two, the one that says little else decides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.model import Coverage, Fact, Refund, RefundState, Stage
from inboxtrack.reading import shopify_items
from inboxtrack.reading.found import Found, make_fact
from inboxtrack.reading.phrases import Phrases, Step, phrases_of, step_fields
from inboxtrack.reading.shopify_names import NUMBERED_ORDER, order_name, without_name
from inboxtrack.reading.shopify_parcels import LABEL, Tracked, tracked
from inboxtrack.reading.shopify_shop import Shop, recognise, safe_lines

__all__ = ["IgnoredMail", "read_shopify", "recognise", "subject_phrases"]

_HEAD_LINES = 14
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NOT_YET = re.compile(
    r"\b(?:when|once|as soon as|will|we'll|you'll|if|lorsque|dès que|si|zodra|wanneer|zullen|als|sobald|wenn|"
    r"werden wir|cuando|quando|når|vil|appena)\b",
    re.I,
)
_BULK_HOSTS = re.compile(
    r"(?:^|\.)(?:kmail-lists\.com|klclick\d?\.com|klaviyomail\.com|list-manage\.com|omnisend\.com)$"
)
_UNSUBSCRIBE = re.compile(
    r"unsubscribe|abmelden|désabonner|désinscrire|afmelden|uitschrijven|darse de baja|afmeld|annulla l'iscrizione", re.I
)


class IgnoredMail(Exception):  # noqa: N818 - an outcome, not a bug
    """A Shopify mail without order news; the text says what it is. Extractors raise it as their own `Ignored`."""


def read_shopify(mail: Mail, shop: Shop, *, dollar: str | None = None) -> list[Fact]:
    """The facts of a Shopify mail: one a parcel, or one for the order. None when it should say something and does not.

    `dollar` is the currency of a bare `$`. Raises `IgnoredMail` for carts, codes, receipts, marketing and the like.
    """
    lines = safe_lines(mail)
    headlines, head = _headlines(mail), _head(mail, lines)
    order = order_name(mail, head)
    step = _step(mail, headlines, head, order.value if order else None)
    if step and step.value.ignored:
        raise IgnoredMail(step.value.ignored)
    parcels = tracked(lines)
    if not (step and (order or parcels)) and _is_bulk(mail):
        raise IgnoredMail("marketing")
    if step is None and not (order and order.where.startswith("html")) and not parcels:
        raise IgnoredMail("no order news")
    fields = _order_fields(mail, shop, order, step, lines, head, dollar)
    return [make_fact(mail.at, **fields, **_parcel_fields(parcel)) for parcel in parcels or (None,)]


def subject_phrases() -> re.Pattern[str]:
    """A pattern for the subjects of order mails in every known language, for the header triage."""
    phrases = (phrase.pattern.pattern for phrase in tables()["step"].phrases if phrase.step.ignored is None)
    return re.compile("|".join(sorted({*phrases, NUMBERED_ORDER})), re.I)


@cache
def tables() -> dict[str, Phrases]:
    """The phrase tables of `shopify.toml`: steps, coverage, refunds, cancellations."""
    data = tomllib.loads((files("inboxtrack.reading") / "shopify.toml").read_text("utf-8"))
    return {name: Phrases(tuple(p for entry in entries for p in phrases_of(entry))) for name, entries in data.items()}


def _headlines(mail: Mail) -> list[str]:
    """The mail's own headlines; the shop's name often stands in an `h1`, too."""
    if mail.tree is None:
        return []
    found = mail.tree.xpath("//h1[not(contains(@class,'shop-name'))]|//h2")
    return [text for element in found[:6] if (text := clean_text(element.text_content(), 300))]


def _head(mail: Mail, lines: tuple[str, ...]) -> list[str]:
    """The lines above the first section (`h3`, tracking block): headline, sentence, header cell."""
    sections = {clean_text(h.text_content(), 300) for h in mail.tree.xpath("//h3")} if mail.tree is not None else set()
    stop = next((n for n, line in enumerate(lines) if line in sections or LABEL.search(line)), len(lines))
    return list(lines[: min(stop + 1, _HEAD_LINES)])


def _step(mail: Mail, headlines: list[str], head: list[str], name: str | None) -> Found[Step] | None:
    """What happened: as the subject says or as the headline says, whichever says little else."""
    steps = tables()["step"]
    subject = steps.match(without_name(mail.subject, name))
    said = _first_step(steps, "headline", headlines, name) or _first_step(steps, "text", _sentences(head), name)
    return max((found for found in (subject, said) if found), key=_share, default=None)


def _first_step(steps: Phrases, where: str, texts: Iterable[str], name: str | None) -> Found[Step] | None:
    return next((found for text in texts if (found := steps.match(without_name(text, name), where))), None)


def _sentences(lines: Iterable[str]) -> Iterator[str]:
    """Sentences that say what is, not what will be: `We will notify you when it has been sent.` is none."""
    for line in lines:
        for sentence in _SENTENCE_END.split(line):
            if not _NOT_YET.search(sentence):
                yield sentence


def _share(found: Found[Step]) -> float:
    """How much of a text its phrase is."""
    words = found.rule.partition(": ")[2]
    return _letters(words) / max(1, _letters(found.text))


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


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
    step: Found[Step] | None,
    lines: tuple[str, ...],
    head: list[str],
    dollar: str | None,
) -> dict[str, Any]:
    """What holds for every parcel of the mail."""
    unknown: dict[str, Any] = {"stage": Found(Stage.UPDATE, "subject", mail.subject, "no known phrase")}
    return {
        "retailer": shop.key,
        "shop": shop.names,
        "shop_name": shop.name,
        "order": order,
        "items": shopify_items.items(mail, lines),
        "total": shopify_items.total(lines, dollar),
        "eta": shopify_items.expected_days(lines, mail.at.date()),
        **(step_fields(step) if step else unknown),
        **_detail(mail, step.value.body if step else None, lines, head, dollar),
    }


def _detail(
    mail: Mail, kind: str | None, lines: tuple[str, ...], head: list[str], dollar: str | None
) -> dict[str, Any]:
    """What a shipment, a refund or a cancellation says beside its step."""
    if kind == "shipment":
        return {"coverage": _coverage(mail, lines, head)}
    if kind == "refund":
        return {"refund": _refund(_in("refund", head), lines, dollar), "total": None}
    if kind == "cancelled":
        said = _in("cancelled_refund", head)
        return {"reason": _reason(head), "refund": _refund(said, lines, dollar) if said else None, "total": None}
    return {}


def _coverage(mail: Mail, lines: tuple[str, ...], head: list[str]) -> Found[Coverage] | None:
    said = _in("coverage", head)
    return said.but(said.value.coverage) if said else shopify_items.part_of_a_line(mail, lines)


def _refund(said: Found[Step] | None, lines: tuple[str, ...], dollar: str | None) -> Found[Refund]:
    """How much of the order is refunded, and the amount; a refund that does not say how much is promised."""
    amount = shopify_items.refunded(lines, dollar)
    state = (said and said.value.refund) or RefundState.PROMISED
    refund = Refund(state, amount.value if amount else None)
    found = said or amount
    return found.but(refund) if found else Found(refund, "subject", "", "refund mail")


def _reason(head: list[str]) -> Found[str] | None:
    said = _in("cancelled", head)
    return said.but(said.value.reason) if said else None


def _in(table: str, head: list[str]) -> Found[Step] | None:
    return _first_step(tables()[table], "text", head, None)


def _parcel_fields(parcel: Tracked | None) -> dict[str, Any]:
    return {"tracking": parcel.number, "carrier": parcel.carrier} if parcel else {}
