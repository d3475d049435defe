"""The activities whose equations are sums: what the lines, and the kept orders and shipments, add up to by customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.compiled import CompiledActivity
from cts_lib.costing.drivers import Transactions, quoted
from cts_lib.costing.linear import Bounds, Linear, bounds, linear, may_sum, scaled_sum
from cts_lib.engine import Engine


@dataclass(frozen=True)
class Summed:
    """An activity that sums answer: its equation's parts, the relation of its things, and the lines' relation.

    ``known`` holds the bounds of the columns it sums, by relation.
    """

    activity: CompiledActivity
    parts: Linear
    things: str
    lines: str
    known: Mapping[str, Mapping[str, Bounds]]

    def weights(self, relation: str) -> dict[str, float]:
        """Return the weights of a relation's columns."""
        own = self.parts.kept if relation == self.things else {}
        return own | (self.parts.lines if relation == self.lines else {})

    @property
    def fixed(self) -> frozenset[str]:
        """The customers' drivers that its condition and its equation read."""
        when = self.activity.when.drivers if self.activity.when else frozenset[str]()
        return when | self.parts.rest.drivers


def summable(
    engine: Engine, activities: list[CompiledActivity], source: Transactions, limit: float
) -> dict[str, Summed]:
    """Return the activities that sums answer, by name, as far as the bounds of what the engine holds allow it."""
    known: dict[str, Mapping[str, Bounds]] = {}
    found = []
    for activity in activities:
        things = {"line": source.lines, **source.finished}.get(activity.grain.name)
        parts = linear(activity.quantity, activity.when, activity.grain) if things else None
        if things and parts:
            found.append(Summed(activity, parts, things, source.lines, known))
    for relation in {source.lines, *(item.things for item in found)}:
        known[relation] = bounds(engine, relation, {name for item in found for name in item.weights(relation)})
    return {
        item.activity.name: item
        for item in found
        if all(
            may_sum(item.weights(relation), known[relation], item.activity.may_be_negative, limit)
            for relation in {item.lines, item.things}
        )
    }


def sums_queries(summed: list[Summed], source: Transactions) -> dict[str, str]:
    """Return the SQL of the sums over each relation, by what it passes over."""
    relations = dict.fromkeys(name for item in summed for name in (item.lines, item.things))
    chosen = {
        relation: [item for item in summed if relation == item.things or item.weights(relation)]
        for relation in relations
    }
    return {_title(name): _query(name, items, source) for name, items in chosen.items() if items}


def is_doubtful(item: Summed, frames: dict[str, pd.DataFrame], limit: float) -> bool:
    """Say whether what counts once a thing is negative or too large, so that single things must be looked at."""
    rest = frames[_title(item.things)][f"{item.activity.name}:rest"]
    return bool(
        (~(rest.abs() < limit) & rest.notna()).any() or (not item.activity.may_be_negative and (rest < 0).any())
    )


def _title(relation: str) -> str:
    return f"sums over {relation}"


def _query(relation: str, summed: list[Summed], source: Transactions) -> str:
    """Sum a relation's columns by customer and channel, and weigh them by the equations."""
    grouped = ", ".join(quoted(key) for key in (*source.by, "customer_id", "channel"))
    columns = sorted({name for item in summed for name in item.weights(relation)})
    known = summed[0].known[relation]
    sums = "".join(f", {scaled_sum(name, known[name].reach)} AS _sum{place}" for place, name in enumerate(columns))
    cells = f"SELECT {grouped}, CAST(COUNT(*) AS DOUBLE) AS _things{sums} FROM {relation} GROUP BY {grouped}"
    fixed = {name: item.activity.grain.sources[name] for item in summed for name in item.fixed}
    named = "".join(
        f", {source} AS {quoted(name)}" for name, source in sorted(fixed.items()) if source.startswith("customer.")
    )
    if named:
        cells = (
            f"SELECT cell.*{named} FROM ({cells}) AS cell "
            "JOIN customers AS customer ON customer.customer_id = cell.customer_id"
        )
    shown = [grouped]
    for item in summed:
        name, happened, rest = item.activity.name, item.activity.happened, item.parts.rest.sql.sql("duckdb")
        weighed = [f"_sum{columns.index(column)} * {weight!r}" for column, weight in item.weights(relation).items()]
        if relation == item.things:
            weighed.append(f"({rest}) * _things")
            shown += [
                f"CASE WHEN {happened} THEN _things ELSE 0 END AS {quoted(f'{name}:volume')}",
                f"CASE WHEN {happened} AND ({rest}) IS NULL THEN _things ELSE 0 END AS {quoted(f'{name}:missing')}",
                f"CASE WHEN {happened} THEN {rest} END AS {quoted(f'{name}:rest')}",
            ]
        is_known = f" AND ({rest}) IS NOT NULL" if item.parts.rest.drivers else ""
        shown.append(f"CASE WHEN {happened}{is_known} THEN {' + '.join(weighed)} END AS {quoted(f'{name}:quantity')}")
    return f"SELECT {', '.join(shown)} FROM ({cells}) AS cell ORDER BY {grouped}"
