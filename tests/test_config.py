"""The settings file: every mistake is one line that names the file, the setting and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxtrack.config import load
from inboxtrack.secret import ConfigError, Secret

GOOD = """
[general]
time_zone = "Europe/Berlin"
[[mailbox]]
name = "home"
address = "you@gmail.com"
password_env = "MAIL_PASSWORD"
[[channel]]
name = "phone"
url_env = "CHANNEL_URL"
"""
PHONE = 'name = "phone"'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "inboxtrack.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_mailbox_and_a_channel_are_enough(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD))
    assert settings.mailboxes[0].look_back_days == 60
    assert settings.digest.schedule == "0 8 * * *"
    assert str(settings.general.zone) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time_zone", "timezone", "time_zone"),
        ('"Europe/Berlin"', '"Berlin"', "name a city"),
        ("password_env", "pasword_env", "password_env"),
        ('address = "you@gmail.com"', 'adress = "you@gmail.com"', "address"),
        ('name = "home"', 'name = "home"\nport = "993"', "port"),
        ('name = "home"', 'name = "home"\nport = 99999', "port"),
        ('name = "home"', 'name = "home"\nunverified = "maybe"', "unverified"),
        ('name = "phone"', 'name = "phone"\nstyle = "letter"', "style"),
        ('name = "phone"', 'name = "phone"\nquiet_hours = "late"', "22:00-07:00"),
        ('name = "phone"', 'name = "phone"\nnews = ["shiped"]', "news"),
        ('password_env = "MAIL_PASSWORD"', "", "password"),
        ('url_env = "CHANNEL_URL"', "", "url"),
        ("[general]", '[digest]\nschedule = "at eight"\n[general]', "cron"),
        ("[general]", "[general", "TOML"),
        ("[[channel]]", "[[chanel]]", "channel"),
        (
            "[general]",
            "[thresholds]\nin_tranist = 5\n[general]",
            "thresholds.in_tranist is not known: did you mean in_transit_domestic?",
        ),
        ("[general]", "[policies]\n'aliexpress.disput' = 5\n[general]", "did you mean aliexpress.dispute?"),
        (PHONE, f'{PHONE}\nmailboxes = ["hom"]', "'phone' mailboxes: no mailbox is called 'hom': did you mean home?"),
        (PHONE, f'{PHONE}\nmailboxes = ["x"]', "known here are home"),
        (PHONE, f'{PHONE}\nretailers = ["hismil"]', "no retailer is called 'hismil': did you mean hismile?"),
        (PHONE, f'{PHONE}\nretailers = ["TikTok Shop"]', "did you mean tiktok_shop?"),
        (PHONE, f'{PHONE}\nretailers = ["Blue-Lamps.example"]', "any shop by its domain (shop.example)"),
        (PHONE, f'{PHONE}\nretailers = ["https://shop.example/"]', "any shop by its domain (shop.example)"),
    ],
)
def test_mistakes_are_named_with_their_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load(path)
    text = str(error.value)
    assert str(path) in text
    assert said in text
    assert "\n" not in text


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace('name = "home"', 'name = "home"\nport = "993"').replace(PHONE, f'{PHONE}\nstyle = "letter"')
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, wrong.replace("time_zone", "timezone")))
    general, mailbox, channel = str(error.value).removeprefix(f"{tmp_path / 'inboxtrack.toml'}: ").split("; ")
    assert general == "[general] timezone is not a setting: did you mean time_zone?"
    assert mailbox == "[[mailbox]] 'home' port must be a whole number"
    assert channel.startswith("[[channel]] 'phone' style must be ")


def test_a_channel_without_any_mailbox_wishes_for_none(tmp_path: Path) -> None:
    alone = GOOD[GOOD.index("[[channel]]") :] + 'mailboxes = ["home"]\n'
    with pytest.raises(ConfigError, match="no mailbox is called 'home': take it out"):
        load(write(tmp_path, alone))


def test_a_channel_may_wish_for_any_retailer_there_is(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "coffee.toml").write_text('retailer = "blue-coffee"')
    wished = ["hismile", "shop.example", "müller.example", "shopify:71200088341", "blue-coffee"]
    settings = load(write(tmp_path, f'{GOOD}mailboxes = ["home"]\nretailers = {wished}\n'))
    assert settings.channels[0].retailers == set(wished)


def test_two_mailboxes_of_one_name(tmp_path: Path) -> None:
    mailbox = GOOD[GOOD.index("[[mailbox]]") : GOOD.index("[[channel]]")]
    with pytest.raises(ConfigError, match="two \\[\\[mailbox\\]\\] are named 'home'"):
        load(write(tmp_path, GOOD + mailbox))


def test_no_settings_yet_says_how_to_write_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="inboxtrack init"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_settings_with_a_secret_that_others_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    """covers: C14"""
    path = write(tmp_path, GOOD.replace('password_env = "MAIL_PASSWORD"', 'password = "hunter2"'))
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600") as error:
        load(path)
    assert "hunter2" not in str(error.value)


def test_secrets_come_from_the_first_place_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: C14"""
    file = tmp_path / "secret"
    file.write_text("from file\n")
    file.chmod(0o600)
    monkeypatch.setenv("SECRET", "from environment")
    every = {"file": str(file), "env": "SECRET", "value": "from settings"}
    command = ("printf", "from command\\nsecond line\\n")
    assert Secret(label="x", command=command, **every).get() == "from command"
    assert Secret(label="x", **every).get() == "from file"
    assert Secret(label="x", env="SECRET", value="from settings").get() == "from environment"
    assert Secret(label="x", value="from settings").get() == "from settings"


def test_a_secret_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Secret(label="the password", file=str(file)).get()


@pytest.mark.parametrize(
    "secret",
    [
        Secret(label="the password", command=("no-such-program-here",)),
        Secret(label="the password", command=("false",)),
        Secret(label="the password", env="NOT_SET_ANYWHERE"),
        Secret(label="the password", file="/nonexistent/secret"),
        Secret(label="the password"),
    ],
)
def test_a_secret_that_cannot_be_had_says_why(secret: Secret) -> None:
    with pytest.raises(ConfigError, match="the password"):
        secret.get()


def test_secrets_do_not_show_in_reprs(tmp_path: Path) -> None:
    """covers: C14"""
    text = GOOD.replace('password_env = "MAIL_PASSWORD"', 'password = "hunter2"')
    settings = load(write(tmp_path, text.replace('url_env = "CHANNEL_URL"', 'url = "ntfy://token@host/topic"')))
    secret = settings.secret(settings.mailboxes[0], "password")
    assert "hunter2" not in repr(settings) + repr(secret)
    assert "token" not in repr(settings)
