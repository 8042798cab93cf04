"""A retailer's number that falls silent when a carrier's number appears for the same orders is the same parcel."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from inboxtrack.model import Link
from inboxtrack.orders.draft import Draft, OrderId


def supersede(found: list[Draft]) -> list[Draft]:
    """Merge a retailer's number that fell silent into the carrier number that took over for the same orders.

    A parcel that has a number of the retailer's own beside the carrier's took over from no other. Where more numbers
    fell silent than carrier numbers appeared, nobody can say which is which: none is merged.
    """
    by_orders: dict[frozenset[OrderId], list[Draft]] = defaultdict(list)
    for draft in found:
        if draft.orders:
            by_orders[frozenset(draft.orders)].append(draft)
    merged: list[Draft] = []
    taken: set[int] = set()
    for group in by_orders.values():
        for old, new in _hand_overs(group):
            merged.append(_merge(old, new))
            taken |= {id(old), id(new)}
    return merged + [draft for draft in found if id(draft) not in taken]


def _hand_overs(group: list[Draft]) -> list[tuple[Draft, Draft]]:
    carriers = sorted((d for d in group if d.by_others_alone), key=lambda d: (d.first, d.id))
    silent = [d for d in group if d.by_retailer_alone and any(d.last < c.first for c in carriers)]
    if len(silent) > len(carriers):
        return []
    pairs = []
    for old in sorted(silent, key=lambda d: (d.last, d.id)):
        new = next((c for c in carriers if old.last < c.first), None)
        if new is not None:
            carriers.remove(new)
            pairs.append((old, new))
    return pairs


def _merge(old: Draft, new: Draft) -> Draft:
    reason = f"{', '.join(sorted(old.numbers))} fell silent when this number appeared for the same orders"
    inferred = [
        Link(number=n, order=None, reason=reason, fact_key=new.mentions[0].fact.key) for n in sorted(new.numbers)
    ]
    return replace(
        new,
        mentions=old.mentions + new.mentions,
        numbers=new.numbers | {k: v for k, v in old.numbers.items() if k not in new.numbers},
        superseded=frozenset(old.numbers) - frozenset(new.numbers),
        links=new.links + old.links + inferred,
        generation=old.generation,
        guests=old.guests + new.guests,
        split=old.split | new.split,
    )
