"""Servers and networks that misbehave: each is classified, nothing is lost, nothing hangs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from inboxtrack.mail.account import Limits
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import Kind, MailboxError, Pending, Place, Position
from tests.fake_imap import FakeImap, Hook, Peer, asked
from tests.imap_help import HASTY, Reading, account_at, bodies_of, everything, mail, mails_of, orders, troubles_of

ALLOWED = {"CAPABILITY", "LOGIN", "AUTHENTICATE", "ID", "LIST", "EXAMINE", "SEARCH", "FETCH", "IDLE", "DONE", "LOGOUT"}
KNOWN = {"INBOX": Position("home", "INBOX", 7, 1)}


def reading_at(server: FakeImap, **changes: Any) -> Reading:
    return Reading(ImapSource(account_at(server, **changes)), dict(KNOWN), everything)


def saying(*lines: str) -> Hook:
    """A hook that answers with these lines; {tag} is filled in."""

    def hook(peer: Peer, tag: str, _: str) -> bool:
        peer.send(*(line.replace("{tag}", tag) for line in lines))
        return True

    return hook


def hanging_up(peer: Peer, _tag: str, _arguments: str) -> bool:
    peer.hang_up()
    return True


def error_of(server: FakeImap, **changes: Any) -> MailboxError:
    reading = reading_at(server, **changes)
    with pytest.raises(MailboxError) as caught:
        reading.poll()
    assert "\n" not in caught.value.text
    assert caught.value.text.startswith("mailbox 'home': ")
    return caught.value


LOGINS = [
    ("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", Kind.AUTH, "refused the password of anna"),
    ("{tag} NO LOGIN failed.", Kind.AUTH, "refused the password"),
    ("{tag} NO Basic authentication is disabled.", Kind.AUTH, 'oauth = "microsoft"'),
    ("{tag} NO [ALERT] Application-specific password required", Kind.AUTH, "wants an app password"),
    ("{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded", Kind.TRANSIENT, "asks for a pause"),
    ("{tag} NO [UNAVAILABLE] Temporary authentication failure.", Kind.TRANSIENT, "asks for a pause"),
    ("{tag} NO User is authenticated but not connected.", Kind.TRANSIENT, "IMAP is switched on"),
    ("{tag} NO [PRIVACYREQUIRED] Plaintext authentication disallowed", Kind.CONFIG, 'security = "starttls"'),
    ("{tag} NO EXAMINE Unsafe Login. Please contact help@provider.example", Kind.AUTH, "unsafe"),
]


@pytest.mark.parametrize(("answer", "kind", "words"), LOGINS)
def test_a_refused_sign_in_is_judged_by_the_servers_words(answer: str, kind: Kind, words: str) -> None:
    """covers: A1.11, A1.12, A1.13"""
    with FakeImap(hooks={"LOGIN": saying(answer)}) as server:
        error = error_of(server)
    assert error.kind is kind
    assert words in error.text
    assert (error.wait >= 600) == ("LIMIT" in answer)
    assert "secret" not in error.text


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "EXAMINE", "SEARCH"])
def test_a_lost_connection_is_never_a_wrong_password(name: str) -> None:
    """covers: A1.11"""
    with FakeImap(orders(1), hooks={name: hanging_up}) as server:
        error = error_of(server)
    assert error.kind is Kind.TRANSIENT
    assert "ended the connection" in error.text


BYES = ["* BYE Server shutting down", "* BYE Connection closed", "* BYE [LIMIT] Too many connections"]


@pytest.mark.parametrize("bye", BYES)
@pytest.mark.parametrize("name", ["greeting", "EXAMINE", "FETCH"])
def test_a_bye_is_transient(bye: str, name: str) -> None:
    """covers: A1.8"""

    def hook(peer: Peer, _tag: str, _arguments: str) -> bool:
        peer.send(bye)
        peer.hang_up()
        return True

    with FakeImap(orders(3), hooks={name: hook}) as server:
        error = error_of(server)
    assert error.kind is Kind.TRANSIENT
    assert (error.wait >= 600) == ("LIMIT" in bye)


def test_a_bye_without_an_end_of_line_is_transient() -> None:
    """covers: A1.8"""

    def hook(peer: Peer, _tag: str, _arguments: str) -> bool:
        peer.raw(b"* BYE Connection closed. 14")
        peer.hang_up()
        return True

    with FakeImap(orders(3), hooks={"EXAMINE": hook}) as server:
        assert error_of(server).kind is Kind.TRANSIENT


def test_another_protocol_at_the_port_is_named() -> None:
    with FakeImap(hooks={"greeting": saying("HTTP/1.1 400 Bad Request")}) as server:
        error = error_of(server)
    assert error.kind is Kind.CONFIG
    assert "does not speak IMAP" in error.text


def test_no_starttls_is_named() -> None:
    with FakeImap() as server:
        error = error_of(server, security="starttls")
    assert error.kind is Kind.CONFIG
    assert "offers no STARTTLS" in error.text


def test_starttls_is_never_given_up_for_plain_text() -> None:
    with FakeImap(capability="IMAP4rev1 STARTTLS", hooks={"STARTTLS": saying("{tag} BAD not now")}) as server:
        error_of(server, security="starttls", host="localhost")
        assert not [c for c in server.commands if c.startswith("LOGIN")]


def silent(peer: Peer, _tag: str, _arguments: str) -> bool:
    peer.line()
    return True


def dripping(peer: Peer, tag: str, _arguments: str) -> bool:
    for _ in range(200):
        peer.raw(b"x")
        time.sleep(0.1)
    peer.send(f"{tag} OK done")
    return True


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
def test_a_silent_server_is_given_up_in_time(name: str) -> None:
    """covers: A1.3, A1.7"""
    with FakeImap(orders(1), hooks={name: silent}) as server:
        begin = time.monotonic()
        error = error_of(server)
        assert time.monotonic() - begin < 3.5
    assert error.kind is Kind.TRANSIENT


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "SEARCH", "FETCH"])
def test_a_dripping_server_is_given_up_at_the_deadline(name: str) -> None:
    """covers: A1.6"""
    with FakeImap(orders(1), hooks={name: dripping}) as server:
        begin = time.monotonic()
        error = error_of(server)
        assert time.monotonic() - begin < HASTY.command + 1.5
    assert error.kind is Kind.TRANSIENT


def test_a_connection_is_not_used_again_after_a_time_out() -> None:
    """covers: A1.7"""
    with FakeImap(orders(1), hooks={"EXAMINE": silent}) as server:
        reading = reading_at(server)
        with pytest.raises(MailboxError):
            reading.poll()
        server.hooks.clear()
        assert len(reading.new()) == 1
        assert server.sessions == 2
        reading.source.close()


def test_the_server_may_refuse_a_single_mail() -> None:
    """covers: A1.12"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if 7 not in asked(arguments):
            return False
        peer.send(f"{tag} NO [UNAVAILABLE] UID FETCH Server error")
        return True

    with FakeImap(orders(30), hooks={"FETCH": hook}) as server:
        reading = reading_at(server)
        batches = reading.poll()
        assert {m.place.uid for m in mails_of(batches)} == set(range(1, 31)) - {7}
        (trouble,) = troubles_of(batches)
        assert (trouble.place.uid, trouble.final) == (7, False)
        assert "Server error" in trouble.reason
        assert reading.positions["INBOX"].next_uid == 31
        tries = [(1, 1), (3, 2), (4, 2), (4, 3)]
        finals = [troubles_of(reading.poll(pending=[Pending(trouble.place, *t)]))[0].final for t in tries]
        assert finals == [False, False, False, True]
        reading.source.close()


