"""The KPI tree: from operating profit down to margin, cost to serve, activities, capacity and drivers; service beside.

Amounts carry the sign with which they enter operating profit, so that those below a node add up to it. What a node
contributes is the money by which operating profit changed through it. Below an activity stand its volume and what one
costs, below a resource's capacity its size, its use and its rate: each contributes what the amount above changes by as
it moves, one after the other, so that these add up too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.names import ALL, NONE

ROOT, SERVICE = "operating_profit", "service"
BESIDE = ("on_time", "in_full", "fill_rate", "perfect_orders", "lead_time_days", "cycle_time_days", "return_share")
"""What is told of service."""
COLUMNS = ["node", "parent", "level", "measure", "subject", "value", "previous", "contribution"]
_LEFT_OUT = 1e-9
"""An amount no larger than that, now and before, has no node of its own."""
_SIGNS = {"unused": -1, "overdriven": 1, "sustaining": -1, "unassigned": -1}
_OUTSIDE = "(outside)"

_Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class _Node:
    """A node of money: what it is called, its amount in each period, and what is below it."""

    measure: str
    subject: str
    amounts: tuple[float, float]
    below: tuple[_Node, ...] = ()
    drivers: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    of: Callable[..., float] = float


def kpi_tree(now: Costed, before: Costed | None, kpis: pd.DataFrame) -> pd.DataFrame:
    """Return table ``kpi_tree``; without a period to compare with, previous values and contributions are null."""
    sides = (now, before or now)
    rows = list(_rows(_operating(sides), None, 0))
    unit = kpis[(kpis["segment"] == ALL) & (kpis["channel"] == ALL)].set_index("kpi")
    rows.append((SERVICE, None, 0, SERVICE, NONE, None, None, None))
    for name in BESIDE:
        value, previous = unit.loc[name, ["value", "previous"]]
        if pd.notna(value) or pd.notna(previous):
            rows.append((f"{SERVICE}/{name}", SERVICE, 1, name, NONE, value, previous, None))
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = dict.fromkeys(["value", "previous", "contribution"], "float64")
    table = table.astype(numbers | {"level": "int64"})
    return table if before else table.assign(previous=float("nan"), contribution=float("nan"))


def _rows(node: _Node, parent: str | None, level: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a node, those below it and its drivers."""
    own = node.measure if node.subject == NONE else f"{node.measure}:{node.subject}"
    place = f"{parent}/{own}" if parent else own
    value, previous = node.amounts
    yield place, parent, level, node.measure, node.subject, value, previous, value - previous
    for each in node.below:
        yield from _rows(each, place, level + 1)
    parts = _stepwise(node.of, *node.values) if node.drivers else ()
    for name, now, before, part in zip(node.drivers, *node.values, parts, strict=True):
        yield f"{place}/{name}", place, level + 1, name, node.subject, now, before, part


def _stepwise(of: Callable[..., float], now: Sequence[float], before: Sequence[float]) -> list[float]:
    """Return by how much an amount changes as its drivers move from before to now, one after the other.

    >>> _stepwise(lambda volume, price: -volume * price, (12, 5.0), (10, 4.0))
    [-8.0, -12.0]
    """
    steps = [of(*now[:count], *before[count:]) for count in range(len(now) + 1)]
    return [after - at for at, after in pairwise(steps)]


def _operating(sides: tuple[Costed, Costed]) -> _Node:
    lines = [side.tables["statement"].set_index("line")["amount"] for side in sides]

    def line(name: str, below: Sequence[_Node] = ()) -> _Node:
        return _Node(name, NONE, (float(lines[0][name]), float(lines[1][name])), tuple(below))

    margin = line("gross_margin", [line("net_sales", [line("gross_sales"), line("discounts")]), line("cogs")])
    carried = line("cost_to_serve", _resources(sides))
    rest = [line(name, _terms(sides, name)) for name in _SIGNS]
    below = [margin, carried, *rest, line("outside_ledger")]
    return _Node(ROOT, NONE, line(ROOT).amounts, tuple(each for each in below if _is_there(each.amounts)))


