"""What a sentence of a carrier tells: what was, what is, what will be, and what is not so, in ten languages."""

from __future__ import annotations

import pytest

from inboxtrack.model import Stage
from tests.test_carriers import UPS, only, reading

SENDER = "UPS <mcinfo@ups.com>"

DELIVERED_TODAY = [
    "Your package was delivered today",
    "Your parcel was delivered today at 11:04",
    "We delivered your parcel today",
    "Your item was delivered earlier today",
    "Ihr Paket wurde heute zugestellt",
    "Ihr Paket wurde heute um 11:04 Uhr zugestellt",
    "Heute um 11:04 Uhr wurde Ihr Paket zugestellt",
    "Wir haben Ihr Paket heute zugestellt",
    "Ihr Paket wurde heute bei Ihrem Nachbarn abgegeben",
    "Votre colis a été livré aujourd'hui",
    "Votre colis a été livré ce jour à 11h04",
    "Tu envío ha sido entregado hoy",
    "Hoy hemos entregado tu envío",
    "Il tuo pacco è stato consegnato oggi",
    "Je pakket is vandaag bezorgd",
    "We hebben je pakket vandaag bezorgd",
    "Twoja paczka została dzisiaj doręczona",
    "Dziś doręczyliśmy Twoją paczkę",
    "A sua encomenda foi entregue hoje",
    "Din pakke blev leveret i dag",
    "Ditt paket levererades idag",
    "Pakken ble levert i dag",
    "Pakettisi toimitettiin tänään",
    "Vaše zásilka byla dnes doručena",
    "Csomagját ma kézbesítettük",
]

IN_VAIN_TODAY = [
    "We tried to deliver your parcel today",
    "We attempted to deliver your package today",
    "We couldn't deliver your package today",
    "Your package could not be delivered today",
    "Wir konnten Ihr Paket heute nicht zustellen",
    "Ihr Paket konnte heute nicht zugestellt werden",
    "Leider haben wir Sie heute nicht angetroffen",
    "Nous n'avons pas pu livrer votre colis aujourd'hui",
    "Hoy no hemos podido entregar tu envío",
    "Oggi non siamo riusciti a consegnare il tuo pacco",
    "We konden je pakket vandaag niet bezorgen",
    "Dziś nie udało się doręczyć Twojej paczki",
    "Não foi possível entregar a sua encomenda hoje",
    "Ditt paket kunde inte levereras idag",
]

NOT_YET = [
    "Your package will not be delivered today",
    "Your package won't be delivered today as planned",
    "Ihr Paket wird heute leider nicht zugestellt",
    "Votre colis ne sera pas livré aujourd'hui",
    "Tu envío no será entregado hoy",
    "Il tuo pacco non sarà consegnato oggi",
    "Je pakket wordt vandaag niet bezorgd",
    "Twoja paczka nie zostanie dziś doręczona",
    "A sua encomenda não será entregue hoje",
    "Your package has not been delivered yet",
    "Your parcel is not yet out for delivery",
    "Ihr Paket ist noch nicht zugestellt",
    "Your package is almost out for delivery",
    "Your parcel will soon be out for delivery",
    "Your delivery preferences were saved",
    "Your package will be delivered to a UPS Access Point",
    "Your parcel will be ready for collection tomorrow",
    "Ihr Paket wird morgen zur Abholung bereitliegen",
    "You'll be able to collect your parcel from Friday",
    "Your parcel has not been collected and will be returned to sender",
    "We've received your delivery instructions: leave in safe place",
    "Your request to redirect your parcel to a neighbour was received",
    "Ihre Ablagevereinbarung: Paket wird am Ablageort abgestellt",
    "Wir stellen Ihr Paket am Wunschort ab",
    "Sie möchten, dass Ihr Paket beim Nachbarn abgegeben wird",
    "Your parcel will be left with your neighbour",
    "Votre colis sera déposé en point relais",
    "Tu envío será depositado en el punto de recogida",
    "Uw pakket wordt bij de buren bezorgd",
    "Paczka zostanie umieszczona w Paczkomacie",
    "Paczka jest w drodze do Paczkomatu",
    "Please confirm that your package was delivered",
    "Thanks, your delivery has been rescheduled to Friday",
    "Your parcel was delivered to our depot",
    "Your parcel has been delivered to the sorting centre",
    "Ihr Paket wurde in das Zustelldepot geliefert",
    "Su envío ha sido entregado al transportista",
    "Votre colis a été remis au transporteur",
    "Your parcel was delivered to the carrier",
    "Uw pakket is afgeleverd bij ons sorteercentrum",
    "Przesyłka została dostarczona do sortowni",
]

ENDS = {Stage.DELIVERED, Stage.RETURNED}
HERE = {Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP}


def told(sentence: str, place: str) -> Stage:
    """The step of a mail that says a sentence in its subject, its text or its headline."""
    if place == "subject":
        return only(reading(SENDER, sentence, f"Tracking number: {UPS}")).stage
    kind, text = ("html", f"<h1>{sentence}</h1><p>Number: {UPS}</p>") if place == "headline" else ("plain", sentence)
    return only(reading(SENDER, "Your delivery update", f"{text}\n\nTracking number: {UPS}", kind=kind)).stage


@pytest.mark.parametrize("place", ["subject", "text", "headline"])
@pytest.mark.parametrize("sentence", DELIVERED_TODAY)
def test_what_was_delivered_today_is_delivered(sentence: str, place: str) -> None:
    assert told(sentence, place) is Stage.DELIVERED


@pytest.mark.parametrize("place", ["subject", "text", "headline"])
@pytest.mark.parametrize("sentence", IN_VAIN_TODAY)
def test_a_visit_in_vain_is_told_as_one(sentence: str, place: str) -> None:
    assert told(sentence, place) is Stage.ATTEMPT_FAILED


@pytest.mark.parametrize("place", ["subject", "text", "headline"])
@pytest.mark.parametrize("sentence", NOT_YET)
def test_what_is_to_come_or_denied_is_not_told_as_done(sentence: str, place: str) -> None:
    assert told(sentence, place) not in ENDS | HERE
