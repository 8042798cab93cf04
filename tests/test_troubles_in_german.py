"""Troubles of mailboxes, channels and the store are told in the reader's language, whatever they were kept as."""

from __future__ import annotations

import ast
import datetime as dt
import re
import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.channel import Form, Limits, Style
from inboxtrack.config import load
from inboxtrack.mail.providers import providers
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import sentences
from inboxtrack.notifiers.troubles import in_language, without_mailbox
from inboxtrack.views import DigestView, Ending, MailboxHealth
from tests.dovecot import Dovecot
from tests.living import ROOT, aliexpress, deliver, now, run, write_settings
from tests.sinks import Sink, sink

SOURCES = (
    *("mail/imap/errors.py", "mail/imap/login.py", "mail/imap/session.py", "mail/oauth/client.py"),
    *("mail/oauth/__init__.py", "mail/files/maildir.py", "secret/__init__.py", "secret/keyring.py", "app/mailboxes.py"),
    *("app/servers.py", "reader/worker.py", "daemon.py", "dispatch.py", "notifiers/apprise.py", "notifiers/texts.py"),
    *("app/warning.py", "store/opening.py"),
)
"""Where the texts are written that a message may hold as a trouble."""

NEVER_IN_A_MESSAGE = frozenset(
    {
        "it does not keep what it is given",
        "x is not set: name a command, keyring entry, file or environment variable",
        "x is the example's address: write your own",
        "its server is x",
        "x:x, x; if that is wrong, set host",
        "its reader ended before it could be read",
        "reading it took longer than x s",
        "its reader broke a limit and ended (code x)",
        "reading it needs too much memory",
        "stopped while a mailbox or a message was under way; it is taken up again next time",
        "mailbox %r: the poll failed",
        "watching x; stop with Ctrl-C",
        "the last telling",
        "unable to open",
    }
)
"""Troubles of a single mail, of a sign-in by hand, of settings that end the command, and lines of the log."""

ENGLISH = re.compile(r"\b(?:a|and|as|be|by|can|check|does|for|has|is|it|of|or|that|the|this|to|with|your)\b")


def texts_of(source: str) -> Iterator[str]:
    """Every text of a module but its docstrings and patterns, with "x" for each value."""
    tree = ast.parse((ROOT / "inboxtrack" / source).read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone | parts:
            yield re.sub(r"\{\w+\}", "x", node.value.replace("{hint}", ""))


def told(text: str) -> str:
    """As a message would tell it; a secret's label is that of a password."""
    return in_language(re.sub(r"^x: (?!x$)", "the password of mailbox 'x': ", text), "de")


@pytest.mark.parametrize("source", SOURCES)
def test_every_trouble_has_german_words(source: str) -> None:
    texts = [text.removeprefix("mailbox x: ") for text in texts_of(source)]
    english = [text for text in texts if ENGLISH.search(text) and "\\" not in text and "|" not in text]
    assert english
    left = {text: told(text) for text in english if ENGLISH.search(told(text))}
    assert set(left) <= NEVER_IN_A_MESSAGE, left


def test_every_providers_hint_has_german_words() -> None:
    hints = {provider.hint for provider in providers() if provider.hint}
    assert len(hints) > 20
    left = {hint for hint in hints if ENGLISH.search(re.sub(r"https:.*", "", in_language(hint, "de")))}
    assert not left


def test_the_translations_fill_in_the_same_values() -> None:
    known = sentences("de")
    assert len(known) > 100
    for english, german in known.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, german)]
        assert names[0] == names[1], english
        assert german
        assert len(re.findall(r"\{", english)) == len(names[0]), f"a value twice: {english}"


TOLD = {
    "imap.gmx.net refused the password of anna@gmx.de ([AUTHENTICATIONFAILED] no; not you): check it; "
    "switch on POP3/IMAP in the mail settings; inboxtrack takes the password from the keyring (mail/anna)": (
        "imap.gmx.net hat das Passwort von anna@gmx.de abgelehnt ([AUTHENTICATIONFAILED] no; not you): bitte prüfen; "
        "POP3/IMAP in den Mail-Einstellungen einschalten; "
        "inboxtrack nimmt das Passwort aus dem Schlüsselbund (mail/anna)"
    ),
    "imap.gmx.net wants an app password for anna@gmx.de, not the usual one; make an app password: https://x.example/y; "
    "inboxtrack takes the password from the settings, as they were at the start": (
        "imap.gmx.net will für anna@gmx.de ein App-Passwort, nicht das übliche; "
        "ein App-Passwort anlegen: https://x.example/y; "
        "inboxtrack nimmt das Passwort aus den Einstellungen, wie sie beim Start waren"
    ),
    "the password of mailbox 'home': /a b/c cannot be read: Permission denied; write it there, chmod 600 /a b/c": (
        "das Passwort des Postfachs 'home': /a b/c ist nicht lesbar: keine Berechtigung; "
        "dort hineinschreiben, chmod 600 /a b/c"
    ),
    'the sign-in at Google ended after 7 days, because your app is in "Testing": press Publish in its consent screen, '
    "then: inboxtrack doctor --sign-in home": (
        'die Anmeldung bei Google ist nach 7 Tagen abgelaufen, weil deine App auf "Testing" steht: '
        'dort auf der Zustimmungsseite "Publish" drücken, dann: inboxtrack doctor --sign-in home'
    ),
    'imap.home.example:143 does not answer: if port 143 is a TLS port, set security = "tls"; else check host and '
    "port, or the network": (
        'imap.home.example:143 antwortet nicht: ist Port 143 ein TLS-Port, security = "tls" setzen; '
        "sonst host und port prüfen, oder das Netz"
    ),
    "folder 'Shops' cannot be opened (no; such folder): did you mean 'Shop'?; mailbox 'home': folder 'B' cannot be "
    "opened (gone): check its name": (
        "Ordner 'Shops' lässt sich nicht öffnen (no; such folder): ist 'Shop' gemeint?; "
        "Ordner 'B' lässt sich nicht öffnen (gone): den Namen prüfen"
    ),
    "channel phone: no answer within 30 seconds, twice: it may have arrived": (
        "Kanal phone: keine Antwort in 30 Sekunden, zweimal: sie kann angekommen sein"
    ),
    "inboxtrack cannot keep what it reads: /s/inboxtrack.sqlite: database or disk is full; free some disk space": (
        "inboxtrack kann nicht behalten, was es liest: /s/inboxtrack.sqlite: Datenbank oder Platte ist voll; "
        "Platz auf der Platte schaffen"
    ),
    "something that nobody has foreseen; nothing is lost": "something that nobody has foreseen; nichts ist verloren",
}


