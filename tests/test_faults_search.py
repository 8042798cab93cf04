"""Folders and searches that misbehave: the plainest questions are asked, and no answer believed that makes no sense."""

from __future__ import annotations

import re

import pytest

from inboxtrack.mail.account import Limits
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.source import Kind, MailboxError, Place, Position
from tests.fake_imap import FakeImap, Peer, saying
from tests.imap_help import KNOWN, Reading, account_at, failure_of, mail, orders, reading_at

ALLOWED = {"CAPABILITY", "LOGIN", "AUTHENTICATE", "ID", "LIST", "EXAMINE", "SEARCH", "FETCH", "IDLE", "DONE", "LOGOUT"}
SEARCHES = {
    "two lines": ("* SEARCH 1 2", "* SEARCH 3", "{tag} OK done"),
    "garbage": ("* SEARCH a b", "{tag} OK done"),
    "no text": ("* SEARCH 1", "{tag} OK"),
}


@pytest.mark.parametrize("answer", SEARCHES.values(), ids=SEARCHES)
def test_search_answers_that_make_no_sense(answer: tuple[str, ...]) -> None:
    """covers: A2.22"""
    with FakeImap(orders(3), hooks={"SEARCH": saying(*answer)}) as server:
        error = failure_of(reading_at(server))
        assert error.kind in (Kind.PROTOCOL, Kind.TRANSIENT)
        reading = reading_at(server)
        server.hooks.clear()
        assert len(reading.new()) == 3
        reading.source.close()


def test_a_refused_search_says_so_without_the_criteria() -> None:
    """covers: A2.16"""
    with FakeImap(orders(3), hooks={"SEARCH": saying("{tag} BAD [CLIENTBUG] no")}) as server:
        assert "refuses to search 'INBOX'" in failure_of(reading_at(server)).text


def test_only_the_plainest_questions_are_asked() -> None:
    """covers: A1.10, A2.15, A2.16, A2.6"""
    known = re.compile(r"UID SEARCH (?:UID \d+:(?:\d+|\*)|SINCE \d{1,2}-[A-Z][a-z]{2}-\d{4})")
    with FakeImap(orders(30), capability="IMAP4rev1 IDLE ID") as server:
        reading = Reading(ImapSource(account_at(server, send_id=True)))
        reading.poll()
        server.mails[31] = mail("Order 31")
        reading.poll()
        list(reading.source.fetch([Place("home", "INBOX", 7, 3)], plans.dt.datetime.now(plans.dt.UTC)))
        reading.source.wait(0.05)
        reading.source.folder_names()
        reading.source.close()
        commands = server.commands
    assert commands[-1] == "LOGOUT"
    assert all(command.isascii() for command in commands)
    assert {command.removeprefix("UID ").split(" ")[0] for command in commands} <= ALLOWED
    searches = [command for command in commands if "SEARCH" in command]
    assert len(searches) == 2
    assert all(known.fullmatch(command) for command in searches)
    fetches = [command for command in commands if "FETCH" in command]
    assert fetches
    assert all("PEEK" in c and not re.search("ENVELOPE|STRUCTURE|BINARY|RFC822 |FLAGS", c) for c in fetches)


def test_a_mailbox_of_150000_mails_is_searched_in_windows() -> None:
    """covers: A2.10"""
    with FakeImap(dict.fromkeys(range(1, 150_001), b"")) as server:
        reading = reading_at(server, limits=Limits())  # it is about windows: a busy machine may take its time
        reading.positions["INBOX"] = Position("home", "INBOX", 7, 2)
        folder = reading.source._session.open("INBOX")
        assert not isinstance(folder, str)
        uids = reading.source._session.search(folder, plans.Plan(2, None, 0))
        assert uids == list(range(2, 150_001))
        assert len([c for c in server.commands if "SEARCH" in c]) == 2
        reading.source.close()


def test_a_folder_that_is_made_anew_while_it_is_read_is_not_mixed_with_the_old_one() -> None:
    """covers: A2.2 — what stands at a UID is another mail now, and must not be taken for the one that was asked for."""

    def hook(peer: Peer, _tag: str, _arguments: str) -> bool:
        peer.server.uidvalidity = 8
        peer.server.mails = {uid: mail(f"Order new {uid}", number=uid) for uid in (1, 2)}
        peer.server.hooks.clear()
        peer.hang_up()
        return True

    with FakeImap(orders(3), hooks={"FETCH": hook}) as server:
        reading = reading_at(server)
        with pytest.raises(MailboxError, match="was rebuilt while it was read"):
            reading.poll()
        assert reading.positions == KNOWN
        assert [(m.place.uidvalidity, m.place.uid) for m in reading.new()] == [(8, 1), (8, 2)]
        reading.source.close()


def test_a_folder_without_uidvalidity_is_read_and_its_reset_noticed() -> None:
    """covers: A2.1"""
    with FakeImap(orders(5), uidvalidity=None) as server:
        reading = reading_at(server)
        reading.positions.clear()
        reading.poll()
        assert reading.positions["INBOX"] == Position("home", "INBOX", 0, 6, 6)
        assert reading.poll() == []
        server.mails = orders(2)
        assert len(reading.new()) == 2
        assert reading.positions["INBOX"].next_uid == 3
        reading.source.close()
