"""What each unit of work takes, and what that costs, from the interface's words alone: plain Python, no SQL.

It reads no code of the workbook, so that a fault in a driver's SQL, which every cube shares, or in a charge shows here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv
from typing import Any

import sqlglot
from sqlglot import exp

Row = dict[str, Any]
Cell = tuple[Any, ...]
KEYS = {"order": "order_id", "shipment": "shipment_id"}
NUMBERS = ("quantity", "net_sales", "weight_kg", "distance_km", "freight_cost")
SUMS = ("quantity", "weight_kg", "net_sales", "freight_cost", "sold_quantity", "sold_lines")
OPERATORS: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.Add: add, exp.Sub: sub, exp.Mul: mul, exp.Div: truediv,
    exp.EQ: eq, exp.NEQ: ne, exp.GT: gt, exp.GTE: ge, exp.LT: lt, exp.LTE: le,
}  # fmt: skip


@dataclass
class Taken:
    """What a customer and channel took of an activity: how often, and the value of each unit of work."""

    volume: float = 0.0
    values: list[float | None] = field(default_factory=list)

    @property
    def quantity(self) -> float:
        return math.fsum(value for value in self.values if value is not None)

    @property
    def missing(self) -> int:
        return self.values.count(None)

    @property
    def has_negative(self) -> bool:
        return any(value is not None and value < 0 for value in self.values)


def taken(
    per: str, quantity: str, when: str | None, customers: Iterable[Row], lines: list[Row], events: list[Row]
) -> dict[Cell, Taken]:
    """Return what each customer and channel took; a null ``when`` is false, a unit without a value is missing."""
    found: dict[Cell, Taken] = defaultdict(Taken)
    equation, condition = (sqlglot.parse_one(text, dialect="duckdb") for text in (quantity, when or "TRUE"))
    for unit in units(per, {row["customer_id"]: row for row in customers}, lines, events):
        if evaluate(condition, unit):
            cell = found[unit["customer_id"], unit["channel"]]
            cell.volume += unit["quantity"] if per.startswith("event:") else 1
            value = evaluate(equation, unit)
            cell.values.append(None if value is None else float(value))
    return found


@dataclass
class Became:
    """What became of a resource's own cost."""

    assigned: float = 0.0
    unused: float = 0.0
    overdriven: float = 0.0
    unassigned: float = 0.0


def charged(
    model: Row, own: Mapping[str, float], customers: list[Row], lines: list[Row], events: list[Row]
) -> tuple[dict[Cell, float], dict[str, Became]]:
    """Return what each customer, channel and activity costs, and what became of each resource that has activities.

    ``model`` is as params write it, ``own`` each resource's ledger + received − sent.
    """
    costs: dict[Cell, float] = {}
    became: dict[str, Became] = {}
    named = [{"name": name, "resource": None} | activity for name, activity in model["activities"].items()]
    for group in _grouped(named, "resource"):
        resource = group[0]["resource"]
        its, found = own.get(resource, 0.0), Became()
        capacity = model["resources"].get(resource, {}).get("capacity_minutes")
        left = 1 - sum(it.get("share", 0) for it in group)
        used = 0.0
        for it in group:
            basis = next(basis for basis in ("minutes", "driver", "direct") if basis in it)
            took = taken(it["per"], it[basis], it.get("when"), customers, lines, events)
            total = math.fsum(cell.quantity for cell in took.values())
            share = it.get("share", left / max(1, sum("share" not in other for other in group)))
            prices = {"minutes": its / (capacity or 1), "driver": its * share / (total or 1), "direct": 1.0}
            price = it.get("rate", prices[basis])
            fixed = model.get("prices", {}).get(it["name"], price)
            costs |= {(*cell, it["name"]): done.quantity * fixed for cell, done in took.items()}
            found.assigned += total * fixed
            found.unassigned += total * (price - fixed) if capacity else 0.0
            used += total
        if capacity:
            found.unused, found.overdriven = (
                max(gap, 0) * its / capacity for gap in (capacity - used, used - capacity)
            )
        else:
            found.unassigned = its - found.assigned
        if resource:
            became[resource] = found
    return costs, became


