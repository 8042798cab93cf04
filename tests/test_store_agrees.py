"""Facts that come one by one into the store, in any order, end in the state that all of them fold to at once."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.model import Correction, Fact, Order, Parcel, State, Trust
from inboxtrack.orders import fold
from inboxtrack.pipeline import nobody, settle
from inboxtrack.store import Store
from tests import story_language
from tests.random_facts import facts, in_words
from tests.story_language import on

SETS = 2_000 if os.environ.get("INBOXTRACK_LONG") else 24
ALIAS = "shopify:9001"


def parts(state: State) -> tuple[set[Order], set[Parcel]]:
    """Orders and parcels; an order in the store may know names of its shop that none of its own facts tells."""
    return {replace(order, shop=()) for order in state.orders}, set(state.parcels)


def kept(told: Iterable[Fact], folder: Path) -> State:
    with Store(folder) as store, store.transaction() as tx:
        for fact in told:
            settle(tx.facts.add(fact), tx, nobody, on(0), silent=True)
        return tx.facts.whole_state()


def possible(told: list[Fact]) -> list[Fact]:
    """Without undoing what was said of another order, which no command does."""
    orders = {fact.key: (fact.retailer, fact.order) for fact in told if fact.correction}
    undo = Correction.UNDO
    return [f for f in told if f.correction is not undo or orders.get(f.text or "") == (f.retailer, f.order)]


def with_aliases(told: list[Fact], seed: int) -> list[Fact]:
    """The same facts where one shop is known by two names, of which some mails tell both."""
    rng = random.Random(seed)
    return [_alias(fact, rng) if fact.retailer == "alpha" else fact for fact in told]


def _alias(fact: Fact, rng: random.Random) -> Fact:
    both = fact.trust is Trust.VERIFIED and fact.correction is None and rng.random() < 0.4
    retailer, other = rng.sample(["alpha", ALIAS], 2)
    return replace(fact, retailer=retailer, shop=(other,) if both else ())


@pytest.mark.parametrize("seed", range(SETS))
def test_the_store_agrees_with_the_fold(seed: int, tmp_path: Path) -> None:
    told = possible(facts(seed))
    told = with_aliases(told, seed) if seed % 2 else told
    random.Random(seed).shuffle(told)
    assert parts(kept(told, tmp_path / "state")) == parts(fold(told)), in_words(told)


def test_a_name_that_is_learned_late_holds_for_all_orders_of_the_shop(tmp_path: Path) -> None:
    told = story_language.facts(
        """
        0  shop  cups.example 1001      placed  shop=shopify:9001
        1  shop  shopify:9001 1002      placed
        2  shop  shopify:9001 1001 #T1  shipped
        """
    )
    for n, arrival in enumerate(itertools.permutations(told)):
        state = kept(arrival, tmp_path / str(n))
        assert {order.id for order in state.orders} == {("cups.example", "1001"), ("cups.example", "1002")}
