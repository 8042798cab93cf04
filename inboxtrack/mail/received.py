"""Received headers: who wrote one, and whether it is where a provider took the mail over from somebody else."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from inboxtrack.mail.domains import within
from inboxtrack.mail.headers import unfold

_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,20}")
_ADDRESS = re.compile(r"(?:IPv6:)?([0-9A-Fa-f:.]{3,45})")
_LOCAL = ("localhost", "localdomain", "internal", "local", "lan")
# private networks, 10.0.0.0/8 as Google writes it (6to4), and the machines of Exchange Online (those of Azure's
# customers are in 2603:1000 to 2603:1061)
_OWN_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10", "2002:a00::/24", "2603:1080::/25"),
    )
)


def _from_and_by(value: str) -> tuple[str, str]:
    """The `from` clause ('' without one) and the host of the `by` clause."""
    text = " " + re.sub(r"\s+", " ", unfold(value))[:2_000]
    before, _, after = text.partition(" by ")
    return (before if before.lower().startswith(" from ") else "", after.partition(" ")[0].strip(";()[]").lower())


def written_by(value: str, hosts: Iterable[str], *, by_name: bool) -> bool:
    """Whether one of these hosts wrote the header; unless it must be `by_name`, a machine inside a network may have."""
    _, by = _from_and_by(value)
    return within(by, hosts) or (not by_name and _is_inside(by))


def handed_over(value: str, hosts: Iterable[str]) -> bool:
    """Whether the mail came from outside these hosts. A name that only the sender claims (HELO) counts for nothing."""
    came_from, _ = _from_and_by(value)
    if not came_from:
        return False
    names = [name for name in _HOST.findall(came_from) if not _is_address(name)]
    if any(not within(name, hosts) and not within(name, _LOCAL) for name in names):
        return True
    outside = [found for found in _ADDRESS.findall(came_from) if _is_address(found) and not _is_inside(found)]
    return bool(outside) and len(names) < 2


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_inside(text: str) -> bool:
    """Whether this is an address of a provider's own network, or a name that only a local network knows."""
    if not _is_address(text):
        return "." not in text or within(text, _LOCAL)
    return any(ipaddress.ip_address(text) in network for network in _OWN_NETWORKS)
