"""Whether a shop system's mail names its sender, by what people call themselves."""

from __future__ import annotations

import pytest

from inboxtrack.mail.message import Mail, parse
from inboxtrack.reading.own_name import unnamed


def mail(sender: str, text: str) -> Mail:
    return parse(f"From: {sender}\r\nSubject: Order #1042 confirmed\r\n\r\n{text}\r\n".encode())


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        ("Harbour & Pine Inc. <hello@hp-goods.example>", "Harbour and Pine, 3 Quay Road"),
        ("Support at Oat <help@oatmeal-co.example>", "Questions? Write to us. Oat, 1 Mill Street"),
        ("Mia from Saltwind <mia@sw.example>", "xo, Mia"),
        ("NÖRD <info@n-design.example>", "Dein NOERD Team"),
        ("Mueller Soehne <info@ms.example>", "Müller & Söhne, Bonn"),
        ("Müller <info@ms.example>", "Muller, Bern"),
        ("Bjork Shop <hei@b-oslo.example>", "Bjørk, Oslo"),
        ("Smørrebrød <hej@s-kbh.example>", "Smoerrebroed, Kopenhagen"),
        ("A.P.C. <noreply@a-paris.example>", "APC Paris"),
        ("JB <noreply@jb-store.example>", "J.B. Store"),
        ("🌵 Cactus & Co 🌵 <hi@cc.example>", "Love, the Cactus crew"),
        ("noreply <noreply@saltwind.example>", "© 2026 Saltwind"),
        ("Saltwind <noreply@em1234.swmail.example>", "S A L T W I N D"),
        ("土と火 <hello@tsuchi.example>", "土と火のご注文"),
        ("Go <hi@g-x.example>", "Go! Thank you."),
        ("Delivery <hi@parcelworks.example>", "Your Parcelworks order"),
        ("Online Shop <a@b.example>", "Saltwind Pottery"),
    ],
)
def test_a_name_is_found_as_people_write_it(sender: str, text: str) -> None:
    """The last one has no name that could be looked for."""
    assert unnamed(mail(sender, text)) is None


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        ("Go <hi@g-x.example>", "Saltwind Pottery, going strong"),
        ("Mia <hi@m-x.example>", "Saltwind Pottery, Miami"),
        ("Home Decor <hi@zzqq.example>", "Saltwind Pottery, delivered to your home"),
        ("Best Price Online <hi@zzqq.example>", "Saltwind Pottery. Best regards"),
        ("Track Your Parcel <hi@zzqq.example>", "Saltwind Pottery: your parcel, track it here"),
        ("Delivery <hi@parcel-center.example>", "Saltwind Pottery: out for delivery"),
        ("Versand GmbH <hi@zzqq.example>", "Salzwind GmbH: dein Versand"),
        ("Lumen Lamps <hi@lumenlamps.example>", "Saltwind Pottery"),
    ],
)
def test_words_of_any_shop_name_none(sender: str, text: str) -> None:
    assert "nowhere does it name" in (unnamed(mail(sender, text)) or "")


def test_what_is_missing_of_a_mail_may_have_named_it() -> None:
    raw = b"From: Lumen <hi@lumen.example>\r\nSubject: Order #1042 confirmed\r\n\r\nSaltwind\r\n"
    assert unnamed(parse(raw, truncated=True)) is None
