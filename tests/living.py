"""A whole inboxtrack for tests: settings over a real Dovecot and a real HTTP endpoint, and mails of made-up orders."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inboxtrack.app import App
from inboxtrack.config import load
from inboxtrack.config.settings import Settings
from tests.dovecot import USERS, Dovecot
from tests.leaks import PLANTED

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("order confirmed", "ready to ship", "order shipped")
AUTHSERV = "mx.home.example"


def now() -> dt.datetime:
    """The real time: mails get a real INTERNALDATE from the server."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def write_settings(folder: Path, server: Dovecot, url: str, **mailbox: object) -> Path:
    """Settings for anna's mailbox at this server, and one channel."""
    secret = private(folder / "password", USERS["anna"])
    extra = "\n".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in mailbox.items()
    )
    lines = f'''\
host = "127.0.0.1"
port = {server.plain}
security = "plain"
user = "anna"
password_file = "{secret}"
authserv_ids = ["{AUTHSERV}"]
{extra}'''
    return settings_file(folder, lines, channel("phone", url))


def maildir_settings(box: Path, *channels: str) -> Path:
    """Settings for this Maildir, beside it."""
    return settings_file(box.parent, f'maildir = "{box}"\nauthserv_ids = ["{AUTHSERV}"]', *channels)


def settings_file(folder: Path, mailbox: str, *channels: str) -> Path:
    """A private settings file with its state beside it; the mailbox and each channel are lines of TOML."""
    text = f'''
[general]
time_zone = "Pacific/Chatham"
state_folder = "{folder / "state"}"
[[mailbox]]
name = "home"
{mailbox}
'''
    text += "".join(f"[[channel]]\n{lines}\n" for lines in channels)
    return private(folder / "inboxtrack.toml", text + '[digest]\nschedule = ""\n')


def channel(name: str, url: str, style: str | None = None) -> str:
    """The lines of a channel."""
    return f'name = "{name}"\nurl = "{url}"' + (f'\nstyle = "{style}"' if style else "")


def private(path: Path, text: str) -> Path:
    """A file that its owner alone can read."""
    path.write_text(text)
    path.chmod(0o600)
    return path


def maildir(path: Path, mails: Iterable[bytes] = ()) -> Path:
    """A Maildir in which these mails are."""
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    for n, mail in enumerate(mails):
        (path / "cur" / f"1700000000.{n}.host:2,S").write_bytes(mail)
    return path


@dataclass(frozen=True, slots=True)
class Life:
    """Mails of some orders, in the order they are delivered; `orders` are the order numbers."""

    mails: tuple[bytes, ...]
    orders: tuple[str, ...]


def life(orders: int, seed: int, noise: int = 0) -> Life:
    """So many AliExpress orders with a few steps each, and mails that are nobody's order."""
    dice = random.Random(seed)
    mails: list[bytes] = []
    numbers = [f"80{dice.randrange(10**13, 10**14)}" for _ in range(orders)]
    for number in numbers:
        for step in STEPS[: dice.randint(1, 3)]:
            mails.append(aliexpress(f"Order {number}: {step}", number))
    mails += [newsletter(n) for n in range(noise)]
    dice.shuffle(mails)
    return Life(tuple(mails), tuple(numbers))


def aliexpress(subject: str, number: str) -> bytes:
    """A mail as the shop sends it, and as the user's own provider has confirmed it."""
    return _mail(
        f"{AUTHSERV}; dmarc=pass header.from=notice.aliexpress.com",
        "AliExpress <transaction@notice.aliexpress.com>",
        subject,
        f'<p>Hi Kim,</p><p>{subject}.</p><p><a href="https://www.aliexpress.com/p/order/detail.html?orderId={number}'
        f'&token={PLANTED["the token in a link of AliExpress"]}">Track order</a></p>'
        f"<p>Ship to</p><p>{PLANTED['the customer of living.py']}</p><p>{PLANTED['the address in living.py']}</p>",
    )


def newsletter(number: int) -> bytes:
    """A mail that is nobody's order."""
    text = "<p>Nothing to buy today.</p>" * 20
    return _mail(f"{AUTHSERV}; dmarc=pass", f"news@club{number % 7}.example", f"Letter no. {number}", text)


def _mail(results: str, sender: str, subject: str, html: str) -> bytes:
    identity = hashlib.sha256(f"{subject}/{sender}".encode()).hexdigest()[:16]
    date = f"{now():%a, %d %b %Y %T +0000}"
    return (
        f"Authentication-Results: {results}\r\nReceived: from mail.example by {AUTHSERV}; {date}\r\n"
        f"From: {sender}\r\nTo: anna@home.example\r\nSubject: {subject}\r\nDate: {date}\r\n"
        f"Message-ID: <{identity}@mail.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body>{html}</body></html>\r\n"
    ).encode()


def deliver(server: Dovecot, mails: Iterable[bytes], folder: str = "INBOX") -> None:
    """Put mails into the mailbox, as the provider does."""
    client = server.admin()
    for mail in mails:
        client.append(folder, mail)
    client.logout()


def command(*arguments: str, crash_at: str | None = None, **more: object) -> subprocess.Popen[str]:
    """Start the command line in a process of its own; `crash_at` kills it at that point."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("INBOXTRACK_")}
    if crash_at:
        environment["INBOXTRACK_CRASH_AT"] = crash_at
    return subprocess.Popen(
        [sys.executable, "-m", "inboxtrack", *arguments],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,  # type: ignore[call-overload]
    )


def run(*arguments: str, crash_at: str | None = None) -> tuple[int, str, str]:
    """Run the command line to its end: exit code, stdout, stderr."""
    process = command(*arguments, crash_at=crash_at)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def poll_with_room(path: Path, kilobytes: int, *more: str) -> tuple[int, str]:
    """Poll where no file may grow beyond a size, as on a full disk."""
    done = subprocess.run(
        [sys.executable, "-m", "inboxtrack", "poll", *more, "--config", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024)),
    )
    return done.returncode, done.stderr


def stages(settings: Settings | Path) -> dict[str, str]:
    """What the store knows: order number -> stage."""
    settings = load(settings) if isinstance(settings, Path) else settings
    with App.open(settings) as app:
        return {view.order.number: view.stage.value for view in app.orders.overview(everything=True)}


def furthest(mails: Sequence[bytes], orders: Sequence[str]) -> dict[str, str]:
    """What is true of orders after these mails, said without the product."""
    words = dict(zip(STEPS, ("placed", "preparing", "shipped"), strict=True))
    found = {}
    for number in orders:
        seen = [step for step in STEPS if any(f"{number}: {step}".encode() in mail for mail in mails)]
        found[number] = words[seen[-1]]
    return found
