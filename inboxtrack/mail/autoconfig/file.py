"""Thunderbird's autoconfig file, version 1.1 (wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat).

The file comes from the net: it is read without document types, entities or anything fetched; every value is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inboxtrack.mail.account import has_control, is_loopback
from inboxtrack.mail.domains import ascii_domain

if TYPE_CHECKING:
    from lxml.etree import _Element

_SECURITY = {"SSL": "tls", "STARTTLS": "starttls"}
_HOST = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z][a-z0-9-]{1,62}")
_LONGEST_USER = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An IMAP server that a file names; `user` is the login name for the address."""

    host: str
    port: int
    security: str
    user: str


def servers_in(page: bytes, address: str) -> tuple[Named, ...]:
    """The IMAP servers of a file for an address, best first; those without TLS, and broken ones, are left out."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(page, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    if root.getroottree().docinfo.internalDTD is not None:
        return ()
    found = [named for entry in root.iterfind("emailProvider/incomingServer") for named in _named(entry, address)]
    return tuple(sorted(found, key=lambda named: named.security != "tls"))


def _named(entry: _Element, address: str) -> Iterator[Named]:
    security = _SECURITY.get(_text(entry, "socketType").upper())
    host, port = ascii_domain(_filled(_text(entry, "hostname"), address)), _text(entry, "port")
    if entry.get("type") != "imap" or security is None or not _HOST.fullmatch(host) or is_loopback(host):
        return
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        return
    yield Named(host=host, port=int(port), security=security, user=_user(entry, address))


def _user(entry: _Element, address: str) -> str:
    user = _filled(_text(entry, "username"), address)
    usable = user and "%" not in user and len(user) <= _LONGEST_USER and not has_control(user)
    return user if usable else address


def _text(entry: _Element, name: str) -> str:
    return (entry.findtext(name) or "").strip()


def _filled(text: str, address: str) -> str:
    local, _, domain = address.rpartition("@")
    values = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": local, "%EMAILDOMAIN%": domain}
    for name, value in values.items():
        text = text.replace(name, value)
    return text
