"""Hostile input by the thousand: params, tables, files, expressions, policies and mappings, changed at random.

Whatever comes in, a run ends with tables that add up or with errors of one line each. It raises nothing else, takes no
more than `SECONDS` of CPU and `PATIENCE` times as many on the clock, for a machine may have other work, and writes
nowhere but below its output folder. The same seed changes the same things.
"""

from __future__ import annotations

import math
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import resuming
import settings
import yaml
from reliability import add_row, write_section
from small_workbook import LEDGER, MINUTES, compute, event, line, make_workbook

from cts_lib import limits
from cts_lib.errors import CtsError

SECONDS, LONG, PATIENCE = 60, 300, 10
SETTINGS, RESUME = "settings", "resume"
WHOLE = {SETTINGS: settings.try_one, RESUME: resuming.try_one}
"""Kinds of which few are tried, for all five stages are computed of each."""
BEGIN = "<!-- What follows is written by make soak. -->"
GOES = "<!-- What follows is added to by make soak, of all its goes at hostile input. -->"


def words(text: str) -> list[str]:
    """Return what stands between spaces."""
    return text.split()


ODD: list[Any] = [
    *words("0 -0 1e 1e308 -1e308 1e27 nan inf NULL None a'b a\"b a\\b \u202e 😀 1,5 1.234,50 2026-13-45 0000-00-00"),
    *words("9999-12-31 =1+1 <script> {params} {env:HOME} ../.. / $$ %s c1 north -1"),
    *("", " ", "x" * 5000, "1" * 400, "'; DROP TABLE x; --"),
]
VALUES: list[Any] = [
    *(*ODD, None, True, False, 0, -1, 1e308, -1e308, 10**30, 0.5),
    *([], {}, ["a"], {"a": 1}, [[]], {"": ""}, [None]),
]
PIECES = [
    *words("lines quantity net_sales channel order_date 1 0 1e9 1e 'a' NULL TRUE + - * / % = < AND OR NOT ( ) ,"),
    *words("-- /* ; ::INT [1] . SELECT FROM ? $1 @ COALESCE( POWER( LN( SQRT( CEIL( BETWEEN THEN ELSE END"),
    *("IS NULL", "CASE WHEN", "IN ("),
]
_ATOMS = words("lines quantity net_sales 1 0 2.5 1e9 channel='retail' rush new_customer weight_kg NULL order_date")
_AROUND = [
    *("{0} + {1}", "{0} - {1}", "( {0} ) * {1}", "{1} / ( {0} )", "( {0} ) % {1}", "{0} > {1}", "COALESCE({0}, {1})"),
    *("LEAST({0}, {1})", "SQRT({0})", "LN({0})", "POWER({0}, {1})", "CASE WHEN {0} THEN {1} END", "{0} IS NULL"),
]
_STATEMENTS = """
COPY (SELECT 1) TO '{out}/../taken.csv'
ATTACH '{out}/../taken.db'
INSTALL httpfs
PRAGMA version
SET threads = 1
CREATE TABLE x (a INT)
SELECT 1; SELECT 2
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM glob('/*')
SELECT getenv('HOME')
SELECT '{{env:HOME}}' AS name
SELECT * FROM 'data/{table}.csv' WHERE {odd} = 1
SELECT {odd} AS x FROM 'data/{table}.csv'
SELECT * EXCLUDE ({odd}) FROM 'data/{table}.csv'
SELECT *, {odd} AS x FROM 'data/{table}.csv'
SELECT * FROM 'data/{table}.csv' UNION ALL SELECT * FROM 'data/{table}.csv'
SELECT * FROM read_csv('data/*.csv')
WITH a AS (FROM 'data/{table}.csv') SELECT * FROM a
WITH a AS (FROM 'data/{table}.csv')
FROM x
{odd}
/*
"""
TABLES = ("customers", "products", "order_lines", "events", "ledger")
Change = Callable[[random.Random, Path], None]


def of_params(draw: random.Random, folder: Path) -> None:
    """Put something odd in the place of a value of params, or beside it."""
    path = folder / "params" / "defaults.yml"
    tree = yaml.safe_load(path.read_text())
    at = tree
    while isinstance(at, dict) and at and draw.random() < 0.8:
        key = draw.choice(list(at))
        if isinstance(at[key], int | float) and draw.random() < 0.7:
            at[key] = draw.choice([0, -1, 1, 0.5, 1e-9, 1e9, 1e15, 10**30, 1e308, -1e308, True, "1"])
            break
        if not isinstance(at[key], dict) or draw.random() < 0.3:
            at[key] = draw.choice(VALUES)
            break
        at = at[key]
    else:
        if isinstance(at, dict):
            at[str(draw.choice(ODD))] = draw.choice(VALUES)
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))


