"""Nothing leaks: every test is searched (`tests.leaks`); here, that the search sees, and one cycle of all secrets."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.dovecot import USERS, Dovecot
from tests.leaks import PLANTED, WATCH, forms, planted_in
from tests.living import AUTHSERV, ROOT, aliexpress, command, deliver, run, stages, write_settings
from tests.sinks import sink

pytestmark = pytest.mark.dovecot
PRIVATE = PLANTED["words of personal mail"]


def shop_mail() -> bytes:
    """A Shopify confirmation whose order-status link is a credential."""
    link = f"https://shop.example/1234567/orders/{'ab' * 16}/authenticate?key=shcct_planted"
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


def test_nothing_leaks(server: Dovecot, tmp_path: Path) -> None:
    """covers: C14, C15, C22. What the commands log, print, send and keep is searched when this ends."""
    deliver(server, [shop_mail(), private_mail()])
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        for asked in ("poll", "poll", "attention", "doctor"):
            code, _, err = run(asked, "--config", str(settings))
            assert code == 0, err
            order = f"805{phone.asked}000000000000"
            deliver(server, [aliexpress(f"Order {order}: order shipped", order)])
    assert WATCH.log
    assert "Logged in as anna" in WATCH.log.read_text()
    assert stages(settings)["L1042"] == "placed"


@pytest.mark.parametrize("text", PLANTED.values())
def test_what_is_planted_is_found_however_it_is_written(text: str) -> None:
    for form in forms(text):
        assert planted_in(b"\x00pre" + form + b"post\xff")


def test_the_search_sees_logs_processes_messages_and_files(tmp_path: Path) -> None:
    password = USERS["anna"]
    logging.getLogger("some.library").debug("LOGIN anna %s", password)
    child = f"import logging; logging.getLogger('child').debug({password!r}); print('hunter2')"
    subprocess.run([sys.executable, "-c", child], capture_output=True, check=True)
    with sink() as phone:
        urlopen(Request(f"http://127.0.0.1:{phone.port}/", data=b'{"title": "", "message": "shcct_1"}')).close()
    kept = tmp_path / "state" / "store.db-wal"
    kept.parent.mkdir()
    kept.write_bytes(b"\x00" + PRIVATE.encode() + b"\x00")
    WATCH.see_folder(tmp_path)
    assert WATCH.take() == [
        "a password in settings stands in what a process printed",
        "anna's password stands in the log of a process",
        "anna's password stands in the log of some.library",
        "the key in a link of Shopify stands in a message",
        "words of personal mail stands in the file state/store.db-wal",
    ]


def test_a_test_that_leaks_fails_by_name(tmp_path: Path) -> None:
    """Also under xdist; what may stand in a file may stand there."""
    test = """
        def test_leaks(tmp_path):
            print("correct" + " horse")

        def test_leaks_not(tmp_path):
            (tmp_path / "password").write_text("correct" + " horse")
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(test))
    options = ("-q", "-n", "1", "-p", "tests.leaks", "-p", "no:cacheprovider", "--rootdir", str(tmp_path))
    compiled_nowhere = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}  # the words would stand there, too
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=ROOT,
        env=compiled_nowhere,
        capture_output=True,
        text=True,
    )
    assert "ERROR at teardown of test_leaks __" in done.stdout, done.stdout
    assert "anna's password stands in Captured stdout call" in done.stdout
    assert "2 passed, 1 error" in done.stdout
    WATCH.take()


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
    """covers: C1 — by the daemon, through the mailbox, the workers, the store and the channel."""
    good = "8077777777777777"
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        assert run("poll", "--config", str(settings))[0] == 0
        deliver(server, [*hostile(), aliexpress(f"Order {good}: order shipped", good)])
        daemon = command("run", "--config", str(settings))
        try:
            assert phone.wait_until(lambda: any(good in text for text in phone.texts), timeout=60)
        finally:
            daemon.terminate()
            _, err = daemon.communicate(timeout=30)
    assert (daemon.returncode, "Traceback" in err) == (0, False), err
    assert stages(settings)[good] == "shipped"
