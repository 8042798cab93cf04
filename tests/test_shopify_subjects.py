"""Subjects as shops word them themselves, with Shopify's marks around the mail: the step, and what is still to come."""

from __future__ import annotations

import pytest

from inboxtrack.model import Stage
from inboxtrack.reader import Context, read
from tests.recipe_mail import mail

SHOP = "Kuusi <store+4411002299@t.shopifyemail.com>"

SUBJECTS = {
    Stage.SHIPPED: (
        "We've shipped your order #1001",
        "Your order #1001 just shipped",
        "Shipped! Order #1001",
        "Order #1001 shipped",
        "Order #1001 has left our warehouse",
        "Your order #1001 is heading your way",
        "Order #1001 is headed your way",
        "Good things are coming your way (order #1001)",
        "Order #1001 dispatched",
        "Your order #1001 is now dispatched",
        "Your order #1001 has been sent",
        "Dispatch confirmation for order #1001",
        "Your parcel #1001 has been posted",
        "Order #1001 is en route",
        "Your items from order #1001 are on the move",
        "Deine Bestellung #1001 ist auf dem Weg",
        "Deine Bestellung #1001 ist auf dem Weg zu dir",
        "Deine Bestellung #1001 wurde versendet",
        "Wir haben deine Bestellung #1001 verschickt",
        "Dein Paket ist unterwegs (#1001)",
        "Bestellung #1001 versendet",
        "Bestellung #1001 versandt",
        "Deine Bestellung #1001 hat unser Lager verlassen",
        "Versandmitteilung zu Bestellung #1001",
        "Votre commande #1001 est partie",
        "Votre commande #1001 a quitté notre entrepôt",
        "Commande #1001 expédiée",
        "Votre colis est en route (#1001)",
        "Nous avons expédié votre commande #1001",
        "Hemos enviado tu pedido #1001",
        "Tu pedido #1001 va de camino",
        "Tu pedido #1001 está de camino",
        "Pedido #1001 enviado",
        "Abbiamo spedito il tuo ordine #1001",
        "Ordine #1001 spedito",
        "Il tuo ordine #1001 è partito",
        "Il tuo ordine #1001 è in viaggio",
        "We hebben je bestelling #1001 verzonden",
        "Je bestelling #1001 is verstuurd",
        "Bestelling #1001 verzonden",
        "Enviamos seu pedido #1001",
        "Seu pedido #1001 foi despachado",
        "Vi har sendt din ordre #1001",
        "Vi har skickat din order #1001",
        "Wysłaliśmy Twoje zamówienie #1001",
    ),
    Stage.PLACED: (
        "Order #1001 received",
        "We have received your order #1001",
        "Yay! Order #1001 is confirmed",
        "Order acknowledgement #1001",
        "Thanks for your purchase! #1001",
        "Your purchase is confirmed #1001",
        "Auftragsbestätigung #1001",
        "Wir haben deine Bestellung #1001 erhalten",
        "Deine Bestellung #1001 ist bei uns eingegangen",
        "Nous avons bien reçu votre commande #1001",
        "Votre commande #1001 est enregistrée",
        "Récapitulatif de votre commande #1001",
        "Hemos recibido tu pedido #1001",
        "Tu pedido #1001 está confirmado",
        "Abbiamo ricevuto il tuo ordine #1001",
        "We hebben je bestelling #1001 ontvangen",
        "Recebemos seu pedido #1001",
        "Pedido #1001 recebido",
        "Vi har modtaget din ordre #1001",
        "Vi har tagit emot din order #1001",
        "Otrzymaliśmy Twoje zamówienie #1001",
    ),
    Stage.PREPARING: (
        "We're packing your order #1001",
        "Your order #1001 is being packed",
        "Your order #1001 is ready to ship",
        "Your order #1001 is in production",
        "We've started making your order #1001",
        "Your order #1001 is almost ready to ship",
        "Deine Bestellung #1001 ist versandbereit",
        "Votre commande #1001 est prête à être expédiée",
    ),
    Stage.OUT_FOR_DELIVERY: (
        "Arriving today: order #1001",
        "Your order #1001 arrives today",
        "Your order #1001 will be delivered today",
        "Deine Bestellung #1001 kommt heute",
        "Votre commande #1001 arrive aujourd'hui",
        "Tu pedido #1001 llega hoy",
    ),
    Stage.DELIVERED: (
        "Your order #1001 was successfully delivered",
        "Order #1001 delivered",
        "Your package has arrived! #1001",
        "It's here! Order #1001",
        "Bestellung #1001 zugestellt",
        "Deine Bestellung #1001 wurde erfolgreich zugestellt",
        "Votre commande #1001 a bien été livrée",
        "Pedido #1001 entregado",
        "Ordine #1001 consegnato",
        "Bestelling #1001 bezorgd",
        "Pedido #1001 entregue",
    ),
    Stage.CANCELLED: (
        "Order #1001 cancelled",
        "Cancellation of your order #1001",
        "We've cancelled your order #1001",
        "Your order #1001 was voided",
        "Stornierung deiner Bestellung #1001",
        "Deine Bestellung #1001 wurde abgebrochen",
        "Annulation de la commande #1001",
        "Pedido #1001 cancelado",
        "Ordine #1001 annullato",
        "Bestelling #1001 geannuleerd",
    ),
    Stage.READY_FOR_PICKUP: (
        "Order #1001 is ready for collection",
        "Come and get it: order #1001 is ready to collect",
        "Deine Bestellung #1001 liegt zur Abholung bereit",
        "Deine Bestellung #1001 ist abholbereit",
    ),
}
AT_A_PICKUP_POINT = (
    "Your order #1001 was delivered to your pickup point",
    "Your order #1001 has been delivered to the parcel locker",
    "Deine Bestellung #1001 wurde an eine Packstation zugestellt",
    "Votre commande #1001 a été livrée en point relais",
    "Tu pedido #1001 ha sido entregado en el punto de recogida",
    "Il tuo ordine #1001 è stato consegnato al punto di ritiro",
    "Je bestelling #1001 is bezorgd bij een afhaalpunt",
    "Seu pedido #1001 foi entregue no ponto de retirada",
    "Objednávka #1001 byla doručena na výdejní místo",
    "Din order #1001 har levererats till ombudet",
    "Din ordre #1001 er leveret til pakkeshop",
)
NOT_YET = (
    "Tu pedido #1001 ha sido entregado a la agencia",
    "Your order #1001 will be on its way soon",
    "Your order #1001 will soon be heading your way",
    "Your order #1001 has not shipped yet",
    "Your order #1001 will be shipped tomorrow",
    "Your order #1001 ships soon",
    "Order #1001 has been sent to our workshop",
    "Why your order #1001 hasn't shipped",
    "Deine Bestellung #1001 wird morgen versendet",
    "Wir haben deine Bestellung #1001 noch nicht verschickt",
    "Deine Bestellung #1001 ist bald auf dem Weg",
    "Votre commande #1001 sera expédiée demain",
    "Tu pedido #1001 será enviado mañana",
    "Je bestelling #1001 wordt morgen verstuurd",
)


def stage_of(subject: str) -> Stage:
    (fact,) = read(mail(SHOP, subject, "<p>Hello Mira</p>", html=True), Context()).facts
    assert fact.order == "1001"
    return fact.stage


@pytest.mark.parametrize(
    ("subject", "stage"), [(subject, stage) for stage, all_ in SUBJECTS.items() for subject in all_]
)
def test_a_step_in_a_shops_own_words(subject: str, stage: Stage) -> None:
    assert stage_of(subject) is stage


@pytest.mark.parametrize("subject", AT_A_PICKUP_POINT)
def test_what_was_delivered_to_a_pickup_point_is_to_be_fetched(subject: str) -> None:
    assert stage_of(subject) is Stage.READY_FOR_PICKUP


@pytest.mark.parametrize("subject", NOT_YET)
def test_what_is_still_to_come_is_no_shipment(subject: str) -> None:
    assert stage_of(subject) in (Stage.UPDATE, Stage.PREPARING)
