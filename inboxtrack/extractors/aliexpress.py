"""AliExpress: order mails, parcel mails that name their orders only in links, and digests of several parcels.

What the words mean stands in `aliexpress.toml`. A language that is not in it still gives the number, with an update.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from inboxtrack.extractors import Ignored
from inboxtrack.mail.html import Href
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Item, Money, Number, Role, Stage
from inboxtrack.reading.blocks import Block, blocks_by_link
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found, first, make_fact
from inboxtrack.reading.labels import value_after, values_after
from inboxtrack.reading.money import find_money
from inboxtrack.reading.phrases import Phrases, Step, shipped_table, step_fields
from inboxtrack.tracking.numbers import in_slot

NAME = "AliExpress"
SENDERS = ("aliexpress.com",)
REVISION = 1

_TRANSACTIONS = "transaction@notice.aliexpress.com"
_ORDER = re.compile(r"(?<![0-9A-Za-z])(\d{13,20})(?![0-9A-Za-z])")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?=[A-Z]*(?:\d[A-Z]*){6})([0-9A-Z]{8,40})(?![0-9A-Za-z])")
_LIKE_AN_ORDER = re.compile(r"(?!1005)\d{13,17}")
_LISTED_ORDER = re.compile(r"\D{0,24}(?<!\d)(?P<index>\d{0,2})(?P<order>\d{16})\D{0,2}")
_QUANTITY = re.compile(r"(?:.{0,20}[\d.,]+\D{0,4}\s?)?[x×]\s?(\d{1,3})")
_RETAILER_PARCEL = re.compile(r"(?:AP|LP)\d{14}|\d{18}|(?:CNG|CAINIAO)[0-9A-Z]+")
_ORDER_KEYS = frozenset({"tradeorderid", "tradeorderids", "o_ids", "orderid", "orderids", "order_id"})
_TABLE = shipped_table("aliexpress")


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a mail from the one address that sends order news; `Ignored` for all other addresses."""
    if mail.sender.origin != _TRANSACTIONS:
        raise Ignored("marketing, account or service mail")
    blocks = blocks_by_link(mail, block_numbers)
    number = subject_number(mail)
    if len({block.key for block in blocks}) > 1 and number is None:
        return (fact_of_block(mail, block) for block in blocks)
    step = find_step(mail, number)
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    return facts_of_mail(mail, step, number)


def facts_of_mail(mail: Mail, step: Found[Step], number: Found[str] | None) -> Iterator[Fact]:
    """One fact per order; one for the parcel alone where no order is named."""
    orders, parcels = numbers(mail, number)
    sections = sections_by_order(mail.lines, [order.value for order in orders])
    told = parcel_fields(parcels) | step_fields(step) | {"eta": expected(mail)}
    for order in orders:
        lines = sections.get(order.value, ())
        yield make_fact(mail.at, retailer="aliexpress", order=order, items=items(lines), total=total(lines), **told)
    if parcels and not orders:
        yield make_fact(mail.at, retailer="aliexpress", **told)


def find_step(mail: Mail, number: Found[str] | None) -> Found[Step]:
    """The step the subject tells; else the headline, or the sentence that names the number; else an update."""
    steps = _TABLE.steps["step"]
    found = first(steps.match(text, where) for text, where in spoken(mail, number))
    if found is None:
        return Found(Step(Stage.UPDATE, reason="unknown_step"), "subject", mail.subject, "no phrase known")
    if found.value.body:
        decided = _TABLE.steps[found.value.body].match(" ".join(mail.lines)[:20_000], "text")
        return first((quoted(decided, mail.lines, _TABLE.steps[found.value.body]), found)) or found
    return found


def spoken(mail: Mail, number: Found[str] | None) -> Iterator[tuple[str, str]]:
    """(text, where) that may tell the step, best first. Progress bars stand behind the greeting and are not read."""
    yield mail.subject, "subject"
    for index, line in enumerate(mail.lines[:40]):
        if _TABLE.words["greeting"].match(line):
            yield from ((line, "headline") for line in reversed(mail.lines[max(0, index - 2) : index]))
            break
    sentences = (sentence for line in mail.lines for sentence in re.split(r"(?<=[.!?。])\s", line))
    yield from ((sentence, "text") for sentence in sentences if number and number.value in sentence)


