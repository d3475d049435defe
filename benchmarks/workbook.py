"""The workbook's own engine, and what is measured of it apart: repricing, threads and the intake."""

from __future__ import annotations

import hashlib
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from models import MINUTES, MODELS, pools
from raw import UNIT, planted

from cts_lib.costing.rates import cost_to_serve, price, unit_rates
from cts_lib.cube.cube import build_cube
from cts_lib.engine import DuckDB
from cts_lib.intake import attach
from cts_lib.intake.rows import complete_lines
from cts_lib.intake.split import split_rows
from cts_lib.model.compiled import compile_model
from cts_lib.model.drivers import ACTUAL, finish, sums_by_customer
from cts_lib.params import Params, UnitParams
from cts_lib.params.period import Period

YEAR = Period.parse("2026")
KEPT = ("customers", ACTUAL.decimals, *(f(kept) for kept in ("orders", "shipments") for f in (str, sums_by_customer)))
"""What the intake keeps beside accepted lines."""


def ours(path: Path, variant: str, threads: int | None = None) -> pd.DataFrame:
    """Return the costs of the lines in a file."""
    return _costs(_kept(path, threads), variant)


def from_accepted(path: Path, variant: str) -> dict[str, float]:
    """Go from accepted lines to costs with nothing kept: orders and shipments are finished on the way."""
    engine = _accepted(path)
    started = time.perf_counter()
    finish(engine)
    costs = _costs(engine, variant)
    return {"seconds": time.perf_counter() - started, "rows": float(len(costs))}


def _costs(engine: DuckDB, variant: str) -> pd.DataFrame:
    model, cube = MODELS[variant], build_cube(engine, compile_model(MODELS[variant], {}))
    costs = price(cube, unit_rates(model, pools(model), cube.totals))
    return costs[["customer_id", "channel", "activity", "cost"]]


def keep(path: Path) -> dict[str, float]:
    """Write what the intake keeps beside accepted lines: finished orders and shipments, and the customers."""
    started = time.perf_counter()
    engine = _accepted(path)
    finish(engine)
    for name, kept in kept_files(path).items():
        engine.execute(f"COPY {name} TO '{kept}' (FORMAT PARQUET)")
    return {"seconds": time.perf_counter() - started}


def kept_files(path: Path) -> dict[str, Path]:
    """Return the files beside a file of lines, by relation."""
    return {name: path.with_name(f"{path.stem}-{name}.parquet") for name in KEPT}


def _kept(path: Path, threads: int | None = None) -> DuckDB:
    """Return an engine with the lines and all that the intake keeps beside them."""
    engine = DuckDB(threads)
    for name, file in ({"lines": path} | kept_files(path)).items():
        engine.create(name, f"SELECT * FROM read_parquet('{file}')", view=True)
    return _without_events(engine)


def _accepted(path: Path) -> DuckDB:
    """Return an engine with the lines and their customers alone."""
    engine = DuckDB()
    engine.create("lines", f"SELECT * FROM read_parquet('{path}')", view=True)
    engine.create("customers", "SELECT DISTINCT customer_id, '' AS channel, 0 AS new_customer FROM lines")
    return _without_events(engine)


def _without_events(engine: DuckDB) -> DuckDB:
    engine.create("events", "SELECT customer_id, '' AS event, 0 AS quantity FROM customers WHERE FALSE", view=True)
    return engine


def repricing(path: Path, times: int = 5) -> dict[str, float]:
    """Price the kept cube anew after a change of one activity's minutes and of all capacities: median seconds."""
    model = MODELS["linear"]
    cube = build_cube(_kept(path), compile_model(model, {}))
    customer, customers = pd.factorize(cube.cells["customer_id"])
    seconds = []
    for change in range(1, times + 1):
        started = time.perf_counter()
        factors = [1 + change / 10 if name == "picking" else 1.0 for name in cube.activities]
        changed = replace(cube, quantity=cube.quantity * factors)
        rates = unit_rates(model, pools(model, MINUTES * (1 + change / 20)), changed.totals)
        np.bincount(customer, cost_to_serve(changed, rates))
        seconds.append(time.perf_counter() - started)
    return {"seconds": statistics.median(seconds), "customers": float(len(customers))}


def threads(path: Path) -> dict[str, float]:
    """Say whether the costs are the same to the bit for one, two and four threads, in the same order of rows."""
    same = all(len({_fingerprint(ours(path, variant, threads)) for threads in (1, 2, 4)}) == 1 for variant in MODELS)
    return {"same": float(same)}


def _fingerprint(costs: pd.DataFrame) -> str:
    digest = hashlib.sha256(costs["cost"].to_numpy().tobytes())
    for name in ("customer_id", "channel", "activity"):
        digest.update("\n".join(costs[name]).encode())
    return digest.hexdigest()


def intake(folder: Path, lines: int) -> dict[str, float]:
    """Split raw tables into accepted and rejected rows, and apart from it keep what was accepted.

    Every planted fault must be found, and no other.
    """
    tree = {"source": {"path": folder.name}, "cost_model": MODELS["linear"].model_dump(exclude_none=True)}
    unit = UnitParams(UNIT, Params.model_validate(tree), tree, folder.parent / "params")
    engine = DuckDB()
    source = attach(engine, unit)
    started = time.perf_counter()
    found = split_rows(engine, source, unit, YEAR)
    split = time.perf_counter()
    complete_lines(engine, source, unit)
    finish(engine)
    kept = time.perf_counter()
    if len(found.rejected) != planted(lines):
        raise SystemExit(f"intake: {len(found.rejected)} rows rejected, {planted(lines)} faults planted")
    return {"seconds": split - started, "keeping": kept - split}
