"""The check digits of carriers' numbers: `CHECKS[name](number) -> bool` for normalised numbers (upper case, no blanks).

Every function answers False for numbers of another shape. The rules of Evri, Correos and SF were inferred from public
numbers; the others are published by the carriers, GS1, ISO 7064 or the UPU.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import cycle

_ALPHABET_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def _weighted(digits: Iterable[int], weights: Iterable[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _ints(text: str) -> list[int]:
    return [int(char) for char in text]


def gs1_digit(digits: str) -> int:
    """The GS1 mod 10 check digit of the digits before it: weights 3, 1, 3, 1 from the right."""
    return -_weighted(reversed(_ints(digits)), cycle((3, 1))) % 10


def gs1(number: str) -> bool:
    """GS1 mod 10 over the whole number (Canada Post 16, FedEx Ground 15, USPS, Hermes)."""
    return number.isdecimal() and int(number[-1]) == gs1_digit(number[:-1])


def luhn(number: str) -> bool:
    """ISO 7812 Luhn (Purolator)."""
    if not number.isdecimal():
        return False
    doubled = [digit * weight for digit, weight in zip(reversed(_ints(number)), cycle((1, 2)), strict=False)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def mod7(number: str) -> bool:
    """The last digit is the rest of the others modulo 7 (DHL Express, Aramex)."""
    return re.fullmatch(r"[0-9]{2,40}", number) is not None and int(number[:-1]) % 7 == int(number[-1])


def s10_digit(digits: str) -> int:
    """The UPU S10 check digit of eight digits."""
    return {10: 0, 11: 5}.get(check := 11 - _weighted(_ints(digits), _S10_WEIGHTS) % 11, check)


def s10(number: str) -> bool:
    """UPU S10: two letters, eight digits, check digit, two letters."""
    found = re.fullmatch(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}", number)
    return found is not None and s10_digit(found[1]) == int(found[2])


def _ups_values(text: str) -> list[int]:
    return [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in text]


def ups_digit(text: str) -> int:
    """The UPS check digit of the characters before it: weights 1, 2, 1, 2 from the left."""
    return -_weighted(_ups_values(text), cycle((1, 2))) % 10


def ups(number: str) -> bool:
    """1Z, fifteen characters, check digit. Fifteen equal characters are a placeholder, not a number."""
    found = re.fullmatch(r"1Z([0-9A-Z]{15})([0-9])", number)
    return found is not None and len(set(found[1])) > 1 and ups_digit(found[1]) == int(found[2])


def ups_waybill(number: str) -> bool:
    """A letter, nine digits, check digit over the digits."""
    found = re.fullmatch(r"[AHJKTV]([0-9]{9})([0-9])", number)
    return found is not None and ups_digit(found[1]) == int(found[2])


def ontrac(number: str) -> bool:
    """C or D, thirteen digits, UPS check digit over all fourteen."""
    return re.fullmatch(r"[CD][0-9]{14}", number) is not None and ups_digit(number[:14]) == int(number[-1])


def fedex12(number: str) -> bool:
    """Weights 1, 3, 7 from the right over all but the last digit; modulo 11, modulo 10."""
    if not number.isdecimal():
        return False
    return _weighted(reversed(_ints(number[:-1])), cycle((1, 3, 7))) % 11 % 10 == int(number[-1])


def fedex34(number: str) -> bool:
    """The FedEx 12 rule over digits 21 to 34."""
    return len(number) == 34 and number.isdecimal() and fedex12(number[20:])


def fedex96(number: str) -> bool:
    """96 and twenty digits, of which the last fifteen carry a GS1 check digit."""
    return re.fullmatch(r"96[0-9]{20}", number) is not None and gs1(number[-15:])


def _iso7064(digits: str, check: str) -> bool:
    carry = 36
    for digit in digits:
        carry = ((carry + int(digit)) % 36 or 36) * 2 % 37
    return (37 - carry) % 36 == _ALPHABET_36.index(check)


def dpd(number: str) -> bool:
    """ISO 7064 MOD 37,36 over fourteen digits (DPD, La Poste 87 and 88)."""
    return re.fullmatch(r"[0-9]{14}[0-9A-Z]", number) is not None and _iso7064(number[:14], number[14])


def dpd28(number: str) -> bool:
    """ISO 7064 MOD 37,36 over twenty-seven digits."""
    return re.fullmatch(r"[0-9]{27}[0-9A-Z]", number) is not None and _iso7064(number[:27], number[27])


def evri(number: str) -> bool:
    """H or T, five characters, ten digits: UPS letter values with weights 2, 1."""
    if not re.fullmatch(r"[HT][0-9A-Z]{5}[0-9]{10}", number):
        return False
    return _weighted(_ups_values(number[:15]), cycle((2, 1))) % 10 == int(number[-1])


def gls(number: str) -> bool:
    """Twelve digits: GS1 with one added to the sum."""
    return re.fullmatch(r"[0-9]{12}", number) is not None and (gs1_digit(number[:11]) - 1) % 10 == int(number[-1])


def colissimo(number: str) -> bool:
    """Two characters, then eleven digits with a GS1 check digit."""
    return re.fullmatch(r"[0-9A-Z]{2}[0-9]{11}", number) is not None and gs1(number[2:])


def correos_es(number: str) -> bool:
    """The last letter is the Spanish identity letter of the sum of the other characters' codes."""
    return number.isalnum() and _SPANISH_LETTERS[sum(map(ord, number[:-1])) % 23] == number[-1]


