"""A mailbox on this computer for the demo: a pure-Python IMAP server (pymap) in a thread, on a free loopback port."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType

from inboxtrack.cli.frame import CommandError

USER, PASSWORD = "demo", "demo"


class DemoServer:
    """The server; a context manager. Mail arrives by `deliver`."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._ready = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="demo mailbox", daemon=True)

    def __enter__(self) -> DemoServer:
        try:
            import pymap  # noqa: F401 - only to say in one line what is missing
        except ImportError:
            cure = "in the folder you installed inboxtrack from: pip install '.[demo]'"
            raise CommandError(f"the demo needs its mail server, {cure}") from None
        self._thread.start()
        self._ready.wait(20)
        if self._error:
            raise CommandError(f"the demo's mail server did not start ({self._error})")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # told by whoever waits for the server
            self._error = error
            self._ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        from pymap.backend.dict import DictBackend
        from pymap.imap import IMAPService

        self._stop = asyncio.Event()
        backend, config = await DictBackend.init(self._arguments(DictBackend, IMAPService))
        config.apply_context()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self._ready.set()
            await self._stop.wait()

    def _arguments(self, backend: type, service: type) -> Namespace:
        parser = ArgumentParser()
        backend.add_subparser("dict", parser.add_subparsers(dest="backend"))  # type: ignore[attr-defined] # pymap's own
        service.add_arguments(parser)  # type: ignore[attr-defined] # pymap's own
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls"]
        found = parser.parse_args([*address, "dict", "--demo-user", USER, "--demo-password", PASSWORD])
        found.passlib_cfg, found.logging_cfg, found.skip_services, found.debug = None, None, [], False
        return found

    def deliver(self, mails: Iterable[tuple[bytes, dt.datetime]]) -> None:
        """Put mails with their times of arrival into the mailbox, as a provider does."""
        from imapclient import IMAPClient

        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(USER, PASSWORD)
            for mail, received in mails:
                client.append("INBOX", mail, msg_time=received)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