def _resources(sides: tuple[Costed, Costed]) -> list[_Node]:
    """Return what customers carry, by resource and activity; what has no resource is one of its own."""
    done, rows = _of_both(sides, "activities", "activity")
    resources = pd.concat([table["resource"] for table in done[::-1]])
    resource_of = dict(zip(resources.index, resources, strict=True))
    by_resource: dict[str, list[_Node]] = {}
    for name, both in rows.items():
        resource, node = resource_of[name], _activity(name, both)
        if _is_there(node.amounts):
            by_resource.setdefault(_OUTSIDE if pd.isna(resource) else str(resource), []).append(node)
    return [
        _Node("carried", NONE if name == _OUTSIDE else name, _sum(below), tuple(below))
        for name, below in by_resource.items()
    ]


def _of_both(
    sides: tuple[Costed, Costed], table: str, key: str
) -> tuple[list[pd.DataFrame], dict[str, tuple[_Row, _Row]]]:
    """Return a table of both sides by a key, and its two rows of each that either has; null where one lacks it."""
    tables = [side.tables[table].set_index(key) for side in sides]
    names = list(dict.fromkeys([*tables[0].index, *tables[1].index]))
    now, before = (each.reindex(names).to_dict("records") for each in tables)
    return tables, dict(zip(names, zip(now, before, strict=True), strict=True))


def _amount(row: _Row, name: str, sign: int = 1) -> float:
    value = row[name]
    return 0.0 if pd.isna(value) else sign * float(value)


def _activity(name: str, rows: Sequence[_Row]) -> _Node:
    """Return an activity with its volume and what one costs; where there was none, the other's price weighs it."""
    costs = [_amount(row, "cost") for row in rows]
    volumes = [_amount(row, "volume") for row in rows]
    amounts = (-costs[0], -costs[1])
    prices = [cost / volume if volume else math.nan for cost, volume in zip(costs, volumes, strict=True)]
    known = [price for price in prices if not math.isnan(price)]
    if any(cost and not volume for cost, volume in zip(costs, volumes, strict=True)) or not known:
        return _Node("activity", name, amounts)
    values = ((volumes[0], prices[0]), (volumes[1], prices[1]))
    return _Node("activity", name, amounts, (), ("volume", "unit_cost"), values, partial(_carried, known[0]))


def _terms(sides: tuple[Costed, Costed], term: str) -> list[_Node]:
    """Return a term of the ledger's identity by resource; of capacity with its size, its use and its rate."""
    found = []
    for name, rows in _of_both(sides, "resources", "resource")[1].items():
        now, before = (_amount(row, term, _SIGNS[term]) for row in rows)
        if not _is_there((now, before)):
            continue
        figures = [tuple(float(row[key]) for key in ("capacity_minutes", "used_minutes", "rate")) for row in rows]
        is_timed = term in ("unused", "overdriven") and not pd.isna(figures).any()
        found.append(
            _Node(
                term,
                name,
                (now, before),
                (),
                ("capacity_minutes", "used_minutes", "rate") if is_timed else (),
                (figures[0], figures[1]) if is_timed else ((), ()),
                _unused if term == "unused" else _overdriven,
            )
        )
    return found


def _carried(usual: float, volume: float, price: float) -> float:
    return -volume * (usual if math.isnan(price) else price)


def _unused(capacity: float, used: float, rate: float) -> float:
    return -max(capacity - used, 0.0) * rate


def _overdriven(capacity: float, used: float, rate: float) -> float:
    return max(used - capacity, 0.0) * rate


def _sum(nodes: Sequence[_Node]) -> tuple[float, float]:
    return sum(node.amounts[0] for node in nodes), sum(node.amounts[1] for node in nodes)


def _is_there(amounts: tuple[float, float]) -> bool:
    return any(abs(amount) > _LEFT_OUT for amount in amounts)