def test_a_server_that_refuses_everything_is_left_alone() -> None:
    """covers: A1.12"""
    with FakeImap(orders(90), hooks={"FETCH": saying("{tag} NO nothing today")}) as server:
        error = error_of(server)
        assert error.kind is Kind.TRANSIENT
        assert len([c for c in server.commands if c.startswith("UID FETCH")]) < 60


def test_a_pause_asked_for_ends_the_poll_at_once() -> None:
    """covers: A1.12"""
    with FakeImap(orders(90), hooks={"FETCH": saying("{tag} NO [LIMIT] UID FETCH Rate limit hit.")}) as server:
        error = error_of(server)
        assert error.wait >= 600
        assert len([c for c in server.commands if c.startswith("UID FETCH")]) == 1


EMPTY = {
    "no body item": "* {uid} FETCH (UID {uid})",
    "NIL": "* {uid} FETCH (UID {uid} BODY[]<0> NIL)",
    "empty": '* {uid} FETCH (UID {uid} BODY[]<0> "")',
}


@pytest.mark.parametrize("answer", EMPTY.values(), ids=EMPTY)
def test_ok_without_a_body_is_never_done(answer: str) -> None:
    """covers: A2.5"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if "HEADER.FIELDS" in arguments:
            return False
        for uid in asked(arguments):
            if uid == 2:
                peer.send(answer.replace("{uid}", str(uid)))
            else:
                peer.server.give(peer, uid, arguments)
        peer.send(f"{tag} OK done")
        return True

    with FakeImap(orders(3), hooks={"FETCH": hook}) as server:
        reading = reading_at(server)
        batches = reading.poll()
        assert [m.place.uid for m in mails_of(batches)] == [1, 3]
        (trouble,) = troubles_of(batches)
        again = [troubles_of(reading.poll(pending=[Pending(trouble.place, n)]))[0].final for n in (1, 2)]
        assert (trouble.final, *again) == (False, False, True)
        server.hooks.clear()
        assert [m.place.uid for m in reading.new(pending=[Pending(trouble.place)])] == [2]
        reading.source.close()


NASTY: dict[str, Callable[[int], str]] = {
    "uneven items": lambda uid: f"* {uid} FETCH (UID {uid} BODY[]<0>)",
    "no closing parenthesis": lambda uid: f'* {uid} FETCH (UID {uid} BODY[]<0> "x"',
    "5,000 parentheses": lambda uid: f"* {uid} FETCH (UID {uid} X {'(' * 5_000}{')' * 5_000})",
    "no number": lambda uid: f"* x FETCH (UID {uid})",
    "UID as text": lambda uid: f'* {uid} FETCH (UID "many" BODY[]<0> "x")',
    "an impossible literal": lambda uid: f"* {uid} FETCH (UID {uid} BODY[]<0> {{1000000000000000}}",
    "a quote that never ends": lambda uid: f'* {uid} FETCH (UID {uid} BODY[]<0> "x)',
}


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_an_unreadable_answer_for_one_mail_stops_no_other(nasty: Callable[[int], str]) -> None:
    """covers: A2.12, A2.13, A2.24"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if 3 not in asked(arguments) or "HEADER.FIELDS" in arguments:
            return False
        peer.send(nasty(3), f"{tag} OK done")
        return True

    with FakeImap(orders(6), hooks={"FETCH": hook}) as server:
        reading = reading_at(server)
        batches = reading.poll()
        reading.source.close()
    assert [m.place.uid for m in mails_of(batches)] == [1, 2, 4, 5, 6]
    assert [t.place.uid for t in troubles_of(batches)] == [3]


