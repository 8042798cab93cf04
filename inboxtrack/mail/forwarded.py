"""A mail inside a mail: attached as a file, or forwarded in the text by Gmail, Outlook, Apple Mail and the like.

The header block that mail programs write into the text is found by its form (several short labels with a colon,
one of them before an address), the labels of many languages only tell which line is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import format_datetime

from inboxtrack.mail.headers import MailRefused, parse_date
from inboxtrack.mail.message import Mail, parse

_PREFIX = re.compile(
    r"^\W{0,3}(?:fwd?|wg|wtr|tr|rv|enc|i|inoltra|pd|podaj dalej|doorst(?:uur)?|vs|vb|videresendt|vl|továbbítás|ilt|"
    r"转发|轉寄|転送|전달)\s?[:：]",
    re.I,
)
_LABELLED = re.compile(
    r"^[>*\s]{0,8}(?P<label>[^\W\d_][^:：<>@/*]{0,24}?)\s?\*{0,2}[:：]\*{0,2}\s?(?P<value>\S.{0,1500})$"
)
_FROM = re.compile(
    r"^(?:from|von|de|da|od|van|fra|från|nadawca|absender|expéditeur|mittente|remitente|remetente|afzender|avsändare|"
    r"avsender|afsender|lähettäjä|kimden|feladó|odesílatel|από|от|від|差出人|보낸\s?사람|发件人|寄件者)$",
    re.I,
)
_SUBJECT = re.compile(
    r"^(?:subject|betreff|objet|asunto|oggetto|temat|onderwerp|assunto|emne|ämne|aihe|konu|tárgy|předmět|θέμα|тема|"
    r"件名|제목|主题|主旨)$",
    re.I,
)
_DATE = re.compile(
    r"^(?:date|datum|sent|gesendet|verzonden|fecha|enviado|data|inviato|envoyé|wysłano|dato|sendt)", re.I
)
_RULER = re.compile(r"^[>\s]{0,8}(?:-{4,}|_{4,})|[-_]{4,}$")
_ADDRESS = re.compile(r"[\w.+%=-]{1,100}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_SEARCHED_LINES = 200
_SHORTEST_BLOCK, _LONGEST_BLOCK = 3, 8


@dataclass(frozen=True, slots=True)
class _Block:
    """The labelled lines a mail program put above a forwarded text, and where that text begins."""

    sender: str
    fields: tuple[tuple[str, str], ...]
    end: int


def is_forward(mail: Mail) -> bool:
    """Whether the subject says that the mail was forwarded, or a mail is attached to it."""
    return bool(mail.attached) or _PREFIX.match(mail.subject) is not None


def inner_mails(mail: Mail) -> Iterator[Mail]:
    """The mails that a forwarded mail carries: those attached, then those in the text. Nothing for other mail."""
    if not is_forward(mail):
        return
    for raw in mail.attached:
        try:
            yield _received_with(parse(raw), mail)
        except MailRefused:
            continue
    yield from quoted_mails(mail)


def quoted_mails(mail: Mail) -> Iterator[Mail]:
    """The mail that stands in the text below a block of From, Date, Subject and To; below it what that one forwards.

    The whole HTML is kept, because what belongs to the inner mail cannot be told by tags.
    """
    for lines in (mail.lines, mail.plain_lines):
        found = tuple(_inner(block, lines, mail) for block in _blocks(lines))
        if found:
            yield from found
            return


def _inner(block: _Block, lines: tuple[str, ...], mail: Mail) -> Mail:
    return _received_with(Mail(headers=_headers(block), plain="\n".join(lines[block.end :]), html=mail.html), mail)


def _received_with(inner: Mail, outer: Mail) -> Mail:
    """The inner mail is as old as it says, but never newer than the one that brought it."""
    latest = outer.received_at or outer.date
    known = [time for time in (inner.date, latest) if time is not None]
    return replace(inner, received_at=min(known, default=None), truncated=outer.truncated)


def _blocks(lines: tuple[str, ...]) -> Iterator[_Block]:
    """The first block of the lines, and the next below it as long as the mail above it was a forward too."""
    start = 0
    while start < min(len(lines), _SEARCHED_LINES):
        block = _block_at(lines, start)
        if block is not None:
            yield block
            if not any(_SUBJECT.match(label) and _PREFIX.match(value) for label, value in block.fields):
                return
        start = block.end if block else start + 1


def _block_at(lines: tuple[str, ...], start: int) -> _Block | None:
    """The block that begins on a line: at least three labelled lines, one sender among them."""
    found = [_LABELLED.match(line) for line in lines[start : start + _LONGEST_BLOCK]]
    length = next((place for place, hit in enumerate(found) if hit is None), len(found))
    fields = tuple((hit["label"].strip(), hit["value"].strip()) for hit in found[:length] if hit)
    senders = [place for place, (label, _) in enumerate(fields) if _FROM.match(label)]
    fields = fields[: senders[1]] if len(senders) > 1 else fields
    if len(fields) < _SHORTEST_BLOCK:
        return None
    ruled = start > 0 and _RULER.search(lines[start - 1]) is not None
    named = next((value for label, value in fields if _FROM.match(label) and _ADDRESS.search(value)), None)
    sender = named or (fields[0][1] if ruled and _ADDRESS.search(fields[0][1]) else None)
    return _Block(sender, fields, start + len(fields)) if sender else None


def _headers(block: _Block) -> tuple[tuple[str, str], ...]:
    """The block as mail headers."""
    address = _ADDRESS.search(block.sender)
    name = re.sub(r"[\"<>\[\]()\\@,;]", " ", block.sender[: address.start()] if address else "")
    headers = [("From", f'"{name.strip()}" <{address[0]}>' if address else "")]
    headers += [("Subject", value) for label, value in block.fields if _SUBJECT.match(label)][:1]
    times = [parse_date(value) for label, value in block.fields if _DATE.match(label)]
    headers += [("Date", format_datetime(time)) for time in times if time is not None][:1]
    return tuple(headers)
