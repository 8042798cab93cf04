"""`init`, `doctor` and `notify-test`: a set-up that is not there yet, or sick."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.keeping import NewMail
from inboxtrack.model import Outcome, Reading, Trust
from tests.cli_help import CHANNELS, MAILBOX, NOW, Run, one_line, run, write_settings

__all__ = ["run"]


def test_no_settings_say_how_to_write_them(run: Run, tmp_path: Path) -> None:
    code, _, err = run("orders", "-c", tmp_path / "none.toml")
    assert code == 2
    assert "inboxtrack init" in one_line(err)


def test_init_writes_private_settings_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "inboxtrack.toml"
    assert run("init", "-c", path)[0] == 0
    assert path.stat().st_mode & 0o777 == 0o600
    code, _, err = run("init", "-c", path)
    assert code == 1
    assert "is there already" in one_line(err)


def test_each_channel_is_tested_whatever_the_others_do(run: Run, tmp_path: Path) -> None:
    code, out, err = run("notify-test", "-c", write_settings(tmp_path, CHANNELS))
    assert (code, err) == (1, "")
    typo, missing = out.splitlines()
    assert "is ntfy:// meant?" in typo
    assert f"{tmp_path / 'phone.url'} cannot be read" in missing
    doctor = run("doctor", "-c", tmp_path / "inboxtrack.toml")[1]
    assert doctor.count("✗ channel") == 2


@pytest.mark.parametrize(("signed", "others", "named"), [(8, 2, True), (4, 0, False), (7, 3, False), (0, 9, False)])
def test_doctor_takes_no_few_mails_for_the_own_server_s_word(
    run: Run, tmp_path: Path, signed: int, others: int, named: bool
) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    settings = write_settings(tmp_path, f'[[mailbox]]\nname = "home"\nmaildir = "{tmp_path / "Maildir"}"\n')
    results = b"Authentication-Results: mx.firm.example; dmarc=pass\r\n"
    received = b"Received: from a by mx.firm.example; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
    reading = Reading(outcome=Outcome.READ, reason="read", trust=Trust.VERIFIED)
    with App.open(load(settings)) as opened, opened.store.transaction() as tx:
        for number in range(signed + others):
            raw = (results if number < signed else b"") + received + b"From: a@shop.example\r\n\r\n"
            row = NewMail(key=str(number), account="home", received_at=NOW, raw=raw, truncated=False)
            tx.mails.record(row, reading, NOW)
    _, out, _ = run("doctor", "-c", settings)
    assert "proven by the DKIM signatures" in out
    assert ('set authserv_ids = ["mx.firm.example"]' in out) is named


@pytest.mark.parametrize(
    ("confirmed", "unverified", "well"), [(0, "mark", False), (1, "mark", True), (0, "believe", True)]
)
def test_doctor_says_when_no_sender_is_confirmed(
    run: Run, tmp_path: Path, confirmed: int, unverified: str, well: bool
) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    mailbox = f'[[mailbox]]\nname = "home"\nmaildir = "{tmp_path / "Maildir"}"\nunverified = "{unverified}"\n'
    settings = write_settings(tmp_path, mailbox)
    with App.open(load(settings)) as opened, opened.store.transaction() as tx:
        for number in range(6):
            trust = Trust.VERIFIED if number < confirmed else Trust.UNVERIFIED
            row = NewMail(key=str(number), account="home", received_at=NOW, raw=b"\r\n", truncated=False)
            tx.mails.record(row, Reading(outcome=Outcome.READ, reason="read", trust=trust), NOW)
    said = checked(run, Path(settings))
    assert ("none of the last 6 order mails has a confirmed sender" in said) is not well
    assert ('set unverified = "believe"' in said) is not well


def test_doctor_looks_at_recipes_and_templates(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "inboxtrack.toml"
    settings.write_text(f'[general]\nstate_folder = "{tmp_path / "state"}"\n')
    settings.chmod(0o600)
    recipes, templates = tmp_path / "recipes", tmp_path / "templates"
    recipes.mkdir()
    templates.mkdir()
    recipe = """
        name = "Coffee"
        retailer = "coffee"
        senders = ["a@coffee.example"]
        [[step]]
        stage = "%s"
        en = ["we got it"]
        [order]
        subject = ["order {order}"]
    """
    (recipes / "coffee.toml").write_text(recipe % "placed")
    (templates / "order_line.j2").write_text("{{ o.title }}")
    said = checked(run, settings)
    assert "recipes: coffee" in said
    assert "templates: order_line.j2" in said

    (recipes / "coffee.toml").write_text(recipe % "ordered")
    (templates / "order_line.j2").rename(templates / "orderline.j2")
    said = checked(run, settings)
    assert "recipes: cannot be used" in said
    assert "'ordered'" in said
    assert "orderline.j2 replaces no template: did you mean order_line.j2?" in said

    (templates / "orderline.j2").rename(templates / "order_line.j2")
    (templates / "order_line.j2").write_text("one\n{% if %}")
    assert "order_line.j2, line 2" in checked(run, settings)


def checked(run: Run, settings: Path) -> str:
    """What doctor says, on one line."""
    _, said, errors = run("doctor", "--config", str(settings))
    return " ".join((said + errors).split())


def test_a_sick_mailbox_in_doctor_has_a_cure_and_exit_code_1(run: Run, tmp_path: Path, free_port: int) -> None:
    mailbox = MAILBOX + f'host = "127.0.0.1"\nport = {free_port}\nsecurity = "plain"\n'
    code, out, err = run("doctor", "-c", write_settings(tmp_path, mailbox))
    assert (code, err) == (1, "")
    assert "✗ mailbox home: cannot be read" in out
    assert out.count("mailbox home") == 1, "nothing good is said of what could not be looked at"
    assert f"nothing listens at 127.0.0.1:{free_port}" in out
    assert "✗ channels: none is set" in out
