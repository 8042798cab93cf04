"""Raw bytes -> `Mail`: headers, text that keeps rows apart, links. Bounded, cleaned, always plain types.

Limits follow `docs/trust.md` (row C1): they are checked before anything is parsed.
"""

from __future__ import annotations

import datetime as dt
import email
import email.message
import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from inboxtrack.mail.headers import (
    Address,
    Headers,
    MailRefused,
    clean_text,
    decode_bytes,
    decode_words,
    parse_address,
    parse_date,
    split_headers,
)
from inboxtrack.mail.html import (
    TEXT_LIMIT,
    Href,
    element_text,
    html_lines,
    html_links,
    parse_html,
    plain_lines,
    table_rows,
    text_links,
    unended,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from lxml.html import HtmlElement

__all__ = [
    "Address",
    "Href",
    "Mail",
    "MailRefused",
    "clean_text",
    "decode_bytes",
    "decode_words",
    "element_text",
    "html_lines",
    "html_links",
    "parse",
    "parse_address",
    "parse_date",
    "parse_headers",
    "parse_html",
    "plain_lines",
    "split_headers",
    "table_rows",
    "text_links",
]

RAW_LIMIT = 2_000_000
PART_LIMIT = 200
NESTING_LIMIT = 100
DASHES_LIMIT = 20_000
ATTACHED_LIMIT = 5

_BOUNDARY = re.compile(rb"boundary\*?\d{0,3}\*?[ \t]{0,9}=[ \t]{0,9}\"?([^\"\r\n;]{1,200})", re.I)
_DASHES = re.compile(rb"^--([^\r\n]{1,204})", re.M)
_LOOKS_LIKE_HTML = re.compile(r"<(?:html|body|table|div|td)\b", re.I)


@dataclass(frozen=True)
class Mail:
    """A mail as a value. Text is never None; `lines` are the visible lines, one per block or table cell."""

    headers: Headers
    plain: str = ""
    html: str = ""
    attached: tuple[bytes, ...] = ()
    truncated: bool = False
    received_at: dt.datetime | None = None
    raw: bytes = field(default=b"", repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """The raw values of every header with this name, topmost first."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    def first(self, name: str) -> str:
        """The raw value of the topmost header with this name; '' when there is none."""
        return next(iter(self.all(name)), "")

    def header(self, name: str) -> str:
        """The first header with this name, decoded and cleaned; '' when there is none."""
        return clean_text(decode_words(self.first(name)), 2_000)

    @cached_property
    def subject(self) -> str:
        """The decoded subject on one line, at most 500 characters."""
        return clean_text(decode_words(self.first("Subject")), 500)

    @cached_property
    def sender(self) -> Address:
        """The first address of the From header."""
        return parse_address(self.first("From"))

    @cached_property
    def reply_to(self) -> Address:
        """The first address of the Reply-To header."""
        return parse_address(self.first("Reply-To"))

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets; '' when there is none."""
        return self.header("Message-ID")

    @cached_property
    def date(self) -> dt.datetime | None:
        """The Date header as an aware UTC time; None when it is missing or impossible."""
        return parse_date(self.first("Date"))

    @cached_property
    def at(self) -> dt.datetime:
        """The time of the event: the Date header, kept within [received - 7 days, received + 1 day]."""
        if self.received_at is None:
            return self.date or dt.datetime.fromtimestamp(0, dt.UTC)
        if self.date is None:
            return self.received_at
        earliest, latest = self.received_at - dt.timedelta(days=7), self.received_at + dt.timedelta(days=1)
        return min(max(self.date, earliest), latest)

    @cached_property
    def tree(self) -> HtmlElement | None:
        """The HTML part as an lxml tree; None when there is none."""
        return parse_html(self.html)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The HTML part for extractors that need the DOM (BeautifulSoup on lxml)."""
        from bs4 import BeautifulSoup

        return BeautifulSoup(unended(self.html[:TEXT_LIMIT]), "lxml")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The visible text, a line per block or cell: of the HTML part, or of the plain part without one."""
        return tuple(html_lines(self.tree)) if self.tree is not None else self.plain_lines

    @cached_property
    def plain_lines(self) -> tuple[str, ...]:
        """The lines of the plain part, whether or not there is an HTML part."""
        return tuple(plain_lines(self.plain))

    @cached_property
    def text(self) -> str:
        """The `lines` as one text."""
        return "\n".join(self.lines)

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows of innermost tables, each a tuple of cell texts."""
        return tuple(table_rows(self.tree)) if self.tree is not None else ()

    @cached_property
    def links(self) -> tuple[Href, ...]:
        """Every http(s) link of the HTML part, then those of the plain part, each once."""
        by_url: dict[str, Href] = {}
        for href in (*html_links(self.tree), *text_links(self.plain)):
            by_url.setdefault(href.url, href)
        return tuple(by_url.values())


def parse_headers(raw: bytes, received_at: dt.datetime | None = None) -> Mail:
    """A `Mail` of headers alone, for triage before any body is fetched. Raises `MailRefused`."""
    headers, _ = split_headers(raw.lstrip(b"\r\n"))
    return Mail(headers=headers, received_at=received_at)


def parse(raw: bytes, *, received_at: dt.datetime | None = None, truncated: bool = False) -> Mail:
    """Raw bytes -> `Mail`. Raises `MailRefused` when a limit is broken. What is over 2 MB is not looked at."""
    truncated = truncated or len(raw) > RAW_LIMIT
    raw = raw[:RAW_LIMIT].lstrip(b"\r\n")
    headers, _ = split_headers(raw)
    check_structure(raw)
    plain, html, attached = _parts(raw)
    if not html and _LOOKS_LIKE_HTML.search(plain[:5_000]):
        plain, html = "", plain
    return Mail(headers, plain, html, attached, truncated, received_at, raw)


def check_structure(raw: bytes) -> None:
    """Raise `MailRefused` for a mail whose parts are too many or nested too deep to be taken apart in bounded time."""
    declared = [found.rstrip() for found in _BOUNDARY.findall(raw)]
    if len(declared) > NESTING_LIMIT or raw.lower().count(b"message/rfc822") > NESTING_LIMIT:
        raise MailRefused(f"it declares more than {NESTING_LIMIT} nested parts")
    dashes = [line.rstrip() for line in _DASHES.findall(raw)]
    known = set(declared)
    parts = sum(line in known for line in dashes)
    if parts > PART_LIMIT or len(dashes) > DASHES_LIMIT:
        raise MailRefused(f"it has more than {PART_LIMIT} parts")


def _parts(raw: bytes) -> tuple[str, str, tuple[bytes, ...]]:
    """The plain text, the HTML and the attached mails: by mail-parser, or by the stdlib where that stumbles."""
    try:
        return _taken_apart_by_mail_parser(raw)
    except Exception as stumbled:
        # mail-parser lets errors of many kinds out, of its own and of the stdlib's
        try:
            return _taken_apart_by_stdlib(raw)
        except Exception as error:
            raise MailRefused(f"it cannot be taken apart ({type(error).__name__})") from stumbled


def _taken_apart_by_mail_parser(raw: bytes) -> tuple[str, str, tuple[bytes, ...]]:
    from mailparser import parse_from_bytes

    # it logs words of the mail, which must not reach a log or a terminal
    logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)
    parsed = parse_from_bytes(raw)
    return _joined(parsed.text_plain), _joined(parsed.text_html), tuple(_attached_mails(parsed.message))


def _taken_apart_by_stdlib(raw: bytes) -> tuple[str, str, tuple[bytes, ...]]:
    message = email.message_from_bytes(raw)
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_type() in texts and part.get_filename() is None:
            texts[part.get_content_type()].append(decode_bytes(payload, part.get_content_charset()))
    return _joined(texts["text/plain"]), _joined(texts["text/html"]), tuple(_attached_mails(message))


def _joined(texts: list[str]) -> str:
    """The texts of all parts of a kind, at most 500 kB, without halves of surrogate pairs."""
    joined = "\n".join(_shifted(text) if "\x1b$" in text else text for text in texts)
    return joined[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")


def _shifted(text: str) -> str:
    """Japanese text whose 7-bit escapes mail-parser left as they are."""
    return text.encode("ascii", "ignore").decode("iso-2022-jp", "replace")


def _attached_mails(message: email.message.Message) -> list[bytes]:
    """The mails attached as message/rfc822, at most five."""
    found: list[bytes] = []
    for part in message.walk():
        payload = part.get_payload() if part.get_content_type() == "message/rfc822" else None
        if isinstance(payload, list) and isinstance(payload[0], email.message.Message):
            found.append(payload[0].as_bytes())
        if len(found) == ATTACHED_LIMIT:
            break
    return found
