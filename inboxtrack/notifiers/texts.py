"""The templates of all messages: found, sandboxed, translated. What a mail said reaches them only as values."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from inboxtrack.resources import templates_folder

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_CATALOGUES = Path(__file__).parent / "translations"


class TemplateError(Exception):
    """One of the user's own templates cannot be used; the text names the file and the line."""


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The words of a language ("de" or "de_AT"), read from `translations/<language>.po`; English without one."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for name in (language, language.partition("_")[0]):
        path = _CATALOGUES / f"{name}.po"
        if path.is_file():
            compiled = io.BytesIO()
            with path.open(encoding="utf-8") as file:
                write_mo(compiled, read_po(file, locale=name))
            compiled.seek(0)
            return gettext.GNUTranslations(compiled)
    return gettext.NullTranslations()


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Whole sentences with {values}, from `translations/troubles.<language>.po`; none without one."""
    from babel.messages.pofile import read_po

    for name in (language, language.partition("_")[0]):
        path = _CATALOGUES / f"troubles.{name}.po"
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                return {str(one.id): str(one.string) for one in read_po(file, locale=name) if one.id}
    return {}


@cache
def environment(language: str, own: Path | None) -> SandboxedEnvironment:
    """The templates of `templates/notify`, single ones replaced by those of the user's folder `own`."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    folders = [folder for folder in (own, templates_folder() / "notify") if folder]
    found = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.policies["ext.i18n.trimmed"] = True
    found.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined] # by the extension
    return found


def render(language: str, own: Path | None, name: str, **values: object) -> str:
    """The text of a template, without blanks at its ends. Raises TemplateError."""
    from jinja2 import TemplateError as JinjaError
    from jinja2 import TemplateSyntaxError

    try:
        return environment(language, own).get_template(name).render(values).strip()
    except TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename}, line {error.lineno}: {error.message}") from None
    except JinjaError as error:
        raise TemplateError(f"template {name}: {error}; compare it with the one that inboxtrack ships") from None


def check_own(language: str, own: Path) -> list[str]:
    """The names of the user's own templates. Raises TemplateError for one that replaces nothing or cannot be read."""
    from jinja2 import TemplateSyntaxError

    shipped = {path.name for path in (templates_folder() / "notify").glob("*.j2")}
    names = sorted(path.name for path in own.iterdir() if path.is_file() and not path.name.startswith("."))
    for name in names:
        if name not in shipped:
            meant = get_close_matches(name, shipped, 1)
            raise TemplateError(f"{own / name} replaces no template{f': did you mean {meant[0]}?' if meant else ''}")
        try:
            environment(language, own).get_template(name)
        except TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename}, line {error.lineno}: {error.message}") from None
    return names


def one_line(text: str) -> str:
    """The text with every run of blanks and line ends as one blank."""
    return " ".join(text.split())
