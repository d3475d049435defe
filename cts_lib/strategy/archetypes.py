"""Which supply chain a cell asks for, by how uncertain its demand is, and its supply under the plan.

M. L. Fisher, *What is the right supply chain for your product?*, Harvard Business Review 75(2), 1997, tells efficient
from responsive chains by demand; H. L. Lee, *Aligning supply chain strategies with product uncertainties*, California
Management Review 44(3), 2002, adds the side of supply, and with it risk-hedging and agile ones (M. Christopher, *The
agile supply chain*, Industrial Marketing Management 29(1), 2000). Elements of customers rather than of products are
what J. Gattorna, *Dynamic Supply Chain Alignment*, Gower, 2009, aligns them by.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.customers.demand import buckets, build_demand, variation
from cts_lib.engine import Engine, fetch_frame
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params.period import Period
from cts_lib.params.strategy import Archetypes

EFFICIENT, RESPONSIVE, RISK_HEDGING, AGILE = "efficient", "responsive", "risk-hedging", "agile"
_DIGITS = 9
"""To which measures are held against their thresholds."""


def archetypes(
    engine: Engine, cells: pd.DataFrame, planned: pd.DataFrame, period: Period, above: Archetypes
) -> pd.DataFrame:
    """Return segment, channel, demand_variation, supply_variation and archetype of each row of ``planned``.

    ``cells`` has customer_id, channel and segment; ``planned`` segment, channel and chosen_service_level.
    """
    table = planned[[*CELL, "chosen_service_level"]].set_index(CELL)
    table["demand_variation"] = demand_variation(engine, cells, period)
    table["supply_variation"] = supply_variation(engine, cells)
    table["archetype"] = named(table, above)
    return table[["demand_variation", "supply_variation", "archetype"]].reset_index()


def demand_variation(engine: Engine, cells: pd.DataFrame, period: Period) -> pd.Series:
    """Return the coefficient of variation of what each cell orders a week, all its customers together.

    Of a period of more than six months it is what it orders a month.
    """
    ordered = build_demand(engine, period).astype(dict.fromkeys(CUSTOMER, "object"))
    pooled = ordered.merge(cells.astype("object"), on=CUSTOMER).groupby([*CELL, "bucket"])["quantity"].sum()
    return variation(pooled.reset_index(), len(buckets(period)), CELL)


def supply_variation(engine: Engine, cells: pd.DataFrame) -> pd.Series:
    """Return the standard deviation of days of replenishment as a share of their mean, by what each cell buys.

    The mean over its sold lines by quantity, of products in warehouses where ``replenishment`` knows both.
    """
    sums = fetch_frame(
        engine,
        "SELECT line.customer_id, line.channel, SUM(line.quantity) AS sold, "
        "SUM(line.quantity * rule.lead_time_sd_days / rule.lead_time_days) AS varied FROM lines AS line "
        "JOIN replenishment AS rule ON rule.product_id = line.product_id AND rule.warehouse = line.warehouse "
        "WHERE line.quantity > 0 AND rule.lead_time_days > 0 AND NOT rule.lead_time_sd_days IS NULL "
        "GROUP BY line.customer_id, line.channel",
    )
    kinds = dict.fromkeys(CUSTOMER, "object") | dict.fromkeys(["sold", "varied"], "float64")
    of_cells = sums.astype(kinds).merge(cells.astype("object"), on=CUSTOMER).groupby(CELL)[["sold", "varied"]].sum()
    return of_cells["varied"] / of_cells["sold"]


def named(table: pd.DataFrame, above: Archetypes) -> pd.Series:
    """Return Lee's name of each row; None where demand or supply is not known.

    Supply is uncertain where too many promised lines come late under the plan or its replenishment varies too much;
    where one of them is not known, the other tells.

    >>> sides = {"demand_variation": [0.2, 0.9, 0.9], "chosen_service_level": [0.98, 0.98, None]}
    >>> named(pd.DataFrame(sides | {"supply_variation": [0.7, None, None]}), Archetypes()).tolist()
    ['risk-hedging', 'responsive', None]
    """
    demand, varied = (table[name].astype("float64").round(_DIGITS) for name in ("demand_variation", "supply_variation"))
    late = (1 - table["chosen_service_level"].astype("float64")).round(_DIGITS)
    uncertain = (late > above.late) | (varied > above.supply_variation)
    unknown = demand.isna() | (late.isna() & varied.isna())
    volatile = demand > above.demand_variation
    sides = [volatile & uncertain, volatile, uncertain]
    found = pd.Series(np.select(sides, [AGILE, RESPONSIVE, RISK_HEDGING], EFFICIENT), table.index, dtype="object")
    return found.mask(unknown, None)
