"""What each product costs to serve each customer, from the interface's words alone: a line at a time, no SQL.

Which terms of an equation are sums over lines is written down here for every generated equation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import sqlglot
from by_interface import KEYS, evaluate, units

Row = dict[str, Any]
Cell = tuple[str, str]
NONE = "(none)"
NUMBERS = ("quantity", "net_sales", "cogs")
OF_LINES: dict[str, dict[str, str]] = {
    "5 + 3*lines + 15*new_customer + 10*rush": {"lines": "3"},
    "CEIL(ABS(net_sales)/100)": {},
    "GREATEST(weight_kg, 1)": {},
    "2 + lines": {"lines": "1"},
    "3*sold_lines + 0.25*sold_quantity": {"sold_lines": "3", "sold_quantity": "0.25"},
    "weight_kg*distance_km": {"weight_kg": "distance_km"},
    "1": {},
    "freight_cost": {"freight_cost": "1"},
}
"""By equation of an order or shipment: what is summed over its lines, and how much each unit of that counts."""


def family_profit(
    model: Row,
    prices: Mapping[str, float],
    customers: list[Row],
    products: list[Row],
    lines: list[Row],
    events: list[Row],
) -> pd.DataFrame:
    """Return quantity, net_sales, cogs and cost_to_serve by customer_id, channel and family.

    ``model`` is as params write it, ``prices`` what a minute or driver unit of each activity costs.
    """
    family = {row["product_id"]: row["family"] or NONE for row in products}
    known = {row["customer_id"]: row for row in customers}
    bought = units("line", known, lines, events)
    rows = [
        {"cell": (row["customer_id"], row["channel"]), "family": family[row["product_id"]], "cost": 0.0}
        | {name: float(row[name]) for name in NUMBERS}
        for row in bought
    ]
    others: dict[Cell, float] = defaultdict(float)
    for name, activity in model["activities"].items():
        per = activity["per"]
        text = next(activity[basis] for basis in ("minutes", "driver", "direct") if basis in activity)
        for places in _groups(per, bought):
            unit = units(per, known, [lines[place] for place in places], [])[0]
            for place, value in zip(places, _shared(activity, text, unit, [bought[at] for at in places]), strict=True):
                rows[place]["cost"] += value * prices[name]
        if per not in ("line", *KEYS):
            for unit in units(per, known, lines, events):
                others[unit["customer_id"], unit["channel"]] += _value(activity, text, unit) * prices[name]
    return _by_family(rows, others)


def _groups(per: str, bought: list[Row]) -> Iterable[list[int]]:
    """Return the places of the lines of each unit of work."""
    if per == "line":
        return [[place] for place in range(len(bought))]
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(bought if per in KEYS else []):
        groups[row["customer_id"], row["channel"], row[KEYS[per]]].append(place)
    return groups.values()


def _value(activity: Row, text: str, unit: Row) -> float:
    """Return the value of a unit of work; nothing where it did not happen or has none."""
    if not evaluate(_parsed(activity.get("when") or "TRUE"), unit):
        return 0.0
    return float(evaluate(_parsed(text), unit) or 0.0)


def _shared(activity: Row, text: str, unit: Row, bought: list[Row]) -> list[float]:
    """Return the part of each line of a unit of work: of what is summed its own, of what is left its share."""
    if activity["per"] == "line":
        return [_value(activity, text, unit)]
    if not evaluate(_parsed(activity.get("when") or "TRUE"), unit) or evaluate(_parsed(text), unit) is None:
        return [0.0] * len(bought)
    own = [0.0] * len(bought)
    for name, factor in OF_LINES[text].items():
        each = float(evaluate(_parsed(factor), unit))
        own = [sofar + each * brought(name, row) for sofar, row in zip(own, bought, strict=True)]
    left = float(evaluate(_parsed(text), unit)) - sum(own)
    return [sofar + left * share for sofar, share in zip(own, _shares(activity, bought), strict=True)]


def brought(name: str, row: Row) -> float:
    """Return what a line brings to a sum."""
    return 1.0 if name == "lines" else float(row[name] or 0.0)


def _shares(activity: Row, bought: list[Row]) -> list[float]:
    """Return over what the rest is spread; over the lines where nobody has any of that."""
    over = activity.get("spread_over", "lines")
    weights = [max(brought(over, row), 0.0) for row in bought]
    return [weight / sum(weights) if sum(weights) else 1 / len(bought) for weight in weights]


def _by_family(rows: list[Row], others: Mapping[Cell, float]) -> pd.DataFrame:
    """Sum by family; what comes of events and customers goes by net sales, else by lines, else to no family."""
    keys = ["cell", "family"]
    table = pd.DataFrame(rows, columns=[*keys, "cost", *NUMBERS]).assign(lines=1.0).groupby(keys).sum().reset_index()
    weights = pd.DataFrame({"sold": table["net_sales"].clip(lower=0), "lines": table["lines"]})
    shares = weights / weights.groupby(table["cell"]).transform("sum")
    share = shares["sold"].fillna(shares["lines"])
    table["cost"] += share * table["cell"].map(others).fillna(0.0)
    alone = [cell for cell in others if cell not in set(table["cell"])]
    bare = pd.DataFrame(
        [{"cell": cell, "family": NONE, "cost": others[cell]} for cell in alone], columns=[*keys, "cost"]
    )
    table = pd.concat([table, bare], ignore_index=True).fillna(dict.fromkeys(NUMBERS, 0.0))
    table[["customer_id", "channel"]] = table["cell"].tolist()
    table = table.rename(columns={"cost": "cost_to_serve"}).set_index(["customer_id", "channel", "family"])
    return table[[*NUMBERS, "cost_to_serve"]].astype("float64")


def _parsed(text: str) -> Any:
    return sqlglot.parse_one(text, dialect="duckdb")
