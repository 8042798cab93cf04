"""Phrase tables: which words mean which step. The tables are TOML files beside the extractors.

```toml
[[step]]
stage = "shipped"              # a stage; or `ignored = "review request"` for mail without order news
coverage = "some"              # optional; so are `flags = ["customs"]`, `reason = "customs_cleared"`, `refund = "full"`
en = ["partly shipped"]        # per language; `*` ends a word stem, `…` stands for up to 60 characters
de = ["teilweise versandt"]
```

No language is ever chosen: all are tried, and the phrase with the most letters wins ("has cleared customs" over
"customs").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from inboxtrack.model import Coverage, Flag, RefundState, Stage
from inboxtrack.reading.found import Found

_STEP_KEYS = frozenset({"stage", "ignored", "flags", "reason", "coverage", "refund", "body"})
_WORD = re.compile(r"[^\W\d_]")
_WORD_BEGINS = r"(?<!\w)"
_GAP = 60
_NEGATION = re.compile(r"(?<!\w)(?:not|never|nicht|nie|niet|non|no|não|ikke|inte|ej|не|nu|δεν|nem|לא|لم|لن)(?!\w)")
_NEGATION_BEFORE = re.compile(_NEGATION.pattern + r"\s$")
_ENDS = frozenset({Stage.DELIVERED, Stage.RETURNED})
_CALLED_OFF = frozenset({Stage.CANCELLED, Stage.CLOSED})
_SENTENCE_BEFORE = 120
_SENTENCE_END = re.compile(r"[.!?]\s")
_AHEAD = re.compile(
    r"(?<!\w)(?:"
    r"will|won't|we'll|it'll|to be|shall|should|can be|may be|could be|not|isn't|wasn't|hasn't|haven't|scheduled|"
    r"is being|are being|almost|nearly|about to|"
    r"expected|before|required|choose|asked|leave|wird|werden|soll|kann|nicht|voraussichtlich|wählen|gewählt|gebucht|"
    r"sera|seront|va être|pas|pourra|doit|doivent|devrait|aura|será|serán|va a ser|no se ha|puede|debe|pendiente|"
    r"kan|gaan|moet|może|skal|ska|"
    r"no ha sido|aún no|para ser|vai ser|não|a ser|sarà|verrà|non|wordt|worden|zal|niet|zostanie|będzie|nie|"
    r"bude|budou|nebyla|nebylo|bliver|vil blive|ikke|blir|kommer att|inte|vil bli|"
    r"не|будет|будут|должн\w*|скоро|буде|будуть|незабаром|nu|va fi|vor fi|nem|hamarosan|θα|δεν|nebola|"
    r"לא|בקרוב|لم|لن|سيتم|سوف"
    r")(?![\w'])"
)
"""Words that say, before a word of the end ("delivered"), that it is still to come or did not happen."""
_SOON = re.compile(
    r"(?<!\w)(?:will|won't|we'll|it'll|to be|soon|shortly|wird|werden|bald|demnächst|sera|seront|bientôt|será|serán|"
    r"pronto|sarà|saranno|presto|wordt|worden|binnenkort|zal|zullen|em breve|serão|bliver|snart|blir|zostanie|wkrótce|"
    r"bude|brzy|будет|скоро|буде|незабаром)(?![\w'])"
)
"""Words that say, before a word of shipping, that it is still to come."""
_SENDER = (
    r"(?:sender|shipper|absender|expéditeur|remitente|remetente|mittente|nadawcy|nadawcę|nadawcą|afzender|afsender\w*|"
    r"avsändar\w*)(?!\w)"
)
_WAYSIDE = (
    r"(?:(?:carriers?|couriers?|facility|hub|depot|sorting|usps|agent|paketzentrum|filiale|transporteur|agence|agencia|"
    r"dépôt|transportista|operador|almacén|correios|transportadora|oddziału|sortowni|sorteercentrum|sorteringscentral\w*|"
    rf"terminal\w*|transport[öø]r\w*|corriere)(?!\w)|{_SENDER})"
)
_AT_THE_WAYSIDE = re.compile(_WAYSIDE)
_HANDED_ON = re.compile(
    rf"\s(?:(?:to|at|à|au|aux|al|a|aos?|do|till|til|bij|bei|in|im)\s(?:[\w']{{1,12}}[\s'])?{_WAYSIDE}|"
    rf"(?:in )?(?:by|par|vom|von|por|pelo|da|door|przez|od|av|af)\s(?:[\w']{{1,12}}[\s'])?{_SENDER})|"
    r"\s(?:soon|shortly|tomorrow|bald|demnächst|to us|lesz)(?!\w)|\s?예정|"
    r"\sto\s(?:(?:the|our|your|an?|local|nearest)\s){1,3}(?:warehouse|post office|pick-?up (?:point|location|station)|"
    r"(?:parcel )?locker|parcel ?shop|access point)(?!\w)|"
    r"\s(?:(?:в|у|до|на|к)\s(?:\w{1,20}\s)?)?(?:сортир|сортув|центр|склад|терминал|термінал|таможн|митниц|перевозчик|"
    r"перевізник|аэропорт|аеропорт|курьер|кур'єр)|"
    r"\s(?:curier|dopravc|(?:do|na) dep)|\sστ(?:ον|ην|ο)\s(?:μεταφορ|κούριερ|courier|κέντρο)|"
    r"[至到]?(?:配送|自提|转运|轉運|快递|物流)|"
    r"\sל(?:חברת|שליח|דואר|מרכז)|\s(?:إلى|الى)\s(?:شركة|الناقل|مركز|مكتب)"
)
"""Words that say, behind a word of the end, that the parcel was handed to somebody on its way, or by its sender."""
_THREAT = (
    r"(?<!\w)(?:(?:will|won't|can|cannot|can't|may|might|could|to|shall|should|must)(?: \w{2,13})? be(?: \w{2,14}ly)?|"
    r"wird|werden|kann|sera|pourra être|être|será|puede ser|sarà|verrà|può essere|pode ser|wordt|kan worden|zostanie|"
    r"bliver|blir|bude|будет|будут|буде|может быть|سيتم)"
    r"(?: (?:not|nicht|niet|ikke|inte))?\s"
)
_THREATENED = re.compile(_THREAT + "$")
"""What stands right before a word of cancelling that is only threatened, ruled out or asked for."""
_THREATENED_BETWEEN = re.compile(_THREAT)
_NUMBER_BEHIND = re.compile(r"(?:\s(?=[a-z]{0,6}\d)[0-9a-z]{8,40}(?!\w))?")
"""The number that some languages put between the word of the end and what it was handed to."""
_ASKED = re.compile(r"[^.!?,;:–—-]{0,60}\?")


@dataclass(frozen=True, slots=True)
class Step:
    """What a phrase means. `ignored` names mail without order news; `body` names a rule that the body must decide."""

    stage: Stage = Stage.UPDATE
    ignored: str | None = None
    flags: frozenset[Flag] = frozenset()
    reason: str | None = None
    coverage: Coverage = Coverage.ALL
    refund: RefundState | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one language: its words, the longest `piece` of them without gaps, its `weight` in letters, and the
    step it means."""

    words: str
    language: str
    piece: str
    weight: int
    step: Step

    def said_in(self, flat: str) -> bool:
        """Whether a flattened text that has the piece says the phrase, and not that it is not so."""
        return any(not self._denied(hit) for hit in compile_phrase(self.words).finditer(flat))

    def _denied(self, hit: re.Match[str]) -> bool:
        before = hit.string[max(0, hit.start() - 8) : hit.start()]
        if _NEGATION_BEFORE.search(before) or ("…" in self.words and self._gap_denies(hit[0])):
            return True
        if self.step.stage in _CALLED_OFF:
            return _THREATENED.search(hit.string[max(0, hit.start() - 40) : hit.start()]) is not None
        sentence = _SENTENCE_END.split(hit.string[max(0, hit.start() - _SENTENCE_BEFORE) : hit.start()])[-1]
        if self.step.stage not in _ENDS:
            return self.step.stage is Stage.SHIPPED and _SOON.search(sentence) is not None
        if _AHEAD.search(sentence) or _ASKED.match(hit.string, hit.end()):
            return True
        behind = _NUMBER_BEHIND.match(hit.string, hit.end())
        return _HANDED_ON.match(hit.string, behind.end() if behind else hit.end()) is not None

    def _gap_denies(self, said: str) -> bool:
        if self.step.stage in _ENDS and (_AT_THE_WAYSIDE.search(said) or self._adds(_AHEAD, said)):
            return True
        if self.step.stage in _CALLED_OFF and _THREATENED_BETWEEN.search(said):
            return True
        if self.step.stage is Stage.SHIPPED and self._adds(_SOON, said):
            return True
        return self._adds(_NEGATION, said)

    def _adds(self, words: re.Pattern[str], said: str) -> bool:
        """Whether the gap of what was said holds such words: more than the phrase itself."""
        return len(words.findall(said)) > len(words.findall(flatten(self.words)))


