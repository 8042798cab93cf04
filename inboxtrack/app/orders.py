"""The user's orders: the list of them, what a number means, an order's story, and the user's own word on it."""

from __future__ import annotations

import datetime as dt
import gettext
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from inboxtrack.app.corrections import OrderId, UnknownRetailer, added, correction, retailer_named, says_again, undoing
from inboxtrack.app.digest import latest_digest, without_given_up
from inboxtrack.app.evidence import drop_copy, keep_copy
from inboxtrack.config.settings import Settings
from inboxtrack.keeping import MailRow
from inboxtrack.model import Correction, Fact, Order, State
from inboxtrack.notifiers.texts import catalogue
from inboxtrack.notifiers.words import long_day
from inboxtrack.orders import PROVISIONAL, provisional
from inboxtrack.overview import OrderView, OverviewSettings, overview
from inboxtrack.overview.settings import overview_settings, translated
from inboxtrack.pipeline import correct
from inboxtrack.store import Store
from inboxtrack.tracking.numbers import in_slot

LONGEST_CLAIM = dt.timedelta(days=60)
"""How long after its end an order is still looked at for deadlines."""


class UnknownOrder(Exception):
    """No order or parcel bears this number, or several do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order's story: the fact, and the mail that said it, where one did."""

    fact: Fact
    mail: MailRow | None


