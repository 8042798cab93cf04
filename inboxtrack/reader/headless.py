"""An HTML body saved without its header: whose mail it is follows from where most of its links lead. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from html import unescape

from inboxtrack.extractors import Extractor
from inboxtrack.mail.domains import organisation
from inboxtrack.mail.message import Href, Mail, clean_text
from inboxtrack.tracking.links import unwrap

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})", re.I)
_LINKS, _TITLE_LIMIT = 200, 300
_ENOUGH = 2
"""One link among others may be that of a brand's page in the footer."""


def with_header(body: Mail, extractors: Iterable[Extractor]) -> Mail:
    """The body with its title as subject, and from the known sender its links lead to; no sender where none is known.

    Only for files that the user gives: such a mail could claim to be from anybody.
    """
    title = _TITLE.search(body.html[:50_000])
    headers = [("Subject", clean_text(unescape(title[1]), _TITLE_LIMIT))] if title else []
    sender = _sender(body, extractors)
    headers += [("From", sender)] if sender else []
    return Mail(headers=tuple(headers), plain=body.plain, html=body.html, received_at=body.received_at)


def _sender(body: Mail, extractors: Iterable[Extractor]) -> str | None:
    hosts = (Href(unwrap(link.url)).host for link in body.links[:_LINKS])
    domains = Counter(organisation(host) for host in hosts if host)
    most = max(domains.values(), default=0)
    if most < _ENOUGH and len(domains) != 1:
        return None
    senders = (sender for extractor in extractors for sender in extractor.senders)
    own = next((s for s in senders if domains[organisation(s.rpartition("@")[2])] == most), None)
    return own and (own if "@" in own else f"noreply@{own}")
