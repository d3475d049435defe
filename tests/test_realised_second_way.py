"""What actions brought, a second way: from the stored profits of drawn quarters, by statsmodels and the docs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import yaml
from scipy.optimize import lsq_linear
from scipy.stats import t as student
from small_workbook import UNIT, booked, line, make_workbook

from cts_lib import jobs, store
from cts_lib.params.actions import actions_file

ALL, NOBODY = "(all)", "(none)"
KEYS = ["customer_id", "channel"]
QUARTERS = {"2025-Q1": "02", "2025-Q2": "05", "2025-Q3": "08", "2025-Q4": "11", "2026-Q1": "02"}
ACTIONS: list[dict[str, Any]] = [
    {"id": "cell", "action": "rhythm", "segment": "Passive", "channel": "retail", "since": "2025-Q4"},
    {"id": "channel", "action": "portal", "channel": "web", "state": "done", "since": "2025-Q3"},
    {"id": "one", "action": "call", "customer_id": "c05", "since": "2026-Q1"},
    {"id": "dropped", "action": "call", "customer_id": "c07", "state": "dropped", "since": "2025-Q3"},
    {"id": "all", "action": "price list", "since": "2025-Q4"},
    {"id": "later", "action": "fee", "channel": "retail", "since": "2026-Q2"},
]


def workbook(folder: Path, seed: int) -> Path:
    """Write quarters of customers who come and go, of two channels, and what people keep; return the params folder."""
    random = np.random.default_rng(seed)
    sizes, channels = random.lognormal(0, 0.5, 30), ("retail", "web", "shop")
    lines = [
        line(
            f"{quarter}-{who}-{order}",
            customer_id=f"c{who:02d}",
            channel=channels[(who + (random.random() < 0.1)) % 3],
            order_date=f"{quarter[:4]}-{month}-{random.integers(1, 28):02d}",
            net_sales=round(float(100 * size * random.uniform(0.7, 1.3)), 2),
            cogs=round(float(50 * size), 2),
        )
        for quarter, month in QUARTERS.items()
        for who, size in enumerate(sizes)
        if random.random() < 0.9
        for order in range(random.integers(1, 5))
    ]
    params = make_workbook(
        folder,
        lines,
        customers=[{"customer_id": f"c{who:02d}", "channel": channels[who % 3]} for who in range(30)],
        ledger=[booked("desk", int(random.integers(500, 1000)), quarter) for quarter in QUARTERS],
        segmentation={"value_threshold": [120.0], "cost_threshold": [0.3], "bootstraps": 1, "max_clusters": 2},
    )
    kept = actions_file(params, UNIT)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(yaml.safe_dump([{"state": "running"} | action for action in ACTIONS]), encoding="utf-8")
    return params


def reached(action: dict[str, Any], who: pd.DataFrame) -> pd.Series:
    """Return which customers in a channel an action is for."""
    found = pd.Series(True, who.index)
    for name in ("segment", "channel", "customer_id"):
        if name in action:
            found &= who[name] == action[name]
    return found


def works(action: dict[str, Any], period: str) -> bool:
    return action.get("state", "running") in ("running", "done") and action["since"] <= period


def brought(action: dict[str, Any], stored: pd.DataFrame, period: str) -> list[float]:
    """Return the saving a period and the ends of its central 90 %; nothing where it cannot be told."""
    nothing = [np.nan] * 3
    year = [f"{int(action['since'][:4]) - 1}{action['since'][4:]}", action["since"]]
    before = stored[stored["period"].between(*year, inclusive="left")]
    after = stored[stored["period"].between(action["since"], period)]
    if not works(action, period) or before.empty:
        return nothing
    who = before.sort_values("period").drop_duplicates(KEYS, keep="last").set_index(KEYS)[["segment"]]
    for name in ("profit", "net_sales"):
        for side, rows in (("before", before), ("after", after)):
            means = rows.groupby(KEYS)[name].sum() / rows["period"].nunique()
            who[f"{name}_{side}"] = means.reindex(who.index).fillna(0.0)
    who = who.reset_index()
    who["change"] = who["profit_after"] - who["profit_before"]
    who["size"] = (who["net_sales_after"] + who["net_sales_before"]) / 2
    mine = reached(action, who)
    comparable = ~mine & (who["channel"].isin(who[mine]["channel"]) | who["segment"].isin(who[mine]["segment"]))
    for other in ACTIONS:
        whom = reached(other, who)
        if other is not action and works(other, period) and not whom.all():
            comparable &= ~whom
    if not mine.any() or comparable.sum() < 3:
        return nothing
    return difference(who[mine], who[comparable])


def difference(mine: pd.DataFrame, others: pd.DataFrame) -> list[float]:
    """Return Σ (change − a − b × net sales) of an action's customers, with what it may miss by."""

    def design(rows: pd.DataFrame) -> np.ndarray:
        return np.column_stack([np.ones(len(rows)), rows["size"]])[:, : 2 if len(others) >= 6 else 1]

    fit = sm.OLS(others["change"].to_numpy(), design(others)).fit(cov_type="HC2")
    rest = mine["change"].to_numpy() - fit.predict(design(mine))
    whole = design(mine).sum(axis=0)
    of_line = float(whole @ fit.cov_params() @ whole)
    if len(mine) >= 5:
        own = len(mine) * rest.var(ddof=1)
        free = (own + of_line) ** 2 / (own**2 / (len(mine) - 1) + of_line**2 / fit.df_resid)
    else:  # their scatter is the others', by the square of size
        squares = np.column_stack([np.ones(len(others)), others["size"] ** 2 / others["size"].mean() ** 2])
        scatter = fit.resid**2 * len(others) / fit.df_resid
        level, slope = lsq_linear(squares, scatter, (0, np.inf), tol=1e-14).x
        own = (level + slope * mine["size"] ** 2 / others["size"].mean() ** 2).sum()
        free = fit.df_resid
    half = student.ppf(0.95, free) * np.sqrt(own + of_line)
    return [rest.sum(), rest.sum() - half, rest.sum() + half]


@pytest.mark.parametrize("seed", [1, 2])
def test_what_actions_brought_follows_from_the_stored_quarters(seed: int, tmp_path: Path) -> None:
    stages, params = ("profile", "segment", "govern"), workbook(tmp_path, seed)
    assert jobs.work(jobs.Order(params, tmp_path / "out", periods=list(QUARTERS), stages=stages), report=False) == 0
    folders = {quarter: tmp_path / "out" / quarter / UNIT for quarter in QUARTERS}
    stored = pd.concat(
        [
            store.read_table(folder, "segments")[["period", *KEYS, "segment"]].merge(
                store.read_table(folder, "customer_channel_profit")[[*KEYS, "net_sales", "profit"]], on=KEYS
            )
            for folder in folders.values()
        ]
    )
    told = 0
    for quarter, folder in folders.items():
        known = stored[stored["period"] <= quarter]
        found = store.read_table(folder, "actions").set_index("id")
        for action in ACTIONS:
            row = found.loc[action["id"]]
            wanted = brought(action, known, quarter)
            names = ["realised_saving", "realised_low", "realised_high"]
            assert row[names].tolist() == pytest.approx(wanted, nan_ok=True, rel=1e-4), (quarter, action["id"])
            verdict = "no difference" if wanted[1] <= 0 <= wanted[2] else "better" if wanted[0] > 0 else "worse"
            assert row["verdict"] == (NOBODY if np.isnan(wanted[0]) else verdict)
            told += np.isfinite(wanted[0])
    assert told >= 4
