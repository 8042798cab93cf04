"""Amounts of money as they are printed: `US $12.34`, `1.234,50 €`, `₱217.43`, `$25.00 AUD`, `zł 39,99`."""

from __future__ import annotations

import re
from decimal import Decimal

from inboxtrack.model import Money

_CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|KRW|KZT|MAD|MXN|MYR|"
    "NGN|NOK|NZD|PEN|PHP|PKR|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|UYU|VND|ZAR"
)
_SYMBOLS = {
    "€": "EUR", "£": "GBP", "₩": "KRW", "₱": "PHP", "₹": "INR", "₪": "ILS", "₺": "TRY", "₴": "UAH", "₽": "RUB",
    "₫": "VND", "฿": "THB", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON", "US$": "USD", "AU$": "AUD",
    "A$": "AUD", "CA$": "CAD", "C$": "CAD", "NZ$": "NZD", "R$": "BRL", "MX$": "MXN", "HK$": "HKD", "S$": "SGD",
    "SG$": "SGD", "NT$": "TWD", "RM": "MYR", "Rp": "IDR",
}  # fmt: skip
_SIGN = "|".join([r"US\s?\$", _CODES, *sorted(map(re.escape, (*_SYMBOLS, "$")), key=len, reverse=True)])
_AMOUNT = r"\d{1,3}(?:[ .,'\u2019]\d{3})+(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_MONEY = re.compile(
    rf"(?<![\w$])(?P<before>{_SIGN})\s?(?P<amount>{_AMOUNT})(?![\d])(?:\s?(?P<code>{_CODES})\b)?"
    rf"|(?<![\w.,])(?P<amount2>{_AMOUNT})\s?(?P<after>{_SIGN})(?![A-Za-z])"
)


def find_money(text: str, dollar: str | None = None) -> Money | None:
    """The first amount of a text. A bare `$` without a code counts as `dollar`, and is nothing when that is None."""
    for hit in _MONEY.finditer(text[:5_000]):
        currency = currency_of(hit["code"] or hit["before"] or hit["after"], dollar)
        if currency:
            return Money(amount_of(hit["amount"] or hit["amount2"]), currency)
    return None


def currency_of(sign: str, dollar: str | None) -> str | None:
    """The ISO 4217 code of a sign or code as printed."""
    sign = re.sub(r"\s", "", sign)
    return dollar if sign == "$" else _SYMBOLS.get(sign, sign)


def amount_of(text: str) -> Decimal:
    """Digits with any separators -> a number. The last separator is the decimal one if one or two digits follow it."""
    whole, fraction = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", text).groups()  # type: ignore[union-attr]  # matches any
    return (
        Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{fraction or '0'}") if fraction else Decimal(re.sub(r"\D", "", whole))
    )
