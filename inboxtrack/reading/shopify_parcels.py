"""The tracking block of Shopify's mails: `{company} tracking number(s):`, then one number or one a line.

The carrier is taken from the label and the number from the text: the links are click redirects of the shop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inboxtrack.mail.message import Href, Mail
from inboxtrack.reading import labels
from inboxtrack.reading.found import Found
from inboxtrack.reading.labels import SPACED
from inboxtrack.reading.rows import carrier_beside
from inboxtrack.reading.unwrapped import links
from inboxtrack.tracking.carriers import Strength, by_name
from inboxtrack.tracking.links import read_link
from inboxtrack.tracking.numbers import check, fits, in_slot

_NUMBER = re.compile(
    r"#?\s?(" + SPACED + r"|\d{2,9}(?:[ ]\d{2,9}){1,7}(?=\s?(?:$|[.,;()]))|"
    r"(?=[A-Z.-]{0,14}\d)[0-9A-Z](?:[0-9A-Z._/-]{2,38}[0-9A-Z]))(?![0-9A-Z])",
    re.I,
)
_ITEMS = r"(?: (?:for|of) (?:these|this|your|the) (?:items?|order|shipment|package|parcel))?"
_LABELS = (
    rf"tracking (?:numbers?(?:\(s\))?|details|info(?:rmation)?|link|code|id|no\.?){_ITEMS}(?: are as follows)?|"
    r"tracking(?=\s?[#:：])|"
    r"track (?:your |my |the )?(?:package|parcel|shipment)|"
    r"(?:parcel|package|consignment|waybill|awb|shipment) (?:numbers?|no\.)|parcel reference|"
    r"(?:consignment|waybill|localizador|barcode|suivi)(?=\s?[:：])|tracking-id|"
    r"(?:num[ée]ros?|n[°º]s?) de (?:suivi|colis)(?: de ces items sont les suivants)?|code de suivi|"
    r"sendungs(?:verfolgungs)?nummern?|sendungs(?:-(?:nr\.|nummern?|id)|nr\.?)|trackingnummern?|tracking-(?:nr\.|nummern?)|paketnummern?|paket-?nr\.?|"
    r"volgnummers?|trackingcodes?|track (?:&|en|and) trace(?:[- ]code| nummer)?|traceernummers?|zendings?nummers?|"
    r"pakketnummers?|sporingsnumre?|sporingsnummer|sporingsnr\.?|sporingskode|trackingnumre|forsendelsesnummer|pakkenummer|"
    r"sendingsnummer|spårningsnummer|spårnings-id|spårningskod|försändelsenummer|sändningsnummer|kollinummer|kolli-id|"
    r"seurantanumero|seurantakoodi|lähetystunnus|"
    r"(?:números?|n[°º]\.?|n\.º|núm\.) de (?:seguimi?ento|rastreo|rastreio|guía|envío|rastreamento|acompanhamento)|"
    r"códigos? de (?:rastreio|rastreo|rastreamento|seguimi?ento)|"
    r"(?:numer[oi]|n\.|n[°º]) (?:di )?(?:tracciamento|tracking|spedizione)|"
    r"codice (?:di )?(?:tracciamento|tracking|spedizione)|"
    r"(?:numery?|nr) (?:śledzenia|przesyłki|paczki|listu przewozowego)|"
    r"sledovac(?:í|ie) čísl[oa]|čísl[oa] zásil(?:ky|ek)|číslo zásielky|"
    r"takip numara(?:sı|ları|nız)|nyomkövetési szám|csomagszám|număr(?:ul)? de urmărire|awb|αριθμός παρακολούθησης|"
    r"追跡番号|お問い合わせ番号|配送番号|送り状番号|伝票番号|운송장 ?번호|송장 ?번호|추적 ?번호|"
    r"(?:物流|快递)?(?:追踪|跟踪)(?:编号|号码|号)|运单号|物流單號|追蹤(?:編號|號碼)|מספר מעקב|מספרי מעקב"
)
_COMPANY = r"[^\W_][^:：\n()]{0,39}?"
_WORDS_BEFORE_A_NUMBER = r"(?-i:(?:\s[^\W\d_A-Z]{1,12}){1,6}(?=\s#?[A-Z]{0,6}\d))"
LABEL = re.compile(
    rf"(?:(?:^\*{{0,2}}|[.!]\s|(?<=\())(?P<before>{_COMPANY})\s+)?(?<!\w)(?:{_LABELS})(?!\w)"
    rf"(?:\s(?:(?:de|von|van|fra|per|di|da|bei)\s)?(?P<after>{_COMPANY})(?=\s?[:：])|{_WORDS_BEFORE_A_NUMBER})?",
    re.I,
)
_VIA = re.compile(
    r"\b(?:shipped|envoyés?|verzonden|versandt)\s(?:via|with|by|mit|met)\s(?P<name>[^\W\d_][^,.;:()]{1,39}?)"
    r"(?=\s(?:to|with|à|avec|naar|mit|an)\s|[.,]|$)|\bby (?P<by>[^\W\d_][\w &.-]{1,30})$",
    re.I,
)
_CARRIER = re.compile(
    r"(?:(?:shipping |delivery )?(?:carrier|courier)|shipping (?:company|provider)|versanddienstleister|"
    r"versandunternehmen|paketdienst|zusteller|transporteur|corriere|spedizioniere|transportista|paquetería|mensajería|transportadora|"
    r"vervoerder|bezorgdienst|przewoźnik|kurier|fragtfirma|transportør|transportör|dopravce|kuljetusyhtiö|配送業者|運送会社)"
    r"(?=\s?(?:[:：]|$))",
    re.I,
)
_NO_COMPANY = re.compile(
    r"^(?:(?:your|the|my|a|an|this|these|shipment|package|parcel|order|shipping|delivery|carrier|courier|other|with|"
    r"is|le|la|les|un|votre|vos|mit|der|die|das|deine?|ihre?|de|het|uw|je|jouw|el|tu|su|il|tuo|avec|met|din|"
    r"colis|paket|pakket|sendung|envío|commande|bestellung|bestelling|pedido|items?|for|são|er|are|and)\b\s*)+$",
    re.I,
)
_NO_NUMBER = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}|\d{1,6}[.,]\d{1,2}|\d{1,2}[:.]\d\d.{0,8}")
_CARRIER_AND_NUMBER = re.compile(
    r"(?P<name>[^\W\d_][\w .&'-]{1,29}?)(?:\s?[:：#-]\s?|\s)#?(?P<number>(?=(?:[A-Z]*\d){6})[0-9A-Z]{8,40})"
)
_NUMBER_PARAMETERS = frozenset(
    {"tracking_number", "tracking_numbers", "trackingnumber", "tracking-number", "tracking_no"}
)
_MOST = 20
_TELLING = 8


@dataclass(frozen=True, slots=True)
class Tracked:
    """A parcel's number as printed, and its carrier's key where the mail or the number's shape says it."""

    number: Found[str]
    carrier: Found[str] | None


