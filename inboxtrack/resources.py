"""Where the shipped templates and settings are: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    """`inboxtrack/_<name>` of a wheel, else `<name>` at the top of the checkout."""
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def templates_folder() -> Path:
    """The folder with `notify/` and `web/`."""
    return _folder("templates")


def config_folder() -> Path:
    """The folder with the example settings and the data that goes with them (providers, policies)."""
    return _folder("config")