def quoted(found: Found[Step] | None, lines: Iterable[str], phrases: Phrases) -> Found[Step] | None:
    """The same step with the one line that says it as evidence, where a single line does."""
    return first(phrases.match(line, "text") for line in lines) or found


def subject_number(mail: Mail) -> Found[str] | None:
    """The number that stands in the subject, of an order or of a parcel."""
    hit = _NUMBER.search(mail.subject)
    return Found(hit[1], "subject", mail.subject, "number in the subject") if hit else None


def numbers(mail: Mail, number: Found[str] | None) -> tuple[list[Found[str]], list[Found[str]]]:
    """(orders, parcels) that a mail names."""
    linked, parcels = linked_orders(mail), linked_parcels(mail)
    if number is None:
        label = value_after(mail, _TABLE.words["order"], _ORDER)
        own = value_after(mail, _TABLE.words["parcel"], _NUMBER)
        return linked or listed_orders(mail) or one(label), distinct([*one(own), *parcels])
    if names_parcel(mail.subject, number.value, linked):
        return linked, distinct([number, *parcels, *further_numbers(mail)])
    listed = listed_orders(mail)
    several = [*listed, *linked] if len(listed) > 1 or _counts_orders(mail.subject) else []
    return distinct([number, *several]), distinct([*parcels, *further_numbers(mail)])


def names_parcel(subject: str, number: str, linked: list[Found[str]]) -> bool:
    """Whether the subject's number is a parcel's: by the last word before it, by the links, by its shape."""
    before = subject[: subject.index(number)]
    order, parcel = (_last(_TABLE.words[kind], before) for kind in ("order", "parcel"))
    if order != parcel:
        return parcel > order
    if linked:
        return number not in {found.value for found in linked}
    return _LIKE_AN_ORDER.fullmatch(number) is None


def linked_orders(mail: Mail) -> list[Found[str]]:
    """The orders that the links' parameters name; product links are no orders."""
    found = []
    for href in aliexpress_links(mail):
        for key, value in href.query.items():
            if key.lower() in _ORDER_KEYS:
                orders = re.findall(r"(?<!\d)\d{13,20}(?!\d)", value)
                found += [Found(order, "link", f"{key}={value}", f"link parameter {key}") for order in orders]
    return distinct(found)


def linked_parcels(mail: Mail) -> list[Found[str]]:
    """The parcel numbers that the links' parameters name."""
    pairs = (block_numbers(href) for href in aliexpress_links(mail))
    return distinct(
        [Found(p[1], "link", f"trackingNumber={p[1]}", "link parameter trackingNumber") for p in pairs if p]
    )


def aliexpress_links(mail: Mail) -> list[Href]:
    """The links to AliExpress itself that may name orders."""
    own = (href for href in mail.links if href.host == "aliexpress.com" or href.host.endswith(".aliexpress.com"))
    return [href for href in own if "/item/" not in href.url]


def block_numbers(href: Href) -> tuple[str, str] | None:
    """(order, parcel) of a link that names both."""
    query = {key.lower(): value for key, value in href.query.items()}
    order, parcel = _ORDER.fullmatch(query.get("tradeorderid", "")), _NUMBER.fullmatch(query.get("trackingnumber", ""))
    return (order[1], parcel[1]) if order and parcel else None


def fact_of_block(mail: Mail, block: Block) -> Fact:
    """One parcel of a digest: its header says the step."""
    order, parcel = block.key
    link = Found(order, "link", f"tradeOrderId={order}&trackingNumber={parcel}", "block of a digest")
    header = first(_TABLE.steps["step"].match(text, "block") for text in block.texts[:1])
    unknown = Found(Step(Stage.UPDATE, reason="unknown_step"), "block", " ".join(block.texts[:1]), "no phrase known")
    title = [Found((Item(text),), "block", text, "second text of the block") for text in block.texts[1:2]]
    return make_fact(
        mail.at,
        retailer="aliexpress",
        order=link,
        **parcel_fields([link.but(parcel)]),
        **step_fields(header or unknown),
        items=first(title),
    )


def listed_orders(mail: Mail) -> list[Found[str]]:
    """The orders of a confirmation of several: heading lines, some with the list's index glued to the number."""
    found: list[Found[str]] = []
    for line in mail.lines:
        hit = _LISTED_ORDER.fullmatch(line)
        if hit and _TABLE.words["order"].match(line) and hit["index"] in ("", str(len(found) + 1)):
            found.append(Found(hit["order"], "text", line, "heading of an order"))
    return distinct(found)


