"""Real endpoints on loopback: HTTP that takes messages, refuses them, stalls or fails; SMTP; an MQTT broker."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from queue import Queue
from typing import Any

from tests.leaks import PLANTED, WATCH
from tests.listener import web_server

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
    heads: list[dict[str, str]] = field(default_factory=list)
    asked: int = 0
    port: int = 0
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its Apprise URL, with a token that nobody else may learn."""
        token = PLANTED["the token in a channel's URL"]
        return f"json://127.0.0.1:{self.port}/{token}/"

    @property
    def texts(self) -> list[str]:
        """Title and text of each accepted message."""
        return [f"{one['title']}\n{one['message']}".strip() for one in self.got]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        WATCH.see("a message", raw)
        with self.arrived:
            self.asked += 1
            self.paths.append(handler.path)
            self.heads.append({name.lower(): value for name, value in handler.headers.items()})
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

    def forget(self) -> None:
        """Count anew: what came so far was not what a test is about."""
        with self.arrived:
            self.asked = 0
            self.got.clear()

    def wait_for(self, count: int, timeout: float = 20) -> bool:
        """Whether so many requests arrive in time."""
        return self.wait_until(lambda: self.asked >= count, timeout)

    def wait_until(self, seen: Callable[[], bool], timeout: float = 20) -> bool:
        """Whether something becomes true of what has arrived, in time."""
        with self.arrived:
            return self.arrived.wait_for(seen, timeout)


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

    with web_server(Handler) as made.port:
        try:
            yield made
        finally:
            if made.stall is not None:
                made.stall.set()


@contextmanager
def mqtt_broker(topic: str) -> Iterator[tuple[int, Queue[str]]]:
    """An MQTT broker (amqtt) on a free port, and the texts that a subscriber (paho) of the topic gets."""
    from amqtt.broker import Broker
    from paho.mqtt.client import CallbackAPIVersion, Client

    port, got, subscribed = free_port(), Queue[str](), threading.Event()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": 10}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Broker:
        broker = Broker(config)
        await broker.start()
        return broker

    def take(payload: bytes) -> None:
        WATCH.see("a message", payload)
        got.put(payload.decode())

    broker = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: take(message.payload)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe(topic)
    try:
        assert subscribed.wait(10)
        yield port, got
    finally:
        client.disconnect()
        client.loop_stop()
        asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def smtp_sink(refuse: str | None = None) -> Iterator[tuple[int, list[EmailMessage]]]:
    """An SMTP server on a free port and the mails it takes; with `refuse` it answers that to every mail."""
    import email
    import email.policy

    from aiosmtpd.controller import Controller

    got: list[EmailMessage] = []

    class Handler:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
            if refuse:
                return refuse
            mail = email.message_from_bytes(envelope.content, EmailMessage, policy=email.policy.default)
            for part in (mail, *mail.walk()):
                WATCH.see("a message", str(part.get_payload(decode=True)))
            got.append(mail)
            return "250 taken"

    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, got
    finally:
        controller.stop()
