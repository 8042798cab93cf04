"""The users' own templates, and the page that names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inboxtrack.model import NewsKind
from inboxtrack.notifiers.render import Renderer
from inboxtrack.notifiers.texts import TemplateError
from tests.conftest import ROOT
from tests.samples import BERLIN, DONE, NOW, PUSH, QUIET_DIGEST, VIEWS, news


def test_the_users_own_templates_replace_ours_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "digest_title.j2").write_text("{{ open }} parcels, dear")
    write = Renderer("en", BERLIN, tmp_path)
    assert write.digest(QUIET_DIGEST, PUSH, NOW).title == "5 parcels, dear"
    told = write.news([news(NewsKind.DELIVERED, "delivered", DONE)], VIEWS, PUSH, NOW)
    assert told.body == "Hismile AU7730388 is delivered (DPD)", "the others stay ours"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ open ", "digest_title.j2, line 1: "),
        ("{{ typo }}", "template digest_title.j2: 'typo' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "template digest_title.j2: access to attribute '__class__'"),
    ],
)
def test_a_wrong_template_is_named(tmp_path: Path, template: str, error: str) -> None:
    """covers: C6: one line that names the file; the sandbox holds."""
    (tmp_path / "digest_title.j2").write_text(template)
    with pytest.raises(TemplateError) as raised:
        Renderer("en", BERLIN, tmp_path).digest(QUIET_DIGEST, PUSH, NOW)
    assert error in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_page_on_messages_names_every_template() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_.]+\.j2)`", page))
    assert named == {path.name for path in (ROOT / "templates" / "notify").glob("*.j2")}
