"""Outbox batches as messages, each in its channel's style and size."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inboxtrack.channel import FIRST_RUN, Channel, Form, Limits, Message, NotifyError
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import TemplateError
from inboxtrack.outbox.batch import Batch, Manner
from inboxtrack.views import DigestView, OldMail, Views


@dataclass(frozen=True, slots=True)
class Writer:
    """What dispatch calls to write a message. `limits` go by channel name; `digest_for` is asked when one is due."""

    renderer: Renderer
    views: Views
    digest_for: Callable[[Channel], DigestView]
    limits: Mapping[str, Limits]
    now: dt.datetime

    def __call__(self, batch: Batch) -> Message:
        """The batch's message. Raises NotifyError for a template of the user's that cannot be used."""
        try:
            return self._write(batch)
        except TemplateError as error:
            raise NotifyError(str(error), permanent=True) from None

    def _write(self, batch: Batch) -> Message:
        form = form_of(batch.channel, self.limits.get(batch.channel.name, Limits()), batch.repeated)
        if batch.manner is Manner.NEWS:
            return self.renderer.news(batch.news, self.views, form, self.now)
        if batch.manner is Manner.CATCH_UP:
            return self.renderer.catch_up(batch.news, self.views, form, self.now)
        return self.renderer.digest(self.digest_for(batch.channel), form, self.now, _old_mail(batch, self.views))


def _old_mail(batch: Batch, views: Views) -> OldMail | None:
    """What a summary of old mail speaks of; None for a digest."""
    if batch.manner is not Manner.FIRST_RUN:
        return None
    data = [dict(news.data) for news in batch.news if news.what == FIRST_RUN]
    new = [frozenset((shop, number) for shop, number in json.loads(one["new"])) for one in data if "new" in one]
    return OldMail(
        mails=sum(int(one.get("mails", "0")) for one in data),
        new_orders=frozenset().union(*new) if len(new) == len(data) else None,
        news=tuple(news for news in batch.news if news.what != FIRST_RUN),
        views=views,
    )


def form_of(channel: Channel, limits: Limits, repeated: bool = False) -> Form:
    """How a channel's texts are to be written."""
    return Form(channel.style, limits, channel.transliterate, repeated)
