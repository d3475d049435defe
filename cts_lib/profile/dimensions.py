"""Customers, money and service by every dimension that the data have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame, fetch_values, quoted
from cts_lib.intake import Intake
from cts_lib.measures import SERVICE, ratios
from cts_lib.names import NONE
from cts_lib.notes import Note, names_in_words
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period
from cts_lib.tables.column import Kind
from cts_lib.tables.inputs import CUSTOMERS

_LINE_DIMENSIONS = ("order_method", "priority", "ship_mode", "warehouse")
_PRODUCT_DIMENSIONS = ("family", "handling_class")
_MOST_VALUES = 200
"""A dimension of more values than this is an identifier, and left out."""
_NO_DIMENSION = ("customer_id", "name", "channel", "latitude", "longitude", "customer_since")
_KEYS = ("customer_id", "channel")
_SUMS = ("orders", "net_sales", "gross_margin", "cost_to_serve", "profit")


def dimensions(
    engine: Engine,
    intake: Intake,
    by_channel: pd.DataFrame,
    customer_sums: pd.DataFrame,
    customers: pd.DataFrame,
    period: Period,
    on_time: OnTime,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return one row for each value of each dimension, and a note for each dimension that was left out.

    Dimensions of lines and products have no cost to serve.
    """
    twice = [name for name in by_channel.columns if name in customer_sums and name not in _KEYS]
    rows = by_channel.merge(customer_sums.drop(columns=twice), on=list(_KEYS), how="left")
    values = {"channel": rows["channel"]}
    attributes = customers.set_index("customer_id")
    for name in [column.name for column in CUSTOMERS.columns] + list(intake.extras["customers"]):
        if name not in _NO_DIMENSION and attributes[name].notna().any():
            banded = bands(attributes[name]) if attributes[name].dtype == "float64" else attributes[name]
            values[name] = rows["customer_id"].map(banded)
    if attributes["customer_since"].notna().any():
        values["tenure" if "tenure" not in values else "time_as_a_customer"] = rows["customer_id"].map(
            tenure(attributes["customer_since"], period.end)
        )
    parts = [_by_value(rows, name, value) for name, value in values.items()]
    own = set(values)
    products = {name: f"product.{name}" for name in _PRODUCT_DIMENSIONS}
    products |= {
        name: f"product.{quoted(name)}" for name, kind in intake.extras["products"].items() if kind is Kind.TEXT
    }
    lines = {name: f"line.{name}" for name in _LINE_DIMENSIONS}
    lines |= {name: f"line.{quoted(name)}" for name, kind in intake.extras["order_lines"].items() if kind is Kind.TEXT}
    places = {(f"line_{name}" if name in own else name): place for name, place in (products | lines).items()}
    parts += [_by_line(engine, name, places[name], on_time) for name in _filled(engine, places)]
    notes = [
        Note(
            "{dimension} has {count} values, too many to compare: it is no dimension here.",
            {"dimension": names_in_words("dimension", [str(part["dimension"].iloc[0])]), "count": len(part)},
        )
        for part in parts
        if len(part) > _MOST_VALUES
    ]
    parts = [part for part in parts if len(part) <= _MOST_VALUES]
    columns = ["dimension", "value", "customers", *_SUMS, *SERVICE]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns), notes


def dimension_names(extras: Mapping[str, Mapping[str, Kind]]) -> list[str]:
    """Return what a dimension may be called where the tables have these extra columns; channel stands apart."""
    customers = [*(column.name for column in CUSTOMERS.columns), *extras["customers"]]
    lines = [*_PRODUCT_DIMENSIONS, *_LINE_DIMENSIONS]
    lines += [
        name for table in ("products", "order_lines") for name, kind in extras[table].items() if kind is Kind.TEXT
    ]
    shared = [f"line_{name}" for name in lines if name in customers]
    names = [*customers, "tenure", "time_as_a_customer", *lines, *shared]
    return [name for name in dict.fromkeys(names) if name not in _NO_DIMENSION]


def bands(values: pd.Series) -> pd.Series:
    """Return a number as it is where it takes few values, else its quarter of the customers."""
    numbers = values.dropna()
    if numbers.nunique() <= 12:
        return values.map(lambda value: f"{value:g}", na_action="ignore")
    cuts = pd.qcut(numbers, 4, duplicates="drop")
    return cuts.map(lambda part: f"{part.left:.4g} – {part.right:.4g}").astype("str").reindex(values.index)


def tenure(since: pd.Series, end: date) -> pd.Series:
    """Return how long each has been a customer at the period's end, in bands of years."""
    years = (pd.Timestamp(end) - pd.to_datetime(since)).dt.days / 365.25
    return pd.cut(
        years,
        [-float("inf"), 1, 3, 6, float("inf")],
        labels=["under 1 year", "1–3 years", "3–6 years", "over 6 years"],
        right=False,
    ).astype("object")


def _by_value(rows: pd.DataFrame, name: str, values: pd.Series) -> pd.DataFrame:
    grouped = rows.assign(value=values.astype("object").where(values.notna(), NONE)).groupby("value")
    sums = grouped.sum(numeric_only=True)
    table = pd.concat([sums[list(_SUMS)], ratios(sums, SERVICE)], axis=1)
    table.insert(0, "customers", grouped["customer_id"].nunique())
    return table.reset_index().assign(dimension=name)


def _filled(engine: Engine, places: Mapping[str, str]) -> list[str]:
    """Return the names of the columns of which a line has a value."""
    counts = {name: f"COUNT({place})" for name, place in places.items()}
    joined = "lines AS line JOIN products AS product ON product.product_id = line.product_id"
    return [name for name, count in fetch_values(engine, counts, joined).items() if count]


def _by_line(engine: Engine, name: str, place: str, on_time: OnTime) -> pd.DataFrame:
    query = sql.load("dimension", None, **on_time.values)
    dimension: exp.Expr = exp.maybe_parse(place, dialect="duckdb")
    table = fetch_frame(engine, exp.replace_placeholders(query, dimension=dimension))
    return table.assign(dimension=name) if set(table["value"]) - {NONE} else table.head(0)
