"""`read` and `import`: mails from files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inboxtrack.cli import read
from inboxtrack.reader.worker import Limits, Pool
from tests.cli_help import Run, run, settings
from tests.conftest import ROOT

__all__ = ["run", "settings"]


def test_read_gives_up_a_mail_that_breaks_a_limit_and_reads_the_next(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """covers: A2.24"""
    good = ROOT / "tests" / "fixtures" / "emails" / "aliexpress" / "at_customs.en.eml"
    large = tmp_path / "large.html"
    large.write_bytes(b"<p>" * 3_000_000)
    code, out, err = run("read", large, good, "--json")
    assert (code, err) == (0, "")
    assert [file["outcome"] for file in json.loads(out)["files"]][1] == "read"
    monkeypatch.setattr(read, "Pool", lambda jobs: Pool(jobs, Limits(seconds=0)))
    code, out, err = run("read", good)
    assert (code, err) == (0, "")
    assert out.startswith(f"{good}: failed (reading it took longer than 0 s)\n")


def test_importing_twice_changes_nothing(run: Run, settings: Path, imported: Path) -> None:
    before = run("orders", "--all", "--json", "-c", settings)[1]
    code, out, _ = run("import", imported / "mails", "-c", settings)
    assert code == 0
    assert out == "import: 62 mails, 21 order mails read, 1 refused (inboxtrack attention)\n"
    assert run("orders", "--all", "--json", "-c", settings)[1] == before
