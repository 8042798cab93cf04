"""Amounts in the ways mails print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxtrack.model import Money
from inboxtrack.reading.money import find_money

TOLD = [
    ("US $12.34", "12.34", "USD"),
    ("1.234,50 €", "1234.50", "EUR"),
    ("€1,234", "1234", "EUR"),
    ("€ 1,99x1", "1.99", "EUR"),
    ("Gesamtbetrag 1,99€", "1.99", "EUR"),
    ("₱217.43", "217.43", "PHP"),
    ("$25.00 AUD", "25.00", "AUD"),
    ("A$20", "20", "AUD"),
    ("39,99 zł", "39.99", "PLN"),
    ("R$ 1.234,56", "1234.56", "BRL"),
    ("CHF 1'234.50", "1234.50", "CHF"),
    ("£1,234.56", "1234.56", "GBP"),
    ("EUR 5", "5", "EUR"),
    ("12 items, total 5.00 EUR", "5.00", "EUR"),
]


@pytest.mark.parametrize(("text", "amount", "currency"), TOLD)
def test_amount_is_found(text: str, amount: str, currency: str) -> None:
    assert find_money(text) == Money(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["", "x1", "12345678", "$25.00", "Order 8211968327931234", "5 EURO-Paletten", "100%"])
def test_what_has_no_currency_is_nothing(text: str) -> None:
    assert find_money(text) is None


def test_a_bare_dollar_counts_as_the_shop_says() -> None:
    assert find_money("$25.00", dollar="AUD") == Money(Decimal("25.00"), "AUD")
    assert find_money("$25.00 USD", dollar="AUD") == Money(Decimal("25.00"), "USD")


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    money = find_money(text)
    assert money is None or money.amount >= 0
