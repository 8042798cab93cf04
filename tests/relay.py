"""A TCP relay between a client and a real server: it can swallow, drip, cut and reset what passes through it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from tests.listener import Listener, at_once


@dataclass
class Relay:
    """Listens on `port`. `sent` and `received` count bytes, `turns` the client's sends that followed an answer.

    `idles` counts the server's leave to IDLE, where it is not in TLS.
    `stalled`: nothing passes any more, and nobody is told. `drip`: seconds between single bytes to the client.
    """

    target: int
    port: int = 0
    accepted: int = 0
    sent: int = 0
    received: int = 0
    turns: int = 0
    drip: float = 0.0
    stalled: threading.Event = field(default_factory=threading.Event)
    idles: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Relay:
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._last = "server"
        self._listener = Listener(self._serve)
        self.port = self._listener.port
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.close()
        for _, server in self._pairs:
            server.close()

    def cut(self) -> None:
        """End every connection with a FIN."""
        for sock in self._sockets():
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End every connection with a RST."""
        for sock in self._sockets():
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.cut()
        for sock in self._sockets():
            sock.close()

    def count_anew(self) -> None:
        """Set the counters back."""
        self.sent = self.received = self.turns = 0
        self._last = "server"

    def wait_for(self, accepted: int = 0, idles: int = 0, timeout: float = 40) -> bool:
        """Whether so many connections were made and answers to IDLE passed, in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.accepted >= accepted and self.idles >= idles, timeout)

    def _sockets(self) -> list[socket.socket]:
        return [sock for pair in self._pairs for sock in pair]

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        at_once(server)
        self._pairs.append((client, server))
        with self.changed:
            self.accepted += 1
            self.changed.notify_all()
        back = threading.Thread(target=self._pump, args=(server, client, "server"), daemon=True)
        back.start()
        self._pump(client, server, "client")
        back.join()

    def _pump(self, source: socket.socket, sink: socket.socket, who: str) -> None:
        try:
            while data := source.recv(65_536):
                if not self.stalled.is_set():
                    self._count(who, len(data))
                    self._pass(sink, data, who)
        except OSError:
            pass
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _count(self, who: str, size: int) -> None:
        if who == "client":
            self.sent += size
            self.turns += self._last == "server"
        else:
            self.received += size
        self._last = who

    def _look_for_idle(self, data: bytes) -> None:
        with self.changed:
            self.idles += data.count(b"+ idling\r\n")
            self.changed.notify_all()

    def _pass(self, sink: socket.socket, data: bytes, who: str) -> None:
        if who == "client" or not self.drip:
            sink.sendall(data)
            self._look_for_idle(data)
            return
        for n in range(len(data)):
            sink.sendall(data[n : n + 1])
            time.sleep(self.drip)
