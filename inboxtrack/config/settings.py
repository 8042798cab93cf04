"""The settings as frozen values: the sections, their defaults, and what each value may be.

`config/inboxtrack.example.toml` says why each setting is there; a test keeps the two in step.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from inboxtrack.channel import Style
from inboxtrack.model import NewsKind
from inboxtrack.secret import Secret


def _cron(text: str) -> str:
    from apscheduler.triggers.cron import CronTrigger

    if not text:
        return text
    if re.search(r"\d\S*$", text.strip()) and len(text.split()) == 5:
        # cron counts weekdays from Sunday, APScheduler from Monday: a number would be read wrongly by one of them.
        raise ValueError('names weekdays by number: write them as "mon", "mon-fri" or "sat,sun"')
    try:
        CronTrigger.from_crontab(text, timezone=dt.UTC)
    except ValueError:
        raise ValueError('is no cron schedule: "0 8 * * *" is daily at 8:00, "0 8 * * mon" every Monday') from None
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is no time zone: name a city such as "Europe/Berlin"') from None
    return name


def _hours(text: str) -> str:
    try:
        first, last = (dt.time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError('are written "22:00-07:00"') from None
    return f"{first:%H:%M}-{last:%H:%M}"


Cron = Annotated[str, AfterValidator(_cron)]
Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$")]
Argv = Annotated[tuple[str, ...], Field(min_length=1)]
Keyring = Annotated[str, Field(pattern=r"^[^/]+/.+$")]


class Security(StrEnum):
    """How the connection to a mailbox is protected; `plain` is refused for anything but this machine."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class Unverified(StrEnum):
    """What becomes of order mail whose sender is not proven."""

    MARK = "mark"
    BELIEVE = "believe"
    REFUSE = "refuse"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class General(_Section):
    """Who the user is, and where inboxtrack keeps what it knows."""

    home_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    time_zone: Zone | None = None
    language: Annotated[str, Field(pattern="^[a-z]{2}(_[A-Z]{2})?$")] = "en"
    state_folder: str | None = None
    retention_days: Annotated[int, Field(ge=0)] = 365

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone; the system's when none is set."""
        if self.time_zone:
            return ZoneInfo(self.time_zone)
        import tzlocal

        return tzlocal.get_localzone()

    @property
    def state(self) -> Path:
        """The folder of the store, private to the user."""
        if self.state_folder:
            return Path(self.state_folder).expanduser()
        import platformdirs

        return platformdirs.user_state_path("inboxtrack")


class MailboxSettings(_Section):
    """One mailbox. What is None follows from the address' provider. `look_back_days` counts from the first poll."""

    name: Name
    address: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    maildir: str | None = None
    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Security | None = None
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    password_env: str | None = None
    password_file: str | None = None
    password_keyring: Keyring | None = None
    password_command: Argv | None = None
    oauth: Literal["google", "microsoft"] | None = None
    client_id: str | None = None
    client_secret: str | None = Field(default=None, repr=False)
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    client_secret_keyring: Keyring | None = None
    client_secret_command: Argv | None = None
    ca_file: str | None = None
    folders: Annotated[tuple[str, ...], Field(min_length=1)] = ("INBOX",)
    look_back_days: Annotated[int, Field(ge=0, le=3650)] = 60
    poll_seconds: Annotated[int, Field(ge=5)] = 300
    idle: bool = True
    unverified: Unverified = Unverified.MARK
    authserv_ids: tuple[str, ...] = ()
    arc_sealers: tuple[str, ...] = ()
    own_addresses: tuple[str, ...] = ()


class ChannelSettings(_Section):
    """One Apprise URL and what it wishes to hear. No `news` means all kinds, no `retailers` all retailers."""

    name: Name
    url: str | None = Field(default=None, repr=False)
    url_env: str | None = None
    url_file: str | None = None
    url_keyring: Keyring | None = None
    url_command: Argv | None = None
    style: Style = Style.PUSH
    news: frozenset[NewsKind] | None = None
    retailers: frozenset[str] | None = None
    mailboxes: frozenset[str] | None = None
    digest: bool = True
    quiet_hours: Hours | None = None
    urgent: frozenset[NewsKind] | None = None
    at_most_once: bool = False
    daily_cap: Annotated[int, Field(ge=1)] | None = None
    transliterate: bool = False

    @property
    def quiet(self) -> tuple[dt.time, dt.time] | None:
        """Quiet hours as (first, last) in the user's zone; last before first spans midnight."""
        if self.quiet_hours is None:
            return None
        first, last = (dt.time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        return first, last


class Digest(_Section):
    """When the list of open orders is sent, as a cron line in the user's time zone; an empty one never."""

    schedule: Cron = "0 8 * * *"
    only_if_open: bool = True
    only_if_changed: bool = False


class Heartbeat(_Section):
    """A URL that is called after each poll that worked through to the end, so that silence is noticed."""

    url: str | None = None
    url_env: str | None = None


class Settings(_Section):
    """Everything the user has set. `path` is the file it came from."""

    general: General = General()
    mailboxes: tuple[MailboxSettings, ...] = Field(default=(), alias="mailbox")
    channels: tuple[ChannelSettings, ...] = Field(default=(), alias="channel")
    digest: Digest = Digest()
    thresholds: dict[str, Annotated[int, Field(ge=0)] | str] = {}
    policies: dict[str, Annotated[int, Field(ge=0)]] = {}
    heartbeat: Heartbeat = Heartbeat()
    path: Path = Field(default=Path(), exclude=True)

    def secret(self, of: MailboxSettings | ChannelSettings | Heartbeat, key: str) -> Secret:
        """The secret `key` ("password", "client_secret", "url") of a section, with all its places."""
        name = f"{_NOUN[type(of)]} {of.name!r}" if not isinstance(of, Heartbeat) else "the heartbeat"
        return Secret(
            label=f"the {key.replace('_', ' ')} of {name}",
            value=getattr(of, key),
            env=getattr(of, f"{key}_env"),
            file=getattr(of, f"{key}_file", None),
            keyring=getattr(of, f"{key}_keyring", None),
            command=getattr(of, f"{key}_command", None) or (),
            folder=self.path.parent,
        )


_NOUN: dict[type, str] = {MailboxSettings: "mailbox", ChannelSettings: "channel"}
