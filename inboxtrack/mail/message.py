"""Raw bytes -> `Mail`: headers, text that keeps rows apart, links. Bounded, cleaned, always plain types.

Limits follow `facts/reliability.md` C1: they are checked before anything is parsed.
"""

from __future__ import annotations

import datetime as dt
import email.header
import email.utils
import html as html_lib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from lxml.html import HtmlElement

RAW_LIMIT = 2_000_000
HEADER_BLOCK_LIMIT = 256_000
HEADER_LIMIT = 16_000
PART_LIMIT = 200
TEXT_LIMIT = 500_000

_APPLE_RELAY = re.compile(r"^(?P<local>.+?)_at_(?P<domain>.+?)(?:_[0-9a-z]{8,}){1,2}$")
_INVISIBLE = dict.fromkeys(
    [1564, 8203, 8204, 8206, 8207, 8232, 8233, 8288, 65279, 173, *list(range(8234, 8239)), *list(range(8294, 8298))]
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000]+")


class MailRefused(Exception):  # noqa: N818 - it is an outcome, not a bug
    """The mail breaks a limit; the text says which."""


def clean_text(text: str, limit: int = 200) -> str:
    """One line without control, bidi or zero-width characters, blanks collapsed, at most `limit` long."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    text = _CONTROL.sub(" ", text)
    return _BLANKS.sub(" ", text).strip()[:limit]


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an address in lower case. `origin` looks behind Apple's Hide My Email relay."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def origin(self) -> str:
        """The address the mail was sent from before Apple's relay rewrote it; else the address itself."""
        local, _, domain = self.address.rpartition("@")
        found = _APPLE_RELAY.match(local) if domain == "privaterelay.appleid.com" else None
        if not found:
            return self.address
        return f"{found['local'].replace('_', '.')}@{found['domain'].replace('_', '.')}"

    @property
    def origin_domain(self) -> str:
        return self.origin.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Href:
    """A link of the mail: where it points, and the text it stands under. It is read, never followed."""

    url: str
    text: str = ""

    @property
    def host(self) -> str:
        try:
            return (urlsplit(self.url).hostname or "").lower()
        except ValueError:
            return ""

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, decoded; the last one wins."""
        try:
            return dict(parse_qsl(urlsplit(self.url).query, max_num_fields=100))
        except ValueError:
            return {}


@dataclass(frozen=True)
class Mail:
    """A mail as a value. Text is never None; `lines` are the visible lines, one per block or table cell."""

    headers: tuple[tuple[str, str], ...]
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

    def header(self, name: str) -> str:
        """The first header with this name, decoded and cleaned; '' when there is none."""
        values = self.all(name)
        return clean_text(decode_words(values[0]), 2_000) if values else ""

    @cached_property
    def subject(self) -> str:
        return clean_text(decode_words(next(iter(self.all("Subject")), "")), 500)

    @cached_property
    def sender(self) -> Address:
        return parse_address(next(iter(self.all("From")), ""))

    @cached_property
    def reply_to(self) -> Address:
        return parse_address(next(iter(self.all("Reply-To")), ""))

    @property
    def message_id(self) -> str:
        return self.header("Message-ID")

    @cached_property
    def date(self) -> dt.datetime | None:
        """The Date header as an aware UTC time; None when it is missing or impossible."""
        return parse_date(next(iter(self.all("Date")), ""))

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

        return BeautifulSoup(self.html[:TEXT_LIMIT], "lxml")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The visible text, a line per block or cell: of the HTML part, or of the plain part without one."""
        if self.tree is not None:
            return tuple(html_lines(self.tree))
        return tuple(plain_lines(self.plain))

    @cached_property
    def plain_lines(self) -> tuple[str, ...]:
        """The lines of the plain part, whether or not there is an HTML part."""
        return tuple(plain_lines(self.plain))

    @cached_property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows of innermost tables, each a tuple of cell texts."""
        return tuple(table_rows(self.tree)) if self.tree is not None else ()

    @cached_property
    def links(self) -> tuple[Href, ...]:
        """Every http(s) link of the HTML part, then those of the plain part, each once."""
        found = [*html_links(self.tree), *text_links(self.plain)]
        return tuple({href.url: href for href in reversed(found)}[url] for url in dict.fromkeys(h.url for h in found))


def decode_words(value: str) -> str:
    """RFC 2047 encoded words -> text; unknown charsets and damage become replacement characters."""
    value = re.sub(r"\r?\n[ \t]", " ", value)
    if "=?" not in value:
        return value
    parts = []
    try:
        for chunk, charset in email.header.decode_header(value[:HEADER_LIMIT]):
            parts.append(decode_bytes(chunk, charset) if isinstance(chunk, bytes) else chunk)
    except (email.errors.HeaderParseError, ValueError):
        return value
    return "".join(parts)


def decode_bytes(data: bytes, charset: str | None) -> str:
    """Bytes -> text in a charset that may be missing or unknown."""
    for name in (charset or "utf-8", "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def parse_address(value: str) -> Address:
    """The first address of a From-like header."""
    value = re.sub(r"\r?\n[ \t]*", " ", value)[:2_000]
    name, address = email.utils.parseaddr(value) if value.count("(") < 20 else ("", "")
    if "@" not in address:
        found = re.search(r"<([^<>\s]+@[^<>\s]+)>", value) or re.search(r"([^<>\s,;\"]+@[^<>\s,;\"]+)", value)
        address = found[1] if found else ""
    return Address(clean_text(decode_words(name)), clean_text(address).lower())


def parse_date(value: str) -> dt.datetime | None:
    """An RFC 5322 date -> aware UTC; None for what is not one."""
    try:
        parsed = email.utils.parsedate_to_datetime(value.strip()[:100])
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=dt.UTC)
        parsed = parsed.astimezone(dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if 1990 <= parsed.year <= 2100 else None


def split_headers(raw: bytes) -> tuple[tuple[tuple[str, str], ...], int]:
    """The header fields in order, raw and still folded, and where the body begins."""
    end = re.search(rb"\r?\n\r?\n", raw[: HEADER_BLOCK_LIMIT + 4])
    if end is None and len(raw) > HEADER_BLOCK_LIMIT:
        raise MailRefused("its header block is longer than 256 kB")
    block = raw[: end.start()] if end else raw
    fields: list[list[str]] = []
    for line in re.split(rb"\r?\n", block):
        text = decode_bytes(line, None)
        if text[:1] in (" ", "\t") and fields:
            fields[-1][1] += "\n" + text
            continue
        name, colon, value = text.partition(":")
        if colon and re.fullmatch(r"[!-9;-~]+", name):
            fields.append([name, value.strip()])
    if any(len(value) > 10 * HEADER_LIMIT for _, value in fields):
        raise MailRefused("one of its headers is longer than 160 kB")
    return tuple((name, value[:HEADER_LIMIT]) for name, value in fields), end.end() if end else len(raw)


def parse_headers(raw: bytes, received_at: dt.datetime | None = None) -> Mail:
    """A `Mail` of headers alone, for triage before any body is fetched."""
    headers, _ = split_headers(raw)
    return Mail(headers=headers, received_at=received_at)


def parse(raw: bytes, *, received_at: dt.datetime | None = None, truncated: bool = False) -> Mail:
    """Raw bytes -> `Mail`. Raises `MailRefused` when a limit is broken."""
    cut = len(raw) > RAW_LIMIT
    headers, _ = split_headers(raw)
    raw = raw[:RAW_LIMIT]
    if raw.count(b"\n--") > 4 * PART_LIMIT:
        raise MailRefused(f"it has more than {PART_LIMIT} parts")
    from mailparser import parse_from_bytes
    from mailparser.exceptions import MailParserError

    try:
        parsed = parse_from_bytes(raw)
        plain, html = "\n".join(parsed.text_plain), "\n".join(parsed.text_html)
        attached = tuple(attached_mails(parsed.message))
    except (MailParserError, RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise MailRefused(f"it cannot be taken apart ({type(error).__name__})") from error
    if not html and re.search(r"<(?:html|body|table|div|td)\b", plain[:5_000], re.I):
        plain, html = "", plain
    return Mail(
        headers=headers,
        plain=plain[:TEXT_LIMIT],
        html=html[:TEXT_LIMIT],
        attached=attached,
        truncated=truncated or cut,
        received_at=received_at,
        raw=raw,
    )


def attached_mails(message: email.message.Message) -> list[bytes]:
    """The mails attached as message/rfc822, at most five, one level deep."""
    found = []
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            found.append(part.get_payload()[0].as_bytes())
    return found[:5]


def parse_html(html: str) -> HtmlElement | None:
    """HTML -> lxml tree without scripts and styles; None when nothing can be made of it."""
    if not html.strip():
        return None
    import lxml.etree
    import lxml.html

    text = re.sub(r"<\?xml[^>]{0,200}\?>", "", html[:TEXT_LIMIT]).replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(huge_tree=False))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
    for element in tree.xpath("//script|//style|//head|//title|//comment()"):
        element.drop_tree()
    return tree


_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)


def html_lines(tree: HtmlElement) -> list[str]:
    """The visible text of a tree, one line per block element or table cell. Walks without recursion."""
    pieces: list[str] = []
    stack: list[tuple[HtmlElement | None, str]] = [(tree, "")]
    while stack:
        element, text = stack.pop()
        if element is None:
            pieces.append(text)
            continue
        block = element.tag in _BLOCKS
        stack.append((None, _flat(element.tail)))
        if _HIDDEN.search(element.get("style") or ""):
            continue
        if block:
            stack.append((None, "\n"))
        stack.extend((child, "") for child in reversed(element) if isinstance(child.tag, str))
        pieces.append(("\n" if block else "") + _flat(element.text))
    return plain_lines("".join(pieces))


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def plain_lines(text: str) -> list[str]:
    """The lines of a text, cleaned, entities decoded, empty ones dropped."""
    if "&" in text:
        text = html_lib.unescape(text)
    cleaned = (clean_text(line, 2_000) for line in re.split(r"\r\n|\r|\n", text[:TEXT_LIMIT]))
    return [line for line in cleaned if line]


def element_text(element: HtmlElement) -> str:
    """The text of an element on one line."""
    return clean_text(" ".join(element.itertext()), 2_000)


def table_rows(tree: HtmlElement) -> list[tuple[str, ...]]:
    """The rows of tables that hold no further table."""
    rows = []
    for row in tree.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if cells and all(cell.find(".//table") is None for cell in cells):
            rows.append(tuple(element_text(cell) for cell in cells))
    return rows


def html_links(tree: HtmlElement | None) -> list[Href]:
    """Every http(s) anchor of a tree, with its text."""
    if tree is None:
        return []
    anchors = ((a.get("href") or "", a) for a in tree.iter("a"))
    return [Href(clean_url(url), element_text(a)) for url, a in anchors if url.strip().lower().startswith("http")]


def clean_url(url: str) -> str:
    """A URL without blanks and controls, as they stand where quoted-printable broke it."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", "", html_lib.unescape(url))[:4_000]


def text_links(text: str) -> list[Href]:
    """The URLs that stand in plain text."""
    return [Href(clean_url(url)) for url in re.findall(r"https?://[^\s<>\"'\[\]()]{4,3000}", text[:TEXT_LIMIT])]
