"""The language of `tests/stories/*.toml`: what was told when, what must be true in the end, and what news that makes.

A fact is a line: day, who, whom it is about, what, and more.

    0    shop       hismile AU1001                placed   eta=9-12 total=40
    3    shop       hismile AU1001 #T1            shipped  some
    5    carrier    #T1                           in_transit  carrier=usps
    6    shop?      hismile AU1001                delivered
    9    user       hismile AU1001                report not_received

Days count from 2 March 2026 (a Monday), 09:00 UTC, and may be fractions. Who: `shop`, `carrier`, `lookup`, `user`;
`shop?` and `carrier?` are not proven, `forwarded` is the user's own forward, `failed` failed authentication.
Numbers: #T1 is a carrier's, ~R1 only the retailer's, >L1 the last mile's. `as=` names a fact, for `undo`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from inboxtrack.model import (
    Correction,
    Coverage,
    DateRange,
    Fact,
    Flag,
    Money,
    Number,
    Refund,
    RefundState,
    Role,
    Source,
    SourceKind,
    Stage,
    Trust,
)

DAY0 = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
ROLES = {"#": Role.TRACKING, "~": Role.RETAILER_PARCEL, ">": Role.LAST_MILE}
MARKS = {role: mark for mark, role in ROLES.items()}
REPORTS = {"not_received": Stage.EXCEPTION}
CORRECTIONS = {correction.value: correction for correction in Correction}


@dataclass(frozen=True)
class Speaker:
    kind: SourceKind
    trust: Trust = Trust.VERIFIED
    may_advance: bool = False


SPEAKERS = {
    "shop": Speaker(SourceKind.RETAILER_MAIL),
    "shop?": Speaker(SourceKind.RETAILER_MAIL, Trust.UNVERIFIED),
    "forwarded": Speaker(SourceKind.RETAILER_MAIL, Trust.UNVERIFIED, may_advance=True),
    "failed": Speaker(SourceKind.RETAILER_MAIL, Trust.FAILED),
    "carrier": Speaker(SourceKind.CARRIER_MAIL),
    "carrier?": Speaker(SourceKind.CARRIER_MAIL, Trust.UNVERIFIED),
    "lookup": Speaker(SourceKind.LOOKUP),
    "user": Speaker(SourceKind.USER),
}


def on(day: float) -> dt.datetime:
    return DAY0 + dt.timedelta(days=day)


def facts(text: str) -> list[Fact]:
    """The facts that a story's lines tell. Raises ValueError naming a line that is none."""
    return [_fact(line, n) for n, line in enumerate(lines(text))]


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _fact(line: str, place: int) -> Fact:
    day, who, *rest = line.split()
    verb = next((i for i, word in enumerate(rest) if word in CORRECTIONS or word in {s.value for s in Stage}), None)
    if who not in SPEAKERS or verb is None:
        raise ValueError(f"no fact: {line}")
    speaker, subject, what, more = SPEAKERS[who], rest[:verb], rest[verb], rest[verb + 1 :]
    numbers = [_number(word) for word in subject if word[0] in ROLES]
    order = [word for word in subject if word[0] not in ROLES]
    options = dict(word.split("=", 1) for word in more if "=" in word)
    plain = [word for word in more if "=" not in word]
    correction = CORRECTIONS.get(what)
    return Fact(
        at=on(float(day)),
        received_at=on(float(options.get("came", day))),
        stage=_stage(what, plain),
        retailer=order[0] if order else None,
        order=order[1] if len(order) > 1 else None,
        shop=tuple(options["shop"].split(",")) if "shop" in options else (),
        tracking=numbers[0].value if numbers else None,
        tracking_role=numbers[0].role if numbers else Role.TRACKING,
        also=tuple(numbers[1:]),
        carrier=options.get("carrier"),
        flags=frozenset(Flag(flag) for flag in options["flags"].split(",")) if "flags" in options else frozenset(),
        reason=plain[0] if correction is Correction.REPORT else options.get("reason"),
        coverage=next((Coverage(word) for word in plain if word in ("some", "rest")), Coverage.ALL),
        refund=Refund(RefundState(options["refund"])) if "refund" in options else None,
        eta=_eta(options["eta"]) if "eta" in options else None,
        total=Money(Decimal(options["total"]), "EUR") if "total" in options else None,
        trust=speaker.trust,
        may_advance=speaker.may_advance,
        source=Source(speaker.kind, f"{who} {day}"),
        correction=correction,
        text=plain[0] if correction and plain else None,
        key=options.get("as", f"fact{place:02}"),
    )


def _number(word: str) -> Number:
    return Number(word[1:], ROLES[word[0]])


def _stage(what: str, plain: list[str]) -> Stage:
    if what not in CORRECTIONS:
        return Stage(what)
    return REPORTS.get(plain[0], Stage.UPDATE) if what == Correction.REPORT else Stage.UPDATE


def _eta(text: str) -> DateRange:
    first, _, last = text.partition("-")
    return DateRange(on(float(first)).date(), on(float(last or first)).date())


def marked(numbers: tuple[Number, ...]) -> str:
    """A parcel as a story writes it: its numbers, the shown one first."""
    return "/".join(MARKS[number.role] + number.value for number in numbers)


def words(text: str) -> Iterator[tuple[str, list[str]]]:
    """(subject, words) of lines such as "hismile AU1001: delivered #T1" or "#T1: in_transit"."""
    for line in lines(text):
        subject, _, said = line.partition(": ")
        yield subject, said.split()
