"""Shows the three styles, news and digest, and writes the mails' HTML for a look in a browser.

    python -m tests.show_messages [LANGUAGE [FOLDER]]

A picture at phone width: chromium --headless --window-size=390,1300 --screenshot=digest.png FOLDER/digest.html
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from inboxtrack.channel import Form, Limits, Message, Style
from inboxtrack.model import News, NewsKind, Trust
from inboxtrack.notifiers.console import show
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.sizes import segments
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.overview import OrderView
from inboxtrack.overview.advice import parse_advice
from inboxtrack.overview.settings import shipped
from inboxtrack.views import DigestView, OldMail, Views
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
    news,
)

UNTIL = (("policy", "aliexpress.dispute"), ("until", "2026-03-08"))
QUIET_SINCE = (("quiet_since", "2026-02-13T00:00:00+00:00"),)
DEADLINES = (news(NewsKind.DEADLINE, "deadline", DISPUTE, data=UNTIL, parcel=None),)
ONE = (news(NewsKind.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE),)
MANY = (
    *ONE,
    news(NewsKind.READY_FOR_PICKUP, "ready_for_pickup", PICKUP),
    news(NewsKind.SHIPPED, "shipped", UNVERIFIED),
    news(NewsKind.CANCELLED, "cancelled", REFUND, detail="not enough stock"),
    news(NewsKind.REFUND, "refund_promised", REFUND),
    news(NewsKind.PROBLEM, "exception", LOST, detail="lost"),
    news(NewsKind.DELIVERED, "delivered", DONE),
    news(NewsKind.DEADLINE, "deadline", DISPUTE, data=UNTIL, parcel=None),
    news(NewsKind.STALLED, "stalled", DISPUTE, detail="advice", data=QUIET_SINCE),
    news(NewsKind.DELAY, "eta:2026-03-09", HISMILE),
    news(NewsKind.CORRECTION, "not_delivered", HISMILE, detail="in_transit"),
    News(
        kind=NewsKind.IMITATION,
        what="imitation",
        keys=("i",),
        at=NOW,
        data=(("imitates", "aliexpress"),),
        trust=Trust.FAILED,
    ),
    News(
        kind=NewsKind.MAILBOX,
        what="sign_in",
        keys=("m",),
        at=NOW,
        detail="mailbox 'work': imap.work.example wants an app password for kim@work.example, not the usual one",
        data=(("mailbox", "work"), ("trouble", "auth")),
    ),
    News(kind=NewsKind.SHIPPED, what="shipped", keys=("x",), at=NOW, parcel="RR123456785CN~2"),
)


def messages(language: str, form: Form) -> dict[str, Message]:
    """Every kind of message in one form."""
    write, shown = Renderer(language, BERLIN), [in_language(view, language) for view in ALL]
    views, quiet, troubled = (
        Views.of(shown),
        replace(QUIET_DIGEST, orders=shown),
        replace(TROUBLED_DIGEST, orders=shown),
    )
    return {
        "news": write.news(ONE, views, form, NOW),
        "much news": write.news(MANY, views, form, NOW),
        "catch-up": write.catch_up(MANY, views, form, NOW),
        "first run": write.digest(quiet, form, NOW, OldMail(mails=3000, news=DEADLINES, views=views)),
        "digest": write.digest(troubled, form, NOW),
        "empty digest": write.digest(DigestView(mailboxes=HEALTHY), form, NOW),
    }


def in_language(view: OrderView, language: str) -> OrderView:
    """The order with its advice and deadlines in the reader's language, as the overview gives them."""
    words, advices = catalogue(language).gettext, parse_advice(shipped("advice.toml"))
    advice = next((words(a.text) for a in advices if view.advice == a.text.format(retailer=view.retailer_name)), "")
    deadlines = tuple(replace(one, what=words(one.what), check=words(one.check)) for one in view.deadlines)
    return replace(view, advice=advice.format(retailer=view.retailer_name) or view.advice, deadlines=deadlines)


def main(language: str = "en", folder: str | None = None) -> None:
    """Print all messages; write the HTML of the mails into a folder."""
    for style in Style:
        form = Form(style, Limits(0, 160) if style is Style.SMS else Limits())
        for name, message in messages(language, form).items():
            print(f"\n--- {style}: {name}" + (f", {segments(message.body)} segments" if style is Style.SMS else ""))
            show(message, name, style, sys.stdout)
            if folder and message.html:
                (Path(folder) / f"{name.replace(' ', '_')}.html").write_text(message.html, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
