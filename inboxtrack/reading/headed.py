"""Subjects of marketplaces, in which any word may stand because they quote titles: `Shipped: "Delivered by Owl…"`.

What stands before the colon says the step, if it is nothing but a step's words. Otherwise what is left without the
quoted titles may say it. The running text is read by sentences that say what is: no progress bar, no condition.

A table of such phrases has the lists `head` (words before the colon), `subject` (asked of subjects alone), `step`
(statements) and `thanks` (what opens many mails, and counts where nothing else is said); its words `return` stand
beside the steps of a parcel that goes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from inboxtrack.mail.message import Mail
from inboxtrack.model import Item, Stage
from inboxtrack.reading.found import Found, first
from inboxtrack.reading.phrases import Phrases, Step, Table, flatten
from inboxtrack.reading.telling import unknown_step

_HEAD = re.compile(r"(?:Re|Fwd?|AW|WG|TR|RV|I)\s?:\s", re.I)
_COLON = re.compile(r"\s?[:：]\s?")
_QUOTED = re.compile(r"[\"“”„«「『](?:(?P<title>.{1,300})[\"“”»」』]|.{1,300}$)")
"""Up to the last mark: a title may hold one (`"Screen 27" stand…"`)."""
_COUNT_BEFORE = re.compile(r"(?:^|\s)(\d{1,3})\s(?:x\s)?$")
_ORNAMENT = re.compile(r"^[^\w\"“„«「]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_CONDITION = re.compile(
    r"(?<!\w)(?:when|once|as soon as|until|unless|if|lorsque|dès que|si|jusqu|zodra|wanneer|totdat|sobald|wenn|bis|"
    r"falls|cuando|hasta|quando|finché|när|gdy|kiedy|jeśli|dopóki)(?!\w)",
    re.I,
)
_DUTCH_IF = re.compile(r"als\s", re.I)
"""Only where it opens a sentence: elsewhere it is German for "as"."""
_ASIAN = re.compile("[\u3040-\u9fff]{4}")
_ADDRESS = re.compile(r"https?://[^\s<>]+", re.I)
_LEAST_BLANKS = 2
_HEAD_LINES, _STATEMENTS = 24, 10
_RETURN = Step(reason="return_requested")
_OF_PARCELS = frozenset(
    {
        Stage.PREPARING,
        Stage.SHIPPED,
        Stage.IN_TRANSIT,
        Stage.OUT_FOR_DELIVERY,
        Stage.ATTEMPT_FAILED,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERED,
    }
)
"""Steps that a parcel on its way back takes, too."""


def told_step(mail: Mail, table: Table, subject: str) -> Found[Step]:
    """What the subject's first words say, else its other words, else the first sentences, else their thanks.

    `subject` is what of the subject is the marketplace's own words, without titles.
    """
    heads, steps, thanks = table.steps["head"], table.steps["step"], table.steps["thanks"]
    lines = shown(mail)
    found = (
        headed(mail.subject, heads)
        or table.steps["subject"].match(subject, "subject")
        or steps.match(subject, "subject")
        or first(steps.match(text, "text") for text in islice(statements(lines, heads), _STATEMENTS))
        or thanks.match(subject, "subject")
        or first(thanks.match(line, "text") for line in lines[:_HEAD_LINES])
        or unknown_step(mail.subject, "subject")
    )
    said = subject if found.where == "subject" else found.text
    of_return = found.value.stage in _OF_PARCELS and table.words["return"].search(said)
    return found.but(_RETURN) if of_return else found


def shown(mail: Mail) -> tuple[str, ...]:
    """The visible lines without links; of the plain part where the HTML part shows nothing but pictures."""
    lines = mail.lines or mail.plain_lines
    return tuple(text for line in lines if (text := " ".join(_ADDRESS.sub(" ", line).split()).strip("<>")))


def printed_orders(mail: Mail, shape: re.Pattern[str]) -> list[Found[str]]:
    """What has the shape of the marketplace's orders, in the subject and in the text."""
    texts = [("subject", mail.subject), *(("text", line) for line in shown(mail))]
    return [Found(hit[0], where, text, "shape of an order") for where, text in texts for hit in shape.finditer(text)]


def headed(subject: str, heads: Phrases) -> Found[Step] | None:
    """The step of the words before a subject's colon, where they are a step's and nothing else."""
    text = _ORNAMENT.sub("", _HEAD.sub("", subject))
    colon = _COLON.search(text)
    return whole(text[: colon.start()], heads, subject, "subject") if colon else None


def whole(text: str, heads: Phrases, said: str, where: str) -> Found[Step] | None:
    """The step that a text is the very words of; `said` is what stands as evidence."""
    flat = flatten(text)
    hit = next((phrase for phrase in heads.phrases if flatten(phrase.words) == flat), None)
    return Found(hit.step, where, said, f"phrase {hit.language}: {hit.words}") if hit else None


def before_colon(subject: str) -> str:
    """The words before a subject's colon, behind which a title stands; the whole subject without one."""
    text = _HEAD.sub("", subject)
    colon = _COLON.search(text)
    return text[: colon.start()] if colon else text


def item_behind_colon(subject: str) -> Found[tuple[Item, ...]] | None:
    """The title behind a subject's colon."""
    colon = _COLON.search(_HEAD.sub("", subject))
    title = _HEAD.sub("", subject)[colon.end() :].strip() if colon else ""
    return Found((Item(title),), "subject", subject, "title behind the colon") if title else None


def unquoted(text: str) -> str:
    """A text without the titles that it quotes."""
    return " ".join(_QUOTED.sub(" ", text).split())


def quoted_item(subject: str) -> Found[tuple[Item, ...]] | None:
    """The first title that a subject quotes, with the count before it (`Delivered: 4 "Door contact…"`)."""
    hit = _QUOTED.search(subject)
    if hit is None or not hit["title"]:
        return None
    count = _COUNT_BEFORE.search(subject[: hit.start()])
    item = Item(hit["title"].strip(), int(count[1]) if count and int(count[1]) else 1)
    return Found((item,), "subject", subject, "quoted title")


def statements(lines: Iterable[str], heads: Phrases) -> Iterator[str]:
    """The sentences of some lines that say what is so; lone steps of a progress bar and conditions are left out."""
    for line in map(unquoted, lines):
        for sentence in _SENTENCE_END.split(line):
            long_enough = sentence.count(" ") >= _LEAST_BLANKS or _ASIAN.search(sentence)
            conditional = _CONDITION.search(sentence) or _DUTCH_IF.match(sentence)
            if long_enough and not conditional and not whole(sentence, heads, sentence, "text"):
                yield sentence
