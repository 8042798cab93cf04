"""The open list among many orders: `python bench/open_list.py [orders]` (default 100,000, of which 30 are open).

Prints how long the list takes from the store to the view, and how many facts one new fact folds anew.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from inboxtrack.model import State
from inboxtrack.orders import fold
from inboxtrack.overview import overview
from inboxtrack.overview.settings import overview_settings
from inboxtrack.store import Store
from tests.facts import on, told

OPEN = 30
ROUNDS = 50


def fill(store: Store, count: int) -> None:
    """Orders that were placed, shipped and, all but the last ones, delivered."""
    for start in range(0, count, 1_000):
        facts = [
            told(stage, day, order=f"AU{n}", **({"tracking": f"T{n}"} if day else {}))
            for n in range(start, min(start + 1_000, count))
            for stage, day in (("placed", 0), ("shipped", 2), ("delivered", 5))
            if stage != "delivered" or n < count - OPEN
        ]
        with store.transaction() as tx:
            for fact in facts:
                tx.facts.add(fact)
            tx.facts.replace_state(State(), fold(facts), on(5))


def median_ms(work: Callable[[], object]) -> float:
    """The middle of many rounds, in CPU time, so that it holds on a busy machine too."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append((time.process_time() - begun) * 1_000)
    return statistics.median(taken)


def main(count: int) -> None:
    settings = overview_settings(ZoneInfo("Europe/Berlin"), "DE")
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "state") as store:
        fill(store, count)

        def listed() -> int:
            with store.reading() as tx:
                return len(overview(tx.facts.open_state(), on(6), settings))

        taken = median_ms(listed)
        print(f"{count:,} orders, {listed()} open: the open list takes {taken:.1f} ms of CPU (median of {ROUNDS})")
        with store.transaction() as tx:
            begun = dt.datetime.now(dt.UTC)
            facts, _ = tx.facts.component(tx.facts.add(told("in_transit", 6, tracking=f"T{count - 1}")))
            spent = dt.datetime.now(dt.UTC) - begun
        print(f"one new fact folds {len(facts)} facts anew, in {spent / dt.timedelta(milliseconds=1):.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
