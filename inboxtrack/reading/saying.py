"""What a mail says happened: by its subject or its headline, whichever says little else.

Shops word subjects and headlines freely, so neither alone decides. The running text stands in for a headline that
says nothing, by whole sentences: progress bars ("Shipped / Out for delivery / Delivered") are none, and what will be,
or would be if, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.reading.found import Found
from inboxtrack.reading.phrases import Phrases, Step

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NOT_YET = re.compile(
    r"\b(?:when|once|as soon as|will|we'll|you'll|if|lorsque|dès que|si|zodra|wanneer|zullen|als|sobald|wenn|"
    r"werden wir|cuando|quando|når|vil|appena)\b",
    re.I,
)
_MOST_HEADLINES = 6
_LEAST_BLANKS = 3
_WITHOUT_BLANKS = re.compile("[\u3040-\u9fff\uac00-\ud7af]{6}")


def headlines(mail: Mail) -> list[str]:
    """The mail's own `h1` and `h2`; the shop's name often stands in an `h1`, too."""
    if mail.tree is None:
        return []
    found = mail.tree.xpath("//h1[not(contains(@class,'shop-name'))]|//h2")
    return [text for element in found[:_MOST_HEADLINES] if (text := clean_text(element.text_content(), 300))]


def sentences(lines: Iterable[str]) -> Iterator[str]:
    """Sentences that say what is, not what will be: `We will notify you when it has been sent.` is none."""
    for line in lines:
        for sentence in _SENTENCE_END.split(line):
            if not _NOT_YET.search(sentence) and (
                sentence.count(" ") >= _LEAST_BLANKS or _WITHOUT_BLANKS.search(sentence)
            ):
                yield sentence


def first_step(steps: Phrases, where: str, texts: Iterable[str]) -> Found[Step] | None:
    """The step of the first text that tells one."""
    return next((found for text in texts if (found := steps.match(text, where))), None)


def said_step(steps: Phrases, subject: str, titles: Iterable[str], text: Iterable[str]) -> Found[Step] | None:
    """What happened, as the subject or as the headline (without one: the text) says; None when neither does."""
    by_title = first_step(steps, "headline", titles) or first_step(steps, "text", sentences(text))
    return max((found for found in (steps.match(subject), by_title) if found), key=_share, default=None)


def _share(found: Found[Step]) -> float:
    """How much of its text a phrase is."""
    return _letters(found.rule.partition(": ")[2]) / max(1, _letters(found.text))


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
