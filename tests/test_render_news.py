"""What messages say of news: a sentence for each kind, the most important first, nothing twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from inboxtrack.changes import TOLD
from inboxtrack.channel import Form, Limits, Message, Style
from inboxtrack.model import DateRange, News, NewsKind, Stage, Trust
from inboxtrack.notifiers.render import Renderer
from inboxtrack.views import Views
from tests.samples import (
    DISPUTE,
    DONE,
    HISMILE,
    LOST,
    NOW,
    PICKUP,
    PUSH,
    REFUND,
    SMS,
    UNVERIFIED,
    VIEWS,
    WRITE,
    news,
    order,
    parcel,
)
from tests.show_messages import MANY

K = NewsKind


def line(one: News, views: Views = VIEWS) -> str:
    return WRITE.news([one], views, SMS, NOW).body


LINES = [
    (news(K.PLACED, "placed", HISMILE), "Hismile AU7730412 is placed (3 items, A$59.90)"),
    (news(K.SHIPPED, "shipped", HISMILE), "Hismile AU7730412 has shipped (Australia Post, expected today)"),
    (
        news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE),
        "Hismile AU7730412 is out for delivery (Australia Post, expected today)",
    ),
    (news(K.READY_FOR_PICKUP, "ready_for_pickup", PICKUP), "AliExpress 8203344556677801 is ready for pick-up (DHL)"),
    (
        news(K.READY_FOR_PICKUP, "pickup_waiting", PICKUP),
        "AliExpress 8203344556677801 still waits at the pick-up point (DHL)",
    ),
    (news(K.DELIVERED, "delivered", DONE), "Hismile AU7730388 is delivered (DPD)"),
    (news(K.DELIVERED, "delivered", DISPUTE), "AliExpress 8203344556677802 is delivered (1 of 2 parcels)"),
    (
        news(K.PROBLEM, "exception", LOST, detail="lost"),
        "TikTok Shop 577120099887766554 has a problem (Yodel, lost)",
    ),
    (
        news(K.DELIVERED, "delivered", DONE, detail="neighbour"),
        "Hismile AU7730388 is with a neighbour, see the mail (DPD)",
    ),
    (news(K.PROBLEM, "attempt_failed", HISMILE), "Hismile AU7730412: a delivery attempt failed (Australia Post)"),
    (
        news(K.PROBLEM, "action_required", HISMILE, detail="payment_due"),
        "Hismile AU7730412 needs you (Australia Post, payment due)",
    ),
    (
        news(K.CANCELLED, "cancelled", REFUND, detail="suspected fraud"),
        "Corner Books 1042 is cancelled (suspected fraud)",
    ),
    (news(K.CANCELLED, "closed", REFUND), "Corner Books 1042 was closed by the shop"),
    (news(K.RETURN, "returning", LOST), "TikTok Shop 577120099887766554 is on its way back (Yodel)"),
    (
        news(K.RETURN, "returning", REFUND, detail="return_approved"),
        "Corner Books 1042: the return is approved, send it back",
    ),
    (news(K.RETURN, "returned", LOST), "TikTok Shop 577120099887766554 went back to the sender (Yodel)"),
    (news(K.REFUND, "refund_promised", REFUND), "Corner Books 1042: a refund is promised (€12.50)"),
    (news(K.REFUND, "refund_partial", REFUND), "Corner Books 1042: a part of the refund was sent (€12.50)"),
    (news(K.REFUND, "refund_full", REFUND), "Corner Books 1042: the refund was sent (€12.50)"),
    (news(K.REFUND, "refund_arrived", REFUND), "Corner Books 1042: the refund has arrived (€12.50)"),
    (news(K.REFUND, "refund_overdue", REFUND), "Corner Books 1042: the refund should have come by now (€12.50)"),
    (news(K.DELAY, "delayed", HISMILE), "Hismile AU7730412 is delayed, now expected today (Australia Post)"),
    (news(K.DELAY, "overdue", HISMILE), "Hismile AU7730412 should have come by now (Australia Post)"),
    (
        news(K.STALLED, "stalled", PICKUP, data=(("quiet_since", "2026-02-13T00:00:00+00:00"),)),
        "AliExpress 8203344556677801 has not moved (DHL, last news Fri, Feb 13)",
    ),
    (news(K.STALLED, "never_shipped", UNVERIFIED, trust=Trust.VERIFIED), "Hismile AU7730999 has not been shipped yet"),
    (
        news(K.STALLED, "given_up", PICKUP),
        "AliExpress 8203344556677801: nothing heard for two months, no longer watched",
    ),
    (
        news(K.DEADLINE, "x", DISPUTE, data=(("policy", "aliexpress.dispute"), ("until", "2026-03-08"))),
        "AliExpress 8203344556677802: until Sun, Mar 8 you can open a dispute (check at AliExpress)",
    ),
    (
        news(K.DEADLINE, "x", DISPUTE, data=(("policy", "aliexpress.dispute"), ("until", "2026-03-05"))),
        "AliExpress 8203344556677802: today is the last day to open a dispute (check at AliExpress)",
    ),
    (
        news(K.DEADLINE, "x", HISMILE, data=(("policy", "unknown"), ("until", "2026-03-06"))),
        "Hismile AU7730412: a deadline ends tomorrow",
    ),
    (
        news(K.CORRECTION, "not_delivered", HISMILE, detail="in_transit"),
        'Correction: Hismile AU7730412 is not "delivered" after all, but "in transit"',
    ),
    (news(K.SHIPPED, "shipped", UNVERIFIED), "Unverified sender: Hismile AU7730999 has shipped"),
    (
        News(kind=K.IMITATION, what="imitation", keys=("i",), at=NOW, data=(("imitates", "aliexpress"),)),
        "A mail pretends to be from AliExpress: use none of its links",
    ),
    (
        News(kind=K.IMITATION, what="another_shop", keys=("i",), at=NOW, data=(("imitates", "another shop"),)),
        "A shop's mail does not fit its sender: use none of its links",
    ),
    (
        News(kind=K.IMITATION, what="imitation", keys=("i",), at=NOW, data=(("imitates", "corner_shop"),)),
        "A mail pretends to be from Corner Shop: use none of its links",
    ),
    (
        News(
            kind=K.MAILBOX,
            what="mailbox_trouble",
            keys=("m",),
            at=NOW,
            detail="mailbox 'home': the password was refused: set a new one",
            data=(("mailbox", "home"),),
        ),
        "Mailbox home: the password was refused: set a new one",
    ),
    (
        News(kind=K.MAILBOX, what="mailbox_well", keys=("w",), at=NOW, data=(("mailbox", "home"),)),
        "Mailbox home is read again",
    ),
    (
        News(kind=K.MAILBOX, what="delivery_trouble", keys=("d",), at=NOW, detail="channel sms: out of money"),
        "Messages did not get through: channel sms: out of money",
    ),
    (
        News(kind=K.SHIPPED, what="shipped", keys=("p",), at=NOW, parcel="RR123456785CN~2"),
        "Parcel RR123456785CN has shipped",
    ),
    (
        news(
            K.SHIPPED, "shipped", PICKUP, orders=(PICKUP.order.id, DISPUTE.order.id, ("aliexpress", "8203344556677803"))
        ),
        "AliExpress (3 orders) has shipped (DHL)",
    ),
]


@pytest.mark.parametrize(("one", "expected"), LINES, ids=[f"{one.kind}-{one.what}" for one, _ in LINES])
def test_each_kind_of_news_reads_well(one: News, expected: str) -> None:
    assert line(one) == expected


def test_every_stage_that_is_told_has_a_sentence_of_its_own() -> None:
    told = {what: line(news(kind, what, HISMILE)) for kind, what in TOLD.values()}
    assert len(set(told.values())) == len(told)
    assert not [text for text in told.values() if text.endswith(": news")]


def test_a_push_notice_has_the_line_the_items_and_what_to_do() -> None:
    message = WRITE.news([news(K.READY_FOR_PICKUP, "ready_for_pickup", PICKUP)], VIEWS, PUSH, NOW)
    assert message == Message(
        title="AliExpress order ready for pick-up",
        body="AliExpress 8203344556677801 is ready for pick-up (DHL)\nUSB-C cable 2 m\n"
        "Pick it up; bring an ID and the pick-up code from the mail.",
        link="https://track.example/LB123456785SG",
    )


def test_the_most_important_comes_first_and_one_message_has_no_single_link() -> None:
    message = WRITE.news(MANY, VIEWS, PUSH, NOW)
    assert message.title == "12 news; one mail is an imitation"
    assert message.body.splitlines()[1].startswith("TikTok Shop 577120099887766554 has a problem")
    assert message.body.splitlines()[-1] == "Parcel RR123456785CN has shipped"
    assert message.link is None
    assert message.urgent


def test_what_reads_the_same_is_said_once() -> None:
    """covers: B8"""
    of_order, of_parcel = (news(K.DELIVERED, "delivered", DONE, parcel=one) for one in (None, DONE.order.parcels[0]))
    message = WRITE.news([of_order, of_parcel], VIEWS, PUSH, NOW)
    assert (message.title, message.body) == ("Hismile order delivered", "Hismile AU7730388 is delivered (DPD)")


def test_what_nobody_vouches_for_has_no_link_and_never_replaces_what_is_verified() -> None:
    """covers: C8: an unverified "delivered" does not silence a verified "out for delivery"."""
    out = news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)
    fake = news(K.DELIVERED, "delivered", HISMILE, trust=Trust.UNVERIFIED)
    assert WRITE.news([fake], VIEWS, PUSH, NOW).link is None
    lines = WRITE.news([out, fake], VIEWS, PUSH, NOW).body.splitlines()
    assert lines[0].startswith("Hismile AU7730412 is out for delivery")
    assert lines[1].startswith("Unverified sender: Hismile AU7730412 is delivered")


def test_an_order_that_is_no_longer_known_is_named_by_its_number() -> None:
    assert line(news(K.SHIPPED, "shipped", HISMILE), Views()) == "hismile AU7730412 has shipped"


def test_days_that_have_passed_are_no_expectation() -> None:
    past = DateRange(dt.date(2026, 3, 1), dt.date(2026, 3, 4))
    parcel = replace(HISMILE.parcels[0], parcel=replace(HISMILE.parcels[0].parcel, eta=past))
    shown = replace(HISMILE, parcels=(parcel,))
    assert (
        line(news(K.SHIPPED, "shipped", shown), Views.of([shown])) == "Hismile AU7730412 has shipped (Australia Post)"
    )


def test_nothing_is_written_of_the_wrong_reader() -> None:
    """A day is the reader's day: 23:30 UTC is tomorrow in Berlin."""
    late = dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC)
    text = WRITE.news([news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)], VIEWS, SMS, late).body
    assert text.endswith("expected today)")
    assert (
        Renderer("en").news([news(K.SHIPPED, "shipped", HISMILE)], VIEWS, SMS, late).body.endswith("expected tomorrow)")
    )


