"""The IMAP source against a real Dovecot: first sync, what is new, nothing changed, and texts that cure."""

from __future__ import annotations

import datetime as dt
import imaplib
import signal
from collections.abc import Iterator
from contextlib import suppress

import imapclient
import pytest

from inboxtrack.mail.account import Limits
from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.client import Connection
from inboxtrack.mail.imap.plan import Folder
from inboxtrack.mail.source import Kind, MailboxError, Pending, Place, Position
from tests.conftest import ROOT
from tests.dovecot import USERS, Dovecot, dovecot, free_ports
from tests.imap_help import (
    Reading,
    account_of,
    bodies_of,
    deliver,
    everything,
    mail,
    mails_of,
    state_of,
    troubles_of,
)

pytestmark = pytest.mark.dovecot
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def admin(server: Dovecot) -> Iterator[imapclient.IMAPClient]:
    with server.admin() as client:
        yield client


@pytest.fixture
def reading(server: Dovecot) -> Iterator[Reading]:
    source = ImapSource(account_of(server))
    yield Reading(source)
    source.close()


def test_a_first_sync_fetches_the_bodies_of_candidates_only(admin: imapclient.IMAPClient, reading: Reading) -> None:
    deliver(admin, *(mail("Order 1" if n % 3 == 0 else "Hello", number=n) for n in range(30)))
    batches = reading.poll()
    assert len(mails_of(batches)) == 30
    assert len(bodies_of(batches)) == 10
    assert all(raw.endswith(b"Hello\r\n") for raw in bodies_of(batches))
    assert all(batch.quiet for batch in batches)
    assert reading.positions["INBOX"].next_uid == 31