def tracked(mail: Mail, lines: tuple[str, ...]) -> tuple[Tracked, ...]:
    """Every parcel that a mail names, each number once: behind the label, in a table, else in a carrier's own link."""
    numbers: dict[str, Found[str]] = {}
    for number in _numbers(mail, lines):
        numbers.setdefault(number.value, number)
        if len(numbers) == _MOST:
            break
    found = tuple(Tracked(number, _carrier(mail, number, lines)) for number in numbers.values())
    return found or tuple(_behind_carriers(lines)) or tuple(_linked(mail))


def _numbers(mail: Mail, lines: tuple[str, ...]) -> Iterator[Found[str]]:
    shown = frozenset(lines)
    in_table = list(labels.in_columns(mail.rows, LABEL, _NUMBER))
    for number in in_table or labels.in_lines(lines, LABEL, _NUMBER):
        if may_be_number(number, shown):
            yield number.but(number.value.rstrip("."))


def may_be_number(number: Found[str], shown: frozenset[str]) -> bool:
    """Whether what stands in a parcel number's place may be one: no date, amount, time, small number or postcode.

    A short one on the line below its label must have that line for itself; `shown` are the mail's lines.
    """
    value = number.value.rstrip(".")
    if _NO_NUMBER.fullmatch(value) or (sum(map(str.isdigit, value)) < 4 and len(value) < _TELLING):
        return False
    below = number.where == "text" and number.text not in shown
    return len(value) >= _TELLING or not below or number.text.rstrip(".").endswith(value)