def test_a_title_is_cut_between_words_where_the_service_wants_it_short() -> None:
    """covers: B9"""
    message = WRITE.news(MANY, VIEWS, Form(Style.PUSH, Limits(25, 4096)), NOW)
    assert message.title == "12 news; one mail is an…"


TITLES = [
    (news(K.PLACED, "placed", HISMILE), "New Hismile order"),
    (news(K.SHIPPED, "shipped", HISMILE), "Hismile order shipped"),
    (news(K.DELIVERED, "delivered", DONE, detail="neighbour"), "Hismile order with a neighbour"),
    (news(K.PROBLEM, "exception", LOST, detail="lost"), "TikTok Shop order: problem"),
    (news(K.PROBLEM, "action_required", LOST), "TikTok Shop order needs you"),
    (news(K.STALLED, "never_shipped", HISMILE), "Hismile order not shipped yet"),
    (
        news(K.STALLED, "stalled", PICKUP, data=(("quiet_since", "2026-02-13T00:00:00+00:00"),)),
        "AliExpress order: no news since Fri, Feb 13",
    ),
    (news(K.DELAY, "eta:2026-03-09", HISMILE), "Hismile order delayed"),
    (news(K.REFUND, "refund_full", REFUND), "Corner Books order: refund sent €12.50"),
    (news(K.REFUND, "refund_overdue", REFUND), "Corner Books order: refund overdue €12.50"),
    (
        news(K.DEADLINE, "x", DISPUTE, data=(("policy", "aliexpress.dispute"), ("until", "2026-03-05"))),
        "AliExpress order: deadline today",
    ),
    (news(K.CORRECTION, "not_delivered", HISMILE), 'Correction: Hismile order is not "delivered"'),
    (news(K.SHIPPED, "shipped", UNVERIFIED), "Unverified sender: Hismile order shipped"),
    (
        news(K.DELIVERED, "delivered", PICKUP, orders=(PICKUP.order.id, DISPUTE.order.id)),
        "2 AliExpress orders delivered",
    ),
    (News(kind=K.SHIPPED, what="shipped", keys=("p",), at=NOW, parcel="RR123456785CN"), "Parcel RR123456785CN shipped"),
    (
        News(kind=K.IMITATION, what="imitation", keys=("i",), at=NOW, data=(("imitates", "aliexpress"),)),
        "A mail imitates AliExpress",
    ),
    (
        News(kind=K.MAILBOX, what="m", keys=("m",), at=NOW, data=(("mailbox", "home"), ("trouble", "auth"))),
        "Mailbox home: sign-in refused",
    ),
    (
        News(kind=K.MAILBOX, what="m", keys=("m",), at=NOW, data=(("mailbox", "home"), ("trouble", "transient"))),
        "Mailbox home cannot be read",
    ),
]


