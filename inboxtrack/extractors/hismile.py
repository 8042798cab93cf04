"""Hismile: six regional Shopify shops with English mail. Order numbers carry the region: `AU1234567`, `INT1234567`.

The sender of its order mail is not known from real mail: by Shopify's rules it is the shop's own domain or Shopify's
shared sender with one of the shop ids below. Marketing comes from the same domain, through Klaviyo.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inboxtrack.extractors import Ignored, sent_by
from inboxtrack.mail.domains import organisation, within
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact
from inboxtrack.reading import shopify, unwrapped
from inboxtrack.reading.found import Found
from inboxtrack.reading.shop_pages import made_up_as, shown_domains
from inboxtrack.reading.shopify_shop import APP_DOMAINS, SHARED_DOMAIN, Shop, is_shared, own_domain, safe_lines, shop_id

NAME = "Hismile"
DOMAIN = "hismileteeth.com"
SENDERS = (DOMAIN,)
REVISION = 3
SUBJECTS = re.compile(r"\bhismile\b", re.I)

SHOP_IDS = {
    "AU": "9164078",
    "US": "15259766",
    "UK": "15259782",
    "EU": "15259806",
    "INT": "15259812",
    "CA": "11509858404",
}
DOLLARS = {"AU": "AUD", "US": "USD", "CA": "CAD", "INT": "USD"}
_REGIONS = {shop: region for region, shop in SHOP_IDS.items()}
_ORDER = re.compile(r"(?<![A-Za-z0-9])(?P<name>(?P<region>AU|US|UK|EU|INT|CA)\d{5,10})(?!\d)")


def claims(mail: Mail) -> bool:
    """Whether a mail is Hismile's: by its domain, by a shop id, or by its name or links on a Shopify template."""
    if sent_by(mail.sender.origin, SENDERS) or sent_by(mail.reply_to.origin, SENDERS):
        return True
    if is_shared(mail):
        return shop_id(mail) in _REGIONS
    return shopify.recognise(mail) and (shop_id(mail) in _REGIONS or _is_named(mail))


def domains(mail: Mail) -> tuple[str, ...]:
    """The shops' own domain; Shopify's shared domain where the address has one of the shop ids."""
    return (DOMAIN, SHARED_DOMAIN) if is_shared(mail) and shop_id(mail) in _REGIONS else (DOMAIN,)


def disowned(mail: Mail) -> str | None:
    """Why a mail made up as Hismile's is not: it comes from elsewhere. An app may send in its name."""
    mail_of_app = organisation(mail.sender.origin_domain) in APP_DOMAINS
    known = sent_by(mail.sender.origin, SENDERS) or (is_shared(mail) and shop_id(mail) in _REGIONS)
    return None if known or mail_of_app else made_up_as(NAME, mail)


def extract(mail: Mail) -> list[Fact]:
    """The facts of a Hismile mail; `Ignored` for marketing, carts and reviews."""
    region = _region(mail)
    shop = Shop("hismile", _names(region), NAME)
    try:
        facts = shopify.read_shopify(mail, shop, dollar=DOLLARS.get(region or ""))
    except shopify.IgnoredMail as ignored:
        raise Ignored(str(ignored)) from ignored
    number = _number(mail)
    return [_with_number(fact, number) for fact in facts]


def _is_named(mail: Mail) -> bool:
    """Whether the display name is Hismile's, or a link leads to one of its shops and none to the sender's own."""
    if mail.sender.name.casefold() == "hismile":
        return True
    linked = any(within(link.host, SENDERS) for link in unwrapped.links(mail))
    return linked and own_domain(mail) not in shown_domains(mail)


def _names(region: str | None) -> tuple[str, ...]:
    """The names of a region's shop: its host and its Shopify shop id; the common domain where the region is unknown."""
    if region is None:
        return (DOMAIN,)
    host = DOMAIN if region == "AU" else f"{region.lower()}.{DOMAIN}"
    return (host, f"shopify:{SHOP_IDS[region]}")


def _region(mail: Mail) -> str | None:
    """AU, US, UK, EU, INT or CA: as the order number says, else the shop id."""
    number = _number(mail)
    hit = _ORDER.fullmatch(number.value) if number else None
    return hit["region"] if hit else _REGIONS.get(shop_id(mail) or "")


def _number(mail: Mail) -> Found[str] | None:
    """The order number by its own shape: in the subject, else in the text."""
    for where, text in (("subject", mail.subject), *(("text", line) for line in safe_lines(mail))):
        hit = _ORDER.search(text)
        if hit:
            return Found(hit["name"], where, text, "region and digits")
    return None


def _with_number(fact: Fact, number: Found[str] | None) -> Fact:
    """The fact with the number of Hismile's own shape, where one stands in the mail."""
    if number is None or fact.order == number.value:
        return fact
    others = tuple(evidence for evidence in fact.evidence if evidence.field != "order")
    return replace(fact, order=number.value, evidence=(*others, number.evidence("order")))
