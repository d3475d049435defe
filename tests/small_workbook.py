"""Writes tiny workbooks, a few rows a table, and runs them: what most tests of the core start from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from cts_lib import cli
from cts_lib.costing.costed import Costed
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun
from cts_lib.run.replayed import write_rewritten
from cts_lib.stage import StageResult
from cts_lib.strategy.stage import going_along

Row = dict[str, Any]
Model = dict[str, Any]
UNIT = "north"
QUARTER = "2026-Q1"

CUSTOMERS: list[Row] = [
    {"customer_id": "c1", "name": "One", "channel": "direct"},
    {"customer_id": "c2", "name": "Two", "channel": "retail"},
]
PRODUCTS: list[Row] = [{"product_id": "p1", "name": "Item", "family": "goods"}]
MINUTES: Model = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "40"}},
}


def line(order_id: str = "o1", line_no: str = "1", customer_id: str = "c1", **more: Any) -> Row:
    """An order line with the required columns; ``more`` adds or replaces columns."""
    given = {"business_unit": UNIT, "order_id": order_id, "line_no": line_no, "customer_id": customer_id}
    usual = {"product_id": "p1", "order_date": "2026-02-02", "quantity": "10", "net_sales": "100", "cogs": "60"}
    return given | usual | more


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Order lines of these columns, each with a number of its own."""
    return [line(**each | {"line_no": str(at)}) for at, each in enumerate(rows)]


def event(name: str, customer_id: str = "c1", **more: Any) -> Row:
    """An event in the middle of the quarter."""
    return {"business_unit": UNIT, "customer_id": customer_id, "event_date": "2026-02-02", "event": name} | more


def booked(resource: str, amount: float, period: str = QUARTER, **more: Any) -> Row:
    """A ledger row."""
    return {"business_unit": UNIT, "period": period, "resource": resource, "amount": amount} | more


FEW = {"replications": 10, "precision": 1}
LEDGER = [booked("desk", 1000)]
"""What pays for the one resource of `MINUTES`."""


def make_workbook(
    folder: Path,
    lines: Sequence[Mapping[str, Any]] = (),
    cost_model: Model | None = None,
    *,
    customers: Sequence[Mapping[str, Any]] = CUSTOMERS,
    products: Sequence[Mapping[str, Any]] = PRODUCTS,
    events: Sequence[Mapping[str, Any]] = (),
    ledger: Sequence[Mapping[str, Any]] = (),
    inventory: Sequence[Mapping[str, Any]] = (),
    lanes: Sequence[Mapping[str, Any]] = (),
    nodes: Sequence[Mapping[str, Any]] = (),
    replenishment: Sequence[Mapping[str, Any]] = (),
    unit: Model | None = None,
    **sections: Any,
) -> Path:
    """Write tables as CSV and params for one unit, which evaluates in few replications; return the params folder."""
    data, units = folder / "data", folder / "params" / "units"
    data.mkdir(parents=True, exist_ok=True)
    units.mkdir(parents=True, exist_ok=True)
    tables = {"customers": customers, "products": products, "order_lines": lines or [line()], "events": events}
    tables |= {"ledger": ledger, "inventory": inventory, "lanes": lanes, "nodes": nodes}
    tables["replenishment"] = replenishment
    for name, rows in tables.items():
        if rows:
            pd.DataFrame(list(rows)).to_csv(data / f"{name}.csv", index=False)
    params = {"source": {"path": "data"}, "cost_model": cost_model or MINUTES, "evaluation": FEW} | sections
    (folder / "params" / "defaults.yml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    (units / f"{UNIT}.yml").write_text(yaml.safe_dump(unit or {}), encoding="utf-8")
    return folder / "params"


def cts(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command line in this process and return its exit status."""
    monkeypatch.setattr("sys.argv", ["cts", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


def open_run(params: Path, overrides: Sequence[str] = (), unit: str = UNIT) -> UnitRun:
    """Open a unit of a params folder."""
    return UnitRun(load(params, [unit], list(overrides))[0])


def compute(
    params: Path,
    period: str = QUARTER,
    stages: Sequence[str] = ("profile",),
    overrides: Sequence[str] = (),
    unit: str = UNIT,
) -> Results:
    """Compute stages of one period."""
    unit_run = open_run(params, overrides, unit)
    try:
        return unit_run.compute(Period.parse(period), stages)
    finally:
        unit_run.close()


def write_option(unit_run: UnitRun, option: str, to: Path, period: str = QUARTER) -> None:
    """Write what an option makes of a period of an open unit; of its strategy that reads only who goes along."""
    at = Period.parse(period)
    results = unit_run.compute(at, ("profile", "segment"))
    segments, profiled = results.all_tables["segments"], Costed.of(results.stages["profile"])
    going, _ = going_along(unit_run.accepted(at), unit_run.unit, at, profiled, segments)
    results.stages["strategy"] = StageResult({}, [], {"going_along": going.table()})
    write_rewritten(unit_run, at, results, option, to)


def costed(unit_run: UnitRun, period: Period) -> Costed:
    """Cost a period of an open unit."""
    return Costed.of(unit_run.compute(period, ["profile"]).stages["profile"])


def taken_in(folder: Path, *args: Any, **more: Any) -> dict[str, pd.DataFrame]:
    """The profile's tables of a workbook with one ledger row, however many of its rows are rejected."""
    usual = {"ledger": LEDGER, "quality": {"max_rejected_share": 0.9}}
    return compute(make_workbook(folder, *args, **(usual | more))).tables["profile"]


def row(table: pd.DataFrame, /, **where: Any) -> pd.Series:
    """The one row of a table with these values."""
    chosen = table[(table[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(chosen) == 1, f"{len(chosen)} rows with {where} in\n{table}"
    return chosen.iloc[0]