@pytest.mark.parametrize(("one", "title"), TITLES, ids=[title for _, title in TITLES])
def test_a_title_says_in_a_few_words_what_the_line_says_in_full(one: News, title: str) -> None:
    message = WRITE.news([one], VIEWS, PUSH, NOW)
    assert message.title == title
    assert title not in message.body


def test_a_title_counts_what_more_there_is_and_never_makes_imitations_of_it() -> None:
    delivered, lost = news(K.DELIVERED, "delivered", DONE), news(K.PROBLEM, "exception", LOST)
    fakes = [
        News(kind=K.IMITATION, what="imitation", keys=(shop,), at=NOW, data=(("imitates", shop),))
        for shop in ("aliexpress", "corner_shop")
    ]
    assert WRITE.news([delivered, lost], VIEWS, PUSH, NOW).title == "TikTok Shop order: problem, and 1 more news"
    assert WRITE.news([delivered, lost, *fakes], VIEWS, PUSH, NOW).title == "4 news; 2 mails are imitations"
    assert WRITE.news(fakes, VIEWS, PUSH, NOW).title == "2 mails are imitations"


SPLIT = order(
    "shop.example",
    "LL90",
    Stage.SHIPPED,
    60,
    parcel("T1", Stage.SHIPPED, "Evri"),
    parcel("T2", Stage.SHIPPED, "Royal Mail"),
    parcel("T3", Stage.PREPARING),
    name="Lab & Leaf",
)


