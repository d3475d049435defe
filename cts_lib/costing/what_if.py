"""What the customers would leave under another cost model, at once: the same transactions, priced by the same code."""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.priced import priced
from cts_lib.costing.rates import cost_to_serve
from cts_lib.engine import Engine
from cts_lib.model.compiled import CompiledActivity
from cts_lib.params import UnitParams
from cts_lib.params.period import Period


def repriced(
    engine: Engine,
    unit: UnitParams,
    period: Period,
    activities: list[CompiledActivity],
    uncovered: list[str],
    profit: pd.DataFrame,
) -> pd.DataFrame:
    """Return the customers' profit under a unit's changed cost model, for the period that the engine holds.

    Parameters
    ----------
    profit : DataFrame
        Table ``customer_profit`` as it is: customer_id, name, net_sales, gross_margin, profit.

    Returns
    -------
    DataFrame
        customer_id, name, net_sales, gross_margin, cost_to_serve, profit, rank and cumulative_profit in the new order,
        and change: profit less what it is today.
    """
    now = priced(engine, unit, activities, uncovered, period)
    served = pd.Series(cost_to_serve(now.cube, now.rates)).groupby(now.cube.cells["customer_id"]).sum()
    table = profit[["customer_id", "name", "net_sales", "gross_margin"]].copy()
    table["cost_to_serve"] = table["customer_id"].map(served).fillna(0.0)
    table["profit"] = table["gross_margin"] - table["cost_to_serve"]
    table["change"] = table["profit"] - profit["profit"]
    table = table.sort_values(["profit", "customer_id"], ascending=[False, True], ignore_index=True)
    return table.assign(rank=range(1, len(table) + 1), cumulative_profit=table["profit"].cumsum())
