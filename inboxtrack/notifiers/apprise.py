"""Messages by Apprise (2.2): one Apprise object for each URL, plain text or HTML as declared, nothing truncated.

Apprise says only whether a service took the message. Why not is read from its own log, which is captured in memory,
never printed and never kept, because at the level DEBUG it holds tokens and texts.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from inboxtrack.channel import Channel, ChannelError, Limits, Message, NotifyError, Style
from inboxtrack.notifiers.apprise_cure import cure
from inboxtrack.notifiers.apprise_file import service_url

if TYPE_CHECKING:
    from apprise import Apprise, AppriseResult

TIMEOUT = 30.0
"""Seconds for one message; Apprise gives up waiting then, and the message may still arrive."""

_ANSWER_TIMEOUT = 20
"""Seconds for a service's answer (Apprise's own 4 would call a slow success a failure)."""

_TAP = {"ntfy": "click", "ntfys": "click", "bark": "click", "barks": "click", "pover": "url", "macosx": "click"}
"""The URL parameter by which a service opens a page when its notice is tapped."""

_REFUSED = re.compile(r"error=(\d{3})|\((\d{3}), b['\"]")
"""An HTTP status as Apprise logs it, or an SMTP answer as smtplib words it."""
_USER_MUST_ACT = frozenset({"401", "403", "404", "410", "530", "534", "535"})
_NEVER_SENT = re.compile(
    r"Connection refused|Failed to establish a new connection|NewConnectionError|Name or service not known"
    r"|NameResolutionError|getaddrinfo|No route to host|Network is unreachable|ConnectTimeout|connect timeout"
    r"|CERTIFICATE_VERIFY_FAILED|Errno 111|Errno 113|Errno -[235]\b"
)
_IN_FLIGHT = re.compile(r"Read timed out|timed out|Connection aborted|RemoteDisconnected|reset by peer|IncompleteRead")


class AppriseNotifier:
    """Carries messages to one Apprise URL. Raises ChannelError for a URL that Apprise does not understand."""

    def __init__(self, channel: Channel) -> None:
        _keep_apprise_silent()
        self._channel = channel
        self._url = service_url(channel.name, channel.url.strip())
        self._schema = urlsplit(self._url).scheme.lower()
        self._service = _opened(channel, self._url)[0]

    @property
    def limits(self) -> Limits:
        """What Apprise knows of the service."""
        return Limits(self._service.title_maxlen, self._service.body_maxlen)

    @property
    def address(self) -> str:
        """The URL without its secrets."""
        masked: Any = self._service
        return str(masked.url(privacy=True)).partition("?")[0]

    def send(self, message: Message) -> None:
        """Send one message. Raises NotifyError; blocks at most 30 seconds."""
        tap = _TAP.get(self._schema)
        target = _opened(self._channel, _with(self._url, tap, message.link))
        result = target.notify(
            title=message.title,
            body=self._body(message, tap),
            body_format="html" if self._is_html(message) else "text",
            notify_type="warning" if message.urgent else "info",
            timeout=TIMEOUT,
            log_level=logging.DEBUG,
        )
        if not result:
            raise _error(result, rather_lost=self._channel.at_most_once)

    def _is_html(self, message: Message) -> bool:
        return self._channel.style is Style.MAIL and message.html is not None

    def _body(self, message: Message, tap: str | None) -> str:
        if self._is_html(message):
            return message.html or ""
        with_link = self._channel.style is Style.PUSH and message.link and not tap
        return f"{message.body}\n{message.link}" if with_link else message.body


def _opened(channel: Channel, url: str) -> Apprise:
    """The URL as Apprise's object, without redirects and with time for an answer."""
    from apprise import Apprise, AppriseAsset

    target = Apprise(asset=AppriseAsset(http_redirects=False, service_timeout=TIMEOUT, storage_mode="memory"))
    if not target.add(_with(url, "rto", str(_ANSWER_TIMEOUT))) or len(target) != 1:
        raise ChannelError(cure(channel.name, url))
    return target


def _with(url: str, parameter: str | None, value: str | None) -> str:
    """The URL with a parameter, unless the user has set it."""
    if not parameter or not value or re.search(rf"[?&]{parameter}=", url):
        return url
    return f"{url}{'&' if '?' in url else '?'}{parameter}={quote(value, safe='')}"


def _keep_apprise_silent() -> None:
    """Apprise's log goes nowhere but into the results, urllib3's says no more than warnings: both tell tokens."""
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _error(result: AppriseResult, rather_lost: bool) -> NotifyError:
    """Whether a message was refused, did not leave, or may have arrived: nobody knows then.

    What Apprise's log does not explain is taken for a failure, or with `rather_lost` for one that nobody knows of.
    """
    from apprise import AppriseResultStatus

    if result.status == AppriseResultStatus.TIMEOUT:
        return NotifyError(f"no answer within {TIMEOUT:.0f} seconds", unknown=True)
    said = _said(result)
    refused = _REFUSED.search(said)
    if refused:
        return _refusal(refused[1] or refused[2])
    if _NEVER_SENT.search(said):
        return NotifyError("the service cannot be reached")
    if _IN_FLIGHT.search(said):
        return NotifyError("the connection broke before the service answered", unknown=True)
    return NotifyError("the service did not take the message", unknown=rather_lost)


def _refusal(code: str) -> NotifyError:
    if code in _USER_MUST_ACT:
        return NotifyError(f"the service refused the message ({code}): check the channel's URL", permanent=True)
    return NotifyError(f"the service answered {code}")


def _said(result: AppriseResult) -> str:
    entries: Any = result.logs()
    return "\n".join(str(entry.message) for entry in entries)
