"""The same mail in several folders is one mail, by what it says; and mails that only look the same are several."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.config import load
from tests.dovecot import Dovecot
from tests.living import aliexpress, deliver, stages, write_settings
from tests.sinks import sink

pytestmark = pytest.mark.dovecot
ONE, TWO = "8055555555555551", "8055555555555552"
FOLDERS = ("INBOX", "Orders", "All Mail")


def without(mail: bytes, header: bytes) -> bytes:
    """A mail that lacks a header."""
    return b"\r\n".join(line for line in mail.split(b"\r\n") if not line.startswith(header))


def mails(how: str) -> tuple[bytes, bytes]:
    """Mails of two orders."""
    one, two = (aliexpress(f"Order {number}: order shipped", number) for number in (ONE, TWO))
    if how == "one Message-ID":
        same = next(line for line in one.split(b"\r\n") if line.startswith(b"Message-ID"))
        two = without(two, b"Message-ID").replace(b"MIME-Version", same + b"\r\nMIME-Version")
        subject = b"Subject: Your order was shipped"
        one, two = (
            without(mail, b"Subject").replace(b"MIME-Version", subject + b"\r\nMIME-Version") for mail in (one, two)
        )
    if how == "no Message-ID":
        one, two = without(one, b"Message-ID"), without(two, b"Message-ID")
    return one, two


@pytest.mark.parametrize("how", ["as sent", "one Message-ID", "no Message-ID"])
def test_copies_in_three_folders_are_one_mail_and_told_once(server: Dovecot, tmp_path: Path, how: str) -> None:
    """covers: A2.7"""
    client = server.admin()
    for folder in FOLDERS[1:]:
        client.create_folder(folder)
    client.logout()
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url, folders=list(FOLDERS))
        with App.open(load(settings)) as app:
            assert app.poll().ok
            phone.forget()
            both = mails(how)
            for folder in FOLDERS:
                deliver(server, both, folder)
            assert app.poll().ok
            assert app.poll().ok
            with app.store.reading() as tx:
                assert len(tx.mails.all_ids()) == 2
                assert len(tx.mails.known_places("home")) == 6
        assert stages(settings) == {ONE: "shipped", TWO: "shipped"}
        told = "\n".join(phone.texts)
        assert (phone.asked, told.count(ONE), told.count(TWO)) == (1, 1, 1)
