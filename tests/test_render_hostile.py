"""Whatever stood in the mail is only ever a value, and a message fetches nothing and runs nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxtrack.channel import Form
from inboxtrack.model import Item, NewsKind
from inboxtrack.notifiers.render import Renderer
from inboxtrack.overview import OrderView
from inboxtrack.views import DigestView, Views
from tests.samples import BERLIN, HISMILE, MAIL, NOW, PUSH, SMS, TROUBLED_DIGEST, VIEWS, WRITE, news
from tests.show_messages import MANY


def test_a_mail_fetches_nothing_and_has_no_script() -> None:
    for message in (WRITE.digest(TROUBLED_DIGEST, MAIL, NOW), WRITE.news(MANY, VIEWS, MAIL, NOW)):
        html = message.html or ""
        assert not re.search(r"<(?:script|img|link|iframe)|\son\w+=|url\(|@import|src=", html)
        links = set(re.findall(r'href="([^"]+)"', html))
        assert links
        assert all(link.startswith(("https://track.example/", "https://www.aliexpress.com/")) for link in links)


def test_the_styles_of_a_mail_are_colours_and_nothing_of_a_mail() -> None:
    """One style sheet, for a dark ground; it is the same whatever the mails said."""
    hostile = _named(HISMILE, "</style><style>body{background:url(//evil.example)}")
    sheets = [
        re.findall("<style>(.*?)</style>", WRITE.digest(DigestView(orders=(shown,)), MAIL, NOW).html or "", re.DOTALL)
        for shown in (HISMILE, hostile)
    ]
    assert sheets[0] == sheets[1]
    (sheet,) = sheets[0]
    rules = re.fullmatch(r"\s*@media \(prefers-color-scheme: dark\) \{\s*(.*)\}\s*", sheet, re.DOTALL)
    assert rules
    assert re.fullmatch(r"(?:\.[\w-]+ \{ [\w-]*color: #\w{6} !important; \}\s*)+", rules[1])


HOSTILE = [
    "{{7*7}}",
    "{% for x in y %}",
    "{0.__class__}",
    "%(who)s %s",
    "${HOME}",
    "<script>alert(1)</script>",
    "*bold* _it_ [a](http://evil.example)",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["en", "de"])
def test_text_of_a_mail_is_only_ever_a_value(name: str, language: str) -> None:
    """covers: C6, C7: shown literally in text, escaped in HTML."""
    shown = _named(HISMILE, name)
    write, views = Renderer(language, BERLIN), Views.of([shown])
    told = [news(NewsKind.PROBLEM, "exception", shown, detail=name)]
    for message in (write.news(told, views, PUSH, NOW), write.digest(DigestView(orders=(shown,)), PUSH, NOW)):
        assert name in message.body
        assert "49" not in message.body
    html = write.news(told, views, MAIL, NOW).html or ""
    assert "<script>" not in html
    assert "&lt;script&gt;" in html or "script" not in name


@settings(max_examples=40)
@given(st.text(max_size=80), st.sampled_from(list(NewsKind)), st.sampled_from([PUSH, SMS, MAIL]))
def test_no_text_breaks_a_message(name: str, kind: NewsKind, form: Form) -> None:
    shown = _named(HISMILE, name)
    message = WRITE.news([news(kind, name, shown, detail=name)], Views.of([shown]), form, NOW)
    assert "\n" not in message.title
    assert message.body


def _named(view: OrderView, name: str) -> OrderView:
    order = replace(view.order, items=(Item(name),), shop_name=name)
    return replace(view, order=order, retailer_name=name, advice=name)
