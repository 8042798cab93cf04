"""A real mail -> a sample that can be published: the same shape and the same facts, with nobody's data in it.

Names, mail addresses, street addresses, phones, ids and tokens are replaced consistently by others of the same shape.
Pictures are taken out, links lose what makes them work. What is kept: the retailer's address, wording, titles, dates
and amounts. The result is refused when something of the original remains or when it reads differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from random import Random
from urllib.parse import unquote

from inboxtrack.jsonform import Json, fact_to_json
from inboxtrack.mail import message
from inboxtrack.mail.message import Mail
from inboxtrack.model import Outcome, Reading, Trust
from inboxtrack.reader import Context, read
from inboxtrack.scrub.replacing import Refused, Scrubber

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w/.])\(?\+\(?\d[\d ()/.-]{6,20}\d|(?<![\w/.-])0\d{1,5}[ /-]\d[\d ]{4,12}\d")
_TOKEN = re.compile(r"(?<![#\w])(?=[A-Za-z_-]*(?:\d[A-Za-z_-]*){5})[A-Za-z0-9_-]{5,400}")
_HASHED = re.compile(r"#\s?([A-Z-]{0,6}\d{3,12}[A-Z0-9-]{0,12})")
_LONG_TOKEN = re.compile(r"(?<![\w/])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,400}")
_URL = re.compile(r"https?://[^\s\"'<>]{4,4000}")
_PICTURE = re.compile(r"""(?P<name>\s(?:src|srcset|background)\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s>]+)|url\([^)]*\)""", re.I)
_CODE = re.compile(r"<(script|style)\b(?![^>]*ld\+json).*?</\1\s*>|<!--.*?-->", re.I | re.S)
_GREETING = re.compile(
    r"(?:hi|hello|dear|hey|hallo|liebe[rs]?|guten tag|hola|bonjour|cześć|witaj|olá|ciao|beste|hej|merhaba|안녕하세요)"
    r"[\s,]+(?P<name>[^\s,:!.][^,:!]{1,60}?)\s*[,:!]?",
    re.I,
)
_RECEIVER = re.compile(
    r"(?:ship(?:ping|ped|s)? (?:to|address)|deliver(?:y|s|ed)? (?:to|address)|billing address|versand nach|"
    r"versandadresse|lieferadresse|lieferung an|rechnungsadresse|enviar a|dirección de (?:envío|entrega|facturación)|"
    r"livrer à|adresse de (?:livraison|facturation)|adres dostawy|배송지|bezorgadres|verzendadres)\s*:?",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]{3,}|[^\W\d_a-zA-ZÀ-ɏ]{2,}")
_VERIFIED = (
    ("Received", "by 2002:a05:6a10:8a1:b0:1a2:3b4:5c6 with SMTP id x1; {date}"),
    ("Received", "from mail.{domain} (mail.{domain}. [192.0.2.1]) by mx.google.com with ESMTPS id a1; {date}"),
    ("Authentication-Results", "mx.google.com; dkim=pass header.i=@{domain}; dmarc=pass header.from={domain}"),
)
_PUBLIC_WORDS = frozenset(
    re.findall(
        r"\w+",
        "order orders shop store team the and your you customer tracking number track details view total payment "
        "method shipping shipped delivery delivered parcel package phone email contact",
    )
)
_ADDRESS_LINES = 5
_KEPT_HEADERS = ("Date", "List-Unsubscribe-Post", "Precedence")


def scrub(raw: bytes, chance: Random) -> bytes:
    """The sample of a mail. Raises `Refused` when it would give something away or read differently."""
    mail, reading = message.parse(raw), read(raw, Context())
    if reading.outcome is Outcome.FAILED:
        raise Refused(f"it cannot be read ({reading.reason})")
    scrubber = prepared(mail, reading, chance)
    sample = rebuilt(mail, reading, scrubber)
    check(sample, reading, scrubber)
    return sample


def prepared(mail: Mail, reading: Reading, chance: Random) -> Scrubber:
    """A scrubber that knows everything in the mail that somebody could be known by."""
    shops = {name for fact in reading.facts for name in (*fact.shop, fact.shop_name or "", fact.seller or "")}
    public = " ".join((mail.sender.origin, mail.reply_to.origin, *shops)).casefold()
    known = {*public.split(), *re.findall(r"[^\W_]{3,}", public), *_PUBLIC_WORDS}
    scrubber = Scrubber(chance, frozenset(known))
    for fact in reading.facts:
        for number in fact.numbers():
            scrubber.hide(number.value, parcel=True)
        scrubber.hide(fact.order or "")
    for secret in (*people(mail), *ids(mail)):
        scrubber.hide(secret)
    return scrubber


def people(mail: Mail) -> Iterable[str]:
    """Words of names and addresses: of the receivers, of the greeting, below `Ship to` and the like.

    A word below `Ship to` that the mail also writes small belongs to its wording.
    """
    for name in ("To", "Cc", "Delivered-To", "X-Original-To"):
        yield from _words(mail.header(name))
    template = {word for word in _WORD.findall(_ADDRESS.sub(" ", mail.text)) if word.islower()}
    for number, line in enumerate(mail.lines):
        greeted = _GREETING.fullmatch(line)
        if greeted:
            yield from _words(greeted["name"])
        label = _RECEIVER.match(line)
        if label:
            yield from (word for word in _words(line[label.end() :]) if word.casefold() not in template)
            below = " ".join(_block(mail, number + 1))
            yield from (word for word in _words(below) if word.casefold() not in template)


def _block(mail: Mail, start: int) -> Iterable[str]:
    """The lines of an address: up to a sentence, a label or a link."""
    linked = {link.text for link in mail.links}
    for line in mail.lines[start : start + _ADDRESS_LINES]:
        if len(line) > 60 or line.endswith((".", "!", "?")) or ":" in line or line in linked:
            return
        yield line


def ids(mail: Mail) -> Iterable[str]:
    """Mail addresses, phones, numbers and tokens, wherever they stand."""
    text = "\n".join((mail.subject, mail.plain, mail.text, *(unquote(link.url) for link in mail.links)))
    hidden = mail.message_id + "\n" + mail.sender.address
    yield from (a for a in _ADDRESS.findall(text) if a.casefold() != mail.sender.origin)
    yield from (part for phone in _PHONE.findall(text) for part in re.findall(r"\d{3,}", phone))
    yield from _HASHED.findall(text)
    yield from _TOKEN.findall(f"{text}\n{hidden}")
    yield from (token for link in mail.links for token in _LONG_TOKEN.findall(unquote(link.url)))


def rebuilt(mail: Mail, reading: Reading, scrubber: Scrubber) -> bytes:
    """The mail with few headers, without pictures and attachments, everything replaced."""
    sample = EmailMessage(policy=SMTP)
    facts = {"domain": mail.sender.domain, "date": format_datetime(mail.date or mail.at)}
    for name, value in _VERIFIED if reading.trust is Trust.VERIFIED else ():
        sample[name] = value.format(**facts)
    sample["From"] = _sender(mail, scrubber)
    if mail.reply_to.address:
        sample["Reply-To"] = scrubber.apply(mail.reply_to.address)
    sample["To"] = "Robin Sample <robin@mail.example>"
    sample["Subject"] = scrubber.apply(mail.subject)
    sample["Message-ID"] = scrubber.apply(mail.message_id) or "<sample@mail.example>"
    for name in _KEPT_HEADERS:
        if mail.header(name):
            sample[name] = mail.header(name)
    html = _CODE.sub("", mail.html)
    html = _PICTURE.sub(lambda hit: f'{hit["name"]}""' if hit["name"] else "none", html)
    texts = {"plain": mail.plain, "html": html}
    told = {kind: defused(scrubber.apply(text)) for kind, text in texts.items() if text.strip()}
    first, *rest = list(told) or ["plain"]
    sample.set_content(told.get(first, ""), subtype=first, cte="quoted-printable")
    for kind in rest:
        sample.add_alternative(told[kind], subtype=kind, cte="quoted-printable")
    return sample.as_bytes()


def defused(text: str) -> str:
    """A text whose links have no user and password and no fragment."""
    return _URL.sub(lambda hit: re.sub(r"//[^/@\s]*@", "//", hit[0]).partition("#")[0], text)


def check(sample: bytes, reading: Reading, scrubber: Scrubber) -> None:
    """Raise `Refused` when the sample gives something away, or other facts than the mail under the replacements."""
    mail = message.parse(sample)
    everything = "\n".join(
        (*(value for name, value in mail.headers if name != "To"), mail.subject, mail.plain, mail.html, mail.text)
    )
    remains = scrubber.remains(everything.replace(mail.sender.origin, ""))
    if remains:
        raise Refused(f"something of the original remains ({len(remains)} times), one begins with {remains[0][:3]}")
    after = read(sample, Context())
    if [_told(fact_to_json(f), scrubber) for f in reading.facts] != [_told(fact_to_json(f), None) for f in after.facts]:
        raise Refused("the sample does not read like the mail; please report the retailer and the kind of mail")


def _told(fact: Json, scrubber: Scrubber | None) -> object:
    """What a fact tells, under the replacements."""
    told = {name: value for name, value in fact.items() if name not in ("evidence", "at")}
    return _mapped(told, scrubber) if scrubber else told


def _mapped(value: object, scrubber: Scrubber) -> object:
    if isinstance(value, dict):
        return {name: _mapped(each, scrubber) if name not in _FIXED else each for name, each in value.items()}
    if isinstance(value, list):
        return [_mapped(each, scrubber) for each in value]
    return scrubber.apply(value) if isinstance(value, str) else value


_FIXED = frozenset(
    {"stage", "flags", "coverage", "eta", "total", "refund", "carrier", "role", "tracking_role", "retailer"}
)


def _sender(mail: Mail, scrubber: Scrubber) -> str:
    """The retailer's address; behind Apple's relay the user's part of it is replaced."""
    address = mail.sender.address
    if mail.sender.relayed:
        local, _, domain = address.rpartition("@")
        address = (
            re.sub(r"(?<=_)(?=[a-z]*\d)[0-9a-z]{8,}(?=_|$)", lambda hit: scrubber.like(hit[0]), local) + "@" + domain
        )
    name = scrubber.apply(mail.sender.name).replace('"', "")
    return f'"{name}" <{address}>' if name else address


def _words(text: str) -> list[str]:
    """The addresses of a text, and the words in it that are written like names."""
    words = _WORD.findall(_ADDRESS.sub(" ", text))
    return [*_ADDRESS.findall(text), *(word for word in words if not word.islower())]
