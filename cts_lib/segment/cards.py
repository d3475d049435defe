"""A card a segment: who they are, what they buy, what they need, what they cost and earn, and who is typical.

The typical customer is the medoid: the one whose squared distances to the others of its segment sum to the least.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.measures import SERVICE, has_formula, of, ratio, ratios
from cts_lib.names import ALL, CUSTOMER, NONE
from cts_lib.segment.dimensions import Dimension, encode, find_dimensions
from cts_lib.segment.facts import attributes_of

_SUMS = ["orders", "lines", "net_sales", "gross_margin", "cost_to_serve", "profit"]


def segment_cards(placed: pd.DataFrame, facts: pd.DataFrame, costed: Costed) -> pd.DataFrame:
    """Return ``segment_cards``, one row a segment, the most profitable first."""
    rows = facts.assign(segment=placed["segment"], need=placed["need"])
    grouped = rows.groupby("segment")
    table = grouped[_SUMS].sum()
    table.insert(0, "customers", grouped["customer_id"].nunique())
    table["share_of_customers"] = table["customers"] / max(1, facts["customer_id"].nunique())
    table["share_of_sales"] = _of_all(table["net_sales"], float(facts["net_sales"].sum()))
    table = table.join(ratios(table, ["cost_to_serve_share", "profit_margin", "orders_per_customer", "order_value"]))
    by_key = rows[[*CUSTOMER, "segment"]]
    known = rows[[*CUSTOMER, "segment", *_SUMS]]
    placed_sums = costed.customer_sums.drop(columns=_SUMS, errors="ignore").merge(known, on=CUSTOMER)
    sums = placed_sums.groupby("segment").sum(numeric_only=True)
    table = table.join(ratios(sums, [*SERVICE, "rush_share"]))
    table = table.join(_largest(costed.families.merge(by_key, on=CUSTOMER), "family", "net_sales"))
    table = table.join(_largest(costed.tables["customer_costs"].merge(by_key, on=CUSTOMER), "activity", "cost"))
    needs = _shares(rows, rows["need"].astype("str"))
    table = table.join(pd.DataFrame({"need": needs.idxmax(axis=1), "need_share": needs.max(axis=1)}))
    numbers, categories = _traits(facts, costed)
    whole = pd.concat([sums, placed_sums.sum(numeric_only=True).to_frame(ALL).T])
    table = table.join(_standing_out(rows, numbers, whole)).join(_over_represented(rows, categories))
    table = table.join(_typical(rows, (*numbers, *categories)))
    if "name" in facts:
        names = facts.drop_duplicates("customer_id").set_index("customer_id")["name"]
        table["name"] = table["customer_id"].map(names)
    else:
        table["name"] = None
    return table.sort_values("profit", ascending=False, kind="stable").reset_index()


def _of_all(part: pd.Series, whole: pd.Series | float) -> pd.Series:
    safe = whole if isinstance(whole, pd.Series) else pd.Series(whole, index=part.index)
    return (part / safe.where(safe > 0)).astype("float64")


def _largest(rows: pd.DataFrame, name: str, weight: str) -> pd.DataFrame:
    """Return each segment's value of ``name`` that weighs most, and its share."""
    sums = rows.groupby(["segment", name])[weight].sum().clip(lower=0.0).rename("sum").reset_index()
    total = sums.groupby("segment")["sum"].sum()
    first = sums.sort_values(["sum", name], ascending=[False, True], kind="stable").drop_duplicates("segment")
    first = first.set_index("segment")
    return pd.DataFrame({name: first[name], f"{name}_share": _of_all(first["sum"], total)})


def _traits(facts: pd.DataFrame, costed: Costed) -> tuple[tuple[Dimension, ...], tuple[Dimension, ...]]:
    dimensions, _ = find_dimensions(facts, [*BEHAVIOUR, *attributes_of(facts, costed), "channel"])
    return tuple(one for one in dimensions if not one.values), tuple(one for one in dimensions if one.values)


def _standing_out(rows: pd.DataFrame, numbers: tuple[Dimension, ...], sums: pd.DataFrame) -> pd.DataFrame:
    """Return each segment's number that differs most from everybody's, in standard deviations, with that of both.

    A measure with a formula is that of ``sums`` of the segment and of all, as on any other page; the others are means.
    """
    columns = ["trait", "trait_value", "trait_of_all"]
    traits = {}
    matrix = encode(rows, numbers)
    for segment, places in rows.groupby("segment").indices.items():
        if not numbers or len(places) == len(rows):
            continue
        best = numbers[int(np.abs(matrix[places].mean(axis=0) - matrix.mean(axis=0)).argmax())]
        if has_formula(best.name) and {of(best.name).part, of(best.name).whole} <= set(sums):
            figures = ratio(sums, best.name)
            traits[segment] = (best.name, float(figures.loc[str(segment)]), float(figures.loc[ALL]))
        else:
            raw = best.numbers(rows)
            traits[segment] = (best.name, float(raw[places].mean()), float(raw.mean()))
    return pd.DataFrame.from_dict(traits, orient="index", columns=columns)


def _over_represented(rows: pd.DataFrame, categories: tuple[Dimension, ...]) -> pd.DataFrame:
    """Return the value of a category whose share in the segment exceeds its share among all most, with both shares."""
    columns = ["attribute", "attribute_value", "attribute_share", "attribute_share_of_all"]
    attributes: dict[object, tuple[str, str, float, float]] = {}
    for one in categories:
        words = rows[one.name].astype("str").where(rows[one.name].notna(), NONE)
        known = _shares(rows, words).drop(columns=NONE, errors="ignore")
        usual = _shares(rows.assign(segment=ALL), words).loc[ALL].reindex(known.columns).to_numpy("float64")
        for segment, row in zip(known.index, known.to_numpy("float64"), strict=True):
            best = int((row - usual).argmax())
            value, share, of_all = str(known.columns[best]), float(row[best]), float(usual[best])
            if segment not in attributes or share - of_all > attributes[segment][2] - attributes[segment][3]:
                attributes[segment] = (one.name, value, share, of_all)
    kept = {segment: each for segment, each in attributes.items() if each[2] > each[3]}
    return pd.DataFrame.from_dict(kept, orient="index", columns=columns)


def _shares(rows: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Return by segment which share of its customers has each value; one that has two counts with both.

    >>> rows = pd.DataFrame({"segment": "s", "customer_id": ["a", "a", "b"]})
    >>> _shares(rows, pd.Series(["web", "shop", "web"])).loc["s"].to_dict()
    {'shop': 0.5, 'web': 1.0}
    """
    pairs = rows[["segment", "customer_id"]].assign(value=values).drop_duplicates()
    customers = pairs.groupby("segment")["customer_id"].nunique()
    return pd.crosstab(pairs["segment"], pairs["value"]).div(customers, axis=0)


def _typical(rows: pd.DataFrame, dimensions: tuple[Dimension, ...]) -> pd.DataFrame:
    matrix = encode(rows, dimensions)
    typical = {}
    for segment, places in rows.groupby("segment").indices.items():
        inside = matrix[places]
        nearest = int(((inside - inside.mean(axis=0)) ** 2).sum(axis=1).round(9).argmin()) if inside.shape[1] else 0
        typical[segment] = str(rows["customer_id"].iloc[places[nearest]])
    return pd.DataFrame({"customer_id": pd.Series(typical, dtype="str")})
