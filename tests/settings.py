"""What somebody could write, through all five stages: the sample with some of its params and tables changed.

Most of what is tried is right, so that the whole way is gone: a run ends with figures that agree from stage to stage,
or with errors of one line each. The same seed changes the same things.
"""

from __future__ import annotations

import math
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.sample import write_sample

LINES = 1_000
FEW = ["evaluation.replications=10", "evaluation.precision=1", "profile.draws=100", "segmentation.bootstraps=3"]
FACTORS = [0, 0.1, 0.5, 0.9, 1.1, 2, 10]
CONDITIONS = [
    *("channel = 'retail'", "channel <> 'export'", "segment = 'Passive'", "orders > 20", "net_sales < 500", "FALSE"),
    *("size_class IN ('small', 'medium')", "NOT rush = 1", "order_method IS NULL", "quantity >= 10 OR rush = 1"),
]
SECTIONS = ("cost_model", "profile", "segmentation", "strategy", "evaluation", "governance")
WORDS = {
    "objective": ["cash", "full_cost"],
    "horizon": ["next_period", "mean"],
    "compare": ["previous", "year_before", "plan", "2026-Q1"],
    "value": ["net_sales", "profit", "gross_margin_share", "growth", "channel_share"],
    "cost": ["cost_to_serve", "cost_to_serve_of_margin"],
    "named_by": ["matrix", "groups"],
    "value_abc": ["money", "customers"],
    "xyz_bucket": ["week", "month", "auto"],
    "promise": ["keep", "move"],
}
TABLES = ("events", "products", "inventory", "replenishment", "lanes", "nodes")
"""Tables that a unit need not have."""
COLUMNS = (
    *("cogs", "priority", "order_method", "promised_date", "delivered_date", "shipped_date", "warehouse", "ship_mode"),
    *("freight_cost", "gross_sales", "delivered_quantity", "returned_quantity", "shipment_id", "distance_km"),
)
"""Columns of order lines that a unit need not have."""


def try_one(seed: int, folder: Path, done: list[str]) -> str:
    """Compute the sample in ``folder`` with changed params and tables; say how it ended, and what was changed."""
    draw = random.Random(f"settings {seed}")  # noqa: S311 - nothing secret
    sample, tried = folder / "sample", folder / f"try-{seed}"
    if not sample.exists():
        write_sample(sample, lines=LINES, units=1)
    shutil.copytree(sample, tried, copy_function=os.link)
    try:
        defaults = tried / "params" / "defaults.yml"
        tree = yaml.safe_load(defaults.read_text())
        done += [change(draw, tree) for _ in range(draw.randint(1, 5))]
        defaults.unlink()  # it is the sample's too
        defaults.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
        done += take_away(draw, tried / "data" / "sample")
        run = UnitRun(load(tried / "params", ["iberia"], FEW)[0])
        try:
            assert_agrees(run.compute(Period.parse("2026-Q3")).all_tables)
        finally:
            run.close()
    finally:
        shutil.rmtree(tried)
    return "computed"


def change(draw: random.Random, tree: dict[str, Any]) -> str:
    """Change one value to another that somebody could write, or leave an entry out; return what was done."""
    section = tree[draw.choice(SECTIONS)]
    if draw.random() < 0.15:
        parts = [part for part in section.values() if isinstance(part, dict) and len(part) > 1]
        part = draw.choice(parts or [section])
        return f"without {(gone := draw.choice(list(part)))}: {part.pop(gone)}"
    within, key, others = draw.choice([leaf for leaf in leaves(draw, section) if leaf[2]])
    told = f"{key}: {within[key]}"
    within[key] = draw.choice(others)
    return f"{told} -> {within[key]}"


def leaves(draw: random.Random, tree: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, list[Any]]]:
    """Yield every place of a tree whose value is no tree itself, with other values that could stand there."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(draw, value)
        elif isinstance(value, bool):
            yield tree, key, [not value]
        elif isinstance(value, int):
            yield tree, key, [round(value * factor) for factor in FACTORS]
        elif isinstance(value, float):
            yield tree, key, [value * factor for factor in FACTORS]
        elif isinstance(value, list):
            yield tree, key, [draw.sample(value, draw.randint(0, len(value)))] if value else []
        elif key in WORDS:
            yield tree, key, WORDS[key]
        else:
            yield tree, key, CONDITIONS if key in ("for", "when") else []


def take_away(draw: random.Random, data: Path) -> list[str]:
    """Take a table or a column away, or nothing; return what."""
    if draw.random() < 0.5:
        return []
    if draw.random() < 0.5:
        name = draw.choice(TABLES)
        (data / f"{name}.parquet").unlink()
        return [f"no {name}"]
    column = draw.choice(COLUMNS)
    for path in (data / "order_lines").glob("*.parquet"):
        table = pd.read_parquet(path)
        path.unlink()  # it is the sample's too
        table.drop(columns=column, errors="ignore").to_parquet(path)
    return [f"no {column}"]


def assert_agrees(tables: dict[str, pd.DataFrame]) -> None:
    """Assert that what stages say of the same thing is the same, and that no figure is endless."""
    for name, table in tables.items():
        for column, values in table.select_dtypes("float64").items():
            assert not values.isin([math.inf, -math.inf]).any(), f"{name}.{column} is endless"
    by_channel = tables["customer_channel_profit"]
    for column in ("net_sales", "cost_to_serve", "profit"):
        whole = pytest.approx(by_channel[column].sum(), abs=0.01)
        assert tables["customer_profit"][column].sum() == whole, column
        assert tables["channel_profit"][column].sum() == whole, column
    today = tables["strategy_options"].query("option == 'current'")
    for column in ("cost_to_serve", "profit"):
        assert today[column].sum() == pytest.approx(by_channel[column].sum(), abs=0.01), column
    assert tables["customer_costs"]["cost"].sum() == pytest.approx(by_channel["cost_to_serve"].sum(), abs=0.01)
    assert set(tables["segments"]["customer_id"]) == set(by_channel["customer_id"])
    for name in ("evaluation", "comparison"):
        known = tables[name].dropna(subset=["low", "high"])
        assert (known["low"] <= known["high"]).all(), name
