"""The results file: the goals first, then a table a size and variant, and how it was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

from contestants import OURS
from goals import Field, Measured, goals

NAMES = {"linear": "equations linear in sums over lines", "finished": "equations that need the finished order"}
NOTE = """\
Twelve resources, three of them support; nine activities at line, order and shipment grain. Every contestant starts
from the same accepted lines in a Parquet file and ends in the same table of customer, channel, activity and cost,
support step and pricing included; all agree to 1e-9 of the cost of every activity and every customer, or nothing is
written. Each runs in a process of its own, in an order that moves on from round to round. Seconds are those inside the
process, imports aside; memory is the process's peak, imports included, in millions of bytes. The scan reads the
columns that the variant needs: with the kept marks of an order's and shipment's first line, the linear one needs no
order and shipment numbers. SQL by hand and ours are exact: the same to the bit in any order of rows; plain doubles are
not. SQL by hand counts orders on their first line, which the lines mark, and lets finished orders carry the sums over
lines; its other shape counts them by DISTINCT, and joins three passes. In place of marks, ours reads how many orders
and shipments each customer and channel has, which the intake keeps; what that takes is told apart below. Nothing else
is kept beforehand but the number of lines of the longest order and how many decimals each column has, which SQL by hand
just knows. Whoever takes longer than a minute in the first round gets no other at that size.

Splitting leaves accepted lines and keeps nothing else; the costing itself is what leads from them to costs, finding
finished orders and shipments on its way. It is told apart at the end. Splitting is also held against the contestants'
costings, which begin where those are kept.
"""


def results(found: Measured, load: float) -> str:
    """Return the file's text; ``load`` is the machine's load average before the run."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "pandas"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB"
    said = f"Python {platform.python_version()}, {libraries}; load average before the run {load:.1f}"
    head = f"# Results\n\nWritten by benchmarks/costing.py on {datetime.now(UTC).date()}; {machine}; {said}.\n"
    table = ["| goal | measured | |", "| --- | --- | --- |", *(goal.row for goal in goals(found)), ""]
    sections = [
        _section(size, variant, field, found.left_out.get((size, variant), {}))
        for size, variants in found.sizes.items()
        for variant, field in variants.items()
    ]
    apart = ["## Measured apart\n", "| what | lines | seconds | peak MB | rounds |", "| --- | --- | --- | --- | --- |"]
    measured = {
        "repricing of the kept cube": found.repricing,
        "splitting accepted from rejected rows": found.splitting,
        "keeping accepted lines, finished orders and shipments": found.keeping,
    } | {
        f"from accepted lines to costs with nothing kept, {NAMES[name]}": item
        for name, item in found.from_accepted.items()
    }
    for name, measure in measured.items():
        figures = f"{measure.seconds:.3f} | {measure.megabytes:,.0f} | {measure.rounds}"
        apart.append(f"| {name} | {found.base:,} | {figures} |")
    return "\n".join([head, *table, NOTE, *sections, *apart, ""])


def _section(size: int, variant: str, field: Field, left_out: dict[str, str]) -> str:
    rows = [
        f"| {name} | {item.seconds:.2f} | {item.seconds / field[OURS].seconds:.2f} | {item.megabytes:,.0f} "
        f"| {item.rounds} |"
        for name, item in field.items()
    ]
    rows += [f"| {name} | left out: {reason} | | | 0 |" for name, reason in left_out.items()]
    head = [
        f"## {size:,} lines, {NAMES[variant]}\n",
        "| contestant | seconds, median | ratio to ours | peak MB | rounds |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows, ""])
