"""Links: read by host and parameter, never by looks; pages built from the table alone."""

from __future__ import annotations

import json

import pytest

from inboxtrack.tracking.links import page, read_link, unwrap
from inboxtrack.tracking.numbers import canonical
from tests.conftest import ROOT

FORMATS = json.loads((ROOT / "tests/fixtures/numbers/formats.json").read_text("utf-8"))
UPS = "1Z999AA10123456784"
NO_NUMBER_IN_PAGE = {"china-post", "austrian-post", "correos-express", "yto"}
NOT_READ_BACK = NO_NUMBER_IN_PAGE | {"spx", "s10"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://www.ups.com/track?loc=en_US&tracknum={UPS}", ("ups", UPS)),
        (f"HTTPS://WWW.UPS.COM/track?tracknum={UPS.lower()}", ("ups", UPS)),
        (f"https://www.google.com/url?q=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D{UPS}&sa=D", ("ups", UPS)),
        (
            f"https://x.r.eu-west-1.awstrack.me/L0/https:%2F%2Fwww.ups.com%2Ftrack%3Ftracknum={UPS}/1/01-a/b=1",
            ("ups", UPS),
        ),
        (
            f"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D{UPS}",
            ("ups", UPS),
        ),
        ("https://tracking.dpd.de/status/de_DE/parcel/01550072841096", ("dpd", "01550072841096")),
        ("https://www.royalmail.com/track-your-item#/tracking-results/RB123456785GB", ("royal-mail", "RB123456785GB")),
        ("https://t.17track.net/en#nums=RB123456785GB", (None, "RB123456785GB")),
        ("https://parcelsapp.com/en/tracking/LP00123456789012", (None, "LP00123456789012")),
        (f"https://www.narvar.com/brand/tracking/ups?tracking_numbers={UPS}", ("ups", UPS)),
        (f"https://shop.example/apps/parcelpanel?nums={UPS}", (None, UPS)),
        (f"https://evil.ups.com.example.org/track?tracknum={UPS}", None),
        (f"https://notups.com/track?tracknum={UPS}", None),
        (f"https://user@www.ups.com@example.org/track?tracknum={UPS}", None),
        ("https://www.ups.com/track?tracknum=", None),
        ("https://www.ups.com/track?tracknum=%3Cscript%3E", None),
        ("https://www.ups.com/privacy", None),
        (f"ftp://www.ups.com/track?tracknum={UPS}", None),
        (f"javascript://www.ups.com/track?tracknum={UPS}", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_read_link(url: str, expected: tuple[str | None, str] | None) -> None:
    assert read_link(url) == expected


@pytest.mark.parametrize(
    "wrapped",
    [
        "https://urldefense.com/v3/__https://www.ups.com/track?tracknum=1Z999AA10123456784__;!!aBc!x$",
        "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fwww.ups.com%2ftrack%3ftracknum%3d1Z999AA10123456784&c=E,1,x",
        "https://clicktime.symantec.com/3x?u=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D1Z999AA10123456784",
        "https://de.wis.trendmicro.com/wis/clicktime/v1/query?url=https%3a%2f%2fwww.ups.com%2ftrack%3ftracknum%3d1Z999AA10123456784&umid=1",
        "https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D1Z999AA10123456784",
        "https://secure-web.cisco.com/1aBc-x/https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D1Z999AA10123456784",
        "https://url.avanan.click/v2/___https://www.ups.com/track?tracknum=1Z999AA10123456784___.YXAz",
    ],
)
def test_a_link_that_a_mail_filter_wrapped_is_read(wrapped: str) -> None:
    assert read_link(wrapped) == ("ups", "1Z999AA10123456784")


def test_unwrapping_ends() -> None:
    url = "https://www.google.com/url?q=https%3A%2F%2Fwww.google.com%2Furl"
    assert unwrap(url).startswith("https://www.google.com/url")
    assert unwrap("https://shop.example/?q=https://www.ups.com") == "https://shop.example/?q=https://www.ups.com"


@pytest.mark.parametrize(("key", "number"), [(row["carrier"], number) for row in FORMATS for number in row["valid"]])
def test_page_of_every_valid_number_is_https_and_names_it(key: str, number: str) -> None:
    url = page(number, key)
    if key == "yto":
        assert url is None
        return
    assert url
    assert url.startswith("https://")
    assert key in NO_NUMBER_IN_PAGE or canonical(number) in url
    if key not in NOT_READ_BACK:
        assert read_link(url) == (key, canonical(number))


@pytest.mark.parametrize(
    ("number", "key", "home", "begins"),
    [
        ("00340434161094042557", "dhl-de", None, "https://www.dhl.de/en/"),
        ("00340434161094042557", "dhl-de", "FR", "https://www.dhl.de/en/"),
        ("00340434161094042557", "dhl-de", "DE", "https://www.dhl.de/de/"),
        ("00340434161094042557", "dhl-de", "AT", "https://www.dhl.de/de/"),
        ("01505012345678", "dpd", "DE", "https://tracking.dpd.de/status/de_DE/parcel/01505012345678"),
        ("01505012345678", "dpd", "NL", "https://www.dpdgroup.com/nl/"),
    ],
)
def test_people_at_home_get_the_page_in_their_language(number: str, key: str, home: str | None, begins: str) -> None:
    url = page(number, key, home)
    assert url is not None
    assert url.startswith(begins)
    assert read_link(url) == (key, number)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("1Z999AA10123456785", "ups"),
        (UPS, "fedex"),
        (UPS, None),
        (UPS, "nobody"),
        ('1Z999AA10123456784"><script>', "ups"),
        ("javascript:alert(1)", "dpd"),
        ("", "ups"),
    ],
)
def test_no_page_for_a_wrong_number_or_an_unknown_carrier(number: str, key: str | None) -> None:
    assert page(number, key) is None
