"""A run that goes on from what an earlier one left, whatever happened in between, ends as one from the beginning.

In between the first run is stopped, files that it left are damaged or gone, and params, tables or manifest are changed.
The same seed does the same.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import settings
import yaml
from test_resume import Stopped, content

from cts_lib import jobs
from cts_lib.errors import CtsError
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import STAGES
from cts_lib.sample import write_sample
from cts_lib.store import BEFORE

PERIODS = ("2026-Q2", "2026-Q3")
SOME = ("profile", "segment", "govern")
STEPS = 16
"""Steps of which a run that is stopped comes to one."""
SECONDS = 600
"""That a period may take, on a machine that has other work."""
Told = list[str]


def try_one(seed: int, folder: Path, done: Told) -> str:
    """Run the sample twice with something in between, and from the beginning; say how it ended, and what was done."""
    draw = random.Random(f"resume {seed}")  # noqa: S311 - nothing secret
    sample, tried = folder / "sample", folder / "resume"
    if not sample.exists():
        write_sample(sample, lines=settings.LINES, units=1)
    shutil.rmtree(tried, ignore_errors=True)
    shutil.copytree(sample, tried)
    report = draw.random() < 0.3
    stages = STAGES if report or draw.random() < 0.3 else SOME
    places = {"params": tried / "params", "out": tried / "out", "periods": PERIODS}
    order = jobs.Order(**places, overrides=settings.FEW, stages=stages, timeout=SECONDS, resume=True)
    stop_at = draw.randrange(STEPS) if draw.random() < 0.3 else None
    done.append(f"stages {', '.join(stages)}{' and pages' if report else ''}; stopped at {stop_at}")
    failed = run(order, report, stop_at)
    assert not failed, f"failed at once: {failed}"
    for change in draw.choices(list(CHANGES), k=draw.randint(1, 3)):
        done.append(CHANGES[change](draw, tried))
    failed = run(order, report)
    found = content(order.out)
    shutil.rmtree(order.out, ignore_errors=True)
    expected_failed = run(order, report)
    assert failed == expected_failed, f"failed: {failed}; from the beginning: {expected_failed}"
    assert not any("took more than" in text for text in failed), failed
    if failed:
        return "refused"
    expected = content(order.out)
    names = {name for name in expected.keys() | found.keys() if not name.endswith(".broken")}
    for manifest in (each[name] for each in (found, expected) for name in each if name.endswith("manifest.json")):
        manifest.get("fingerprints", {}).pop(BEFORE, None)  # its files tell
    differing = {name for name in names if found.get(name) != expected.get(name)}
    kept = {before_of(name) for name in found}
    wrong = sorted(name for name in differing if not before_of(name) or before_of(name) in kept)
    assert not wrong, f"not as from the beginning: {', '.join(wrong)}"
    shutil.rmtree(tried)
    return "computed"


def run(order: jobs.Order, report: bool, stop_at: int | None = None) -> list[str]:
    """Do the order, to its end or to a step; return what failed."""
    try:
        (unit,) = load(order.params, list(order.units), list(order.overrides))
    except CtsError as error:
        return [str(error)]
    failed, steps = list[str](), list[str]()

    def tell(message: jobs.Message) -> None:
        if message.kind == "failed":
            failed.append(message.text)
        if message.kind == "progress":
            if len(steps) == stop_at:
                raise Stopped
            steps.append(message.text)

    with suppress(Stopped):
        jobs.work_unit(jobs.Work(order, unit, [Period.parse(text) for text in order.periods], report), tell)
    return failed


def before_of(name: str) -> str:
    """Return the folder of the period before that a file is in, if it is in one: it may be gone, but not in part."""
    folder, within, _ = name.partition(f"/state/{BEFORE}/")
    return folder if within else ""


def of_params(draw: random.Random, folder: Path) -> str:
    """Change a value of params."""
    path = folder / "params" / "defaults.yml"
    tree = yaml.safe_load(path.read_text())
    told = settings.change(draw, tree)
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
    return told


def of_cells(draw: random.Random, folder: Path) -> str:
    """Change a number in a table."""
    path = draw.choice(sorted((folder / "data" / "sample").rglob("*.parquet")))
    table = pd.read_parquet(path)
    numbers = table.select_dtypes("number").columns
    if not len(table) or not len(numbers):
        return f"{path.name} as it was"
    column, at = draw.choice(list(numbers)), draw.randrange(len(table))
    table[column] = table[column].astype(float)
    table.loc[table.index[at], column] *= draw.choice([0.5, 2, 3])
    table.to_parquet(path)
    return f"{path.name}: {column} of row {at}"


def of_files(draw: random.Random, folder: Path) -> str:
    """Take a file that the first run left away, cut it, or write over some of it."""
    files = sorted(path for path in (folder / "out").rglob("*") if path.is_file())
    if not files:
        return "nothing was left"
    path = draw.choice(files)
    held = bytearray(path.read_bytes())
    how = draw.choice(("gone", "cut", "empty", "overwritten"))
    path.unlink()  # others may share it
    if how != "gone":
        if how == "overwritten" and held:
            held[draw.randrange(len(held))] ^= 1 << draw.randrange(8)
        path.write_bytes({"cut": held[: len(held) // 2], "empty": b""}.get(how, held))
    return f"{path.relative_to(folder)} {how}"


def of_manifests(draw: random.Random, folder: Path) -> str:
    """Change a text or number of a manifest, as another version would have written it, or leave a key out."""
    files = sorted((folder / "out").glob("2*/*/manifest.json"))
    if not files:
        return "no manifest"
    path = draw.choice(files)
    tree = json.loads(path.read_text())
    key = draw.choice(list(tree))
    at: Any = tree
    while isinstance(at, dict) and isinstance(at.get(key), dict) and at[key] and draw.random() < 0.9:
        at, key = at[key], draw.choice(list(at[key]))
    if draw.random() < 0.3:
        at.pop(key)
    else:
        at[key] = draw.choice(["other", "0.0.1", 7, None])
    path.unlink()
    path.write_text(json.dumps(tree))
    return f"{path.relative_to(folder)}: {key} {at.get(key, 'left out')}"


def of_folders(draw: random.Random, folder: Path) -> str:
    """Take a folder of the first run away."""
    folders = sorted(path for path in (folder / "out").rglob("*") if path.is_dir())
    if not folders:
        return "no folder was left"
    path = draw.choice(folders)
    shutil.rmtree(path)
    return f"{path.relative_to(folder)} gone"


CHANGES: dict[str, Callable[[random.Random, Path], str]] = {
    "params": of_params,
    "cells": of_cells,
    "files": of_files,
    "manifests": of_manifests,
    "folders": of_folders,
}
