"""A first run over an old mailbox: one message on each channel, and none after it."""

from __future__ import annotations

from pathlib import Path

from tests.living import AUTHSERV, life, run
from tests.sinks import sink, smtp_sink


def test_3000_old_mails_with_200_orders_are_one_message_a_channel(tmp_path: Path) -> None:
    """covers: B7: never a message an old event, in no style; the second poll says nothing."""
    old = life(200, seed=7)
    mails = life(200, seed=7, noise=3000 - len(old.mails)).mails
    assert len(mails) == 3000
    box = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    for n, mail in enumerate(mails):
        (box / "cur" / f"1700000000.{n}.host:2,S").write_bytes(mail)
    with sink() as push, sink() as sms, smtp_sink() as (port, letters):
        settings = _settings(tmp_path, box, push.url, sms.url, port)
        for _ in range(2):
            code, _, err = run("poll", "--config", str(settings))
            assert code == 0, err
            assert (push.asked, sms.asked, len(letters)) == (1, 1, 1)
    (text,) = push.texts
    assert text.startswith("3000 mails read: 200 open orders found")
    assert text.splitlines()[-2].endswith(" more")
    assert letters[0]["Subject"].startswith("3000 mails read: 200 open orders found")


def _settings(folder: Path, box: Path, push: str, sms: str, smtp_port: int) -> Path:
    path = folder / "inboxtrack.toml"
    path.write_text(
        f"""
[general]
time_zone = "Pacific/Chatham"
state_folder = "{folder / "state"}"
[[mailbox]]
name = "home"
maildir = "{box}"
authserv_ids = ["{AUTHSERV}"]
[[channel]]
name = "phone"
url = "{push}"
[[channel]]
name = "sms"
style = "sms"
url = "{sms}"
[[channel]]
name = "letter"
style = "mail"
url = "mailto://127.0.0.1:{smtp_port}/?from=a@home.example&to=b@home.example&mode=insecure"
[digest]
schedule = ""
"""
    )
    path.chmod(0o600)
    return path
