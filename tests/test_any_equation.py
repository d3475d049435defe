"""Any equation costs what its own SQL says thing by thing, however the cube sums it, and its drivers add up to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, event, line, make_workbook

from cts_lib.contracts import Kind
from cts_lib.costing.compiled import CompiledActivity, compile_model
from cts_lib.costing.cube import build_cube
from cts_lib.costing.driver_costs import driver_costs
from cts_lib.costing.drivers import finish, things
from cts_lib.engine import DuckDB, attach, fetch_frame
from cts_lib.engine.intake import take_in
from cts_lib.engine.raw import extra_kinds
from cts_lib.params import CostModel, load
from cts_lib.period import Period

KEYS = ["customer_id", "channel"]
TIERS = {"c1": ("gold", "1"), "c2": ("silver", "2.5"), "c3": ("gold", ""), "c4": ("", "4")}
NUMBERS = {
    "line": ["quantity", "net_sales", "weight_kg", "rush", "customer_stores", "new_customer"],
    "order": ["lines", "net_sales", "weight_kg", "rush", "distance_km", "returned_quantity", "customer_stores"],
    "shipment": ["lines", "weight_kg", "distance_km", "quantity", "customer_stores"],
    "customer": ["orders", "lines", "net_sales", "months_active", "stores"],
    "event:call": ["quantity", "customer_stores", "new_customer"],
}
CONDITIONS = ["customer_tier = 'gold'", "customer_stores > 2", "customer_stores IS NULL", "customer_id = 'c1'"]
GOLD, FIRST = "WHEN customer_tier = 'gold'", "WHEN customer_id = 'c1'"


@dataclass(frozen=True)
class Asked:
    """An equation and its condition at a grain."""

    per: str
    quantity: str
    when: str | None


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    per = draw(st.sampled_from(list(NUMBERS)))
    numbers = st.sampled_from([*NUMBERS[per], "1", "2", "0.5"])
    conditions = st.one_of(st.sampled_from(CONDITIONS), st.builds("{} > {}".format, numbers, numbers))
    equations = st.recursive(
        numbers,
        lambda inner: st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("({} - {})".format, inner, inner),
            st.builds("{} * {}".format, inner, numbers),
            st.builds("({}) / 4".format, inner),
            st.builds("CEIL({})".format, inner),
            st.builds("COALESCE({}, {})".format, inner, numbers),
            st.builds("({}) * {}".format, conditions, inner),
            st.builds(
                "CASE WHEN {} THEN {} WHEN {} THEN {} ELSE {} END".format, conditions, inner, conditions, inner, numbers
            ),
        ),
        max_leaves=6,
    )
    return Asked(per, draw(equations), draw(st.none() | conditions))


@dataclass(frozen=True)
class Held:
    """An engine that holds a quarter, and the kinds of its extra columns."""

    engine: DuckDB
    extras: dict[str, dict[str, Kind]]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    customers = [
        {"customer_id": name, "channel": "retail", "customer_since": "2026-01-05", "tier": tier, "stores": stores}
        for name, (tier, stores) in TIERS.items()
    ]
    draw = np.random.default_rng(7)
    lines = [
        line(
            f"o{order}",
            str(number),
            f"c{1 + order % 4}",
            channel=str(draw.choice(["direct", "retail"])),
            quantity=str(draw.choice([-1, 1, 5])),
            net_sales=str(draw.choice([0, 10, 99.5])),
            weight_kg=str(draw.choice(["", "0.5", "1.25", "7"])),
            distance_km=str(draw.choice([3, 12])),
            priority=str(draw.choice(["rush", "standard"])),
        )
        for order in range(24)
        for number in range(1, 4)
    ]
    calls = [event("call", f"c{1 + place % 4}", quantity=str(1 + place % 3)) for place in range(9)]
    folder = tmp_path_factory.mktemp("equations")
    params = make_workbook(folder, lines, customers=customers, events=calls, ledger=[booked("desk", 1)])
    unit, engine = load(params)[0], DuckDB()
    source = attach(engine, unit)
    take_in(engine, source, unit, Period.parse(QUARTER))
    finish(engine)
    yield Held(engine, extra_kinds(engine, source))
    engine.close()


def summed(held: Held, item: CompiledActivity) -> pd.DataFrame:
    """Each customer's sum of an equation over its things, and how many have no value, in plain doubles."""
    value = item.quantity.sql.sql("duckdb")
    found = fetch_frame(
        held.engine,
        f"SELECT customer_id, channel, SUM({value}) AS quantity, COUNT(*) - COUNT({value}) AS missing FROM "
        f"({things(item.grain, item.drivers, identify=True)}) AS thing WHERE {item.happened} GROUP BY ALL",
    )
    return found.set_index(KEYS).astype("float64").fillna(0.0)


@settings(max_examples=int(os.environ.get("EXAMPLES", "50")), deadline=None)
@given(st.lists(asked(), min_size=1, max_size=3))
@example([Asked("order", f"CASE {GOLD} THEN 3 {FIRST} THEN 2 ELSE 0 END + CASE {FIRST} THEN 5 ELSE 0 END", None)])
@example([Asked("order", "lines + net_sales + customer_stores", None)])
@example([Asked("order", "weight_kg - weight_kg + lines", "customer_stores IS NULL")])
def test_an_equation_costs_what_its_things_do_and_its_drivers_add_up_to_it(held: Held, questions: list[Asked]) -> None:
    model = {
        f"activity_{place}": {"per": one.per, "driver": one.quantity, "rate": 1, "when": one.when}
        for place, one in enumerate(questions)
    }
    compiled = compile_model(CostModel.model_validate({"resources": {}, "activities": model}), held.extras)
    cube = build_cube(held.engine, compiled)
    told = pd.DataFrame({"activity": cube.activities, "price": 1.0, "missing": cube.missing.sum(axis=0)})
    drivers = driver_costs(held.engine, compiled, told)
    assert not drivers.drivers.duplicated(["activity", "driver"]).any()
    for place, item in enumerate(compiled):
        expected = summed(held, item)
        index = pd.MultiIndex.from_frame(cube.cells)
        found = pd.DataFrame({"quantity": cube.quantity[:, place], "missing": cube.missing[:, place]}, index)
        both = expected.reindex(index, fill_value=0.0).astype("float64")
        pd.testing.assert_frame_equal(found, both, rtol=1e-9, atol=1e-9)
        assert set(expected.index) <= set(index)
        own = (drivers.drivers["activity"] == item.name).to_numpy()
        parts = (drivers.quantities * drivers.drivers["price"].to_numpy())[:, own].sum(axis=1)
        by_driver = pd.Series(parts, pd.MultiIndex.from_frame(drivers.cells)).reindex(index, fill_value=0.0)
        np.testing.assert_allclose(by_driver, both["quantity"], rtol=1e-9, atol=1e-9)
