"""What the program never does because a mail says so: fetch, relay a link, load, keep what is not an order's mail."""

from __future__ import annotations

import ast
import json
import logging
import re
import socket
import stat
from dataclasses import fields, replace
from pathlib import Path

import pytest

import inboxtrack
from inboxtrack.mail.message import parse
from inboxtrack.mail.source import Batch, Fetched, Place
from inboxtrack.model import Fact, Outcome
from inboxtrack.pipeline import ingest
from inboxtrack.reader import Context, read
from inboxtrack.store import Store
from tests.conftest import FIXTURES
from tests.facts import on
from tests.trust_mail import google, mail

PACKAGE = Path(inboxtrack.__file__).parent
MAILS = sorted(FIXTURES.rglob("*.eml"))
TOLD = [field.name for field in fields(Fact) if field.name != "evidence"]
UNSAFE = {"pickle", "marshal", "shelve", "yaml", "zipfile", "tarfile", "xml", "dill", "ctypes"}
UNSAFE_CALLS = {"eval", "exec", "__import__", "from_string"}


def test_reading_mail_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: C12"""
    read(mail(), Context())

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading a mail opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(MAILS) > 100
    for path in MAILS:
        read(path.read_bytes(), Context())


def test_reading_mail_logs_no_word_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """covers: C4, C15"""
    caplog.set_level(logging.DEBUG)
    for name in ("mailparser", "dkim", "dns", "lxml", "publicsuffixlist"):
        caplog.set_level(logging.DEBUG, logger=name)
    strange = b"Content-Type: planted/strange\r\nFrom: planted@x.example\r\nSubject: planted\r\n\r\nplanted"
    subjects = [parse(path.read_bytes()).subject for path in MAILS if read(path.read_bytes(), Context())]
    read(strange, Context())
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "planted" not in logged
    assert [subject for subject in subjects if subject and subject in logged] == []


def test_no_fact_holds_a_link_of_the_mail() -> None:
    """covers: C11. Links in messages are built from the carrier table and a checked number."""
    for path in MAILS:
        for fact in read(path.read_bytes(), Context()).facts:
            said = " ".join(str(getattr(fact, name)) for name in TOLD)
            assert not re.search(r"https?:|www\.", said), path.name


def test_a_phishing_link_reaches_no_fact() -> None:
    """covers: C11"""
    link = "https://evil.example/login?tracking=JY26KWB0D000771034"
    body = f'<p>Your order 8200000000000001 has shipped.</p><a href="{link}">Track {link}</a>'
    found = read(
        google("dmarc=pass header.from=notice.aliexpress.com", ("Content-Type", "text/html"), body=body), Context()
    )
    assert found.outcome is Outcome.READ
    assert "evil.example" not in " ".join(str(getattr(fact, name)) for fact in found.facts for name in TOLD)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Pay customs: https://evil.example/pay", "Pay customs: evil. example/pay"),
        ("HTTPS://www.evil.example", "evil. example"),
        ("www.evil.example/x", "evil. example/x"),
        ("evil.example", "evil. example"),
        ("[a](http://evil.example)", "[a](evil. example)"),
        ("tel://evil。example", "evil. example"),
        ("Dr.Martens 1.5 m, USB 3.0, No.5, e.g. z.B. U.S.", "Dr. Martens 1.5 m, USB 3.0, No.5, e.g. z.B. U.S."),
    ],
)
def test_no_title_or_name_of_a_mail_is_a_link(said: str, kept: str) -> None:
    """covers: C11. Phones and terminals make links of texts that look like one."""
    markup = {
        "@context": "http://schema.org",
        "@type": "Order",
        "orderNumber": "10042",
        "merchant": {"@type": "Organization", "name": said},
        "acceptedOffer": {"@type": "Offer", "itemOffered": {"@type": "Product", "name": said}},
    }
    body = f'<script type="application/ld+json">{json.dumps(markup)}</script><p>Lamps</p>'
    html = ("Content-Type", "text/html; charset=utf-8")
    raw = google("dmarc=pass header.from=lamps.example", html, sender="shop@lamps.example", body=body)
    (fact,) = read(raw, Context()).facts
    assert (fact.shop_name, fact.items[0].title) == (kept, kept)


@pytest.mark.parametrize("number", ["evil.example", "bit.ly/3xYz", "www.evil"])
def test_no_order_number_is_a_link(number: str) -> None:
    """covers: C11, C13"""
    markup = {"@context": "http://schema.org", "@type": "Order", "orderNumber": number}
    body = f'<script type="application/ld+json">{json.dumps(markup)}</script><p>Lamps</p>'
    html = ("Content-Type", "text/html; charset=utf-8")
    raw = google("dmarc=pass header.from=lamps.example", html, sender="shop@lamps.example", body=body)
    assert read(raw, Context()).outcome is Outcome.UNREAD


def test_nothing_unsafe_is_loaded() -> None:
    """covers: C20. What comes back from a reader process is JSON (`inboxtrack.reader.worker`)."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not UNSAFE & {alias.name.partition(".")[0] for alias in node.names}, path
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").partition(".")[0] not in UNSAFE, path
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert name not in UNSAFE_CALLS, f"{path}:{node.lineno}"


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    """covers: C20"""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><html><body><p>&e;</p></body></html>'
    raw = google("none", ("Content-Type", "text/html"), body=body)
    assert "hunter2" not in parse(raw).text + str(parse(raw).soup)


def test_only_recognised_mail_is_kept_and_only_the_user_can_read_it(tmp_path: Path) -> None:
    """covers: C22"""
    order = google("dmarc=pass header.from=notice.aliexpress.com")
    private = mail(sender="a@friend.example", body="planted words of a friend\r\n").replace(b"Order", b"About")
    mails = tuple(
        Fetched(place=Place("home", "INBOX", 1, uid), received_at=on(0), size=len(raw), raw=raw)
        for uid, raw in enumerate((order, private), 1)
    )
    readings = [replace(read(one.raw, Context()), reason="test") for one in mails]
    assert [reading.outcome for reading in readings] == [Outcome.READ, Outcome.FOREIGN]
    with Store(tmp_path / "state") as store:
        with store.transaction() as tx:
            ingest(Batch(mails=mails), readings, tx, lambda _: [], on(0))
        kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
        assert b"planted words" not in kept
        assert b"has shipped" not in kept
        for path in (tmp_path / "state").rglob("*"):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    assert not stat.S_IMODE((tmp_path / "state").stat().st_mode) & 0o077
