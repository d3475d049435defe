"""Measures the chain with days against SimPy, and common random numbers, and writes RESULTS-simulate.md.

python benchmarks/simulate.py [--replications 200] [--peer 6] [--rounds 5] [--out RESULTS-simulate.md]

One centre, four nodes, 40 streams with a line each day, 425 days, and two strategies: today's and one of higher reorder
points and more capacity. SimPy's is the second way that the tests hold ours to: a process each order and each line. It
is measured on the first replications, and its seconds grown in proportion; every figure of theirs has to be ours.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from chain_by_simpy import flow_by_simpy
from chains import figures

from cts_lib.simulate.chain import Arrivals, Chain, Nodes, Resources, Stock
from cts_lib.simulate.flow import Flow, flow

HERE = Path(__file__).parent
DAYS, STREAMS, NODES = 425, 40, 4
WARM_UP = 60
FASTER, NARROWER = 90.0, 0.55


def main() -> None:
    """Measure, hold against the goals, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--replications", type=int, default=200)
    options.add_argument("--peer", type=int, default=6, help="replications that SimPy is measured on")
    options.add_argument("--rounds", type=int, default=5, help="of ours, the median of which counts")
    options.add_argument("--out", type=Path, default=HERE / "RESULTS-simulate.md")
    options.add_argument("--first", action="store_true", help="only say how long the first call of a process takes")
    given = options.parse_args()
    if given.first:
        print(seconds_of(lambda: flow(drawn(1, 7), strategy(4.0, 415.0)))[0])
        return
    load = os.getloadavg()[0]
    common, others = (drawn(given.replications, seed) for seed in (7, 8))
    today, proposal = strategy(reorder_days=4.0, minutes=415.0), strategy(reorder_days=4.4, minutes=425.0)
    both = [(common, today), (common, proposal)]
    compiling, reading = first_calls()
    flow(first_of(common, 1), today)
    rounds = [seconds_of(lambda: [flow(*one) for one in both]) for _ in range(given.rounds)]
    ours, found = median(seconds for seconds, _ in rounds), rounds[-1][1]
    few = first_of(common, given.peer)
    peer, theirs = seconds_of(lambda: [flow_by_simpy(few, chain) for chain in (today, proposal)])
    hold_equal([flow(few, chain) for chain in (today, proposal)], theirs)
    grown = peer * given.replications / given.peer
    before, after = (lateness(common, one) for one in found)
    paired = np.std(after - before, ddof=1)
    apart = np.std(lateness(others, flow(others, proposal)) - before, ddof=1)
    goals = [
        (
            f"one centre, {NODES} nodes, {STREAMS} streams, {DAYS} days, {given.replications} replications, two "
            f"strategies: at least {FASTER:g} × faster than SimPy",
            f"{ours:.2f} s against {grown:,.0f} s: {grown / ours:,.0f} ×",
            grown >= FASTER * ours,
        ),
        (
            "half-width of the difference in mean lateness with common random numbers: at most "
            f"{NARROWER:g} of that of independent runs",
            f"{paired / apart:.2f}",
            paired <= NARROWER * apart,
        ),
    ]
    notes = f"""\
{len(common.day):,} lines a strategy. SimPy was measured on {given.peer} replications of each strategy, {peer:.1f} s, \
its seconds grown in proportion; every figure of theirs, by line, day and stream, is ours to 1e-9, or nothing is \
written. Both run in one thread, and neither is timed drawing the arrivals. Seconds are of CPU, ours the median of \
{given.rounds} rounds. The first call in a process comes on top: {compiling:.1f} s where nothing is compiled yet, \
{reading:.1f} s where it reads what was compiled before. From today to the proposal mean lateness goes from \
{before.mean():.3f} to {after.mean():.3f} days; the closer strategies are, the more common random numbers bring.
"""
    given.out.write_text(text(goals, notes, load), encoding="utf-8")


def first_calls() -> list[float]:
    """Return the seconds of a process's first call: with nothing compiled, and with what was compiled then."""
    command = [sys.executable, __file__, "--first"]
    with tempfile.TemporaryDirectory() as folder:
        kept = os.environ | {"NUMBA_CACHE_DIR": folder}
        return [float(subprocess.run(command, env=kept, check=True, capture_output=True).stdout) for _ in range(2)]


def drawn(replications: int, seed: int) -> Arrivals:
    """Draw an order of one line a stream and day, and the lead times of what is ordered on each day."""
    generator = np.random.default_rng(seed)
    orders = replications * DAYS * STREAMS
    stream = np.tile(np.arange(STREAMS, dtype="int32"), replications * DAYS)
    return Arrivals(
        np.arange(replications + 1) * (DAYS * STREAMS),
        np.tile(np.repeat(np.arange(DAYS, dtype="int32"), STREAMS), replications),
        np.arange(orders),
        stream,
        stream % np.int32(NODES),
        1.0 + generator.poisson(4.0, orders),
        8.0 + generator.integers(0, 5, (orders, 1)),
        generator.integers(2, 7, (replications, DAYS, STREAMS), dtype="int32"),
    )


def strategy(reorder_days: float, minutes: float) -> Chain:
    """Return a chain whose reorder points cover so many days, whose centre works so many minutes a day."""
    daily, every = 5.0, np.ones(STREAMS)
    point = np.ceil(daily * reorder_days) * every
    stock = Stock(
        tuple(f"stream {place}" for place in range(STREAMS)),
        on_hand=point + 10,
        reorder_point=point,
        order_up_to=point + 20,
        order_quantity=np.where(np.arange(STREAMS) % 2, 20.0, 0.0),
        review_days=np.zeros(STREAMS, "int64"),
        is_lost=np.zeros(STREAMS, bool),
    )
    centre = Resources(("centre",), np.full((DAYS, 1), minutes), np.zeros(1), np.ones(1))
    picking = Nodes(tuple(f"node {place}" for place in range(NODES)), np.full((DAYS, NODES), 12.0))
    return Chain(centre, picking, stock, WARM_UP)


def first_of(arrivals: Arrivals, replications: int) -> Arrivals:
    lines = DAYS * STREAMS * replications
    names = ("day", "order", "stream", "node", "quantity", "minutes")
    few = {name: getattr(arrivals, name)[:lines] for name in names}
    return replace(
        arrivals, starts=arrivals.starts[: replications + 1], lead_days=arrivals.lead_days[:replications], **few
    )


def lateness(arrivals: Arrivals, found: Flow) -> np.ndarray:
    """Return each replication's mean of the days from order to picking, of what arrives after the warm-up."""
    late = (found.picked - arrivals.day).reshape(-1, DAYS, STREAMS)
    return late[:, WARM_UP:].mean(axis=(1, 2))


def seconds_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of CPU that work takes, and what it finds."""
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def hold_equal(ours: Sequence[Flow], theirs: Sequence[Flow]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        told = figures(other)
        for name, values in figures(mine).items():
            np.testing.assert_allclose(values, told[name], rtol=1e-9, atol=1e-9, err_msg=name)


def text(goals: Sequence[tuple[str, str, bool]], notes: str, load: float) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "simpy"))
    rows = "\n".join(f"| {goal} | {measured} | {'met' if met else 'missed'} |" for goal, measured, met in goals)
    return f"""# Results of simulate

Written by benchmarks/simulate.py on {datetime.now(UTC).date()}; {platform.system()} {platform.machine()}, \
{os.cpu_count()} cores; Python {platform.python_version()}, {libraries}; load average before the run {load:.1f}.

| goal | measured | |
| --- | --- | --- |
{rows}

{notes}"""


if __name__ == "__main__":
    main()
