"""Ingest and replay: mails and corrections become facts, states and news, one transaction a batch."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from inboxtrack.changes import changes
from inboxtrack.extractors import discover
from inboxtrack.keeping import Keeping, MailRow, NewMail
from inboxtrack.mail.message import MailRefused, parse_headers
from inboxtrack.mail.source import Batch, Fetched
from inboxtrack.model import ANOTHER_SHOP, Fact, News, NewsKind, Outcome, Reading, Source, SourceKind, Trust
from inboxtrack.orders import fold

_TRUST = {Trust.FAILED: 0, Trust.UNVERIFIED: 1, Trust.VERIFIED: 2}
_HASHED = 64_000
ChannelsFor = Callable[[News], Sequence[str]]
"""Names of the channels that wish for a piece of news."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a batch brought: how many mails had which outcome, and how many pieces of news were new."""

    outcomes: tuple[tuple[Outcome, int], ...] = ()
    news: int = 0
    mails: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What reading a kept mail again changes."""

    mail: MailRow
    reading: Reading
    gone: tuple[Fact, ...]
    new: tuple[Fact, ...]

    @property
    def tells(self) -> bool:
        """Whether the mail says anything else than before."""
        return bool(self.gone or self.new) or self.reading.outcome is not self.mail.outcome


def content_key(raw: bytes) -> str:
    """What a mail is known by in whatever folder it stands.

    The Message-ID alone is not enough: it may be missing, used twice or forged. Transport headers do not count, so
    copies of one mail that came over different ways are one.
    """
    _, _, body = re.sub(rb"\r\n", b"\n", raw[: 2 * _HASHED]).partition(b"\n\n")
    try:
        header = parse_headers(raw)
        told = "\n".join((header.message_id.lower(), header.sender.address, header.header("Date"), header.subject))
    except MailRefused:
        told = ""
    return hashlib.sha256(told.encode() + b"\n\n" + body[:_HASHED]).hexdigest()


def stamped(reading: Reading, key: str) -> tuple[Fact, ...]:
    """The facts of a reading with what an extractor cannot set: key and source."""
    kinds = {extractor.key: extractor.source for extractor in discover()}
    kind = kinds.get(reading.extractor or "", SourceKind.RETAILER_MAIL)
    told = enumerate(reading.facts)
    return tuple(replace(fact, key=f"{key}/{n}", source=Source(kind, key)) for n, fact in told)


def ingest(
    batch: Batch,
    readings: Sequence[Reading | None],
    keeping: Keeping,
    channels: ChannelsFor,
    now: dt.datetime,
) -> Ingested:
    """Keep a batch: its mails, their facts, the states and news that follow, and the position behind it.

    `readings` stand beside `batch.mails`; None for mails of which only the header came down. Runs inside one
    transaction of `keeping`.
    """
    nodes: set[str] = set()
    outcomes: dict[Outcome, int] = {}
    imitations: list[News] = []
    for mail, reading in zip(batch.mails, readings, strict=True):
        if reading is None:
            keeping.mails.stand(mail.place, None)
            outcomes[Outcome.FOREIGN] = outcomes.get(Outcome.FOREIGN, 0) + 1
            continue
        key = content_key(mail.raw)
        nodes |= _keep(mail, key, reading, keeping, now)
        outcomes[reading.outcome] = outcomes.get(reading.outcome, 0) + 1
        imitations += _imitation(key, reading, now)
    keeping.mails.note_troubles(batch.troubles, now)
    for place in batch.gone:
        keeping.mails.settle_trouble(place)
    if batch.position:
        keeping.mails.set_position(batch.position)
    told = settle(nodes, keeping, channels, now, silent=batch.quiet)
    told += announce(imitations, keeping, channels, now, silent=batch.quiet)
    return Ingested(tuple(sorted(outcomes.items())), told, len(batch.mails))


def _keep(mail: Fetched, key: str, reading: Reading, keeping: Keeping, now: dt.datetime) -> frozenset[str]:
    """Keep one mail and its facts; the nodes that its facts touch or touched."""
    known = keeping.mails.by_key(key)
    keeping.mails.settle_trouble(mail.place)
    if known is None:
        row = NewMail(
            key=key,
            account=mail.place.account,
            received_at=mail.received_at,
            raw=mail.raw,
            truncated=mail.truncated,
        )
        mail_id = keeping.mails.record(row, reading, now)
        keeping.mails.stand(mail.place, mail_id)
        return _add(stamped(reading, key), mail_id, keeping)
    keeping.mails.stand(mail.place, known.id)
    if known.outcome is Outcome.FOREIGN and reading.outcome is not Outcome.FOREIGN:
        keeping.mails.keep_raw(known.id, mail.raw, truncated=mail.truncated)
    elif _TRUST[reading.trust] <= _TRUST[known.trust]:
        return frozenset()
    return _replace(known.id, key, reading, keeping, now)


def _add(facts: Iterable[Fact], mail_id: int, keeping: Keeping) -> frozenset[str]:
    return frozenset().union(*(keeping.facts.add(fact, mail_id) for fact in facts), frozenset[str]())


def _replace(mail_id: int, key: str, reading: Reading, keeping: Keeping, now: dt.datetime) -> frozenset[str]:
    gone = keeping.facts.drop_of_mail(mail_id)
    keeping.mails.update(mail_id, reading, now)
    return gone | _add(stamped(reading, key), mail_id, keeping)


def _imitation(key: str, reading: Reading, now: dt.datetime) -> list[News]:
    """Told once for each mail: somebody imitates a shop, or a shop's mail is not its sender's."""
    if not reading.imitates:
        return []
    data = (("sender", reading.sender), ("subject", reading.subject), ("imitates", reading.imitates))
    return [
        News(
            kind=NewsKind.IMITATION,
            keys=(f"imitation/{key}",),
            at=reading.date or now,
            what="another_shop" if reading.imitates == ANOTHER_SHOP else "imitation",
            trust=reading.trust,
            detail=reading.reason,
            data=data,
        )
    ]


def settle(nodes: Iterable[str], keeping: Keeping, channels: ChannelsFor, now: dt.datetime, *, silent: bool) -> int:
    """Fold anew what these nodes touch, and announce what changed; how many pieces of news were new."""
    wanted = frozenset(nodes)
    if not wanted:
        return 0
    facts, tied = keeping.facts.component(wanted)
    before = keeping.facts.state(tied)
    after = fold(facts)
    keeping.facts.replace_state(before, after, now)
    found = changes(before, after, now)
    return announce(found, keeping, channels, now, silent=silent)


def announce(
    found: Iterable[News], keeping: Keeping, channels: ChannelsFor, now: dt.datetime, *, silent: bool = False
) -> int:
    """Put news in the outbox, for the channels that wish for it; how many pieces were new."""
    return sum(keeping.news.announce(news, channels(news), now, silent=silent) for news in found)


def nobody(_news: News) -> Sequence[str]:
    """No channel: for what is not news to the user."""
    return ()


def correct(fact: Fact, keeping: Keeping, now: dt.datetime) -> None:
    """Keep what the user said. It is not news to the user."""
    settle(keeping.facts.add(fact), keeping, nobody, now, silent=True)


def replay(
    mail_ids: Iterable[int], read: Callable[[MailRow], Reading], keeping: Keeping, now: dt.datetime
) -> tuple[Difference, ...]:
    """Read kept mails again, silently, keep what that changes, and say it."""
    found: list[Difference] = []
    nodes: set[str] = set()
    for one in read_again(mail_ids, read, keeping):
        if one.tells:
            found.append(one)
            nodes |= _replace(one.mail.id, one.mail.key, one.reading, keeping, now)
        elif one.reading.revision != one.mail.revision:
            keeping.mails.update(one.mail.id, one.reading, now)
    settle(nodes, keeping, nobody, now, silent=True)
    return tuple(found)


def refold(keeping: Keeping, now: dt.datetime) -> None:
    """Fold all facts anew: an update may fold the same facts otherwise, and that is no news."""
    facts, _ = keeping.facts.component(keeping.facts.all_nodes())
    keeping.facts.replace_state(keeping.facts.whole_state(), fold(facts), now)


def read_again(mail_ids: Iterable[int], read: Callable[[MailRow], Reading], keeping: Keeping) -> Iterator[Difference]:
    """What each of these kept mails says when it is read again; nothing is kept."""
    for mail_id in mail_ids:
        row = keeping.mails.by_id(mail_id)
        if row is None or row.raw is None:
            continue
        reading = read(row)
        old, new = tuple(keeping.facts.of_mail(mail_id)), stamped(reading, row.key)
        told_old, told_new = set(map(_told, old)), set(map(_told, new))
        yield Difference(
            mail=row,
            reading=reading,
            gone=tuple(f for f in old if _told(f) not in told_new),
            new=tuple(f for f in new if _told(f) not in told_old),
        )


def _told(fact: Fact) -> Fact:
    return replace(fact, evidence=(), key="")
