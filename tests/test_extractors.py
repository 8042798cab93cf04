"""The convention of extractors: every one has fixtures, every fixture has exactly one, nobody claims `_not_orders`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inboxtrack.extractors import Extractor, discover
from inboxtrack.mail.message import Mail, parse
from inboxtrack.model import Outcome
from inboxtrack.reader import Context, read
from inboxtrack.scrub import people
from tests.conftest import FIXTURES

NOBODY = "_not_orders"
FOLDERS = sorted(folder for folder in FIXTURES.iterdir() if folder.is_dir())
OWN = [mail for folder in FOLDERS if not folder.name.startswith("_") for mail in sorted(folder.glob("*.eml"))]
NEGATIVES = sorted((FIXTURES / NOBODY).glob("*.eml"))


def load(path: Path) -> Mail:
    return parse(path.read_bytes())


def short(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("extractor", discover(), ids=lambda extractor: extractor.key)
def test_extractor_has_fixtures_and_says_who_it_is(extractor: Extractor) -> None:
    assert list((FIXTURES / extractor.key).glob("*.eml")), f"tests/fixtures/emails/{extractor.key}/ has no mail"
    assert extractor.name.strip()
    assert extractor.revision >= 1
    assert all(sender == sender.lower() for sender in extractor.senders)


@pytest.mark.parametrize("mail", OWN, ids=short)
def test_fixture_is_claimed_by_its_own_extractor_alone_within_its_step(mail: Path) -> None:
    claims = [extractor for extractor in discover() if extractor.claims(load(mail))]
    reading = read(mail.read_bytes(), Context())
    if reading.outcome is not Outcome.QUARANTINED and mail.parent.name in {e.key for e in discover()}:
        assert reading.extractor == mail.parent.name
    steps = [extractor.step for extractor in claims]
    assert len(steps) == len(set(steps)), f"claimed twice within a step: {[e.key for e in claims]}"


@pytest.mark.parametrize("mail", NEGATIVES, ids=short)
def test_nobody_takes_facts_from_what_is_no_order_mail(mail: Path) -> None:
    reading = read(mail.read_bytes(), Context())
    assert reading.facts == ()
    assert reading.outcome in (Outcome.FOREIGN, Outcome.IGNORED, Outcome.QUARANTINED)


def test_there_are_negatives() -> None:
    assert len(NEGATIVES) >= 12


@pytest.mark.parametrize("mail", [*OWN, *NEGATIVES], ids=short)
def test_fixture_is_named_what_dot_language(mail: Path) -> None:
    assert re.fullmatch(r"[a-z0-9_]+\.[a-z]{2}(?:-[A-Z]{2})?\.eml", mail.name)


def test_no_two_fixtures_say_the_same() -> None:
    """Not even after the names of the receivers and all digits are taken out."""
    seen: dict[str, Path] = {}
    for path in (*OWN, *NEGATIVES):
        mail = load(path)
        names = "|".join(re.escape(name) for name in {*people(mail)} if len(name) > 2) or "$^"
        shape = re.sub(rf"{names}|[\d\s]+", " ", f"{mail.sender.address} {mail.subject} {mail.text}")
        assert shape not in seen, f"{short(path)} repeats {short(seen[shape])}"
        seen[shape] = path