SEARCHES = {
    "two lines": ("* SEARCH 1 2", "* SEARCH 3", "{tag} OK done"),
    "garbage": ("* SEARCH a b", "{tag} OK done"),
    "no text": ("* SEARCH 1", "{tag} OK"),
}


@pytest.mark.parametrize("answer", SEARCHES.values(), ids=SEARCHES)
def test_search_answers_that_make_no_sense(answer: tuple[str, ...]) -> None:
    """covers: A2.22"""
    with FakeImap(orders(3), hooks={"SEARCH": saying(*answer)}) as server:
        error = error_of(server)
        assert error.kind in (Kind.PROTOCOL, Kind.TRANSIENT)
        reading = reading_at(server)
        server.hooks.clear()
        assert len(reading.new()) == 3
        reading.source.close()


def test_a_refused_search_says_so_without_the_criteria() -> None:
    """covers: A2.16"""
    with FakeImap(orders(3), hooks={"SEARCH": saying("{tag} BAD [CLIENTBUG] no")}) as server:
        assert "refuses to search 'INBOX'" in error_of(server).text


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


def test_unasked_answers_are_not_mixed_in() -> None:
    """covers: A2.21"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        peer.send("* 2 EXPUNGE", "* 9 EXISTS", "* 1 FETCH (UID 99 FLAGS (\\Seen))", "* 1 FETCH (FLAGS (\\Seen))")
        for uid in asked(arguments):
            peer.send(f'* {uid} FETCH (UID {uid} X-OTHER "not asked for")')
            peer.server.give(peer, uid, arguments)
            peer.send(f"* {uid} FETCH (UID {uid} FLAGS (\\Seen) X-NEW 1)")
        peer.send(f"{tag} OK done")
        return True

    with FakeImap(orders(3), hooks={"FETCH": hook}) as server:
        reading = reading_at(server)
        batches = reading.poll()
        reading.source.close()
    assert [(m.place.uid, m.raw) for m in mails_of(batches)] == sorted(orders(3).items())
    assert troubles_of(batches) == []


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


def test_a_size_that_lies_is_not_believed() -> None:
    """covers: A2.11"""
    big = mail("Order 1", body="x" * 400_000)

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        peer.server.give(peer, 1, arguments, raw=big, size=10)
        peer.send(f"{tag} OK done")
        return True

    with FakeImap({1: big}, hooks={"FETCH": hook}) as server:
        (fetched,) = reading_at(server).new()
    assert (len(fetched.raw), fetched.truncated) == (plans.BODY_CAP, True)


def test_a_short_answer_is_taken_as_cut() -> None:
    """covers: A2.5, A2.11"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        peer.server.give(peer, 1, arguments, size=50_000)
        peer.send(f"{tag} OK done")
        return True

    with FakeImap(orders(1), hooks={"FETCH": hook}) as server:
        (fetched,) = reading_at(server).new()
    assert fetched.truncated


