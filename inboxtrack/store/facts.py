"""Facts, and the orders and parcels derived from them. Facts never change: reading a mail again replaces its facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from inboxtrack.model import Fact, Order, Parcel, State, Trust
from inboxtrack.orders.groups import shop_rank
from inboxtrack.orders.progress import ENDS
from inboxtrack.store.schema import fact, fact_node, order_state, parcel_node, parcel_state, shop_name

_CHUNK = 500


def nodes_of(told: Fact, names: Iterable[str] = ()) -> frozenset[str]:
    """What ties facts together: the order under each name of its shop, and each number."""
    shops = {told.retailer or "unknown", *told.shop, *names}
    orders = {f"order/{shop}/{told.order}" for shop in shops} if told.order else set()
    return frozenset(orders | {f"parcel/{number.value}" for number in told.numbers()})


class Facts:
    """The fact tables and what is derived from them, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known_names: dict[frozenset[str], frozenset[str]] = {}

    def add(self, told: Fact, mail_id: int | None = None) -> frozenset[str]:
        """Keep a fact; the nodes it touches. A fact with the same key is kept once.

        A fact that teaches a further name of a shop touches all orders of that shop.
        """
        names, further = self._learn_names(told) if told.trust is Trust.VERIFIED else (self._names(told), False)
        values = {"key": told.key, "mail_id": mail_id, "at": told.at, "payload": told}
        made = self._connection.execute(insert(fact).values(values).on_conflict_do_nothing()).inserted_primary_key
        row = self._connection.execute(sa.select(fact.c.id).where(fact.c.key == told.key)).scalar_one()
        nodes = nodes_of(told, names)
        if made and nodes:
            rows = [{"node": node, "fact_id": row} for node in sorted(nodes)]
            self._connection.execute(insert(fact_node).on_conflict_do_nothing(), rows)
        return nodes | self._orders_of(names) if further else nodes

    def _orders_of(self, shops: Iterable[str]) -> frozenset[str]:
        """The nodes of all orders of a shop under these names."""
        found: set[str] = set()
        for name in shops:
            after_slash = chr(ord("/") + 1)
            own = fact_node.c.node.between(f"order/{name}/", f"order/{name}{after_slash}")
            found |= set(self._connection.execute(sa.select(fact_node.c.node).distinct().where(own)).scalars())
        return frozenset(found)

    def of_order(self, order: tuple[str, str]) -> list[Fact]:
        """The facts that name an order, with the user's corrections that were undone."""
        return list(self._touching({f"order/{order[0]}/{order[1]}"}, ()).values())

    def of_mail(self, mail_id: int) -> list[Fact]:
        """The facts of one mail."""
        return list(self._connection.execute(sa.select(fact.c.payload).where(fact.c.mail_id == mail_id)).scalars())

    def drop_of_mail(self, mail_id: int) -> frozenset[str]:
        """Take back the facts of a mail that is read again; the nodes they touched."""
        told = self.of_mail(mail_id)
        nodes = frozenset[str]().union(*(nodes_of(one, self._names(one)) for one in told))
        self._connection.execute(sa.delete(fact).where(fact.c.mail_id == mail_id))
        return nodes

    def component(self, nodes: Iterable[str]) -> tuple[list[Fact], frozenset[str]]:
        """All facts that are tied to these nodes, directly or over others, and all their nodes."""
        known: set[str] = set()
        found: dict[int, Fact] = {}
        fresh = set(nodes)
        while fresh:
            known |= fresh
            told = self._touching(fresh, found.keys())
            found |= told
            names = {name for one in told.values() for name in self._names(one)}
            fresh = {node for one in told.values() for node in nodes_of(one, names & set(self._names(one)))} - known
        return list(found.values()), frozenset(known)

    def _touching(self, nodes: set[str], without: Iterable[int]) -> dict[int, Fact]:
        known = set(without)
        found: dict[int, Fact] = {}
        ordered = sorted(nodes)
        for start in range(0, len(ordered), _CHUNK):
            chunk = ordered[start : start + _CHUNK]
            wanted = sa.select(fact.c.id, fact.c.payload).distinct().join(fact_node).where(fact_node.c.node.in_(chunk))
            for row in self._connection.execute(wanted):
                if row.id not in known and row.id not in found:
                    found[row.id] = self._named(row.payload)
        return found

    def _named(self, told: Fact) -> Fact:
        """A fact with every name its shop is known by, also those other mails told; unproven mail is told its name."""
        if not told.order:
            return told
        names = self._names(told)
        if told.trust is not Trust.VERIFIED:
            return replace(told, retailer=min(names, key=shop_rank))
        return replace(told, shop=tuple(sorted(names - {told.retailer or "unknown"})))

    def _names(self, told: Fact) -> frozenset[str]:
        """All names of a fact's shop; what unproven mail says of further names does not count."""
        own = frozenset({told.retailer or "unknown", *(told.shop if told.trust is Trust.VERIFIED else ())})
        if not told.order:
            return own
        if own not in self._known_names:
            groups = sa.select(shop_name.c.same_as).where(shop_name.c.name.in_(own))
            rows = self._connection.execute(sa.select(shop_name.c.name).where(shop_name.c.same_as.in_(groups)))
            self._known_names[own] = own | frozenset(rows.scalars())
        return self._known_names[own]

    def _learn_names(self, told: Fact) -> tuple[frozenset[str], bool]:
        """Remember that the names in a verified fact are one shop; all its names, and whether that was new."""
        own = [name for name in (told.retailer, *told.shop) if name]
        if len(own) < 2:
            return (self._names(told) if own else frozenset()), False
        names = self._names(replace(told, order=told.order or "-"))
        first = min(names)
        same = sa.select(shop_name.c.name).where(shop_name.c.name.in_(names), shop_name.c.same_as == first)
        if names == set(self._connection.execute(same).scalars()):
            return names, False
        rows = [{"name": name, "same_as": first} for name in sorted(names)]
        statement = insert(shop_name)
        self._known_names.clear()
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"same_as": statement.excluded.same_as}), rows
        )
        return names, True

    def state(self, nodes: Iterable[str]) -> State:
        """The derived orders and parcels that stand at these nodes."""
        orders: list[Order] = []
        parcels: dict[str, Parcel] = {}
        for node in sorted(nodes):
            kind, _, rest = node.partition("/")
            if kind == "order":
                retailer, _, number = rest.partition("/")
                orders += self._order(retailer, number)
            else:
                wanted = sa.select(parcel_state.c.payload).join(parcel_node).where(parcel_node.c.node == node)
                parcels |= {parcel.id: parcel for parcel in self._connection.execute(wanted).scalars()}
        return State(tuple(orders), tuple(parcels.values()))

    def _order(self, retailer: str, number: str) -> list[Order]:
        same = sa.and_(order_state.c.retailer == retailer, order_state.c.number == number)
        return list(self._connection.execute(sa.select(order_state.c.payload).where(same)).scalars())

    def replace_state(self, before: State, after: State, now: dt.datetime) -> None:
        """Put the newly folded orders and parcels in the place of what stood there; what is the same stays."""
        before, after = _without(before, after), _without(after, before)
        ended = {}
        for order in before.orders:
            same = sa.and_(order_state.c.retailer == order.retailer, order_state.c.number == order.number)
            row = self._connection.execute(sa.select(order_state.c.ended_at).where(same)).first()
            ended[order.id] = row.ended_at if row else None
            self._connection.execute(sa.delete(order_state).where(same))
        for parcel in before.parcels:
            self._connection.execute(sa.delete(parcel_state).where(parcel_state.c.id == parcel.id))
        for order in after.orders:
            self._put_order(order, None if order.open else ended.get(order.id) or now)
        for parcel in after.parcels:
            self._put_parcel(parcel)

    def _put_order(self, order: Order, ended_at: dt.datetime | None) -> None:
        values = {
            "retailer": order.retailer,
            "number": order.number,
            "open": order.open,
            "stage": order.stage.value,
            "ended_at": ended_at,
            "payload": order,
        }
        statement = insert(order_state).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(order_state.primary_key), set_=values)
        )

    def _put_parcel(self, parcel: Parcel) -> None:
        lone = not parcel.orders and parcel.stage not in ENDS
        values = {"id": parcel.id, "lone_open": lone, "payload": parcel}
        statement = insert(parcel_state).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
        rows = [{"node": f"parcel/{n.value}", "parcel_id": parcel.id} for n in parcel.numbers]
        self._connection.execute(insert(parcel_node).on_conflict_do_nothing(), rows)

    def open_state(self, ended_since: dt.datetime | None = None) -> State:
        """The open orders with their parcels, open parcels without an order, and orders ended since a time."""
        wanted: sa.ColumnElement[bool] = order_state.c.open.is_(True)
        if ended_since is not None:
            wanted = sa.or_(wanted, order_state.c.ended_at >= ended_since)
        orders = tuple(self._connection.execute(sa.select(order_state.c.payload).where(wanted)).scalars())
        ids = {parcel_id for order in orders for parcel_id in order.parcels}
        return State(orders, (*self._parcels(ids), *self._lone()))

    def whole_state(self) -> State:
        """Every order and parcel there is."""
        orders = self._connection.execute(sa.select(order_state.c.payload)).scalars()
        parcels = self._connection.execute(sa.select(parcel_state.c.payload)).scalars()
        return State(tuple(orders), tuple(parcels))

    def find(self, text: str) -> list[Order]:
        """Orders whose number is the text, or ends with it; a leading # does not count."""
        number = text.strip().removeprefix("#")
        escaped = number.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        same = sa.func.lower(order_state.c.number) == number.lower()
        ends = order_state.c.number.ilike(f"%{escaped}", escape="\\")
        for condition in (same, ends):
            found = (
                self._connection.execute(sa.select(order_state.c.payload).where(condition).limit(50)).scalars().all()
            )
            if found:
                return list(found)
        return []

    def find_parcel(self, number: str) -> list[Parcel]:
        """Parcels that bear a number."""
        wanted = sa.select(parcel_state.c.payload).join(parcel_node).where(parcel_node.c.node == f"parcel/{number}")
        return list(self._connection.execute(wanted).scalars())

    def with_parcels(self, orders: Iterable[Order]) -> State:
        """Orders together with their parcels."""
        kept = tuple(orders)
        return State(kept, tuple(self._parcels({p for order in kept for p in order.parcels})))

    def by_keys(self, keys: Iterable[str]) -> list[Fact]:
        """Facts by their keys, in the order of their time."""
        ordered = sorted(set(keys))
        found: list[Fact] = []
        for start in range(0, len(ordered), _CHUNK):
            wanted = sa.select(fact.c.payload).where(fact.c.key.in_(ordered[start : start + _CHUNK]))
            found += self._connection.execute(wanted).scalars()
        return sorted(found, key=lambda told: (told.at, told.key))

    def with_reason(self, reason: str, limit: int = 200) -> list[Fact]:
        """Facts that give this reason, newest first."""
        same = fact.c.payload["reason"].as_string() == reason
        wanted = sa.select(fact.c.payload).where(same).order_by(fact.c.at.desc()).limit(limit)
        return list(self._connection.execute(wanted).scalars())

    def all_nodes(self) -> list[str]:
        """Every node there is: what a refold of everything touches."""
        return list(self._connection.execute(sa.select(fact_node.c.node).distinct()).scalars())

    def _parcels(self, ids: set[str]) -> list[Parcel]:
        found: list[Parcel] = []
        ordered = sorted(ids)
        for start in range(0, len(ordered), _CHUNK):
            wanted = sa.select(parcel_state.c.payload).where(parcel_state.c.id.in_(ordered[start : start + _CHUNK]))
            found += self._connection.execute(wanted).scalars()
        return found

    def _lone(self) -> list[Parcel]:
        lone = parcel_state.c.lone_open.is_(True)
        return list(self._connection.execute(sa.select(parcel_state.c.payload).where(lone)).scalars())


def _without(state: State, other: State) -> State:
    """What a state says otherwise than another."""
    orders = {order.id: order for order in other.orders}
    parcels = {parcel.id: parcel for parcel in other.parcels}
    return State(
        tuple(order for order in state.orders if orders.get(order.id) != order),
        tuple(parcel for parcel in state.parcels if parcels.get(parcel.id) != parcel),
    )
