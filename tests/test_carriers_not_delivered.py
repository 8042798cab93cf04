"""What only sounds like a delivery: it is to come, might be, or was handed to somebody on the way."""

from __future__ import annotations

import pytest

from inboxtrack.model import Flag, Stage
from tests.test_carriers import UPS, only, reading

SENDER = "UPS <mcinfo@ups.com>"

NOT_DELIVERED = [
    "Your package was delivered to our facility in Springfield.",
    "Your package was delivered to the carrier.",
    "It should have been delivered yesterday.",
    "A signature is required before it is delivered.",
    "You asked us to leave it with a neighbour.",
    "Choose to have it left with a neighbor.",
    "Get a note when it is delivered.",
    "Ihr Paket wurde im Paketzentrum abgegeben.",
    "Ihr Paket wurde vom Absender in der Filiale abgegeben.",
    "Sie haben gewählt: Zustellung am Ablageort.",
    "Votre colis a été remis au transporteur.",
    "Votre colis a été déposé par l'expéditeur.",
    "Votre colis doit être livré demain.",
    "Su envío ha sido entregado a nuestro operador.",
    "Su envío está pendiente de ser entregado.",
    "Objeto entregue aos Correios.",
    "Paczka została dostarczona do oddziału.",
    "Paczka została odebrana przez kuriera od nadawcy.",
    "Je pakket is afgeleverd bij het sorteercentrum.",
    "Je pakket kan bij de buren worden bezorgd.",
    "Paketet har lämnats in av avsändaren.",
    "Pakken er leveret til sorteringscentralen.",
]

DELIVERED = [
    "Your package was delivered to the front desk.",
    "Your package was delivered by our courier.",
    "We left it with your neighbour.",
    "Wir haben Ihr Paket heute um 11:32 Uhr zugestellt.",
    "Wir haben Ihre Sendung an Ihrem Ablageort hinterlegt.",
    "Votre colis a été livré par notre transporteur.",
    "Su envío ha sido entregado a las 11:12.",
    "Paczka została doręczona przez kuriera.",
    "Je pakket is bij de buren bezorgd.",
    "Paketet har levererats av transportören.",
    "Ditt paket är utlämnat.",
]


@pytest.mark.parametrize("sentence", NOT_DELIVERED)
def test_what_only_sounds_like_a_delivery_is_none(sentence: str) -> None:
    for subject, body in (("Your package", sentence), (sentence, "")):
        fact = only(reading(SENDER, subject, f"{body}\nTracking Number: {UPS}"))
        assert fact.stage is not Stage.DELIVERED


@pytest.mark.parametrize("sentence", DELIVERED)
def test_a_delivery_is_told_as_one(sentence: str) -> None:
    assert only(reading(SENDER, "Your package", f"{sentence}\nTracking Number: {UPS}")).stage is Stage.DELIVERED


@pytest.mark.parametrize(
    "sentence",
    [
        "Last reminder: your parcel will be returned to sender if not collected by Friday",
        "Ihr Paket wird zurückgesendet, wenn Sie es nicht abholen.",
        "Collect by 20 March or it will be returned to sender.",
        "After 18 days your parcel will be returned to the sender.",
        "Ihre Sendung wird nach 7 Tagen an den Absender zurückgesendet.",
    ],
)
def test_a_return_that_is_only_threatened_is_none(sentence: str) -> None:
    for subject, body in (("Your package", sentence), (sentence, "")):
        fact = only(reading(SENDER, subject, f"{body}\nTracking Number: {UPS}"))
        assert (fact.stage, fact.flags) == (Stage.UPDATE, {Flag.ACTION_REQUIRED})


@pytest.mark.parametrize(
    "sentence",
    [
        "Your parcel will be returned to sender.",
        "One of your parcels will be returned to the sender.",
        "It is being returned to the sender. If you need help, ask us.",
    ],
)
def test_a_return_is_told_as_one(sentence: str) -> None:
    assert only(reading(SENDER, "Your package", f"{sentence}\nTracking Number: {UPS}")).stage is Stage.RETURNING


def test_a_day_of_no_delivery_is_not_expected() -> None:
    fact = only(reading(SENDER, "Your package", f"Your parcel was not delivered today.\nTracking Number: {UPS}"))
    assert (fact.stage, fact.eta) == (Stage.ATTEMPT_FAILED, None)


ADVICE = [
    "Beware of fraudulent e-mails that ask you to pay import charges.",
    "Achtung: Betrüger fordern per E-Mail Zollgebühren.",
    "Attention aux e-mails frauduleux demandant de payer des frais de douane.",
    "Last year we delivered your parcels with 30% less CO2.",
    "Our depot handled 2 million parcels, and 98% were delivered on time.",
    "Did you know that you can collect your parcel from a locker near you?",
    "Need to send a parcel? Get it delivered tomorrow.",
    "Black Friday: shop by 4 March and get it delivered by 6 March.",
    "Delivery attempts are made Monday to Saturday.",
    "Download the app to change your delivery day.",
    "Your opinion matters: was your last parcel delivered on time?",
]


@pytest.mark.parametrize("advice", ADVICE)
def test_advice_tells_neither_step_nor_day(advice: str) -> None:
    fact = only(reading(SENDER, "Your delivery update", f"{advice}\n\nTracking number: {UPS}"))
    assert (fact.stage, fact.flags, fact.eta) == (Stage.UPDATE, frozenset(), None)


def test_a_threat_hides_no_step() -> None:
    threat = "Your parcel will be returned to the sender if you don't collect it within 7 days."
    fact = only(
        reading(SENDER, "Your delivery update", f"{threat}\n\nCollection code: 471123\n\nTracking number: {UPS}")
    )
    assert fact.stage is Stage.READY_FOR_PICKUP
