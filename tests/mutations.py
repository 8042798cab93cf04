"""Changes that shops make to their mails without changing what they say, and changes that take the news away."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.parser import BytesParser

from inboxtrack.mail.message import parse
from inboxtrack.reading.labels import narrow

BANNER = (
    '<div style="background:#ffd"><a href="https://www.shop.example/item/1005009900417731.html">Spring deals</a>'
    "<p>Up to 40% off until Sunday, 12 colours, from 3.99</p></div>"
)
_DROPPED = {"content-type", "content-transfer-encoding", "mime-version"}


@dataclass(frozen=True)
class Parts:
    """A mail taken apart: raw headers, its texts, and how they are to be put together again."""

    headers: tuple[tuple[str, str], ...]
    plain: str | None
    html: str | None
    charset: str = "utf-8"
    encoding: str = "quoted-printable"

    def header(self, name: str, value: str) -> Parts:
        """The same mail with another value of a header."""
        return replace(self, headers=tuple((k, value if k.lower() == name.lower() else v) for k, v in self.headers))

    def markup(self, change: Callable[[str], str]) -> Parts:
        """The same mail with changed HTML."""
        return replace(self, html=change(self.html)) if self.html is not None else self

    def text(self, change: Callable[[str], str]) -> Parts:
        """The same mail with both texts changed."""
        return replace(self.markup(change), plain=change(self.plain) if self.plain is not None else None)


def take_apart(raw: bytes) -> Parts:
    """Raw bytes -> parts; attachments are left out."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    kept = BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=True).items()
    return Parts(
        headers=tuple((name, str(value)) for name, value in kept if name.lower() not in _DROPPED),
        plain=plain.get_content() if plain else None,
        html=html.get_content() if html else None,
    )


def put_together(parts: Parts) -> bytes:
    """Parts -> raw bytes."""
    body = EmailMessage(policy=policy.SMTP)
    if parts.plain is not None or parts.html is None:
        body.set_content(parts.plain or "", charset=parts.charset, cte=parts.encoding)
    if parts.html is not None and parts.plain is not None:
        body.add_alternative(parts.html, subtype="html", charset=parts.charset, cte=parts.encoding)
    elif parts.html is not None:
        body.set_content(parts.html, subtype="html", charset=parts.charset, cte=parts.encoding)
    head = "".join(f"{name}: {value}\r\n" for name, value in parts.headers)
    return head.encode("utf-8", "surrogateescape") + body.as_bytes()


def rename_classes(parts: Parts) -> Parts:
    return parts.markup(lambda html: re.sub(r'(class|id)="[^"]*"', r'\1="n7q"', html))


def drop_styles(parts: Parts) -> Parts:
    keep_hidden = r'style="(?![^"]*(?:display:\s*none|visibility:\s*hidden))[^"]*"'
    return parts.markup(lambda html: re.sub(keep_hidden, "", html))


def nest_deeper(parts: Parts) -> Parts:
    wrap = r"<\1\2><div><span>"
    opened = re.compile(r"<(td|p|h1|h2|li)(\s[^>]*)?>", re.I)
    closed = re.compile(r"</(td|p|h1|h2|li)>", re.I)
    return parts.markup(lambda html: closed.sub(r"</span></div></\1>", opened.sub(wrap, html)))


def tables_to_divs(parts: Parts) -> Parts:
    return parts.markup(lambda html: re.sub(r"<(/?)(?:table|tbody|tr|td)(?=[\s>])", r"<\1div", html, flags=re.I))


def banner_on_top(parts: Parts) -> Parts:
    return parts.markup(lambda html: re.sub(r"(<body[^>]*>)", lambda hit: hit[1] + BANNER, html, count=1))


def banner_below(parts: Parts) -> Parts:
    return parts.markup(lambda html: html.replace("</body>", BANNER + "</body>"))


def comments_between(parts: Parts) -> Parts:
    return parts.markup(lambda html: re.sub(r"(<(?:td|div|p)[\s>])", r"<!-- block 417 -->\1", html))


def upper_case_tags(parts: Parts) -> Parts:
    return parts.markup(lambda html: re.sub(r"<(/?)(\w+)", lambda hit: f"<{hit[1]}{hit[2].upper()}", html))


def entities(parts: Parts) -> Parts:
    return parts.markup(lambda html: html.encode("ascii", "xmlcharrefreplace").decode())


def footer_first(parts: Parts) -> Parts:
    footer = r"(<body[^>]*>)(.*)(<div[^>]*>(?:(?!<div).)*</div>)(\s*(?:</div>|</td>|</tr>|</table>)*\s*</body>)"
    return parts.markup(lambda html: re.sub(footer, r"\1\3\2\4", html, flags=re.S | re.I))


def without_plain(parts: Parts) -> Parts:
    return replace(parts, plain=None) if parts.html is not None else parts


def reencoded_base64(parts: Parts) -> Parts:
    return replace(parts, encoding="base64")


def other_charset(parts: Parts) -> Parts:
    for charset in ("windows-1252", "iso-8859-2", "euc-kr"):
        try:
            f"{parts.plain or ''}{parts.html or ''}".encode(charset)
        except UnicodeEncodeError:
            continue
        return replace(parts, charset=charset, encoding="base64")
    return replace(parts, charset="utf-16", encoding="base64")


def subject_in_words(parts: Parts) -> Parts:
    subject = str(_decoded(parts))
    words = [base64.b64encode(subject[at : at + 12].encode()).decode() for at in range(0, len(subject), 12)]
    return parts.header("Subject", "\n ".join(f"=?utf-8?b?{word}?=" for word in words))


def subject_quoted(parts: Parts) -> Parts:
    return parts.header("Subject", Header(_decoded(parts), "utf-8", maxlinelen=50).encode())


def _decoded(parts: Parts) -> str:
    from inboxtrack.mail.message import Mail

    return Mail(headers=parts.headers).subject


KEEPING: tuple[Callable[[Parts], Parts], ...] = (
    rename_classes,
    drop_styles,
    nest_deeper,
    tables_to_divs,
    banner_on_top,
    banner_below,
    comments_between,
    upper_case_tags,
    entities,
    footer_first,
    without_plain,
    reencoded_base64,
    other_charset,
    subject_in_words,
    subject_quoted,
)


def without_numbers(parts: Parts, numbers: set[str]) -> Parts:
    """The mail without these numbers, printed with blanks or not, in full width or not: in subject, texts and links."""
    spaced = (r"(?:[\s-]|&#8203;)?".join(map(re.escape, number)) for number in sorted(numbers, key=len, reverse=True))
    pattern = re.compile("|".join(spaced))

    def cut(text: str) -> str:
        return pattern.sub("", narrow(text))

    return parts.header("Subject", cut(_decoded(parts))).text(cut)


def display_name(raw: bytes) -> str:
    """The name that a mail's sender calls itself."""
    return parse(raw).sender.name


def from_elsewhere(parts: Parts, sender: str = "Shop <news@elsewhere.example>") -> Parts:
    """The mail as somebody else would send it, with the provider's word on that other sender."""
    passed = "mx.google.com; dkim=pass header.i=@elsewhere.example; dmarc=pass header.from=elsewhere.example"
    other = parts.header("From", sender).header("Authentication-Results", passed)
    return other.header("Reply-To", sender)
