"""Channels and what goes through them: the contract between dispatch, the texts and the services that carry them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from inboxtrack.model import News, NewsKind

EVERY_KIND = frozenset(NewsKind)
URGENT_KINDS = frozenset({NewsKind.OUT_FOR_DELIVERY, NewsKind.DEADLINE})
FIRST_RUN, DIGEST, DELIVERY_TROUBLE, MAILBOX_WELL = "first_run", "digest", "delivery_trouble", "mailbox_well"
"""`News.what` of news that is not about an order: the two summaries, trouble with another channel, and its end with a
mailbox.
"""


class Style(StrEnum):
    """How a channel's messages are written."""

    SMS = "sms"
    PUSH = "push"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service takes, in characters; a title of 0 means that the title becomes the body's first line."""

    title: int = 250
    body: int = 32_768


@dataclass(frozen=True, slots=True)
class Form:
    """How a text has to be written: the style, what the service takes, and for SMS whether to stay within GSM-7.

    `repeated` marks it as one that may have been sent before.
    """

    style: Style
    limits: Limits = Limits()
    transliterate: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours without messages in the user's time zone, `first` included, `last` not; they may span midnight."""

    first: dt.time
    last: dt.time

    def end(self, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
        """When the quiet hours that hold `now` are over, or None when it is not quiet."""
        local = now.astimezone(zone)
        time = local.time()
        if self.first <= self.last:
            quiet, tomorrow = self.first <= time < self.last, False
        else:
            quiet, tomorrow = time >= self.first or time < self.last, time >= self.first
        if not quiet:
            return None
        day = local.date() + dt.timedelta(days=tomorrow)
        return dt.datetime.combine(day, self.last, zone).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One Apprise URL with a stable name, a style and its wishes. None means all retailers or mailboxes.

    `daily_cap` counts messages in any 24 hours. With `at_most_once` a message is rather lost than sent twice.
    """

    name: str
    url: str = field(repr=False)
    style: Style = Style.PUSH
    wishes: frozenset[NewsKind] = EVERY_KIND
    retailers: frozenset[str] | None = None
    mailboxes: frozenset[str] | None = None
    digest: bool = True
    quiet: QuietHours | None = None
    urgent: frozenset[NewsKind] = URGENT_KINDS
    at_most_once: bool = False
    daily_cap: int | None = None
    transliterate: bool = False

    def wants(self, news: News) -> bool:
        """Whether this channel wishes to hear these news. The mailbox of news is its data `mailbox`."""
        mailbox = dict(news.data).get("mailbox")
        return (
            news.kind in self.wishes
            and (self.retailers is None or not news.orders or any(shop in self.retailers for shop, _ in news.orders))
            and (self.mailboxes is None or mailbox is None or mailbox in self.mailboxes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text ready to be sent. `html` is there in the mail style, `link` is the page that a tap on it opens."""

    title: str
    body: str
    html: str | None = None
    link: str | None = None
    urgent: bool = False


class NotifyError(Exception):
    """A message was not sent, or nobody knows whether it was (`unknown`).

    `permanent` means that only the user can cure it, such as a refused password. The text never holds a secret.
    """

    def __init__(self, text: str, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.unknown = unknown


class ChannelError(Exception):
    """A channel cannot be used at all; the text names the channel and the cure, never the URL's secrets."""

    exit_code = 2


class Notifier(Protocol):
    """Carries messages to one service; `send` returns when the service has taken the message."""

    @property
    def limits(self) -> Limits:
        """What the service takes."""

    def send(self, message: Message) -> None:
        """Send, or raise NotifyError; blocks at most 40 seconds."""
