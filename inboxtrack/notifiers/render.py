"""News and digests as messages: an SMS, a push notice or a mail, in the reader's language, of a size that arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inboxtrack.channel import Form, Message, Style
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
    worth_telling,
)
from inboxtrack.notifiers.order_values import needs_a_look, order_values
from inboxtrack.notifiers.sizes import Entry, fit, shorten
from inboxtrack.notifiers.texts import one_line, render
from inboxtrack.notifiers.words import Words
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView, Views

_TITLE = 120
_ALARM = "! "
_PRESSING = frozenset({NewsKind.PROBLEM, NewsKind.IMITATION, NewsKind.DEADLINE, NewsKind.MAILBOX})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes messages for one reader. `own` is the folder of the user's templates, which replace ours by name."""

    language: str = "en"
    zone: dt.tzinfo = dt.UTC
    own: Path | None = None

    def news(self, news: Sequence[News], views: Views, form: Form, now: dt.datetime) -> Message:
        """One message for news that is told together; of one parcel's steps the last is told."""
        words = Words(self.language, self.zone, now)
        told = self._distinct(worth_telling(tuple(news)), views, words)
        first = self._line("news_line.j2", n=news_values(told[0], views, words, SHOP_ONLY))
        title = self._line("news_title.j2", first=first, others=len(told) - 1)
        message = Message(
            title=title,
            body="",
            link=link_of(told[0], views) if len(told) == 1 else None,
            urgent=any(one.kind in _PRESSING for one in told),
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
        other = {one.keys: self._news_line(one, views, words, FULL) for one in news if not views.about(one)}
        message = Message(title=self._line("catch_up_title.j2", count=len(orders)), body="")
        return self._list(message, orders, tuple(other.values()), words, form)

    def digest(self, digest: DigestView, form: Form, now: dt.datetime, mails: int = 0) -> Message:
        """All open orders, what needs a look first, and how the mailboxes are; after a first run how many `mails`."""
        words = Words(self.language, self.zone, now)
        open_orders = sum(view.order.open for view in digest.orders) + digest.unchanged
        look = sum(needs_a_look(view) for view in digest.orders)
        title = self._line("digest_title.j2", open=open_orders, look=look, mails=mails)
        message = Message(title=title, body="", urgent=bool(look))
        return self._list(message, digest.orders, self._health(digest, words), words, form)

    def _line(self, template: str, **values: object) -> str:
        return one_line(render(self.language, self.own, template, **values))

    def _lines(self, template: str, **values: object) -> tuple[str, ...]:
        text = render(self.language, self.own, template, **values)
        return tuple(one_line(line) for line in text.splitlines() if line.strip())

    def _more(self, count: int) -> str:
        return self._line("more.j2", count=count)

    def _news_line(self, news: News, views: Views, words: Words, length: int) -> str:
        return self._line("news_line.j2", n=news_values(news, views, words, length))

    def _news_entry(self, news: News, views: Views, words: Words, form: Form, alone: bool) -> Entry:
        lines = [self._news_line(news, views, words, length) for length in (FULL, BRIEF, SHOP_ONLY)]
        if form.style is Style.SMS:
            return Entry(*lines)
        items, advice = items_of(news, views, words), advice_of(news, views)
        full = (
            "\n".join(filter(None, [lines[0], items, advice])) if alone else " – ".join(filter(None, [lines[0], items]))
        )
        return Entry(full, *lines[1:])

    def _distinct(self, news: Sequence[News], views: Views, words: Words) -> list[News]:
        """Without news that would read the same, such as of an order and of its only parcel."""
        first = {self._news_line(one, views, words, FULL): one for one in reversed(news)}
        return list(reversed(first.values()))

    def _order_line(self, view: OrderView, words: Words, length: int) -> str:
        return self._line("order_line.j2", o=order_values(view, words, length))

    def _order_entry(self, view: OrderView, words: Words) -> Entry:
        return Entry(*(self._order_line(view, words, length) for length in (FULL, BRIEF, SHOP_ONLY)))

    def _list(
        self, message: Message, orders: Sequence[OrderView], notes: tuple[str, ...], words: Words, form: Form
    ) -> Message:
        if form.style is Style.MAIL:
            return self._mail(message, [self._order_card(view, words) for view in orders], notes, form)
        return self._short(message, [self._order_entry(view, words) for view in orders], notes, form)

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

    def _news_card(self, news: News, views: Views, words: Words) -> Card:
        line = self._news_line(news, views, words, FULL)
        return cards.of_news(news, views, words, line, self._link_text)

    def _order_card(self, view: OrderView, words: Words) -> Card:
        values = order_values(view, words, FULL)
        status = self._line("card_status.j2", o=values)
        small = self._lines("card_details.j2", c=cards.details(view, words))
        return cards.of_order(view, str(values["who"]), status, small, self._link_text)

    def _link_text(self, carrier: str | None) -> str:
        return self._line("card_link.j2", carrier=carrier)

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
