"""The activities whose equations are sums: sums of the lines, kept orders and kept shipments by customer.

Assumes what `linear` does, and that what else an equation or condition reads is the same for all units of a customer
and channel: it is then computed once a cell and multiplied by the number of units, which is exact as that is whole. A
value once a unit that turns out negative or too large sends the activity back to its units of work (`is_doubtful`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cts_lib.cube.linear import Bounds, Linear, bounds, linear, may_sum, scaled_sum
from cts_lib.cube.parts import Part
from cts_lib.engine import Engine, quoted
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import KEPT, Transactions, of_line, summed_units, sums_by_customer


@dataclass(frozen=True)
class Summed:
    """An activity that is a sum of columns: its equation's parts, and the relations of its units and of the lines.

    ``known`` holds the bounds of the columns it sums, by relation.
    """

    activity: CompiledActivity
    parts: Linear
    units: str
    lines: str
    known: Mapping[str, Mapping[str, Bounds]]

    def weights(self, relation: str) -> dict[str, float]:
        """Return the weights of a relation's columns."""
        weights = self.parts.kept if relation == self.units else {}
        return weights | (self.parts.lines if relation == self.lines else {})

    @property
    def fixed(self) -> frozenset[str]:
        """The customers' drivers that its condition and its equation read."""
        when = self.activity.when.drivers if self.activity.when else frozenset[str]()
        return when | (self.parts.rest.drivers if self.parts.rest else frozenset())

    def may_hold(self, limit: float) -> bool:
        """Say whether the constant can neither be negative nor too large."""
        return abs(self.parts.constant) < limit and (self.activity.may_be_negative or self.parts.constant >= 0)


def summable(
    engine: Engine, activities: list[CompiledActivity], source: Transactions, limit: float
) -> dict[str, Summed]:
    """Return the activities that are sums of columns, by name, as far as the columns' bounds allow it."""
    known: dict[str, Mapping[str, Bounds]] = {}
    linear_ones = []
    for activity in activities:
        units = {"line": source.lines, **source.finished}.get(activity.grain.name)
        parts = linear(activity.quantity, activity.when, activity.grain) if units else None
        if units and parts:
            linear_ones.append(Summed(activity, parts, units, source.lines, known))
    for relation in {source.lines, *(item.units for item in linear_ones)}:
        are_lines = relation == source.lines
        columns = sorted({name for item in linear_ones for name in item.weights(relation)})
        values = {name: of_line(name) if are_lines else quoted(name) for name in columns}
        known[relation] = bounds(engine, relation, values, source.decimals if are_lines else "")
    return {
        item.activity.name: item
        for item in linear_ones
        if item.may_hold(limit)
        and all(
            may_sum(item.weights(relation), known[relation], item.activity.may_be_negative, limit)
            for relation in {item.lines, item.units}
        )
    }


@dataclass(frozen=True)
class Carried:
    """What orders or shipments carry for the sums over all lines: whole numbers of columns, with their decimals.

    Assumes that each line is in exactly one order and one shipment, and that each column is whole in a known last
    decimal (else nothing is carried). Exact because whole numbers below 2⁵³, summed twice, round nowhere.
    """

    columns: Mapping[str, int]
    lines: bool

    @property
    def by_unit(self) -> dict[str, str]:
        """Return what an order or shipment sums up over its lines, SQL by name."""
        units = {f"_whole:{name}": summed_units(of_line(name), places) for name, places in self.columns.items()}
        return units | ({"_lines": KEPT["lines"]} if self.lines else {})

    @property
    def by_cell(self) -> dict[str, str]:
        """Return what these add up to, SQL by name."""
        sums = {_sum(name): f'SUM("_whole:{name}") / 1e{places}' for name, places in self.columns.items()}
        return sums | ({"_units": "SUM(_lines)"} if self.lines else {})


def carried(summed: Iterable[Summed], carriers: Mapping[str, set[str]]) -> dict[str, Carried]:
    """Share the sums over lines out among the grains that group lines anyway, given with the drivers they use.

    A column goes to a grain that sums it, else to the first. Nobody carries anything where nothing is to be summed or
    a column cannot be summed in whole numbers.
    """
    chosen = [item for item in summed if item.units == item.lines or item.parts.lines]
    known = {name: item.known[item.lines][name].decimals for item in chosen for name in item.weights(item.lines)}
    places = {name: number for name, number in sorted(known.items()) if number is not None}
    if not chosen or not carriers or len(places) < len(known):
        return {}
    first = next(iter(carriers))
    taker = {name: next((grain for grain in carriers if name in carriers[grain]), first) for name in places}
    return {
        grain: Carried({name: places[name] for name in places if taker[name] == grain}, lines=grain == first)
        for grain in carriers
    }


