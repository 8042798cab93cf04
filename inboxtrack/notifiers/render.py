"""News and digests as messages: an SMS, a push notice or a mail, in the reader's language, of a size that arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inboxtrack.channel import MAILBOX_WELL, Form, Message, Style
from inboxtrack.model import News, NewsKind
from inboxtrack.notifiers import cards
from inboxtrack.notifiers.cards import Card
from inboxtrack.notifiers.news_values import (
    BRIEF,
    FULL,
    SHOP_ONLY,
    advice_of,
    items_of,
    link_of,
    news_values,
    shop_of,
    who,
)
from inboxtrack.notifiers.order_values import order_values
from inboxtrack.notifiers.sizes import Entry, fit, shorten
from inboxtrack.notifiers.statements import Line, lines
from inboxtrack.notifiers.texts import one_line, render
from inboxtrack.notifiers.words import Words
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView, OldMail, Views

_TITLE = 120
_ALARM = "! "
_PRESSING = frozenset({NewsKind.PROBLEM, NewsKind.IMITATION, NewsKind.DEADLINE, NewsKind.MAILBOX})


def _is_pressing(news: News) -> bool:
    return news.kind in _PRESSING and news.what != MAILBOX_WELL


def _new(orders: frozenset[tuple[str, str]] | None, digest: DigestView) -> int | None:
    """How many of the open orders are new; None where all are."""
    return None if orders is None else sum(view.order.open and view.order.id in orders for view in digest.orders)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes messages for one reader. `own` is the folder of the user's templates, which replace ours by name."""

    language: str = "en"
    zone: dt.tzinfo = dt.UTC
    own: Path | None = None

    def news(self, news: Sequence[News], views: Views, form: Form, now: dt.datetime) -> Message:
        """One message for news that is told together; of one parcel's steps the last is told."""
        words = Words(self.language, self.zone, now)
        told = self._distinct(lines(news), views, words)
        link = link_of(told[0], views) if len(told) == 1 else None
        message = Message(
            title=self._news_title(told, views, words),
            body="",
            link=link[0] if link else None,
            urgent=any(_is_pressing(line[0][0]) for line in told),
        )
        if form.style is Style.MAIL:
            return self._mail(message, [self._news_card(one, views, words) for one in told], (), form)
        entries = [self._news_entry(one, views, words, form, alone=len(told) == 1) for one in told]
        return self._short(message, entries, (), form, untitled=True)

    def catch_up(self, news: Sequence[News], views: Views, form: Form, now: dt.datetime) -> Message:
        """One message for news that is late or too much: how the orders stand now, and what is about no order."""
        words = Words(self.language, self.zone, now)
        told = {view.order.id: view for one in news for view in views.about(one)}
        orders = sorted(told.values(), key=lambda view: view.urgency)
        if not orders:
            return self.news(news, views, form, now)
        other = self._distinct(lines(one for one in news if not views.about(one)), views, words)
        notes = tuple(self._news_line(line, views, words, FULL) for line in other)
        message = Message(title=self._line("catch_up_title.j2", count=len(orders)), body="")
        return self._list(message, orders, notes, words, form)

    def digest(self, digest: DigestView, form: Form, now: dt.datetime, old_mail: OldMail | None = None) -> Message:
        """All open orders, what needs the user first, and how the mailboxes are; or the summary of old mail."""
        words = Words(self.language, self.zone, now)
        refunds = sum(view.waits_for_refund for view in digest.orders)
        counts = {
            "open": sum(view.order.open for view in digest.orders) + digest.unchanged - refunds,
            "refunds": refunds,
            "look": sum(view.needs_a_look for view in digest.orders),
            "mails": old_mail.mails if old_mail else 0,
            "new": _new(old_mail.new_orders, digest) if old_mail else None,
        }
        message = Message(title=self._line("digest_title.j2", **counts), body="", urgent=bool(counts["look"]))
        return self._list(message, digest.orders, self._health(digest, words), words, form, old_mail)

    def _line(self, template: str, **values: object) -> str:
        return one_line(render(self.language, self.own, template, **values))

    def _lines(self, template: str, **values: object) -> tuple[str, ...]:
        text = render(self.language, self.own, template, **values)
        return tuple(one_line(line) for line in text.splitlines() if line.strip())

    def _more(self, count: int) -> str:
        return self._line("more.j2", count=count)

    def _news_title(self, told: Sequence[Line], views: Views, words: Words) -> str:
        news = told[0][0][0]
        values = news_values(told[0][0], views, words, FULL)
        n = {**values, "who": who(news, views, words, SHOP_ONLY), "shop": shop_of(news, views)}
        imitations = sum(line[0][0].kind is NewsKind.IMITATION for line in told)
        return self._line("news_title.j2", n=n, count=len(told), imitations=imitations)

    def _news_line(self, line: Line, views: Views, words: Words, length: int) -> str:
        """What is said of the same orders, which the first statement names."""
        said = (news_values(one, views, words, length, line[0] if one is not line[0] else None) for one in line)
        return "; ".join(self._line("news_line.j2", n=values).lstrip(": ") for values in said)

    def _news_entry(self, line: Line, views: Views, words: Words, form: Form, alone: bool) -> Entry:
        texts = [self._news_line(line, views, words, length) for length in (FULL, BRIEF, SHOP_ONLY)]
        if form.style is Style.SMS:
            return Entry(*texts)
        items, advice = items_of(line[0][0], views, words), advice_of(line, views)
        full = (
            "\n".join(filter(None, [texts[0], items, advice])) if alone else " – ".join(filter(None, [texts[0], items]))
        )
        return Entry(full, *texts[1:])

    def _distinct(self, told: Sequence[Line], views: Views, words: Words) -> list[Line]:
        """Without lines that would read the same."""
        first = {self._news_line(line, views, words, FULL): line for line in reversed(told)}
        return list(reversed(first.values()))

    def _order_entry(self, view: OrderView, words: Words, deadline_told: bool) -> Entry:
        values = [dict(order_values(view, words, length)) for length in (FULL, BRIEF, SHOP_ONLY)]
        if deadline_told:
            values[0]["todo"] = None
        return Entry(*(self._line("order_line.j2", o=one) for one in values))

    def _list(
        self,
        message: Message,
        orders: Sequence[OrderView],
        notes: tuple[str, ...],
        words: Words,
        form: Form,
        old_mail: OldMail | None = None,
    ) -> Message:
        """The orders, and before them what old mail has brought that cannot wait; a card shows its deadlines itself."""
        views, told = (old_mail.views, lines(old_mail.news)) if old_mail else (Views(), ())
        if form.style is Style.MAIL:
            shown = {view.order.id for view in orders}
            first = [self._news_card(line, views, words) for line in told if not shown.issuperset(line[0][0].orders)]
            return self._mail(message, first + [self._order_card(view, words) for view in orders], notes, form)
        entries = [self._news_entry(line, views, words, form, alone=False) for line in told]
        named = {order for line in told for order in line[0][0].orders}
        entries += [self._order_entry(view, words, view.order.id in named) for view in orders]
        return self._short(message, entries, notes, form)

    def _short(
        self, message: Message, entries: Sequence[Entry], notes: tuple[str, ...], form: Form, untitled: bool = False
    ) -> Message:
        """An SMS, or a push notice; where the service has no titles it becomes the first line."""
        titled = form.style is Style.PUSH and form.limits.title > 0
        title = self._marked("" if untitled and not titled else message.title, form)
        body = fit("" if titled else title, entries, notes, form, self._more)
        title = shorten(title, min(form.limits.title, _TITLE)) if titled else ""
        return replace(message, title=title, body=body or message.title)

    def _marked(self, title: str, form: Form) -> str:
        return f"{self._line('repeated.j2')} {title}".strip() if form.repeated else title

    def _news_card(self, line: Line, views: Views, words: Words) -> Card:
        return cards.of_news(line, views, words, self._news_line(line, views, words, FULL), self._link_text)

    def _order_card(self, view: OrderView, words: Words) -> Card:
        values = order_values(view, words, FULL)
        status = self._line("card_status.j2", o=values)
        small = self._lines("card_details.j2", c=cards.details(view, words))
        return cards.of_order(view, str(values["who"]), status, small, self._link_text)

    def _link_text(self, carrier: str | None, shop: str) -> str:
        return self._line("card_link.j2", carrier=carrier, shop=shop)

    def _mail(self, message: Message, shown: Sequence[Card], notes: Iterable[str], form: Form) -> Message:
        notes = tuple(notes)
        if len(shown) > cards.MOST:
            notes = (self._more(len(shown) - cards.MOST), *notes)
            shown = shown[: cards.MOST]
        alarms = [note for note in notes if note.startswith(_ALARM)]
        values = {
            "title": message.title,
            "alarms": alarms,
            "cards": shown,
            "notes": [note for note in notes if note not in alarms],
            "lang": self.language.partition("_")[0],
        }
        text = render(self.language, self.own, "mail.txt.j2", **values)
        html = render(self.language, self.own, "mail.html.j2", **values)
        return replace(message, title=shorten(self._marked(message.title, form), _TITLE), body=text, html=html)

    def _health(self, digest: DigestView, words: Words) -> tuple[str, ...]:
        return self._lines("health.j2", **cards.health(digest, words))
