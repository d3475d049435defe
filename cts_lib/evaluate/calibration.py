"""Does the simulation repeat what was: the period simulated at its own rates, held against what was observed."""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.evaluate.compare import half_width
from cts_lib.evaluate.indicators import KPIS
from cts_lib.measures import SERVICE, ratios
from cts_lib.names import ALL, CELL, CUSTOMER


def calibrate(costed: Costed, segments: pd.DataFrame, repeated: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """Return table ``calibration``.

    ``repeated`` has the indicators of today's strategy at the period's own rates: segment, channel, kpi, value. A mean
    is accepted where it misses what was observed by no more than ``tolerance`` of it and what few replications may miss
    by.
    """
    grouped = repeated.groupby([*CELL, "kpi"])["value"]
    half = half_width(grouped.std(), grouped.count())
    simulated = pd.DataFrame({"simulated": grouped.mean(), "half": half}).reset_index()
    table = _observed(costed, segments).merge(simulated, on=[*CELL, "kpi"], how="inner")
    gap = table["simulated"] - table["observed"]
    table["error"] = (gap / table["observed"].abs()).where(table["observed"] != 0, gap)
    allowed = tolerance * table["observed"].abs() + table["half"].fillna(0.0) + 1e-9
    table["accepted"] = gap.abs() <= allowed
    nothing = table["observed"].isna() & table["simulated"].isna()
    columns = [*CELL, "kpi", "observed", "simulated", "error", "accepted"]
    return table.loc[~nothing, columns].reset_index(drop=True)


def _observed(costed: Costed, segments: pd.DataFrame) -> pd.DataFrame:
    rows = costed.tables["customer_channel_profit"][[*CUSTOMER, "cost_to_serve", "profit"]]
    rows = rows.merge(costed.customer_sums, on=CUSTOMER, how="left")
    rows = rows.merge(segments[["customer_id", *CELL]], on=CUSTOMER)
    cells = rows.groupby(CELL, as_index=False).sum(numeric_only=True)
    whole = rows.sum(numeric_only=True).to_frame().T.assign(segment=ALL, channel=ALL)
    table = pd.concat([cells, whole], ignore_index=True)
    table = pd.concat([table, ratios(table, SERVICE)], axis=1)
    return table.melt(CELL, list(KPIS), "kpi", "observed")


def relied_on(calibration: pd.DataFrame, foretold: pd.DataFrame) -> dict[str, bool]:
    """Return of each indicator whether it is to be relied on: the whole unit's was repeated, and the past foretold.

    ``foretold`` has kpi and reliable, and no row where there was no past to foretell.
    """
    whole = calibration[(calibration[CELL] == ALL).all(axis=1)].set_index("kpi")["accepted"]
    past = foretold.set_index("kpi")["reliable"]
    return {kpi: bool(whole.get(kpi, True)) and bool(past.get(kpi, True)) for kpi in KPIS}
