"""Mails that would be a retailer's but for their domain: look-alike domains, borrowed names, borrowed reply addresses.

Only mail that looks like order news is suspected: people and newsletters may mention a shop as they like. Nothing is
suspected that comes from a sender a retailer or carrier is known by, or through a relay that hides the user's address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from inboxtrack.extractors import Extractor, Step, discover, sent_by
from inboxtrack.mail.domains import organisation, within
from inboxtrack.mail.message import Mail
from inboxtrack.model import SourceKind
from inboxtrack.tracking.carriers import by_name

RELAYS = (
    "privaterelay.appleid.com",
    "duck.com",
    "mozmail.com",
    "simplelogin.com",
    "aleeas.com",
    "anonaddy.me",
    "addy.io",
)
_ORDER_WORD = re.compile(
    r"\b(?:orders?\b|order\s?#|parcel|package|shipment|shipp|deliver|tracking|bestell|sendung|paket|päckchen|zugestellt|"
    r"versand|liefer|commande|colis|livraison|expédi|pedido|envío|paquete|entrega|ordin[ei]\b|spedizion|pacco|consegn|"
    r"zamówieni|przesyłk|paczk|dostaw|pakket|bezorg|encomenda|objednávk|zásilk|beställning|leverans|ordre\b|pakke|"
    r"tilau|sipariş|kargo|заказ|посылк)|注文|配送|주문|배송|订单|訂單|包裹",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w.])(?=[A-Z-]{0,6}\d)[A-Z0-9-]{8,40}(?![\w.@])")
_SEARCHED_LINES = 150
_SHORTEST_NAME, _SHORTEST_MISSPELT = 6, 8
_LOOKS = str.maketrans("0135аеорсухіѕјԁһӏαεικνορτυχıłг", "olesaeopcyxisjdhlaeiknoptuxilr")


@dataclass(frozen=True, slots=True)
class Imitation:
    """Whom a mail imitates, and by what."""

    extractor: Extractor
    reason: str


def imitated(mail: Mail, extractors: Iterable[Extractor], claimed: Extractor | None = None) -> Imitation | None:
    """What a mail imitates; None when it imitates nobody, or tells no order news.

    `claimed` names an extractor that takes the mail for its own by what it says, because not all of its retailer's
    domains are known: there only a domain made to deceive is a sign.
    """
    known = tuple(extractors)
    address = mail.sender.origin
    if not address or through_relay(mail) or any(sent_by(address, e.senders) for e in known if e.step is Step.SENDER):
        return None
    if not _ORDER_WORD.search(mail.subject):
        return None
    found = next(_signs(mail, [e for e in known if e.step is Step.SENDER], claimed), None)
    return found if found is not None and _names_a_number(mail) else None


def borrows(name: str, claimed: Extractor) -> bool:
    """Whether a shop calls itself like a carrier, or like a known retailer other than the one that `claimed` reads.

    A known retailer's own name is no such name, though its carrier bears it, too.
    """
    if claimed.step is Step.SENDER and claimed.source is SourceKind.RETAILER_MAIL and _bears(name, claimed.name):
        return False
    others = [e for e in discover() if e.step is Step.SENDER and e.key != claimed.key]
    bears = any(_bears(name, e.name) or any(brand in name.lower() for brand in _brands(e.senders)) for e in others)
    return bears or any(by_name(shown) is not None for shown in (name, skeleton(name)))


def through_relay(mail: Mail) -> bool:
    """Whether a mail came through a service that hides the user's address, and with it the sender's."""
    return within(mail.sender.domain, RELAYS)


def _names_a_number(mail: Mail) -> bool:
    """Whether something like the number of an order or a parcel stands in the mail."""
    return any(_NUMBER.search(line) for line in (mail.subject, *mail.lines[:_SEARCHED_LINES]))


def _signs(mail: Mail, extractors: Iterable[Extractor], claimed: Extractor | None) -> Iterator[Imitation]:
    """Every sign of an imitation, the domain's first."""
    domain, name = mail.sender.domain, mail.sender.name
    for extractor in extractors:
        retailer = extractor.source is SourceKind.RETAILER_MAIL and extractor != claimed
        for brand in _brands(extractor.senders):
            if resembles(domain, brand, by_name=retailer):
                yield Imitation(extractor, f"its sender {domain} looks like {brand}")
            if brand in name.lower():
                yield Imitation(extractor, f"its sender's name shows {brand}, its address is at {domain}")
            if retailer and within(mail.reply_to.domain, (brand,)):
                yield Imitation(extractor, f"it comes from {domain} and wants answers at {brand}")
        if retailer and _bears(name, extractor.name):
            yield Imitation(extractor, f"its sender calls itself {extractor.name}, its address is at {domain}")


@cache
def _brands(senders: tuple[str, ...]) -> tuple[str, ...]:
    """The organisational domains of senders."""
    return tuple(dict.fromkeys(organisation(sender.rpartition("@")[2]) for sender in senders))


def resembles(domain: str, brand: str, *, by_name: bool) -> bool:
    """Whether a domain is made to be taken for a brand's: the brand's domain in front of another one, letters that
    look alike, a letter more or less or, `by_name`, the brand's name as a part of it."""
    label, name = organisation(domain).partition(".")[0], brand.partition(".")[0]
    if label == name:
        return by_name and len(name) >= _SHORTEST_NAME
    if any(f".{brand}{mark}" in f".{domain}" for mark in ".-"):
        return True
    drawn = skeleton(label)
    if len(name) >= _SHORTEST_NAME and (_same(drawn, name) or (by_name and name in _tokens(domain, drawn))):
        return True
    return len(name) >= _SHORTEST_MISSPELT and one_letter_apart(drawn, skeleton(name))


def _same(drawn: str, name: str) -> bool:
    """Whether a label as the eye takes it is a brand's name; a capital i is an l."""
    return drawn.replace("i", "l") == skeleton(name).replace("i", "l")


def _tokens(domain: str, drawn: str) -> set[str]:
    """The words a domain is made of, as written and as they look."""
    return set(re.split(r"[.-]", domain)) | set(drawn.split("-"))


def _bears(shown: str, name: str) -> bool:
    """Whether a display name is a brand's name, alone or with words behind it."""
    drawn, brand = skeleton(shown), skeleton(name)
    return drawn == brand or re.match(rf"{re.escape(brand)}(?:\W|$)", drawn) is not None


@lru_cache(maxsize=4_096)
def skeleton(text: str) -> str:
    """A text as the eye takes it: without accents, punycode and foreign letters or digits that look like Latin ones."""
    if text.startswith("xn--"):
        try:
            text = text.encode("ascii").decode("idna")
        except UnicodeError:
            return text
    plain = unicodedata.normalize("NFKD", text[:300].lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return plain.translate(_LOOKS).replace("rn", "m").replace("vv", "w")


def one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter is changed, added, left out or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, more = one[same:], other[same:]
    swapped = rest[:2] == more[:2][::-1] and rest[2:] == more[2:]
    return swapped or rest[1:] == more[1:] or rest[1:] == more or rest == more[1:]
