"""`poll --quiet` from cron, which mails every line: each trouble is one mail, and its end another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from inboxtrack.app.lock import instance_lock
from inboxtrack.app.spells import STORE, STORE_OVER, Spell, Spells, remembered
from inboxtrack.cli.quiet import MEMORY
from tests.living import aliexpress, channel, command, maildir, maildir_settings, poll_with_room, run
from tests.sinks import Sink, sink

MAIL = aliexpress("Order 8011111111111111: order shipped", "8011111111111111")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return maildir(tmp_path / "Maildir")


def polls(path: Path, times: int = 3) -> list[tuple[int, str, str]]:
    """What so many runs of cron ended with and said: exit code, stdout, stderr."""
    return [run("poll", "--quiet", "--config", str(path)) for _ in range(times)]


def away(box: Path, _phone: Sink, _path: Path) -> None:
    box.rename(box.with_name("Away"))


def back(box: Path, _phone: Sink, _path: Path) -> None:
    box.with_name("Away").rename(box)


def no_folder(_box: Path, _phone: Sink, path: Path) -> None:
    path.write_text(path.read_text().replace('"home"', '"home"\nfolders = ["INBOX", "Orders"]'))


def folder_made(box: Path, _phone: Sink, _path: Path) -> None:
    maildir(box / ".Orders")


def wrong_url(_box: Path, phone: Sink, path: Path) -> None:
    path.write_text(path.read_text().replace(phone.url, "jsom://127.0.0.1/"))


def right_url(_box: Path, phone: Sink, path: Path) -> None:
    path.write_text(path.read_text().replace("jsom://127.0.0.1/", phone.url))


Change = Callable[[Path, Sink, Path], None]
TROUBLES = {
    "a mailbox": (away, back, 1, "is no Maildir", "mailbox 'home' is read again\n"),
    "a folder": (
        no_folder,
        folder_made,
        1,
        "check maildir and folders",
        "mailbox 'home': every folder is read again\n",
    ),
    "settings": (wrong_url, right_url, 2, "phone", ""),
}


@pytest.mark.parametrize(("breaks", "heals", "exit_code", "words", "over"), TROUBLES.values(), ids=TROUBLES)
def test_each_trouble_is_said_once_and_when_it_is_over(
    box: Path, breaks: Change, heals: Change, exit_code: int, words: str, over: str
) -> None:
    """The exit code says it every time."""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        assert polls(path, 1) == [(0, "", "")]
        breaks(box, phone, path)
        bad = polls(path)
        assert [code for code, _, _ in bad] == [exit_code] * 3
        assert [err.count("\n") for _, _, err in bad] == [1, 0, 0]
        assert words in bad[0][2]
        assert run("poll", "--config", str(path))[2].count("\n") == 1, "asked by hand, it says so each time"
        heals(box, phone, path)
        assert polls(path, 2) == [(0, over, ""), (0, "", "")]
        assert not (path.parent / "state" / MEMORY).exists()


def test_a_full_disk_is_one_line_and_one_message(box: Path) -> None:
    """covers: B13"""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        assert polls(path, 1) == [(0, "", "")]
        phone.forget()
        (box / "new" / "1700000000.1.host").write_bytes(MAIL)
        bad = [poll_with_room(path, 1, "--quiet") for _ in range(3)]
        assert [code for code, _ in bad] == [1, 1, 1]
        assert [err.count("\n") for _, err in bad] == [1, 0, 0]
        assert phone.asked == 1
        assert "inboxtrack.sqlite" in phone.texts[0]
        assert polls(path, 2) == [(0, STORE_OVER + "\n", ""), (0, "", "")]
        assert [("8011111111111111" in text) for text in phone.texts] == [False, True]


def test_what_a_full_disk_left_of_the_memory_is_trouble_with_the_store(tmp_path: Path) -> None:
    """covers: B13 — the file could be made, and nothing be written into it."""
    said: list[str] = []
    (tmp_path / MEMORY).touch()
    with remembered(tmp_path / MEMORY, said.append, said.append) as spells:
        assert not spells.begin(STORE, "full", STORE_OVER)
        spells.tell_once(STORE, lambda text: said.append(text) is None)
        spells.end(STORE)
    assert said == [STORE_OVER]
    assert not (tmp_path / MEMORY).exists()


def test_polls_at_the_same_time_say_it_once(box: Path) -> None:
    """covers: B12"""
    with sink() as phone:
        path = maildir_settings(box, channel("phone", phone.url))
        assert polls(path, 1) == [(0, "", "")]
        with instance_lock(path.parent / "state"):
            at_once = [command("poll", "--quiet", "--config", str(path)) for _ in range(3)]
            said = [process.communicate(timeout=120) for process in at_once]
        assert [process.returncode for process in at_once] == [3, 3, 3]
        assert sorted(len((out + err).splitlines()) for out, err in said) == [0, 0, 1]


def test_what_was_said_is_looked_at_by_one_process_at_a_time(tmp_path: Path) -> None:
    """covers: B12"""
    said: list[str] = []
    looked = threading.Event()

    def other() -> None:
        with remembered(tmp_path / MEMORY, said.append, said.append) as spells:
            looked.set()
            spells.begin("mailbox home", "away", "well")

    thread = threading.Thread(target=other)
    with remembered(tmp_path / MEMORY, said.append, said.append) as spells:
        thread.start()
        assert not looked.wait(0.3)
        spells.begin("mailbox home", "away", "well")
    thread.join(20)
    assert looked.is_set()
    assert said == ["away"]


def test_a_spell_lasts_until_nobody_meets_it() -> None:
    said: list[str] = []
    spells = Spells(said.append)
    for who in ("telling", "home", "telling"):
        spells.begin(STORE, "full", "room", met_by=who)
    spells.end(STORE, "home")
    assert said == ["full"]
    spells.end(STORE, "telling")
    spells.end(STORE, "telling")
    assert said == ["full", "room"]


def test_another_cause_is_said_and_a_passing_one_is_not() -> None:
    """A refused password is news while a server is away; a server that is away is none while a password is refused."""
    said: list[str] = []
    spells = Spells(said.append)
    for text, cause in (("away", ""), ("refused", "auth"), ("silent", ""), ("refused", "auth")):
        spells.begin("mailbox home", text, "well", cause=cause)
    assert said == ["away", "refused"]
    assert Spells(said.append, spells={"mailbox home": Spell("x", "y")}).begin("mailbox work", "z")


def test_a_message_about_trouble_is_sent_until_it_went_out_once() -> None:
    spells = Spells(lambda _: None)
    spells.begin(STORE, "full", "room")
    answers = [False, True]
    asked: list[str] = []

    def send(text: str) -> bool:
        asked.append(text)
        return answers.pop(0)

    for _ in range(4):
        spells.tell_once(STORE, send)
    assert asked == ["full", "full"]
