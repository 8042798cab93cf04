"""One whole cycle with every logger at DEBUG: no secret and no word of foreign mail in logs, messages or the store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dovecot import USERS, Dovecot, dovecot
from tests.living import AUTHSERV, ROOT, aliexpress, deliver, run, stages, write_settings
from tests.sinks import Sink, sink

pytestmark = pytest.mark.dovecot
TOKEN, STATUS_KEY, PRIVATE = "tk_planted_4411", "shcct_planted_8822", "the quince jelly is behind the blue jars"
CYCLE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv[2])
from pathlib import Path
from inboxtrack.app import App
from inboxtrack.config import load
if __name__ == "__main__":
    with App.open(load(Path(sys.argv[1]))) as app:
        app.check_channels()
        report = app.poll()
        assert report.ok and not report.undelivered, report
        print(app.attention(), report)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as started:
        yield started


def shop_mail() -> bytes:
    """A Shopify confirmation whose order-status link is a credential."""
    link = f"https://shop.example/1234567/orders/{'ab' * 16}/authenticate?key={STATUS_KEY}"
    return (
        f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=t.shopifyemail.com\r\n"
        f"Received: from mail.example by {AUTHSERV}; Sun, 22 Nov 2026 08:00:00 +0000\r\n"
        "From: Corner Lamps <store+1234567@t.shopifyemail.com>\r\nTo: anna@home.example\r\n"
        "Subject: Order #L1042 confirmed\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\n"
        "Message-ID: <l1042@shop.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        '<table class="header row"><tr><td class="order-number__cell"><span class="order-number__text">Order #L1042'
        "</span></td></tr></table><h2>Thank you for your purchase!</h2>"
        f'<p>We are getting your order ready. <a class="button__text" href="{link}">View your order</a></p>\r\n'
    ).encode()


def private_mail() -> bytes:
    """Personal mail that mentions an order, so that its body is fetched."""
    return (
        "From: Mira <mira@friends.example>\r\nTo: anna@home.example\r\nSubject: Your order 8044444444444444 of it\r\n"
        f"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <jelly@friends.example>\r\n\r\n{PRIVATE}\r\n"
    ).encode()


def leaks(data: bytes) -> list[str]:
    planted = (USERS["anna"], TOKEN, STATUS_KEY, PRIVATE)
    return [secret for secret in planted if secret.encode() in data]


def test_nothing_leaks(server: Dovecot, tmp_path: Path) -> None:
    """covers: C14, C15, C22"""
    deliver(server, [shop_mail(), private_mail()])
    with sink() as phone:
        settings = write_settings(tmp_path, server, f"{phone.url}?+X-Token={TOKEN}")
        log, cycle = tmp_path / "debug.log", tmp_path / "cycle.py"
        cycle.write_text(CYCLE)
        for number in range(2):
            done = subprocess.run(
                [sys.executable, str(cycle), str(settings), str(log)], capture_output=True, cwd=ROOT, timeout=120
            )
            assert done.returncode == 0, done.stderr.decode()
            assert leaks(done.stdout + done.stderr) == []
            order = f"805{number}000000000000"
            deliver(server, [aliexpress(f"Order {order}: order shipped", order)])
    assert log.stat().st_size
    assert leaks(log.read_bytes()) == []
    assert leaks("\n".join(phone.texts).encode()) == []
    for file in (tmp_path / "state").rglob("*"):
        if file.is_file():
            assert leaks(file.read_bytes()) == [], file
    assert stages(settings)["L1042"] == "placed"


def hostile() -> Iterator[bytes]:
    """Mails that break parsers, as the shop's own: each body comes down and goes through a worker."""
    number = "8066666666666666"
    plain = aliexpress(f"Order {number}: order shipped", number)
    head, _, body = plain.partition(b"\r\n\r\n")
    nested = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (n, n + 1) for n in range(3000)
    )
    mixed = head.replace(b"text/html; charset=utf-8", b'multipart/mixed; boundary="b0"')
    yield mixed.replace(b"<", b"<nested.", 1) + b"\r\n\r\n" + nested
    yield mixed + b"\r\n\r\n" + b"--b0\r\n\r\n" * 20_000
    yield head + b"\r\n\r\n" + b"<!--" * 50_000
    yield head + b"\r\n\r\n" + b"<div>" * 40_000 + body
    yield head + b"\r\nX-Long: " + b"(" * 5_000 + b"\r\n\r\n" + body
    yield head.replace(b"Subject: ", b"Subject: " + b"=?utf-8?q?a?= " * 2_000) + b"\r\n\r\n" + body


def test_hostile_mail_does_not_keep_the_next_mail_from_being_read(server: Dovecot, tmp_path: Path) -> None:
    """covers: C1 — through the mailbox, the workers and the store, as the daemon takes it."""
    server.wipe()
    good = "8077777777777777"
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        assert run("poll", "--config", str(settings))[0] == 0
        deliver(server, [*hostile(), aliexpress(f"Order {good}: order shipped", good)])
        code, _, err = run("poll", "--config", str(settings))
        assert code == 0, err
        assert _told(phone, good)
    assert stages(settings)[good] == "shipped"


def _told(phone: Sink, order: str) -> bool:
    return any(order in text for text in phone.texts)
