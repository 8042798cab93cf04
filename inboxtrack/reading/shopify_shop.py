"""Which shop a Shopify mail is from, and whether a mail is built on Shopify's stock templates at all.

Sources: the stock templates of 2014, 2018 and 2026; mail of real shops. The order status link
`https://<shop host>/<shop id>/orders/<32 hex>/authenticate?key=…` opens the order without a login: only its host and
the shop id are read, and no line that is used as evidence ever holds a link.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Mail, clean_text, plain_lines
from inboxtrack.mail.providers import settings_for
from inboxtrack.reading.phrases import bounded
from inboxtrack.tracking.links import unwrap

SHARED_DOMAIN = "shopifyemail.com"
APP_DOMAINS = ("parcelpanel.net", "parcelpanel.com")
MARKS = (
    ("order-number__text", "order-number__cell"),
    ("order-list__",),
    ("shop-name__text", "shop-name__cell"),
    ("customer-info__item",),
    ("subtotal-line__", "subtotal-table"),
    ("disclaimer__subtext",),
    ("actions__cell", "button__cell", "link__cell"),
    ("cdn.shopify.com/", "shopify-shop-marketplace-footer", "shopify-email"),
    ("/_t/c/v3/", "%2f_t%2fc%2fv3%2f"),
    ("/apps/parcelpanel", "/apps/17track", "/apps/track123", ".aftership.com/", "parcelpanel.com/", "gomalomo.com/",
     "wonderment.com/", "trackingmore.com/", "17track.net/"),
)  # fmt: skip
_STOCK_SUBJECT = re.compile(
    r"\bA (?:shipment|package) from order \S|\bShipping update for order \S|\bUn envoi (?:de|pour) la commande \S|"
    r"\bEine Lieferung aus (?:der )?Bestellung \S|\bEn forsendelse fra ordre \S|\bUn envío del pedido \S|"
    r"\bUma? (?:remessa|envio) do pedido \S|\bUna spedizione dell['’]ordine \S",
    re.I,
)
_SHARED_ADDRESS = re.compile(r"(?:store|shop)\+(?P<id>\d{3,15})@(?:[a-z0-9-]+\.){0,2}shopifyemail\.com")
_STATUS_LINK = re.compile(r"https?://(?P<host>[a-z0-9.-]{3,200})/(?P<id>\d{3,15})/orders/[0-9a-f]{32}", re.I)
_URL = re.compile(r"https?://\S{1,4000}")
_URL_IN_PARENTHESES = re.compile(r"[(<]\s{0,3}https?://[^()<>]{1,4000}[)>]")
_APP_PAGE = re.compile(r"^https?://[^/]{3,200}/(?:[a-z]{2}/)?apps/parcelpanel\b")


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as one of its mails shows it: the retailer's key, every name it is known by, the name to print."""

    key: str | None
    names: tuple[str, ...]
    name: str | None


def marks(mail: Mail) -> int:
    """How many different marks of Shopify's stock templates a mail bears: names in its HTML, its link, its words."""
    html = mail.html.lower()
    in_html = sum(any(mark in html for mark in group) for group in MARKS) if html else 0
    small = mail.text.lower()
    in_words = sum(any(_stands(*said, mail.text, small) for said in mark) for mark in _stock_texts())
    return in_html + in_words + bool(status_link(mail)) + bool(_STOCK_SUBJECT.search(mail.subject))


@cache
def _stock_texts() -> tuple[tuple[tuple[str, str], ...], ...]:
    """What stock mails say beside the news: the (place, words) of each [[mark]] of `shopify_marks.toml`."""
    entries = tomllib.loads(files(__package__).joinpath("shopify_marks.toml").read_text("utf-8"))["mark"]
    return tuple(tuple((place, words) for place, said in entry.items() for words in said) for entry in entries)


def _stands(place: str, words: str, text: str, small: str) -> bool:
    """Whether words stand in their place of a text; `small` is the text in lower case, which is looked at first."""
    return words.partition(" …")[0].lower() in small and _in_place(place, words).search(text) is not None


