"""Measures how long a notebook's panel takes to answer a slider, and writes RESULTS-panel.md.

python benchmarks/panel.py [--customers 100000] [--out RESULTS-panel.md]

A quarter of the sample's first unit, its customers repeated under other names until there are so many. Each slider that
needs no transactions read again is moved, and the whale curve, the matrix and the figures are drawn; in seconds of CPU.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.display import Reader
from cts_lib.panel import Drill, Panel
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.sample import write_sample
from cts_lib.scenarios.standing import Standing

HERE = Path(__file__).parent
PERIOD, LINES, MOST, ROUNDS = Period.parse("2026-Q3"), 200_000, 0.1, 5
REPEATED = ("customer_channel_profit", "customer_profit", "customer_costs", "segments")


def main() -> None:
    """Measure, hold against the goal, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--out", type=Path, default=HERE / "RESULTS-panel.md")
    given = options.parse_args()
    load_average = os.getloadavg()[0]
    panel = panel_of(given.customers)
    took = {dial.name: answer(panel, dial.name, dial.low) for dial in panel.dials if dial.group != "orders"}
    slowest = max(took, key=took.__getitem__)
    given.out.write_text(
        f"# Results\n\nWritten by benchmarks/panel.py on {datetime.now(UTC).date()}; {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores; load average before the run {load_average:.1f}. Seconds of "
        f"CPU.\n\n| goal | measured | |\n| --- | --- | --- |\n"
        f"| the slowest slider at {len(panel.answer.profit):,} customers at most {MOST} s | {took[slowest]:.3f} s "
        f"| {'met' if took[slowest] <= MOST else '**missed**'} |\n\n"
        f"{len(took)} sliders, of unit times, people and cuts, each moved {ROUNDS} times; the median counts. The "
        f"slowest is {slowest}; on average they take {statistics.mean(took.values()):.3f} s. What customers "
        "order otherwise reads the transactions again, and is answered at once only where it was asked before.\n",
        encoding="utf-8",
    )


def answer(panel: Panel, name: str, to: float) -> float:
    """Return the seconds from a slider's move to the picture."""
    seconds = []
    for _ in range(ROUNDS):
        panel.back()
        begun = time.process_time()
        panel.move(name, to).picture()
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds)


def panel_of(customers: int) -> Panel:
    """Return the panel of a period with at least so many customers."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), LINES, 4)
        unit = load(Path(folder, "params"), ["iberia"])[0]
        run = UnitRun(unit)
        tables = run.compute(PERIOD, ("profile", "segment")).all_tables
        run.close()
    times = -(-customers // len(tables["customer_profit"]))
    tables |= {name: repeated(tables[name], times) for name in REPEATED}
    tables["ledger_rows"] = tables["ledger_rows"].assign(amount=tables["ledger_rows"]["amount"] * times)
    standing, reader = Standing(unit, PERIOD, tables.__getitem__), Reader("en", "EUR")
    return Panel(standing, standing.dials, reader, never, Drill(never, reader), live=False)


def repeated(table: pd.DataFrame, times: int) -> pd.DataFrame:
    """Return the rows of a table so many times, each time of other customers."""
    parts = [table.assign(customer_id=table["customer_id"].astype("str") + f"/{each}") for each in range(times)]
    return pd.concat(parts, ignore_index=True)


def never(*asked: object) -> Any:
    """Stand where transactions would be read again, or a customer traced."""
    raise AssertionError(f"no slider that is measured asks for {asked}")


if __name__ == "__main__":
    main()
