"""Mails that imitate a retailer are set aside with a reason; mail that merely mentions one is not (row C5, C8)."""

from __future__ import annotations

import pytest

from inboxtrack.imitation import one_letter_apart, resembles, skeleton
from inboxtrack.model import Outcome
from inboxtrack.reader import Context, read
from tests.trust_mail import google, mail

NEWS = "Order 8200000000000001: order shipped"


def reading(sender: str, subject: str = NEWS, *more: tuple[str, str]):
    raw = google(f"dmarc=pass header.from={sender.rpartition('@')[2].strip('>')}", *more, sender=sender)
    return read(raw.replace(NEWS.encode(), subject.encode()), Context())


@pytest.mark.parametrize(
    "sender",
    [
        "AliExpress <transaction@aliexpress.com.parcel-info.example>",
        "AliExpress <transaction@aIiexpress.com>",
        "AliExpress <transaction@a1iexpress.com>",
        "x <transaction@aliexpres.com>",
        "x <transaction@aliexpresss.com>",
        "x <transaction@alixepress.com>",
        "x <transaction@aliexpress-delivery.com>",
        "x <transaction@aliexpress.top>",
        "x <transaction@aliexpress.track.example>",
        "x <transaction@xn--liexpress-zyh.com>",
        "AliExpress <news@parcel.example>",
        "ALIEXPRESS Support <news@parcel.example>",
        "A1iExpress <news@parcel.example>",
        "AlіExpress <news@parcel.example>",
        '"transaction@notice.aliexpress.com" <news@parcel.example>',
        "transaction@notice.aliexpress.com <news@parcel.example>",
        "Hismile <orders@hismileteeth.shop>",
        "TikTok Shop <orders@parcel.example>",
    ],
)
def test_an_imitation_is_quarantined_and_named(sender: str) -> None:
    """covers: C5, C8"""
    found = reading(sender)
    assert found.outcome is Outcome.QUARANTINED, found
    assert found.imitates in ("aliexpress", "hismile", "tiktok_shop")
    assert found.reason.startswith("somebody imitates ")
    assert found.facts == ()


def test_a_borrowed_reply_address_is_an_imitation() -> None:
    """covers: C8"""
    found = reading("Service <a@parcel.example>", NEWS, ("Reply-To", "transaction@notice.aliexpress.com"))
    assert (found.outcome, found.imitates) == (Outcome.QUARANTINED, "aliexpress")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("A friend <friend@mail.example>", "Did your AliExpress order 8200000000000001 come?"),
        ("Deals on AliExpress <news@blog.example>", "Order 8200000000000001"),
        ("AliExpress Fans <news@blog.example>", "This week's best finds"),
        ("Expressions <a@express.example>", NEWS),
        ("GLS <a@gls-elsewhere.example>", "Your parcel 8200000000000001 is on its way"),
        ("DHL Freight <a@dhl-freight.example>", "Shipment 8200000000000001"),
        ("AliExpress <ab12_aliexpress@duck.com>", NEWS),
        ("Reseller <a@my-ali.example>", NEWS),
    ],
)
def test_who_only_mentions_a_shop_is_left_alone(sender: str, subject: str) -> None:
    assert reading(sender, subject).outcome is Outcome.FOREIGN


def test_mail_that_fails_its_check_is_quarantined_as_an_imitation() -> None:
    """covers: C8"""
    found = read(google("dmarc=fail header.from=notice.aliexpress.com"), Context())
    assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, "aliexpress", ())


def test_a_users_setting_refuses_or_believes_unconfirmed_mail() -> None:
    assert read(mail(), Context(unverified="refuse")).outcome is Outcome.QUARANTINED
    believed = read(mail(), Context(unverified="believe"))
    assert (believed.trust, believed.outcome) == ("verified", Outcome.READ)
    assert "your settings believe it" in believed.trust_reason
    marked = read(mail(), Context())
    assert {fact.trust for fact in marked.facts} == {"unverified"}


def test_other_countries_of_a_carrier_are_not_taken_for_imitations() -> None:
    assert not resembles("dpd.com.pl", "dpd.com", by_name=False)
    assert not resembles("gls-spain.com", "gls-group.eu", by_name=False)
    assert not resembles("fedex.de", "fedex.com", by_name=False)
    assert resembles("usps.com-trackvvrg.top", "usps.com", by_name=False)
    assert resembles("fedex.com.evil.example", "fedex.com", by_name=False)


def test_what_looks_alike_has_one_skeleton() -> None:
    assert skeleton("Ａlіехргеss") == skeleton("alIexpress".lower())
    assert skeleton("xn--80ak6aa92e") == "apple"
    assert one_letter_apart("abcd", "abdc")
    assert not one_letter_apart("abcd", "abcd")
    assert not one_letter_apart("abcd", "badc")
