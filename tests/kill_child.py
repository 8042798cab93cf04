"""One run of dispatch in a process of its own, to be killed at a named point. Preloaded once, then forked."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import inboxtrack.dispatch as dispatch
from inboxtrack.channel import Channel, Limits, Style
from inboxtrack.faults import CRASH_AT
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.writing import Writer
from inboxtrack.store import Store
from inboxtrack.views import DigestView
from tests.samples import BERLIN, VIEWS

notifier_for(Channel(name="warm", url="json://127.0.0.1:9/"))


def channels(ports: dict[str, int]) -> list[Channel]:
    """A channel for each sink."""
    styles = {"sms": Style.SMS, "phone": Style.PUSH}
    return [
        Channel(name=name, url=f"json://127.0.0.1:{port}/", style=styles.get(name, Style.PUSH))
        for name, port in ports.items()
    ]


def run(folder: Path, ports: dict[str, int], now: dt.datetime, crash_at: str | None) -> None:
    """Send what is due; die at `crash_at` ("dispatch.sent:2": the second pass of that point)."""
    if crash_at:
        os.environ[CRASH_AT] = crash_at
    made = channels(ports)
    limits = {channel.name: Limits() for channel in made}
    with Store(folder) as store:
        writer = Writer(Renderer("en", BERLIN), VIEWS, lambda _: DigestView(), limits, now)
        notifiers = {channel.name: notifier_for(channel) for channel in made}
        dispatch.run(store.outbox, made, notifiers, writer, VIEWS.silenced, now, BERLIN)
