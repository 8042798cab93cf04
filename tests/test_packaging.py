"""The wheel holds everything a user needs, and the command works from it alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


def test_templates_settings_and_data_are_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, target in (("templates", "_templates"), ("config", "_config")):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file():
                assert f"inboxtrack/{target}/{file.relative_to(ROOT / folder)}" in names
    data = [f for f in (ROOT / "inboxtrack").rglob("*") if f.suffix in (".toml", ".json", ".po", ".py")]
    assert {str(file.relative_to(ROOT)) for file in data} <= names


def test_it_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    ask = [sys.executable, "-c", "import inboxtrack; print(inboxtrack.__file__)"]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    found = subprocess.run(ask, env=environment, cwd="/", capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(tmp_path))
    run = [sys.executable, "-m", "inboxtrack", "init", "--config", str(tmp_path / "made.toml")]
    subprocess.run(run, env=environment, cwd="/", check=True, capture_output=True)
    assert "[[mailbox]]" in (tmp_path / "made.toml").read_text()
