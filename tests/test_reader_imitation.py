"""Mails that imitate a retailer are set aside with a reason; mail that merely mentions one is not (row C5, C8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxtrack.extractors.recipe import load
from inboxtrack.model import ANOTHER_SHOP, Outcome, Trust
from inboxtrack.reader import Context, read
from inboxtrack.reader.imitation import one_letter_apart, resembles, skeleton
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
        "x <transaction@allexpress.com>",
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


@pytest.mark.parametrize("name", ["AliExpress", "Аliехрress Support", "TikTok Shop", "Hismile", "DHL Express", "UPS"])
def test_a_confirmed_shop_is_not_shown_under_a_known_name(name: str) -> None:
    """covers: C5. Anybody can open a shop on Shopify; a short order number is not enough to call it an imitation."""
    sender = f'"{name}" <store+9990001@t.shopifyemail.com>'
    body = '<span class="order-number__text">Order #1001</span><h2>Thank you for your purchase!</h2>'
    html = ("Content-Type", "text/html; charset=utf-8")
    raw = google("dmarc=pass header.from=t.shopifyemail.com", html, sender=sender, body=body)
    (fact,) = read(raw.replace(NEWS.encode(), b"Order #1001 confirmed"), Context()).facts
    assert (fact.retailer, fact.shop_name, fact.order) == ("shopify:9990001", None, "1001")


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
        ("Tracking Service <a@small-carrier.example>", "Your parcel 8200000000000001 is on its way"),
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


SHOPIFY = (
    b"Order #1042 confirmed. If you have any questions, reply to this email or contact us at %(contact)s.\r\n"
    b"View your order ( https://%(shop)s/70011223344/orders/0123456789abcdef0123456789abcdef/authenticate?key=x )\r\n"
)


def shopify_mail(sender: str, shop: str, contact: str = "the shop", **context: tuple[str, ...]):
    passed = f"dmarc=pass header.from={sender.rpartition('@')[2].strip('>')}"
    head = google(passed, sender=sender).replace(NEWS.encode(), b"Order #1042 confirmed").partition(b"\r\n\r\n")[0]
    body = SHOPIFY % {b"shop": shop.encode(), b"contact": contact.encode()}
    return read(head + b"\r\n\r\n" + body, Context(**context))


def test_a_mail_of_a_shop_from_somebody_else_is_set_aside() -> None:
    """covers: C5, C8"""
    found = shopify_mail("Kiln & Clay <news@elsewhere.example>", "kilnandclay.example")
    assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, ANOTHER_SHOP, ())
    assert found.reason.startswith("shopify: somebody imitates kilnandclay.example: ")
    assert found.reason.endswith("comes from elsewhere.example")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("Shop <news@elsewhere.example>", "Your Tin & Twine order is now complete"),
        ("Orders <a@xy.example>", "Your Tin & Twine order is now complete"),
        ("Bestellung <news@elsewhere.example>", "Deine Bestellung bei Süßwerk ist unterwegs"),
    ],
)
def test_a_shops_mail_that_nowhere_names_its_sender_is_set_aside(sender: str, subject: str) -> None:
    """covers: C5, C8. Whoever sends another shop's mail on as his own does not become that shop."""
    found = woocommerce_mail(sender, "", "", subject)
    assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, ANOTHER_SHOP, ())
    assert found.reason.startswith("woocommerce: it may be another shop's: nowhere does it name ")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("Tin & Twine <news@elsewhere.example>", "Your Tin &amp; Twine order is now complete"),
        ("TIN AND TWINE <news@elsewhere.example>", "Your Tin & Twine order is now complete"),
        ("Twine Support <news@elsewhere.example>", "Your Tin & Twine order is now complete"),
        ("orders@tinandtwine.example", "Your Tin & Twine order is now complete"),
        ("a@twine-goods.example", "Your Tin & Twine order is now complete"),
        ("Suesswerk <laden@xy.example>", "Deine Bestellung bei Suesswerk ist unterwegs"),
        ("Süßwerk <laden@xy.example>", "Deine Bestellung bei SÜSSWERK ist unterwegs"),
        ("星屋 <a@xy.example>", "星屋の注文 #1234"),
        ("a@tt.example", "Your TT order is now complete"),
        ("Shop <a@b.example>", "Your Tin & Twine order is now complete"),
    ],
)
def test_a_shop_is_named_as_people_write_it(sender: str, subject: str) -> None:
    """The last one has no name that could be looked for."""
    assert woocommerce_mail(sender, "", "", subject).outcome is Outcome.READ


def test_a_sender_that_the_user_knows_may_write_for_another_shop(tmp_path: Path) -> None:
    (tmp_path / "group.toml").write_text('extends = "shopify"\nsenders = ["elsewhere.example"]\n')
    found = shopify_mail("Kiln & Clay <news@elsewhere.example>", "kilnandclay.example", recipes=load(tmp_path))
    assert (found.outcome, found.trust) == (Outcome.READ, Trust.VERIFIED)
    other = shopify_mail("Kiln & Clay <news@third.example>", "kilnandclay.example", recipes=load(tmp_path))
    assert other.outcome is Outcome.QUARANTINED


def test_hismile_is_believed_to_nobody_else() -> None:
    """covers: C8"""
    found = shopify_mail("Shop <news@elsewhere.example>", "us.hismileteeth.com")
    assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, "hismile", ())


