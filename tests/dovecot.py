"""A real Dovecot for tests: on loopback, unprivileged, on its own free ports, ended by its pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import imapclient
import pytest

USERS = {"anna": "correct horse", "bob": "pässwörd", "carl": "battery staple"}
MISSING = "no dovecot here: what needs a real IMAP server was NOT tested (apt-get install dovecot-imapd)"

CONFIG = """\
base_dir = {run}
log_path = {home}/dovecot.log
listen = 127.0.0.1
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_fsync = never
auth_failure_delay = 0 secs
mail_max_userip_connections = {sessions}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
ssl = yes
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/passwd
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Spam {{
    auto = create
    special_use = \\Junk
  }}
}}
"""


@dataclass
class Dovecot:
    """A running server. `admin` signs in as a second session that may write, as the user's own mail program does."""

    home: Path
    plain: int
    tls: int
    process: subprocess.Popen[bytes]
    ca: str = field(default="")

    def admin(self, user: str = "anna") -> imapclient.IMAPClient:
        """A client without the product's care, to deliver and to look."""
        client = imapclient.IMAPClient("127.0.0.1", self.plain, ssl=False, timeout=20)
        client._imap.debug = 0
        client.plain_login(user, USERS[user])
        return client

    def doveadm(self, *arguments: str) -> str:
        """Run doveadm against this server alone."""
        command = ["doveadm", "-c", str(self.home / "dovecot.conf"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, **_identity()).stdout

    def children(self) -> list[int]:
        """The pids of all processes of this server but the first."""
        if self.process.poll() is not None:
            return []
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def sessions(self) -> list[int]:
        """The pids of the imap processes of this server."""
        return [pid for pid in self.children() if _name(pid) == "imap"]

    def kill_sessions(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Signal every imap process, as a crash of the server does; how many there were."""
        pids = self.sessions()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(pids)

    def wipe(self, user: str = "anna") -> None:
        """An empty mailbox with a new UIDVALIDITY."""
        shutil.rmtree(self.home / "mail" / user, ignore_errors=True)
        _own(_make(self.home / "mail" / user))

    def log(self) -> str:
        """What the server has written."""
        return (self.home / "dovecot.log").read_text()


@contextmanager
def dovecot(sessions: int = 50) -> Iterator[Dovecot]:
    """Start a server and end it by its pid. Skips loudly without Dovecot; fails then when CI=true."""
    if shutil.which("dovecot") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Unix sockets take short paths only, so not pytest's tmp_path.
    home = Path(tempfile.mkdtemp(prefix="dc", dir="/tmp"))
    try:
        plain, tls = free_ports(2)
        _prepare(home, plain, tls, sessions)
        server = start(home, plain, tls)
        try:
            yield server
        finally:
            kill(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def start(home: Path, plain: int, tls: int) -> Dovecot:
    """Start a server over a prepared folder, and wait until it listens."""
    process = subprocess.Popen(["dovecot", "-F", "-c", str(home / "dovecot.conf")], **_identity())
    server = Dovecot(home, plain, tls, process, ca=str(home / "ca.pem"))
    _await_port(plain, process)
    return server


def kill(server: Dovecot) -> None:
    """End a server and all its processes at once: in peace it takes a second or more."""
    left = server.children()
    server.process.kill()
    server.process.wait(10)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def stop(server: Dovecot) -> None:
    """End a server in peace, and its sessions, which would otherwise outlive it."""
    left = server.sessions()
    server.process.terminate()
    server.process.wait(10)
    for pid in left:
        if _name(pid) == "imap":
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on right now, all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _prepare(home: Path, plain: int, tls: int, sessions: int) -> None:
    certificates(home)
    user, group = _account()
    (home / "passwd").write_text("".join(f"{name}:{{PLAIN}}{word}\n" for name, word in USERS.items()))
    _make(home / "run")
    for name in USERS:
        _make(home / "mail" / name)
    config = CONFIG.format(home=home, run=home / "run", plain=plain, tls=tls, sessions=sessions, user=user, group=group)
    (home / "dovecot.conf").write_text(config)
    _own(home)


def certificates(home: Path) -> None:
    """A CA and a certificate for localhost and imap.firm.example that it signed."""
    run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True, cwd=home)  # noqa: E731
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    ca = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA", *ca)
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (home / "san.txt").write_text(
        "subjectAltName=DNS:localhost,DNS:imap.firm.example,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
    )
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san.txt")
    run("x509", "-req", "-in", "server.csr", *sign, "-out", "server.pem")


def _account() -> tuple[str, str]:
    if os.geteuid() == 0:
        return "nobody", "nogroup"
    import grp
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _identity() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        user, group = _account()
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, user, group)


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if process.poll() is not None:
            raise RuntimeError(f"dovecot ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("dovecot does not listen")
