"""A service out of Apprise's own configuration file: `apprise:///home/me/apprise.yml#phone` is its tag `phone`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from inboxtrack.channel import ChannelError

SCHEMA = "apprise:///"


def service_url(channel_name: str, url: str) -> str:
    """The Apprise URL of the one service with the tag that stands behind `#`; any other URL as it is.

    Raises ChannelError when the file or the tag is not there, or when several services bear it: each needs a channel
    of its own, so that the failure of one never repeats or holds back another.
    """
    if not url.startswith(SCHEMA):
        return url
    parts = urlsplit(url)
    path, tag = Path(unquote(parts.path)), unquote(parts.fragment)
    if not tag:
        raise ChannelError(f"channel {channel_name!r}: name the tag of its service: apprise://{path}#TAG")
    found = _tagged(channel_name, path, tag)
    if len(found) != 1:
        cure = "give each service a tag and a channel of its own" if found else "give the wished service this tag"
        raise ChannelError(f"channel {channel_name!r}: {len(found)} services in {path} have the tag {tag!r}: {cure}")
    return found[0]


def _tagged(channel_name: str, path: Path, tag: str) -> list[str]:
    from apprise import Apprise, AppriseAsset, AppriseConfig

    if not path.is_file():
        raise ChannelError(f"channel {channel_name!r}: {path} is no file: give the path of Apprise's configuration")
    asset = AppriseAsset(storage_mode="memory")
    config = AppriseConfig(paths=str(path), asset=asset)
    every = Apprise(asset=asset)
    every.add(config)
    services: list[Any] = list(every.find(tag))
    return [str(service.url(privacy=False)) for service in services]