def of_policies(draw: random.Random, folder: Path) -> None:
    """Give sections that hold rules something odd."""
    path = folder / "params" / "defaults.yml"
    tree = yaml.safe_load(path.read_text())
    section, key = draw.choice(
        [
            *(
                ("segmentation", "value"),
                ("strategy", "levers"),
                ("strategy", "floors"),
                ("strategy", "capacity_steps"),
            ),
            *(
                ("governance", "targets"),
                ("governance", "calendar"),
                ("governance", "on_time"),
                ("quality", "max_rejected_share"),
            ),
            *(
                ("evaluation", "scenarios"),
                ("profile", "assumed_gross_margin"),
                ("source", "formats"),
                ("source", "allow"),
            ),
        ]
    )
    tree.setdefault(section, {})[key] = draw.choice([draw.choice(VALUES), {str(draw.choice(ODD)): draw.choice(VALUES)}])
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))


def of_expressions(draw: random.Random, folder: Path) -> None:
    """Write an equation or condition of pieces that may or may not belong together."""
    path = folder / "params" / "defaults.yml"
    tree = yaml.safe_load(path.read_text())
    text = draw.choice(_ATOMS)
    for _ in range(draw.randint(0, 4)):
        text = draw.choice(_AROUND).format(text, draw.choice(_ATOMS))
    if draw.random() < 0.5:
        parts = text.split()
        parts[draw.randrange(len(parts))] = draw.choice(PIECES)
        text = " ".join(parts)
    tree["cost_model"]["activities"]["entry"][draw.choice(["minutes", "when"])] = text
    path.write_text(yaml.safe_dump(tree))


def of_cells(draw: random.Random, folder: Path) -> None:
    """Change some cells of a table, repeat a row, or take a column away."""
    path = folder / "data" / f"{draw.choice(TABLES)}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for _ in range(draw.randint(1, 4)):
        table.iloc[draw.randrange(len(table)), draw.randrange(len(table.columns))] = draw.choice(ODD)
    if draw.random() < 0.3:
        table = pd.concat([table, table.sample(1, random_state=draw.randrange(1000))])
    if draw.random() < 0.1:
        table = table.drop(columns=draw.choice(list(table)))
    table.to_csv(path, index=False)
    if draw.random() < 0.5:  # else what is rejected ends the run before anything is costed
        params = folder / "params" / "defaults.yml"
        tree = yaml.safe_load(params.read_text())
        params.write_text(yaml.safe_dump(tree | {"quality": {"max_rejected_share": 1}}))


def of_bytes(draw: random.Random, folder: Path) -> None:
    """Overwrite, cut or double some bytes of a table or of params."""
    path = draw.choice([*sorted((folder / "data").glob("*.csv")), folder / "params" / "defaults.yml"])
    held = bytearray(path.read_bytes())
    for _ in range(draw.randint(1, 5)):
        held[draw.randrange(len(held))] = draw.choice([0, 10, 13, 34, 39, 44, 59, 128, 255, draw.randrange(256)])
    if draw.random() < 0.3:
        held = held[: draw.randrange(len(held))]
    path.write_bytes(bytes(held) * draw.choice([1, 1, 1, 2]))


def of_mappings(draw: random.Random, folder: Path) -> None:
    """Read the tables by mappings, one of which is something else."""
    path = folder / "params" / "defaults.yml"
    tree = yaml.safe_load(path.read_text())
    tree["source"] = {"sql": "sources"}
    path.write_text(yaml.safe_dump(tree))
    (folder / "sources").mkdir()
    for table in TABLES:
        (folder / "sources" / f"{table}.sql").write_text(
            f"SELECT * FROM read_csv('data/{table}.csv', all_varchar=true)"
        )
    table = draw.choice(TABLES)
    text = draw.choice(_STATEMENTS.splitlines()).format(out=folder / "out", table=table, odd=draw.choice(ODD))
    (folder / "sources" / f"{table}.sql").write_text(text, encoding="utf-8")


CHANGES: dict[str, Change] = {
    "params": of_params,
    "policies": of_policies,
    "expressions": of_expressions,
    "cells": of_cells,
    "bytes": of_bytes,
    "mappings": of_mappings,
}
KINDS = (*CHANGES, *WHOLE)
OF_A_THOUSAND = {
    "params": 200,
    "policies": 300,
    "expressions": 70,
    "cells": 30,
    "bytes": 198,
    "mappings": 200,
    SETTINGS: 1,
    RESUME: 1,
}
"""How many of a thousand inputs are of a kind: fewer where more of them are computed, which takes a second each."""


