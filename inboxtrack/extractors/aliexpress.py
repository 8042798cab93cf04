"""AliExpress: order mails, parcel mails that name their orders only in links, and digests of several parcels.

What the words mean stands in `aliexpress.toml`. A language that is not in it still gives the number, with an update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inboxtrack.extractors import Ignored
from inboxtrack.mail.html import Href
from inboxtrack.mail.message import Mail
from inboxtrack.model import DateRange, Fact, Item, Money, Number, Refund, RefundState, Role
from inboxtrack.reading import unwrapped
from inboxtrack.reading.blocks import Block, blocks_by_link
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found, distinct, first, make_fact
from inboxtrack.reading.items import items_by_quantity
from inboxtrack.reading.labels import SPACED, behind, in_lines, narrow, value_after, values_after
from inboxtrack.reading.money import find_money
from inboxtrack.reading.phrases import Step, shipped_table, step_fields
from inboxtrack.reading.shopify_items import refunded
from inboxtrack.reading.telling import find_step, unknown_step
from inboxtrack.tracking.numbers import in_slot

NAME = "AliExpress"
_TRANSACTIONS = "transaction@notice.aliexpress.com"

SENDERS = (_TRANSACTIONS, "aliexpress.com")
REVISION = 3

_ORDER = re.compile(r"(?<![0-9A-Za-z])(\d{13,20})(?![0-9A-Za-z])")
_PRINTED = r"(?=[A-Z]*(?:\d[A-Z]*){6})[0-9A-Z]{8,40}"
_ORDERS = re.compile(r"\d{13,20}(?:,\d{13,20}){0,19}")
_NUMBER = re.compile(rf"(?<![0-9A-Za-z])({_PRINTED})(?![0-9A-Za-z])")
_LABELLED = re.compile(rf"({SPACED}|{_PRINTED}(?![0-9A-Za-z]))")
_LIKE_AN_ORDER = re.compile(r"(?!1005)\d{13,17}")
_LISTED_ORDER = re.compile(r"\D{0,24}(?<!\d)(?P<index>\d{0,2})[ .:)]{0,3}(?P<order>\d{16})\D{0,2}")
_LIST_INDEX = re.compile(r"\D{3,24}\s\d{1,2}[.:)]?")
_RETAILER_PARCEL = re.compile(r"(?:AP|LP)\d{14}|\d{18}|(?:CNG|CAINIAO)[0-9A-Z]+")
_MOST_ORDERS = 60
_ORDER_KEYS = frozenset({"tradeorderid", "tradeorderids", "o_ids", "orderid", "orderids", "order_id"})
_TABLE = shipped_table("aliexpress")


def extract(mail: Mail) -> Iterator[Fact]:
    """The facts of a mail from the one address that sends order news; `Ignored` for all other addresses."""
    if mail.sender.origin != _TRANSACTIONS:
        raise Ignored("marketing, account or service mail")
    blocks = blocks_by_link(mail, block_numbers)
    number = subject_number(mail)
    if number is None and (len(blocks) > 1 or any(step_of_block(block) for block in blocks)):
        return (fact for block in blocks[:_MOST_ORDERS] for fact in facts_of_block(mail, block))
    orders, parcels = numbers(mail, number)
    named = number or next(iter([*orders, *parcels]), None)
    step = find_step(mail, _TABLE, named.value if named else None)
    if step.value.ignored:
        raise Ignored(step.value.ignored)
    return facts_of_mail(mail, step, orders, parcels)


def facts_of_mail(mail: Mail, step: Found[Step], orders: list[Found[str]], parcels: list[Found[str]]) -> Iterator[Fact]:
    """One fact per order; one for the parcel alone where no order is named."""
    sections = sections_by_order(mail.lines, [order.value for order in orders])
    told = parcel_fields(parcels) | step_fields(step) | {"eta": expected(mail)}
    if len(orders) == 1:
        told["refund"] = refund(mail.lines, step)
    for order in orders:
        lines = sections.get(order.value, ())
        yield make_fact(
            mail.at, retailer="aliexpress", order=order, items=items_by_quantity(lines), total=total(lines), **told
        )
    if parcels and not orders:
        yield make_fact(mail.at, retailer="aliexpress", **told)


def subject_number(mail: Mail) -> Found[str] | None:
    """The number that stands in the subject, of an order or of a parcel: right behind its word, else the first."""
    subject = narrow(mail.subject)
    hits = list(_NUMBER.finditer(subject))
    hit = next((hit for hit in hits if _is_named(subject[: hit.start()])), next(iter(hits), None))
    return Found(hit[1], "subject", mail.subject, "number in the subject") if hit else None


def numbers(mail: Mail, number: Found[str] | None) -> tuple[list[Found[str]], list[Found[str]]]:
    """(orders, parcels) that a mail names."""
    linked, parcels = linked_orders(mail), linked_parcels(mail)
    if number is None:
        label = value_after(mail, _TABLE.words["order"], _ORDER)
        own = value_after(mail, _TABLE.words["parcel"], _LABELLED)
        return linked or listed_orders(mail) or one(label), distinct([*one(own), *parcels])
    if names_parcel(mail.subject, number.value, linked):
        return linked, further_numbers(mail, [number, *parcels], linked)
    listed = listed_orders(mail)
    several = [*listed, *linked] if len(listed) > 1 or _counts_orders(mail.subject) else []
    orders = distinct([number, *several])
    return orders, further_numbers(mail, parcels, orders)


def names_parcel(subject: str, number: str, linked: list[Found[str]]) -> bool:
    """Whether the subject's number is a parcel's: by the nearest word before it or, without one, behind it (`<number>
    numaralı paket`), by the links, by its shape."""
    before, _, after = narrow(subject).partition(number)
    order, parcel = (_last(_TABLE.words[kind], before) for kind in ("order", "parcel"))
    if order == parcel:
        order, parcel = (-_first(_TABLE.words[kind], after) for kind in ("order", "parcel"))
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
    return distinct(found)[:_MOST_ORDERS]


def linked_parcels(mail: Mail) -> list[Found[str]]:
    """The parcel numbers that the links' parameters name."""
    pairs = (block_numbers(href) for href in aliexpress_links(mail))
    return distinct(
        [Found(p[1], "link", f"trackingNumber={p[1]}", "link parameter trackingNumber") for p in pairs if p]
    )


