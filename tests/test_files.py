"""Mail in files: .eml, mbox as a stream, Maildir; nothing lost, nothing held in memory, nothing moved."""

from __future__ import annotations

import datetime as dt
import io
import mailbox
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inboxtrack.mail.files import find, mbox, read_files
from inboxtrack.mail.files.maildir import MaildirSource
from inboxtrack.mail.source import Batch, Kind, MailboxError, Place
from tests.imap_help import is_order, mail, mails_of

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
BORDER = b"From shop@shop.example Mon Nov  2 10:00:00 2026\n"


def raws(paths: list[Path]) -> list[bytes]:
    return [fetched.raw for fetched in mails_of(read_files(paths, NOW))]


def write_mbox(path: Path, *mails: bytes) -> Path:
    path.write_bytes(b"".join(BORDER + raw + b"\n" for raw in mails))
    return path


def test_an_eml_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "order.eml"
    file.write_bytes(mail("Hello"))
    first, second = read_files([file], NOW, wanted=is_order)
    assert first.mails == ()
    assert first.progress is not None
    assert (first.progress.total, first.progress.unit) == (len(mail("Hello")), "bytes")
    (fetched,) = second.mails
    assert (fetched.raw, fetched.header_only, fetched.truncated) == (mail("Hello"), False, False)
    assert fetched.received_at == dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
    assert second.quiet
    assert second.progress is not None
    assert second.progress.done == second.progress.total


def test_the_topmost_received_header_says_when(tmp_path: Path) -> None:
    file = tmp_path / "order.eml"
    top = b"Received: from a by b; Tue, 03 Nov 2026 08:00:00 +0100\r\n"
    below = b"Received: from c; Mon, 02 Nov 2026 08:00:00 +0000\r\n"
    file.write_bytes(top + below + mail("Order"))
    (fetched,) = mails_of(read_files([file], NOW))
    assert fetched.received_at == dt.datetime(2026, 11, 3, 7, tzinfo=dt.UTC)


@pytest.mark.parametrize("date", [b"", b"Date: soon\r\n", b"Date: Mon, 02 Nov 2099 10:00:00 +0000\r\n"])
def test_a_mail_is_never_received_later_than_now(tmp_path: Path, date: bytes) -> None:
    (tmp_path / "a.eml").write_bytes(date + b"Subject: x\r\n\r\nx")
    assert mails_of(read_files([tmp_path / "a.eml"], NOW))[0].received_at == NOW


def test_an_mbox_gives_every_mail_as_it_was(tmp_path: Path) -> None:
    bodies = [mail("Order 1", body=">From here on\n\nFrom the desk of\n>>From quoted"), mail("Order 2"), mail("Hello")]
    file = write_mbox(tmp_path / "all.mbox", *bodies)
    found = raws([file])
    assert len(found) == 3
    assert b"\nFrom here on" in found[0]
    assert b"\nFrom the desk of\n" in found[0], "an unquoted From in the text is no border"
    assert b"\n>From quoted" in found[0]
    assert found[1].rstrip() == mail("Order 2").rstrip()


@pytest.mark.parametrize(
    "border", [b"From - Mon Nov  2 10:00:00 2026\r\n", b"From \n", b"From 17@xxx Mon Nov 02 10:00:00 +0000 2026\n"]
)
def test_the_borders_of_different_programs(tmp_path: Path, border: bytes) -> None:
    file = tmp_path / "Inbox"
    file.write_bytes((border + mail("Order 1") + b"\r\n") * 3)
    assert len(raws([file])) == 3


def test_an_mbox_agrees_with_the_standard_library(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "std.mbox")
    for n in range(25):
        box.add(mail(f"Order {n}", number=n, body=f"From {n} lines\n\nFrom the start\n" * n))
    box.close()
    subjects = [
        fetched.raw.split(b"Subject: ")[1].split(b"\n")[0].strip()
        for fetched in mails_of(read_files([tmp_path / "std.mbox"], NOW))
    ]
    assert subjects == [f"Order {n}".encode() for n in range(25)]


def test_places_in_an_mbox_are_stable_and_different(tmp_path: Path) -> None:
    file = write_mbox(tmp_path / "a.mbox", mail("Order 1"), mail("Order 1"), mail("Order 1"))
    first, second = ([f.place for f in mails_of(read_files([file], NOW))] for _ in range(2))
    assert first == second
    assert len(set(first)) == 3


def test_triage_spares_the_bodies_of_other_mail(tmp_path: Path) -> None:
    file = write_mbox(tmp_path / "a.mbox", mail("Order 1"), mail("Hello", body="x" * 5_000))
    order, other = mails_of(read_files([file], NOW, wanted=is_order))
    assert (order.header_only, other.header_only) == (False, True)
    assert b"Subject: Hello" in other.raw
    assert len(other.raw) < 300


def test_a_huge_mail_in_an_mbox_is_cut_and_the_next_is_found() -> None:
    huge = b"Subject: big\n\n" + b"y" * 5_000_000 + b"\n"
    first, second = mbox.pieces(io.BytesIO(BORDER + huge + b"\n" + BORDER + mail("Order 2") + b"\n"))
    assert (len(first.raw), first.truncated) == (2_000_000, True)
    assert (b"Order 2" in second.raw, second.truncated) == (True, False)


