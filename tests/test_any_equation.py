"""Any equation costs what the plain cube says, and what the interface says, however the cube sums it."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from any_equation import COPIES, Asked, Held, asked, assert_same_cube, copied_rows, hold, quarter, write_workbook
from by_interface import Taken, taken
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cts_lib.costing.driver_costs import driver_costs
from cts_lib.cube.cube import Cube, build_cube
from cts_lib.cube.plain import plain_cube
from cts_lib.errors import DataError

FEW = settings(max_examples=int(os.environ.get("EXAMPLES", "50")))
GOLD, FIRST = "WHEN customer_tier = 'gold'", "WHEN customer_id = 'c1'"
QUARTER = quarter()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with hold(write_workbook(tmp_path_factory.mktemp("equations"))) as held:
        yield held


def assert_is_taken(cube: Cube, place: int, expected: dict[tuple[object, ...], Taken]) -> None:
    """Hold an activity of a cube to what each of its cells took; a cell without units of work took nothing."""
    cells = list(cube.cells.itertuples(index=False, name=None))
    by_cell = [expected.get(cell, Taken()) for cell in cells]
    assert set(expected) <= set(cells)
    np.testing.assert_array_equal(cube.volume[:, place], [cell.volume for cell in by_cell])
    np.testing.assert_array_equal(cube.missing[:, place], [cell.missing for cell in by_cell])
    np.testing.assert_allclose(cube.quantity[:, place], [cell.quantity for cell in by_cell], rtol=1e-9, atol=1e-9)


def by_interface(question: Asked) -> dict[tuple[object, ...], Taken]:
    one = question
    return taken(one.per, one.quantity, one.when, QUARTER.customers, QUARTER.lines, QUARTER.events)


def by_interface_copied(question: Asked) -> dict[tuple[object, ...], Taken]:
    """The same for each scenario and replication."""
    found: dict[tuple[object, ...], Taken] = {}
    for scenario, replication, factor, without in COPIES:
        lines, events = (copied_rows(rows, factor, without) for rows in (QUARTER.lines, QUARTER.events))
        part = taken(question.per, question.quantity, question.when, QUARTER.customers, lines, events)
        found |= {(scenario, replication, *cell): value for cell, value in part.items()}
    return found


@FEW
@given(st.lists(asked(), min_size=1, max_size=3))
@example([Asked("order", f"CASE {GOLD} THEN 3 {FIRST} THEN 2 ELSE 0 END + CASE {FIRST} THEN 5 ELSE 0 END", None)])
@example([Asked("order", "lines + net_sales + customer_stores", None)])
@example([Asked("order", "weight_kg - weight_kg + lines", "customer_stores IS NULL")])
@example([Asked("line", "CASE WHEN business_unit = 'north' THEN 2 ELSE quantity END", "business_unit <> 'south'")])
@example([Asked("order", "2*lines", None), Asked("order", "net_sales + 3", "net_sales > lines")])
def test_the_fast_cube_is_the_plain_one_and_both_say_what_the_interface_does(
    held: Held, questions: list[Asked]
) -> None:
    compiled = held.compiled(questions)
    for source, interface in zip(held.transactions, (by_interface, by_interface_copied), strict=True):
        fast, plain = (build(held.engine, compiled, source) for build in (build_cube, plain_cube))
        assert_same_cube(fast, plain)
        for place, question in enumerate(questions):
            assert_is_taken(fast, place, interface(question))


@FEW
@given(st.lists(asked(), min_size=1, max_size=3))
def test_the_drivers_of_an_equation_add_up_to_it(held: Held, questions: list[Asked]) -> None:
    compiled = held.compiled(questions)
    cube = plain_cube(held.engine, compiled)
    priced = pd.DataFrame({"activity": cube.activities, "price": 1.0, "missing": cube.missing.sum(axis=0)})
    drivers = driver_costs(held.engine, compiled, priced)
    assert not drivers.drivers.duplicated(["activity", "driver"]).any()
    index = pd.MultiIndex.from_frame(cube.cells)
    for place, item in enumerate(compiled):
        of_item = (drivers.drivers["activity"] == item.name).to_numpy()
        parts = (drivers.quantities * drivers.drivers["price"].to_numpy())[:, of_item].sum(axis=1)
        by_driver = pd.Series(parts, pd.MultiIndex.from_frame(drivers.cells)).reindex(index, fill_value=0.0)
        np.testing.assert_allclose(by_driver, cube.quantity[:, place], rtol=1e-9, atol=1e-9)


@FEW
@given(asked())
def test_minutes_are_refused_where_a_unit_of_work_takes_less_than_none(held: Held, question: Asked) -> None:
    compiled = held.compiled([question], timed=True)
    expected = by_interface(question)
    if any(cell.has_negative for cell in expected.values()):
        for build in (build_cube, plain_cube):
            with pytest.raises(DataError, match=r"cost_model\.activities\.activity_0, .* rows are negative") as raised:
                build(held.engine, compiled)
            error = copy.copy(raised.value)  # as it is when it crosses to another process
            assert (error.activity, error.where) == ("activity_0", f"cost_model.activities.activity_0, {error.row}")
            assert error.value < 0
    else:
        fast, plain = (build(held.engine, compiled) for build in (build_cube, plain_cube))
        assert_same_cube(fast, plain)
        assert_is_taken(fast, 0, expected)
