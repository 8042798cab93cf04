"""A URL that is called only when the whole chain worked, so that a dead inboxtrack is noticed elsewhere."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)


def beat(url: str) -> bool:
    """Call the URL; whether it answered with success. Nothing but the call itself tells that we live."""
    import httpx

    try:
        answer = httpx.get(url, timeout=10, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.warning("the heartbeat URL does not answer (%s): check heartbeat.url", type(error).__name__)
        return False
    if not answer.is_success:
        _log.warning("the heartbeat URL answers %s: check heartbeat.url", answer.status_code)
    return answer.is_success