@pytest.mark.parametrize(
    ("sender", "shop", "contact"),
    [
        ("Kiln <orders@mail.kilnandclay.example>", "kilnandclay.example", "the shop"),
        ("Kiln <hello@kilnandclay.test>", "kilnandclay.example", "the shop"),
        ("Kiln <hello@kilnandclay-studio.example>", "kilnandclay.example", "the shop"),
        ("Kiln <hello@potters-group.example>", "kilnandclay.example", "hello@potters-group.example"),
        ("Kiln <hello@potters-group.example>", "kilnandclay.myshopify.com", "the shop"),
        ("Kiln <store+70011223344@t.shopifyemail.com>", "kilnandclay.example", "the shop"),
        ("Kiln <kilnandclay@gmail.com>", "kilnandclay.example", "the shop"),
        ("Kiln <hello_at_kilnandclay@simplelogin.com>", "kilnandclay.example", "the shop"),
        ("Kiln <support@kilnandclay.zendesk.com>", "kilnandclay.example", "the shop"),
        ("Kiln <kilnandclay@t-online.de>", "kilnandclay.example", "the shop"),
        ("Kiln <hello@kc-shop.example>", "kc.example", "the shop"),
    ],
)
def test_a_shop_may_mail_from_elsewhere_where_nothing_speaks_against_it(sender: str, shop: str, contact: str) -> None:
    assert shopify_mail(sender, shop, contact).outcome is Outcome.READ


WOOCOMMERCE = (
    '<div id="template_container"><div class="logo">%s</div><div id="body_content_inner">'
    "<p>We have finished processing your order.</p><h2>[Order #1234] (March 2, 2026)</h2>%s</div></div>"
)


def woocommerce_mail(sender: str, logo: str, link: str, subject: str = "Your Kiln order is now complete"):
    passed = f"dmarc=pass header.from={sender.rpartition('@')[2].strip('>')}"
    head = google(passed, sender=sender).replace(NEWS.encode(), subject.encode()).partition(b"\r\n\r\n")[0]
    body = WOOCOMMERCE % (logo and f'<a href="{logo}">.</a>', link and f'<a href="{link}">View</a>')
    return read(head + b"\r\nContent-Type: text/html\r\n\r\n" + body.encode(), Context())


@pytest.mark.parametrize(
    ("logo", "link"),
    [
        ("", "https://urldefense.com/v3/__https://kilnandclay.example/my-account/view-order/12/__;!!aBc$"),
        ("", "https://www.google.com/url?q=https://kilnandclay.example/my-account/&sa=D"),
        ("", "https://click.mailer.example/c?u=https://kilnandclay.example/my-account/"),
        ("", "https://click.mailer.example/kilnandclay.example/https://kilnandclay.example/my-account/"),
        ("https://woocommerce.com/", ""),
        ("https://www.trustpilot.com", ""),
    ],
)
def test_a_wrapped_link_or_a_services_logo_makes_no_shop_an_imitation(logo: str, link: str) -> None:
    found = woocommerce_mail("Kiln <orders@kilnandclay.example>", logo, link)
    assert {fact.retailer for fact in found.facts} == {"kilnandclay.example"}, found.reason


@pytest.mark.parametrize(
    "link",
    [
        "https://kilnandclay.example/my-account/view-order/12/",
        "https://kilnandclay.example/shop/en/my-account/",
        "https://urldefense.com/v3/__https://kilnandclay.example/my-account/__;!!aBc$",
    ],
)
def test_pages_of_one_shop_in_the_mail_of_another_are_seen_through_wrappers(link: str) -> None:
    found = woocommerce_mail("Kiln <news@elsewhere.example>", "", link)
    assert found.reason.startswith("woocommerce: somebody imitates kilnandclay.example: ")


@pytest.mark.parametrize("sender", ["Kiln <a@kiln.zendesk.com>", "Kiln <kiln@orange.fr>"])
def test_shops_behind_one_service_are_not_one_shop(sender: str) -> None:
    """Their pages tell them apart, and nothing proves them."""
    for shop in ("kilnandclay.example", "otherpots.example"):
        found = woocommerce_mail(sender, "", f"https://{shop}/my-account/")
        assert {(fact.retailer, fact.shop, fact.trust) for fact in found.facts} == {(shop, (), Trust.UNVERIFIED)}


def test_what_the_user_sends_on_is_read() -> None:
    mine = shopify_mail("Me <me@home.example>", "kilnandclay.example", own_addresses=("me@home.example",))
    assert mine.outcome is Outcome.READ


def test_another_shop_that_links_to_hismile_is_not_hismile() -> None:
    found = shopify_mail("Kiln <a@kilnandclay.example>", "kilnandclay.example", "https://hismileteeth.com/pages/help")
    assert {fact.retailer for fact in found.facts} == {"kilnandclay.example"}


def test_what_looks_alike_has_one_skeleton() -> None:
    assert skeleton("Ａlіехргеss") == skeleton("alIexpress".lower())
    assert skeleton("xn--80ak6aa92e") == "apple"
    assert one_letter_apart("abcd", "abdc")
    assert not one_letter_apart("abcd", "abcd")
    assert not one_letter_apart("abcd", "badc")
