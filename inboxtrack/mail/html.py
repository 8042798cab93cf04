"""HTML and plain text of a mail -> visible lines, rows of tables, links. Nothing is run and nothing is fetched.

lxml's HTML parser knows no external entities; every walk is a loop, so that depth costs no stack.
"""

from __future__ import annotations

import html as html_lib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from inboxtrack.mail.headers import clean_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TEXT_LIMIT = 500_000
LINE_LIMIT = 2_000
URL_LIMIT = 4_000

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article blockquote br caption center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li "
        "main nav ol p pre section table tbody td tfoot th thead tr ul",
    )
)
_UNSEEN = ("script", "style", "head", "title")
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|mso-hide\s{0,9}:\s{0,9}all", re.I)
_KEPT_LINES = re.compile(r"white-space\s{0,9}:\s{0,9}(?:pre|break-spaces)", re.I)
_SPACE = re.compile(r"\s+")
_XML_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")
_END_OF_PAGE = re.compile(r"</(?:html|body)\s{0,9}>", re.I)


@dataclass(frozen=True, slots=True)
class Href:
    """A link of the mail: where it points, and the text it stands under. It is read, never followed."""

    url: str
    text: str = ""

    @property
    def host(self) -> str:
        """The host in lower case; '' when the link is broken."""
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


def parse_html(html: str) -> HtmlElement | None:
    """HTML -> lxml tree without scripts, styles, head and comments; None when nothing can be made of it."""
    if not html.strip():
        return None
    import lxml.etree
    import lxml.html

    text = _XML_DECLARATION.sub("", unended(html[:TEXT_LIMIT])).replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(huge_tree=False))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
    unseen = (*_UNSEEN, lxml.etree.Comment, lxml.etree.ProcessingInstruction)
    lxml.etree.strip_elements(tree, *unseen, with_tail=False)
    return tree


def unended(html: str) -> str:
    """HTML without the ends of pages: lxml reads nothing behind the first, where the mail itself may stand (gateways
    put pages of their own before and behind it)."""
    return _END_OF_PAGE.sub("", html)


def html_lines(tree: HtmlElement) -> list[str]:
    """The visible text of a tree, one line per block element or table cell. Walks without recursion."""
    pieces: list[str] = []
    stack: list[str | tuple[HtmlElement, bool]] = [(tree, False)]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            pieces.append(top)
            continue
        element, in_lines = top
        tail = _flat(element.tail, in_lines)
        hidden, keeps_lines = _style(element.get("style") or "")
        if hidden:
            pieces.append(tail)
            continue
        block = "\n" if element.tag in _BLOCKS else ""
        in_lines = in_lines or keeps_lines or element.tag == "pre"
        pieces.append(block + _flat(element.text, in_lines))
        stack.append(block + tail)
        stack.extend((child, in_lines) for child in reversed(element) if isinstance(child.tag, str))
    return plain_lines("".join(pieces))


@lru_cache(maxsize=1_000)
def _style(style: str) -> tuple[bool, bool]:
    """Whether a style hides its element, and whether it keeps lines. A mail has few styles, each of them many times."""
    return _HIDDEN.search(style) is not None, _KEPT_LINES.search(style) is not None


def _flat(text: str | None, in_lines: bool) -> str:
    """Text as a browser flows it: white space is one blank, but where the lines of the source are kept."""
    return (text if in_lines else _SPACE.sub(" ", text)) if text else ""


def plain_lines(text: str) -> list[str]:
    """The lines of a text, cleaned, entities decoded, empty ones dropped."""
    if "&" in text:
        text = html_lib.unescape(text)
    cleaned = (clean_text(line, LINE_LIMIT) for line in re.split(r"\r\n|\r|\n", text[:TEXT_LIMIT]))
    return [line for line in cleaned if line]


def element_text(element: HtmlElement) -> str:
    """The text of an element on one line."""
    return clean_text(" ".join(str(piece) for piece in element.itertext()), LINE_LIMIT)


def table_rows(tree: HtmlElement) -> list[tuple[str, ...]]:
    """The rows of tables that hold no further table."""
    rows = []
    for row in tree.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if cells and all(next(cell.iter("table"), None) is None for cell in cells):
            rows.append(tuple(element_text(cell) for cell in cells))
    return rows


def html_links(tree: HtmlElement | None) -> list[Href]:
    """Every http(s) anchor of a tree, with its text."""
    if tree is None:
        return []
    anchors = ((a.get("href") or "", a) for a in tree.iter("a"))
    return [Href(clean_url(url), element_text(a)) for url, a in anchors if url.strip().lower().startswith("http")]


def text_links(text: str) -> list[Href]:
    """The URLs that stand in plain text."""
    return [Href(clean_url(url)) for url in re.findall(r"https?://[^\s<>\"'\[\]()]{4,3000}", text[:TEXT_LIMIT])]


def clean_url(url: str) -> str:
    """A URL without blanks and controls, as they stand where quoted-printable broke it."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", "", html_lib.unescape(url[: 2 * URL_LIMIT]))[:URL_LIMIT]
