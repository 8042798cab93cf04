"""An own domain's server: from a real DNS answer or a real page on loopback; shown, remembered, never without TLS."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from inboxtrack.app import servers
from inboxtrack.app.servers import Servers
from inboxtrack.cli import app
from inboxtrack.cli.frame import guarded
from inboxtrack.config.settings import MailboxSettings, Security
from inboxtrack.mail.autoconfig import find
from inboxtrack.mail.autoconfig.file import servers_in
from inboxtrack.mail.autoconfig.lookups import MOST_BYTES, DnsRecords, HttpsPages
from inboxtrack.mail.source import Kind, MailboxError
from tests.autoconfig_help import NoDns, ToLoopback, Web, entry, name_server, named, no_pages, page, web
from tests.dovecot import USERS, dovecot
from tests.living import AUTHSERV, deliver, life, stages

__all__ = ["name_server", "web"]

ADDRESS = "anna@firm.example"
NOTHING = (
    "mailbox 'home': firm.example is no provider known here, and names no IMAP server itself: "
    'ask your provider for it, and set host = "imap.firm.example", or what they say'
)
NO_IMAP = (
    "mailbox 'home': its mail is run by Tuta: "
    "it offers no IMAP: forward order mail to another mailbox, or import exported .eml files"
)
UNPROVEN = (
    "mailbox 'home': a DNS record of firm.example names imap.elsewhere.example: "
    'if you know it as yours, set host = "imap.elsewhere.example"'
)
AWAY = (
    "mailbox 'home': the server of firm.example cannot be looked up, as the DNS does not answer: it is tried again; "
    'if that lasts, check the network, or set host = "imap.firm.example", or what your provider says'
)
AUTOCONFIG = "https://autoconfig.firm.example/mail/config-v1.1.xml"
WELL_KNOWN = "https://firm.example/.well-known/autoconfig/mail/config-v1.1.xml"


# -- what the file says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry()], [("imap.firm.example", 993, "tls", ADDRESS)]),
        ([entry(user="%EMAILLOCALPART%")], [("imap.firm.example", 993, "tls", "anna")]),
        ([entry(host="imap.%EMAILDOMAIN%", user="a-4711")], [("imap.firm.example", 993, "tls", "a-4711")]),
        ([entry(user="%REALNAME%")], [("imap.firm.example", 993, "tls", ADDRESS)]),
        (
            [entry(port=143, security="STARTTLS"), entry(port=994)],
            [("imap.firm.example", 994, "tls", ADDRESS), ("imap.firm.example", 143, "starttls", ADDRESS)],
        ),
        ([entry(kind="pop3")], []),
        ([entry(port=143, security="plain")], []),
        ([entry(host="localhost")], []),
        ([entry(host="127.0.0.1")], []),
        ([entry(host="imap.firm.example/@evil")], []),
        ([entry(host="imap.firm.example\r\nx")], []),
        ([entry(port=0)], []),
        ([entry(port="99999")], []),
        ([entry(port="९९३")], []),
        ([], []),
    ],
)
def test_a_file_is_read_and_what_is_unsafe_in_it_left_out(
    entries: list[str], expected: list[tuple[str, int, str, str]]
) -> None:
    found = servers_in(page(*entries), ADDRESS)
    assert [(named.host, named.port, named.security, named.user) for named in found] == expected


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)
)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"<html>not found</html>",
        b"<clientConfig>",
        b"\x00\xff\xfe" * 100,
        page(entry()).replace(b"<clientConfig", b'<!DOCTYPE x [<!ENTITY h "imap.firm.example">]><clientConfig', 1),
        page(entry("&x;")).replace(
            b"<clientConfig", b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]><clientConfig', 1
        ),
        f'{BOMB}]><clientConfig version="&i;"/>'.encode(),
        b"<a>" * 30_000,
    ],
)
def test_hostile_files_say_nothing(hostile: bytes) -> None:
    assert servers_in(hostile, ADDRESS) == ()


# -- what counts -------------------------------------------------------------------------------------------------------


def test_mail_hosts_of_a_known_provider_count_first() -> None:
    dns_ = NoDns(("firm-example.mail.protection.outlook.com",), (("imap.firm.example", 993),))
    found = find(ADDRESS, dns_, lambda _: page(entry()))
    assert found.server is not None
    assert found.server.host == "outlook.office365.com"
    why = "because the mail of firm.example is run by Microsoft 365 (it takes no passwords: set oauth"
    assert found.server.because.startswith(why)
    assert dns_.asked == ["firm.example"]


def test_a_provider_that_signs_in_by_a_name_of_its_own_says_so() -> None:
    found = find(ADDRESS, NoDns(("mx01.mail.icloud.com",)), no_pages)
    assert found.server is not None
    assert found.server.because.endswith("; set user to your name there)")


def test_the_domains_own_web_server_comes_next() -> None:
    asked: list[str] = []

    def pages(url: str) -> bytes | None:
        asked.append(url)
        return page(entry(port=994)) if url.startswith(WELL_KNOWN) else None

    found = find("an+na@firm.example", NoDns(("mx.firm.example",), (("imap.firm.example", 993),)), pages)
    assert found.server is not None
    assert (found.server.port, found.server.because) == (994, f"because {WELL_KNOWN} says so")
    assert asked == [
        "https://autoconfig.firm.example/mail/config-v1.1.xml?emailaddress=an%2Bna%40firm.example",
        f"{WELL_KNOWN}?emailaddress=an%2Bna%40firm.example",
    ]


@pytest.mark.parametrize(
    ("srv", "host", "unproven"),
    [
        ((("imap.firm.example", 994),), "imap.firm.example", None),
        ((("imap.fastmail.com", 993),), "imap.fastmail.com", None),
        ((("imap.elsewhere.example", 993),), None, "imap.elsewhere.example"),
        ((("imap.elsewhere.example", 993), ("mail.firm.example", 993)), "mail.firm.example", None),
        ((("firm.example.attacker.example", 993),), None, "firm.example.attacker.example"),
        ((), None, None),
    ],
)
def test_a_dns_record_counts_only_for_a_name_that_the_certificate_proves(
    srv: tuple[tuple[str, int], ...], host: str | None, unproven: str | None
) -> None:
    found = find(ADDRESS, NoDns((), srv), no_pages)
    assert (found.server.host if found.server else None) == host
    assert found.unproven == unproven


# -- the adapters ------------------------------------------------------------------------------------------------------


def test_the_dns_is_asked_and_a_silent_one_breaks_nothing(name_server: tuple[str, int]) -> None:
    ask = DnsRecords(timeout=0.3, server=name_server)
    assert ask.mx("own.example") == ["aspmx.l.google.com", "mx2.own.example"]
    assert ask.srv("_imaps._tcp.own.example") == [("imap.own.example", 994), ("spare.own.example", 993)]
    assert ask.srv("_imaps._tcp.none.example") == []
    assert ask.mx("nowhere.example") == [], "it says that there is none"
    assert ask.mx("silent.example") is None
    assert ask.srv("_imaps._tcp.silent.example") is None
    assert ask.mx("no host name at all..") == []
    found = find("anna@own.example", ask, no_pages)
    assert found.provider is not None
    assert found.provider.name == "Gmail"


def test_a_page_is_got_and_followed_over_https_only(web: Web) -> None:
    web.answers = {
        "firm.example/a": (200, {}, b"here"),
        "firm.example/b": (302, {"Location": "https://www.firm.example/c"}, b""),
        "www.firm.example/c": (200, {}, b"there"),
        "firm.example/plain": (301, {"Location": "http://firm.example/a"}, b""),
        "firm.example/file": (301, {"Location": "file:///etc/hostname"}, b""),
        "firm.example/round": (302, {"Location": "https://firm.example/round"}, b""),
        "firm.example/large": (200, {}, b"x" * (MOST_BYTES + 1)),
        "firm.example/error": (500, {}, b"here"),
    }
    get = web.pages()
    assert (get("https://firm.example/a"), get("https://firm.example/b")) == (b"here", b"there")
    for name in ("plain", "file", "round", "large", "error", "nothing"):
        assert get(f"https://firm.example/{name}") is None, name
    assert web.asked.count("firm.example/round") == 4
    assert get("http://firm.example/a") is None
    assert get("https://firm..example/a") is None


def test_a_web_server_that_drips_is_given_up(web: Web) -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.02):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    web.answers = {"firm.example/a": drip}
    assert web.pages(timeout=0.2)("https://firm.example/a") is None
    over.set()


def test_nothing_at_all_is_no_error(free_port: int) -> None:
    assert HttpsPages(0.5, ToLoopback(free_port))("https://firm.example/a") is None


# -- remembered --------------------------------------------------------------------------------------------------------


def mailbox(**values: Any) -> MailboxSettings:
    return MailboxSettings(name="home", **({"address": ADDRESS} | values))


def test_what_was_found_is_said_once_and_remembered(tmp_path: Path) -> None:
    first = Servers(tmp_path, NoDns(), lambda _: page(entry(port=994, user="%EMAILLOCALPART%")))
    boxes = (mailbox(), mailbox(host="imap.else.example"), mailbox(address="anna@gmail.com"))
    said = f"its server is imap.firm.example:994, because {AUTOCONFIG} says so; if that is wrong, set host"
    assert [first.find(box) for box in boxes] == [f"mailbox 'home': {said}", None, None]
    later = Servers(tmp_path, NoDns(), lambda _: pytest.fail("asked again"))
    assert later.find(mailbox()) is None
    whole = later.completed(mailbox())
    assert (whole.host, whole.port, whole.security, whole.user) == ("imap.firm.example", 994, Security.TLS, "anna")
    own = later.completed(mailbox(port=143, security=Security.STARTTLS, user="me"))
    assert (own.port, own.security, own.user) == (143, Security.STARTTLS, "me")
    assert later.completed(mailbox(host="imap.else.example")).host == "imap.else.example"
    assert (tmp_path / "servers.json").stat().st_mode & 0o777 == 0o600


def test_a_later_look_replaces_the_answer_and_silence_does_not(tmp_path: Path) -> None:
    Servers(tmp_path, NoDns(), lambda _: page(entry())).look_up(mailbox())
    moved = Servers(tmp_path, NoDns(), lambda _: page(entry("mail.firm.example")))
    assert moved.look_up(mailbox()).host == "mail.firm.example"
    silent = Servers(tmp_path, NoDns(), no_pages)
    assert silent.look_up(mailbox()).host == "mail.firm.example"
    assert silent.completed(mailbox()).host == "mail.firm.example"


def test_a_damaged_memory_is_asked_anew(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"anna@firm.example": 1}', '{"anna@firm.example": {"host": "x", "because": "y", "z": 1}}'):
        (tmp_path / "servers.json").write_text(text)
        assert Servers(tmp_path, NoDns(), lambda _: page(entry())).find(mailbox()) is not None


@pytest.mark.parametrize(
    ("known", "said", "kind"),
    [
        (NoDns(), NOTHING, Kind.CONFIG),
        (NoDns(("mail.tutanota.de",)), NO_IMAP, Kind.CONFIG),
        (NoDns(srv=(("imap.elsewhere.example", 993),)), UNPROVEN, Kind.CONFIG),
        (NoDns(away=True), AWAY, Kind.TRANSIENT),
    ],
)
def test_nothing_found_says_what_to_write(tmp_path: Path, known: NoDns, said: str, kind: Kind) -> None:
    with pytest.raises(MailboxError) as error:
        Servers(tmp_path, known, no_pages).find(mailbox())
    assert (str(error.value), error.value.kind) == (said, kind)
    assert not (tmp_path / "servers.json").exists()


def test_what_cannot_be_remembered_says_where_and_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(MailboxError) as error:
        Servers(tmp_path / "gone", NoDns(), lambda _: page(entry())).find(mailbox())
    file = tmp_path / "gone" / "servers.json"
    assert str(error.value) == (
        f"mailbox 'home': {file} cannot be written (No such file or directory): "
        'make room there, or set host = "imap.firm.example"'
    )


# -- from an address to a read mailbox ---------------------------------------------------------------------------------


@pytest.mark.dovecot
def test_an_address_at_an_own_domain_is_enough(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(servers, "DnsRecords", NoDns)
    monkeypatch.setattr(servers, "HttpsPages", web.pages)
    some = life(2, seed=3)

    def inboxtrack(*arguments: str) -> tuple[int, str, str]:
        code = guarded(lambda: app([*arguments, "--config", str(settings)], standalone_mode=False))
        return code, *capsys.readouterr()

    with dovecot() as server, named("imap.firm.example", monkeypatch):
        deliver(server, some.mails)
        settings = tmp_path / "inboxtrack.toml"
        settings.write_text(
            f'[general]\nstate_folder = "{tmp_path / "state"}"\n[[mailbox]]\nname = "home"\naddress = "{ADDRESS}"\n'
            f'password = "{USERS["anna"]}"\nca_file = "{server.ca}"\nauthserv_ids = ["{AUTHSERV}"]\n'
        )
        settings.chmod(0o600)
        assert inboxtrack("poll") == (1, "", f"{NOTHING}\n")
        found = page(entry(port=server.tls, user="%EMAILLOCALPART%"))
        web.answers = {"autoconfig.firm.example/mail/config-v1.1.xml": (200, {}, found)}
        code, out, err = inboxtrack("poll")
        assert (code, out) == (0, f"home: {len(some.mails)} new mails, {len(some.mails)} order mails read\n")
        assert err.startswith(f"mailbox 'home': its server is imap.firm.example:{server.tls}, because https://")
        asked = len(web.asked)
        assert inboxtrack("poll") == (0, "home: no new mail\n", "")
        assert len(web.asked) == asked
        _, out, _ = inboxtrack("doctor")
        assert f"✓ mailbox home: server: imap.firm.example:{server.tls}, because https://" in out
        assert "✓ mailbox home: signed in" in out
    assert set(stages(settings)) == set(some.orders)
