"""Shopify's stock mails in languages whose words nobody has confirmed yet: what they say, and what is still to come."""

from __future__ import annotations

import pytest

from inboxtrack.reader import Context, read
from tests.recipe_mail import mail

SHOP = "Toprak <store+4411002299@t.shopifyemail.com>"


def fact_of(subject: str, cell: str, label: str = "") -> tuple[str | None, str | None, str]:
    body = f'<span class="order-number__text">{cell} #T-8812</span><p>{label}</p>'
    (fact,) = read(mail(SHOP, subject, body, html=True), Context()).facts
    return fact.order, fact.tracking, fact.stage


@pytest.mark.parametrize(
    ("subject", "cell", "label", "stage"),
    [
        ("#T-8812 numaralı siparişinize ait bir gönderi yolda", "Sipariş", "Takip numarası: {}", "shipped"),
        ("주문 #T-8812의 배송이 시작되었습니다", "주문", "CJ대한통운 운송장 번호: {}", "shipped"),
        ("订单 #T-8812 的货件正在运输途中", "订单", "物流追踪号: {}", "shipped"),
        ("訂單 #T-8812 的貨件已出貨", "訂單", "追蹤編號：{}", "shipped"),
        ("A #T-8812 rendelésből egy szállítmány úton van", "Rendelés", "GLS nyomkövetési szám: {}", "shipped"),
        ("O livrare din comanda #T-8812 este pe drum", "Comanda", "Număr de urmărire Cargus: {}", "shipped"),
        (
            "Μια αποστολή από την παραγγελία #T-8812 είναι καθ’ οδόν",
            "Παραγγελία",
            "Αριθμός παρακολούθησης: {}",
            "shipped",
        ),
        ("Zásielka z objednávky #T-8812 je na ceste", "Objednávka", "Sledovacie číslo: {}", "shipped"),
        ("Zásielka z objednávky #T-8812 bola doručená", "Objednávka", "Sledovacie číslo: {}", "delivered"),
        ("订单 #T-8812 的货件已送达", "订单", "运单号: {}", "delivered"),
    ],
)
def test_a_stock_mail_is_read(subject: str, cell: str, label: str, stage: str) -> None:
    assert fact_of(subject, cell, label.format("520990476911")) == ("T-8812", "520990476911", stage)


@pytest.mark.parametrize(
    ("subject", "cell"),
    [
        ("Siparişiniz #T-8812 kargoya teslim edildi", "Sipariş"),
        ("주문 #T-8812 배송 완료 예정", "주문"),
        ("订单 #T-8812 的货件已送达配送站", "订单"),
        ("A #T-8812 rendelés holnap kézbesítve lesz", "Rendelés"),
        ("Comanda #T-8812 nu a fost livrată", "Comanda"),
        ("Comanda #T-8812 a fost livrată curierului", "Comanda"),
        ("Η παραγγελία #T-8812 δεν παραδόθηκε", "Παραγγελία"),
        ("Objednávka #T-8812 ešte nebola doručená", "Objednávka"),
        ("Objednávka #T-8812 bola doručená na depo", "Objednávka"),
    ],
)
def test_what_is_still_to_come_or_was_handed_on_is_not_delivered(subject: str, cell: str) -> None:
    assert fact_of(subject, cell)[2] != "delivered"


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("Ordine #T-8812 confermato", ("Visualizza il tuo ordine", "o Visita il nostro negozio")),
        ("Bestelling #T-8812 bevestigd", ("Bekijk je bestelling", "of Bezoek onze winkel")),
        ("Encomenda #T-8812 confirmada", ("Ver a sua encomenda", "ou Visite a nossa loja")),
        ("Pedido #T-8812 confirmado", ("Informações do cliente", "ou Acesse nossa loja")),
        ("Ordre #T-8812 bekræftet", ("Se din ordre", "eller Besøg vores butik")),
        ("Order #T-8812 bekräftad", ("Visa din order", "eller Besök vår butik")),
        ("Zamówienie #T-8812 zostało potwierdzone", ("Wyświetl zamówienie", "lub Odwiedź nasz sklep")),
        ("ご注文 #T-8812 が確定しました", ("注文を表示する", "またはショップにアクセスする")),
    ],
)
def test_a_mail_without_any_mark_of_its_html_is_known_by_shopifys_words(subject: str, lines: tuple[str, ...]) -> None:
    own = "Toprak <merhaba@toprak.example>"
    (fact,) = read(mail(own, subject, "\n".join(("Toprak", *lines, "1 x 2"))), Context()).facts
    assert (fact.order, fact.stage) == ("T-8812", "placed")
    for line in lines:
        assert read(mail(own, subject, f"Toprak\n{line}\n"), Context()).facts == ()
