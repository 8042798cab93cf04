"""Carriers' mails beyond the golden fixtures: who sends, which number, what only might happen, what is quoted."""

from __future__ import annotations

from email.header import Header

import pytest

from inboxtrack.extractors.carriers import SENDERS, domains, sending_carrier
from inboxtrack.mail.message import parse
from inboxtrack.model import Fact, Flag, Number, Outcome, Reading, Role, Stage
from inboxtrack.reader import Context, read
from inboxtrack.tracking.carriers import carrier

UPS = "1Z999AA10123456784"


def raw(sender: str, subject: str, body: str, *, kind: str = "plain") -> bytes:
    head = f"From: {sender}\nSubject: {Header(subject, 'utf-8').encode()}\nDate: Mon, 02 Mar 2026 10:00:00 +0000\n"
    return f"{head}Message-ID: <1@x.example>\nContent-Type: text/{kind}; charset=utf-8\n\n{body}\n".encode()


def reading(sender: str, subject: str, body: str = "", **kind: str) -> Reading:
    return read(raw(sender, subject, body, **kind), Context())


def only(result: Reading) -> Fact:
    assert result.outcome is Outcome.READ, result.reason
    (fact,) = result.facts
    return fact


@pytest.mark.parametrize(
    ("sender", "key"),
    [
        ("UPS <mcinfo@ups.com>", "ups"),
        ("USPS <x@email.informeddelivery.usps.com>", "usps"),
        ("DHL <noreply@dhl.de>", "dhl-de"),
        ("DHL <NoReply.ODD@dhl.com>", "dhl-express"),
        ("DHL <noreply@dhlparcel.nl>", "dhl-ecommerce-nl"),
        ("Hermes <x@paketankuendigung.myhermes.de>", "hermes-de"),
        ("Hermes <x@myhermes.co.uk>", "evri"),
        ('"Kurier InPost (via Poczta Allegro)" <powiadomienia@allegromail.pl>', "inpost"),
        ("BRT <noreply@brt.it>", "brt"),
        ("SEUR <info@seur.com>", "seur"),
        ("DPD <noreply@dpd.cz>", "dpd"),
        ("GLS <noreply@gls-slovakia.com>", "gls"),
        ("DHL <powiadomienia@dhl.pl>", "dhl-ecommerce"),
        ("Yamato <mail@kuronekoyamato.co.jp>", "yamato"),
        ("Omniva <noreply@omniva.ee>", "omniva"),
        ("Lampy Nocne <powiadomienia@allegromail.pl>", None),
        ("UPS <x@ups.com.example.org>", None),
        ("UPS <x@notups.com>", None),
        ("UPS <x@gmail.com>", None),
    ],
)
def test_the_sender_is_the_carrier(sender: str, key: str | None) -> None:
    mail = parse(raw(sender, "Your parcel", f"https://www.ups.com/track?tracknum={UPS}"))
    owner = sending_carrier(mail)
    assert (owner.key if owner else None) == key


def test_only_the_carriers_own_domains_speak_for_it() -> None:
    assert domains(parse(raw("DHL <noreply@dhl.de>", "x", ""))) == ("dhl.de", "deutschepost.de")
    assert domains(parse(raw("UPS <mcinfo@ups.com>", "x", ""))) == ("ups.com",)
    assert domains(parse(raw("InPost <powiadomienia@allegromail.pl>", "x", ""))) == ("allegromail.pl",)


def test_every_sender_belongs_to_a_carrier_of_the_table() -> None:
    assert len(SENDERS) >= 100
    for domain in SENDERS:
        owner = sending_carrier(parse(raw(f"InPost <x@{domain}>", "x", "")))
        assert owner
        assert carrier(owner.key) is owner


def test_a_mail_without_sender_is_a_carriers_only_if_all_its_links_are() -> None:
    own = b"\nYour parcel has been delivered.\nhttps://www.ups.com/track?tracknum=1Z999AA10123456784\n"
    assert read(own, Context()).extractor == "carriers"
    shop = own + b"https://shop.example/orders/1\n"
    assert read(shop, Context()).outcome is Outcome.FOREIGN


@pytest.mark.parametrize(
    ("sender", "subject", "body", "stage"),
    [
        ("UPS <mcinfo@ups.com>", "UPS Update: Follow Your Delivery on a Live Map", "", Stage.OUT_FOR_DELIVERY),
        ("UPS <mcinfo@ups.com>", "UPS Update: Package Scheduled for Delivery Tomorrow", "", Stage.IN_TRANSIT),
        ("UPS <mcinfo@ups.com>", "UPS Zustellbenachrichtigung", "", Stage.DELIVERED),
        ("UPS <mcinfo@ups.com>", "Your package", "It has been damaged.", Stage.EXCEPTION),
        ("UPS <mcinfo@ups.com>", "Your package", "It is being returned to the sender.", Stage.RETURNING),
        ("UPS <mcinfo@ups.com>", "Your package", "The shipment has been cancelled.", Stage.CANCELLED),
        ("UPS <mcinfo@ups.com>", "Your package", "We tried to deliver it when you were out.", Stage.ATTEMPT_FAILED),
        ("UPS <mcinfo@ups.com>", "Your package", "We write once it has been delivered.", Stage.UPDATE),
        ("UPS <mcinfo@ups.com>", "Your package", "If it was delivered, rate us. It is on its way.", Stage.IN_TRANSIT),
        ("UPS <mcinfo@ups.com>", "Your package", "Ordered\nShipped\nDelivered", Stage.UPDATE),
    ],
)
def test_steps(sender: str, subject: str, body: str, stage: Stage) -> None:
    fact = only(reading(sender, subject, f"{body}\nTracking Number: {UPS}"))
    assert fact.stage is stage
    assert fact.tracking == UPS
    assert fact.retailer is None
    assert fact.order is None


