"""The provider table: an address is enough, and nobody is sent to a plain-text port."""

from __future__ import annotations

import pytest

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