def sf(number: str) -> bool:
    """Twelve digits, or the thirteen after SF: without the first three, products with 1, 3, 5 from the right."""
    found = re.fullmatch(r"(?:SF[0-9]{3}(?=[0-9]{10}$)|[0-9]{3}(?=[0-9]{9}$))([0-9]+)([0-9])", number)
    if not found:
        return False
    products = [digit * weight for digit, weight in zip(reversed(_ints(found[1])), range(1, 18, 2), strict=False)]
    return -sum(value // 10 + value % 10 for value in products) % 10 == int(found[2])


def usps_pic(number: str) -> bool:
    """22 or 26 digits with GS1, possibly behind 420 and a five or nine digit ZIP of which exactly one split fits."""
    if not number.isdecimal():
        return False
    if number.startswith("420") and len(number) >= 30:
        return usps_package(number) is not None
    return len(number) in (22, 26) and gs1(number)


def usps_package(number: str) -> str | None:
    """The package's own number behind 420 and the ZIP; None where no split or more than one fits."""
    tails = (number[8:], number[12:])
    fits = [tail for tail in tails if len(tail) in (22, 26) and re.match("9[1-5]", tail) and gs1(tail)]
    return fits[0] if len(fits) == 1 else None


def usps20(number: str) -> bool:
    """Twenty digits: GS1 as they are, or with the older service code 91 in front."""
    return len(number) == 20 and (gs1(number) or gs1("91" + number))


def sscc(number: str) -> bool:
    """00 and an SSCC of eighteen digits with a GS1 check digit."""
    return re.fullmatch(r"00[0-9]{18}", number) is not None and gs1(number)


def hermes(number: str) -> bool:
    """Fourteen digits with a GS1 check digit (Hermes Germany)."""
    return len(number) == 14 and gs1(number)


def tnt(number: str) -> bool:
    """Nine digits: modulo 7, or the S10 rule."""
    if not re.fullmatch(r"[0-9]{9}", number):
        return False
    return mod7(number) or s10_digit(number[:8]) == int(number[-1])


def auspost_eparcel(number: str) -> bool:
    """Every letter becomes the last digit of its ASCII code, then GS1."""
    return number.isalnum() and number.isascii() and gs1(re.sub("[A-Z]", lambda m: str(ord(m[0]) % 10), number))


CHECKS: dict[str, Callable[[str], bool]] = {
    rule.__name__: rule
    for rule in (
        gs1, luhn, mod7, s10, ups, ups_waybill, ontrac, fedex12, fedex34, fedex96, dpd, dpd28, evri, gls, colissimo,
        correos_es, sf, usps_pic, usps20, sscc, hermes, tnt, auspost_eparcel,
    )
}  # fmt: skip
