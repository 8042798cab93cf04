"""Batches become facts, states and news in one transaction; replay is silent and ends in no difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.keeping import MailRow
from inboxtrack.mail.source import Batch, Fetched, Place, Position, Trouble
from inboxtrack.model import Fact, News, NewsKind, Outcome, Reading, Stage, State, Trust
from inboxtrack.outbox import RowState
from inboxtrack.pipeline import content_key, correct, ingest, nobody, refold, replay
from inboxtrack.store import Store
from tests.facts import CARRIER, on, told

PHONE = "phone"
NOW = on(1)


def channels(_news: News) -> Sequence[str]:
    return [PHONE]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "state") as opened:
        yield opened


def mail(uid: int, subject: str = "", *, body: str = "hello", folder: str = "INBOX", **more: object) -> Fetched:
    raw = f"From: a@shop.example\r\nMessage-ID: <{subject}@x>\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()
    place = Place("home", folder, 1, uid)
    return Fetched(place=place, received_at=on(0), size=len(raw), raw=raw, **more)  # type: ignore[arg-type]


def reading(*facts: Fact, trust: Trust = Trust.VERIFIED, **more: object) -> Reading:
    kept = tuple(replace(fact, trust=trust, source=None, key="") for fact in facts)
    values = {"outcome": Outcome.READ if facts else Outcome.IGNORED, "reason": "test", "extractor": "hismile"}
    return Reading(**(values | {"trust": trust, "facts": kept, "revision": 1} | more))  # type: ignore[arg-type]


def keep(store: Store, batch: Batch, *readings: Reading | None, now: dt.datetime = NOW) -> None:
    with store.transaction() as tx:
        ingest(batch, readings, tx, channels, now)


def rows(store: Store) -> list[str]:
    return [row.news.what for row in store.outbox.open_rows(PHONE)]


def stage(store: Store) -> list[Stage]:
    with store.transaction() as tx:
        return [order.stage for order in tx.facts.whole_state().orders]


def test_a_batch_is_kept_whole_with_its_position(store: Store) -> None:
    batch = Batch(
        mails=(mail(1, "placed"), mail(2, "other", header_only=True)),
        troubles=(Trouble(place=Place("home", "INBOX", 1, 3), reason="empty body"),),
        position=Position("home", "INBOX", 1, 4),
    )
    keep(store, batch, reading(told("placed", 0, order="A")), None)
    with store.transaction() as tx:
        assert tx.mails.positions("home") == {"INBOX": Position("home", "INBOX", 1, 4)}
        assert [pending.place.uid for pending in tx.mails.pending("home")] == [3]
        foreign = tx.mails.known_places("home") - tx.mails.known_places("home", with_mail=True)
        assert foreign == {Place("home", "INBOX", 1, 2)}
        assert tx.mails.count() == {Outcome.READ: 1}
    assert rows(store) == ["placed"]


def test_nothing_is_kept_when_the_transaction_fails(store: Store) -> None:
    batch = Batch(mails=(mail(1, "placed"),), position=Position("home", "INBOX", 1, 2))

    def keep_and_die() -> None:
        with store.transaction() as tx:
            ingest(batch, [reading(told("placed", 0, order="A"))], tx, channels, NOW)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        keep_and_die()
    with store.transaction() as tx:
        assert tx.mails.positions("home") == {}
        assert tx.mails.count() == {}
    assert rows(store) == []


def test_the_same_mail_in_three_folders_counts_once(store: Store) -> None:
    for number, folder in enumerate(("INBOX", "All Mail", "Orders")):
        keep(store, Batch(mails=(mail(number, "placed", folder=folder),)), reading(told("placed", 0, order="A")))
    with store.transaction() as tx:
        assert tx.mails.count() == {Outcome.READ: 1}
        assert len(tx.mails.places(1)) == 3
    assert rows(store) == ["placed"]


def test_two_mails_with_one_message_id_are_two(store: Store) -> None:
    one, two = mail(1, "same"), mail(2, "same", body="another")
    assert content_key(one.raw) != content_key(two.raw)
    assert content_key(one.raw) == content_key(b"Received: from elsewhere\r\n" + one.raw)


def test_a_quiet_batch_is_never_told(store: Store) -> None:
    keep(store, Batch(mails=(mail(1, "placed"),), quiet=True), reading(told("placed", 0, order="A")))
    assert rows(store) == []
    keep(store, Batch(mails=(mail(2, "again"),)), reading(told("placed", 0.1, order="A")))
    assert rows(store) == []
    keep(store, Batch(mails=(mail(3, "shipped"),)), reading(told("shipped", 1, order="A")))
    assert rows(store) == ["shipped"]


def test_shipped_is_told_once_whether_of_the_order_or_of_its_parcel(store: Store) -> None:
    keep(store, Batch(mails=(mail(1, "s"),)), reading(told("shipped", 0, order="A")))
    keep(store, Batch(mails=(mail(2, "p"),)), reading(told("in_transit", 1, order="A", tracking="T1")))
    keep(store, Batch(mails=(mail(3, "c"),)), reading(told("in_transit", 2, tracking="T1", by=CARRIER)))
    assert rows(store) == ["shipped"]


def test_a_later_verified_copy_upgrades_the_verdict(store: Store) -> None:
    first = reading(told("shipped", 0, order="A"), trust=Trust.UNVERIFIED)
    keep(store, Batch(mails=(mail(1, "s"),)), first)
    keep(store, Batch(mails=(mail(2, "s", folder="All Mail"),)), reading(told("shipped", 0, order="A")))
    with store.transaction() as tx:
        assert [order.trust for order in tx.facts.whole_state().orders] == [Trust.VERIFIED]
    keep(store, Batch(mails=(mail(3, "s", folder="Old"),)), first)
    with store.transaction() as tx:
        assert [order.trust for order in tx.facts.whole_state().orders] == [Trust.VERIFIED]


def test_an_imitation_is_told_once(store: Store) -> None:
    fake = reading(outcome=Outcome.QUARANTINED, imitates="aliexpress", trust=Trust.FAILED, sender="x@evil.example")
    keep(store, Batch(mails=(mail(1, "fake"),)), fake)
    keep(store, Batch(mails=(mail(2, "fake", folder="Junk"),)), fake)
    assert rows(store) == ["imitation"]
    assert stage(store) == []


def test_a_correction_goes_only_to_channels_that_were_told_the_wrong_thing(store: Store) -> None:
    keep(store, Batch(mails=(mail(1, "d"),)), reading(told("delivered", 0, order="A", tracking="T1")))
    scans = [told("in_transit", day, tracking="T1", by=CARRIER) for day in (1, 2)]
    sent = store.outbox.open_rows(PHONE)
    store.outbox.end([row.id for row in sent], RowState.SENT, on(0))
    keep(store, Batch(mails=(mail(2, "c"),)), reading(*scans, extractor="carriers"))
    (row,) = store.outbox.open_rows(PHONE)
    assert row.news.kind is NewsKind.CORRECTION


def test_a_correction_is_not_told_where_nothing_was_sent(store: Store) -> None:
    batch = Batch(mails=(mail(1, "d"),), quiet=True)
    keep(store, batch, reading(told("delivered", 0, order="A", tracking="T1")))
    scans = [told("in_transit", day, tracking="T1", by=CARRIER) for day in (1, 2)]
    keep(store, Batch(mails=(mail(2, "c"),)), reading(*scans, extractor="carriers"))
    assert stage(store) == [Stage.IN_TRANSIT]
    assert rows(store) == []


def test_replay_shows_the_difference_is_silent_and_then_finds_none(store: Store) -> None:
    keep(store, Batch(mails=(mail(1, "s"),)), reading(told("update", 0, order="A")))
    better = reading(told("shipped", 0, order="A", tracking="T1"), revision=2)

    def read(_row: MailRow) -> Reading:
        return better

    with store.transaction() as tx:
        ids = tx.mails.to_replay({"hismile": 2})
        (difference,) = replay(ids, read, tx, on(2))
        assert [(f.stage, f.tracking) for f in difference.new] == [(Stage.SHIPPED, "T1")]
        assert [f.stage for f in difference.gone] == [Stage.UPDATE]
    assert stage(store) == [Stage.SHIPPED]
    assert rows(store) == []
    with store.transaction() as tx:
        assert tx.mails.to_replay({"hismile": 2}) == []
        assert replay(tx.mails.all_ids(), read, tx, on(3)) == ()


def test_what_an_older_version_folded_otherwise_is_folded_anew_without_a_word(store: Store) -> None:
    facts = [told("shipped", 0, order=order, tracking=f"T{order}", key=order) for order in "AB"]
    keep(store, Batch(mails=(mail(1, "s"),)), reading(*facts))
    said = rows(store)
    with store.transaction() as tx:
        right = tx.facts.whole_state()
        orders = (replace(right.orders[0], stage=Stage.DELIVERED), replace(right.orders[1], number="gone"))
        wrong = State(orders, (replace(right.parcels[0], stage=Stage.DELIVERED), right.parcels[1]))
        tx.facts.replace_state(right, wrong, NOW)
    with store.transaction() as tx:
        assert tx.facts.whole_state() != right
        refold(tx, on(2))
        state = tx.facts.whole_state()
    assert set(state.orders) == set(right.orders)
    assert set(state.parcels) == set(right.parcels)
    assert rows(store) == said
    keep(store, Batch(mails=(mail(2, "again"),)), reading(told("in_transit", 1, order="A", tracking="TA")))
    assert rows(store) == said, "what comes next is compared with what stands now"


def test_a_user_correction_survives_replay(store: Store) -> None:
    keep(store, Batch(mails=(mail(1, "s"),)), reading(told("shipped", 0, order="A")))
    with store.transaction() as tx:
        correct(told("delivered", 1, order="A", by=told("placed", 0, order="A", by=CARRIER).source.kind), tx, on(1))  # type: ignore[union-attr]
        replay(tx.mails.all_ids(), lambda _row: reading(told("shipped", 0, order="A")), tx, on(2))
    assert stage(store) == [Stage.DELIVERED]
    assert rows(store) == ["shipped"]


def test_only_what_a_fact_touches_is_folded_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import inboxtrack.pipeline as pipeline

    facts = [told("placed", 0, order=f"A{n}", key=str(n)) for n in range(200)]
    keep(store, Batch(mails=(mail(1, "many"),)), reading(*facts))
    folded: list[int] = []
    fold = pipeline.fold
    monkeypatch.setattr(pipeline, "fold", lambda given: (folded.append(len(given)), fold(given))[1])
    keep(store, Batch(mails=(mail(2, "one"),)), reading(told("shipped", 1, order="A7")))
    assert folded == [2]
    assert nobody(News(kind=NewsKind.PLACED, keys=("x",), at=on(0), what="x")) == ()
