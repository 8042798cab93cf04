"""Phrase tables: every language is tried, the phrase with the most letters wins."""

from __future__ import annotations

import pytest

from inboxtrack.model import Flag, Stage
from inboxtrack.reading.phrases import load, shipped_table, step_fields

TABLE = load(
    """
[words.parcel]
en = ["package"]
ko = ["운송장"]
[[step]]
stage = "in_transit"
flags = ["customs"]
en = ["customs"]
[[step]]
stage = "in_transit"
reason = "customs_cleared"
en = ["has cleared customs"]
de = ["Zollabfertigung…beendet"]
[[step]]
stage = "delivered"
en = ["delivered"]
pl = ["dostarczon*"]
ko = ["배송 완료"]
[[step]]
ignored = "a coupon"
en = ["coupon"]
"""
)
STEPS = TABLE.steps["step"]


@pytest.mark.parametrize(
    ("text", "stage", "reason"),
    [
        ("Package X has cleared customs", Stage.IN_TRANSIT, "customs_cleared"),
        ("PACKAGE X: AT  CUSTOMS", Stage.IN_TRANSIT, None),
        ("Zollabfertigung für X wurde beendet", Stage.IN_TRANSIT, "customs_cleared"),
        ("paczka dostarczona", Stage.DELIVERED, None),
        ("번호 1: 배송 완료했습니다", Stage.DELIVERED, None),
    ],
)
def test_the_most_specific_phrase_wins(text: str, stage: Stage, reason: str | None) -> None:
    found = STEPS.match(text)
    assert found is not None
    assert (found.value.stage, found.value.reason) == (stage, reason)
    assert found.text == text


@pytest.mark.parametrize("text", ["", "undelivered", "Customsheriff", "Zollabfertigung " + "x" * 80 + " beendet"])
def test_parts_of_words_and_far_words_do_not_match(text: str) -> None:
    assert STEPS.match(text) is None


def test_fields_carry_the_words_that_said_so() -> None:
    found = STEPS.match("at customs")
    assert found is not None
    fields = step_fields(found)
    assert fields["flags"].value == frozenset({Flag.CUSTOMS})
    assert fields["stage"].rule == "phrase en: customs"
    assert set(fields) == {"stage", "flags"}


def test_ignored_mail_has_a_reason() -> None:
    found = STEPS.match("Your coupon")
    assert found is not None
    assert found.value.ignored == "a coupon"


@pytest.mark.parametrize("text", ["[[step]]\nstage = 'flying'\nen = ['x']", "[[step]]\nflags = ['odd']\nen = ['x']"])
def test_unknown_stages_and_flags_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        load(text)


@pytest.mark.parametrize("name", ["aliexpress", "tiktok_shop"])
def test_no_phrase_of_a_shipped_table_means_two_things(name: str) -> None:
    for steps in shipped_table(name).steps.values():
        for phrase in steps.phrases:
            other = steps.match(phrase.words.replace("*", "").replace("…", " 4417 "))
            assert other is not None
            assert other.value == phrase.step, f"{phrase.language}: {phrase.words}"


@pytest.mark.parametrize(
    "text",
    [
        "Your package has been delivered",
        "It was to come today. Your package has been delivered",
        "Your package has been delivered! How did we do?",
    ],
)
def test_what_happened_is_told(text: str) -> None:
    found = shipped_table("aliexpress").steps["step"].match(text)
    assert found is not None
    assert found.value.stage is Stage.DELIVERED


@pytest.mark.parametrize(
    "text",
    [
        "Your package will soon be delivered",
        "Your package is not delivered",
        "Has your package been delivered?",
        "Le colis sera livré demain",
        "Il pacco non è stato consegnato",
        "Het pakket wordt morgen bezorgd",
        "Paczka nie została dostarczona",
        "O pacote não foi entregue",
    ],
)
def test_what_is_promised_denied_or_asked_is_not_told_as_done(text: str) -> None:
    found = shipped_table("aliexpress").steps["step"].match(text)
    assert found is None or found.value.stage is not Stage.DELIVERED


ENDS = load(
    """
    [[step]]
    stage = "delivered"
    en = ["has been delivered", "was delivered", "delivered"]
    [[step]]
    stage = "cancelled"
    en = ["order … cancelled", "cancelled"]
    de = ["storniert"]
    fr = ["annulée"]
    """
).steps["step"]


@pytest.mark.parametrize(
    "text",
    [
        "Your order was delivered to our warehouse",
        "Your order has been delivered to your local post office",
        "It has been delivered to a pickup point",
        "Return delivered to us",
        "Your order is being delivered",
        "Your order is almost delivered",
        "Delivered soon",
        "Your order 1042 will be cancelled unless you pay",
        "Your order 1042 cannot be cancelled",
        "It may be automatically cancelled",
        "Ihre Bestellung wird storniert, wenn Sie nicht zahlen",
        "Votre commande sera annulée demain",
    ],
)
def test_an_end_that_has_not_come_is_none(text: str) -> None:
    assert ENDS.match(text) is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Your order has been delivered to your address", "delivered"),
        ("Delivered today at the front door", "delivered"),
        ("We are sorry to say that your order 1042 was cancelled", "cancelled"),
        ("Ihre Bestellung wurde storniert", "cancelled"),
        ("You asked for it to stop: order 1042 has been cancelled", "cancelled"),
    ],
)
def test_an_end_that_has_come_is_told(text: str, stage: str) -> None:
    found = ENDS.match(text)
    assert found is not None
    assert found.value.stage == stage
