"""Whether a mail of a shop system names its sender.

Such mail says in every shop whose it is: in the subject, the heading, the logo's text, a link. One that nowhere bears
its sender's name or domain may be another shop's, sent on or copied, so nobody is to be taken for its shop. Names are
compared as people write them: `Müller & Söhne` is `MUELLER AND SOEHNE`, `A.P.C.` is `apc`; but `Go` is not in "going".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from html import unescape

from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Mail
from inboxtrack.reading.phrases import shipped_table

_ANYBODYS = frozenset(
    {
        "all", "and", "auftrag", "best", "bestellung", "boutique", "care", "client", "clients", "commande", "company",
        "contact", "customer", "customers", "daily", "deal", "deals", "from", "good", "goods", "help", "home", "info",
        "kunden", "kundenservice", "life", "mail", "mailer", "new", "news", "newsletter", "noreply", "notification",
        "notifications", "official", "one", "online", "order", "orders", "pedido", "pedidos", "price", "prices",
        "reply", "sales", "service", "services", "shipping", "shop", "shopify", "shopping", "store", "stores",
        "support", "team", "the", "tienda", "track", "update", "updates", "versand", "with", "woocommerce", "world",
        "your",
    }
)  # fmt: skip
"""Words of sender names that name no shop."""
_LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "aps", "as", "bv", "co", "corp", "gmbh", "inc", "kg", "llc", "ltd", "nv", "oy", "sa", "sas", "sl",
        "sarl", "spa", "srl", "ug",
    }
)  # fmt: skip
_SHORTEST_WORD, _SHORTEST_NAME, _TELLING_BEGINNING, _TELLING_ANYWHERE = 3, 2, 4, 5
_LETTERS = str.maketrans(dict(zip("øłđıæœþ", ("o", "l", "d", "i", "ae", "oe", "th"), strict=True)))
"""Letters that are no others with a mark."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def unnamed(mail: Mail) -> str | None:
    """That neither the sender's name, nor a telling word of it, nor its domain stands in the mail; None where one does,
    where the sender has no name to look for, or where a part of the mail is missing."""
    names = set(_names(mail))
    if not names or mail.truncated or any(_bears(place, names) for place in _places(mail)):
        return None
    return f"it may be another shop's: nowhere does it name {mail.sender.domain}, which sent it"


def _names(mail: Mail) -> Iterator[str]:
    """What a mail of this sender would call itself, in both spellings."""
    label = organisation(mail.sender.origin_domain).partition(".")[0]
    for shown in (mail.sender.name, label.replace("-", " ")):
        for words in map(_words, _spellings(shown)):
            telling = [word for word in words if word not in _anybodys()]
            own = [word for word in words if word not in _ANYBODYS | _LEGAL_FORMS]
            joined = {"".join(words), "".join(own)} if own else set()
            yield from (word for word in telling if len(word) >= _SHORTEST_WORD)
            yield from (name for name in joined if len(name) >= _SHORTEST_NAME and name not in _anybodys())


@cache
def _anybodys() -> frozenset[str]:
    """Words that name no shop: those of sender names, and those that say what became of an order."""
    tables = shipped_table("shopify", "inboxtrack.reading").steps.values()
    said = (spelling for table in tables for phrase in table.phrases for spelling in _spellings(phrase.words))
    return _ANYBODYS | _LEGAL_FORMS | frozenset(word for text in said for word in _words(text))


def _places(mail: Mail) -> Iterator[str]:
    """Where a shop's name may stand; the whole HTML, with its links and texts of pictures, last."""
    yield mail.subject
    yield mail.text
    yield unescape(mail.html)


def _bears(text: str, names: set[str]) -> bool:
    """Whether one of the names stands in a text: a short one as a word or its beginning, any other anywhere."""
    for spelling in _spellings(text):
        glued = "".join(filter(str.isalnum, spelling))
        if any(name in glued and (_is_long(name) or _as_word(name).search(spelling)) for name in names):
            return True
    return False


def _is_long(name: str) -> bool:
    """Whether a name is telling wherever it stands; so is any in a script that writes words without blanks."""
    return len(name) >= _TELLING_ANYWHERE or not name.isascii()


@lru_cache(maxsize=256)
def _as_word(name: str) -> re.Pattern[str]:
    end = "" if len(name) >= _TELLING_BEGINNING else r"(?![^\W_])"
    return re.compile(r"(?<![^\W_])" + r"[\W_]{0,2}".join(name) + end)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text) if word]


def _spellings(text: str) -> Iterator[str]:
    """A text as names are compared, with `ü` as `u` and as `ue`."""
    small = unicodedata.normalize("NFC", text.casefold().replace("&", " and "))
    for letters in (small, small.translate(_UMLAUTS)):
        plain = unicodedata.normalize("NFKD", letters.translate(_LETTERS))
        yield "".join(letter for letter in plain if not unicodedata.combining(letter))