@dataclass(frozen=True)
class Orders:
    """What commands ask and say of orders. `recipes` are the keys of the user's shops."""

    settings: Settings
    store: Store
    clock: Callable[[], dt.datetime]
    recipes: Callable[[], Iterable[str]]

    # -- the list --------------------------------------------------------------------------------------------------

    def overview(self, *, everything: bool = False, now: dt.datetime | None = None) -> tuple[OrderView, ...]:
        """The open orders, or every one, what needs action first. Given-up orders leave after a digest told of them."""
        now = now or self.clock()
        with self.store.reading() as tx:
            state = tx.facts.whole_state() if everything else tx.facts.open_state()
        views = self._views(state, now)
        return views if everything else without_given_up(views, latest_digest(self.store) or now)

    def with_deadlines(self, now: dt.datetime) -> tuple[OrderView, ...]:
        """The open orders, and those that ended so lately that something may still be claimed."""
        with self.store.reading() as tx:
            return self._views(tx.facts.open_state(now - LONGEST_CLAIM), now)

    def views_told(self, state: State, now: dt.datetime) -> tuple[OrderView, ...]:
        """A state as messages tell it."""
        return overview(provisional(state), now, self._told_settings)

    def _views(self, state: State, now: dt.datetime) -> tuple[OrderView, ...]:
        """A state as a person wants to see it."""
        return overview(provisional(state), now, self._overview_settings)

    @cached_property
    def _overview_settings(self) -> OverviewSettings:
        """How orders are judged and named."""
        general, own = self.settings.general, self.settings
        return overview_settings(general.zone, general.home_country, thresholds=own.thresholds, policies=own.policies)

    @cached_property
    def _told_settings(self) -> OverviewSettings:
        """The same with advice and deadlines in the language of messages, where there are words of it."""
        language = self.settings.general.language
        words = catalogue(language)
        if not isinstance(words, gettext.GNUTranslations):
            return self._overview_settings
        return translated(self._overview_settings, words.gettext, partial(long_day, language))

    # -- one order -------------------------------------------------------------------------------------------------

    def find(self, text: str, now: dt.datetime | None = None) -> tuple[OrderView, ...]:
        """Orders by their number, the end of it, RETAILER/NUMBER, or a parcel's number. Raises UnknownOrder."""
        found = self._views(self._state_of(text), now or self.clock())
        if not found:
            cure = "give its last characters, or all; `inboxtrack orders --all` lists them"
            raise UnknownOrder(f"no order or parcel with the number {text!r}: {cure}")
        return found

    def _state_of(self, text: str) -> State:
        """The orders that a text means with all their parcels; else the parcels that no order is known of."""
        with self.store.reading() as tx:
            name, _, rest = text.partition("/")
            orders = tx.facts.find(text) or (_of_retailer(tx.facts.find(rest), name) if rest else [])
            parcels = [] if orders else tx.facts.find_parcel("".join(text.split()).upper())
            ids = {order for parcel in parcels for order in parcel.orders}
            orders += [order for one in ids for order in tx.facts.find(one[1]) if order.id == one]
            return tx.facts.with_parcels(_each_once(orders)) if orders else State((), tuple(parcels))

    def find_one(self, text: str) -> OrderView:
        """The one order that a text means. Raises UnknownOrder when there are several."""
        found = self.find(text)
        if len(found) > 1:
            names = ", ".join(shlex.quote(f"{_typed(view)}/{view.order.number}") for view in found[:5])
            raise UnknownOrder(f"{text!r} fits several orders ({names}): write one of these, or more of the number")
        return found[0]

    def story(self, view: OrderView) -> tuple[Line, ...]:
        """Every line of an order and its parcels, oldest first, with the mails that said them."""
        keys = {*view.order.fact_keys, *(key for shown in view.parcels for key in shown.parcel.fact_keys)}
        with self.store.reading() as tx:
            facts = tx.facts.by_keys(keys)
            mails = {f.source.ref: tx.mails.by_key(f.source.ref) for f in facts if f.source}
        return tuple(Line(fact, mails.get(fact.source.ref) if fact.source else None) for fact in facts)

    def shop_of(self, fact: Fact) -> str:
        """What people call the shop that a fact is of; empty in a carrier's mail that does not name it."""
        return self._overview_settings.names.get(fact.retailer or "") or fact.shop_name or fact.retailer or ""

    # -- the user's word -------------------------------------------------------------------------------------------

    def add(self, retailer: str, number: str, tracking: str | None) -> tuple[OrderView, bool]:
        """Follow an order that no mail told of, and whether it was known already. Raises UnknownRetailer."""
        now, retailer = self.clock(), self.retailer_named(retailer)
        with self.store.reading() as tx:
            known = any(order.number == number for order in _of_retailer(tx.facts.find(number), retailer))
            parcels = tx.facts.find_parcel(tracking) if tracking else []
        # What the look of a number says must not overrule a carrier that a mail named.
        carrier = in_slot(tracking)[1] if tracking and not any(parcel.carrier for parcel in parcels) else None
        stands = bool(parcels) if tracking else known
        self._keep(added(retailer, number, tracking, now, carrier=carrier, known=stands), (retailer, number))
        return next(v for v in self.find(f"{retailer}/{number}", now) if v.order.number == number), known

    def retailer_named(self, text: str) -> str:
        """The retailer that the user means, one of a recipe or of an order included. Raises UnknownRetailer."""
        names = {key: name for key, name in self._overview_settings.names.items() if key != PROVISIONAL}
        try:
            return retailer_named(text, names, self.recipes())
        except UnknownRetailer:
            with self.store.reading() as tx:
                return retailer_named(text, names, {order.retailer for order in tx.facts.whole_state().orders})

    def correct(self, kind: Correction, order: OrderId, text: str | None = None) -> bool:
        """Keep what the user says of an order; False when it was said already. Raises UnknownOrder."""
        if order[0] == PROVISIONAL:
            raise UnknownOrder(f"the order of parcel {order[1]} is not known yet: inboxtrack link ORDER {order[1]}")
        if kind is Correction.SPLIT and not self._has_parcel(order, text or ""):
            raise UnknownOrder(f"order {order[1]} has no parcel {text}: inboxtrack show {order[1]} lists its parcels")
        return self._keep(correction(kind, order, text, self.clock()), order)

    def _has_parcel(self, order: OrderId, number: str) -> bool:
        """Whether a parcel of this number belongs to an order, or did before the user parted them."""
        with self.store.reading() as tx:
            named = {one.value for fact in tx.facts.of_order(order) for one in fact.numbers()}
            return number in named or any(order in parcel.orders for parcel in tx.facts.find_parcel(number))

    def _keep(self, word: Fact, order: OrderId) -> bool:
        """Keep the user's word unless it stands already; whether it was new."""
        with self.store.transaction() as tx:
            if says_again(word, tx.facts.of_order(order)):
                return False
            correct(word, tx, word.at)
        return True

    def undo(self, kind: Correction | None, order: OrderId, text: str | None = None) -> None:
        """Take back what the user said of an order last; no `kind` stands for `add`. Raises NothingToUndo."""
        now = self.clock()
        with self.store.transaction() as tx:
            facts = tx.facts.of_order(order)
            undone = undoing(kind, order, text, facts, now)
            for fact in undone:
                correct(fact, tx, now)
        if kind is Correction.ATTACH:
            keys = {fact.text for fact in undone}
            drop_copy(self.settings.general.state, next(one.text or "" for one in facts if one.key in keys))

    def attach(self, order: OrderId, file: Path) -> Path:
        """Keep a copy of a file with an order; where it lies. Raises OSError."""
        kept = keep_copy(self.settings.general.state, file)
        self.correct(Correction.ATTACH, order, f"{kept.name} {file.name}")
        return kept


def _typed(view: OrderView) -> str:
    """A retailer as one types it: by its key; a shop known by a bare number by its name."""
    return view.retailer_name if ":" in view.order.retailer else view.order.retailer


def _of_retailer(orders: Sequence[Order], name: str) -> list[Order]:
    """Those of a retailer, or of a shop by any of its domains; where none is, of shops that call themselves so."""
    wanted = name.strip().casefold()
    known = [order for order in orders if wanted in (order.retailer, *order.shop)]
    return known or [order for order in orders if order.shop_name and wanted == order.shop_name.casefold()]


def _each_once(orders: Sequence[Order]) -> list[Order]:
    return list({order.id: order for order in orders}.values())