def test_a_mail_of_more_than_50_mb_is_not_fetched() -> None:
    """covers: A2.11"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        assert "HEADER.FIELDS" in arguments
        peer.server.give(peer, 1, arguments, size=60_000_000)
        peer.send(f"{tag} OK done")
        return True

    with FakeImap(orders(1), hooks={"FETCH": hook}) as server:
        (trouble,) = troubles_of(reading_at(server).poll())
    assert trouble.final
    assert "50 MB" in trouble.reason


@pytest.mark.parametrize("date", ["31-Dec-9999 23:59:59 -1200", "00-Xxx-0000 00:00:00 +0000", ""])
def test_an_impossible_date_of_receipt_stops_nothing(date: str) -> None:
    """covers: A2.13"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if "HEADER.FIELDS" not in arguments:
            return False
        head = "Subject: Order 1\r\n\r\n"
        peer.send(
            f'* 1 FETCH (UID 1 RFC822.SIZE 20 INTERNALDATE "{date}" BODY[HEADER.FIELDS (SUBJECT)] {{{len(head)}}}'
        )
        peer.raw(f"{head})\r\n{tag} OK done\r\n".encode())
        return True

    with FakeImap(orders(1), hooks={"FETCH": hook}) as server:
        assert len(bodies_of(reading_at(server).poll())) == 1


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


@pytest.mark.parametrize(
    ("capability", "item", "answer", "expected"),
    [
        ("X-GM-EXT-1", "X-GM-MSGID", "X-GM-MSGID 1278455344230334865", "1278455344230334865"),
        ("OBJECTID", "EMAILID", "EMAILID (M6d99ac3275bb4e)", "M6d99ac3275bb4e"),
        ("NAMESPACE", "", "", None),
    ],
)
def test_the_servers_own_identity_is_taken_where_there_is_one(
    capability: str, item: str, answer: str, expected: str | None
) -> None:
    """covers: A2.7, A2.20"""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if "HEADER.FIELDS" not in arguments:
            return False
        assert (item in arguments) if item else ("GM" not in arguments and "EMAILID" not in arguments)
        head = "Subject: Order 1\r\n\r\n"
        peer.send(f"* 1 FETCH (UID 1 RFC822.SIZE 20 {answer} BODY[HEADER.FIELDS (SUBJECT)] {{{len(head)}}}")
        peer.raw(f"{head})\r\n{tag} OK done\r\n".encode())
        return True

    with FakeImap(orders(1), hooks={"FETCH": hook}, capability=f"IMAP4rev1 {capability}") as server:
        (fetched,) = reading_at(server).new()
    assert fetched.server_id == expected


def test_a_mail_that_breaks_the_triage_stops_no_other() -> None:
    """covers: A2.24"""

    def wanted(header: Mail) -> bool:
        if header.subject == "Order 2":
            raise RecursionError
        return header.subject == "Order 3"

    with FakeImap(orders(3)) as server:
        reading = reading_at(server)
        reading.wanted = wanted
        assert [(m.place.uid, m.header_only) for m in reading.new()] == [(1, True), (2, False), (3, False)]
        reading.source.close()


def test_netease_is_told_who_calls_before_a_folder_is_opened() -> None:
    with FakeImap(orders(1), capability="IMAP4rev1 ID") as server:
        reading_at(server, send_id=True).poll()
        names = [command.split(" ")[0] for command in server.commands]
    assert names.index("ID") < names.index("EXAMINE")
    assert 'ID ("name" "inboxtrack"' in server.commands[names.index("ID")]