def _behind_carriers(lines: Iterable[str]) -> Iterator[Tracked]:
    """Parcels on lines that hold a carrier's name and a number of its shape, as in `UPS: 1Z999AA10123456784`."""
    seen: set[str] = set()
    for line in lines:
        hit = _CARRIER_AND_NUMBER.fullmatch(line)
        if hit is None or by_name(hit["name"]) is None or len(seen) == _MOST:
            continue
        number, key = in_slot(hit["number"], hit["name"])
        if key and number not in seen and fits(number, key, Strength.WEAK) and check(number, key):
            seen.add(number)
            found = Found(number, "text", line, "name of a carrier")
            yield Tracked(found, found.but(key))


def _linked(mail: Mail) -> Iterator[Tracked]:
    """Parcels by links to pages that track them, of shops that put them in; the link is no evidence, its host is."""
    seen: dict[str, Tracked] = {}
    for link in links(mail):
        carrier, number = read_link(link.url) or _own_page(link) or (None, "")
        if number:
            rule = "link of a carrier" if carrier else "link of a tracking page"
            found = Found(number, "html link", f"link to {link.host}", rule)
            key = carrier or in_slot(number)[1]
            seen.setdefault(number, Tracked(found, found.but(key) if key else None))
    yield from list(seen.values())[:_MOST]


def _own_page(link: Href) -> tuple[str, str] | None:
    """(carrier, number) of a link to a shop's own tracking page, where the number's shape tells its carrier."""
    named = next((value for name, value in link.query.items() if name.lower() in _NUMBER_PARAMETERS), "")
    number, carrier = in_slot(named) if _NUMBER.fullmatch(named) else ("", None)
    return (carrier, number) if carrier else None


def _carrier(mail: Mail, number: Found[str], lines: tuple[str, ...]) -> Found[str] | None:
    """The carrier that the row, the label, its line or a sentence names; else the only one of the number's shape."""
    line = number.but(number.text) if by_name(number.text) else None
    named = carrier_beside(mail, number.value) or _in_label(number) or line or _labelled(lines) or _shipped_via(lines)
    known = by_name(named.value) if named else None
    if named and known:
        return named.but(in_slot(number.value, named.value)[1])
    key = in_slot(number.value)[1]
    return Found(key, number.where, number.text, "shape of the number") if key else None


def _in_label(number: Found[str]) -> Found[str] | None:
    hit = LABEL.search(number.text)
    for name in (hit["before"], hit["after"]) if hit else ():
        if name and not _NO_COMPANY.match(name.strip()):
            return Found(name.strip(), "text", number.text, "tracking label")
    return None


def _labelled(lines: tuple[str, ...]) -> Found[str] | None:
    """The carrier behind its own label: `Carrier: DHL`."""
    named = (Found(value, "text", text, "label of the carrier") for text, value in labels.behind(lines, _CARRIER))
    return next((found for found in named if by_name(found.value)), None)


def _shipped_via(lines: Iterable[str]) -> Found[str] | None:
    for line in lines:
        hit = _VIA.search(line)
        name = (hit["name"] or hit["by"]).strip() if hit else ""
        if name and not _NO_COMPANY.match(name):
            return Found(name, "text", line, "shipped via")
    return None
