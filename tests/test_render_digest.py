"""What the digest says: what needs a look first, every order, and how the mailboxes are."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from inboxtrack.model import DateRange, Flag, Money, Refund, RefundState, Stage
from inboxtrack.views import DigestView
from tests.samples import (
    ALL,
    HEALTHY,
    HISMILE,
    MAIL,
    NOW,
    PICKUP,
    PUSH,
    QUIET_DIGEST,
    SMS,
    TROUBLED_DIGEST,
    WRITE,
    order,
    parcel,
)

STALLED_LINE = (
    "! AliExpress 8203344556677802, Desk lamp with a very…: in transit, 1 of 2 delivered, no news since Fri, Feb 13;"
    " until Sun, Mar 8 you can open a dispute (check at AliExpress)"
)


def test_the_digest_says_what_needs_a_look_first_and_how_the_mailboxes_are() -> None:
    """covers: B11"""
    message = WRITE.digest(QUIET_DIGEST, PUSH, NOW)
    assert message.title == "5 open orders, 1 refund to come, 3 need you"
    assert message.body.splitlines() == [
        "! AliExpress 8203344556677801, USB-C cable 2 m: ready for pick-up (DHL)",
        "! TikTok Shop 577120099887766554: problem (Yodel)",
        STALLED_LINE,
        "Hismile AU7730412, V34 Colour Corrector… +1: out for delivery (Australia Post, expected today)",
        "Corner Books 1042: cancelled, refund promised €12.50",
        "Hismile AU7730999: shipped, unverified sender",
        "Hismile AU7730388: delivered (DPD)",
        "Mailboxes fine, read 06:55",
    ]


def test_a_parcel_that_waits_for_the_user_is_named_beside_a_slower_one() -> None:
    parcels = (parcel("RB440100215GB", Stage.READY_FOR_PICKUP, "Royal Mail"), parcel("RB440100229GB", Stage.SHIPPED))
    shown = order("hismile", "UK44", Stage.SHIPPED, 10, *parcels, flags=frozenset({Flag.ACTION_REQUIRED}))
    body = WRITE.digest(DigestView(orders=(shown,), mailboxes=HEALTHY), PUSH, NOW).body
    assert "! Hismile UK44: shipped, 2 parcels, 1 ready for pick-up (Royal Mail)" in body
    one = replace(shown, parcels=parcels[:1], stage=Stage.READY_FOR_PICKUP)
    assert "ready for pick-up, needs you" in WRITE.digest(DigestView(orders=(one,)), PUSH, NOW).body


def test_an_empty_digest_still_says_that_somebody_watches() -> None:
    """covers: B11: silence never hides a failure."""
    empty = WRITE.digest(DigestView(mailboxes=HEALTHY), PUSH, NOW)
    assert (empty.title, empty.body) == ("No open orders", "Mailboxes fine, read 06:55")
    unread = WRITE.digest(DigestView(mailboxes=(replace(HEALTHY[0], last_read=None),)), PUSH, NOW)
    assert unread.body == "No mailbox has been read yet"


def test_trouble_is_in_the_digest_of_every_style() -> None:
    """covers: B11"""
    for form in (PUSH, SMS, MAIL):
        message = WRITE.digest(TROUBLED_DIGEST, form, NOW)
        assert "! Mailbox work: the password was refused: set a new one (last read Tue 07:00)" in message.body
    assert "2 mails of shops could not be read" in WRITE.digest(TROUBLED_DIGEST, PUSH, NOW).body
    assert "The sign-in for Outlook ends Thu, Mar 12" in message.body


def test_a_mail_stays_under_what_providers_cut() -> None:
    many = tuple(replace(PICKUP, order=replace(PICKUP.order, number=f"9{n:015d}")) for n in range(500))
    message = WRITE.digest(DigestView(orders=many, mailboxes=HEALTHY), MAIL, NOW)
    assert len((message.html or "").encode()) < 102_000
    assert "+440 more" in message.body


def test_a_span_of_days_and_other_money() -> None:
    from decimal import Decimal

    span = DateRange(dt.date(2026, 3, 8), dt.date(2026, 3, 15))
    refund = Refund(RefundState.FULL, Money(Decimal("1234.5"), "JPY"))
    shown = replace(
        HISMILE, stage=Stage.IN_TRANSIT, parcels=(), order=replace(HISMILE.order, eta=span, refund=refund, parcels=())
    )
    body = WRITE.digest(DigestView(orders=(shown,), mailboxes=HEALTHY), SMS, NOW).body
    assert "Hismile AU7730412, V34 Colour Corrector... +1: in transit, refund sent ¥1,234 (expected Mar 8 - 15)" in body


def test_all_samples_are_told_in_the_mail() -> None:
    message = WRITE.digest(QUIET_DIGEST, MAIL, NOW)
    for view in ALL:
        assert view.order.number in message.body
        assert view.order.number in (message.html or "")


def test_every_colour_of_a_mail_is_readable_on_white_and_on_a_dark_ground() -> None:
    """WCAG 2.1, 1.4.3: a contrast of 4.5 at least."""
    html = WRITE.digest(TROUBLED_DIGEST, MAIL, NOW).html or ""
    dark, light = re.findall(r"[ ;]color: (#\w{6})", html), re.findall(r"[;\"]color:(#\w{6})", html)
    assert len(set(dark)) == len(set(light)) == 5
    assert min(contrast(colour, "#121212") for colour in dark) >= 4.5
    assert min(contrast(colour, "#ffffff") for colour in light) >= 4.5


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_the_user_knows_of_is_said_without_needs_you() -> None:
    asked = order("hismile", "UK45", Stage.PLACED, 10, flags=frozenset({Flag.ACTION_REQUIRED}))
    for shown, line in (
        (asked, "! Hismile UK45: placed, needs you"),
        (replace(asked, urgency=75), "Hismile UK45: placed"),
    ):
        assert WRITE.digest(DigestView(orders=(shown,)), PUSH, NOW).body.splitlines()[0] == line


def test_a_neighbour_and_an_approved_return_are_said_as_such() -> None:
    here = order("hismile", "UK46", Stage.DELIVERED, 80, open=False, reason="neighbour")
    back = order("hismile", "UK47", Stage.RETURNING, 60, reason="return_approved")
    lines = WRITE.digest(DigestView(orders=(here, back)), PUSH, NOW).body.splitlines()
    assert lines[:2] == ["Hismile UK46: with a neighbour", "Hismile UK47: return approved"]
