"""Mail in files: `.eml`, mbox (as a stream) and Maildir, to import once or, for a Maildir, to watch."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inboxtrack.mail.files import mbox
from inboxtrack.mail.message import RAW_LIMIT, Mail, MailRefused, parse_date, parse_headers
from inboxtrack.mail.source import Batch, Fetched, Kind, MailboxError, Place, Progress

Wanted = Callable[[Mail], bool]
BATCH_MAILS = 50
BATCH_BYTES = 8_000_000
_NAMES = frozenset({".eml", ".mbox", ".mbx"})


@dataclass(frozen=True, slots=True)
class Item:
    """One file to read, and how: "eml", "mbox" or "maildir"."""

    path: Path
    kind: str
    size: int


def read_files(
    paths: Iterable[Path], now: dt.datetime, wanted: Wanted | None = None, account: str = "import"
) -> Iterator[Batch]:
    """The mails of files and folders, quiet, with progress in bytes; the first batch is empty and tells the total.

    `wanted` spares the reading of bodies in mbox and Maildir: mails whose header it refuses come `header_only`.
    A file that cannot be read is a warning; MailboxError when a path is not there or holds no mail.
    """
    items = [item for path in paths for item in find(path)]
    total, done = sum(item.size for item in items), 0
    yield Batch(quiet=True, progress=Progress(0, total, "bytes"))
    for portion in _portions(items):
        mails: list[Fetched] = []
        for item in portion:
            try:
                for mail, end in _mails(item, account, wanted, now):
                    mails.append(mail)
                    if len(mails) >= BATCH_MAILS or sum(len(m.raw) for m in mails) > BATCH_BYTES:
                        yield Batch(mails=tuple(mails), quiet=True, progress=Progress(done + end, total, "bytes"))
                        mails = []
            except OSError as error:
                yield Batch(warnings=(f"{item.path} cannot be read ({error.strerror}): check its rights",))
            done += item.size
        yield Batch(mails=tuple(mails), quiet=True, progress=Progress(done, total, "bytes"))


def find(path: Path) -> list[Item]:
    """The mail files behind a path: itself, a Maildir with its folders, or all `.eml` and mbox below a folder.

    Raises MailboxError when there is nothing.
    """
    if not path.exists():
        raise MailboxError(Kind.CONFIG, f"{path}: no such file or folder: check the spelling")
    if path.is_file():
        return [_item(path)]
    found = [Item(file, "maildir", file.stat().st_size) for folder in maildirs(path) for file in maildir_files(folder)]
    if not found:
        names = sorted(p for p in path.rglob("*") if p.suffix.lower() in _NAMES and p.is_file())
        found = [_item(name) for name in names]
    if not found:
        raise MailboxError(Kind.CONFIG, f"{path} holds no mail: name .eml or mbox files, or a Maildir")
    return found


def maildirs(root: Path) -> list[Path]:
    """A Maildir and its folders; empty when it is none."""
    return [folder for folder in (root, *sorted(root.glob(".*"))) if (folder / "cur").is_dir()]


def maildir_files(folder: Path) -> list[Path]:
    """The mails of one Maildir folder, oldest name first; those still being delivered (`tmp`) are not there yet."""
    return sorted((p for sub in ("new", "cur") for p in (folder / sub).glob("*") if p.is_file()), key=maildir_name)


def maildir_name(path: Path) -> str:
    """The name that stays while a mail program changes its flags."""
    return path.name.partition(":2,")[0]


def file_mail(path: Path, place: Place, now: dt.datetime, wanted: Wanted | None = None) -> Fetched:
    """One mail in a file of its own, at most 2 MB of it. Raises OSError."""
    with path.open("rb") as file:
        raw = file.read(RAW_LIMIT + 1)
    return fetched(place, raw[:RAW_LIMIT], path.stat().st_size, len(raw) > RAW_LIMIT, now, wanted)


def fetched(place: Place, raw: bytes, size: int, truncated: bool, now: dt.datetime, wanted: Wanted | None) -> Fetched:
    """A mail from a file; received when its topmost Received header says, else when it was sent."""
    try:
        header = parse_headers(raw)
    except MailRefused:
        return Fetched(place=place, received_at=now, size=size, raw=raw, truncated=truncated)
    header_only = wanted is not None and not wanted(header)
    return Fetched(
        place=place,
        received_at=received_at(header, now),
        size=size,
        raw=_header_block(raw) if header_only else raw,
        header_only=header_only,
        truncated=truncated and not header_only,
    )


def received_at(header: Mail, now: dt.datetime) -> dt.datetime:
    """When a mail arrived, as far as it says; never later than `now`."""
    stamps = [parse_date(value.rpartition(";")[2]) for value in header.all("Received")[:1]]
    told = [at for at in (*stamps, header.date) if at is not None]
    return min(told[0], now) if told else now


def place_of(account: str, folder: str, name: str) -> Place:
    """The place of a mail that has no UID: the number is made of its name."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return Place(account, folder, 1, int.from_bytes(digest[:7]))


def _item(path: Path) -> Item:
    with path.open("rb") as file:
        kind = "mbox" if mbox.is_mbox(file.read(512)) else "eml"
    return Item(path, kind, path.stat().st_size)


def _portions(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Small files together, so that a folder of them is not a transaction each."""
    portion: list[Item] = []
    for item in items:
        if portion and (item.kind == "mbox" or len(portion) == BATCH_MAILS):
            yield portion
            portion = []
        portion.append(item)
    if portion:
        yield portion


def _mails(item: Item, account: str, wanted: Wanted | None, now: dt.datetime) -> Iterator[tuple[Fetched, int]]:
    """The mails of one file, each with where it ends."""
    if item.kind == "mbox":
        folder = str(item.path.resolve())
        with item.path.open("rb") as file:
            for piece in mbox.pieces(file):
                place = Place(account, folder, 1, piece.start)
                mail = fetched(place, piece.raw, piece.end - piece.start, piece.truncated, now, wanted)
                yield mail, piece.end
        return
    name = maildir_name(item.path) if item.kind == "maildir" else item.path.name
    place = place_of(account, str(item.path.parent.resolve()), name)
    yield file_mail(item.path, place, now, wanted if item.kind == "maildir" else None), item.size


def _header_block(raw: bytes) -> bytes:
    ends = [end for end in (raw.find(b"\n\n"), raw.find(b"\n\r\n")) if end >= 0]
    return raw[: min(ends) + 1] if ends else raw