def further_numbers(mail: Mail) -> list[Found[str]]:
    """Numbers the mail hands over for the local carrier, behind a label."""
    return values_after(mail, _TABLE.words["tracking"], _NUMBER)


def parcel_fields(parcels: list[Found[str]]) -> dict[str, Any]:
    """The first number a carrier knows is the parcel's own, else the first; the others are its further numbers."""
    if not parcels:
        return {}
    own = next((parcel for parcel in parcels if role_of(parcel.value) is Role.TRACKING), parcels[0])
    others = [parcel for parcel in parcels if parcel.value != own.value]
    also = others[0].but(tuple(Number(other.value, role_of(other.value)) for other in others)) if others else None
    carrier = in_slot(own.value)[1]
    named = own.but(carrier) if carrier else None
    return {"tracking": own, "tracking_role": role_of(own.value), "also": also, "carrier": named}


def role_of(number: str) -> Role:
    """Whether a carrier knows a number, or AliExpress alone."""
    return Role.RETAILER_PARCEL if _RETAILER_PARCEL.fullmatch(number) else Role.TRACKING


def sections_by_order(lines: tuple[str, ...], orders: list[str]) -> dict[str, tuple[str, ...]]:
    """The lines that speak of each order: all of them for one order, those below its heading for several."""
    if len(orders) < 2:
        return dict.fromkeys(orders, lines)
    sections: dict[str, tuple[str, ...]] = {}
    current = None
    for line in lines:
        hit = _LISTED_ORDER.fullmatch(line)
        current = hit["order"] if hit else current
        if current in orders and not hit:
            sections[current] = (*sections.get(current, ()), line)
    return sections


def labelled(lines: tuple[str, ...], label: str) -> Iterator[tuple[str, str]]:
    """(evidence, value) of each line that begins with a label: what stands behind it, else the line below."""
    for line, below in pairwise((*lines, "")):
        hit = _TABLE.words[label].match(line)
        rest = line[hit.end() :].strip(" :：") if hit else ""
        if hit:
            yield (line, rest) if rest else (f"{line} {below}", below)


def expected(mail: Mail) -> Found[DateRange] | None:
    """The expected days of delivery; AliExpress prints the day first."""
    for text, value in labelled(mail.lines, "eta"):
        days = find_days(value, mail.at.date(), day_first=True)
        if days:
            return Found(days, "text", text, "label of the expected delivery")
    return None


def items(lines: tuple[str, ...]) -> Found[tuple[Item, ...]] | None:
    """The order's lines: title, variant, `x1`."""
    found = []
    for index, line in enumerate(lines):
        hit = _QUANTITY.fullmatch(line)
        title = title_above(lines[max(0, index - 3) : index]) if hit else None
        if hit and title:
            found.append(Item(title, int(hit[1])))
    return Found(tuple(found), "text", "; ".join(item.title for item in found), "lines above x1") if found else None


def title_above(lines: tuple[str, ...]) -> str | None:
    """The title among the lines above a quantity: the one that was cut short, else the second last."""
    lines = tuple(line for line in lines if not _QUANTITY.fullmatch(line) and not _ORDER.search(line))
    cut = [line for line in lines if line.endswith(("...", "…"))]
    return next(iter(cut[-1:] or lines[-2:]), None)


def total(lines: tuple[str, ...]) -> Found[Money] | None:
    """The order's total, behind its label."""
    for text, value in labelled(lines, "total"):
        money = find_money(value) if len(value) < 40 else None
        if money:
            return Found(money, "text", text, "label of the total")
    return None


def distinct(found: Iterable[Found[str]]) -> list[Found[str]]:
    """Each value once, as first found."""
    return list({item.value: item for item in reversed(list(found))}.values())[::-1]


def one(found: Found[str] | None) -> list[Found[str]]:
    """A list of what was found."""
    return [found] if found else []


def _last(words: re.Pattern[str], text: str) -> int:
    return max((hit.end() for hit in words.finditer(text)), default=-1)


def _counts_orders(subject: str) -> bool:
    """Whether a subject begins with a count, as in `2 orders are confirmed: …`."""
    return re.match(r"\D{0,12}\d{1,2}(?!\d)", subject) is not None
