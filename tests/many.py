"""Many units, their pages among it, in a few processes: nothing grows from the first to the last: run by ``make soak``.

UNITS says how many; SEED draws their data. What all processes of the run hold is asked of /proc while it runs.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import pandas as pd
from processes import Known, Process, ports, still_there, tree
from reliability import write_section
from small_workbook import event, line, make_workbook

UNITS, SEED = int(os.environ.get("UNITS", "200")), int(os.environ.get("SEED", "7"))
MONTHS = {"2025-Q4": ("2025-10", "2025-11", "2025-12"), "2026-Q1": ("2026-01", "2026-02", "2026-03")}
MONTHS["2026-Q2"] = ("2026-04", "2026-05", "2026-06")
NEWEST = "2026-Q2"
"""The quarter that is run; the two before it are its history."""
MODEL = {
    "resources": {"desk": {"capacity_minutes": 6000, "owner": "Head of desk"}, "dock": {"capacity_minutes": 9000}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "12 + 3 * lines"},
        "picking": {"resource": "dock", "per": "line", "minutes": "4 + 0.2 * quantity"},
        "visit": {"resource": "desk", "per": "event:sales_visit", "minutes": "60"},
    },
}
QUICK = {"profile": {"draws": 100}, "segmentation": {"bootstraps": 3}}
PARTS = 5
"""Parts of the run that are held against each other: the last against the second, for the first begins cold."""
MORE = 1.1
"""What the last part may hold for each that the second held."""
SECONDS = 0.5
"""Between two looks at the processes."""
BEGIN = "<!-- What follows is written by make soak, of many units. -->"


def write_workbook(folder: Path, units: list[str], draw: random.Random) -> Path:
    """Write a workbook of so many units, each with its own trade in three quarters; return the params folder."""
    channels = ("direct", "retail", "export")
    customers = [{"customer_id": f"c{at}", "name": f"No. {at}", "channel": channels[at % 3]} for at in range(40)]
    products = [{"product_id": f"p{at}", "name": f"Item {at}", "family": f"family {at % 3}"} for at in range(12)]
    lines, events, ledger = list[dict[str, object]](), list[dict[str, object]](), list[dict[str, object]]()
    for unit in units:
        buyers = draw.randint(8, 40)
        for period, months in MONTHS.items():
            ledger += [
                {"business_unit": unit, "period": period, "resource": name, "amount": round(draw.uniform(2000, 9000))}
                for name in ("desk", "dock")
            ]
            for number in range(draw.randint(25, 60)):
                order = {"order_id": f"{period}-{number}", "customer_id": f"c{int(buyers * draw.random() ** 2)}"}
                order |= {"business_unit": unit, "order_date": f"{draw.choice(months)}-{draw.randint(1, 28):02d}"}
                for at in range(draw.randint(1, 4)):
                    sales = round(draw.lognormvariate(5, 0.8), 2)
                    more = {"net_sales": str(sales), "cogs": str(round(sales * draw.uniform(0.5, 0.8), 2))}
                    more |= {"product_id": f"p{draw.randrange(12)}", "quantity": str(draw.randint(1, 40))}
                    lines.append(line(line_no=str(at + 1), **order | more))
            events += [
                event("sales_visit", f"c{draw.randrange(buyers)}", business_unit=unit, event_date=f"{month}-15")
                for month in months
            ]
    tables = {"customers": customers, "products": products, "events": events, "ledger": ledger}
    params = make_workbook(folder, lines, MODEL, **tables, **QUICK)
    (params / "units" / "north.yml").unlink()
    for unit in units:
        (params / "units" / f"{unit}.yml").write_text(f"unit: {{label: Unit {unit[1:]}}}\n", encoding="utf-8")
    return params


def watched(given: list[str], environment: dict[str, str], temporary: Path) -> pd.DataFrame:
    """Run the command to its end; return what its processes held at each look, and how many units were done by then."""
    looks, known = list[dict[str, float]](), dict[Known, str]()
    log = temporary.with_name("log")
    with log.open("w") as told:
        run = subprocess.Popen(given, stdout=told, stderr=subprocess.STDOUT, env=environment)
    while run.poll() is None:
        time.sleep(SECONDS)
        if held := tree(run.pid):
            known |= {each.known: each.command for each in held.values()}
            done = log.read_text().count("  done, ")
            looks.append({"done": done, "temporary files": len(list(temporary.iterdir()))} | facts(held, run.pid))
    assert run.returncode == 0, log.read_text()[-3000:]
    assert log.read_text().count("  done, ") == UNITS, log.read_text()[-3000:]
    for _ in range(20):  # the last to end is the one that takes care that nothing is left
        if not (left := still_there(set(known))):
            break
        time.sleep(SECONDS)
    assert not left, f"still there: {[known[each] for each in left]}"
    return pd.DataFrame(looks)


def facts(held: dict[int, Process], main: int) -> dict[str, float]:
    """Return what a look found, in MB and counts; of workers and kernels what the mean one holds."""
    spawned = sorted(
        (each for each in held.values() if each.parent == main and "--multiprocessing-fork" in each.command),
        key=lambda each: each.started,
    )
    kinds = {"the run": [held[main]], "its manager": spawned[:1], "a worker": spawned[1:]}
    kinds["a kernel"] = [each for each in held.values() if "ipykernel_launcher" in each.command]
    found: dict[str, float] = {"processes": len(held), "ports": ports(held)}
    for kind, each in kinds.items():
        if each:
            found[f"{kind}: MB"] = sum(one.memory for one in each) / len(each) / 1e6
            found[f"{kind}: open files"] = sum(len(one.files) for one in each) / len(each)
            found[f"{kind}: threads"] = sum(one.threads for one in each) / len(each)
    return found


def by_part(looks: pd.DataFrame) -> pd.DataFrame:
    """Return what the processes held in each part of the run: of memory the mean, of what is counted the median."""
    within = looks[looks["done"] < UNITS]
    parts = within.drop(columns="done").groupby(within["done"] * PARTS // UNITS)
    return parts.agg({name: "mean" if name.endswith("MB") else "median" for name in within if name != "done"}).T


def grown(parts: pd.DataFrame) -> list[str]:
    """Return of what the last part of the run held more than the second."""
    return parts.index[parts[PARTS - 1] > MORE * parts[1]].tolist()


def leftovers(folder: Path) -> list[str]:
    """Return what the run left of what it needed only while it ran."""
    places = [*(folder / "temporary").rglob("*"), *(folder / "runtime").rglob("*")]
    hidden = [path for path in (folder / "out").rglob(".*") if path.name not in (".", "..")]
    return sorted(str(path.relative_to(folder)) for path in [*places, *hidden])


def write_report() -> bool:
    """Run many units, and write what their processes held; return whether nothing grew and nothing is left."""
    units = [f"u{at:03d}" for at in range(1, UNITS + 1)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        params = write_workbook(folder, units, random.Random(SEED))  # noqa: S311 - nothing secret
        temporary, runtime = folder / "temporary", folder / "runtime"
        temporary.mkdir()
        places = ["--params", str(params), "--out", str(folder / "out"), "--jobs", "2"]
        cts = [sys.executable, "-u", "-m", "cts_lib.cli"]
        environment = os.environ | {"TMPDIR": str(temporary), "JUPYTER_RUNTIME_DIR": str(runtime)}
        began = time.monotonic()
        looks = watched([*cts, "run", *places, "--period", NEWEST], environment, temporary)
        minutes, left = (time.monotonic() - began) / 60, leftovers(folder)
        pages = len(list((folder / "out" / NEWEST).glob("u*/0*.html")))
    parts = by_part(looks)
    grew = grown(parts)
    told = told_of(parts, minutes, pages, left)
    print(told, *(f"grew: {name}" for name in grew), *(f"left: {name}" for name in left), sep="\n", flush=True)
    write_section(BEGIN, told)
    return not grew and not left and pages == 5 * UNITS


def told_of(parts: pd.DataFrame, minutes: float, pages: int, left: list[str]) -> str:
    """Return the section that says what the run held."""
    first = [part * UNITS // PARTS for part in range(PARTS + 1)]
    heads = [f"units {begin + 1}-{end}" for begin, end in pairwise(first)]
    rows = [f"| held | {' | '.join(heads)} |", "| --- |" + " ---: |" * PARTS]
    rows += [f"| {name} | {' | '.join(f'{value:,.0f}' for value in values)} |" for name, *values in parts.itertuples()]
    table = "\n".join(rows)
    return (
        f"Seed {SEED}: {UNITS:,} units, {pages:,} notebooks, two at once, in {minutes:.0f} minutes. What the run's "
        "processes held meanwhile, of memory the mean and of all else the median; afterwards no process was left, and "
        f"{len(left)} files of those that are needed only while it runs.\n\n{table}"
    )


if __name__ == "__main__":
    sys.exit(0 if write_report() else 1)