def try_one(kind: str, seed: int, folder: Path) -> str:
    """Run a workbook after a change of a kind; say how it ended, and raise where otherwise than it may."""
    done = list[str]()
    seconds, begun = LONG if kind in WHOLE else SECONDS, time.process_time()
    try:
        with limits.within(PATIENCE * seconds):
            ended = WHOLE[kind](seed, folder, done) if kind in WHOLE else _try_small(kind, seed, folder)
        assert time.process_time() - begun <= seconds, f"{time.process_time() - begun:.0f} s of CPU"
        return ended
    except CtsError as error:
        for problem in getattr(error, "problems", [error]):
            assert len(str(problem).splitlines()) == 1, str(problem)
        return "refused"
    except Exception as error:
        error.add_note(f"changed: {'; '.join(done)}")
        raise


def _try_small(kind: str, seed: int, folder: Path) -> str:
    draw = random.Random(f"{kind} {seed}")  # noqa: S311 - nothing secret
    book = folder / "book"
    shutil.rmtree(book, ignore_errors=True)
    more = line(order_id="o2", customer_id="c2", net_sales="-20", quantity="-2")
    make_workbook(book, [line(), more], MINUTES, events=[event("sales_visit")], ledger=LEDGER)
    CHANGES[kind](draw, book)
    before = files_of(folder) | files_of(Path.cwd(), deep=False)
    try:
        assert_adds_up(compute(book / "params", stages=("profile",)).tables["profile"])
    finally:
        assert files_of(folder) | files_of(Path.cwd(), deep=False) == before
    return "computed"


def files_of(folder: Path, deep: bool = True) -> set[str]:
    """Return all that a folder holds."""
    return {str(path) for path in (folder.rglob("*") if deep else folder.iterdir())}


def assert_adds_up(tables: dict[str, pd.DataFrame]) -> None:
    """Assert that every row that was read is accepted or rejected, with its money, and that sales are a number."""
    quality = tables["quality"]
    assert (quality["read"] == quality["accepted"] + quality["rejected"]).all()
    money = quality.dropna(subset=["money_read", "money_accepted", "money_rejected"])
    parts = money["money_accepted"] + money["money_rejected"]
    assert ((money["money_read"] - parts).abs() <= 0.005 + 1e-12 * money["money_read"].abs()).all()
    assert math.isfinite(tables["customer_channel_profit"]["net_sales"].sum())


def count(kind: str, cases: int) -> int:
    """Return how many of so many inputs are of a kind; a few of each where no number is given."""
    return max(1, cases * OF_A_THOUSAND[kind] // 1000) if cases else 1 if kind in WHOLE else 2


def tries(cases: int, seed: int) -> Iterator[tuple[str, int]]:
    """Yield kinds and seeds of so many inputs, all kinds of each thousand before the next."""
    for thousand in range(seed, seed + max(1, cases // 1000)):
        for kind in KINDS:
            for number in range(count(kind, min(cases, 1000))):
                yield kind, 1000 * thousand + number


def write_report() -> int:
    """Try all kinds, say what did not end as it may, and write the counts; return how many did not."""
    seed, cases = int(os.environ.get("SEED", "7")), int(os.environ.get("CASES", "0"))
    limit = 60 * float(os.environ.get("MINUTES", "inf"))
    ended = {kind: Counter[str]() for kind in KINDS}
    wrong, started = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in tries(cases, seed):
            try:
                ended[kind][try_one(kind, number, Path(folder) / "try")] += 1
            except (Exception, limits.OutOfTime) as error:  # what this is here to find
                ended[kind]["otherwise"] += 1
                wrong += 1
                said = " ".join([*str(error).split(), *getattr(error, "__notes__", [])])
                print(f"{kind} {number}: {type(error).__name__}: {said[:600]}", flush=True)
            if time.monotonic() - started > limit:
                break
    rows = [[kind, *(f"{number:,}" for number in _counted(found))] for kind, found in ended.items()]
    head = ["changed", "tried", "refused in a line", "computed, adds up", "otherwise"]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])
    minutes, tried = (time.monotonic() - started) / 60, sum(found.total() for found in ended.values())
    write_section(BEGIN, f"Seed {seed}, {tried:,} inputs in {minutes:.0f} minutes.\n\n{table}")
    add_row(GOES, [str(datetime.now(UTC).date()), str(seed), f"{tried:,}", f"{wrong:,}"])
    return wrong


def _counted(found: Counter[str]) -> list[int]:
    return [found.total(), found["refused"], found["computed"], found["otherwise"]]


if __name__ == "__main__":
    sys.exit(1 if write_report() else 0)
