"""Mails that a server refuses, cuts or garbles: none is lost, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import Kind, Pending
from tests.fake_imap import FakeImap, Peer, asked, giving, heading, saying
from tests.imap_help import bodies_of, failure_of, mail, mails_of, orders, polled, reading_at, troubles_of


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
        error = failure_of(reading_at(server))
        assert error.kind is Kind.TRANSIENT
        assert len([c for c in server.commands if c.startswith("UID FETCH")]) < 60


def test_a_pause_asked_for_ends_the_poll_at_once() -> None:
    """covers: A1.12"""
    with FakeImap(orders(90), hooks={"FETCH": saying("{tag} NO [LIMIT] UID FETCH Rate limit hit.")}) as server:
        error = failure_of(reading_at(server))
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
        batches = polled(server)
    assert [m.place.uid for m in mails_of(batches)] == [1, 2, 4, 5, 6]
    assert [t.place.uid for t in troubles_of(batches)] == [3]


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
        batches = polled(server)
    assert [(m.place.uid, m.raw) for m in mails_of(batches)] == sorted(orders(3).items())
    assert troubles_of(batches) == []


def test_a_size_that_lies_is_not_believed() -> None:
    """covers: A2.11"""
    big = mail("Order 1", body="x" * 400_000)
    with FakeImap({1: big}, hooks={"FETCH": giving(size=10)}) as server:
        (fetched,) = mails_of(polled(server))
    assert (len(fetched.raw), fetched.truncated) == (plans.BODY_CAP, True)


def test_a_short_answer_is_taken_as_cut() -> None:
    """covers: A2.5, A2.11"""
    with FakeImap(orders(1), hooks={"FETCH": giving(size=50_000)}) as server:
        (fetched,) = mails_of(polled(server))
    assert fetched.truncated


def test_a_mail_of_more_than_50_mb_is_not_fetched() -> None:
    """covers: A2.11"""
    with FakeImap(orders(1), hooks={"FETCH": giving(size=60_000_000)}) as server:
        (trouble,) = troubles_of(polled(server))
        (asked_for,) = [command for command in server.commands if "FETCH" in command]
    assert "HEADER.FIELDS" in asked_for
    assert trouble.final
    assert "50 MB" in trouble.reason


@pytest.mark.parametrize("date", ["31-Dec-9999 23:59:59 -1200", "00-Xxx-0000 00:00:00 +0000", ""])
def test_an_impossible_date_of_receipt_stops_nothing(date: str) -> None:
    """covers: A2.13"""
    with FakeImap(orders(1), hooks={"FETCH": heading(f'INTERNALDATE "{date}"')}) as server:
        assert len(bodies_of(polled(server))) == 1


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
    with FakeImap(orders(1), hooks={"FETCH": heading(answer)}, capability=f"IMAP4rev1 {capability}") as server:
        (fetched,) = mails_of(polled(server))
        asked_for = next(command for command in server.commands if "HEADER.FIELDS" in command)
    assert [name for name in ("X-GM-MSGID", "EMAILID") if name in asked_for] == ([item] if item else [])
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
