"""The indicators of each segment and channel, with how much each scatters within its period."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.measures import KPIS, of, ratio
from cts_lib.names import ALL, CELL, CUSTOMER


def kpi_values(profiled: Costed, segments: pd.DataFrame) -> pd.DataFrame:
    """Return segment, channel, kpi, value, standard_error, observations, with total rows.

    Observations are the lines, orders or customers of a share of them, orders of anything else. What only the unit has
    (capacity, stock) is null elsewhere.
    """
    rows = profiled.tables["customer_channel_profit"]
    for more in (profiled.customer_sums, profiled.service_sums):
        extra = [name for name in more.columns if name not in rows.columns]
        rows = rows.merge(more[[*CUSTOMER, *extra]], on=CUSTOMER, how="left")
    rows = _with_terms(rows, profiled.customers).merge(segments[["customer_id", *CELL]], on=CUSTOMER)
    totals: tuple[list[str], ...] = ([], ["segment"], ["channel"], CELL)
    keyed = pd.concat([_customers(rows.assign(**dict.fromkeys(each, ALL))) for each in totals], ignore_index=True)
    sums = _with_unit(keyed.groupby(CELL).sum(numeric_only=True), profiled)
    cell = sums.index.get_indexer(pd.MultiIndex.from_frame(keyed[CELL]))
    cells = sums.index.to_frame(index=False)
    table = pd.concat([cells] * len(KPIS), ignore_index=True).assign(
        kpi=pd.Series(np.repeat(KPIS, len(cells)), dtype="str"),
        value=_one_below_the_other(ratio(sums, name) for name in KPIS),
        standard_error=_one_below_the_other(_standard_error(keyed, cell, sums, name) for name in KPIS),
        observations=_one_below_the_other(
            sums[of(name).whole if is_share_of_counted(name) else "orders"] for name in KPIS
        ),
    )
    level = np.tile(cells["segment"].eq(ALL) + 2 * cells["channel"].eq(ALL), len(KPIS))
    return table.iloc[np.argsort(level, kind="stable")].reset_index(drop=True)


def _one_below_the_other(columns: Iterable[pd.Series]) -> np.ndarray:
    return np.concatenate([column.to_numpy("float64") for column in columns])


def _customers(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up each customer of each cell: one that buys in two channels is one customer of the unit."""
    table = rows.groupby([*CELL, "customer_id"]).sum(numeric_only=True).reset_index()
    loses = table["profit"] < 0
    return table.assign(
        customers=1.0,
        unprofitable_customers=loses.astype("float64"),
        lost_on_customers=(-table["profit"]).where(loses, 0.0),
        earned_on_customers=table["profit"].clip(lower=0),
    )


def _with_terms(rows: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Add what payment terms are averaged from: net sales with known terms, and their days."""
    days = rows["customer_id"].map(customers.set_index("customer_id")["payment_terms_days"]).astype("float64")
    known = rows["net_sales"].where(days.notna(), 0.0)
    return rows.assign(payment_known_sales=known, payment_days_sales=(known * days).fillna(0.0))


def _with_unit(sums: pd.DataFrame, profiled: Costed) -> pd.DataFrame:
    """Add what only the unit has; without a capacity, stock at known cost or weights of all lines it is not known."""
    resources, (worth, days) = profiled.tables["resources"], profiled.stock_value[["worth", "days"]].iloc[0]
    timed = resources[resources["capacity_minutes"].notna()]
    is_unit = sums.index.get_level_values(0).isin([ALL]) & sums.index.get_level_values(1).isin([ALL])
    stock = (worth / (sums["cogs"] / days).where(sums["cogs"] > 0)).where(is_unit)
    return sums.assign(
        sold_weight_kg=sums["sold_weight_kg"].where(sums["weighed_lines"] == sums["sold_lines"], 0.0),
        unused_capacity=np.where(is_unit, timed["unused"].sum(min_count=1), np.nan),
        overdriven_capacity=np.where(is_unit, timed["overdriven"].sum(min_count=1), np.nan),
        days_of_stock=stock,
        cash_to_cash_days=stock + ratio(sums, "payment_days"),
    )


def is_share_of_counted(name: str) -> bool:
    """Tell whether an indicator counts lines, orders or customers among others, so that they alone make it scatter.

    >>> is_share_of_counted("on_time"), is_share_of_counted("unprofitable_share"), is_share_of_counted("profit_margin")
    (True, True, False)
    """
    measure = of(name)
    return measure.kind == "percent" and str(measure.whole).endswith(("lines", "orders", "customers"))


def _standard_error(rows: pd.DataFrame, cell: np.ndarray, sums: pd.DataFrame, name: str) -> pd.Series:
    """Return how much an indicator of each cell scatters by chance within the period; ``cell`` is each row's place.

    A share of lines, orders or customers scatters as these drawn one by one do. Anything else scatters by how often
    customers order: orders come at random, and those of a customer are taken to be alike.
    """
    measure = of(name)
    if is_share_of_counted(name):
        count = sums[measure.whole].where(sums[measure.whole] > 0)
        share = (sums[measure.part].clip(lower=0) + 1) / (count + 2)  # where all are alike they scatter too
        return pd.Series(np.sqrt(share * (1 - share).clip(lower=0) / count))
    if measure.factors:
        shares = [(_standard_error(rows, cell, sums, each) / ratio(sums, each)) ** 2 for each in measure.factors]
        return pd.Series(ratio(sums, name) * np.sqrt(sum(each.fillna(0.0) for each in shares)))
    if measure.is_sum and name not in rows:
        return pd.Series(np.nan, sums.index)
    parts = (rows[measure.part] if measure.part else rows[name]).to_numpy("float64")
    whole: pd.Series | float = 1.0
    if measure.part and measure.whole:
        parts = parts - rows[measure.whole].to_numpy("float64") * ratio(sums, name).to_numpy()[cell]
        whole = sums[measure.whole].where(sums[measure.whole] > 0)
    squares = parts**2 / rows["orders"].clip(lower=1).to_numpy("float64")
    known = np.isfinite(squares)
    scatter = np.bincount(cell[known], squares[known], len(sums))
    there = np.bincount(cell[known], minlength=len(sums)) > 0
    return pd.Series(np.sqrt(np.where(there, scatter, np.nan)), sums.index) / whole
