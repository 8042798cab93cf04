"""Troubles in the reader's language. They are kept as English sentences, and known again here by their form.

So what was kept before an update, or in another language, is told in today's language, too. What stands for a value is
taken as it is, but for those values that are sentences of ours themselves: a server's words are never looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from inboxtrack.notifiers.texts import sentences

_OURS = frozenset({"reason", "cure", "why", "what", "doing", "credential", "place"})
"""The values that are texts of ours."""
_SAID = "said"
"""A server's own words."""
_VALUE = re.compile(r"\\{(\w+)\\}")
_LONGEST, _MOST_PARTS = 1_000, 8
"""More characters are no trouble of ours, and no sentence has more semicolons, those of its values included."""
_BETWEEN = "; "
_CODE = re.compile(r" \(\[[A-Z]{2,40}\][^()]{0,300}\)")


@dataclass(frozen=True, slots=True)
class _Sentence:
    form: re.Pattern[str]
    translation: str


def in_language(text: str, language: str) -> str:
    """The text with every sentence that is known in the reader's language; the others stay as they are."""
    known = _known(language)
    return _told(text, known) if known and len(text) <= _LONGEST else text


def without_mailbox(text: str, mailbox: str) -> str:
    """What is wrong with a mailbox, without the name that error texts begin with."""
    name = f"mailbox {mailbox!r}: "
    return text.removeprefix(name).replace(f"{_BETWEEN}{name}", _BETWEEN)


def without_codes(text: str) -> str:
    """The text without a server's answer in codes, which the list of `attention` has: "([AUTHENTICATIONFAILED] …)"."""
    return _CODE.sub("", text)


@cache
def _known(language: str) -> tuple[_Sentence, ...]:
    """Several may fit a text: first those that begin with words of their own, then those with the most of them."""
    pairs = sorted(sentences(language).items(), key=lambda pair: _vagueness(pair[0]))
    return tuple(_Sentence(_form(english), translation) for english, translation in pairs)


def _vagueness(english: str) -> tuple[bool, int]:
    return english.startswith("{"), -len(re.sub(r"\{\w+\}", "", english))


def _form(english: str) -> re.Pattern[str]:
    return re.compile(_VALUE.sub(_any_value, re.escape(english)))


def _any_value(place: re.Match[str]) -> str:
    """What may stand there: only a server's words and texts of ours go on behind a semicolon."""
    name = place[1]
    character = "." if name == _SAID or name in _OURS else f"(?:(?!{_BETWEEN}).)"
    return f"(?P<{name}>{character}+?)"


def _told(text: str, known: tuple[_Sentence, ...]) -> str:
    """The longest beginning that is a sentence, and the rest after it; sentences are joined by semicolons."""
    parts = text.split(_BETWEEN)
    for count in range(min(len(parts), _MOST_PARTS), 0, -1):
        first = _translated(_BETWEEN.join(parts[:count]), known)
        if first is not None:
            return _BETWEEN.join([first, *_rest(parts[count:], known)])
    return _BETWEEN.join([parts[0], *_rest(parts[1:], known)])


def _rest(parts: list[str], known: tuple[_Sentence, ...]) -> list[str]:
    return [_told(_BETWEEN.join(parts), known)] if parts else []


def _translated(text: str, known: tuple[_Sentence, ...]) -> str | None:
    for sentence in known:
        found = sentence.form.fullmatch(text)
        if found:
            values = found.groupdict()
            told = {name: _told(value, known) if name in _OURS else value for name, value in values.items()}
            return sentence.translation.format(**told)
    return None
