"""For tests of looking up servers: files that name them, a DNS server and a web server on loopback, a false name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import httpx
import pytest

from inboxtrack.mail.autoconfig.lookups import HttpsPages
from tests.listener import web_server


def page(*entries: str) -> bytes:
    return f"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="firm.example"><domain>firm.example</domain>
{"".join(entries)}
<outgoingServer type="smtp"><hostname>smtp.firm.example</hostname><port>465</port></outgoingServer>
</emailProvider></clientConfig>""".encode()


def entry(
    host: str = "imap.firm.example",
    port: object = 993,
    security: str = "SSL",
    user: str = "%EMAILADDRESS%",
    kind: str = "imap",
) -> str:
    return (
        f'<incomingServer type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>{user}</username></incomingServer>"
    )


class NoDns:
    """A DNS that knows nothing, or the given records; one that is `away` gives no answer."""

    def __init__(self, mx: tuple[str, ...] = (), srv: tuple[tuple[str, int], ...] = (), *, away: bool = False) -> None:
        self._mx, self._srv, self._away = mx, srv, away
        self.asked: list[str] = []

    def mx(self, domain: str) -> list[str] | None:
        self.asked.append(domain)
        return None if self._away else list(self._mx)

    def srv(self, name: str) -> list[tuple[str, int]] | None:
        self.asked.append(name)
        return None if self._away else list(self._srv)


def no_pages(url: str) -> None:
    assert url.startswith("https://")


ZONE = {
    ("own.example.", "MX"): ["20 mx2.own.example.", "0 aspmx.l.google.com."],
    ("_imaps._tcp.own.example.", "SRV"): ["10 1 993 spare.own.example.", "0 1 994 imap.own.example."],
    ("_imaps._tcp.none.example.", "SRV"): ["0 0 0 ."],
}


@pytest.fixture
def name_server() -> Iterator[tuple[str, int]]:
    """A DNS server on loopback that knows two domains, and that nowhere.example is none; it is silent on others."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))

    def serve() -> None:
        while data := listener.recvfrom(4_096):
            if data[0] == b"end":
                return
            query = dns.message.from_wire(data[0])
            question = query.question[0]
            kind = dns.rdatatype.to_text(question.rdtype)
            records = ZONE.get((str(question.name), kind))
            if str(question.name) == "nowhere.example.":
                answer = dns.message.make_response(query)
                answer.set_rcode(dns.rcode.NXDOMAIN)
                listener.sendto(answer.to_wire(), data[1])
            elif records:
                answer = dns.message.make_response(query)
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
                listener.sendto(answer.to_wire(), data[1])

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()
    listener.sendto(b"end", listener.getsockname())
    thread.join()
    listener.close()


@dataclass
class Web:
    """A web server on loopback: by host and path, a status, headers and a body; or a function that answers itself."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def pages(self, timeout: float = 5) -> HttpsPages:
        """The product's own getter, with every host's HTTPS led to this server."""
        return HttpsPages(timeout, ToLoopback(self.port))


class ToLoopback(httpx.BaseTransport):
    """Leads HTTPS of every host to a port here, in the clear."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._plain = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        local = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._plain.handle_request(httpx.Request("GET", local, headers=request.headers))

    def close(self) -> None:
        self._plain.close()


@pytest.fixture
def web() -> Iterator[Web]:
    state = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = f"{self.headers['Host']}{self.path.partition('?')[0]}"
            state.asked.append(url)
            answer = state.answers.get(url, (404, {}, b"nothing here"))
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with web_server(Handler) as state.port:
        yield state


@contextmanager
def named(host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name that leads to this computer."""
    real: Callable[..., Any] = socket.getaddrinfo
    with monkeypatch.context() as patch:
        patch.setattr(
            socket,
            "getaddrinfo",
            lambda name, *rest, **more: real("127.0.0.1" if name == host else name, *rest, **more),
        )
        yield