def test_parcels_of_one_order_that_did_the_same_are_one_line() -> None:
    told = [news(K.SHIPPED, "shipped", SPLIT, parcel=number) for number in ("T1", "T2")]
    message = WRITE.news(told, Views.of([SPLIT]), PUSH, NOW)
    assert message.title == "Lab & Leaf order shipped"
    assert message.body == "Lab & Leaf LL90 has shipped (2 of 3 parcels, Evri, Royal Mail)"
    third = news(K.SHIPPED, "shipped", SPLIT, parcel="T3")
    assert "(all 3 parcels, Evri, Royal Mail)" in WRITE.news([*told, third], Views.of([SPLIT]), PUSH, NOW).body


def test_all_that_is_said_of_one_order_is_one_line() -> None:
    told = [
        news(K.REFUND, "refund_full", REFUND),
        news(K.CANCELLED, "cancelled", REFUND, detail="not_enough_stock"),
        news(K.PROBLEM, "action_required", LOST),
        news(K.RETURN, "returning", LOST),
    ]
    assert WRITE.news(told, VIEWS, SMS, NOW).body.splitlines() == [
        "TikTok Shop 577120099887766554 needs you (Yodel); is on its way back",
        "Corner Books 1042 is cancelled (not enough stock); the refund was sent (€12.50)",
    ]


def test_of_trouble_that_is_over_only_its_end_is_told() -> None:
    later = NOW + dt.timedelta(hours=1)
    told = [
        News(kind=K.MAILBOX, what="mailbox_trouble", keys=("t",), at=NOW, detail="x", data=(("mailbox", "home"),)),
        News(kind=K.MAILBOX, what="mailbox_well", keys=("w",), at=later, data=(("mailbox", "home"),)),
        News(kind=K.MAILBOX, what="mailbox_trouble", keys=("o",), at=NOW, detail="y", data=(("mailbox", "work"),)),
    ]
    assert WRITE.news(told, VIEWS, SMS, NOW).body.splitlines() == ["Mailbox work: y", "Mailbox home is read again"]
    assert not WRITE.news(told[:2], VIEWS, PUSH, NOW).urgent