@cache
def _in_place(place: str, words: str) -> re.Pattern[str]:
    return re.compile({"line": "^{}", "whole": "^{}$", "text": "{}"}[place].format(bounded(words)), re.M | re.I)


def recognise(mail: Mail) -> bool:
    """Whether a mail is one of Shopify's: by its shared sender, or by two marks (one alone stands in newsletters)."""
    return is_shared(mail) or marks(mail) >= 2


def is_shared(mail: Mail) -> bool:
    """Whether the mail comes from the address that Shopify lends to shops."""
    return _SHARED_ADDRESS.fullmatch(mail.sender.origin) is not None


def shop_id(mail: Mail) -> str | None:
    """The Shopify shop id: of the shared sender's address, else of the order status link."""
    shared = _SHARED_ADDRESS.fullmatch(mail.sender.origin)
    if shared:
        return shared["id"]
    link = status_link(mail)
    return link["id"] if link else None


def status_link(mail: Mail) -> re.Match[str] | None:
    """The order status link, also where the plain part breaks it over lines. Only host and shop id may be kept."""
    for link in mail.links:
        hit = _STATUS_LINK.match(unwrap(link.url))
        if hit:
            return hit
    joined = (re.sub(r"\s", "", part) for part in _URL_IN_PARENTHESES.findall(mail.plain))
    return next((hit for part in joined if (hit := _STATUS_LINK.search(part))), None)


def shop_of(mail: Mail) -> Shop:
    """The shop of a Shopify mail, by what its sender can prove.

    A shop that mails from its own domain is that domain; Shopify's shared sender proves the shop id in its address and
    nothing else: `shopify:<shop id>`. Neither is given the other's name from a link: links can be forged, and names
    that are joined are believed for one another. Only an app's mail, which is never verified, goes by its links.
    """
    number = shop_id(mail)
    link = status_link(mail)
    linked = registrable(link["host"].lower()) if link else _app_host(mail)
    numbered = f"shopify:{number}" if number else None
    key = numbered if is_shared(mail) else own_domain(mail) or linked or numbered
    return Shop(key, (key,) if key else (), mail.sender.name or _printed_name(mail))


def own_domain(mail: Mail) -> str | None:
    """The sender's registrable domain where it is a shop's own; None for a service's or a mail provider's."""
    domain = registrable(mail.sender.origin_domain)
    return domain if domain and settings_for(f"@{domain}") is None else None


def speaking_domains(mail: Mail) -> tuple[str, ...]:
    """The domains that may speak for the shop of this mail."""
    if is_shared(mail):
        return (SHARED_DOMAIN,)
    own = own_domain(mail)
    return (own,) if own else ()


def registrable(host: str) -> str | None:
    """`mail.shop.example.co.uk` -> `example.co.uk`; None for hosts of services that many shops use."""
    domain = organisation(host)
    return None if domain in _services() else domain or None


@cache
def _services() -> frozenset[str]:
    """The domains of services that many shops use, in `services.toml`: they name no shop."""
    text = files(__package__).joinpath("services.toml").read_text("utf-8")
    return frozenset(chain((SHARED_DOMAIN,), APP_DOMAINS, *tomllib.loads(text)["services"].values()))


def _app_host(mail: Mail) -> str | None:
    """The shop's host in a link to ParcelPanel's page on it: `https://<shop host>/apps/parcelpanel?nums=…`."""
    if organisation(mail.sender.origin_domain) not in APP_DOMAINS:
        return None
    return next((registrable(link.host) for link in mail.links if _APP_PAGE.search(link.url)), None)


def _printed_name(mail: Mail) -> str | None:
    found = mail.tree.xpath("//*[contains(@class,'shop-name__text')]") if mail.tree is not None else []
    return clean_text(found[0].text_content(), 100) or None if found else None


def safe_lines(mail: Mail) -> tuple[str, ...]:
    """The visible lines without any link, so that none can reach an evidence: `View your order ( https://… )`."""
    lines = mail.lines if mail.tree is not None else plain_lines(_URL_IN_PARENTHESES.sub(" ", mail.plain))
    without = (clean_text(_URL.sub("", line), 2_000) if "://" in line else line for line in lines)
    return tuple(line for line in without if line)
