"""AliExpress in languages whose words nobody has confirmed yet: what they say, and what only sounds like it."""

from __future__ import annotations

import pytest

from inboxtrack.reader import Context, read
from tests.recipe_mail import mail

ORDER, PARCEL = "8211447700399942", "315990141453520077"
TRACK = f'<p><a href="https://www.aliexpress.com/p/tracking/index.html?tradeOrderId={ORDER}">Track</a></p>'
SENDER = "AliExpress <transaction@notice.aliexpress.com>"


def stage_of(subject: str) -> str:
    (fact,) = read(mail(SENDER, subject.format(p=PARCEL), TRACK, html=True), Context()).facts
    assert (fact.order, fact.tracking) == (ORDER, PARCEL)
    return fact.stage


@pytest.mark.parametrize(
    ("subject", "stage"),
    [
        ("荷物 {p}：通関手続き中", "in_transit"),
        ("荷物 {p} が配達されました", "delivered"),
        ("{p} numaralı paket teslim edildi", "delivered"),
        ("PAKET {p}: TESLİM EDİLDİ", "delivered"),
        ("Paket {p}: gümrükte", "in_transit"),
        ("Посылка {p} доставлена", "delivered"),
        ("Посылка {p} доставлена в пункт выдачи", "ready_for_pickup"),
        ("Посылка {p}: ждёт вас в пункте выдачи", "ready_for_pickup"),
        ("Посилку {p} доставлено", "delivered"),
        ("Zásilka {p} je na cestě k doručení", "out_for_delivery"),
        ("החבילה {p} נמסרה", "delivered"),
        ("تم تسليم الطرد {p}", "delivered"),
    ],
)
def test_a_step_is_read(subject: str, stage: str) -> None:
    assert stage_of(subject) == stage


@pytest.mark.parametrize(
    "subject",
    [
        "荷物 {p}：配達中に問題が発生しました",
        "Paket {p} kargoya teslim edildi",
        "Paket {p} teslim edilemedi",
        "Посылка {p} ещё не доставлена",
        "Посылка {p} будет доставлена завтра",
        "Посылка {p}: доставлена в сортировочный центр",
        "Посилку {p} доставлено до сортувального центру",
        "Посилку {p} не доставлено",
        "Zásilka {p} ještě nebyla doručena",
        "Zásilka {p} bude doručena",
        "החבילה {p} לא נמסרה",
        "החבילה {p} נמסרה לחברת השילוח",
        "تم تسليم الطرد {p} إلى شركة الشحن",
        "لم يتم تسليم الطرد {p}",
        "سيتم تسليم الطرد {p} غداً",
    ],
)
def test_what_is_still_to_come_or_was_handed_on_is_not_delivered(subject: str) -> None:
    assert stage_of(subject) not in ("delivered", "out_for_delivery")