def test_customs_payment_asks_for_action() -> None:
    fact = only(reading("DHL <noreply@dhl.com>", "Duties and taxes are due", "Waybill: 5500142056"))
    assert fact.stage is Stage.IN_TRANSIT
    assert fact.flags == {Flag.CUSTOMS, Flag.ACTION_REQUIRED}
    assert fact.reason == "customs_payment"


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (f"Tracking Number: {UPS}", UPS),
        (f"Tracking Number\n{UPS}", UPS),
        ("Tracking Number: 1Z 999 AA1 01 2345 6784", UPS),
        (f"https://www.ups.com/track?loc=en&tracknum={UPS}", UPS),
        (f"https://www.google.com/url?q=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D{UPS}", UPS),
        (f"Tracking Number: {UPS}\nOrder number: 4711081512\nPhone: 1 800 742 5877", UPS),
        (UPS, UPS),
        ("Tracking Number: 1Z999AA10123456785", "1Z999AA10123456785"),
        ("Tracking Number: 9400111206206406260787", "9400111206206406260787"),
    ],
)
def test_the_number_is_found_where_it_stands(body: str, number: str) -> None:
    assert only(reading("UPS <mcinfo@ups.com>", "Your package was delivered", body)).tracking == number


@pytest.mark.parametrize(
    "body",
    ["", "Tracking Number: 1ZXXXXXXXXXXXXXXXX", "Delivery date: 2026-03-02", "Call 1-800-742-5877", "Tracking: N/A"],
)
def test_news_without_a_number_is_unread(body: str) -> None:
    assert reading("UPS <mcinfo@ups.com>", "Your package was delivered", body).outcome is Outcome.UNREAD


@pytest.mark.parametrize("subject", ["Save 20% on shipping supplies", "How did we do?", "Your verification code"])
def test_advertising_and_account_mail_is_ignored(subject: str) -> None:
    assert reading("UPS <mcinfo@ups.com>", subject, "Hello!").outcome is Outcome.IGNORED


def test_a_shops_number_is_a_reference_and_no_order() -> None:
    fact = only(
        reading(
            "GLS <no-reply@gls-spain.com>",
            "En reparto",
            "Tu pedido 315000000000000417 con Nº de seguimiento GLS 1402275518",
        )
    )
    assert fact.tracking == "1402275518"
    assert fact.order is None
    assert fact.also == (Number("315000000000000417", Role.REFERENCE),)
    assert [number.value for number in fact.numbers()] == ["1402275518"]


def test_several_parcels_of_one_mail() -> None:
    body = (
        "Tracking Number: 1Z999AA10123456784\nTracking Number: 1Z5R89390357567127\nTracking Number: 1Z999AA10123456784"
    )
    result = reading("UPS <mcinfo@ups.com>", "Your packages were delivered", body)
    assert [fact.tracking for fact in result.facts] == ["1Z999AA10123456784", "1Z5R89390357567127"]


def test_every_told_field_has_its_evidence() -> None:
    body = f"Scheduled delivery: Tuesday, March 3, 2026\nTracking Number: {UPS}\nOrder number: 4711081512"
    fact = only(reading("UPS <mcinfo@ups.com>", "Your package is on its way", body))
    assert {said.field for said in fact.evidence} == {"tracking", "carrier", "stage", "eta", "also"}


def test_what_a_mail_without_number_ends_as() -> None:
    labelled = reading("UPS <pkginfo@ups.com>", "UPS: nytt", "Tracking Number:\n")
    vague = reading("DPD <noreply@service.dpd.de>", "Neuigkeiten zu deinem Paket", "Bitte öffne die App.")
    chatter = reading("UPS <pkginfo@ups.com>", "UPS: nytt", "Hej!")
    assert [r.outcome for r in (labelled, vague, chatter)] == [Outcome.UNREAD, Outcome.UNREAD, Outcome.IGNORED]


def test_one_mail_gives_at_most_fifty_parcels() -> None:
    links = "\n".join(f"https://www.ups.com/track?tracknum=1Z999AA1012345{n:04}" for n in range(500))
    assert len(reading("UPS <mcinfo@ups.com>", "Your packages were delivered", links).facts) == 50


def test_the_number_of_the_carrier_that_brings_it_is_the_parcels_last_mile() -> None:
    body = f"Tracking Number: {UPS}\nPostal Service Tracking ID: 9400111206206406260787"
    fact = only(reading("UPS <mcinfo@ups.com>", "Your package is on its way", body))
    assert fact.also == (Number("9400111206206406260787", Role.LAST_MILE),)
    two = reading(
        "UPS <mcinfo@ups.com>", "Your packages are on their way", f"{body}\nTracking Number: 1Z5R89390357567127"
    )
    assert [(f.tracking, f.also) for f in two.facts] == [(UPS, ()), ("1Z5R89390357567127", ())]


@pytest.mark.parametrize("line", ["08001234567", "12345678", "2026021009"])
def test_digits_alone_on_a_line_are_no_parcel(line: str) -> None:
    assert reading("GLS <no-reply@gls-pakete.de>", "Dein Paket kommt heute", f"Hallo\n{line}").outcome is Outcome.UNREAD
