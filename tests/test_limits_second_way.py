"""Control limits and signals, a second way: drawn months and histories, in plain numpy from the docs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from limits_by_hand import ALL, SERIES, SUMS, Chart, chance, limits, months_of, season_of, told_by, usual_of
from small_workbook import UNIT, booked, line, make_workbook

from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun

STAGES = ("profile", "segment", "govern")
CUSTOMERS = [{"customer_id": f"c{at}", "channel": ("web", "shop")[at % 2]} for at in range(8)]


def workbook(folder: Path, seed: int, months: list[str], governance: dict[str, Any]) -> Path:
    """Write months of drawn orders, late, short and sent back by chance; return the params folder."""
    random = np.random.default_rng(seed)
    lines = [
        line(
            f"{month}-{order}",
            str(at),
            f"c{(who := int(random.integers(8)))}",
            order_date=f"{month}-{random.integers(1, 20):02d}",
            quantity=(quantity := int(random.choice([1, 4, 9, 9, 20, -2]))),
            net_sales=int(random.integers(3, 9)) * quantity * (1 + 4 * (at_month > 8 and who == 1)),
            cogs=2 * quantity,
            promised_date=f"{month}-20",
            delivered_date=f"{month}-{random.integers(12, 24):02d}",
            delivered_quantity=max(quantity - int(random.choice([0, 0, 0, 1])), 0),
            priority=str(random.choice(["rush", "standard", "standard"])),
        )
        for at_month, month in enumerate(months)
        for order in range(random.integers(10, 30))
        for at in range(random.integers(1, 3))
    ]
    return make_workbook(
        folder,
        lines,
        customers=CUSTOMERS,
        ledger=[booked("desk", int(random.integers(700, 999)), month) for month in months],
        segmentation={"value_threshold": [100.0], "cost_threshold": [0.3], "bootstraps": 1, "max_clusters": 2},
        governance=governance,
    )


def check(kpis: pd.DataFrame, history: pd.DataFrame, name: str, chart: Chart) -> int:
    """Hold limits, chance and signals of a period to those by hand; return how many limits there are."""
    now, told = months_of(name), 0
    every, first = usual_of(history, now, chart)
    known = {series: every.xs(series, axis=1, level=SERIES) for series in every.columns.droplevel(0).unique()}
    for row in kpis.to_dict("records"):
        usual = known.get(tuple(row[each] for each in SERIES))
        if usual is None or not first:
            assert np.isnan([row["lower_limit"], row["upper_limit"], row["chance"]]).all(), (name, row)
            continue
        base = usual.iloc[:first]
        found = (row["lower_limit"], row["upper_limit"])
        assert found == pytest.approx(limits(row, base, now, chart), nan_ok=True, abs=1e-9), (name, row)
        told += np.isfinite(found[0])
        whole = row["segment"] == row["channel"] == ALL and row["kpi"] in SUMS and len(usual) == first
        if whole and not season_of(base, now, chart)[2]:
            newest = np.append(usual["value"].to_numpy("float64"), row["value"])
            likely = chance(newest, chart.least)
            assert row["chance"] == pytest.approx(likely, nan_ok=True), (name, row)
    level = kpis["segment"].eq(ALL).astype(str) + kpis["channel"].eq(ALL).astype(str)
    signals = kpis.groupby(level, group_keys=False)["chance"].apply(told_by)
    assert (kpis["signal"] != "(none)").equals(signals.reindex(kpis.index)), name
    return told


def test_limits_of_months_are_those_of_the_indicators_of_the_months_before(tmp_path: Path) -> None:
    months = [f"2025-{at:02d}" for at in (1, 2, 3, 4, 6, 7, 8, 9)]
    policy: dict[str, Any] = {"minimum_history": 3, "sigmas": 2.0, "changes": ["2025-02"]}
    unit_run = UnitRun(load(workbook(tmp_path, 2, months, policy), [UNIT], [])[0])
    history, told = list[pd.DataFrame](), 0
    for month in months:
        kpis = unit_run.compute(Period.parse(month), STAGES).all_tables["kpis"]
        if history:
            told += check(kpis, pd.concat(history), month, Chart(12, 2.0, 3, pd.Period("2025-02")))
        history.append(kpis.assign(period=month))
    unit_run.close()
    assert told > 100


@pytest.mark.parametrize(("seed", "count", "season"), [(4, 9, 0.6), (5, 15, 0.4), (6, 14, 0.0)])
def test_limits_of_quarters_have_their_place_in_the_year_and_come_of_the_first_twelve(
    seed: int, count: int, season: float, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    params = load(workbook(tmp_path, seed, ["2026-01", "2026-02", "2026-03"], {}), [UNIT], [])[0]
    first, now = UnitRun(params), Period.parse("2026-Q1")
    kpis = first.compute(now, STAGES).all_tables["kpis"]
    first.close()
    parts, at = list[pd.DataFrame](), now
    for back in range(1, count + 1):
        at = at.previous
        factor = (1 + season * (back % 4 == 1)) * (1 + 0.05 * random.standard_normal(len(kpis)))
        seen = (kpis["observations"] * random.uniform(0.7, 1.3, len(kpis))).round()
        shares = np.minimum(kpis["value"] * factor, np.where(kpis["value"].between(0, 1), 1, np.inf))
        parts.append(kpis.assign(period=str(at), value=shares, observations=seen))
    history = pd.concat(parts[::-1])
    unit_run = UnitRun(params, history[[*SERIES, "value", "observations", "period"]])
    found = unit_run.compute(now, STAGES).all_tables["kpis"]
    unit_run.close()
    assert check(found, history, "2026-Q1", Chart(4, 3.0, 6)) > 100
