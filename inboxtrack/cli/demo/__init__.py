"""`inboxtrack demo`: the whole story on sample mail, from a real IMAP mailbox to a message on a phone.

Every part is the real one: mail comes down over IMAP, is read, kept and folded, and leaves through Apprise. Only the
mailbox (pymap, on this computer) and the phone (an HTTP endpoint that prints) are there for the demo.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from inboxtrack.app import App, utc_now
from inboxtrack.cli.demo import mails
from inboxtrack.cli.demo.phone import Phone
from inboxtrack.cli.demo.server import PASSWORD, USER, DemoServer
from inboxtrack.cli.show_orders import Clock, screen
from inboxtrack.config import parse
from inboxtrack.config.settings import Settings
from inboxtrack.daemon import Daemon
from inboxtrack.model import Outcome

PHONE_WIDTH = 54
NEXT = (
    "inboxtrack init          write your settings: mailbox and channel, two minutes",
    "inboxtrack doctor        check them",
    "inboxtrack run           watch (or from cron: inboxtrack poll)",
)


def run(*, pause: bool, console: Console | None = None) -> None:
    """Tell the story on a terminal. Raises CommandError when the demo's mail server is missing."""
    with tempfile.TemporaryDirectory(prefix="inboxtrack-demo-") as folder, DemoServer() as server, Phone() as phone:
        story = Story(Path(folder), server, phone, console or Console(highlight=False), pause=pause)
        story.tell()


def settings_for(folder: Path, port: int, url: str) -> Settings:
    """The settings a user would write for the demo's mailbox and phone."""
    mailbox = {
        "name": "demo",
        "host": "127.0.0.1",
        "port": port,
        "security": "plain",
        "user": USER,
        "password": PASSWORD,
        "authserv_ids": [mails.PROVIDER],
        "poll_seconds": 5,
    }
    values = {
        "general": {"state_folder": str(folder / "state"), "home_country": "GB"},
        "mailbox": [mailbox],
        "channel": [{"name": "phone", "url": url}],
        "digest": {"schedule": ""},
    }
    return parse(values, folder / "inboxtrack.toml")


class Story:
    """The demo's steps, each with what is seen."""

    def __init__(self, folder: Path, server: DemoServer, phone: Phone, console: Console, *, pause: bool) -> None:
        self.server = server
        self.phone = phone
        self.console = console
        self.pause = 2.5 if pause else 0.0
        self.settings = settings_for(folder, server.port, phone.url)
        self._shown = 0

    def tell(self) -> None:
        """All of it."""
        now = utc_now()
        sample = mails.mailbox(now)
        self.server.deliver(sample)
        self._say(f"A mailbox with {len(sample)} mails stands ready: newsletters, friends, a bank, and some orders.")
        with App.open(self.settings) as app:
            self._first_poll(app)
            self._second_poll(app)
            self._watch(app)
            self._digest(app)
        self._next()

    def _first_poll(self, app: App) -> None:
        self._command("inboxtrack poll")
        report = app.poll()
        (mailbox,) = report.mailboxes
        read = mailbox.outcomes.total() - mailbox.outcomes[Outcome.FOREIGN]
        self._say(f"{mailbox.mails} headers looked at, {read} mails read. A first poll never floods you: one message.")
        self._show_phone()
        self._command("inboxtrack orders")
        self._orders(app)
        self._command("inboxtrack attention")
        for row in app.attention().quarantined:
            self.console.print(f"  {row.subject!r} from {row.sender} was refused: {row.reason}", style="yellow")
        self._rest()

    def _second_poll(self, app: App) -> None:
        self._command("inboxtrack poll")
        report = app.poll()
        self._say(f"{report.mailboxes[0].mails} new mails, {report.messages} messages: nothing is told twice.")

    def _watch(self, app: App) -> None:
        self._command("inboxtrack run")
        self._say("Watching. The postman rings, and a mail arrives …")
        daemon = Daemon(app, lambda _text: None)
        watching = threading.Thread(target=daemon.run, name="demo daemon")
        watching.start()
        try:
            time.sleep(0.5)
            self.server.deliver([mails.arriving(utc_now())])
            self.phone.wait_for(self._shown + 1, 30)
            self._show_phone()
        finally:
            daemon.end()
            watching.join(20)

    def _digest(self, app: App) -> None:
        self._command("inboxtrack digest --send")
        self._say("And every morning at eight, all open orders in one message:")
        now = utc_now()
        app.messages.put_digest(f"digest/{now.isoformat()}", now, now)
        app.messages.send(now)
        self._show_phone()

    def _orders(self, app: App) -> None:
        clock = Clock(dt.datetime.now(self.settings.general.zone))
        self.console.print(screen(app.orders.overview(), clock, self.console.width))
        self._rest()

    def _show_phone(self) -> None:
        """What has come on the phone since the last look."""
        for title, text in self.phone.messages[self._shown :]:
            body = Text.assemble((title, "bold"), "\n" if title and text else "", text)
            frame = Panel(
                body, title="phone", title_align="left", width=PHONE_WIDTH, border_style="blue", padding=(0, 1)
            )
            self.console.print(frame)
        self._shown = len(self.phone.messages)
        self._rest()

    def _next(self) -> None:
        self.console.print(Text("\nNow with your own mailbox:", style="bold"))
        for line in NEXT:
            self.console.print(f"  {line}")

    def _command(self, text: str) -> None:
        self.console.print(Text.assemble(("\n$ ", "green"), (text, "bold")))

    def _say(self, text: str) -> None:
        self.console.print(f"  {text}")
        self._rest()

    def _rest(self) -> None:
        time.sleep(self.pause)
