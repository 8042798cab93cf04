"""How carriers print a number, and links that hold one: what is found, and what is left alone."""

from __future__ import annotations

import pytest

from inboxtrack.model import Number, Outcome, Role
from inboxtrack.tracking.links import read_link, shaped_in_link
from inboxtrack.tracking.numbers import normal
from tests.test_carriers import UPS, only, reading

USPS = "9400111206206406260787"
DPD = "05308817263549"


@pytest.mark.parametrize(
    ("sender", "body", "number"),
    [
        ("USPS <a@usps.com>", "Tracking Number: 9400 1112 0620 6406 2607 87", USPS),
        ("USPS <a@usps.com>", "Tracking Number:\u00a09400\u00a01112\u00a00620\u00a06406\u00a02607\u00a087", USPS),
        ("USPS <a@usps.com>", "*Tracking Number*: *" + USPS + "*", USPS),
        ("USPS <a@usps.com>", f'The item "{USPS}" was delivered.', USPS),
        ("UPS <a@ups.com>", f"Tracking Number: {UPS.lower()}", UPS),
        ("UPS <a@ups.com>", "Tracking Number: " + "\u200b".join(UPS), UPS),
        ("GLS <a@gls-pakete.de>", "Deine Track ID: ZK7QV2M4", "ZK7QV2M4"),
        ("DPD <a@service.dpd.de>", f"Barcode\n{DPD}", DPD),
        ("DPD <a@service.dpd.de>", f"[bild]\n{DPD}", DPD),
        ("Packeta <a@packeta.com>", "Parcel Z 123 4567 890 is here", "Z1234567890"),
        ("Canada Post <a@canadapost.ca>", "7543 8962 8739 7907", "7543896287397907"),
        ("Royal Mail <a@royalmail.com>", "Your item OB123456780GB is at home.", "OB123456780GB"),
        ("DHL <a@dhl.de>", "Ihre Warenpost 00340434901123784331 ist da.", "00340434901123784331"),
        ("UPS <a@ups.com>", f"https://www.ups.com/mobile/details/{UPS}/en", UPS),
    ],
)
def test_a_number_is_found_as_it_is_printed(sender: str, body: str, number: str) -> None:
    assert normal(only(reading(sender, "News about your parcel", body)).tracking or "") == number


@pytest.mark.parametrize(
    "body",
    [
        "Account 88A7X0 and invoice 000088A7X0431 are ready",
        "Call us\n18007425877",
        "Call us\n1 800 742 5877",
        "Your code is 8812345678",
        "Abholcode: 4711",
        "Collection PIN: 812244",
        "Delivery date: 2026-03-05",
    ],
)
def test_phones_codes_and_days_are_no_numbers(body: str) -> None:
    assert reading("UPS <a@ups.com>", "Your package was delivered", body).outcome is Outcome.UNREAD


@pytest.mark.parametrize("label", ["Kundennummer", "Your account number", "Order no."])
def test_a_number_below_the_label_of_something_else_is_none(label: str) -> None:
    mail = reading("DPD <a@service.dpd.de>", "Ihr Paket wurde zugestellt", f"{label}\n10223344556677")
    assert mail.outcome is Outcome.UNREAD


@pytest.mark.parametrize(
    ("url", "carrier", "number"),
    [
        (f"https://www.ups.com/mobile/details/{UPS}/en", "ups", UPS),
        ("https://www.canadapost-postescanada.ca/x/7543896287397907", "canada-post", "7543896287397907"),
        ("https://www.canadapost-postescanada.ca/x/7543896287397901", "canada-post", None),
        ("https://www.fedex.com/news/628285323871", "fedex", None),
        (f"https://click.example.org/{UPS}", "ups", None),
        (f"https://www.ups.com.example.org/{UPS}", "ups", None),
    ],
)
def test_a_number_of_the_carriers_shape_in_a_link_to_its_pages(url: str, carrier: str, number: str | None) -> None:
    assert shaped_in_link(url, carrier) == number


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://www.fedex.com/apps/fedextrack/?TrackingNumber=628285323871", ("fedex", "628285323871")),
        (
            "https://www.canadapost-postescanada.ca/track-reperage/en#/details/7543896287397907",
            ("canada-post", "7543896287397907"),
        ),
        (
            "https://my.dhlecommerce.nl/home/tracktrace/JVGL06123456001234567/1234AB",
            ("dhl-ecommerce-nl", "JVGL06123456001234567"),
        ),
        (f"https://tracking.dpd.de/parcelstatus?query={DPD}&locale=de_DE", ("dpd", DPD)),
        (
            "https://www.post.at/sv/sendungsdetails?snr=1030512345678901234567",
            ("austrian-post", "1030512345678901234567"),
        ),
    ],
)
def test_more_forms_of_links(url: str, linked: tuple[str, str]) -> None:
    assert read_link(url) == linked


def test_an_account_beside_a_sure_number_is_no_parcel() -> None:
    body = "Ihre Warenpost ist unterwegs.\n00340434161094022115\nVertragskonto\n12345678901234"
    fact = only(reading("DHL <a@dhl.de>", "News about your parcel", body))
    assert fact.tracking == "00340434161094022115"


def test_numbers_of_one_length_alone_on_their_lines_are_all_parcels() -> None:
    found = reading("DPD <a@service.dpd.de>", "Ihre Pakete sind unterwegs", f"{DPD}\n05308817263550").facts
    assert [fact.tracking for fact in found] == [DPD, "05308817263550"]


GLS = "GLS <no-reply@gls-pakete.de>"


@pytest.mark.parametrize(
    "body",
    [
        "Track-ID: ZK7QV2M4\nPaketnummer: 59317264028",
        "Track-ID: ZK7QV2M4 / Paketnummer: 59317264028",
    ],
)
def test_two_numbers_of_one_parcel_stand_behind_different_labels(body: str) -> None:
    fact = only(reading(GLS, "Dein Paket kommt heute!", body))
    assert (fact.tracking, fact.also) == ("ZK7QV2M4", (Number("59317264028", Role.TRACKING),))


@pytest.mark.parametrize(
    "body",
    [
        "Paketnummer: ZK7QV2M4\nPaketnummer: 59317264028",
        "Track-ID: 59317264029\nPaketnummer: 59317264028",
        "Track-ID: ZK7QV2M4\nPaketnummer: 59317264028\nPaketnummer: 59317264029",
    ],
)
def test_numbers_behind_one_label_or_alike_are_parcels(body: str) -> None:
    assert len(reading(GLS, "Deine Pakete kommen heute!", body).facts) > 1


@pytest.mark.parametrize(
    ("sender", "body", "number"),
    [
        ("GLS <a@gls-hungary.com>", "A 01234567890 számú csomagját ma kézbesítjük.", "01234567890"),
        ("DPD <a@dpd.cz>", "Vaše zásilka č. 13875012345678 bude dnes doručena.", "13875012345678"),
        ("NACEX <a@nacex.es>", "Su envío con número 2801/12345678 será entregado hoy.", "2801/12345678"),
        ("Evri <a@evri.com>", "4812 3456 7890 1234\nTracking number", "4812345678901234"),
        ("Yamato <a@kuronekoyamato.co.jp>", "送り状番号：1234-5678-9012", "1234-5678-9012"),
    ],
)
def test_numbers_stand_by_their_label_as_each_language_has_it(sender: str, body: str, number: str) -> None:
    assert only(reading(sender, "?", body)).tracking == number
