"""AliExpress: every known subject, and the traps of its mails."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from inboxtrack.model import Coverage, Fact, Flag, Outcome, Reading, Role
from inboxtrack.reader import Context, read

ORDER, OTHER = "8211447793310042", "8211447793320042"
TRACK = f'<a href="https://www.aliexpress.com/p/tracking/index.html?_login=yes&amp;tradeOrderId={ORDER}">Track</a>'
PROGRESS = "<table><tr><td>Confirmed</td><td>Shipped</td><td>Delivered</td><td>Zugestellt</td></tr></table>"


def reading(subject: str, body: str = TRACK, sender: str = "transaction@notice.aliexpress.com") -> Reading:
    words = base64.b64encode(subject.encode()).decode()
    head = f"From: AliExpress <{sender}>\r\nSubject: =?utf-8?b?{words}?=\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\n"
    head += "Content-Type: text/html; charset=utf-8\r\n\r\n"
    return read((head + f"<html><body>{body}{PROGRESS}</body></html>").encode(), Context())


def only(subject: str, body: str = TRACK) -> Fact:
    (fact,) = reading(subject, body).facts
    return fact


ORDER_STEPS = [
    ("Order {n}: order confirmed", "placed"),
    ("Order {n}: ready to ship", "preparing"),
    ("Order {n}: order shipped", "shipped"),
    ("Order {n} has been sent!", "shipped"),
    ("Order {n}: collected by the carrier", "in_transit"),
    ("Order {n}: package in transit", "in_transit"),
    ("Order {n}: in your country/region", "in_transit"),
    ("Order {n}: at delivery center", "in_transit"),
    ("Order {n}: delivery update", "update"),
    ("Order {n}: view details", "update"),
    ("Order {n}: Awaiting delivery", "update"),
    ("Order {n}: awaiting confirmation", "update"),
    ("Your order {n} is closed", "closed"),
    ("Bestellung {n}: Bestellauftrag bestätigt", "placed"),
    ("Bestellung {n}: Bestellbestätigung", "placed"),
    ("Bestellung {n}: Versandbereit", "preparing"),
    ("Bestellung {n} wurde versandt", "shipped"),
    ("Bestellung {n}: Bestellung versandt", "shipped"),
    ("Bestellung {n}: Vom Kurier abgeholt", "in_transit"),
    ("Bestellung {n}: Paket im Transit", "in_transit"),
    ("Bestellung {n}: In Ihrem Land / Ihrer Region angekommen", "in_transit"),
    ("Bestellung {n}: Neuer Lieferstatus", "update"),
    ("Bestellung {n}: auf Bestätigung wird gewartet", "update"),
    ("Bestellung {n}: Wird zugestellt", "out_for_delivery"),
    ("Pedido {n}: pedido confirmado", "placed"),
    ("Pedido {n}: pedido enviado", "shipped"),
    ("Pedido {n}: pendiente de confirmación", "update"),
    ("Commande {n} : commande confirmée", "placed"),
    ("Commande {n} : commande expédiée", "shipped"),
    ("Confirmation d'expédition de votre commande {n}", "shipped"),
    ("Zamówienie {n}: zamówienie potwierdzone", "placed"),
    ("Zamówienie {n}: zamówienie wysłane", "shipped"),
    ("Zamówienie {n}: zamówienie zakończone", "closed"),
    ("Заказ {n}: заказ отправлен", "shipped"),
    ("{n} numaralı sipariş: sipariş onaylandı", "placed"),
    ("Comandă {n}: comandă expediată", "update"),
]
PARCEL_STEPS = [
    ("Package {p}: left the departure region", "in_transit"),
    ("Package {p}: at customs", "in_transit"),
    ("Package {p} has cleared customs", "in_transit"),
    ("Package {p}: in your country/region", "in_transit"),
    ("Package {p}: in local transit", "in_transit"),
    ("Package {p}: with local carrier", "in_transit"),
    ("Package {p} is out for delivery", "out_for_delivery"),
    ("AliExpress - Package {p} is ready for pickup", "ready_for_pickup"),
    ("AliExpress - Delivery issue for package {p}", "exception"),
    ("Package {p} has been delivered", "delivered"),
    ("Package {p} has an update", "update"),
    ("Packstück {p} hat die Abflugregion verlassen", "in_transit"),
    ("Packstück {p}: beim Zoll", "in_transit"),
    ("Zollabfertigung für {p} wurde beendet", "in_transit"),
    ("Packstück {p}: mit lokalem Kurier", "in_transit"),
    ("Packstück {p}: Vom Kurier abgeholt", "in_transit"),
    ("Packstück {p} hat eine Aktualisierung", "update"),
    ("Paket {p} wurde zugestellt", "delivered"),
    ("Paquete {p}: salió de la región de origen", "in_transit"),
    ("Paquete {p}: en aduanas", "in_transit"),
    ("El paquete {p} ha pasado la aduana", "in_transit"),
    ("Paquete {p}: en tu país/región", "in_transit"),
    ("El paquete {p} está en el centro de distribución", "in_transit"),
    ("Paquete {p}: con transportista local", "in_transit"),
    ("Paquete {p} entregado", "delivered"),
    ("Actualización del paquete {p}", "update"),
    ("Package {p}: pedido enviado", "shipped"),
    ("운송장 번호 {p}: 배송 완료", "delivered"),
    ("운송장 번호 {p}: 배송 중단", "exception"),
    ("Package {p}: delivered to pickup point", "ready_for_pickup"),
    ("Packstück {p}: an Packstation zugestellt", "ready_for_pickup"),
    ("Paquete {p} entregado en punto de recogida", "ready_for_pickup"),
    ("Colis {p} livré en point relais", "ready_for_pickup"),
    ("Pacco {p} consegnato al punto di ritiro", "ready_for_pickup"),
    ("Pakket {p} bezorgd bij afhaalpunt", "ready_for_pickup"),
    ("Посылка {p}: на таможне", "in_transit"),
    ("Coletul {p}: la vamă", "update"),
]
PARCELS = ["AP00917730045528", "315990141453520077", "00340999888877776663", "H9990012205544871163", "LR990041725NL",
           "PKBXEG0499999010108552K", "JY26KWB0D000771034", "RS1300705226Y", "520990476911"]  # fmt: skip


@pytest.mark.parametrize(("subject", "stage"), ORDER_STEPS)
def test_order_mail(subject: str, stage: str) -> None:
    fact = only(subject.format(n=ORDER))
    assert (fact.order, fact.tracking, fact.stage) == (ORDER, None, stage)


@pytest.mark.parametrize(
    ("subject", "body", "refund"),
    [
        ("Refund approved for order {n}", "<p>Refund amount: US $12.34</p>", ("promised", "12.34")),
        ("Your refund for order {n} has been processed", "<p>Refund amount</p><p>€ 7,99</p>", ("full", "7.99")),
        (
            "Order {n}: refund issued",
            "<p>Order total: US $30.00</p><p>Refund amount: US $12.00</p>",
            ("partial", "12.00"),
        ),
        ("Order {n}: partial refund", "<p>We refunded US $3.10 to your card.</p>", ("partial", "3.10")),
        ("Bestellung {n}: Rückerstattung abgeschlossen", "<p>Erstattungsbetrag: 5,20 €</p>", ("full", "5.20")),
        ("Pedido {n}: reembolso en proceso", "<p>Importe del reembolso: 9,00 €</p>", ("promised", "9.00")),
        ("Order {n}: refund completed", "<p>To your original payment method</p>", ("full", None)),
        ("The dispute for order {n} has been closed", "", None),
        ("Your refund request for order {n} was canceled", "", None),
        ("Litige de la commande {n} clôturé", "", None),
    ],
)
def test_a_refund_stands_beside_the_step(subject: str, body: str, refund: tuple[str, str | None] | None) -> None:
    fact = only(subject.format(n=ORDER), body + TRACK)
    amount = fact.refund and fact.refund.amount and str(fact.refund.amount.amount)
    assert (fact.refund and (fact.refund.state, amount)) == refund
    assert (fact.order, fact.stage) == (ORDER, "update")


@pytest.mark.parametrize(("subject", "stage"), PARCEL_STEPS)
def test_parcel_mail_names_its_order_only_in_the_link(subject: str, stage: str) -> None:
    for parcel in PARCELS:
        fact = only(subject.format(p=parcel))
        assert (fact.order, fact.tracking, fact.stage) == (ORDER, parcel, stage)


@pytest.mark.parametrize(
    "subject",
    [
        "Your dispute 10023990012345678 for order {n} has been closed",
        "Refund 2088990012341234 for order {n} has been processed",
        "Dispute #10023990012345678, Order: {n}",
    ],
)
def test_a_dispute_and_a_refund_have_numbers_of_their_own(subject: str) -> None:
    fact = only(subject.format(n=ORDER))
    assert (fact.order, fact.tracking, fact.stage) == (ORDER, None, "update")


def test_parcel_of_sixteen_digits_is_no_order() -> None:
    fact = only("Package 7035110099417733: at customs")
    assert (fact.order, fact.tracking) == (ORDER, "7035110099417733")
    assert reading("Package 7035110099417733: at customs", "").facts[0].order is None


@pytest.mark.parametrize("between", [",", "%2C", "%2c"])
def test_one_parcel_with_several_orders(between: str) -> None:
    link = (
        f'<a href="https://www.aliexpress.com/ssr/300002636/x?businessCode=ug&amp;o_ids={ORDER}{between}{OTHER}">x</a>'
    )
    facts = reading("Packstück LR990041725NL: In Ihrem Land / Ihrer Region", link).facts
    assert [(fact.order, fact.tracking) for fact in facts] == [(ORDER, "LR990041725NL"), (OTHER, "LR990041725NL")]


@pytest.mark.parametrize(
    "wrapper",
    [
        "https://eur01.safelinks.protection.outlook.com/?url={}&amp;data=05%7C01",
        "https://secure-web.cisco.com/1aBc-x/{}",
        "https://www.google.com/url?q={}&amp;sa=D",
    ],
)
def test_links_that_a_gateway_wrapped_name_their_orders(wrapper: str) -> None:
    inner = quote(f"https://www.aliexpress.com/p/tracking/index.html?tradeOrderId={ORDER}", safe="")
    fact = only("Package LR990041725NL: at customs", f'<a href="{wrapper.format(inner)}">Track</a>')
    assert (fact.order, fact.tracking) == (ORDER, "LR990041725NL")


PAGE = "https://www.aliexpress.com/p/tracking/index.html?tradeOrderId={}&amp;trackingNumber={}"


def test_a_digests_card_may_end_with_its_link() -> None:
    card = '<div><p>{}</p><p>Lamp...</p><a href="{}">Track</a></div>'
    steps = (("In local transit", ORDER, "LR990041725NL"), ("Package delivered", OTHER, "RS1300705226Y"))
    cards = "".join(card.format(step, PAGE.format(order, parcel)) for step, order, parcel in steps)
    facts = reading("Your 2 packages have delivery updates", f"<p>News inside</p>{cards}").facts
    assert [(f.order, f.tracking, f.stage, f.items[0].title) for f in facts] == [
        (ORDER, "LR990041725NL", "in_transit", "Lamp..."),
        (OTHER, "RS1300705226Y", "delivered", "Lamp..."),
    ]


def test_a_digests_parcel_may_hold_several_orders() -> None:
    third = "8211447793330042"
    cards = "".join(
        f'<a href="{PAGE.format(orders, parcel)}"><p>At customs</p><p>Lamp...</p></a>'
        for orders, parcel in ((f"{ORDER}%2C{OTHER}", "LR990041725NL"), (third, "RS1300705226Y"))
    )
    facts = reading("Your 2 packages have delivery updates", cards).facts
    assert [(fact.order, fact.tracking) for fact in facts] == [
        (ORDER, "LR990041725NL"),
        (OTHER, "LR990041725NL"),
        (third, "RS1300705226Y"),
    ]


def test_a_digest_of_one_parcel_says_its_step() -> None:
    card = f'<a href="{PAGE.format(ORDER, "LR990041725NL")}"><p>In global transit</p><p>Lamp...</p></a>'
    fact = only("Your package has news", card)
    assert (fact.order, fact.tracking, fact.stage) == (ORDER, "LR990041725NL", "in_transit")


def test_a_subject_may_name_the_order_and_its_parcel() -> None:
    fact = only(f"Order {ORDER}: package LR990041725NL in transit")
    assert (fact.order, fact.tracking, fact.stage) == (ORDER, "LR990041725NL", "in_transit")


def test_product_links_and_links_elsewhere_name_no_order() -> None:
    links = (
        '<a href="https://www.aliexpress.com/item/1005009900417731.html?orderId=1005009900417731">Item</a>'
        '<a href="https://parcel.example/x?tradeOrderId=8211447793399942">x</a>'
    )
    (fact,) = reading("Package LR990041725NL: at customs", links).facts
    assert (fact.order, fact.tracking) == (None, "LR990041725NL")


def test_progress_bar_is_no_step() -> None:
    fact = only(f"Order {ORDER}: something quite new")
    assert (fact.stage, fact.reason) == ("update", "unknown_step")


def test_without_a_number_it_is_unread() -> None:
    assert reading("Package delivered", "<p>Hi Kim,</p><p>Your package arrived.</p>").outcome is Outcome.UNREAD


def test_numbers_in_the_body_count_where_the_subject_has_none() -> None:
    body = f"<p>Hi Kim,</p><p>Your order {ORDER} has shipped.</p>"
    fact = only("Order shipped! See what's on the way", body)
    assert (fact.order, fact.stage) == (ORDER, "shipped")


@pytest.mark.parametrize(
    ("sentence", "stage"),
    [
        ("Ihre Bestellung wurde dem Versandunternehmen übergeben.", "shipped"),
        ("Ihre Bestellung kommt heute zu Ihnen.", "out_for_delivery"),
    ],
)
def test_wird_zugestellt_is_decided_by_the_body(sentence: str, stage: str) -> None:
    assert only(f"Bestellung {ORDER}: Wird zugestellt", f"<p>{sentence}</p>").stage == stage


def test_survey_is_a_delivery_only_with_its_sentence() -> None:
    subject = f"Order {ORDER}: how did it go?"
    assert only(subject, "<p>We have confirmed the delivery of your order.</p>").stage == "delivered"
    assert reading(subject, "<p>Tell us what you think.</p>").outcome is Outcome.IGNORED


def test_number_for_the_local_carrier_is_the_parcels_own() -> None:
    body = "<p>Ihre Sendungsverfolgungsnummer lautet H9990047710025638814. Kopieren Sie diesen Code.</p>"
    fact = only("Packstück AP00917730045528 hat eine Aktualisierung", TRACK + body)
    assert (fact.tracking, fact.tracking_role) == ("H9990047710025638814", Role.TRACKING)
    assert [(n.value, n.role) for n in fact.also] == [("AP00917730045528", Role.RETAILER_PARCEL)]


def test_index_glued_to_the_orders_of_a_list_is_cut() -> None:
    body = f"<p>Bestellung 1{ORDER}</p><p>Kabel...</p><p>Rot</p><p>x1</p><p>Bestellung 2{OTHER}</p>"
    facts = reading(f"2 Bestellungen wurden bestätigt: {ORDER} & weitere", body).facts
    assert [fact.order for fact in facts] == [ORDER, OTHER]
    assert [[item.title for item in fact.items] for fact in facts] == [["Kabel..."], []]


def test_partly_shipped_and_reminder_say_so() -> None:
    assert only(f"Bestellung {ORDER}: teilweise versandt").coverage is Coverage.SOME
    assert only(f"Order {ORDER}: awaiting confirmation").flags == {Flag.ACTION_REQUIRED}


@pytest.mark.parametrize(
    "sender", ["x@deals.aliexpress.com", "account@notice.aliexpress.com", "a@newarrival.aliexpress.com"]
)
def test_other_senders_are_ignored(sender: str) -> None:
    assert reading(f"Order {ORDER}: order shipped", sender=sender).outcome is Outcome.IGNORED
