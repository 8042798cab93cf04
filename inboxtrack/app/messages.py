"""Channels, the digest and the outbox: which news goes where, and sending what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from inboxtrack import dispatch
from inboxtrack.app.digest import DigestLog
from inboxtrack.changes.alerts import deadline_news, time_news
from inboxtrack.channel import (
    DIGEST,
    Channel,
    ChannelError,
    Form,
    Limits,
    Message,
    Notifier,
    NotifyError,
    QuietHours,
    Style,
)
from inboxtrack.config.settings import ChannelSettings, Settings
from inboxtrack.model import News, NewsKind, State
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.writing import Writer
from inboxtrack.overview import OrderView
from inboxtrack.pipeline import announce
from inboxtrack.secret import ConfigError
from inboxtrack.store import Store
from inboxtrack.views import DigestView, Views

ViewsOf = Callable[[State, dt.datetime], tuple[OrderView, ...]]
_DIGEST_DONE = "digest_done"
_TIME_LOOKED_AT = "time_looked_at"


def channel_of(settings: Settings, one: ChannelSettings) -> Channel:
    """A channel with its URL. Raises ConfigError where the URL's place gives none."""
    return Channel(
        name=one.name,
        url=settings.secret(one, "url").get(),
        style=one.style,
        **({"wishes": one.news} if one.news is not None else {}),
        retailers=one.retailers,
        mailboxes=one.mailboxes,
        digest=one.digest,
        quiet=QuietHours(*one.quiet) if one.quiet else None,
        **({"urgent": one.urgent} if one.urgent is not None else {}),
        at_most_once=one.at_most_once,
        daily_cap=one.daily_cap,
        transliterate=one.transliterate,
    )


