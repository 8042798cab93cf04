"""The settings file: TOML -> `Settings`.

Every error is a `ConfigError`: one line that names the file, the setting and the cure.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inboxtrack.config.errors import every_error, nearest
from inboxtrack.config.settings import ChannelSettings, MailboxSettings, Settings
from inboxtrack.secret import ConfigError, Secret, refuse_if_others_can_read

__all__ = [
    "ChannelSettings",
    "ConfigError",
    "MailboxSettings",
    "Secret",
    "Settings",
    "default_path",
    "load",
    "own_retailers",
    "parse",
]

_SHOP_KEY = re.compile(r"shopify:[0-9]+|(?:[\w-]+\.)+[\w-]{2,}")
_NO_RETAILER = "parcel"
"""Stands in the table of names for parcels whose order is not known."""


def default_path() -> Path:
    """Where the settings are looked for when `--config` does not say: INBOXTRACK_CONFIG, else the usual folder."""
    given = os.environ.get("INBOXTRACK_CONFIG")
    if given:
        return Path(given)
    import platformdirs

    return platformdirs.user_config_path("inboxtrack") / "inboxtrack.toml"


def load(path: Path | None = None) -> Settings:
    """The settings of a file. Raises ConfigError."""
    path = path or default_path()
    settings = parse(read(path), path)
    if _holds_secret(settings):
        refuse_if_others_can_read(path, "the settings hold a secret")
    return settings


def read(path: Path) -> dict[str, Any]:
    """A TOML file as plain values. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"no settings at {path}: write them with `inboxtrack init`, or name yours: --config"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}: texts stand in double quotes") from None


def parse(values: dict[str, Any], path: Path) -> Settings:
    """Plain values -> settings. Raises ConfigError."""
    if "path" in values:
        raise ConfigError(f"{path}: path is not a setting: take it out")
    try:
        settings = Settings.model_validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise ConfigError(f"{path}: {every_error(error, values, Settings)}") from None
    settings = settings.model_copy(update={"path": path})
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """What one setting alone cannot show. Raises ConfigError."""
    for kind, sections in (("mailbox", settings.mailboxes), ("channel", settings.channels)):
        names = [section.name for section in sections]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"{settings.path}: two [[{kind}]] are named {name!r}: names must differ")
    for mailbox in settings.mailboxes:
        _check_mailbox(settings, mailbox)
    for channel in settings.channels:
        if not settings.secret(channel, "url").given:
            raise _lacks(settings, "channel", channel.name, "url: an Apprise URL, or url_env, url_file, url_command")
        _check_wishes(settings, channel)
    _check_figures(settings)


def _check_wishes(settings: Settings, channel: ChannelSettings) -> None:
    """A channel whose mailbox or retailer is written wrongly would never be told anything."""
    place = f"{settings.path}: [[channel]] {channel.name!r}"
    mailboxes = [mailbox.name for mailbox in settings.mailboxes]
    for name in sorted(channel.mailboxes or ()):
        if name not in mailboxes:
            raise ConfigError(f"{place} mailboxes: no mailbox is called {name!r}: {nearest(name, mailboxes)}")
    known = _retailers(settings.path.parent / "recipes") if channel.retailers else []
    for name in sorted(channel.retailers or ()):
        if name not in known and not (_SHOP_KEY.fullmatch(name) and name == name.lower()):
            cure = nearest(name, known, ", and any shop by its domain (shop.example)")
            raise ConfigError(f"{place} retailers: no retailer is called {name!r}: {cure}")


def _retailers(recipes: Path) -> list[str]:
    """The keys of all retailers: ours, and those of the user's recipes. Raises ConfigError."""
    from inboxtrack.overview.settings import shipped

    return sorted({*shipped("retailers.toml")["names"], *own_retailers(recipes)} - {_NO_RETAILER})


def own_retailers(recipes: Path) -> list[str]:
    """The keys of the retailers that the user's recipes read. Raises ConfigError."""
    own = (read(recipe).get("retailer") for recipe in sorted(recipes.glob("*.toml")))
    return [key for key in own if key]


def _check_figures(settings: Settings) -> None:
    if not (settings.thresholds or settings.policies):
        return
    from inboxtrack.overview.settings import overview_settings

    try:
        overview_settings(settings.general.zone, thresholds=settings.thresholds, policies=settings.policies)
    except ValueError as error:
        raise ConfigError(f"{settings.path}: {error}") from None


def _check_mailbox(settings: Settings, mailbox: MailboxSettings) -> None:
    if mailbox.maildir:
        return
    if not mailbox.address and not (mailbox.host and mailbox.user):
        raise _lacks(settings, "mailbox", mailbox.name, "address: your e-mail address (or maildir: a folder)")
    if not mailbox.oauth and not settings.secret(mailbox, "password").given:
        places = "password_command, password_keyring, password_file or password_env"
        raise _lacks(settings, "mailbox", mailbox.name, f"its password: {places}")
    if mailbox.oauth and not mailbox.client_id:
        raise _lacks(settings, "mailbox", mailbox.name, "client_id: the id of your own app at the provider")


def _lacks(settings: Settings, kind: str, name: str, what: str) -> ConfigError:
    return ConfigError(f"{settings.path}: [[{kind}]] {name!r} lacks {what}")


def _holds_secret(settings: Settings) -> bool:
    mailboxes = any(mailbox.password or mailbox.client_secret for mailbox in settings.mailboxes)
    return mailboxes or any(channel.url for channel in settings.channels)