def aliexpress_links(mail: Mail) -> list[Href]:
    """The links to AliExpress itself that may name orders."""
    own = (
        href for href in unwrapped.links(mail) if href.host == "aliexpress.com" or href.host.endswith(".aliexpress.com")
    )
    return [href for href in own if "/item/" not in href.url]


def block_numbers(href: Href) -> tuple[str, str] | None:
    """(order, parcel) of a link that names both; a parcel of several orders has them all, between commas."""
    query = {key.lower(): value for key, value in href.query.items()}
    orders = _ORDERS.fullmatch(query.get("tradeorderid", ""))
    parcel = _NUMBER.fullmatch(query.get("trackingnumber", ""))
    return (orders[0], parcel[1]) if orders and parcel else None


def step_of_block(block: Block) -> Found[Step] | None:
    """The step that the header of a digest's block says."""
    return _TABLE.steps["step"].match(" ".join(block.texts[:1]), "block")


def facts_of_block(mail: Mail, block: Block) -> Iterator[Fact]:
    """One parcel of a digest, for each of its orders."""
    orders, parcel = block.key
    link = Found(parcel, "link", f"tradeOrderId={orders}&trackingNumber={parcel}", "block of a digest")
    step = step_of_block(block) or unknown_step(" ".join(block.texts[:1]), "block")
    title = [Found((Item(text),), "block", text, "second text of the block") for text in block.texts[1:2]]
    told = parcel_fields([link]) | step_fields(step) | {"items": first(title)}
    for order in orders.split(","):
        yield make_fact(mail.at, retailer="aliexpress", order=link.but(order), **told)


