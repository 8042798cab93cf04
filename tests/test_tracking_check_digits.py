"""Every check digit rule against numbers that carriers and standards publish, and against single wrong digits."""

from __future__ import annotations

import json

import pytest

from inboxtrack.tracking.check_digits import CHECKS, s10_digit, ups_digit, usps_package
from tests.conftest import ROOT

VECTORS = json.loads((ROOT / "tests/fixtures/numbers/check_digits.json").read_text("utf-8"))
VALID = [(row["check"], number) for row in VECTORS for number in row["valid"]]
INVALID = [(row["check"], number) for row in VECTORS for number in row["invalid"]]


def test_every_rule_has_vectors() -> None:
    assert set(CHECKS) == {row["check"] for row in VECTORS}
    assert len(VALID) >= 90
    assert len(INVALID) >= 40


@pytest.mark.parametrize(("check", "number"), VALID)
def test_published_number_passes(check: str, number: str) -> None:
    assert CHECKS[check](number)


@pytest.mark.parametrize(("check", "number"), INVALID)
def test_wrong_number_fails(check: str, number: str) -> None:
    assert not CHECKS[check](number)


@pytest.mark.parametrize(("check", "number"), VALID)
def test_another_last_character_rarely_passes(check: str, number: str) -> None:
    """The check character decides; `tnt` and `usps20` have two rules, so two of ten characters may fit."""
    at = len(number) - 3 if check == "s10" else len(number) - 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if number[at].isalpha() else "0123456789"
    fitting = [char for char in alphabet if CHECKS[check](number[:at] + char + number[at + 1 :])]
    assert number[at] in fitting
    assert len(fitting) <= (3 if check in ("tnt", "usps20", "correos_es") else 1)


@pytest.mark.parametrize("check", sorted(CHECKS))
@pytest.mark.parametrize("text", ["", "1", "AB", "Ä" * 12, "²" * 12, "٣" * 12, "1Z", "A" * 40, "0" * 4_000])
def test_rules_answer_for_any_text(check: str, text: str) -> None:
    assert CHECKS[check](text) in (True, False)


def test_worked_examples() -> None:
    assert s10_digit("12345678") == 5
    assert ups_digit("999AA1012345678") == 4


def test_usps_routing_is_taken_off_only_where_one_split_fits() -> None:
    assert usps_package("420243669557628732016200265440") == "9557628732016200265440"
    assert usps_package("4203457525729266651532930073541122") == "9266651532930073541122"
    assert usps_package("4201028200009261290113185417468511") is None
