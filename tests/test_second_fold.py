"""The fold agrees with a second one that was written from the design alone, on 10,000 random sets of facts."""

from __future__ import annotations

import pytest

from inboxtrack.model import State
from inboxtrack.orders import fold
from tests.random_facts import facts, in_words
from tests.second_fold import SeenOrder, SeenParcel, second_fold

SETS, SETS_AT_ONCE = 10_000, 500


def seen(state: State) -> tuple[frozenset[SeenOrder], frozenset[SeenParcel]]:
    """A state in the second fold's words."""
    values = {parcel.id: frozenset(number.value for number in parcel.numbers) for parcel in state.parcels}
    orders = {
        SeenOrder(
            name=order.id,
            stage=order.stage,
            parcels=frozenset(values[parcel_id] for parcel_id in order.parcels),
            more_to_come=order.more_to_come,
            open=order.open,
            muted=order.muted,
            trust=order.trust,
        )
        for order in state.orders
    }
    parcels = {SeenParcel(values[p.id], p.superseded, p.stage, frozenset(p.orders), p.trust) for p in state.parcels}
    return frozenset(orders), frozenset(parcels)


@pytest.mark.parametrize("first", range(0, SETS, SETS_AT_ONCE))
def test_both_folds_agree(first: int) -> None:
    for seed in range(first, first + SETS_AT_ONCE):
        given = facts(seed)
        assert seen(fold(given)) == second_fold(given), f"seed {seed}\n{in_words(given)}"
