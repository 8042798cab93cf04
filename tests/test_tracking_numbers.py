"""Numbers: their carriers, the slot, what is taken from loose text, and how seldom wrongly."""

from __future__ import annotations

import json
import random
import string
import time
from collections.abc import Callable

import pytest

from inboxtrack.tracking.carriers import Strength, all_carriers, by_name, carrier
from inboxtrack.tracking.finding import find_numbers
from inboxtrack.tracking.numbers import canonical, carriers_for, check, fits, in_slot
from tests.conftest import ROOT

FORMATS = json.loads((ROOT / "tests/fixtures/numbers/formats.json").read_text("utf-8"))
KNOWN = [(row["carrier"], row["strength"], number) for row in FORMATS for number in row["valid"]]
TAKEN = [(key, number) for key, strength, number in KNOWN if strength != "never"]
POSTAL_LEGS_OF_OTHERS = {"cainiao", "s10"}


def keys(number: str, hint: str | None = None) -> list[str]:
    return [owner.key for owner in carriers_for(number, hint)]


@pytest.mark.parametrize(("key", "number"), [(key, number) for key, _, number in KNOWN])
def test_known_number_has_its_carriers_shape(key: str, number: str) -> None:
    assert check(number, key)


@pytest.mark.parametrize(("key", "number"), TAKEN)
@pytest.mark.parametrize("text", ["Your {name} tracking number: {number}", "Tracking number ({name})\n{number}.\nBye"])
def test_every_valid_number_above_never_is_taken_with_label_and_carrier(key: str, number: str, text: str) -> None:
    owner = carrier(key)
    assert owner
    (seen,) = find_numbers(text.format(name=owner.name, number=number))
    assert seen.number == number
    assert key in seen.carriers or key in POSTAL_LEGS_OF_OTHERS


def test_every_strength_is_covered() -> None:
    assert {strength for _, strength, _ in KNOWN} == {"strong", "medium", "weak", "never"}
    assert len(TAKEN) >= 130


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1Z999AA10123456784", ["ups"]),
        ("LX877279345FR", ["colissimo"]),
        ("RB123456785GB", ["royal-mail"]),
        ("CP547294513GB", ["parcelforce"]),
        ("XU172711484ES", ["chronopost", "correos"]),
        ("JJD0002257639032011", ["yodel", "dhl-de"]),
        ("LP00123456789012", ["cainiao"]),
        ("LP0012345678901CN", ["4px"]),
        ("YT2312345678901234", ["yunexpress"]),
        ("YT1234567890123", ["yto"]),
        ("SPXPH123456789012", ["spx"]),
        ("SPXABC123456789012", ["speedx"]),
        ("9361289878700317633795", ["dhl-ecommerce", "usps"]),
        ("BYS123456789", ["yanwen"]),
        ("LTN12345678", ["landmark"]),
        ("not a number", []),
        ("RB123456786GB", []),
        ("UB209300714LV", ["s10"]),
        ("UB209300714QQ", []),
    ],
)
def test_collisions_between_carriers(number: str, expected: list[str]) -> None:
    assert sorted(keys(number)) == sorted(expected)


@pytest.mark.parametrize("number", ["798927499451", "399938012728", "459755585362", "046743258348"])
def test_twelve_digits_are_nobodys_until_somebody_is_named(number: str) -> None:
    assert in_slot(number)[1] is None
    owners = [owner.key for owner in carriers_for(number)]
    assert all(in_slot(number, owner)[1] == owner for owner in owners)


@pytest.mark.parametrize(
    ("label", "number", "expected"),
    [
        ("UPS SurePost®", "1Z999AA10123456784", "ups"),
        ("Canada post", "7035114477138472", "canada-post"),
        ("DHL", "5500142056", "dhl-express"),
        ("DHL", "00340433123456789012", "dhl-de"),
        ("DHL", "4711", "dhl-de"),
        ("Hermes", "H1000730045518226017", "hermes-de"),
        ("J&T Express", "JT0123456789012", "jt-express"),
        ("Correos de España", "XU172711484ES", "correos"),
        ("FedEx or UPS", "4711", None),
        ("Blitz Versand", "1Z999AA10123456784", "ups"),
        (None, "1Z999AA10123456785", None),
        ("UPS", "1Z999AA10123456785", "ups"),
    ],
)
def test_in_slot_is_taken_as_written_and_the_label_names_the_carrier(
    label: str | None, number: str, expected: str | None
) -> None:
    assert in_slot(f" #{number} ", label) == (number, expected)


def test_in_slot_keeps_the_printed_form() -> None:
    assert in_slot("1z 999 aa1 01-2345 6784", "ups") == ("1z999aa101-23456784", "ups")