def listed_orders(mail: Mail) -> list[Found[str]]:
    """The orders of a confirmation of several: heading lines, some with the list's index glued to the number."""
    found: list[Found[str]] = []
    for line in headings_joined(mail.lines):
        hit = _LISTED_ORDER.fullmatch(line)
        if hit and _TABLE.words["order"].match(line) and hit["index"] in ("", str(len(found) + 1)):
            found.append(Found(hit["order"], "text", line, "heading of an order"))
    return distinct(found)


def headings_joined(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines, where an order's number below `Order 2` is put behind that."""
    index = ""
    for line in lines:
        yield f"{index} {line}" if index and line.isdecimal() else line
        index = line if _LIST_INDEX.fullmatch(line) and _TABLE.words["order"].match(line) else ""


def further_numbers(mail: Mail, parcels: list[Found[str]], orders: list[Found[str]]) -> list[Found[str]]:
    """The parcel's numbers, and those that the mail hands over for the local carrier behind a label."""
    known = {order.value for order in orders}
    words = _TABLE.words["tracking"]
    subject = (
        *in_lines((mail.subject,), words, _LABELLED),
        *in_lines((mail.subject,), _TABLE.words["parcel"], _LABELLED),
    )
    labelled = [*subject, *values_after(mail, words, _LABELLED)]
    return distinct([*parcels, *(found for found in labelled if found.value not in known)])


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
    sections: dict[str, list[str]] = {order: [] for order in orders}
    current = ""
    for line in headings_joined(lines):
        hit = _LISTED_ORDER.fullmatch(line)
        current = hit["order"] if hit else current
        if current in sections and not hit:
            sections[current].append(line)
    return {order: tuple(own) for order, own in sections.items()}


def expected(mail: Mail) -> Found[DateRange] | None:
    """The expected days of delivery; AliExpress prints the day first."""
    for text, value in behind(mail.lines, _TABLE.words["eta"]):
        days = find_days(value, mail.at.date(), day_first=True)
        if days:
            return Found(days, "text", text, "label of the expected delivery")
    return None


def total(lines: tuple[str, ...]) -> Found[Money] | None:
    """The order's total, behind its label."""
    return labelled_money(lines, "total")


def refund(lines: tuple[str, ...], step: Found[Step]) -> Found[Refund] | None:
    """The refund that the step tells, with its amount; one of less than the order's total is partial."""
    state = step.value.refund
    if state is None:
        return None
    amount, whole = labelled_money(lines, "refund") or refunded(lines), total(lines)
    if state is RefundState.FULL and amount and whole and _is_part(amount.value, whole.value):
        state = RefundState.PARTIAL
    return step.but(Refund(state, amount.value if amount else None))


def labelled_money(lines: tuple[str, ...], label: str) -> Found[Money] | None:
    """The amount behind a label."""
    for text, value in behind(lines, _TABLE.words[label]):
        money = find_money(value) if len(value) < 40 else None
        if money:
            return Found(money, "text", text, f"label of the {label}")
    return None


def _is_part(amount: Money, whole: Money) -> bool:
    return amount.currency == whole.currency and amount.amount < whole.amount


def one(found: Found[str] | None) -> list[Found[str]]:
    """A list of what was found."""
    return [found] if found else []


def _is_named(before: str) -> bool:
    """Whether a text ends with the word for an order or a parcel: a dispute and a refund have numbers of their own."""
    return any(_last(_TABLE.words[kind], before) >= len(before.rstrip(" :：#№(")) for kind in ("order", "parcel"))


def _last(words: re.Pattern[str], text: str) -> int:
    return max((hit.end() for hit in words.finditer(text)), default=-1)


def _first(words: re.Pattern[str], text: str) -> int:
    hit = words.search(text)
    return hit.start() if hit else len(text)


def _counts_orders(subject: str) -> bool:
    """Whether a subject begins with a count, as in `2 orders are confirmed: …`."""
    return re.match(r"\D{0,12}\d{1,2}(?!\d)", subject) is not None
