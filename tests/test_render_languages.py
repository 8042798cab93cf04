"""Messages in every language, and German without a gap."""

from __future__ import annotations

import re
from functools import partial

import pytest
from babel.messages.extract import extract_from_dir

from inboxtrack.app.corrections import REPORTS
from inboxtrack.model import NewsKind
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.words import Words, long_day
from inboxtrack.orders import fold
from inboxtrack.overview import overview
from inboxtrack.overview.settings import overview_settings, translated
from tests.conftest import ROOT
from tests.facts import on, told
from tests.samples import BERLIN, HISMILE, MAIL, NOW, PUSH, QUIET_DIGEST, SMS, TROUBLED_DIGEST, VIEWS, news
from tests.show_messages import MANY

EN = overview_settings(BERLIN, "DE")


@pytest.mark.parametrize("language", ["en", "de", "de_AT", "fr", "xx"])
def test_every_language_gives_every_message(language: str) -> None:
    write = Renderer(language, BERLIN)
    for form in (PUSH, SMS, MAIL):
        assert write.news(MANY, VIEWS, form, NOW).body
        assert write.digest(TROUBLED_DIGEST, form, NOW).body


def test_german_reads_like_german() -> None:
    write = Renderer("de", BERLIN)
    one = write.news([news(NewsKind.OUT_FOR_DELIVERY, "out_for_delivery", HISMILE)], VIEWS, SMS, NOW)
    assert one.body == "Hismile AU7730412 ist in Zustellung (Australia Post, erwartet heute)"
    digest = write.digest(QUIET_DIGEST, PUSH, NOW)
    assert digest.title == "5 offene Bestellungen, 1 Erstattung steht aus, bei 3 ist etwas zu tun"
    assert "Corner Books 1042: storniert, Erstattung zugesagt 12,50 €" in digest.body.replace("\xa0", " ")


def test_advice_and_deadlines_are_german_too() -> None:
    words, day = catalogue("de").gettext, partial(long_day, "de")
    lost = told("exception", 3, retailer="hismile", order="AU1001", tracking="T1", reason="lost")
    state = fold([told("placed", 0, retailer="hismile", order="AU1001"), lost])
    (view,) = overview(state, on(4), translated(EN, words, day))
    assert view.advice is not None
    assert view.advice.startswith("Das Paket gilt als verloren: bitte Hismile um Geld zurück oder Ersatz. Bis ")
    assert all(words(advice.text).count("{") == advice.text.count("{") for advice in EN.advice)


def test_every_reason_is_german_too() -> None:
    """A reason is a code in the data: of phrases, shipped recipes, carriers' statuses and the user's reports."""
    files = [*(ROOT / "inboxtrack").rglob("*.toml"), ROOT / "inboxtrack/tracking/statuses.json"]
    codes = {code for file in files for code in re.findall(r'\breason"?\s*[=:]\s*"(\w+)"', file.read_text())}
    codes |= {reason for _, reason in REPORTS.values()} | {"neighbour"}
    assert len(codes) > 40
    english, german = Words("en", BERLIN, NOW), Words("de", BERLIN, NOW)
    said = {code: (english.reason(code), german.reason(code)) for code in codes}
    assert not [code for code, (here, there) in said.items() if here is not None and here == there]


def test_german_is_complete() -> None:
    """Every text of templates and code is in the German catalogue."""
    options = {"**.j2": {"trimmed": "true", "extensions": "jinja2.ext.i18n"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = []
    for folder, method in (("templates/notify", "jinja2"), ("inboxtrack/notifiers", "python")):
        pattern = "**.j2" if method == "jinja2" else "**.py"
        found += extract_from_dir(ROOT / folder, [(pattern, method)], options, keywords=keywords)
    texts = {message for _, _, message, _, _ in found}
    texts |= {text for advice in EN.advice for text in (advice.text, advice.claim) if text}
    texts |= {text for policy in EN.policies for text in (policy.what, policy.never_came, policy.check) if text}
    german = catalogue("de")
    missing = [text for text in texts if not _is_translated(german, text)]
    assert len(texts) > 60
    assert not missing


def _is_translated(german: object, text: str | tuple[str, str]) -> bool:
    known = getattr(german, "_catalog", {})
    return (text in known) if isinstance(text, str) else ((text[0], 0) in known and (text[0], 1) in known)