@pytest.mark.parametrize(("english", "german"), TOLD.items())
def test_a_trouble_is_told_in_german(english: str, german: str) -> None:
    kept = f"mailbox 'home': {english}"
    assert in_language(without_mailbox(kept, "home"), "de") == german
    assert in_language(without_mailbox(kept, "home"), "de_AT") == german
    assert in_language(english, "en") == english
    assert in_language(english, "fr") == english


def test_the_words_of_a_server_are_never_taken_for_ours() -> None:
    words = "check its name; {0.__class__}; {reason}"
    text = f"imap.evil.example ended the connection ({words}): it is tried again"
    told = f"imap.evil.example hat die Verbindung beendet ({words}): neuer Versuch folgt"
    assert in_language(text, "de") == told


@pytest.mark.parametrize("piece", ["check it; ", "refused the a of b (c): ", "x; y (z): ", ": it is tried again"])
def test_long_words_of_a_server_cost_no_time(piece: str) -> None:
    """covers: C2"""
    begin = time.process_time()
    for length in (300, 1_000, 100_000):
        in_language((piece * length)[:length], "de")
    assert time.process_time() - begin < 2


# -- in real messages --------------------------------------------------------------------------------------------------


def in_german(folder: Path, server: Dovecot, phone: Sink) -> Path:
    path = write_settings(folder, server, phone.url)
    path.write_text(path.read_text().replace("[general]", '[general]\nlanguage = "de"'))
    return path


@pytest.mark.dovecot
def test_a_refused_password_and_the_digest_that_names_it(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    settings = in_german(tmp_path, server, phone)
    (tmp_path / "password").write_text("wrong")
    _, _, err = run("poll", "--config", str(settings))
    refused = "Postfach home: 127.0.0.1 hat das Passwort von anna abgelehnt"
    cure = (
        "bitte prüfen; in den Web-Einstellungen des Anbieters muss vielleicht IMAP eingeschaltet oder statt des "
        f"üblichen ein App-Passwort angelegt werden; inboxtrack nimmt das Passwort aus {tmp_path / 'password'}"
    )
    message = " ".join(phone.texts[0].split())
    assert refused in message
    assert cure in message
    assert "refused the password of anna" in err, "the command line speaks English"
    _, out, _ = run("digest", "--config", str(settings))
    assert f"! {refused}" in out
    assert cure in " ".join(out.split())


@pytest.mark.dovecot
def test_messages_that_a_service_refuses(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    settings = in_german(tmp_path, server, phone)
    with App.open(load(settings)) as app:
        assert app.poll().ok
    with sink() as other:
        other.status = 403
        settings.write_text(settings.read_text() + f'[[channel]]\nname = "tablet"\nurl = "{other.url}"\n')
        deliver(server, [aliexpress("Order 8044444444444444: order shipped", "8044444444444444")])
        with App.open(load(settings)) as app:
            app.poll(now())
            app.poll(now())
    told = (
        "Nachrichten kamen nicht durch: Kanal tablet: der Dienst hat die Nachricht abgelehnt (403): die URL des Kanals"
    )
    assert any(told in " ".join(text.split()) for text in phone.texts), phone.texts


@pytest.mark.dovecot
def test_the_first_message_of_all(server: Dovecot, phone: Sink, tmp_path: Path) -> None:
    assert run("notify-test", "--config", str(in_german(tmp_path, server, phone)))[0] == 0
    assert "Dies ist ein Test." in phone.texts[0]


def test_a_sign_in_that_ends() -> None:
    digest = DigestView(
        orders=(),
        mailboxes=(MailboxHealth(name="home", last_read=now()),),
        endings=(Ending(name="sign-in of home", until=dt.date(2031, 5, 1)),),
    )
    body = Renderer("de").digest(digest, Form(Style.PUSH, Limits()), now()).body
    assert "! Die Anmeldung von home endet 01.05.2031: vorher neu anmelden" in body