def test_an_mbox_needs_constant_memory(tmp_path: Path) -> None:
    """Measured in a process of its own, as the peak over that of a small file."""
    small, large = (tmp_path / name for name in ("small.mbox", "large.mbox"))
    write_mbox(small, mail("Order 1", body="x" * 70_000))
    with large.open("wb") as file:
        for n in range(600):
            file.write(BORDER + mail("Order 1", number=n, body=("x" * 75 + "\n") * 1_300) + b"\n")
    assert large.stat().st_size > 55_000_000
    assert peak_of(large) - peak_of(small) < 30_000, "kB"


def peak_of(path: Path) -> int:
    code = (
        "import datetime, resource, sys; from pathlib import Path; from inboxtrack.mail.files import read_files\n"
        "n = sum(len(b.mails) for b in read_files([Path(sys.argv[1])], datetime.datetime.now(datetime.UTC)))\n"
        "assert n; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    return int(subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True).stdout)


def test_a_folder_of_files_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.eml").write_bytes(mail("Order 1"))
    write_mbox(tmp_path / "deep" / "b.mbox", mail("Order 2"), mail("Order 3"))
    (tmp_path / "notes.txt").write_text("no mail")
    assert len(raws([tmp_path])) == 3
    items = find(tmp_path)
    batches = read_files([tmp_path], NOW)
    next(batches)
    (tmp_path / "a.eml").unlink()
    rest = list(batches)
    assert len(items) == 2
    assert [w for batch in rest for w in batch.warnings if "a.eml cannot be read" in w]
    assert len(mails_of(rest)) == 2


@pytest.mark.parametrize("name", ["missing.eml", ""])
def test_nothing_to_read_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(MailboxError) as caught:
        list(read_files([tmp_path / name], NOW))
    assert caught.value.kind is Kind.CONFIG
    assert str(tmp_path / name) in caught.value.text


class Store:
    """What the store would know."""

    def __init__(self) -> None:
        self.places: set[Place] = set()
        self.source: MaildirSource
        self.positions: dict[str, object] = {}

    def poll(self) -> list[Batch]:
        batches = list(self.source.poll(self.positions, is_order, NOW))  # type: ignore[arg-type] # a dict of positions
        for batch in batches:
            self.places |= {m.place for m in batch.mails}
            if batch.position:
                self.positions[batch.position.folder] = batch.position
        return batches


@pytest.fixture
def watched(tmp_path: Path) -> Store:
    for sub in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / sub).mkdir(parents=True)
    store = Store()
    store.source = MaildirSource("home", tmp_path / "Maildir", lambda place: place in store.places)
    return store


def put(folder: Path, name: str, raw: bytes) -> None:
    (folder / "tmp" / name).write_bytes(raw)
    (folder / "tmp" / name).rename(folder / "new" / name)


def test_a_maildir_is_watched_without_touching_it(watched: Store, tmp_path: Path) -> None:
    folder = tmp_path / "Maildir"
    old = mail("Order 0").replace(b"02 Nov 2026", b"02 Nov 2024")
    for n, raw in enumerate((old, mail("Order 1"), mail("Hello"))):
        put(folder, f"170000000{n}.M1.host", raw)
    first = watched.poll()
    assert all(batch.quiet for batch in first)
    assert [m.header_only for m in mails_of(first)] == [True, False, True]
    assert watched.poll() == []
    put(folder, "1700000009.M1.host", mail("Order 2"))
    (folder / "new" / "1700000001.M1.host").rename(folder / "cur" / "1700000001.M1.host:2,S")
    later = watched.poll()
    assert [b"Order 2" in m.raw for m in mails_of(later)] == [True]
    assert not any(batch.quiet for batch in later)
    assert len(list((folder / "new").iterdir())) == 3


def test_a_delivery_ends_the_wait(watched: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inboxtrack.mail.files.maildir.LOOK_SECONDS", 0.02)
    watched.poll()
    timer = threading.Timer(0.05, put, (tmp_path / "Maildir", "1700000009.M1.host", mail("Order 2")))
    timer.start()
    assert watched.source.wait(5) is True
    watched.poll()
    timer = threading.Timer(0.05, watched.source.interrupt)
    timer.start()
    assert watched.source.wait(5) is False


def test_what_is_no_maildir_is_named(tmp_path: Path) -> None:
    source = MaildirSource("home", tmp_path / "Mail", lambda place: False)
    with pytest.raises(MailboxError, match="is no Maildir"):
        list(source.poll({}, is_order, NOW))


def test_a_maildir_can_be_imported_with_its_folders(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / ".Orders"):
        for sub in ("new", "cur", "tmp"):
            (folder / sub).mkdir(parents=True)
    put(tmp_path, "1.a", mail("Order 1"))
    put(tmp_path / ".Orders", "2.a", mail("Order 2"))
    (tmp_path / ".Orders" / "new" / "2.a").rename(tmp_path / ".Orders" / "cur" / "2.a:2,S")
    assert len(raws([tmp_path])) == 2
