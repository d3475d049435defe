"""Measures what the replays of a strategy cost beside costing runs, and writes RESULTS-strategy.md.

python benchmarks/strategy.py [--lines 1000000] [--out RESULTS-strategy.md]

A quarter of about so many lines of the sample, with eight levers of two settings; all in seconds of CPU of one process,
so that what else the machine does matters little. A costing run aggregates and prices the quarter's lines once.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.model.compiled import compile_model
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.run.stages import STAGE
from cts_lib.sample import write_sample
from cts_lib.strategy import replays, stage

HERE = Path(__file__).parent
QUARTERS, PERIOD = 12, Period.parse("2026-Q3")
LEVERS = {
    "portal": {
        "kind": "order_method",
        "settings": {"half": {"to": "portal", "share": 0.5}, "all": {"to": "portal"}},
        "adoption": 0.8,
    },
    "rhythm": {
        "settings": {"weekly": {"days": 7}, "twice": {"weekdays": ["tue", "thu"]}},
        "adoption": 0.6,
        "promise": "move",
    },
    "minimum_order": {
        "settings": {"weekly": {"value": 250, "below": "bundle"}, "fee": {"value": 250, "fee": 12}},
        "adoption": 0.7,
    },
    "rush": {"settings": {"none": {"drop": True}, "fee": {"fee": 15}}, "adoption": 0.7},
    "drop": {"kind": "terms", "settings": {"six": {"fee_per_drop": 6}, "nine": {"fee_per_drop": 9}}, "adoption": 0.8},
    "order": {
        "kind": "terms",
        "settings": {"two": {"fee_per_order": 2}, "four": {"fee_per_order": 4}},
        "adoption": 0.8,
    },
    "price": {
        "kind": "terms",
        "settings": {"one": {"price": 0.01}, "two": {"price": 0.02, "lose": 0.1}},
        "adoption": 0.5,
    },
    "partner": {
        "kind": "hand_over",
        "settings": {"small": {"below": 1500, "margin_kept": 0.6}, "more": {"below": 3000, "margin_kept": 0.6}},
    },
}


class Clock:
    """Adds up the CPU seconds of calls, and how often there were any."""

    def __init__(self) -> None:
        self.seconds, self.calls = 0.0, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.process_time() - begun
                self.calls += 1

        return timed


def main() -> None:
    """Measure, hold against the goals, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, default=1_000_000, help="order lines of the quarter, about")
    options.add_argument("--out", type=Path, default=HERE / "RESULTS-strategy.md")
    given = options.parse_args()
    load_average = os.getloadavg()[0]
    large = measured(given.lines * QUARTERS, LEVERS)
    small = measured(200_000, None, units=4)
    replayed, costing, options = large["replays"], large["costing"], large["options"]
    goals = [
        ("all replays at most 10 × one costing run", replayed / costing, 10.0, "×"),
        ("all replays at most 0.1 of a costing run an option", replayed / (costing * options), 0.1, "×"),
        ("the programme in less time than the replays", large["programme"] / replayed, 1.0, "×"),
        ("the strategy of a unit of the sample at most 5 s of CPU", small["strategy"], 5.0, "s"),
    ]
    rows = [f"| {goal} | {value:.2f} {unit} | {_met(value <= most)} |\n" for goal, value, most, unit in goals]
    given.out.write_text(
        f"# Results\n\nWritten by benchmarks/strategy.py on {datetime.now(UTC).date()}; {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores; load average before the run {load_average:.1f}. Seconds of "
        f"CPU.\n\n| goal | measured | |\n| --- | --- | --- |\n{''.join(rows)}\n"
        f"A quarter of {large['lines']:,.0f} lines, {large['cells']:.0f} segments in channels, eight levers of two "
        f"settings: {options:.0f} options of cells were priced by {replayed:.0f} s of replays, which rewrote "
        f"{large['copies']:,.0f} lines; a costing run takes {costing:.1f} s, the programme "
        f"{large['programme']:.1f} s in {large['solved']:.0f} solutions, the whole stage {large['strategy']:.0f} s.\n",
        encoding="utf-8",
    )


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def measured(lines: int, levers: dict[str, Any] | None, units: int = 1) -> dict[str, float]:
    """Return seconds and counts of the strategy of one unit of a sample."""
    replaying, solving, copies = Clock(), Clock(), 0
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), lines, units)
        if levers is not None:
            defaults = Path(folder, "params", "defaults.yml")
            params = yaml.safe_load(defaults.read_text(encoding="utf-8"))
            params["strategy"]["levers"] = levers
            defaults.write_text(yaml.safe_dump(params, sort_keys=False, allow_unicode=True), encoding="utf-8")
        unit = load(Path(folder, "params"), ["iberia"])[0]
        unit_run = UnitRun(unit)
        results = unit_run.compute(PERIOD, ("profile", "segment"))
        engine = unit_run.accepted(PERIOD).engine
        costed = Costed.of(results.stages["profile"])
        activities = compile_model(unit.params.cost_model, unit_run.accepted(PERIOD).extras)
        begun = time.process_time()
        price(build_cube(engine, activities), costed.rates)
        costing = time.process_time() - begun
        timed_replay = replaying.around(replays.replay)

        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal copies
            outcome = timed_replay(*arguments, **named)
            copies += int(outcome.customer_sums["lines"].sum())
            return outcome

        with (
            mock.patch.object(replays, "replay", counted),
            mock.patch.object(stage, "choose", solving.around(stage.choose)),
        ):
            whole = Clock()
            with mock.patch.dict(STAGE, strategy=whole.around(STAGE["strategy"])):
                found = unit_run.compute(PERIOD, ("strategy",)).all_tables
        unit_run.close()
    return {
        "costing": costing,
        "replays": replaying.seconds,
        "programme": solving.seconds,
        "solved": solving.calls,
        "strategy": whole.seconds,
        "copies": copies,
        "options": float((found["strategy_options"]["option"] != "current").sum()),
        "cells": len(found["strategy"]),
        "lines": float(costed.customer_sums["lines"].sum()),
    }


if __name__ == "__main__":
    main()