class Messages:
    """What is told, to whom, and when."""

    def __init__(self, settings: Settings, store: Store, views_of: ViewsOf) -> None:
        self.settings = settings
        self.store = store
        self.views_of = views_of
        self._digest_to: set[str] = set()

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The channels with their URLs, looked up when first needed: `orders` needs none. Raises ConfigError."""
        return tuple(channel_of(self.settings, one) for one in self.settings.channels)

    def channels_for(self, news: News) -> Sequence[str]:
        """Names of the channels that wish for a piece of news."""
        if news.kind is NewsKind.SUMMARY and news.what == DIGEST:
            return [channel.name for channel in self.channels if channel.digest]
        return [channel.name for channel in self.channels if channel.wants(news)]

    def announce_time(self, views: Sequence[OrderView], now: dt.datetime) -> int:
        """What follows from time alone: deadlines that come near, and silence.

        Silence that was due before the last look came with old mail: it is in the overview, and not told one by one.
        """
        zone = self.settings.general.zone
        found = time_news(views, now, zone)
        with self.store.transaction() as tx:
            looked = dt.datetime.fromisoformat(tx.health.get(_TIME_LOOKED_AT) or now.isoformat())
            tx.health.put(_TIME_LOOKED_AT, now.isoformat())
            announce((news for news in found if news.at <= looked), tx, self.channels_for, now, silent=True)
            fresh = [news for news in found if news.at > looked]
            return announce([*deadline_news(views, now, zone), *fresh], tx, self.channels_for, now)

    def announce_digest(self, now: dt.datetime) -> None:
        """Put a digest in the outbox when one is due: one for all the times that have passed since the last."""
        schedule = self.settings.digest.schedule
        with self.store.reading() as tx:
            done = tx.health.get(_DIGEST_DONE)
        if not schedule or done is None:
            self._digest_done(now)
            return
        slot = last_slot(schedule, self.settings.general.zone, dt.datetime.fromisoformat(done), now)
        if slot is None:
            return
        if self.digests.worth_sending(now):
            self.put_digest(f"digest/{slot.isoformat()}", slot, now)
        else:
            self._digest_done(slot)

    def _digest_done(self, slot: dt.datetime) -> None:
        with self.store.transaction() as tx:
            tx.health.put(_DIGEST_DONE, slot.isoformat())
            self.digests.begin(tx, slot)

    def put_digest(self, key: str, slot: dt.datetime, now: dt.datetime) -> None:
        """Put a digest in the outbox, and remember that its time has passed."""
        news = News(kind=NewsKind.SUMMARY, keys=(key,), at=slot, what=DIGEST)
        with self.store.transaction() as tx:
            tx.health.put(_DIGEST_DONE, slot.isoformat())
            self.digests.next(tx, now)
            announce([news], tx, self.channels_for, now)

    @cached_property
    def digests(self) -> DigestLog:
        """What digests say."""
        return DigestLog(self.settings, self.store, self.views_of)

    # -- sending ---------------------------------------------------------------------------------------------------

    @cached_property
    def notifiers(self) -> Mapping[str, Notifier]:
        """What carries each channel's messages. Raises ChannelError for a URL that cannot be used."""
        return {channel.name: notifier_for(channel) for channel in self.channels}

    @cached_property
    def renderer(self) -> Renderer:
        """What writes the messages; single templates may stand in `templates` beside the settings."""
        own = self.settings.path.parent / "templates"
        general = self.settings.general
        return Renderer(general.language, general.zone, own if own.is_dir() else None)

    def send(self, now: dt.datetime) -> dispatch.Report:
        """Send what is due, and remember what the digests said."""
        if not any(self.store.outbox.open_rows(channel.name) for channel in self.channels):
            return dispatch.Report()
        self._digest_to.clear()
        views = Views.of(self._views(now))
        limits = {name: notifier.limits for name, notifier in self.notifiers.items()}
        report = dispatch.run(
            self.store.outbox,
            self.channels,
            self.notifiers,
            Writer(self.renderer, views, lambda channel: self._digest(channel, now), limits, now),
            views.silenced,
            now,
            self.settings.general.zone,
        )
        if self._digest_to & report.sent.keys() and not self._digest_waits():
            self.digests.told()
        return report

    def _digest_waits(self) -> bool:
        """Whether a channel has yet to get its digest: it counts the unread mails, too, when it goes."""
        rows = (row for channel in self.channels for row in self.store.outbox.open_rows(channel.name))
        return any(row.news.what == DIGEST for row in rows)

    def _views(self, now: dt.datetime) -> tuple[OrderView, ...]:
        with self.store.reading() as tx:
            state = tx.facts.open_state(ended_since=now - RECENT)
        return self.views_of(state, now)

    def _digest(self, channel: Channel, now: dt.datetime) -> DigestView:
        """What a digest that is being sent says; to whom it was written is remembered."""
        self._digest_to.add(channel.name)
        return self.digests.view(now, sent=True)

    def preview(self, style: Style, now: dt.datetime) -> Message:
        """The digest as a channel of this style would get it; nothing is sent."""
        limits = {Style.SMS: Limits(0, 160)}.get(style, Limits())
        return self.renderer.digest(self.digests.view(now), Form(style, limits), now)

    def test(self) -> list[tuple[str, str | None]]:
        """Send a test message to each channel; its name, and the error where there was one."""
        results: list[tuple[str, str | None]] = []
        words = catalogue(self.settings.general.language).gettext
        message = replace(TEST, body=words(TEST.body))
        for one in self.settings.channels:
            try:
                notifier_for(channel_of(self.settings, one)).send(message)
                results.append((one.name, None))
            except (NotifyError, ChannelError, ConfigError) as error:
                results.append((one.name, str(error)))
        return results


RECENT = dt.timedelta(days=14)
TEST = Message(title="inboxtrack", body="This is a test. News about your orders will look as plain as this.")


def last_slot(schedule: str, zone: dt.tzinfo, after: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """The last time of a cron schedule in (after, now], or None. Times are those of the user's zone."""
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(schedule, timezone=zone)
    found, cursor = None, max(after, now - dt.timedelta(days=40)) + dt.timedelta(microseconds=1)
    while (slot := trigger.get_next_fire_time(None, cursor)) is not None and slot <= now:
        # In UTC: a second more on the wall clock never leaves the hour that autumn repeats.
        cursor = slot.astimezone(dt.UTC) + dt.timedelta(seconds=1)
        if not slot.fold:
            found = slot.astimezone(dt.UTC)
    return found
