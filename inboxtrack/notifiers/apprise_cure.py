"""What to do about a URL that Apprise does not accept, without a word of the URL but its scheme."""

from __future__ import annotations

import difflib
from typing import Any
from urllib.parse import urlsplit


def cure(channel_name: str, url: str) -> str:
    """One line that names the channel, what is wrong and the cure."""
    from apprise import Apprise

    details: dict[str, Any] = Apprise().details(show_requirements=True, show_disabled=True)
    services = {schema: service for service in details["schemas"] for schema in _schemas(service)}
    return f"channel {channel_name!r}: {_wrong(urlsplit(url).scheme.lower(), services)}"


def _schemas(service: dict[str, Any]) -> list[str]:
    return [*(service["protocols"] or ()), *(service["secure_protocols"] or ())]


def _wrong(schema: str, services: dict[str, dict[str, Any]]) -> str:
    if not schema:
        return "its url is no Apprise URL such as ntfy://my-secret-topic: see https://appriseit.com/services/"
    service = services.get(schema)
    if service is None:
        near = difflib.get_close_matches(schema, services, 1)
        hint = f"is {near[0]}:// meant?" if near else "see https://appriseit.com/services/"
        return f"Apprise knows no {schema}:// service: {hint}"
    if not service["enabled"]:
        return f"{schema}:// needs more: pip install {_packages(service)}"
    return f"Apprise cannot use this {schema}:// URL: compare it with {service['setup_url']}"


def _packages(service: dict[str, Any]) -> str:
    return " ".join(f"'{package.replace(' ', '')}'" for package in service["requirements"]["packages_required"])
