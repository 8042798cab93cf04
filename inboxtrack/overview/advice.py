"""What to do next: one sentence for a situation, from `config/advice.toml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inboxtrack.model import Flag, Order, RefundState, Stage
from inboxtrack.overview.deadlines import Deadline
from inboxtrack.overview.silence import Signal


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence with places for {retailer}, {deadline} and {until}, and the words that must all hold for it.

    `claim` is the sentence that follows where a deadline still runs. `to_know`: there is nothing to do about it.
    """

    when: frozenset[str]
    text: str
    claim: str | None = None
    to_know: bool = False


def parse_advice(data: Mapping[str, Any]) -> tuple[Advice, ...]:
    """`config/advice.toml`: the first that holds is given."""
    return tuple(
        Advice(
            frozenset(entry["when"]),
            entry["text"],
            data["claim"] if entry.get("claim") else None,
            entry.get("to_know", False),
        )
        for entry in data["advice"]
    )


def situation(
    order: Order,
    stages: Iterable[Stage],
    flags: frozenset[Flag],
    signals: tuple[Signal, ...],
    deadline: Deadline | None,
    carrier_known: bool,
) -> frozenset[str]:
    """The words that hold for an order; `config/advice.toml` explains them.

    `stages` are its own and those of parcels that want the user.
    """
    words = {f"retailer:{order.retailer}", f"reason:{order.reason}"} | {stage.value for stage in stages}
    words |= {flag.value for flag in flags} | {signal.what.value for signal in signals}
    if deadline:
        words.add("deadline")
    if carrier_known:
        words.add("carrier")
    if order.refund and order.refund.state is not RefundState.ARRIVED:
        words.add("refund_pending")
    return frozenset(words)


def english_day(day: dt.date) -> str:
    """A day in a sentence: "5 March 2026"."""
    return f"{day:%-d %B %Y}"


def advise(
    table: tuple[Advice, ...],
    words: frozenset[str],
    retailer_name: str,
    deadline: Deadline | None,
    day: Callable[[dt.date], str] = english_day,
) -> Advice | None:
    """The first whose words all hold, its places filled, or None. `day` writes a day in the table's language."""
    for advice in table:
        if advice.when <= words:
            return replace(advice, text=_filled(advice, retailer_name, deadline, day))
    return None


def _filled(advice: Advice, retailer_name: str, deadline: Deadline | None, day: Callable[[dt.date], str]) -> str:
    text = f"{advice.text} {advice.claim}" if advice.claim and deadline else advice.text
    until = day(deadline.until) if deadline else ""
    return text.format(retailer=retailer_name, deadline=deadline.what if deadline else "", until=until)
