"""What a mail says happened: by its subject or its headline, whichever says little else.

Shops word subjects and headlines freely, so neither alone decides. The running text stands in for a headline that
says nothing, by whole sentences: progress bars ("Shipped / Out for delivery / Delivered") are none, and what will be,
or would be if, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inboxtrack.mail.message import Mail, clean_text
from inboxtrack.model import Stage
from inboxtrack.reading.found import Found
from inboxtrack.reading.phrases import Phrases, Step

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NOT_YET = re.compile(
    r"\b(?:when|once|as soon as|will|we'll|you'll|if|lorsque|dès que|si|zodra|wanneer|zullen|als|sobald|wenn|"
    r"werden wir|cuando|quando|når|när|vil|appena|gdy|kiedy|kun|až|jakmile|bude|budou)\b",
    re.I,
)
_MOST_HEADLINES = 6
_HEADLINES = (
    "//h1[not(contains(@class,'shop-name'))]|//h2[count(../preceding-sibling::*[h2]|../following-sibling::*[h2]) < 2]"
)
"""Three `h2` in boxes side by side are the steps of a progress bar, or products."""
_LEAST_BLANKS = 3
_WITHOUT_BLANKS = re.compile("[\u3040-\u9fff\uac00-\ud7af]{6}")


def headlines(mail: Mail) -> list[str]:
    """The mail's own `h1` and `h2`; the shop's name often stands in an `h1`, too."""
    if mail.tree is None:
        return []
    found = mail.tree.xpath(_HEADLINES)
    return [text for element in found[:_MOST_HEADLINES] if (text := clean_text(element.text_content(), 300))]


def sentences(lines: Iterable[str]) -> Iterator[str]:
    """Sentences that say what is, not what will be: `We will notify you when it has been sent.` is none."""
    for line in lines:
        for sentence in _SENTENCE_END.split(line):
            if not _NOT_YET.search(sentence) and (
                sentence.count(" ") >= _LEAST_BLANKS or _WITHOUT_BLANKS.search(sentence)
            ):
                yield sentence


def first_step(steps: Phrases, where: str, texts: Iterable[str], name: str | None = None) -> Found[Step] | None:
    """The step of the first text that tells one once the order's name is taken out of it."""
    for text in texts:
        found = steps.match(without_name(text, name), where)
        if found:
            return Found(found.value, where, text, found.rule)
    return None


def said_step(steps: Phrases, mail: Mail, text: Iterable[str], name: str | None) -> Found[Step] | None:
    """What happened, as the subject or as the headline (without one: the `text`) says; None when neither does.

    `name` is the order's: phrases stand around it. A sentence that says the same step and that the buyer has to do
    something is told instead: WooCommerce's mails of paid and of unpaid orders have the same subject and headline.
    """
    said = tuple(sentences(text))
    by_subject = first_step(steps, "subject", [mail.subject], name)
    by_title = first_step(steps, "headline", headlines(mail), name) or first_step(steps, "text", said, name)
    found = max(filter(None, (by_subject, by_title)), key=lambda found: _share(found, name), default=None)
    return (_asking(steps, said, name, found.value) or found) if found else None


def _asking(steps: Phrases, said: Iterable[str], name: str | None, step: Step) -> Found[Step] | None:
    """The first sentence that tells the step with a flag that it has not; updates differ in what they are about."""
    if step.stage is Stage.UPDATE:
        return None
    told = (first_step(steps, "text", [sentence], name) for sentence in said)
    return next((one for one in told if one and one.value.flags > step.flags and one.value.stage is step.stage), None)


def without_name(text: str, name: str | None) -> str:
    """A text without the order's name, so that phrases around it can be recognised."""
    return re.sub(rf"\(?#?\s?{re.escape(name)}\)?", " ", text) if name else text


def is_whole(found: Found[Step]) -> bool:
    """Whether a phrase is all that its text says: `Delivered! 📦`."""
    return _share(found, None) >= 1


def _share(found: Found[Step], name: str | None) -> float:
    """How much of its text a phrase is."""
    return _letters(found.rule.partition(": ")[2]) / max(1, _letters(without_name(found.text, name)))


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
