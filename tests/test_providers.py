"""The provider table: an address is enough, and nobody is sent to a plain-text port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from inboxtrack.mail.autoconfig import DnsRecords, suggestion
from inboxtrack.mail.providers import by_mx, providers, settings_for


@pytest.mark.parametrize(
    ("address", "host", "user", "sign_in"),
    [
        ("anna@gmail.com", "imap.gmail.com", "anna@gmail.com", "app_password"),
        ("Anna@GoogleMail.com", "imap.gmail.com", "Anna@GoogleMail.com", "app_password"),
        ("anna@hotmail.co.uk", "outlook.office365.com", "anna@hotmail.co.uk", "oauth"),
        ("anna@live.se", "outlook.office365.com", "anna@live.se", "oauth"),
        ("anna@firm.onmicrosoft.com", "outlook.office365.com", "anna@firm.onmicrosoft.com", "oauth"),
        ("anna@me.com", "imap.mail.me.com", "anna", "app_password"),
        ("anna@yahoo.com.br", "imap.mail.yahoo.com", "anna@yahoo.com.br", "app_password"),
        ("anna@yahoo.co.jp", "imap.mail.yahoo.co.jp", "anna", "password"),
        ("anna@web.de", "imap.web.de", "anna", "password"),
        ("anna@tampabay.rr.com", "mail.twc.com", "anna@tampabay.rr.com", "password"),
        ("anna@163.com", "imap.163.com", "anna@163.com", "code"),
    ],
)
def test_an_address_is_enough(address: str, host: str, user: str, sign_in: str) -> None:
    provider = settings_for(address)
    assert provider is not None
    assert (provider.host, provider.user_for(address), provider.sign_in) == (host, user, sign_in)


@pytest.mark.parametrize("address", ["anna@example.org", "anna@yahoo", "anna@yahoo.a.b.c", "anna@notgmail.com", "anna"])
def test_an_unknown_domain_has_no_provider(address: str) -> None:
    assert settings_for(address) is None


def test_a_provider_without_imap_says_what_to_do_instead() -> None:
    provider = settings_for("anna@tuta.io")
    assert provider is not None
    assert not provider.has_imap
    assert "import" in provider.hint


def test_every_provider_is_usable() -> None:
    names = [provider.name for provider in providers()]
    assert len(names) == len(set(names)) >= 70
    for provider in providers():
        assert provider.sign_in in {"password", "app_password", "oauth", "code", "none"}, provider.name
        assert provider.has_imap == bool(provider.host), provider.name
        assert (provider.port, provider.security) in {(993, "tls"), (143, "starttls"), (1143, "starttls")}, (
            provider.name
        )
        assert provider.sign_in == "password" or provider.hint, f"{provider.name} needs a hint"
        assert not provider.hint.endswith("."), provider.name


def test_no_domain_belongs_to_two_providers() -> None:
    domains = [domain for provider in providers() for domain in provider.domains]
    assert len(domains) == len(set(domains))
    ends = [end for provider in providers() for end in provider.mx]
    assert len(ends) == len(set(ends))
    assert all(provider.domains or provider.mx for provider in providers())


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        (["aspmx.l.google.com", "alt1.aspmx.l.google.com"], "Gmail"),
        (["firm-example.mail.protection.outlook.com"], "Microsoft 365"),
        (["in1-smtp.messagingengine.com"], "Fastmail"),
        (["mail.firm.example", "mx1.migadu.com"], "Migadu"),
        (["mx.notgoogle.com"], None),
        ([], None),
    ],
)
def test_an_own_domain_is_known_by_its_mail_hosts(hosts: list[str], name: str | None) -> None:
    provider = by_mx(hosts)
    assert (provider.name if provider else None) == name


def test_the_records_of_an_own_domain_become_a_suggestion() -> None:
    records = {
        ("firm.example", "MX"): ["firm-example.mail.protection.outlook.com"],
        ("own.example", "MX"): ["mx.own.example"],
        ("_imaps._tcp.own.example", "SRV"): ["imap.own.example"],
    }

    def answers(name: str, kind: str) -> list[str]:
        return records.get((name, kind), [])

    assert 'run by Microsoft 365: set host = "outlook.office365.com"; it takes no' in str(
        suggestion("firm.example", answers)
    )
    assert 'set host = "imap.own.example"' in str(suggestion("own.example", answers))
    assert suggestion("silent.example", answers) is None


ZONE = {
    ("own.example.", "MX"): ["20 mx2.own.example.", "0 aspmx.l.google.com."],
    ("_imaps._tcp.own.example.", "SRV"): ["0 1 993 imap.own.example."],
}


@pytest.fixture
def name_server() -> Iterator[tuple[str, int]]:
    """A DNS server on loopback that knows one domain; it falls silent for others."""
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
            if records:
                answer = dns.message.make_response(query)
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
                listener.sendto(answer.to_wire(), data[1])

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()
    listener.sendto(b"end", listener.getsockname())
    thread.join()
    listener.close()


def test_the_dns_is_asked_and_a_silent_one_breaks_nothing(name_server: tuple[str, int]) -> None:
    ask = DnsRecords(timeout=0.3, server=name_server)
    assert ask("own.example", "MX") == ["aspmx.l.google.com", "mx2.own.example"]
    assert ask("_imaps._tcp.own.example", "SRV") == ["imap.own.example"]
    assert "run by Gmail" in str(suggestion("own.example", ask))
    assert ask("silent.example", "MX") == []
    assert ask("no host name at all..", "MX") == []