def sums_parts(summed: list[Summed], source: Transactions, carriers: Sequence[str]) -> dict[str, Part]:
    """Return the sums over each relation, by a name of their own; those over lines from the parts that carry them."""
    relations = dict.fromkeys(name for item in summed for name in (item.lines, item.units))
    chosen = {
        relation: [item for item in summed if relation == item.units or item.weights(relation)]
        for relation in relations
    }
    return {f"{name}_summed": _part(name, items, source, carriers) for name, items in chosen.items() if items}


def numbers(wide: pa.Table, column: str) -> np.ndarray:
    """Return a column of the cube's query; a null is NaN. Of all columns, one at a time takes memory."""
    return np.asarray(wide[column].to_numpy(), "float64")


def is_doubtful(item: Summed, wide: pa.Table, limit: float) -> bool:
    """Say whether a customer's value once a unit is negative or too large, so that each unit must be looked at."""
    if item.parts.rest is None:
        return False
    once = numbers(wide, f"{item.activity.name}:once")
    once = once[~np.isnan(once)]
    return bool((~(np.abs(once) < limit)).any() or (not item.activity.may_be_negative and (once < 0).any()))


def _part(relation: str, summed: list[Summed], source: Transactions, carriers: Sequence[str]) -> Part:
    """Sum a relation's columns by customer and channel, and weigh them by the equations."""
    grouped = ", ".join(quoted(key) for key in source.cells)
    columns = sorted({name for item in summed for name in item.weights(relation)})
    fixed = {name: item.activity.grain.drivers[name] for item in summed for name in item.fixed}
    traits = "".join(
        f", {driver.sql} AS {quoted(name)}" for name, driver in sorted(fixed.items()) if driver.table == "customer"
    )
    shown = dict[str, str]()
    for item in summed:
        name, happened, rest = item.activity.name, item.activity.happened, item.parts.rest
        weighed = [f"{quoted(_sum(column))} * {weight!r}" for column, weight in item.weights(relation).items()]
        once = f"{item.parts.constant!r}" + (f" + {rest.sql.sql('duckdb')}" if rest else "")
        if relation == item.units:
            weighed.append(f"({once}) * _units")
            shown[f"{name}:volume"] = _where(happened, "_units")
        if relation == item.units and rest:
            shown[f"{name}:missing"] = f"CASE WHEN {happened} AND ({once}) IS NULL THEN _units ELSE 0 END"
            shown[f"{name}:once"] = f"CASE WHEN {happened} THEN {once} END"
        if rest:  # without it, no unit of the customer has a value
            happened += f" AND ({once}) IS NOT NULL"
        shown[f"{name}:quantity"] = _where(happened, " + ".join(weighed))
    if relation == summed[0].lines and carriers and not traits:
        return Part(source.cells, shown, origin="")
    cells = f"({_cells(relation, columns, summed[0], grouped, carriers)}) AS cell"
    if traits:
        customer = "JOIN customers AS customer ON customer.customer_id = cell.customer_id"
        cells = f"(SELECT cell.*{traits} FROM {cells} {customer}) AS cell"
    return Part(source.cells, shown, cells, of_lines=True)


def _where(happened: str, value: str) -> str:
    return value if happened == "TRUE" else f"CASE WHEN {happened} THEN {value} ELSE 0 END"


def _sum(column: str) -> str:
    """Return by which name the sum of a column goes."""
    return f"_sum:{column}"


def _cells(relation: str, columns: list[str], summed: Summed, grouped: str, carriers: Sequence[str]) -> str:
    """Return the SELECT of a relation's sums; those of orders and shipments are kept."""
    names = {name: quoted(_sum(name)) for name in columns}
    if relation != summed.lines:
        sums = "".join(f", {name} AS {names[name]}" for name in columns)
        return f"SELECT {grouped}, units AS _units{sums} FROM {sums_by_customer(relation)}"
    if carriers:
        origin = carriers[0] + "".join(f" JOIN {name} USING ({grouped})" for name in carriers[1:])
        return f"SELECT {', '.join([grouped, '_units', *names.values()])} FROM {origin}"
    known = summed.known[relation]
    sums = "".join(f", {scaled_sum(of_line(name), known[name])} AS {names[name]}" for name in columns)
    return f"SELECT {grouped}, CAST(COUNT(*) AS DOUBLE) AS _units{sums} FROM {relation} AS line GROUP BY {grouped}"
