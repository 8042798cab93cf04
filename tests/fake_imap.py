"""An IMAP server that misbehaves on purpose. It is for faults only: what is right is tested on a real Dovecot.

By default it serves `mails` (UID -> bytes) from one folder. A hook under a command's name ("FETCH", "LOGIN",
"greeting") may answer instead: it gets the peer, the tag and the arguments, and returns True when it has answered.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.listener import Listener

CAPABILITY = "IMAP4rev1 IDLE AUTH=PLAIN"


@dataclass
class Peer:
    """One connection: whole lines in, any bytes out."""

    connection: socket.socket
    server: FakeImap
    buffer: bytes = b""

    def line(self) -> str | None:
        """The next line without its end; None when the client has gone."""
        while b"\r\n" not in self.buffer:
            more = self.connection.recv(65_536)
            if not more:
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def send(self, *lines: str | bytes) -> None:
        """Lines, each with its end, in one packet."""
        self.raw(b"".join((line.encode("latin-1") if isinstance(line, str) else line) + b"\r\n" for line in lines))

    def raw(self, data: bytes) -> None:
        self.connection.sendall(data)

    def reset(self) -> None:
        """End the connection with a TCP RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()
        raise ConnectionAbortedError

    def hang_up(self) -> None:
        """End the connection with a FIN, without BYE."""
        raise ConnectionAbortedError


Hook = Callable[[Peer, str, str], bool]


def saying(*lines: str) -> Hook:
    """A hook that answers with these lines; {tag} is filled in."""

    def hook(peer: Peer, tag: str, _: str) -> bool:
        peer.send(*(line.replace("{tag}", tag) for line in lines))
        return True

    return hook


def giving(raw: bytes | None = None, size: int | None = None) -> Hook:
    """A hook for FETCH that gives other bytes than there are, or says another size."""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        for uid in asked(arguments):
            peer.server.give(peer, uid, arguments, raw, size)
        peer.send(f"{tag} OK done")
        return True

    return hook


def heading(items: str) -> Hook:
    """A hook for FETCH that says these items of mail 1 beside its header; bodies are given as they are."""

    def hook(peer: Peer, tag: str, arguments: str) -> bool:
        if "HEADER.FIELDS" not in arguments:
            return False
        head = "Subject: Order 1\r\n\r\n"
        peer.send(f"* 1 FETCH (UID 1 RFC822.SIZE 20 {items} BODY[HEADER.FIELDS (SUBJECT)] {{{len(head)}}}")
        peer.raw(f"{head})\r\n{tag} OK done\r\n".encode())
        return True

    return hook


def hanging_up(peer: Peer, _tag: str, _arguments: str) -> bool:
    """A hook that ends the connection without a word."""
    peer.hang_up()
    return True


@dataclass
class FakeImap:
    """The server. `commands` holds every command line it was sent, without tag; `sessions` counts connections."""

    mails: dict[int, bytes] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    uidvalidity: int | None = 7
    capability: str = CAPABILITY
    folders: tuple[str, ...] = ("INBOX",)
    commands: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    def __enter__(self) -> FakeImap:
        self._listener = Listener(self._serve)
        self.port = self._listener.port
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self, connection: socket.socket) -> None:
        self.sessions += 1
        peer = Peer(connection, self)
        try:
            if not self._hooked("greeting", peer, "*", ""):
                peer.send("* OK ready")
            while (line := peer.line()) is not None:
                tag, _, command = line.partition(" ")
                self.commands.append(command)
                name, _, arguments = command.removeprefix("UID ").partition(" ")
                name = name.upper()
                if not self._hooked(name, peer, tag, arguments):
                    getattr(self, f"_{name.lower()}", self._unknown)(peer, tag, arguments)
        except OSError:
            pass
        finally:
            connection.close()

    def _hooked(self, name: str, peer: Peer, tag: str, arguments: str) -> bool:
        hook = self.hooks.get(name)
        return hook is not None and hook(peer, tag, arguments)

    def _unknown(self, peer: Peer, tag: str, _: str) -> None:
        peer.send(f"{tag} BAD unknown command")

    def _capability(self, peer: Peer, tag: str, _: str) -> None:
        peer.send(f"* CAPABILITY {self.capability}", f"{tag} OK done")

    def _login(self, peer: Peer, tag: str, _: str) -> None:
        peer.send(f"{tag} OK [CAPABILITY {self.capability}] Logged in")

    def _id(self, peer: Peer, tag: str, _: str) -> None:
        peer.send("* ID NIL", f"{tag} OK done")

    def _noop(self, peer: Peer, tag: str, _: str) -> None:
        peer.send(f"{tag} OK done")

    def _list(self, peer: Peer, tag: str, _: str) -> None:
        peer.send(*(f'* LIST () "/" "{name}"' for name in self.folders), f"{tag} OK done")

    def _examine(self, peer: Peer, tag: str, arguments: str) -> None:
        if arguments.strip('"') not in self.folders:
            peer.send(f"{tag} NO Mailbox doesn't exist")
            return
        lines = [f"* {len(self.mails)} EXISTS", f"* OK [UIDNEXT {max(self.mails, default=0) + 1}] next"]
        if self.uidvalidity is not None:
            lines.append(f"* OK [UIDVALIDITY {self.uidvalidity}] valid")
        peer.send(*lines, f"{tag} OK [READ-ONLY] done")

    def _search(self, peer: Peer, tag: str, arguments: str) -> None:
        found = re.search(r"UID (\d+):(\d+|\*)", arguments)
        first = int(found[1]) if found else 1
        last = int(found[2]) if found and found[2] != "*" else max(self.mails, default=0)
        uids = [uid for uid in sorted(self.mails) if first <= uid <= last]
        peer.send(f"* SEARCH {' '.join(map(str, uids))}".rstrip(), f"{tag} OK done")

    def _fetch(self, peer: Peer, tag: str, arguments: str) -> None:
        for uid in asked(arguments):
            if uid in self.mails:
                self.give(peer, uid, arguments)
        peer.send(f"{tag} OK done")

    def give(self, peer: Peer, uid: int, arguments: str, raw: bytes | None = None, size: int | None = None) -> None:
        """One mail as the command asks for it; with other bytes or another size when given."""
        raw = self.mails[uid] if raw is None else raw
        if "HEADER.FIELDS" in arguments:
            head = raw.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
            told = len(raw) if size is None else size
            start = f'* {uid} FETCH (UID {uid} RFC822.SIZE {told} INTERNALDATE "02-Nov-2026 10:00:00 +0000" '
            peer.raw(f"{start}BODY[HEADER.FIELDS (SUBJECT)] {{{len(head)}}}\r\n".encode() + head + b")\r\n")
        else:
            limit = int(re.search(r"<0\.(\d+)>", arguments)[1])  # type: ignore[index] # the client always says how much
            part = raw[:limit]
            peer.raw(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(part)}}}\r\n".encode() + part + b")\r\n")

    def _idle(self, peer: Peer, tag: str, _: str) -> None:
        peer.send("+ idling")
        if peer.line() is not None:
            peer.send(f"{tag} OK done")

    def _logout(self, peer: Peer, tag: str, _: str) -> None:
        peer.send("* BYE bye", f"{tag} OK done")
        peer.hang_up()


def asked(arguments: str) -> list[int]:
    """The UIDs of a FETCH."""
    return [int(uid) for uid in arguments.split(" ", 1)[0].split(",")]
