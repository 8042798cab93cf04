"""Items, total, refunded amount and expected days in Shopify's mails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from itertools import pairwise

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.model import Coverage, DateRange, Item, Money
from inboxtrack.reading.dates import find_days
from inboxtrack.reading.found import Found
from inboxtrack.reading.money import find_money

_BEHIND = re.compile(
    r"^(?P<title>\S.{0,190}?)\s?[×x✕]\s?(?P<n>\d{1,4})(?:\s(?:of|de|van|von|di|af|av|z)\s(?P<all>\d{1,4}))?$"
)
_BEFORE = re.compile(r"^(?P<n>\d{1,4})\s?[×x✕]\s(?P<title>\S.{0,190})$")
_PRICED = re.compile(r"\s(?:for|pour)\s\S+\s(?:each|l'unité)$|\s{1,9}-\s\S+$")
_TOTAL = re.compile(
    r"^(?:Total|Totaal|Gesamt(?:summe|betrag)?|Totale|I alt|合計|סה״כ|Celkem|Razem|Summa|Totalt|Yhteensä|"
    r"Toplam|Összesen|Celkom|Σύνολο|합계|总计|總計)\b"
    r"\s?:?\s?(?P<rest>.*)$",
    re.I,
)
_ETA = re.compile(
    r"estimated (?:delivery|arrival)(?: date)?|expected delivery|(?:livraison|date de livraison) (?:estimée|prévue)|"
    r"geschatte (?:datum van aankomst|leverdatum|leveringsdatum|levering)|"
    r"voraussichtliche[sr]? (?:lieferung|lieferdatum|liefertermin)|"
    r"(?:fecha de )?entrega estimada|forventet levering|consegna (?:stimata|prevista)|"
    r"entrega prevista|お届け予定日|"
    r"(?:předpokládané|odhadované) (?:datum )?doručení|(?:przewidywan|szacowan)[ay] dostaw[ay]|"
    r"(?:beräknad|estimert|forventet|arvioitu) (?:leverans|levering|toimitus)",
    re.I,
)
_REFUNDED = re.compile(
    r"refund|rembours|terugbeta|terubetaal|erstatt|reembols|rimbors|refunder|återbetal|zwrot|hyvity|vrácen|iade|возврат|"
    r"повернен|환불|返金|退款|החזר|استرداد",
    re.I,
)
_MOST = 100


def items(mail: Mail, lines: Iterable[str]) -> Found[tuple[Item, ...]] | None:
    """The items listed in a mail: `Title × 2`, `Title × 1 of 2`, `1 × Title` in a bundle, `2x Title`."""
    titles = _title_cells(mail)
    texts, where = (titles, "html order-list__item-title") if titles else (list(lines), "text")
    found = tuple(item for text in texts if (item := _item(text, bare=bool(titles))))[:_MOST]
    return Found(found, where, "; ".join(item.title for item in found), "item list") if found else None


def part_of_a_line(mail: Mail, lines: Iterable[str]) -> Found[Coverage] | None:
    """`Title × 1 of 2`: the shipment holds a part of a line of the order, so there is more to come."""
    for text in [*_title_cells(mail), *lines]:
        hit = _BEHIND.match(text)
        if hit and hit["all"] and int(hit["n"]) < int(hit["all"]):
            return Found(Coverage.SOME, "item list", text, "part of an item's quantity")
    return None


def total(lines: tuple[str, ...], dollar: str | None = None) -> Found[Money] | None:
    """The order's total; the amount stands on the line or on the next one. `dollar` is the currency of a bare `$`."""
    for line, following in pairwise((*lines, "")):
        hit = _TOTAL.match(line)
        money = find_money(hit["rest"] or following, dollar) if hit else None
        if money:
            return Found(money, "text", line if hit and hit["rest"] else f"{line} {following}", "total")
    return None


def refunded(lines: Iterable[str], dollar: str | None = None) -> Found[Money] | None:
    """The amount in the line that speaks of a refund: `Total amount refunded: $12.00 USD`."""
    for line in lines:
        money = find_money(line, dollar) if _REFUNDED.search(line) else None
        if money:
            return Found(money, "text", line, "refunded amount")
    return None


def expected_days(lines: tuple[str, ...], base: dt.date) -> Found[DateRange] | None:
    """`Estimated delivery date: December 3, 2026`; the days may stand on the next line."""
    for line, following in pairwise((*lines, "")):
        hit = _ETA.search(line)
        if hit is None:
            continue
        rest = line[hit.end() :].strip(" :：")
        days = find_days(rest or following, base)
        if days:
            return Found(days, "text", line if rest else f"{line} {following}", "expected delivery")
    return None


def _title_cells(mail: Mail) -> list[str]:
    if mail.tree is None:
        return []
    cells = mail.tree.xpath("//*[contains(@class,'order-list__item-title')]")
    return [text for cell in cells[:_MOST] if (text := clean_text(cell.text_content(), 400))]


def _item(text: str, *, bare: bool) -> Item | None:
    """One line as an item; a line without a quantity is one only where its cell says that it is a title (`bare`)."""
    hit = _BEHIND.match(text) or _BEFORE.match(text)
    if hit:
        return Item(_PRICED.sub("", hit["title"]).strip(), int(hit["n"])) if _is_title(hit["title"]) else None
    return Item(text) if bare else None


def _is_title(text: str) -> bool:
    return any(character.isalpha() for character in text)
