"""Help texts without types: a switch shown as "--json <bool>" reads as if it wanted a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """A command whose help shows no types. typer has no setting for it."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, the help option included."""
        return list(_plain(super().get_params(ctx)))


class PlainGroup(TyperGroup):
    """The same for the program itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, the help option included."""
        return list(_plain(super().get_params(ctx)))


def _plain(params: Iterable[Any]) -> Iterable[Any]:
    for param in params:
        if isinstance(param, TyperArgument) or (isinstance(param, TyperOption) and param.metavar is None):
            param.display_type_rich = _nothing  # type: ignore[method-assign]  # Typer has no setting for it
        yield param


def _nothing(ctx: Any) -> str | None:
    return None
