"""How messages leave: Apprise and the console, and the writing of texts. `notifier_for` opens a channel."""

from __future__ import annotations

from inboxtrack.channel import Channel, Notifier

CONSOLE = "console:"


def notifier_for(channel: Channel) -> Notifier:
    """What carries a channel's messages: `console:` prints them, anything else is an Apprise URL.

    Raises ChannelError for a URL that cannot be used.
    """
    if channel.url.strip().rstrip("/") == CONSOLE:
        from inboxtrack.notifiers.console import ConsoleNotifier

        return ConsoleNotifier(channel)
    from inboxtrack.notifiers.apprise import AppriseNotifier

    return AppriseNotifier(channel)
