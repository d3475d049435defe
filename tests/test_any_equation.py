"""Any equation costs what its own SQL says thing by thing, however the cube sums it, and its drivers add up to it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from any_equation import Asked, Held, asked, hold, write_workbook
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cts_lib.costing.driver_costs import driver_costs
from cts_lib.cube.cube import build_cube
from cts_lib.engine import fetch_frame
from cts_lib.errors import DataError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import things

KEYS = ["customer_id", "channel"]
FEW = settings(max_examples=int(os.environ.get("EXAMPLES", "50")), deadline=None)
GOLD, FIRST = "WHEN customer_tier = 'gold'", "WHEN customer_id = 'c1'"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with hold(write_workbook(tmp_path_factory.mktemp("equations"))) as held:
        yield held


def summed(held: Held, item: CompiledActivity) -> pd.DataFrame:
    """Each customer's sum of an equation over its things, and how many have no value, in plain doubles."""
    value = item.quantity.sql.sql("duckdb")
    found = fetch_frame(
        held.engine,
        f"SELECT customer_id, channel, SUM({value}) AS quantity, COUNT(*) - COUNT({value}) AS missing, "
        f"COUNT(CASE WHEN {value} < 0 THEN 1 END) AS negative FROM "
        f"({things(item.grain, item.drivers, identify=True)}) AS thing WHERE {item.happened} GROUP BY ALL",
    )
    return found.set_index(KEYS).astype("float64").fillna(0.0)


@FEW
@given(st.lists(asked(), min_size=1, max_size=3))
@example([Asked("order", f"CASE {GOLD} THEN 3 {FIRST} THEN 2 ELSE 0 END + CASE {FIRST} THEN 5 ELSE 0 END", None)])
@example([Asked("order", "lines + net_sales + customer_stores", None)])
@example([Asked("order", "weight_kg - weight_kg + lines", "customer_stores IS NULL")])
def test_an_equation_costs_what_its_things_do_and_its_drivers_add_up_to_it(held: Held, questions: list[Asked]) -> None:
    compiled = held.compiled(questions)
    cube = build_cube(held.engine, compiled)
    told = pd.DataFrame({"activity": cube.activities, "price": 1.0, "missing": cube.missing.sum(axis=0)})
    drivers = driver_costs(held.engine, compiled, told)
    assert not drivers.drivers.duplicated(["activity", "driver"]).any()
    for place, item in enumerate(compiled):
        expected = summed(held, item)
        index = pd.MultiIndex.from_frame(cube.cells)
        found = pd.DataFrame({"quantity": cube.quantity[:, place], "missing": cube.missing[:, place]}, index)
        both = expected[["quantity", "missing"]].reindex(index, fill_value=0.0).astype("float64")
        pd.testing.assert_frame_equal(found, both, rtol=1e-9, atol=1e-9)
        assert set(expected.index) <= set(index)
        own = (drivers.drivers["activity"] == item.name).to_numpy()
        parts = (drivers.quantities * drivers.drivers["price"].to_numpy())[:, own].sum(axis=1)
        by_driver = pd.Series(parts, pd.MultiIndex.from_frame(drivers.cells)).reindex(index, fill_value=0.0)
        np.testing.assert_allclose(by_driver, both["quantity"], rtol=1e-9, atol=1e-9)


@FEW
@given(asked())
def test_minutes_are_summed_alike_and_refused_where_a_thing_takes_less_than_none(held: Held, question: Asked) -> None:
    compiled = held.compiled([question], timed=True)
    expected = summed(held, compiled[0])
    if expected["negative"].any():
        with pytest.raises(DataError, match=r"cost_model\.activities\.activity_0, .* rows are negative"):
            build_cube(held.engine, compiled)
        return
    cube = build_cube(held.engine, compiled)
    found = pd.Series(cube.quantity[:, 0], pd.MultiIndex.from_frame(cube.cells))
    np.testing.assert_allclose(found.reindex(expected.index), expected["quantity"], rtol=1e-9, atol=1e-9)
    assert found.sum() == pytest.approx(expected["quantity"].sum())
