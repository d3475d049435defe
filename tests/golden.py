"""Every table of two small units, kept as text in ``tests/golden/``: what no change may move unseen.

``make golden`` writes them anew; the difference is read like code.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pandas as pd

from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.sample import write_sample

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "golden"
MOST_ROWS = 1_500
"""Of a longer table every so many rows are kept."""
FEW = ("evaluation.replications=10", "evaluation.precision=1")


def sample_tables() -> dict[str, pd.DataFrame]:
    """The tables of a small made-up unit."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), lines=3000, units=1)
        return _tables(Path(folder) / "params", "iberia", "2026-Q3")


def scms_tables() -> dict[str, pd.DataFrame]:
    """The tables of a quarter of the pharmaceutical supply chain; ``CTS_DATA`` names the folder of its data."""
    return _tables(ROOT / "examples" / "scms" / "params", "arv", "2008-Q1")


UNITS = {"sample": sample_tables, "scms": scms_tables}


def _tables(params: Path, unit: str, period: str) -> dict[str, pd.DataFrame]:
    unit_run = UnitRun(load(params, [unit], FEW)[0])
    try:
        tables = unit_run.compute(Period.parse(period)).all_tables
        return {name: table.iloc[:: 1 + len(table) // MOST_ROWS] for name, table in tables.items()}
    finally:
        unit_run.close()


def as_text(table: pd.DataFrame, digits: int = 17) -> str:
    """The table as CSV, its numbers with so many digits."""
    return table.to_csv(index=False, float_format=f"%.{digits}g", lineterminator="\n")


def write(unit: str, tables: dict[str, pd.DataFrame]) -> None:
    """Write one text file a table."""
    folder = KEPT / unit
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(as_text(table, digits=12), encoding="utf-8")


def main() -> None:
    """Write the golden tables of every unit."""
    os.environ.setdefault("CTS_DATA", str((ROOT / "../shared/data").resolve()))
    for unit, compute in UNITS.items():
        write(unit, compute())


if __name__ == "__main__":
    sys.exit(main())
