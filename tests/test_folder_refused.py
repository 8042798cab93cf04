"""A folder that a server does not open: another name, no right to it, trouble that passes, or a pause that it wants."""

from __future__ import annotations

import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.source import Kind
from tests.dovecot import Dovecot
from tests.fake_imap import FakeImap, Peer, saying
from tests.imap_help import Reading, account_of, failure_of, mail, mails_of, orders, reading_at

ANSWERS = [
    ("NO [LIMIT] Rate limit hit", Kind.TRANSIENT, "asks for a pause ([LIMIT] Rate limit hit)"),
    ("NO [ALERT] Account exceeded command or bandwidth limits.", Kind.TRANSIENT, "asks for a pause"),
    ("NO [UNAVAILABLE] Server busy", Kind.TRANSIENT, "cannot be opened now ([UNAVAILABLE] Server busy): it is tried"),
    ("NO [INUSE] Mailbox in use", Kind.TRANSIENT, "cannot be opened now"),
    ("NO Mailbox doesn't exist", Kind.TRANSIENT, "cannot be opened now"),
    ("NO [NOPERM] Permission denied", Kind.CONFIG, "ask for the right to read it, or take it out of folders"),
]


@pytest.mark.parametrize("folder", ["INBOX", "Shops"])
@pytest.mark.parametrize(("answer", "kind", "words"), ANSWERS)
def test_a_folder_that_is_there(answer: str, kind: Kind, words: str, folder: str) -> None:
    """covers: A1.12, A2.19"""
    with FakeImap(orders(1), {"EXAMINE": saying("{tag} " + answer)}, folders=("INBOX", "Shops")) as server:
        error = failure_of(reading_at(server, folders=(folder,)))
    assert error.kind is kind
    assert words in error.text
    assert "did you mean" not in error.text
    assert (error.wait >= 600) == ("pause" in words)


def test_a_pause_that_one_folder_asks_for_ends_the_poll_and_the_connection() -> None:
    """covers: A1.12"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        return "Shops" in arguments and saying("{tag} NO [LIMIT] Rate limit hit")(peer, tag, arguments)

    with FakeImap(orders(1), {"EXAMINE": hook}, folders=("INBOX", "Shops")) as server:
        reading = reading_at(server, folders=("Shops", "INBOX"))
        assert failure_of(reading).wait >= 600
        reading.source.close()
    assert server.commands[-1] == "LOGOUT"
    assert not [command for command in server.commands if "FETCH" in command]


def test_a_server_that_does_not_even_list_its_folders_is_tried_again() -> None:
    refusing = saying("{tag} NO [SERVERBUG] Internal error")
    with FakeImap(orders(1), {"EXAMINE": refusing, "LIST": refusing}) as server:
        error = failure_of(reading_at(server))
    assert (error.kind, error.text) == (
        Kind.TRANSIENT,
        "mailbox 'home': folder 'INBOX' cannot be opened now ([SERVERBUG] Internal error): it is tried again",
    )


@pytest.mark.dovecot
def test_trouble_of_one_folder_stops_no_other_and_reads_the_same_each_time(server: Dovecot) -> None:
    """covers: A2.19"""
    with server.admin() as client:
        client.create_folder("Shops")
        client.append("Shops", mail("Order 1"))
        client.append("INBOX", mail("Order 2"))
    folder = server.home / "mail" / "anna" / "Maildir" / ".Shops"
    reading = Reading(ImapSource(account_of(server, folders=("Shops", "INBOX"))))
    folder.chmod(0)
    try:
        first, second = reading.poll(), reading.poll()
    finally:
        folder.chmod(0o700)
    assert [fetched.place.folder for fetched in mails_of(first)] == ["INBOX"]
    (warning,) = first[0].warnings
    assert warning.startswith("mailbox 'home': folder 'Shops' cannot be opened now ([SERVERBUG] ")
    assert second[0].warnings == (warning,), "without the moment at which it failed"
    assert [fetched.place.folder for fetched in mails_of(reading.poll())] == ["Shops"]
    reading.source.close()
