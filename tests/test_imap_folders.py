"""Folders of a real Dovecot: names of every kind, missing ones, and ones that were built anew."""

from __future__ import annotations

import imapclient
import pytest

from inboxtrack.mail.imap import ImapSource
from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.plan import Folder
from inboxtrack.mail.source import Position
from tests.dovecot import Dovecot
from tests.imap_help import NOW, Reading, account_of, admin, bodies_of, deliver, mail, reading

__all__ = ["admin", "reading"]

pytestmark = pytest.mark.dovecot


def test_a_missing_folder_does_not_stop_the_others(admin: imapclient.IMAPClient, server: Dovecot) -> None:
    """covers: A2.19"""
    deliver(admin, mail("Order 1"))
    for folders in (("Gone", "INBOX"), ("INBOX", "Gone")):
        source = ImapSource(account_of(server, folders=folders))
        batches = Reading(source).poll()
        assert len(bodies_of(batches)) == 1
        assert [w for batch in batches for w in batch.warnings if "'Gone'" in w]
        source.close()


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


def test_a_plan_notices_a_server_that_was_set_back() -> None:
    """covers: A2.1"""
    position = Position("home", "INBOX", 7, 100)
    plan = plans.plan(Folder("INBOX", 7, 60, 59), position, 30, NOW)
    assert plan is not None
    assert plan.restarted
    assert (plan.first, plan.quiet_below) == (1, 0)
    assert plans.plan(Folder("INBOX", 7, 100, 99), position, 30, NOW) is None
