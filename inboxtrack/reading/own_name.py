"""Whether a mail of a shop system names its sender.

Such mail says in every shop whose it is: in the subject, the heading, the logo's text, a link. One that nowhere bears
its sender's name or domain may be another shop's, sent on or copied, so nobody is to be taken for its shop.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape

from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Mail

_ANYBODYS = frozenset(
    {
        "auftrag", "bestellung", "boutique", "care", "client", "clients", "commande", "contact", "customer",
        "customers", "help", "info", "kunden", "kundenservice", "mail", "mailer", "news", "newsletter", "noreply",
        "notification", "notifications", "official", "online", "order", "orders", "pedido", "pedidos", "reply",
        "service", "services", "shipping", "shop", "shopify", "store", "support", "team", "tienda", "update", "updates",
        "versand", "woocommerce",
    }
)  # fmt: skip
"""Words of sender names that name no shop."""
_SHORTEST_WORD, _SHORTEST_NAME = 4, 2


def unnamed(mail: Mail) -> str | None:
    """That neither the sender's name, nor a telling word of it, nor its domain stands in the mail; None where one does,
    where the sender has no name to look for, or where a part of the mail is missing."""
    names = set(_names(mail))
    if not names or mail.truncated or any(name in said for said in map(_folded, _places(mail)) for name in names):
        return None
    return f"it may be another shop's: nowhere does it name {mail.sender.domain}, which sent it"


def _names(mail: Mail) -> Iterator[str]:
    """What a mail of this sender would call itself, folded."""
    label = organisation(mail.sender.origin_domain).partition(".")[0]
    words = [*re.split(r"[\W_]+", mail.sender.name), *label.split("-")]
    yield from (word for word in map(_folded, words) if len(word) >= _SHORTEST_WORD and word not in _ANYBODYS)
    whole = (_folded(name) for name in (mail.sender.name, label))
    yield from (name for name in whole if len(name) >= _SHORTEST_NAME and name not in _ANYBODYS)


def _places(mail: Mail) -> Iterator[str]:
    """Where a shop's name may stand; the whole HTML, with its links and texts of pictures, last."""
    yield mail.subject
    yield mail.text
    yield unescape(mail.html)


def _folded(text: str) -> str:
    """A text as names are compared: `Tin & Twine` is `tinandtwine`."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", "and"))
    return "".join(char for char in plain if char.isalnum())
