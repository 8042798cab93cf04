"""A phone for the demo: an HTTP endpoint on loopback that shows what a notification service would have delivered."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class Phone:
    """Takes what Apprise posts to `url`; a context manager. `messages` are (title, text)."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo phone", daemon=True)

    @property
    def url(self) -> str:
        """Its Apprise URL."""
        return f"json://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Phone:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def wait_for(self, count: int, seconds: float) -> bool:
        """Whether so many messages have come, at the latest after some seconds."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.messages) >= count, seconds)

    def _take(self, title: str, text: str) -> None:
        with self._arrived:
            self.messages.append((title, text))
            self._arrived.notify_all()

    def _handler(phone) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's, below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                phone._take(body.get("title", ""), body.get("message", ""))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
                """Silent."""

        return Handler
