"""The header block of a mail: fields, encoded words, addresses, dates; every text from it cleaned and bounded.

Limits follow `docs/trust.md` (row C1): they are checked before anything is parsed, in one pass, never recursive.
"""

from __future__ import annotations

import datetime as dt
import email.errors
import email.header
import email.utils
import re
import unicodedata
from dataclasses import dataclass

HEADER_BLOCK_LIMIT = 256_000
HEADER_LIMIT = 16_000
RECEIVED_LIMIT = 100

Headers = tuple[tuple[str, str], ...]

_APPLE_RELAY = re.compile(r"^(?P<local>.{1,200}?)_at_(?P<domain>.{1,200}?)(?:_[0-9a-z]{8,64}){1,2}$")
_FORMAT_RANGES = (
    *((0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2)),
    *((0x180E, 0x180E), (0x200B, 0x200C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF)),
    *((0xFFF9, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F)),
)
_INVISIBLE = dict.fromkeys(code for first, last in _FORMAT_RANGES for code in range(first, last + 1))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_JOINED_LETTERS = re.compile(r"(?<=\w)\u200d|^\u200d+")
_HEAPED = re.compile(r"[^\w\s\x00-\x7f]{30,}")
_FOLD = re.compile(r"\r?\n[ \t]")
_FIELD_NAME = re.compile(r"[!-9;-~]+")


class MailRefused(Exception):
    """The mail breaks a limit; the text says which."""


def clean_text(text: str, limit: int = 200) -> str:
    """One line without control, bidi or zero-width characters, blanks collapsed, at most `limit` long.

    The zero-width joiner stays where it joins emoji. Heaps of combining marks are taken down first, because
    normalising them takes quadratic time.
    """
    text = text[: 4 * limit + 1_000]
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()[:limit].strip()
    text = _CONTROL.sub(" ", text)
    if not text.isascii():
        text = _HEAPED.sub(_without_marks, text.translate(_INVISIBLE))
        text = _JOINED_LETTERS.sub("", unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", text).strip()[:limit].strip()


def _without_marks(heap: re.Match[str]) -> str:
    return "".join(char for char in heap[0] if not unicodedata.combining(char))


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an address in lower case. `origin` looks behind Apple's Hide My Email relay."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the last @."""
        return self.address.rpartition("@")[2]

    @property
    def relayed(self) -> bool:
        """Whether Apple's relay rewrote the address."""
        return self.origin != self.address

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
        """The domain of `origin`."""
        return self.origin.rpartition("@")[2]


def unfold(value: str) -> str:
    """A header's value on one line."""
    return _FOLD.sub(" ", value)


def decode_words(value: str) -> str:
    """RFC 2047 encoded words -> text; unknown charsets and damage become replacement characters."""
    value = unfold(value)
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
    """Bytes -> text in a charset that may be missing, unknown or not one of text at all."""
    for name in (charset or "utf-8", "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def strip_comments(value: str) -> str:
    """A structured header's value without its (nested) comments; quoted strings stay as they are."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
            kept.append(" ")
            continue
        elif char == ")" and depth and not quoted:
            depth -= 1
            continue
        if not depth:
            kept.append(char)
    return "".join(kept)


def split_outside_quotes(value: str, mark: str) -> list[str]:
    """The pieces of a value between marks that stand outside quoted strings."""
    pieces, start, quoted, escaped = [], 0, False, False
    for place, char in enumerate(value):
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"':
            quoted = not quoted
        elif char == mark and not quoted:
            pieces.append(value[start:place])
            start = place + 1
    return [*pieces, value[start:]]


def parse_addresses(value: str) -> tuple[Address, ...]:
    """The addresses of a From-like header. What stands in angle brackets wins over anything that looks like one."""
    value = unfold(value)[:2_000]
    if value.count("(") == value.count(")"):
        value = strip_comments(value)
    found = (_one_address(piece) for piece in split_outside_quotes(value, ","))
    return tuple(address for address in found if address.address)


def parse_address(value: str) -> Address:
    """The first address of a From-like header; empty when there is none."""
    return next(iter(parse_addresses(value)), Address())


def _one_address(text: str) -> Address:
    """`name <address>` or a bare address; a quoted display name is never taken for the address."""
    before, bracket, rest = _last_bracket(text)
    if not bracket:
        bare = clean_text(text, 500).strip("<>\"'").lower()
        return Address("", bare) if "@" in bare and " " not in bare else Address(clean_text(decode_words(text)))
    address = clean_text(rest.partition(">")[0], 500).replace(" ", "").lower()
    name = decode_words(before.replace('\\"', "'").strip().strip('"'))
    return Address(clean_text(name), address if "@" in address else "")


def _last_bracket(text: str) -> tuple[str, str, str]:
    pieces = split_outside_quotes(text, "<")
    return ("<".join(pieces[:-1]), "<", pieces[-1]) if len(pieces) > 1 else (text, "", "")


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


def split_headers(raw: bytes) -> tuple[Headers, int]:
    """The header fields in order, raw and still folded, and where the body begins.

    Raises `MailRefused` for a block over 256 kB, a field over 160 kB and more than 100 Received fields; a field
    over 16 kB is cut.
    """
    end = re.search(rb"\r?\n\r?\n", raw[: HEADER_BLOCK_LIMIT + 4])
    if end is None and len(raw) > HEADER_BLOCK_LIMIT:
        raise MailRefused("its header block is longer than 256 kB")
    fields: list[tuple[str, list[str]]] = []
    for line in re.split(rb"\r?\n", raw[: end.start()] if end else raw):
        text = decode_bytes(line, None)
        name, colon, value = text.partition(":")
        if text[:1] in (" ", "\t") and fields:
            fields[-1][1].append(text)
        elif colon and _FIELD_NAME.fullmatch(name.rstrip(" ")):
            fields.append((name.rstrip(" "), [value.strip()]))
        else:
            # what is folded below a line that is no field must not be taken for more of the field above it
            fields.append(("", []))
    headers = tuple((name, "\n".join(lines)) for name, lines in fields if name)
    _check_headers(headers)
    return tuple((name, value[:HEADER_LIMIT]) for name, value in headers), end.end() if end else len(raw)


def _check_headers(headers: Headers) -> None:
    if any(len(value) > 10 * HEADER_LIMIT for _, value in headers):
        raise MailRefused("one of its headers is longer than 160 kB")
    if sum(name.lower() == "received" for name, _ in headers) > RECEIVED_LIMIT:
        raise MailRefused(f"it has more than {RECEIVED_LIMIT} Received headers")