@dataclass(frozen=True, slots=True)
class Phrases:
    """A table of phrases in every language it knows."""

    phrases: tuple[Phrase, ...]

    def match(self, text: str, where: str = "subject") -> Found[Step] | None:
        """The step of the phrase with the most letters that stands in a text; None when none does."""
        best = max(self._said_in(text), key=lambda p: p.weight, default=None)
        return Found(best.step, where, text, f"phrase {best.language}: {best.words}") if best else None

    def stages(self, text: str) -> set[Stage]:
        """The stage of every phrase that stands in a text."""
        return {phrase.step.stage for phrase in self._said_in(text)}

    def _said_in(self, text: str) -> list[Phrase]:
        flat = flatten(text)
        return [phrase for phrase in self.phrases if phrase.piece in flat and phrase.said_in(flat)]

    def extended(self, more: Phrases) -> Phrases:
        """This table with further phrases; at equal weight the further ones win."""
        return Phrases(more.phrases + self.phrases)


def step_fields(found: Found[Step]) -> dict[str, Any]:
    """A step as fields for `make_fact`; what it leaves open is left out."""
    step = found.value
    fields: dict[str, Any] = {"stage": found.but(step.stage)}
    if step.flags:
        fields["flags"] = found.but(step.flags)
    if step.reason:
        fields["reason"] = found.but(step.reason)
    if step.coverage is not Coverage.ALL:
        fields["coverage"] = found.but(step.coverage)
    return fields


