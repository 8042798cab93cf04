"""A message past the outbox, for the one trouble that the outbox cannot hold: its own store's."""

from __future__ import annotations

import datetime as dt

from inboxtrack.app.messages import channel_of
from inboxtrack.channel import Channel, ChannelError, Message, NotifyError
from inboxtrack.config.settings import ChannelSettings, Settings
from inboxtrack.model import NewsKind
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.troubles import in_language
from inboxtrack.secret import ConfigError

NO_KEEPING = "inboxtrack cannot keep what it reads"
_PASSES = "locked"
"""A store that another program holds is free again soon."""


def warn(settings: Settings, text: str, now: dt.datetime) -> bool:
    """Tell of trouble with the store on the first channel that takes it; whether one did, or it is not worth it."""
    if _PASSES in text:
        return False
    return any(_took(settings, one, text, now) for one in settings.channels)


def _took(settings: Settings, one: ChannelSettings, text: str, now: dt.datetime) -> bool:
    try:
        channel = channel_of(settings, one)
        if NewsKind.MAILBOX not in channel.wishes or _is_quiet(channel, now, settings.general.zone):
            return False
        language = settings.general.language
        notifier_for(channel).send(Message(title="inboxtrack", body=in_language(f"{NO_KEEPING}: {text}", language)))
    except (NotifyError, ChannelError, ConfigError):
        return False
    return True


def _is_quiet(channel: Channel, now: dt.datetime, zone: dt.tzinfo) -> bool:
    return channel.quiet is not None and channel.quiet.end(now, zone) is not None
