"""Mails the user forwards: by Gmail, Outlook and Apple Mail in several languages, or as an attached file."""

from __future__ import annotations

import datetime as dt

import pytest

from inboxtrack.mail.forwarded import inner_mails
from inboxtrack.mail.message import parse
from inboxtrack.model import Outcome, Trust
from inboxtrack.reader import Context, read
from tests.trust_mail import google, mail

ALI, NEWS = "transaction@notice.aliexpress.com", "Order 8200000000000001: order shipped"
ME = "me@gmail.com"
OWN = Context(own_addresses=(ME,))
SIGNED = "dmarc=pass header.from=gmail.com"

# subject prefix, the line above the block, and the block's labels as the programs write them
PROGRAMS = {
    "gmail en": ("Fwd: ", "---------- Forwarded message ---------", "From Date Subject To"),
    "gmail de": ("Fwd: ", "---------- Forwarded message ---------", "Von Date Subject To"),
    "gmail es": ("Fwd: ", "---------- Forwarded message ---------", "De Date Subject To"),
    "outlook en": ("FW: ", "________________________________", "From Sent To Subject"),
    "outlook de": ("WG: ", "-----Ursprüngliche Nachricht-----", "Von Gesendet An Betreff"),
    "outlook es": ("RV: ", "________________________________", "De Enviado Para Asunto"),
    "outlook fr": ("TR: ", "De: l'équipe", "De Envoyé À Objet"),
    "outlook it": ("I: ", "________________________________", "Da Inviato A Oggetto"),
    "outlook nl": ("FW: ", "________________________________", "Van Verzonden Aan Onderwerp"),
    "outlook pl": ("PD: ", "________________________________", "Od Wysłano Do Temat"),
    "outlook pt": ("ENC: ", "________________________________", "De Enviado Para Assunto"),
    "outlook da": ("VS: ", "________________________________", "Fra Sendt Til Emne"),
    "apple en": ("Fwd: ", "Begin forwarded message:", "From Subject Date To"),
    "apple de": ("Fwd: ", "Anfang der weitergeleiteten Nachricht:", "Von Betreff Datum An"),
    "apple fr": ("Fwd: ", "Début du message transféré :", "De Objet Date À"),
    "thunderbird de": ("Fwd: ", "-------- Weitergeleitete Nachricht --------", "Betreff Datum Von An"),
    "unknown language": ("FW: ", "________________________________", "Saatja Saadetud Saaja Teema"),
}
FROM = {"From", "Von", "De", "Da", "Van", "Od", "Fra", "Saatja"}
SUBJECTS = {"Subject", "Betreff", "Asunto", "Objet", "Oggetto", "Onderwerp", "Temat", "Assunto", "Emne"}
DATES = {
    "Date",
    "Sent",
    "Gesendet",
    "Enviado",
    "Envoyé",
    "Inviato",
    "Verzonden",
    "Wysłano",
    "Sendt",
    "Datum",
    "Saadetud",
}


def block(labels: str, mark: str = ": ") -> list[str]:
    def value(label: str) -> str:
        if label in FROM:
            return f"AliExpress <{ALI}>"
        if label in SUBJECTS:
            return NEWS
        return "Mon, 9 Feb 2026 08:30:00 +0000" if label in DATES else f"Me <{ME}>"

    return [f"{label}{mark}{value(label)}" for label in labels.split()]


def forward(program: str, *, html: bool = False, sender: str = ME, results: str = SIGNED) -> bytes:
    prefix, above, labels = PROGRAMS[program]
    lines = ["Look at this", "", above, *block(labels), "", "Your order 8200000000000001 has shipped."]
    body = "\r\n".join(lines) + "\r\n"
    raw = google(results, sender=sender, body=body)
    if html:
        page = "<br>".join(line.replace("<", "&lt;").replace(">", "&gt;") for line in lines)
        raw = google(results, ("Content-Type", "text/html; charset=utf-8"), sender=sender, body=f"<div>{page}</div>")
    return raw.replace(f"Subject: {NEWS}".encode(), f"Subject: {prefix}{NEWS}".encode(), 1)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
