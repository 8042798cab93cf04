"""Good mails, changed by machine: what is still said stays right, what is gone is missed aloud, nothing is invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inboxtrack.mail.message import parse
from inboxtrack.model import Fact, Outcome, Reading, Stage
from inboxtrack.reader import Context, read
from inboxtrack.reading.shop_pages import shown_domains
from tests.conftest import FIXTURES
from tests.mutations import KEEPING, Parts, display_name, from_elsewhere, put_together, take_apart, without_numbers

EVERY = 6
KNOWN_BY_MARKS = ("magento", "prestashop", "woocommerce")
"""Shop systems known by the classes and ids of their HTML alone: without them they are nobody's."""
SYSTEMS = ("shopify", "markup", *KNOWN_BY_MARKS)
"""Systems of any shop: who the shop is, only the sender tells."""
EMPTY_DIGEST = "a digest without parcels"
"""The reason of the one kind of mail that may be ignored: a digest that lost its parcels is that of a quiet day."""


def readable() -> list[tuple[Path, bytes, Reading]]:
    """Every fixture with a sender that gives facts today."""
    mails = ((path, path.read_bytes()) for path in sorted(FIXTURES.glob("*/*.eml")))
    read_mails = ((path, raw, read(raw, Context())) for path, raw in mails)
    return [
        (path, raw, reading) for path, raw, reading in read_mails if reading.outcome is Outcome.READ and reading.sender
    ]


MAILS = readable()


def told(facts: tuple[Fact, ...]) -> set[tuple[str | None, str | None, Stage]]:
    return {(fact.order, fact.tracking, fact.stage) for fact in facts}


def numbers(facts: tuple[Fact, ...]) -> set[str]:
    return {
        n for fact in facts for n in (fact.order, fact.tracking, *(also.value for also in fact.also)) if n is not None
    }


def is_wrong(before: Reading, after: Reading) -> bool:
    """Whether a reading says something that the unchanged mail does not say."""
    stages = {fact.stage for fact in before.facts} | {Stage.UPDATE}
    return not numbers(after.facts) <= numbers(before.facts) or any(f.stage not in stages for f in after.facts)


def mutated(change: Callable[[Parts], Parts], shift: int) -> list[tuple[Path, Reading, Reading]]:
    """(mail, reading before, reading after) of every sixth mail that the change really changes."""
    results = []
    for path, raw, before in MAILS[shift % EVERY :: EVERY]:
        parts = take_apart(raw)
        changed = change(parts)
        if changed != parts:
            results.append((path, before, read(put_together(changed), Context())))
    return results


@pytest.fixture(scope="module")
def kept() -> dict[str, list[tuple[Path, Reading, Reading]]]:
    return {change.__name__: mutated(change, shift) for shift, change in enumerate(KEEPING)}


def test_there_are_enough_mutations(kept: dict[str, list[tuple[Path, Reading, Reading]]]) -> None:
    assert sum(len(results) for results in kept.values()) >= 400
    assert all(kept.values()), "a mutation changes nothing"


@pytest.mark.parametrize("change", [change.__name__ for change in KEEPING])
def test_change_that_keeps_the_news(change: str, kept: dict[str, list[tuple[Path, Reading, Reading]]]) -> None:
    results = [r for r in kept[change] if change != "rename_classes" or r[1].extractor not in KNOWN_BY_MARKS]
    wrong = [path for path, before, after in results if is_wrong(before, after)]
    lost = [path for path, before, after in results if told(after.facts) != told(before.facts)]
    assert wrong == []
    assert len(lost) <= 0.15 * len(results), lost


def test_putting_a_mail_together_again_changes_nothing() -> None:
    for path, raw, before in MAILS:
        after = read(put_together(take_apart(raw)), Context())
        assert told(after.facts) == told(before.facts), path


def test_mail_without_its_numbers_is_unread() -> None:
    for path, raw, before in MAILS:
        after = read(put_together(without_numbers(take_apart(raw), numbers(before.facts))), Context())
        assert after.facts == (), path
        assert after.outcome is (Outcome.IGNORED if after.reason == EMPTY_DIGEST else Outcome.UNREAD), path


def test_mail_of_another_sender_is_nobodys_or_set_aside() -> None:
    """The words of a shop's mail with somebody else's name, address and confirmation above them."""
    for path, raw, _ in MAILS:
        after = read(put_together(from_elsewhere(take_apart(raw))), Context())
        assert after.outcome in (Outcome.FOREIGN, Outcome.QUARANTINED), (path, after.reason)
        assert after.facts == (), path


def test_mail_of_another_address_says_nothing_for_the_retailer() -> None:
    """A shop may mail from another company's domain: where its own name is above its words it is read, as mail of that
    domain, if it is of a shop system and shows no other domain."""
    for path, raw, _ in MAILS:
        parts = from_elsewhere(take_apart(raw), f"{display_name(raw)} <news@elsewhere.example>")
        after = read(put_together(parts), Context())
        if after.outcome is Outcome.READ:
            assert after.extractor in SYSTEMS, path
            assert shown_domains(parse(put_together(parts))) == (), path
            assert {fact.retailer for fact in after.facts} == {"elsewhere.example"}, path
        else:
            assert after.outcome in (Outcome.FOREIGN, Outcome.QUARANTINED), path
            assert after.facts == (), path


def test_mail_of_another_sender_is_a_hismile_mail_to_nobody() -> None:
    for path, raw, before in MAILS:
        if before.extractor == "hismile":
            assert read(put_together(from_elsewhere(take_apart(raw))), Context()).outcome is Outcome.QUARANTINED, path
