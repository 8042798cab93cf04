"""A first run over an old mailbox: one message on each channel, and none after it."""

from __future__ import annotations

from pathlib import Path

from tests.living import aliexpress, channel, life, maildir, maildir_settings, run
from tests.sinks import sink, smtp_sink


def test_3000_old_mails_with_200_orders_are_one_message_a_channel(tmp_path: Path) -> None:
    """covers: B7: never a message an old event, in no style; the second poll says nothing."""
    old = life(200, seed=7)
    mails = life(200, seed=7, noise=3000 - len(old.mails)).mails
    assert len(mails) == 3000
    box = maildir(tmp_path / "Maildir", mails)
    with sink() as push, sink() as sms, smtp_sink() as (port, letters):
        mailto = f"mailto://127.0.0.1:{port}/?from=a@home.example&to=b@home.example&mode=insecure"
        settings = maildir_settings(
            box, channel("phone", push.url), channel("sms", sms.url, "sms"), channel("letter", mailto, "mail")
        )
        for _ in range(2):
            code, _, err = run("poll", "--config", str(settings))
            assert code == 0, err
            assert (push.asked, sms.asked, len(letters)) == (1, 1, 1)
    (text,) = push.texts
    assert text.startswith("3000 mails read: 200 open orders found")
    assert text.splitlines()[-2].endswith(" more")
    assert letters[0]["Subject"].startswith("3000 mails read: 200 open orders found")


def test_an_import_says_how_many_orders_it_found_anew(tmp_path: Path) -> None:
    number = "8044444444444444"
    with sink() as push:
        settings = maildir_settings(maildir(tmp_path / "Maildir", life(3, seed=5).mails), channel("phone", push.url))
        run("poll", "--config", str(settings))
        (tmp_path / "old.eml").write_bytes(aliexpress(f"Order {number}: order shipped", number))
        code, _, err = run("import", "--config", str(settings), str(tmp_path / "old.eml"))
        assert code == 0, err
        run("poll", "--config", str(settings))
    first, second = (text.splitlines()[0] for text in push.texts)
    assert (first.partition(" read: ")[2], second) == ("3 open orders found", "1 mail read: 1 new order, 4 open")
