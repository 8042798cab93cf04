"""The texts of messages: what people read, in every style, whatever stood in the mail."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxtrack.changes import TOLD
from inboxtrack.channel import Form, Limits, Message, Style
from inboxtrack.model import DateRange, Flag, Item, Money, News, NewsKind, Refund, RefundState, Stage, Trust
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import TemplateError, catalogue
from inboxtrack.notifiers.words import long_day
from inboxtrack.orders import fold
from inboxtrack.overview import OrderView, overview
from inboxtrack.overview_settings import overview_settings, translated
from inboxtrack.views import DigestView, Views
from tests.conftest import ROOT
from tests.facts import on, told
from tests.samples import (
    ALL,
    BERLIN,
    DISPUTE,
    DONE,
    HEALTHY,
    HISMILE,
    LOST,
    NOW,
    PICKUP,
    QUIET_DIGEST,
    REFUND,
    TROUBLED_DIGEST,
    UNVERIFIED,
    VIEWS,
    news,
    order,
    parcel,
)
from tests.show_messages import MANY

PUSH, SMS, MAIL = Form(Style.PUSH), Form(Style.SMS), Form(Style.MAIL)
WRITE = Renderer("en", BERLIN)
EN = overview_settings(BERLIN, "DE")
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
    (news(K.PROBLEM, "attempt_failed", HISMILE), "Hismile AU7730412: a delivery attempt failed (Australia Post)"),
    (
        news(K.PROBLEM, "action_required", HISMILE, detail="payment_due"),
        "Hismile AU7730412 needs something from you (Australia Post, payment due)",
    ),
    (
        news(K.CANCELLED, "cancelled", REFUND, detail="suspected fraud"),
        "Corner Books 1042 is cancelled (suspected fraud)",
    ),
    (news(K.CANCELLED, "closed", REFUND), "Corner Books 1042 was closed by the shop"),
    (news(K.RETURN, "returning", LOST), "TikTok Shop 577120099887766554 is on its way back (Yodel)"),
    (news(K.RETURN, "returned", LOST), "TikTok Shop 577120099887766554 went back to the sender (Yodel)"),
    (news(K.REFUND, "refund_promised", REFUND), "Corner Books 1042: a refund is promised (€12.50)"),
    (news(K.REFUND, "refund_partial", REFUND), "Corner Books 1042 is partly refunded (€12.50)"),
    (news(K.REFUND, "refund_full", REFUND), "Corner Books 1042 is refunded (€12.50)"),
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
        "AliExpress 8203344556677802: open a dispute by Sun, Mar 8, check in the app",
    ),
    (
        news(K.DEADLINE, "x", HISMILE, data=(("policy", "unknown"), ("until", "2026-03-06"))),
        "Hismile AU7730412: a deadline ends tomorrow, check in the app",
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
        title="AliExpress is ready for pick-up",
        body="AliExpress 8203344556677801 is ready for pick-up (DHL)\nUSB-C cable 2 m\n"
        "Pick it up; bring an ID and the pick-up code from the mail.",
        link="https://track.example/LB123456785SG",
    )


def test_the_most_important_comes_first_and_one_message_has_no_single_link() -> None:
    message = WRITE.news(MANY, VIEWS, PUSH, NOW)
    assert message.title == "A mail pretends to be from AliExpress: use none of its links, +13 more"
    assert message.body.splitlines()[1].startswith("TikTok Shop 577120099887766554 has a problem")
    assert message.body.splitlines()[-1] == "Parcel RR123456785CN has shipped"
    assert message.link is None
    assert message.urgent


def test_what_reads_the_same_is_said_once() -> None:
    """covers: B8"""
    of_order, of_parcel = (news(K.DELIVERED, "delivered", DONE, parcel=one) for one in (None, DONE.order.parcels[0]))
    message = WRITE.news([of_order, of_parcel], VIEWS, PUSH, NOW)
    assert (message.title, message.body) == ("Hismile is delivered", "Hismile AU7730388 is delivered (DPD)")


def test_what_nobody_vouches_for_has_no_link_and_never_replaces_what_is_verified() -> None:
    """covers: C8: an unverified "delivered" does not silence a verified "out for delivery"."""
    out = news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)
    fake = news(K.DELIVERED, "delivered", HISMILE, trust=Trust.UNVERIFIED)
    assert WRITE.news([fake], VIEWS, PUSH, NOW).link is None
    lines = WRITE.news([out, fake], VIEWS, PUSH, NOW).body.splitlines()
    assert lines[0].startswith("Hismile AU7730412 is out for delivery")
    assert lines[1].startswith("Unverified sender: Hismile AU7730412 is delivered")


STALLED_LINE = (
    "! AliExpress 8203344556677802, Desk lamp with a very…: in transit, 1 of 2 delivered, no news since Fri, Feb 13;"
    " open a dispute by Sun, Mar 8, check in the app"
)


def test_the_digest_says_what_needs_a_look_first_and_how_the_mailboxes_are() -> None:
    """covers: B11"""
    message = WRITE.digest(QUIET_DIGEST, PUSH, NOW)
    assert message.title == "6 open orders, 3 need a look"
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


def test_a_mail_fetches_nothing_and_has_no_script() -> None:
    for message in (WRITE.digest(TROUBLED_DIGEST, MAIL, NOW), WRITE.news(MANY, VIEWS, MAIL, NOW)):
        html = message.html or ""
        assert not re.search(r"<(?:script|img|link|iframe|style)|\son\w+=|url\(|@import|src=", html)
        links = set(re.findall(r'href="([^"]+)"', html))
        assert links
        assert all(link.startswith(("https://track.example/", "https://www.aliexpress.com/")) for link in links)


def test_a_mail_stays_under_what_providers_cut() -> None:
    many = tuple(replace(PICKUP, order=replace(PICKUP.order, number=f"9{n:015d}")) for n in range(500))
    message = WRITE.digest(DigestView(orders=many, mailboxes=HEALTHY), MAIL, NOW)
    assert len((message.html or "").encode()) < 102_000
    assert "+440 more" in message.body


HOSTILE = [
    "{{7*7}}",
    "{% for x in y %}",
    "{0.__class__}",
    "%(who)s %s",
    "${HOME}",
    "<script>alert(1)</script>",
    "*bold* _it_ [a](http://evil.example)",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["en", "de"])
def test_text_of_a_mail_is_only_ever_a_value(name: str, language: str) -> None:
    """covers: C6, C7: shown literally in text, escaped in HTML."""
    shown = _named(HISMILE, name)
    write, views = Renderer(language, BERLIN), Views.of([shown])
    told = [news(K.PROBLEM, "exception", shown, detail=name)]
    for message in (write.news(told, views, PUSH, NOW), write.digest(DigestView(orders=(shown,)), PUSH, NOW)):
        assert name in message.body
        assert "49" not in message.body
    html = write.news(told, views, MAIL, NOW).html or ""
    assert "<script>" not in html
    assert "&lt;script&gt;" in html or "script" not in name


def _named(view: OrderView, name: str) -> OrderView:
    order = replace(view.order, items=(Item(name),), shop_name=name)
    return replace(view, order=order, retailer_name=name, advice=name)


@settings(max_examples=40)
@given(st.text(max_size=80), st.sampled_from(list(NewsKind)), st.sampled_from([PUSH, SMS, MAIL]))
def test_no_text_breaks_a_message(name: str, kind: NewsKind, form: Form) -> None:
    shown = _named(HISMILE, name)
    message = WRITE.news([news(kind, name, shown, detail=name)], Views.of([shown]), form, NOW)
    assert "\n" not in message.title
    assert message.body


def test_an_order_that_is_no_longer_known_is_named_by_its_number() -> None:
    assert line(news(K.SHIPPED, "shipped", HISMILE), Views()) == "hismile AU7730412 has shipped"


@pytest.mark.parametrize("language", ["en", "de", "de_AT", "fr", "xx"])
def test_every_language_gives_every_message(language: str) -> None:
    write = Renderer(language, BERLIN)
    for form in (PUSH, SMS, MAIL):
        assert write.news(MANY, VIEWS, form, NOW).body
        assert write.digest(TROUBLED_DIGEST, form, NOW).body


def test_german_reads_like_german() -> None:
    write = Renderer("de", BERLIN)
    one = write.news([news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)], VIEWS, SMS, NOW)
    assert one.body == "Hismile AU7730412 ist in Zustellung (Australia Post, erwartet heute)"
    digest = write.digest(QUIET_DIGEST, PUSH, NOW)
    assert digest.title == "6 offene Bestellungen, 3 brauchen dich"
    assert "Corner Books 1042: storniert, Erstattung zugesagt 12,50 €" in digest.body.replace("\xa0", " ")


def test_advice_and_deadlines_are_german_too() -> None:
    words, day = catalogue("de").gettext, partial(long_day, "de")
    lost = told("exception", 3, retailer="hismile", order="AU1001", tracking="T1", reason="lost")
    state = fold([told("placed", 0, retailer="hismile", order="AU1001"), lost])
    (view,) = overview(state, on(4), translated(EN, words, day))
    assert view.advice is not None
    assert view.advice.startswith("Das Paket gilt als verloren: bitte Hismile um Geld zurück oder Ersatz. Bis ")
    assert all(words(advice.text).count("{") == advice.text.count("{") for advice in EN.advice)


def test_german_is_complete() -> None:
    """Every text of templates and code is in the German catalogue."""
    options = {"**.j2": {"trimmed": "true", "extensions": "jinja2.ext.i18n"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = []
    for folder, method in (("templates/notify", "jinja2"), ("inboxtrack/notifiers", "python")):
        pattern = "**.j2" if method == "jinja2" else "**.py"
        found += extract_from_dir(ROOT / folder, [(pattern, method)], options, keywords=keywords)
    texts = {message for _, _, message, _, _ in found}
    texts |= {advice.text for advice in EN.advice} | {policy.what for policy in EN.policies}
    german = catalogue("de")
    missing = [text for text in texts if not _is_translated(german, text)]
    assert len(texts) > 60
    assert not missing


def _is_translated(german: object, text: str | tuple[str, str]) -> bool:
    known = getattr(german, "_catalog", {})
    return (text in known) if isinstance(text, str) else ((text[0], 0) in known and (text[0], 1) in known)


def test_the_users_own_templates_replace_ours_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "digest_title.j2").write_text("{{ open }} parcels, dear")
    write = Renderer("en", BERLIN, tmp_path)
    assert write.digest(QUIET_DIGEST, PUSH, NOW).title == "6 parcels, dear"
    assert line(news(K.DELIVERED, "delivered", DONE)) == "Hismile AU7730388 is delivered (DPD)"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ open ", "digest_title.j2, line 1: "),
        ("{{ typo }}", "template digest_title.j2: 'typo' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "template digest_title.j2: access to attribute '__class__'"),
    ],
)
def test_a_wrong_template_is_named(tmp_path: Path, template: str, error: str) -> None:
    """covers: C6: one line that names the file; the sandbox holds."""
    (tmp_path / "digest_title.j2").write_text(template)
    with pytest.raises(TemplateError) as raised:
        Renderer("en", BERLIN, tmp_path).digest(QUIET_DIGEST, PUSH, NOW)
    assert error in str(raised.value)
    assert "\n" not in str(raised.value)


def test_days_that_have_passed_are_no_expectation() -> None:
    past = DateRange(dt.date(2026, 3, 1), dt.date(2026, 3, 4))
    parcel = replace(HISMILE.parcels[0], parcel=replace(HISMILE.parcels[0].parcel, eta=past))
    shown = replace(HISMILE, parcels=(parcel,))
    assert (
        line(news(K.SHIPPED, "shipped", shown), Views.of([shown])) == "Hismile AU7730412 has shipped (Australia Post)"
    )


def test_a_span_of_days_and_other_money() -> None:
    from decimal import Decimal

    span = DateRange(dt.date(2026, 3, 8), dt.date(2026, 3, 15))
    refund = Refund(RefundState.FULL, Money(Decimal("1234.5"), "JPY"))
    shown = replace(
        HISMILE, stage=Stage.IN_TRANSIT, parcels=(), order=replace(HISMILE.order, eta=span, refund=refund, parcels=())
    )
    body = WRITE.digest(DigestView(orders=(shown,), mailboxes=HEALTHY), SMS, NOW).body
    assert "Hismile AU7730412, V34 Colour Corrector... +1: in transit, refunded ¥1,234 (expected Mar 8 - 15)" in body


def test_nothing_is_written_of_the_wrong_reader() -> None:
    """A day is the reader's day: 23:30 UTC is tomorrow in Berlin."""
    late = dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC)
    text = WRITE.news([news(K.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)], VIEWS, SMS, late).body
    assert text.endswith("expected today)")
    assert (
        Renderer("en").news([news(K.SHIPPED, "shipped", HISMILE)], VIEWS, SMS, late).body.endswith("expected tomorrow)")
    )


def test_all_samples_are_told_in_the_mail() -> None:
    message = WRITE.digest(QUIET_DIGEST, MAIL, NOW)
    for view in ALL:
        assert view.order.number in message.body
        assert view.order.number in (message.html or "")


def test_a_title_is_cut_between_words_where_the_service_wants_it_short() -> None:
    """covers: B9"""
    message = WRITE.news(MANY, VIEWS, Form(Style.PUSH, Limits(40, 4096)), NOW)
    assert message.title == "A mail pretends to be from AliExpress…"


def test_the_page_on_messages_names_every_template() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_.]+\.j2)`", page))
    assert named == {path.name for path in (ROOT / "templates" / "notify").glob("*.j2")}
