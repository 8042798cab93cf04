"""A mailbox that cannot be read, as the user meets it: one line with the cure, exit code 1, and nothing lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.living import AUTHSERV, deliver, life, run, stages, write_settings
from tests.sinks import sink

pytestmark = pytest.mark.dovecot


WRONG = (
    ('user = "anna"', 'user = "nobody"', "refused the password of nobody"),
    ('user = "anna"', 'user = "anna"\nfolders = ["INBOX", "Orders"]', "folder 'Orders' cannot be opened"),
    ('security = "plain"', 'security = "tls"', "speaks no TLS"),
)


def test_each_mistake_says_its_cure_and_loses_nothing(server: Dovecot, tmp_path: Path) -> None:
    some = life(5, seed=7)
    deliver(server, some.mails)
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        good = settings.read_text()
        for right, wrong, said in WRONG:
            settings.write_text(good.replace(right, wrong, 1))
            code, _, err = run("poll", "--quiet", "--config", str(settings))
            assert code == 1, (wrong, err)
            assert err.startswith("mailbox 'home': ")
            assert said in err
            assert err.count("\n") == 1
        settings.write_text(good)
        code, out, err = run("poll", "--config", str(settings))
        assert (code, err) == (0, "")
        assert "home: " in out
    assert set(stages(settings)) == set(some.orders)


def test_a_refused_password_at_a_server_nobody_knows_says_where_to_look(server: Dovecot, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, server, "json://localhost:1")
    (tmp_path / "password").write_text("wrong")
    code, _, err = run("poll", "--config", str(settings))
    assert code == 1
    assert "refused the password of anna" in err
    assert "IMAP may have to be switched on, or an app password made in place of the usual one" in err


@pytest.mark.parametrize("secret", ["password", "client_secret"])
def test_a_secret_that_cannot_be_had_stops_no_other_mailbox(secret: str, server: Dovecot, tmp_path: Path) -> None:
    some = life(2, seed=4)
    deliver(server, some.mails)
    settings = write_settings(tmp_path, server, "json://localhost:1")
    text = settings.read_text()
    home = text[text.index("[[mailbox]]") : text.index("[[channel]]")]
    lost = re.sub("password_file = .*", f'{secret}_command = ["false"]', home.replace('"home"', '"lost"'))
    own_app = 'oauth = "google"\nclient_id = "my-app"\n' if secret == "client_secret" else ""
    settings.write_text(text.replace("[[mailbox]]", f"{lost}{own_app}[[mailbox]]"))
    code, out, err = run("poll", "--config", str(settings))
    assert code == 1
    label = f"the {secret.replace('_', ' ')} of mailbox 'lost'"
    assert f"{label}: the command false ended with 1: run it in a terminal\n" in err
    assert f"home: {len(some.mails)} new mails, {len(some.mails)} order mails read\n" in out


def test_doctor_names_the_own_server_that_proves_senders(server: Dovecot, tmp_path: Path) -> None:
    some = life(4, seed=5)
    deliver(server, some.mails)
    settings = write_settings(tmp_path, server, "json://localhost:1")
    good = settings.read_text()
    settings.write_text(good.replace(f'authserv_ids = ["{AUTHSERV}"]\n', ""))
    run("poll", "--quiet", "--config", str(settings))
    assert "unverified sender" in run("show", some.orders[0], "--config", str(settings))[1]
    code, out, _ = run("doctor", "--config", str(settings))
    assert f'set authserv_ids = ["{AUTHSERV}"], then: inboxtrack replay --apply' in out
    settings.write_text(good)
    assert "inboxtrack replay --apply" in run("doctor", "--config", str(settings))[1], "what is kept was read before"
    code, out, err = run("replay", "--apply", "--config", str(settings))
    assert (code, err) == (0, f"{len(some.mails)} mails read differently from now on\n")
    assert "(unverified sender)\n" in out
    assert "\n\n" not in out
    assert "unverified" not in run("show", some.orders[0], "--config", str(settings))[1]
    assert f"✓ mailbox home: senders: proven by what {AUTHSERV} says" in run("doctor", "--config", str(settings))[1]


def test_a_backfill_says_what_it_looked_at(server: Dovecot, tmp_path: Path) -> None:
    some = life(3, seed=9)
    deliver(server, some.mails)
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        told = [run("backfill", "--since", "2026-01-05", "--config", str(settings)) for _ in range(2)]
    assert told[0] == (0, f"home: {len(some.mails)} mails, {len(some.mails)} order mails read\n", "")
    assert told[1] == (0, "home: no mail since 2026-01-05 that was not read before\n", "")


def test_a_backfill_goes_on_with_the_other_mailboxes(server: Dovecot, tmp_path: Path) -> None:
    some = life(2, seed=6)
    deliver(server, some.mails)
    settings = write_settings(tmp_path, server, "json://localhost:1")
    text = settings.read_text()
    home = text[text.index("[[mailbox]]") : text.index("[[channel]]")]
    lost = re.sub("password_file = .*", 'password_command = ["false"]', home.replace('"home"', '"lost"'))
    away = home.replace('"home"', '"away"').replace(f"port = {server.plain}", "port = 1")
    settings.write_text(text.replace("[[mailbox]]", f"{lost}{away}[[mailbox]]"))
    code, out, err = run("backfill", "--since", "90d", "--config", str(settings))
    assert (code, out) == (1, f"home: {len(some.mails)} mails, {len(some.mails)} order mails read\n")
    lines = err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("the password of mailbox 'lost': the command false ended with 1")
    assert lines[1].startswith("mailbox 'away': nothing listens at 127.0.0.1:1: ")


def test_a_backfill_names_the_mailboxes_that_it_cannot_go_back_in(tmp_path: Path) -> None:
    settings = tmp_path / "inboxtrack.toml"
    box = tmp_path / "box"
    general = f'[general]\nstate_folder = "{tmp_path / "state"}"\n'
    settings.write_text(f'{general}[[mailbox]]\nname = "here"\nmaildir = "{box}"\n')
    said = f"mailbox 'here' is a Maildir: inboxtrack import {box} reads its older mail\n"
    assert run("backfill", "--since", "90d", "--config", str(settings)) == (0, "", said)


def test_doctor_looks_into_a_maildir(tmp_path: Path) -> None:
    settings, box = tmp_path / "inboxtrack.toml", tmp_path / "box"
    general = f'[general]\nstate_folder = "{tmp_path / "state"}"\n'
    settings.write_text(f'{general}[[mailbox]]\nname = "here"\nmaildir = "{box}"\nfolders = ["INBOX", "Shops"]\n')
    (box / "cur").mkdir(parents=True)
    said = f"{box}/.Shops is no Maildir (it has no folder cur): check maildir and folders"
    assert f"✗ mailbox here: cannot be read\n    {said}\n" in run("doctor", "--config", str(settings))[1]
    (box / ".Shops" / "cur").mkdir(parents=True)
    assert "✓ mailbox here: a Maildir\n" in run("doctor", "--config", str(settings))[1]
