"""The stage puts every customer and channel into one segment, finds what was planted, and says who moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from cts_lib.costing.costed import Costed
from cts_lib.params import load
from cts_lib.params.segmentation import Segmentation
from cts_lib.period import Period
from cts_lib.run import UnitRun
from cts_lib.segment import Model, assign, segment
from cts_lib.segment.facts import facts_of

KEYS = ["customer_id", "channel"]
QUARTER = Period.parse("2026-Q2")
PARAMS = Segmentation()
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def opened(small_sample: Path) -> Iterator[UnitRun]:
    run = UnitRun(load(small_sample / "params")[0])
    yield run
    run.close()


@pytest.fixture(scope="module")
def before(opened: UnitRun) -> Costed:
    return opened._cost(QUARTER.previous)


@pytest.fixture(scope="module")
def costed(opened: UnitRun, before: Costed) -> Costed:
    return opened._cost(QUARTER)


@pytest.fixture(scope="module")
def tables(costed: Costed, before: Costed) -> Tables:
    return segment(costed, PARAMS, QUARTER, before)[0]


def truth(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "data" / "sample" / "truth" / f"{name}.parquet")


def test_every_customer_and_channel_has_exactly_one_segment(tables: Tables, costed: Costed) -> None:
    segments, by_channel = tables["segments"], costed.tables["customer_channel_profit"]
    assert not segments.duplicated(KEYS).any()
    assert set(segments[KEYS].itertuples(index=False)) == set(by_channel[KEYS].itertuples(index=False))
    assert segments["segment"].notna().all()
    assert segments["stability"].between(0, 1).all()


def test_the_planted_segments_are_found(tables: Tables, small_sample: Path) -> None:
    planted = truth(small_sample, "customers").set_index("customer_id")["segment"]
    found = tables["segments"][tables["segments"]["customer_id"].isin(planted.index)]
    assert adjusted_rand_score(planted[found["customer_id"]], found["cluster"]) > 0.8


def test_assigning_the_same_customers_again_gives_the_same_segments(tables: Tables, costed: Costed) -> None:
    again = assign(facts_of(costed), Model.read(tables["segment_model"]))
    columns = [*KEYS, "segment", "value_class", "cost_class", "cluster", "need"]
    pd.testing.assert_frame_equal(again[columns], tables["segments"][columns], check_dtype=False)
    assert set(again["placed_by"]) == {"thresholds"}
