"""Every kind of mail ends as the table in `docs/trust.md` says, in its verdict and in what it does to an order."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace

import pytest

from inboxtrack.model import Fact, Order, Outcome, Source, SourceKind, Stage, State, Trust
from inboxtrack.orders import fold
from inboxtrack.reader import read
from tests.conftest import ROOT
from tests.forgeries import CONTEXT, KINDS, SHOPS, Shop, genuine

SHIFTS = (dt.timedelta(days=-3), dt.timedelta(hours=1), dt.timedelta(days=20))


def table() -> dict[str, tuple[str, str]]:
    """The rows of the table: kind -> (verdict, effect)."""
    rows = re.findall(r"^\| ([^|]+?) \| (\w+) \| ([^|]+?) \|", (ROOT / "docs" / "trust.md").read_text(), re.M)
    return {kind: (verdict, effect) for kind, verdict, effect in rows if verdict in VERDICTS}


VERDICTS = {"verified", "unverified", "failed", "imitation", "stranger"}
CASES = [pytest.param(kind, shop, id=f"{shop.key}: {kind}") for kind, shop in itertools.product(KINDS, SHOPS)]


def facts_of(raw: bytes, name: str) -> tuple[Fact, ...]:
    """The facts of a mail, stamped as when it is kept."""
    source = Source(SourceKind.RETAILER_MAIL, name)
    found = enumerate(read(raw, CONTEXT).facts)
    return tuple(replace(fact, source=source, key=f"{name}/{number}") for number, fact in found)


def moved(facts: tuple[Fact, ...], shift: dt.timedelta) -> tuple[Fact, ...]:
    return tuple(replace(fact, at=fact.at + shift) for fact in facts)


def of_shop(state: State, shop: Shop) -> Order:
    (order,) = [order for order in state.orders if order.retailer == shop.key]
    return order


def seen(state: State, shop: Shop) -> tuple[object, ...]:
    """What the user sees of the shop's order."""
    order = of_shop(state, shop)
    parcels = tuple((p.tracking, p.stage, p.numbers, p.orders) for p in state.parcels_of(order))
    return (order.number, order.stage, order.open, order.refund, order.eta, order.flags, order.trust, parcels)


def test_the_table_names_every_kind_that_is_tested() -> None:
    assert set(table()) == set(KINDS)
    assert 2 * len(CASES) >= 150


@pytest.mark.parametrize("news", ["shipped", "delivered"])
@pytest.mark.parametrize(("kind", "shop"), CASES)
def test_a_mail_is_judged_as_the_table_says(kind: str, shop: Shop, news: str) -> None:
    """covers: C8, C9, C10"""
    verdict, _ = table()[kind]
    found = read(KINDS[kind](getattr(shop, news), shop), CONTEXT)
    if verdict in ("failed", "imitation"):
        assert (found.outcome, found.imitates, found.facts) == (Outcome.QUARANTINED, shop.key, ()), found.reason
    elif verdict == "stranger":
        assert found.extractor != shop.key
    else:
        assert (found.outcome, found.extractor) == (Outcome.READ, shop.key), found.reason
        assert {fact.trust for fact in found.facts} == {Trust(verdict)}
        assert found.trust_reason


@pytest.mark.parametrize(("kind", "shop"), CASES)
def test_a_mail_does_to_an_order_what_the_table_says(kind: str, shop: Shop) -> None:
    """covers: C8"""
    _, effect = table()[kind]
    base = facts_of(genuine(shop.shipped, shop), "genuine")
    said = facts_of(KINDS[kind](shop.delivered, shop), "said")
    for shift in SHIFTS:
        after = fold([*base, *moved(said, shift)])
        if effect.startswith("moves"):
            assert of_shop(after, shop).stage is Stage.DELIVERED
        elif effect.startswith("advances"):
            stamps = {"trust": said[0].trust, "may_advance": said[0].may_advance, "source": said[0].source, "key": "x"}
            step = moved(tuple(replace(f, stage=Stage.OUT_FOR_DELIVERY, **stamps) for f in base), SHIFTS[2])
            assert of_shop(after, shop).stage is Stage.SHIPPED
            assert of_shop(fold([*base, *step]), shop).stage is Stage.OUT_FOR_DELIVERY
        else:
            assert seen(after, shop) == seen(fold(base), shop)


@pytest.mark.parametrize(("kind", "shop"), CASES)
def test_a_forgery_never_hides_the_genuine_delivery(kind: str, shop: Shop) -> None:
    """covers: C8"""
    base = facts_of(genuine(shop.shipped, shop), "genuine")
    done = facts_of(genuine(shop.delivered, shop), "done")
    said = facts_of(KINDS[kind](shop.delivered, shop), "said")
    for shift, arrival in itertools.product(SHIFTS, itertools.permutations((base, moved(said, SHIFTS[0]), done))):
        arrived = [fact for facts in (*arrival, moved(said, shift)) for fact in facts]
        order = of_shop(fold(arrived), shop)
        assert (order.stage, order.trust) == (Stage.DELIVERED, Trust.VERIFIED)


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.key)
def test_what_nobody_confirms_is_shown_as_such(shop: Shop) -> None:
    """covers: C8"""
    said = facts_of(KINDS["no results at all"](shop.delivered, shop), "said")
    order = of_shop(fold(said), shop)
    assert order.trust is Trust.UNVERIFIED
