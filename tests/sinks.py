"""Real endpoints on loopback that take messages, refuse them, stall, or answer 429 and 500; and an SMTP server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = dict[str, Any]


@dataclass
class Sink:
    """An HTTP server; `status` may be changed while it runs. `got` holds the JSON of each accepted request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stall: threading.Event | None = None
    hang_up: bool = False
    got: list[JSON] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    asked: int = 0
    port: int = 0
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its Apprise URL."""
        return f"json://127.0.0.1:{self.port}/"

    @property
    def texts(self) -> list[str]:
        """Title and text of each accepted message."""
        return [f"{one['title']}\n{one['message']}".strip() for one in self.got]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self.arrived:
            self.asked += 1
            self.paths.append(handler.path)
            if self.status == 200:
                self.got.append(_as_json(raw))
            self.arrived.notify_all()
        if self.stall is not None:
            self.stall.wait(60)
        if self.hang_up:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def wait_for(self, count: int, timeout: float = 20) -> bool:
        """Whether so many requests arrive in time."""
        with self.arrived:
            return self.arrived.wait_for(lambda: self.asked >= count, timeout)


def _as_json(raw: bytes) -> JSON:
    try:
        value: JSON = json.loads(raw)
    except ValueError:
        return {"title": "", "message": raw.decode()}
    return value


@contextmanager
def sink(status: int = 200, **more: Any) -> Iterator[Sink]:
    """A sink that listens on a free port of loopback until the block ends."""
    made = Sink(status=status, **more)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.take(self)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        if made.stall is not None:
            made.stall.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def smtp_sink(refuse: str | None = None) -> Iterator[tuple[int, list[EmailMessage]]]:
    """An SMTP server on a free port and the mails it takes; with `refuse` it answers that to every mail."""
    import email
    import email.policy

    from aiosmtpd.controller import Controller

    got: list[EmailMessage] = []

    class Handler:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 # by aiosmtpd
            if refuse:
                return refuse
            got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, got
    finally:
        controller.stop()