@dataclass(frozen=True)
class Table:
    """A phrase file: `steps` by the name of their list (`step`, or a list that a `body` names), and `words` by use."""

    steps: dict[str, Phrases]
    words: dict[str, re.Pattern[str]]


@cache
def shipped_table(name: str, package: str = "inboxtrack.extractors") -> Table:
    """The phrase file `<name>.toml` that lies beside the extractors (or in another package)."""
    return load((files(package) / f"{name}.toml").read_text("utf-8"))


def load(text: str) -> Table:
    """TOML text -> a phrase file. ValueError names a step that cannot be read."""
    content = tomllib.loads(text)
    words = content.pop("words", {})
    return Table(
        {name: Phrases(tuple(p for entry in entries for p in phrases_of(entry))) for name, entries in content.items()},
        {name: any_of(word for each in by_language.values() for word in each) for name, by_language in words.items()},
    )


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these words as they stand in a text, whatever their case; the longest is tried first."""
    by_letter: dict[str, list[str]] = {}
    glued: list[str] = []
    for source in (bounded(word) for word in sorted(words, key=len, reverse=True)):
        rest = source.removeprefix(_WORD_BEGINS)
        alike = glued if rest == source else by_letter.setdefault(rest[0].lower(), [])
        alike.append(rest)
    # where a word begins, and its first letter, are asked once: asked with each word, that takes ten times as long
    begun = "|".join(f"(?:{'|'.join(rests)})" for rests in by_letter.values())
    return re.compile("|".join([f"{_WORD_BEGINS}(?:{begun})", *glued] if begun else glued), re.I)


def phrases_of(entry: dict[str, Any]) -> Iterable[Phrase]:
    """The phrases of one `[[step]]` table."""
    step = step_of(entry)
    for language, phrases in entry.items():
        if language in _STEP_KEYS:
            continue
        for words in phrases:
            piece = max(re.split(r"[*…]", flatten(words)), key=len)
            yield Phrase(words, language, piece, len(_WORD.findall(words)), step)


def step_of(entry: dict[str, Any]) -> Step:
    """The meaning of one `[[step]]` table; ValueError names what it does not know."""
    return Step(
        stage=Stage(entry.get("stage", "update")),
        ignored=entry.get("ignored"),
        flags=frozenset(Flag(flag) for flag in entry.get("flags", ())),
        reason=entry.get("reason"),
        coverage=Coverage(entry.get("coverage", "all")),
        refund=RefundState(entry["refund"]) if "refund" in entry else None,
        body=entry.get("body"),
    )


@cache
def compile_phrase(words: str) -> re.Pattern[str]:
    """Words -> a pattern on flattened text. Made when a text has a piece of the words: most are never asked for."""
    return re.compile(bounded(flatten(words)))


def bounded(words: str) -> str:
    """Words -> the source of a pattern at word boundaries, with `*` and `…`; matching takes linear time."""
    body = re.escape(words).replace(r"\ …\ ", rf"\ (?:.{{0,{_GAP}}}?\ )?").replace("…", f".{{0,{_GAP}}}?")
    body = body.replace(r"\*", r"\w{0,20}")
    start = "" if _glued(words[0]) else _WORD_BEGINS
    end = "" if words.endswith(("*", "…", "°", "º")) or _glued(words[-1]) else r"(?!\w)"
    return start + body + end


def flatten(text: str) -> str:
    """Lower case with single blanks and straight apostrophes, so that typography does not matter; nor does the second
    dot of Turkish `İ`, nor those of Russian `ё`, which few people write."""
    small = text.casefold().replace("’", "'").replace("´", "'").replace("i\u0307", "i").replace("ё", "е")
    return re.sub(r"\s+", " ", small).strip()


def _glued(letter: str) -> bool:
    """Whether a script writes words without blanks or glues endings to them (Chinese, Japanese, Korean, Thai)."""
    return "\u0e00" <= letter <= "\u0e7f" or "\u1100" <= letter <= "\u11ff" or "\u3040" <= letter <= "\ud7ff"