@pytest.mark.parametrize(
    ("printed", "one"),
    [
        ("420243669557628732016200265440", "9557628732016200265440"),
        ("9611020987654312345672", "987654312345672"),
        ("1001921334250001000300779017972697", "779017972697"),
        ("019931265099999891JDQ019457101000930308", "JDQ019457101000930308"),
        ("rb 123 456 785 gb", "RB123456785GB"),
        ("AP00123456789012", "AP00123456789012"),
    ],
)
def test_canonical_is_one_form_of_a_number(printed: str, one: str) -> None:
    assert canonical(printed) == one
    assert canonical(one) == one


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("your parcel 9400 1112 0620 6406 2607 87 is here", ["9400111206206406260787"]),
        ("Track RB 123 456 785 GB today", ["RB123456785GB"]),
        ("UPS 1Z 999 AA1 01 2345 6784", ["1Z999AA10123456784"]),
        ("order 113-1234567-1234567", []),
        ("call +49 30 123456789", []),
        ("see https://shop.example/x?n=1Z999AA10123456784", []),
        ("mail 1Z999AA10123456784@shop.example", []),
        ("XX1Z999AA10123456784", []),
        ("1z999aa10123456784", []),
        ("IBAN DE02 1203 0000 0000 2020 51", []),
        ("LP00123456789012, LP00123456789012 and AP00123456789012.", ["LP00123456789012", "AP00123456789012"]),
        ("Order number: Z1234567890", []),
        ("운송장번호 JT0123456789012입니다", ["JT0123456789012"]),
        ("tracking number 798927499451", []),
        ("FedEx tracking number 798927499451", ["798927499451"]),
        ("FedEx order number 798927499451", []),
    ],
)
def test_loose_text(text: str, numbers: list[str]) -> None:
    assert [seen.number for seen in find_numbers(text)] == numbers


def test_known_numbers_are_left_out_and_hints_count() -> None:
    text = "Tracking number 798927499451. LP00123456789012"
    assert [seen.number for seen in find_numbers(text, known=["lp0012 3456 7890 12"])] == []
    assert [seen.carrier for seen in find_numbers(text, hint="fedex")] == ["fedex", "cainiao"]


def _digits(source: random.Random, count: int) -> str:
    return "".join(source.choices(string.digits, k=count))


def _mixed(source: random.Random, count: int) -> str:
    return "".join(source.choices(string.digits + string.ascii_uppercase, k=count))


STRANGERS: tuple[Callable[[random.Random], str], ...] = (
    lambda source: _digits(source, source.randint(7, 30)),
    lambda source: _mixed(source, source.randint(7, 30)),
    lambda source: "+" + _digits(source, 11),
    lambda source: "0" + _digits(source, 10),
    lambda source: f"20{_digits(source, 2)}{source.randint(1, 12):02}{source.randint(1, 28):02}",
    lambda source: f"{source.randint(1, 28):02}.{source.randint(1, 12):02}.2026",
    lambda source: "82" + _digits(source, 14),
    lambda source: "57" + _digits(source, 16),
    lambda source: "10050" + _digits(source, 11),
    lambda source: "17" + _digits(source, 17),
    lambda source: "#" + _digits(source, 6),
    lambda source: source.choice("ABCDEFGH") + _digits(source, source.randint(8, 14)),
    lambda source: _mixed(source, 2) + _digits(source, source.randint(7, 14)),
    lambda source: f"{_digits(source, 3)}-{_digits(source, 7)}-{_digits(source, 7)}",
    lambda source: f"{_mixed(source, 4)}-{_mixed(source, 4)}-{_mixed(source, 4)}",
    lambda source: "DE" + _digits(source, 9),
    lambda source: _digits(source, 13),
    lambda source: _digits(source, 20),
)


def test_of_10_000_strangers_loose_in_a_shipment_mail_at_most_half_a_percent_is_taken() -> None:
    source = random.Random(20_260_210)
    taken = []
    for index in range(10_000):
        stranger = STRANGERS[index % len(STRANGERS)](source)
        text = f"Your DHL parcel is on its way.\nThanks for shopping with us. {stranger}\nThe courier comes soon."
        taken += [(stranger, seen.carriers) for seen in find_numbers(text, shipment=True)]
    assert len(taken) <= 50, taken


@pytest.mark.parametrize(
    "text",
    ["1Z " * 160_000, "A1B2" * 120_000, "1234567890123456 " * 29_000, "tracking number " * 31_000, "9400 " * 100_000],
)
def test_half_a_megabyte_is_searched_in_time(text: str) -> None:
    began = time.process_time()
    find_numbers(text, shipment=True)
    assert time.process_time() - began < 5


def test_table_is_sound() -> None:
    assert len({owner.key for owner in all_carriers()}) == len(all_carriers()) >= 70
    for owner in all_carriers():
        assert by_name(owner.name) == owner or owner.key == "s10"
        assert all(form.shortest <= form.longest <= 40 for form in owner.formats)
        assert not owner.tracking_url or owner.tracking_url.startswith("https://")


def test_shapes_of_a_house() -> None:
    assert fits("5500142057", "dhl-de")
    assert not fits("SOMETHING", "couriersplease")
    assert Strength.NEVER < Strength.WEAK < Strength.MEDIUM < Strength.STRONG