def evaluate(node: exp.Expr, unit: Mapping[str, Any]) -> Any:
    """Compute an equation; what reads a null is null, a condition counts 0 or 1."""
    if isinstance(node, exp.Case):
        for branch in node.args["ifs"]:
            if evaluate(branch.this, unit):
                return evaluate(branch.args["true"], unit)
        return evaluate(node.args["default"], unit)
    if isinstance(node, exp.Coalesce):
        values = (evaluate(part, unit) for part in (node.this, *node.expressions))
        return next((value for value in values if value is not None), None)
    if isinstance(node, exp.Greatest):
        values = [evaluate(part, unit) for part in (node.this, *node.expressions)]
        return max((value for value in values if value is not None), default=None)
    if isinstance(node, exp.Column):
        return unit[node.name]
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else float(node.this)
    if isinstance(node, exp.Boolean):
        return node.this
    inner = evaluate(node.this, unit)
    if isinstance(node, exp.Is):
        return inner is None
    if isinstance(node, exp.Paren):
        return inner
    if isinstance(node, exp.Ceil | exp.Abs):
        rounded = {exp.Ceil: math.ceil, exp.Abs: abs}[type(node)]
        return None if inner is None else float(rounded(inner))
    other = evaluate(node.expression, unit)
    return None if inner is None or other is None else OPERATORS[type(node)](inner, other)


def units(per: str, customers: Mapping[str, Row], lines: list[Row], events: list[Row]) -> list[Row]:
    """Return the units of work of a grain with their drivers."""
    complete = [_line(row, customers[row["customer_id"]]) for row in lines]
    if per == "line":
        found = complete
    elif per in KEYS:
        found = [_summed(rows) for rows in _grouped(complete, "customer_id", "channel", KEYS[per])]
    elif per == "customer":
        present = sorted({row["customer_id"] for row in [*lines, *events]})
        found = [_customer(name, [row for row in complete if row["customer_id"] == name]) for name in present]
    else:
        named = [row for row in events if f"event:{row['event']}" == per]
        found = [row | {"quantity": float(row["quantity"] or 1), "amount": _number(row.get("amount"))} for row in named]
    return [_with_customer(row, customers[row["customer_id"]]) for row in found]


def _line(row: Row, customer: Row) -> Row:
    """Fill in the defaults of an order line."""
    numbers = {name: _number(row.get(name)) for name in NUMBERS}
    defaults = {"channel": customer["channel"] or "(none)", "shipment_id": row["order_id"]}
    sold = numbers["quantity"] is not None and numbers["quantity"] > 0
    drivers = {"rush": float(row.get("priority") == "rush"), "sold_lines": float(sold)}
    return defaults | row | numbers | drivers | {"sold_quantity": numbers["quantity"] if sold else 0.0}


def _summed(rows: list[Row]) -> Row:
    """Return an order or shipment of its lines: sums of what is known, the greatest distance, rush if any line is."""
    distances = [row["distance_km"] for row in rows if row["distance_km"] is not None]
    return {
        **{name: rows[0][name] for name in ("customer_id", "channel", "order_id", "shipment_id")},
        **{name: _sum(row[name] for row in rows) for name in SUMS},
        "lines": float(len(rows)),
        "rush": max(row["rush"] for row in rows),
        "distance_km": max(distances, default=None),
        "returned_quantity": math.fsum(-row["quantity"] for row in rows if row["quantity"] < 0),
    }


def _customer(name: str, rows: list[Row]) -> Row:
    """Return a customer of its lines; one without a line ordered nothing."""
    return {
        "customer_id": name,
        "orders": float(len({(row["channel"], row["order_id"]) for row in rows})),
        "lines": float(len(rows)),
        "net_sales": _sum(row["net_sales"] for row in rows) if rows else 0.0,
        "months_active": float(len({row["order_date"][:7] for row in rows})),
    }


def _with_customer(row: Row, customer: Row) -> Row:
    """Add the customer's columns, and the channel that events and customers take from it."""
    stores, tier = _number(customer.get("stores")), customer.get("tier") or None
    is_new = float("2026-01-01" <= customer["customer_since"] < "2026-04-01")
    traits = {"customer_tier": tier, "customer_stores": stores, "stores": stores, "new_customer": is_new}
    return {"channel": customer["channel"] or "(none)"} | row | traits


def _grouped(rows: Iterable[Row], *keys: str) -> Iterable[list[Row]]:
    groups: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    return groups.values()


def _number(text: object) -> float | None:
    return None if text in ("", None) else float(str(text))


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
