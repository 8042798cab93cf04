"""The contract of extractors, their discovery, and which of them a mail belongs to.

An extractor is a module of this package. It offers

* `NAME`: the sender as people call it, `SENDERS`: addresses or domains (with their subdomains), lower case,
  the one of order mails first;
* `REVISION`: raise it when `extract` reads more, so that stored mail is read again;
* `extract(mail) -> iterable of Fact`: pure. No facts means `unread`; raising `Ignored` means "known, no order news".

and may offer

* `STEP`: where it stands in the precedence (default: bound to a sender);
* `SOURCE`: who speaks (default: a retailer's mail);
* `claims(mail) -> bool`: whether the mail is its own (default: the sender matches `SENDERS`);
* `domains(mail) -> tuple of domains` that may speak for the mail's retailer (default: the domains of `SENDERS`);
* `SUBJECTS`: a compiled pattern for subjects of order mails (or what has its `search`), so that the header alone shows
  a candidate;
* `NEEDS_VERIFIED`: true where facts of a mail count only if its sender is confirmed (default: they are marked);
* `disowned(mail) -> str or None`: why a mail that looks its own cannot be its sender's (default: None).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import ModuleType
from typing import Protocol

from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact, SourceKind


class Ignored(Exception):
    """A mail of a known sender that holds no order news; the text says what it is."""


class Step(IntEnum):
    """Precedence where several extractors could claim a mail; within a step exactly one claims."""

    SENDER = 0
    RECIPE = 1
    PLATFORM = 2
    MARKUP = 3


def _owned(_mail: Mail) -> str | None:
    return None


class Searches(Protocol):
    """What says of a subject whether it may be one of an order's mail: a compiled pattern, or a table of phrases."""

    def search(self, subject: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Extractor:
    """An extractor module with its defaults filled in. `key` is the module's name."""

    key: str
    name: str
    senders: tuple[str, ...]
    revision: int
    step: Step
    source: SourceKind
    claims: Callable[[Mail], bool]
    domains: Callable[[Mail], tuple[str, ...]]
    extract: Callable[[Mail], Iterable[Fact]]
    subjects: Searches | None
    needs_verified: bool = False
    disowned: Callable[[Mail], str | None] = _owned


def sent_by(address: str, senders: Iterable[str]) -> bool:
    """Whether an address is one of the senders, or at one of their domains or a subdomain of it."""
    domain = address.rpartition("@")[2]
    return any(address == s if "@" in s else domain == s or domain.endswith("." + s) for s in senders)


def from_module(module: ModuleType) -> Extractor:
    """The extractor a module offers; AttributeError names what it lacks."""
    senders = tuple(module.SENDERS)
    own = tuple(dict.fromkeys(s.rpartition("@")[2] for s in senders))
    return Extractor(
        key=module.__name__.rpartition(".")[2],
        name=module.NAME,
        senders=senders,
        revision=module.REVISION,
        step=getattr(module, "STEP", Step.SENDER),
        source=getattr(module, "SOURCE", SourceKind.RETAILER_MAIL),
        claims=getattr(module, "claims", lambda mail: sent_by(mail.sender.origin, senders)),
        domains=getattr(module, "domains", lambda _mail: own),
        extract=module.extract,
        subjects=getattr(module, "SUBJECTS", None),
        needs_verified=getattr(module, "NEEDS_VERIFIED", False),
        disowned=getattr(module, "disowned", _owned),
    )


@cache
def discover() -> tuple[Extractor, ...]:
    """Every extractor of this package, by precedence and name. The folder is the list."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    found = [e for name in names for e in offered(importlib.import_module(f"{__name__}.{name}"))]
    return tuple(sorted(found, key=lambda extractor: (extractor.step, extractor.key)))


def offered(module: ModuleType) -> tuple[Extractor, ...]:
    """The extractors of a module: the one that it is, or those that its function `extractors` makes."""
    several: Callable[[], tuple[Extractor, ...]] | None = getattr(module, "extractors", None)
    return several() if several else (from_module(module),)


def with_recipes(recipes: Iterable[Extractor]) -> tuple[Extractor, ...]:
    """The built-in extractors and the user's recipes; a recipe with a built-in's key extends it and takes its place."""
    return tuple({extractor.key: extractor for extractor in (*discover(), *recipes)}.values())


def recognise(mail: Mail, extractors: Iterable[Extractor]) -> Extractor | None:
    """The extractor that claims a mail, by precedence."""
    return next((e for e in sorted(extractors, key=lambda e: e.step) if e.claims(mail)), None)


def is_candidate(header: Mail, extractors: Iterable[Extractor]) -> bool:
    """Whether a header alone shows a known sender or an order phrase, so that the body is worth fetching."""
    address, subject = header.sender.origin, header.subject
    return any(
        sent_by(address, e.senders) or (e.subjects is not None and e.subjects.search(subject)) for e in extractors
    )
