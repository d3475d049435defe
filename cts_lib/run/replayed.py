"""Transactions as a plan rewrites them, as canonical tables with params that fix today's prices.

``cts compute --until profile`` on them gives the plan's cost, profit and service by customer and channel to the cent,
so that anybody can check what a plan claims.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine, quote, quoted
from cts_lib.errors import ParamsError
from cts_lib.model.drivers import Transactions
from cts_lib.params import CostModel, UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT, Option, read_plan
from cts_lib.replay.outcome import actual_transactions
from cts_lib.replay.policy import Cells, cells_of, everywhere, policy_of
from cts_lib.replay.pricing import with_levers
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import GoingAlong
from cts_lib.run.stages import Results
from cts_lib.run.unit import UnitRun
from cts_lib.stage import Accepted, StageResult
from cts_lib.tables.inputs import INPUTS, ORDER_LINES

_COLUMNS = [column.name for column in ORDER_LINES.columns if column.name != "business_unit"]
_NOT_WRITTEN = {"exchange_rates"}
PARTS = (
    "SELECT part.* FROM accepted_deliveries AS part JOIN {lines} AS line ON line.order_id = part.order_id AND "
    "line.line_no = part.line_no WHERE NOT line._on_time_share IS NULL ORDER BY 2, 3, 4"
)
"""The parts in which rewritten lines arrive: those of lines whose days are as they were."""


def write_replay(unit_run: UnitRun, period: Period, plan: str, to: Path) -> None:
    """Write the period's transactions as a plan rewrites them, with params, into a new folder.

    ``plan`` is ``current``, ``proposed``, or the name of an option, which then holds for every segment and channel.

    Raises
    ------
    ParamsError
        Where there is no such option, or the folder holds something already.
    """
    check_new(to)
    read_plan(plan, unit_run.unit.params.strategy)
    write_rewritten(unit_run, period, unit_run.compute(period, ("profile", "segment", "strategy")), plan, to)


def write_rewritten(unit_run: UnitRun, period: Period, results: Results, plan: str, to: Path) -> None:
    """Do as `write_replay` where the stages up to strategy are computed already."""
    unit, option = unit_run.unit, read_plan(plan, unit_run.unit.params.strategy)
    costed = Costed.of(results.stages["profile"])
    accepted = unit_run.accepted(period)
    engine = accepted.engine
    going = GoingAlong.read(
        results.stages["strategy"].state["going_along"],
        results.stages["segment"].tables["segments"],
        unit.params.strategy,
    )
    cells = _cells(plan, option, results.stages["strategy"], going)
    model, brought = with_levers(unit.params.cost_model, unit.params.strategy)
    policy = policy_of({plan: cells}, going, unit.params.strategy)
    known = columns_of(accepted, brought)
    leave_stock(engine, unit.params.strategy, period.days)
    source = rewrite(engine, policy, unit.params.strategy, actual_transactions(engine), [*known, "_on_time_share"])
    write(unit, engine, source, Priced(model, costed.rates, known), to)


@dataclass(frozen=True)
class Priced:
    """The cost model that prices written transactions, at which rates, and the columns of their lines."""

    model: CostModel
    rates: pd.DataFrame
    columns: list[str]


def write(unit: UnitParams, engine: Engine, source: Transactions, priced: Priced, to: Path, parts: str = PARTS) -> None:
    """Write transactions of the engine as tables with params; ``parts`` is the SQL of the parts of lines."""
    partial = to.with_name(f".{to.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write_tables(engine, partial / "data", unit, source, priced.columns, parts)
        fixed = priced.rates[priced.rates["basis"].isin(["minutes", "driver"])]
        prices = dict(zip(fixed["activity"], fixed["price"].astype(float), strict=True))
        _write_params(partial / "params", unit, priced.model.model_dump(exclude_none=True, exclude_unset=True), prices)
        if to.exists():
            to.rmdir()
        partial.rename(to)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_new(to: Path) -> None:
    """Raise a ParamsError for a folder that holds something already."""
    if to.exists() and any(to.iterdir()):
        raise ParamsError(f"--to {to}", "is not empty", "name a new folder")


def columns_of(accepted: Accepted, brought: Iterable[str]) -> list[str]:
    """Return the columns of written lines: the contract's, the data's own, and what levers bring."""
    return list(dict.fromkeys([*_COLUMNS, *accepted.extras.get("order_lines", {}), *brought]))


def _cells(plan: str, option: Option | None, strategy: StageResult, going: GoingAlong) -> Cells:
    if option is not None:
        return everywhere(option, going)
    if plan == CURRENT:
        return {}
    return cells_of(strategy.tables["strategy"])


def _write_tables(
    engine: Engine, folder: Path, params: UnitParams, source: Transactions, columns: list[str], parts: str
) -> None:
    folder.mkdir(parents=True)
    listed, currency = ", ".join(map(quoted, columns)), params.params.unit.currency
    unit = f"{quote(params.business_unit)} AS business_unit"
    events = f"{unit}, * EXCLUDE (scenario, replication) FROM {source.events}"
    tables = {
        "order_lines": f"SELECT {unit}, {listed} FROM {source.lines} ORDER BY customer_id, channel, order_id, line_no",
        "events": f"SELECT {events} ORDER BY customer_id, event_date",
        "customers": "SELECT * EXCLUDE (new_customer) FROM customers ORDER BY customer_id",
        "products": "SELECT * FROM products ORDER BY product_id",
        "ledger": f"SELECT {unit}, * EXCLUDE (business_unit) FROM accepted_ledger ORDER BY period, resource, amount",
        "deliveries": parts.format(lines=source.lines),
    }
    for contract in INPUTS:
        if contract.name not in {*tables, *_NOT_WRITTEN}:
            tables[contract.name] = f"SELECT {unit}, * FROM {contract.name} ORDER BY 2, 3, 4"
    for name, query in tables.items():
        rows = engine.query(query)
        if "currency" in rows.column_names:  # what was in another is in the unit's by now
            at = rows.column_names.index("currency")
            rows = rows.set_column(at, "currency", pa.array([currency] * rows.num_rows, pa.string()))
        if rows.num_rows or name in ("customers", "products", "order_lines"):
            pq.write_table(rows, folder / f"{name}.parquet")


def _write_params(folder: Path, unit: UnitParams, model: dict[str, Any], prices: Mapping[str, float]) -> None:
    """Write the unit's params as merged, with today's prices and without levers."""
    tree = deepcopy(unit.tree)
    tree["source"] = {"path": "data"}
    tree["cost_model"] = model | {"prices": {**prices, **model.get("prices", {})}}
    tree["strategy"] = {**(tree.get("strategy") or {}), "levers": {}}
    own = {"unit": {**(tree.pop("unit", None) or {}), "business_unit": unit.business_unit}}
    (folder / "units").mkdir(parents=True)
    for path, part in ((folder / "defaults.yml", tree), (folder / "units" / f"{unit.name}.yml", own)):
        path.write_text(yaml.safe_dump(part, sort_keys=False, allow_unicode=True), encoding="utf-8")
