"""Every fixture mail against its golden file. A missing golden fails; no test ever writes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inboxtrack.cli.frame import CommandError
from inboxtrack.cli.golden import golden_path, reading_of, run
from tests.conftest import FIXTURES

MAILS = sorted(FIXTURES.glob("*/*.eml"))


def test_there_are_fixtures() -> None:
    assert len(MAILS) > 60


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail.parent.name}/{mail.stem}")
def test_mail_reads_as_its_golden(mail: Path) -> None:
    golden = golden_path(mail)
    assert golden.exists(), f"no golden file: run `inboxtrack golden {mail.relative_to(FIXTURES)}` and check it by eye"
    assert reading_of(mail) == json.loads(golden.read_text("utf-8"))


def test_every_golden_has_its_mail() -> None:
    orphans = [golden for golden in FIXTURES.glob("*/*.json") if not golden.with_suffix("").exists()]
    assert orphans == []


def test_golden_writes_once_and_overwrites_only_by_force(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: someone@people.example\r\nSubject: hello\r\n\r\nhi\r\n")
    run([str(mail)])
    written = golden_path(mail).read_text("utf-8")
    assert json.loads(written)["outcome"] == "foreign"

    mail.write_bytes(b"From: someone@people.example\r\nSubject: other\r\n\r\nhi\r\n")
    with pytest.raises(CommandError, match="--force"):
        run([str(mail)])
    assert golden_path(mail).read_text("utf-8") == written
    run([str(mail)], force=True)
    assert json.loads(golden_path(mail).read_text("utf-8"))["subject"] == "other"