def test_the_second_poll_fetches_nothing_and_the_third_what_is_new(
    admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A2.3"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(5)))
    assert len(bodies_of(reading.poll())) == 5
    assert reading.poll() == []
    deliver(admin, mail("Order 2"), mail("Hello"))
    batches = reading.poll()
    assert [m.header_only for m in mails_of(batches)] == [False, True]
    assert not any(batch.quiet for batch in batches)
    assert reading.poll() == []


def test_nothing_of_the_mailbox_changes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.6"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(20)))
    admin.select_folder("INBOX")
    admin.add_flags([3, 4], [b"\\Seen", b"\\Flagged"])
    before = state_of(admin)
    reading.poll()
    for _ in range(5):
        reading.poll()
    list(reading.source.backfill(NOW - dt.timedelta(days=30), everything, NOW))
    reading.source.wait(0.2)
    assert state_of(admin) == before


def test_the_code_knows_no_command_that_changes_a_mailbox() -> None:
    """covers: A2.6, A2.13, A2.14"""
    code = "\n".join(p.read_text() for p in (ROOT / "inboxtrack" / "mail").rglob("*.py"))
    calls = [
        "add_flags",
        "set_flags",
        "remove_flags",
        "delete_messages",
        "expunge",
        "append",
        "copy",
        "move",
        "create_folder",
    ]
    calls += ["delete_folder", "rename_folder", "close_folder", "multiappend", "subscribe_folder", "store"]
    # "append" and "copy" are also methods of lists and dicts, so the receiver counts.
    assert not [call for call in calls if f"client.{call}(" in code.replace("_client", "client")]
    assert '"ENVELOPE' not in code
    assert '"BODYSTRUCTURE' not in code
    assert '"BINARY' not in code
    assert code.count("select_folder(") == code.count("readonly=True") == 1, (
        "the code that is searched is the right one"
    )


def test_imaplibs_own_log_of_every_body_is_off(server: Dovecot) -> None:
    """IMAPClient switches it on; an upgrade that needs another switch must fail here."""
    assert imapclient.IMAPClient("127.0.0.1", server.plain, ssl=False)._imap.debug == 5
    connection = Connection(account_of(server))
    assert connection._client._imap.debug == 0
    connection.close()


def test_tls_and_starttls_are_verified(server: Dovecot) -> None:
    """covers: C16"""
    for security, port in (("tls", server.tls), ("starttls", server.plain)):
        for host in ("localhost", "127.0.0.1"):
            source = ImapSource(account_of(server, host=host, port=port, security=security, ca_file=server.ca))
            Reading(source).poll()
            source.close()
        error = refusal(account_of(server, host="localhost", port=port, security=security))
        assert error.kind is Kind.CONFIG
        assert "certificate of localhost" in error.text
        assert "ca_file" in error.text


def refusal(account: object) -> MailboxError:
    source = ImapSource(account)  # type: ignore[arg-type] # tests build accounts of many shapes
    with pytest.raises(MailboxError) as caught:
        Reading(source).poll()
    source.close()
    assert "\n" not in caught.value.text
    assert caught.value.text.startswith("mailbox 'home': ")
    return caught.value


def test_a_wrong_password_is_named_with_the_providers_cure(server: Dovecot) -> None:
    """covers: A1.11"""
    error = refusal(account_of(server, secret=lambda: "wrong", hint="make an app password: https://provider.example"))
    assert error.kind is Kind.AUTH
    assert "refused the password of anna" in error.text
    assert error.text.endswith("make an app password: https://provider.example")
    assert "wrong" not in error.text


def test_a_missing_folder_is_named_with_the_likely_one(admin: imapclient.IMAPClient, server: Dovecot) -> None:
    """covers: A2.19"""
    admin.create_folder("Bestellungen")
    error = refusal(account_of(server, folders=("Bestelungen",)))
    assert error.kind is Kind.CONFIG
    assert "folder 'Bestelungen' cannot be opened (Mailbox doesn't exist: Bestelungen):" in error.text
    assert "did you mean 'Bestellungen'?" in error.text


def test_a_missing_folder_does_not_stop_the_others(admin: imapclient.IMAPClient, server: Dovecot) -> None:
    """covers: A2.19"""
    deliver(admin, mail("Order 1"))
    for folders in (("Gone", "INBOX"), ("INBOX", "Gone")):
        source = ImapSource(account_of(server, folders=folders))
        batches = Reading(source).poll()
        assert len(bodies_of(batches)) == 1
        assert [w for batch in batches for w in batch.warnings if "'Gone'" in w]
        source.close()


def test_an_unreachable_server(server: Dovecot) -> None:
    (port,) = free_ports(1)
    error = refusal(account_of(server, port=port))
    assert error.kind is Kind.TRANSIENT
    assert f"nothing listens at 127.0.0.1:{port}: check host and port" in error.text


def test_an_unknown_host_is_named(server: Dovecot) -> None:
    error = refusal(account_of(server, host="imap.nowhere.invalid", security="tls"))
    assert error.kind is Kind.TRANSIENT
    assert "imap.nowhere.invalid is not found: check the spelling" in error.text


def test_the_wrong_tls_mode(server: Dovecot) -> None:
    """covers: A1.9"""
    error = refusal(account_of(server, security="tls", port=server.plain))
    assert error.kind is Kind.CONFIG
    assert 'speaks no TLS: the port is wrong, or set security = "starttls"' in error.text
    error = refusal(account_of(server, port=server.tls, limits=Limits(connect=0.7)))
    assert 'set security = "tls"' in error.text


def test_plain_text_is_for_this_machine_only(server: Dovecot) -> None:
    """covers: C16"""
    error = refusal(account_of(server, host="imap.provider.example"))
    assert error.kind is Kind.CONFIG
    assert 'set security = "tls"' in error.text


@pytest.mark.parametrize("change", [{"user": "anna\r\nX LOGOUT"}, {"folders": ("IN\nBOX",)}, {"host": "a\x00b"}])
def test_no_setting_can_smuggle_a_command(server: Dovecot, change: dict[str, object]) -> None:
    """covers: C3"""
    error = refusal(account_of(server, secret=lambda: "x", **change))
    assert error.kind is Kind.CONFIG
    assert "control character" in error.text


def test_a_password_cannot_smuggle_a_command(server: Dovecot) -> None:
    assert refusal(account_of(server, secret=lambda: "x\r\nA LOGOUT")).kind is Kind.CONFIG


def test_a_password_beyond_ascii_signs_in(server: Dovecot) -> None:
    """covers: A2.26"""
    source = ImapSource(account_of(server, user="bob"))
    assert Reading(source).poll()
    source.close()


def test_too_many_sessions_are_no_wrong_password() -> None:
    """covers: A1.10, A1.11"""
    with dovecot(sessions=1) as server, server.admin():
        error = refusal(account_of(server))
        assert error.kind is Kind.TRANSIENT
        assert error.wait >= 600


def test_one_account_holds_one_connection_and_signs_out(server: Dovecot, reading: Reading) -> None:
    """covers: A1.10"""
    for _ in range(3):
        reading.poll()
        reading.source.wait(0.05)
    assert len(server.doveadm("-f", "flow", "who", "anna").splitlines()) == 1
    reading.source.close()
    assert server.doveadm("-f", "flow", "who", "anna").strip() == ""


def test_a_connection_that_died_between_polls_is_renewed_unseen(
    server: Dovecot, admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A1.8"""
    reading.poll()
    deliver(admin, mail("Order 1"))
    server.kill_sessions(signal.SIGKILL)
    assert len(reading.new()) == 1


def test_a_server_that_says_bye_is_asked_again(server: Dovecot, admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A1.8"""
    reading.poll()
    deliver(admin, mail("Order 1"))
    server.kill_sessions(signal.SIGTERM)
    found = []
    for _ in range(3):  # the BYE comes when the server gets to it: between two commands, or in the middle of one
        with suppress(MailboxError):
            found += reading.new()
    assert len(found) == 1


@pytest.mark.parametrize("rebuild", ["recreate", "uidvalidity"])
def test_a_rebuilt_folder_is_read_again(server: Dovecot, admin: imapclient.IMAPClient, rebuild: str) -> None:
    """covers: A2.1, A2.2"""
    admin.create_folder("Orders")
    deliver(admin, mail("Order 1"), mail("Order 2"), folder="Orders")
    source = ImapSource(account_of(server, folders=("Orders",)))
    reading = Reading(source)
    reading.poll()
    before = reading.positions["Orders"]
    if rebuild == "recreate":
        admin.delete_folder("Orders")
        admin.create_folder("Orders")
        deliver(admin, mail("Order 3"), folder="Orders")
    else:
        server.doveadm("mailbox", "update", "-u", "anna", "--uid-validity", "424242", "Orders")
    batches = reading.poll()
    source.close()
    assert len(bodies_of(batches)) == (1 if rebuild == "recreate" else 2)
    assert not any(batch.quiet for batch in batches), "what is not known by its content is new, and told"
    after = reading.positions["Orders"]
    assert after.uidvalidity != before.uidvalidity
    assert after.quiet_below == 0


def test_a_lost_index_is_a_rebuilt_folder(server: Dovecot, admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.1"""
    deliver(admin, mail("Order 1"), mail("Order 2"))
    # A new UIDVALIDITY is the time in seconds; the first one must differ.
    server.doveadm("mailbox", "update", "-u", "anna", "--uid-validity", "4242", "INBOX")
    reading.poll()
    admin.logout()
    reading.source.drop()
    for path in (server.home / "mail" / "anna" / "Maildir").glob("dovecot*"):
        path.unlink()
    assert len(bodies_of(reading.poll())) == 2
    assert reading.poll() == []


def test_an_expunge_between_search_and_fetch_is_normal(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.4"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(4)))
    search = Connection.search

    def search_then_expunge(self: Connection, *args: object) -> list[int]:
        found = search(self, *args)  # type: ignore[arg-type] # passed through as they came
        admin.select_folder("INBOX")
        admin.delete_messages([2])
        admin.expunge()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "search", search_then_expunge)
        batches = reading.poll()
    assert {m.place.uid for m in mails_of(batches)} >= {1, 3, 4}
    # Dovecot still lists the mail to this session, without its text; the next try finds it gone.
    assert reading.positions["INBOX"].next_uid == 5
    later = reading.poll(pending=[Pending(trouble.place) for trouble in troubles_of(batches)])
    assert troubles_of(later) == []
    assert [place.uid for batch in later for place in batch.gone] == [t.place.uid for t in troubles_of(batches)] == [2]


def test_unknown_uids_are_gone_not_an_error(server: Dovecot, reading: Reading) -> None:
    """covers: A2.4"""
    connection = Connection(account_of(server))
    connection.examine("INBOX")
    assert connection.headers([999]) == {}
    assert connection.bodies([999], 100) == {}
    connection.close()


def test_search_answers_below_the_first_uid_are_dropped(server: Dovecot, admin: imapclient.IMAPClient) -> None:
    """covers: A2.3"""
    deliver(admin, mail("Order 1"), mail("Order 2"))
    connection = Connection(account_of(server))
    connection.examine("INBOX")
    assert connection.search(2) == [2]
    assert connection.search(3) == []
    assert connection.search(900) == []
    connection.close()


NAMES = ["Bestellungen/Häufig", "日本語", "A&B", 'quo"te', "back\\slash", "123456", "trailing ", "📦", "%x"]


def test_folder_names_of_every_kind(server: Dovecot, admin: imapclient.IMAPClient) -> None:
    """covers: A2.18"""
    for name in NAMES:
        admin.create_folder(name)
        deliver(admin, mail(f"Order in folder {NAMES.index(name)}"), folder=name)
    source = ImapSource(account_of(server, folders=tuple(NAMES)))
    found = {m.place.folder: m.raw for m in Reading(source).new()}
    source.close()
    assert list(found) == NAMES
    assert all(f"folder {n}".encode() in found[name] for n, name in enumerate(NAMES))


def test_a_special_use_finds_the_folder_in_every_language(server: Dovecot, admin: imapclient.IMAPClient) -> None:
    """covers: A2.18"""
    deliver(admin, mail("Order 1"), folder="Spam")
    source = ImapSource(account_of(server, folders=("INBOX", "\\Junk")))
    assert [m.place.folder for m in Reading(source).new()] == ["Spam"]
    source.close()


def test_a_large_mail_comes_in_part(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.11"""
    deliver(admin, mail("Order 1", body="x" * 990 + "\r\n" + "y" * 1_000_000), mail("Order 2", body="z" * 200_000))
    large, small = reading.new()
    assert large.truncated
    assert len(large.raw) == plans.BODY_CAP
    assert large.size > 1_000_000
    assert not small.truncated
    (batch,) = reading.source.fetch([large.place], NOW, limit=2_000_000)
    assert len(batch.mails[0].raw) == large.size
    assert not batch.mails[0].truncated


def test_batches_are_bounded_by_ids_and_bytes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.9"""
    admin.multiappend("INBOX", [mail("Order 1", number=n) for n in range(45)])
    admin.multiappend("INBOX", [mail("Hello", number=n) for n in range(250)])
    batches = reading.poll()
    assert max(len(bodies_of([batch])) for batch in batches) == plans.BODY_IDS
    assert max(len(batch.mails) for batch in batches) <= plans.TRIAGE_IDS
    assert len(mails_of(batches)) == 295
    positions = [batch.position.next_uid for batch in batches if batch.position]
    assert positions == sorted(positions)


def test_a_poll_that_ends_early_goes_on_where_it_was(
    server: Dovecot, admin: imapclient.IMAPClient, reading: Reading
) -> None:
    """covers: A2.8"""
    deliver(admin, *(mail("Order 1", number=n) for n in range(45)))
    first = next(iter(reading.source.poll({}, reading.wanted, NOW)))
    assert first.position is not None
    assert first.position.quiet_below == 46
    again = Reading(ImapSource(account_of(server)), {"INBOX": first.position})
    batches = again.poll()
    again.source.close()
    assert len(first.mails) + len(mails_of(batches)) == 45
    assert all(batch.quiet for batch in batches), "the rest of a first sync is old mail after a crash, too"


def test_the_look_back_counts_to_the_minute(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.17"""
    edge = NOW - dt.timedelta(days=60)
    deliver(admin, mail("Order old"), at=edge - dt.timedelta(hours=1))
    deliver(admin, mail("Order young"), at=edge + dt.timedelta(hours=1))
    assert [b"young" in m.raw for m in reading.new(now=NOW)] == [True]
    assert reading.poll() == []


def test_the_same_internaldate_in_any_zone(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.17"""
    at = dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=14)))
    deliver(admin, mail("Order 1"), at=at)
    assert reading.new(now=dt.datetime(2026, 11, 5, tzinfo=dt.UTC))[0].received_at == at
    assert at.astimezone(dt.UTC).tzinfo is dt.UTC


def test_pending_mails_are_tried_again_and_gone_ones_end(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A1.12"""
    deliver(admin, mail("Order 1"), mail("Order 2"))
    reading.poll()
    valid = reading.positions["INBOX"].uidvalidity
    places = [Place("home", "INBOX", valid, 2), Place("home", "INBOX", valid, 77), Place("home", "INBOX", 1, 2)]
    batches = reading.poll(pending=[Pending(place) for place in places])
    assert [m.place for m in mails_of(batches)] == places[:1]
    assert [place for batch in batches for place in batch.gone] == [places[1]]
    assert [(t.place, t.final) for t in troubles_of(batches)] == [(places[2], True)]


def test_a_backfill_knows_its_total_and_resumes(admin: imapclient.IMAPClient, reading: Reading) -> None:
    old = NOW - dt.timedelta(days=200)
    for n in range(120):
        deliver(admin, mail("Order 1" if n % 4 == 0 else "Hello", number=n), at=old)
    reading.poll()
    known = set()
    for batch in reading.source.backfill(NOW - dt.timedelta(days=300), reading.wanted, NOW):
        assert batch.quiet
        assert batch.position is None
        assert batch.progress is not None
        assert batch.progress.total == 120
        known |= {m.place for m in batch.mails}
        if batch.progress.done >= 50:
            break
    assert 0 < len(known) < 120
    rest = list(reading.source.backfill(NOW - dt.timedelta(days=300), reading.wanted, NOW, known.__contains__))
    assert not known & {m.place for m in mails_of(rest)}
    assert len(known) + len(mails_of(rest)) == 120
    assert rest[-1].progress is not None
    assert rest[-1].progress.done == rest[-1].progress.total == 120 - len(known)


def test_a_deep_backfill_reads_every_body(admin: imapclient.IMAPClient, reading: Reading) -> None:
    deliver(admin, mail("Order 1"), mail("Hello"))
    batches = list(reading.source.backfill(NOW - dt.timedelta(days=3), everything, NOW))
    assert len(bodies_of(batches)) == 2


def test_hostile_headers_stop_nothing(admin: imapclient.IMAPClient, reading: Reading) -> None:
    """covers: A2.13, A2.24"""
    date = b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n"
    hostile = [
        b"From: a@b.example\r\nSubject: Order 1\r\n" + date + b"\r\nx\r\n",
        b"Subject: Order " + b"(" * 5_000 + b"\r\n\r\nx\r\n",
        b"From: " + b"a@b.example, " * 3_000 + b"\r\nSubject: Order 2\r\n\r\nx\r\n",
        b"\xff\xfe\r\nSubject: Order \xff\r\n\r\nx\r\n",
        b"Subject: =?x?q?=00?= Order\r\n\r\nx\r\n",
        b"\r\nno header at all\r\n",
        b'From: "\\"<a@b.example>\r\nSubject: Order "\\\r\n\r\nx\r\n',
    ]
    deliver(admin, *hostile, *(mail("Order 9", number=n) for n in range(10)))
    batches = reading.poll()
    assert len(mails_of(batches)) == len(hostile) + 10
    assert sum(b"Order 9" in raw for raw in bodies_of(batches)) == 10
    assert troubles_of(batches) == []


def test_a_plan_notices_a_server_that_was_set_back() -> None:
    """covers: A2.1"""
    position = Position("home", "INBOX", 7, 100)
    plan = plans.plan(Folder("INBOX", 7, 60, 59), position, 30, NOW)
    assert plan is not None
    assert plan.restarted
    assert (plan.first, plan.quiet_below) == (1, 0)
    assert plans.plan(Folder("INBOX", 7, 100, 99), position, 30, NOW) is None


def test_the_doctor_can_ask(server: Dovecot) -> None:
    source = ImapSource(account_of(server))
    assert "IDLE" in source.capabilities()
    assert set(source.folder_names()) == {"INBOX", "Spam"}
    source.close()


def test_imaplib_still_fails_as_the_rules_expect() -> None:
    """The classes that the error table stands on."""
    assert issubclass(imaplib.IMAP4.abort, imaplib.IMAP4.error)
    assert imapclient.exceptions.LoginError.__mro__[1] is imaplib.IMAP4.error
    assert TimeoutError is __import__("socket").timeout
    assert USERS
