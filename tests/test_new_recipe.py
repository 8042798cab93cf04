"""A recipe that is written for a mail reads that mail: whoever wrote it had the mail in the mailbox before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.keeping import MailRow
from tests.dovecot import Dovecot
from tests.living import AUTHSERV, deliver, now, stages, write_settings
from tests.sinks import sink

pytestmark = pytest.mark.dovecot

RECIPE = """\
name = "Blue Coffee"
retailer = "blue-coffee"
senders = ["orders@bluecoffee.example"]
[[step]]
stage = "placed"
en = ["we got your order"]
[order]
subject = ["order {order}"]
"""
GROUP = 'extends = "woocommerce"\nsenders = ["orders@potters-group.example"]\n'


def order_mail(sender: str, subject: str, body: str, results: str = "dmarc=pass") -> bytes:
    """A mail that looks like order news by its subject; by default its sender is confirmed."""
    domain = sender.partition("@")[2]
    date = f"{now():%a, %d %b %Y %T +0000}"
    return (
        f"Authentication-Results: {AUTHSERV}; {results} header.from={domain}\r\n"
        f"Received: from mail.{domain} by {AUTHSERV}; {date}\r\n"
        f"From: {sender}\r\nTo: anna@home.example\r\nSubject: {subject}\r\nDate: {date}\r\n"
        f"Message-ID: <1@{domain}>\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n{body}\r\n"
    ).encode()


def add_recipe(folder: Path, text: str) -> None:
    (folder / "recipes").mkdir(exist_ok=True)
    (folder / "recipes" / "own.toml").write_text(text)


def take_in(config: Path, how: str) -> None:
    """What `poll`, `backfill` and `backfill --deep` do, by an inboxtrack that was just started."""
    with App.open(load(config)) as app:
        if how == "poll":
            assert app.poll().ok
        else:
            list(app.intake.backfill(now() - dt.timedelta(days=90), now(), deep=how == "deep"))


@pytest.mark.parametrize(
    ("again", "results"), [("poll", "pass"), ("poll", "none"), ("backfill", "pass"), ("deep", "pass")]
)
def test_a_mail_that_nobody_claimed_is_read_by_the_recipe_that_came_later(
    server: Dovecot, tmp_path: Path, again: str, results: str
) -> None:
    mail = order_mail("orders@bluecoffee.example", "We got your order BC-2291", "<p>Thanks!</p>", f"dmarc={results}")
    deliver(server, [mail, order_mail("news@club.example", "Your order of the day", "<p>Coffee?</p>")])
    with sink() as phone:
        config = write_settings(tmp_path, server, phone.url)
        for how in ("poll", "deep"):
            take_in(config, how)
        assert stages(config) == {}
        add_recipe(tmp_path, RECIPE)
        take_in(config, again)
        assert stages(config) == {"BC-2291": "placed"}
    with App.open(load(config)) as app, app.store.reading() as tx:
        assert len(tx.mails.all_ids()) == 1, "the mail is kept, and can be read again"


def test_a_refused_mail_is_read_once_a_recipe_names_its_sender(server: Dovecot, tmp_path: Path) -> None:
    body = (
        '<div id="template_container"><div id="body_content_inner"><p>We have finished processing your order.</p>'
        "<h2>[Order #1234] (March 2, 2026)</h2></div></div>"
    )
    deliver(server, [order_mail("orders@potters-group.example", "Your Kiln order is now complete", body)])
    with sink() as phone:
        config = write_settings(tmp_path, server, phone.url)
        take_in(config, "poll")
        assert stages(config) == {}
        assert [row.reason.partition(":")[0] for row in refused(config)] == ["woocommerce"]
        add_recipe(tmp_path, GROUP)
        take_in(config, "poll")
        assert list(stages(config)) == ["1234"]
        assert refused(config) == []


def refused(config: Path) -> list[MailRow]:
    with App.open(load(config)) as app:
        return list(app.attention().quarantined)