def test_a_mail_forwarded_in_the_text_is_found(program: str, html: bool) -> None:
    (inner,) = inner_mails(parse(forward(program, html=html)))
    assert inner.sender.address == ALI
    if program != "unknown language":
        assert inner.subject == NEWS
        assert inner.date == dt.datetime(2026, 2, 9, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("between", [["", "Ist das deine?", ""], []], ids=["words between", "nothing between"])
def test_a_forward_of_a_forward_is_found(between: list[str], html: bool) -> None:
    first = [
        "-----Ursprüngliche Nachricht-----",
        "Von: Jo <jo@mail.example>",
        "Gesendet: Mon, 9 Feb 2026 09:00:00 +0000",
    ]
    second = [f"An: Me <{ME}>", f"Betreff: WG: {NEWS}", *between, *block("Von Gesendet An Betreff")]
    lines = [*first, *second, "", "Your order 8200000000000001 has shipped."]
    page = "<br>".join(line.replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    kind = ("Content-Type", "text/html; charset=utf-8" if html else "text/plain; charset=utf-8")
    raw = google(SIGNED, kind, sender=ME, body=page if html else "\r\n".join(lines))
    found = read(raw.replace(f"Subject: {NEWS}".encode(), f"Subject: WG: {NEWS}".encode(), 1), OWN)
    assert [(f.order, f.may_advance) for f in found.facts] == [("8200000000000001", True)]
    assert found.sender == ALI


def test_what_the_user_forwards_is_unverified_but_may_advance() -> None:
    found = read(forward("outlook de"), OWN)
    assert (found.outcome, found.extractor, found.trust) == (Outcome.READ, "aliexpress", Trust.UNVERIFIED)
    assert found.trust_reason == f"forwarded by {ME}"
    assert [(f.order, f.trust, f.may_advance) for f in found.facts] == [("8200000000000001", Trust.UNVERIFIED, True)]
    assert found.facts[0].at == dt.datetime(2026, 2, 9, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("sender", "results"),
    [
        ("stranger@mail.example", "dmarc=pass header.from=mail.example"),
        (ME, "dmarc=none header.from=gmail.com"),
        (ME, "dmarc=fail header.from=gmail.com"),
        (f'"{ME}" <stranger@mail.example>', "dmarc=pass header.from=mail.example"),
    ],
    ids=["a stranger", "unconfirmed", "forged", "display name"],
)
def test_what_anybody_else_forwards_may_not_advance(sender: str, results: str) -> None:
    """covers: C8"""
    found = read(forward("gmail en", sender=sender, results=results), OWN)
    assert {(f.trust, f.may_advance) for f in found.facts} == {(Trust.UNVERIFIED, False)}


def test_an_attached_mail_is_read() -> None:
    inner = mail(("Authentication-Results", "mx.google.com; dmarc=pass header.from=notice.aliexpress.com"))
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nsee there\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    outer = google(SIGNED, ("Content-Type", 'multipart/mixed; boundary="b"'), sender=ME)
    outer = outer.partition(b"\r\n\r\n")[0].replace(NEWS.encode(), b"have a look") + b"\r\n\r\n" + body
    found = read(outer + inner + b"\r\n--b--\r\n", OWN)
    assert (found.outcome, found.trust) == (Outcome.READ, Trust.UNVERIFIED)
    assert [(f.order, f.may_advance) for f in found.facts] == [("8200000000000001", True)]


@pytest.mark.parametrize("prefix", ["Re: ", "AW: ", "", "Odp: "])
def test_an_answer_that_quotes_a_mail_is_no_forward(prefix: str) -> None:
    raw = forward("outlook en").replace(b"Subject: FW: ", f"Subject: {prefix}".encode(), 1)
    assert read(raw, OWN).outcome is Outcome.FOREIGN


def test_a_list_of_contact_details_is_no_header_block() -> None:
    lines = ["Name: Jo Doe", f"E-mail: {ALI}", "Phone: 8200000000000001", "City: X"]
    raw = google(SIGNED, sender=ME, body="\r\n".join(lines)).replace(NEWS.encode(), b"Fwd: form")
    assert list(inner_mails(parse(raw))) == []


def test_a_forward_is_never_newer_than_the_mail_that_brought_it() -> None:
    raw = forward("gmail en").replace(b"Mon, 9 Feb 2026", b"Mon, 9 Feb 2099")
    (inner,) = inner_mails(parse(raw, received_at=dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)))
    assert inner.at <= dt.datetime(2026, 2, 11, 12, tzinfo=dt.UTC)
