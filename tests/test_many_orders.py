"""Among many orders only what is touched is read and folded anew: counted, not timed."""

from __future__ import annotations

from pathlib import Path

from inboxtrack.model import State
from inboxtrack.orders import fold
from inboxtrack.store import Store
from tests.facts import CARRIER, Fact, on, told

MANY, OPEN = 300, 3


def history() -> list[Fact]:
    ended = [told("delivered", 5, order=f"AU{n}", tracking=f"T{n}") for n in range(MANY)]
    return ended + [told("shipped", 2, order=f"AU{n}", tracking=f"T{n}") for n in range(MANY, MANY + OPEN)]


def test_one_new_fact_folds_only_its_own_order(tmp_path: Path) -> None:
    with Store(tmp_path / "state") as store, store.transaction() as tx:
        for fact in history():
            tx.facts.add(fact)
        tx.facts.replace_state(State(), fold(history()), on(5))
        facts, nodes = tx.facts.component(tx.facts.add(told("in_transit", 6, by=CARRIER, tracking=f"T{MANY}")))
        assert sorted(fact.stage.value for fact in facts) == ["in_transit", "shipped"]
        assert nodes == {f"parcel/T{MANY}", f"order/hismile/AU{MANY}"}
        before = tx.facts.state(nodes)
        assert (len(before.orders), len(before.parcels)) == (1, 1)


def test_the_open_list_reads_only_what_is_open(tmp_path: Path) -> None:
    with Store(tmp_path / "state") as store, store.transaction() as tx:
        tx.facts.replace_state(State(), fold(history()), on(5))
        state = tx.facts.open_state()
        assert (len(state.orders), len(state.parcels)) == (OPEN, OPEN)
