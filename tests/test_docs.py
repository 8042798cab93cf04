"""README, settings example and docs against the code: what they name exists, and what exists is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer

from inboxtrack.cli import app
from inboxtrack.config import parse
from inboxtrack.config.settings import ChannelSettings, Digest, General, Heartbeat, MailboxSettings, Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / "config" / "inboxtrack.example.toml").read_text()
SECTIONS = {
    "general": General,
    "mailbox": MailboxSettings,
    "channel": ChannelSettings,
    "digest": Digest,
    "heartbeat": Heartbeat,
}
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def commands() -> dict[str, typer.core.TyperCommand]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def uncommented() -> str:
    """The example with every setting switched on."""
    return re.sub(r"^#(?=[\w\"])", "", EXAMPLE, flags=re.M)


def test_every_command_is_in_the_readme_and_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"`inboxtrack ([a-z-]+)", README)) | set(
        re.findall(r"^\$ inboxtrack ([a-z-]+)", README, re.M)
    )
    assert named == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_with_an_example(name: str) -> None:
    command = commands()[name]
    assert (command.help or "").strip()
    assert f"inboxtrack {name}" in (command.epilog or "")


@pytest.mark.parametrize("name", ["", *sorted(commands())])
def test_help_shows_no_types(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    app([*filter(None, [name]), "--help"], standalone_mode=False)
    told = capsys.readouterr().out
    assert "--help" in told
    assert not re.search(r"<\w", told)


def test_every_option_in_the_readme_exists() -> None:
    known = {option for command in commands().values() for p in command.params for option in p.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) <= known | {"--help", "--user", "--now"}


def test_every_setting_is_in_the_readme() -> None:
    for section in SECTIONS.values():
        for name in section.model_fields:
            assert f"`{name}`" in README, name


def test_every_setting_that_the_readme_names_exists() -> None:
    table = README[README.index("| section | settings |") : README.index("Secrets are looked for")]
    rows = re.findall(r"^\|[^|]*\|([^|\n]*)\|$", table, re.M)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    known = {name for section in SECTIONS.values() for name in section.model_fields}
    assert len(named) > 40
    assert named <= known


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_setting_is_in_the_example_with_a_line_why(section: str) -> None:
    values = tomllib.loads(uncommented())[section]
    given = values[0] if isinstance(values, list) else values
    assert set(SECTIONS[section].model_fields) == set(given)


def test_defaults_in_the_example_are_the_defaults() -> None:
    values = tomllib.loads(uncommented())
    for section in ("general", "digest"):
        for name, value in values[section].items():
            default = SECTIONS[section].model_fields[name].default
            if default is not None:
                assert value == default, name


def test_the_example_as_it_stands_is_valid(tmp_path: Path) -> None:
    settings = parse(tomllib.loads(EXAMPLE), tmp_path / "inboxtrack.toml")
    assert [mailbox.name for mailbox in settings.mailboxes] == ["home"]
    assert isinstance(settings, Settings)


def test_the_example_with_everything_switched_on_is_valid_but_for_what_excludes_each_other(tmp_path: Path) -> None:
    values = tomllib.loads(uncommented())
    assert parse(values, tmp_path / "inboxtrack.toml").mailboxes[0].idle is True


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_links_and_files_that_docs_name_exist(doc: Path) -> None:
    text = doc.read_text()
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    named = re.findall(r"`((?:inboxtrack|tests|config|docs|templates|bench)/[\w./-]+)`", text)
    for target in targets:
        assert (doc.parent / target).exists(), target
    if doc.name == "adding-a-retailer.md":
        return  # it names the files that its reader is about to write
    for path in named:
        assert (ROOT / path).exists() or any(ROOT.glob(path.replace("<", "*"))), path


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_toml_in_docs_parses(doc: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", doc.read_text(), re.S):
        tomllib.loads(block)


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    for doc in (ROOT / "docs").glob("*.md"):
        assert doc.name == "README.md" or f"({doc.name})" in index, doc.name


def test_every_make_word_in_the_docs_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    words = {word for doc in DOCS for word in re.findall(r"`make ([a-z-]+)`", doc.read_text())}
    assert words
    assert all(re.search(rf"^{word}:", makefile, re.M) for word in words), words


def test_what_the_makefile_runs_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    files = re.findall(r"\$\(BIN\)/python (\S+\.py)|pytest -q (\S+\.py)", makefile)
    modules = re.findall(r"\$\(BIN\)/python -m ([\w.]+)", makefile)
    assert files
    assert modules
    assert all((ROOT / (script or test)).is_file() for script, test in files)
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_ci_runs_the_readmes_test_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    lines = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]
    assert "$ make test" in README
