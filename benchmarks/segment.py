"""Measures the grouping of customers against k-prototypes, and the whole stage, and writes RESULTS-segment.md.

python benchmarks/segment.py [--customers 100000] [--peer 20000] [--out RESULTS-segment.md]

k-prototypes is that of the package kmodes, after Z. Huang (Data Mining and Knowledge Discovery 2, 1998), as it comes:
ten starts, and once with a single one. It is told the number of groups; ours finds it. Both get the same logarithms and
scales.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from kmodes.kprototypes import KPrototypes
from sklearn.metrics import adjusted_rand_score

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from crowd import GROUPS, QUARTER, crowd

from cts_lib.params.segmentation import Segmentation
from cts_lib.segment import segment
from cts_lib.segment.dimensions import Dimension, find_dimensions
from cts_lib.segment.facts import BEHAVIOUR, attributes_of, facts_of
from cts_lib.segment.groups import find_groups

HERE = Path(__file__).parent
PARAMS = Segmentation()
FASTER, LONGEST = 20.0, 30.0
STARTS = 10
"""What kmodes starts from unless it is told otherwise."""


def main() -> None:
    """Measure, hold against the goals, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--peer", type=int, default=100_000, help="customers that k-prototypes is measured on")
    options.add_argument("--scatter", type=float, default=0.5, help="how much customers of a group differ")
    options.add_argument("--out", type=Path, default=HERE / "RESULTS-segment.md")
    given = options.parse_args()
    load = os.getloadavg()[0]
    costed, group = crowd(given.customers, scatter=given.scatter)
    before, _ = crowd(given.customers, seed=8, scatter=given.scatter, members=group)
    facts = facts_of(costed)
    names = [*BEHAVIOUR, *attributes_of(facts, costed), "channel"]
    begun = time.perf_counter()
    found = find_groups(facts, names, PARAMS, PARAMS.max_clusters)
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    segment(costed, PARAMS, QUARTER, before)
    stage = time.perf_counter() - begun
    few = facts.iloc[: given.peer]
    dimensions, _ = find_dimensions(few, names)
    grown = given.customers / given.peer
    single, _ = k_prototypes(few, dimensions, 1)
    peer, labels = k_prototypes(few, dimensions, STARTS)
    rand, peer_rand = adjusted_rand_score(group, found.labels), adjusted_rand_score(group[: given.peer], labels)
    title = f"grouping of {given.customers:,} customers × {len(names)} dimensions, the number of groups found, at least"
    goals = [
        (f"{title} {FASTER:g} × faster than k-prototypes as it comes ({STARTS} starts)", *_faster(ours, peer * grown)),
        ("the same against a single start of k-prototypes", *_faster(ours, single * grown)),
        ("adjusted Rand the same or better", f"{rand:.3f} against {peer_rand:.3f}", rand >= peer_rand - 5e-4),
        (f"the whole stage under {LONGEST:g} s", f"{stage:.1f} s", stage < LONGEST),
    ]
    given.out.write_text(_text(goals, given, load, int(found.groups.count)), encoding="utf-8")


def _faster(ours: float, peer: float) -> tuple[str, bool]:
    return f"{ours:.1f} s against {peer:,.0f} s: {peer / ours:,.0f} ×", peer >= FASTER * ours


def k_prototypes(frame: pd.DataFrame, dimensions: Sequence[Dimension], starts: int) -> tuple[float, np.ndarray]:
    """Return the seconds that k-prototypes takes and each customer's group."""
    numbers = np.hstack([one.encode(frame, balanced=False) for one in dimensions if not one.values])
    words = frame[[one.name for one in dimensions if one.values]].to_numpy(dtype=object)
    matrix = np.concatenate([numbers.astype(object), words], axis=1)
    model = KPrototypes(len(GROUPS), n_init=starts, random_state=PARAMS.seed)
    begun = time.perf_counter()
    model.fit(matrix, categorical=list(range(numbers.shape[1], matrix.shape[1])))
    return time.perf_counter() - begun, model.labels_


def _text(goals: Sequence[tuple[str, str, bool]], given: argparse.Namespace, load: float, count: int) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    libraries = ", ".join(f"{name} {version(name)}" for name in ("scikit-learn", "kmodes", "numpy", "pandas"))
    scaled = (
        f" k-prototypes was measured on {given.peer:,} customers, its seconds grown in proportion."
        if given.peer < given.customers
        else ""
    )
    rows = "\n".join(f"| {goal} | {measured} | {'met' if met else 'missed'} |" for goal, measured, met in goals)
    return f"""# Results of segment

Written by benchmarks/segment.py on {datetime.now(UTC).date()}; {platform.system()} {platform.machine()}, \
{os.cpu_count()} cores; Python {platform.python_version()}, {libraries}; load average before the run {load:.1f}.

| goal | measured | |
| --- | --- | --- |
{rows}

{len(GROUPS)} groups are planted in eight figures of behaviour and five categories; customers of a group scatter by \
{given.scatter:g} on the logarithm of their sizes. Ours chose {count} groups by itself, trying up to \
{PARAMS.max_clusters} with {PARAMS.bootstraps} resamples each; k-prototypes was told {len(GROUPS)}.{scaled} The stage \
is all tables of segment, the period before included, without its costing. Peak memory of the process {peak:,.0f} MB.
"""


if __name__ == "__main__":
    main()
