"""Equations of any shape, and a small quarter that has a gap wherever one can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from small_workbook import QUARTER, Row, booked, event, line, make_workbook

from cts_lib.cube.cube import Cube
from cts_lib.engine import Engine, open_engine
from cts_lib.intake import attach
from cts_lib.intake.raw import extra_kinds
from cts_lib.intake.rows import take_in
from cts_lib.model.compiled import CompiledActivity, compile_model
from cts_lib.model.drivers import ACTUAL, Transactions, finish
from cts_lib.params import CostModel, load
from cts_lib.params.period import Period
from cts_lib.tables.column import Kind

TIERS = {"c1": ("gold", "1"), "c2": ("silver", "2.5"), "c3": ("gold", ""), "c4": ("", "4"), "c5": ("silver", "3")}
COPIES = [("as it is", 0, 1.0, "none"), ("as it is", 1, 2.0, "c2"), ("double", 0, 2.0, "o1"), ("double", 1, 0.3, "c1")]
"""Scenarios and replications of the quarter: by what quantities grow, and which customer or order is left out."""
NUMBERS = {
    "line": [
        *("quantity", "net_sales", "weight_kg", "rush", "customer_stores", "new_customer"),
        *("sold_quantity", "sold_lines"),
    ],
    "order": [
        *("lines", "net_sales", "weight_kg", "rush", "distance_km", "returned_quantity", "customer_stores"),
        *("sold_quantity", "sold_lines"),
    ],
    "shipment": [
        *("lines", "weight_kg", "distance_km", "quantity", "customer_stores"),
        *("sold_quantity", "sold_lines"),
    ],
    "customer": ["orders", "lines", "net_sales", "months_active", "stores"],
    "event:call": ["quantity", "customer_stores", "new_customer"],
}
CONDITIONS = ["customer_tier = 'gold'", "customer_stores > 2", "customer_stores IS NULL", "customer_id = 'c1'"]


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

    engine: Engine
    extras: dict[str, dict[str, Kind]]
    copies: Transactions

    @property
    def transactions(self) -> tuple[Transactions, Transactions]:
        """The quarter's own, and its copies by scenario and replication."""
        return ACTUAL, self.copies

    def compiled(self, questions: Sequence[Asked], timed: bool = False) -> list[CompiledActivity]:
        """The equations as activities, in minutes, or as drivers that may be negative."""
        activities = {
            f"activity_{place}": {"per": one.per, "when": one.when}
            | ({"minutes": one.quantity, "resource": "desk"} if timed else {"driver": one.quantity, "rate": 1})
            for place, one in enumerate(questions)
        }
        model = {"resources": {"desk": {"capacity_minutes": 1}}, "activities": activities}
        return compile_model(CostModel.model_validate(model), self.extras)


@contextmanager
def hold(params: Path, overrides: Sequence[str] = ()) -> Iterator[Held]:
    """Take the quarter of a workbook into an engine."""
    unit = load(params, None, list(overrides))[0]
    engine = open_engine(unit.params.source, unit.root)
    try:
        source = attach(engine, unit)
        take_in(engine, source, unit, Period.parse(QUARTER))
        finish(engine)
        yield Held(engine, extra_kinds(engine, source), finish(engine, copied(engine)))
    finally:
        engine.close()


def copied(engine: Engine) -> Transactions:
    """Leave the quarter's lines and events once for each scenario and replication."""
    columns = ["scenario", "replication", "factor", "without"]
    engine.register("copies", pd.DataFrame(COPIES, columns=columns))
    keys, among = "copy.scenario, copy.replication", 'CROSS JOIN copies AS copy WHERE row.customer_id <> copy."without"'
    engine.create(
        "copied_lines",
        f"SELECT row.* REPLACE (row.quantity * copy.factor AS quantity), {keys} FROM lines AS row {among} "
        'AND row.order_id <> copy."without"',
    )
    engine.create("copied_events", f"SELECT row.*, {keys} FROM events AS row {among}")
    return Transactions("copied_lines", "copied_events", ("scenario", "replication"))


def copied_rows(rows: Sequence[Row], factor: float, without: str) -> list[Row]:
    """Return the written rows of one scenario and replication; only lines grow by the factor."""
    kept = [row for row in rows if without not in (row["customer_id"], row.get("order_id"))]
    return [row | {"quantity": float(row["quantity"]) * factor} if "order_id" in row else row for row in kept]


@dataclass(frozen=True)
class Quarter:
    """The rows of a quarter as they are written."""

    customers: list[Row]
    lines: list[Row]
    events: list[Row]


def write_workbook(folder: Path) -> Path:
    """Write the quarter; return the params folder."""
    rows = quarter()
    return make_workbook(folder, rows.lines, customers=rows.customers, events=rows.events, ledger=[booked("desk", 1)])


def quarter() -> Quarter:
    """Return two dozen orders in two channels, with gaps, returns and rush, and a customer with calls alone."""
    customers = [
        {"customer_id": name, "channel": "retail", "customer_since": since, "tier": tier, "stores": stores}
        for (name, (tier, stores)), since in zip(TIERS.items(), [*["2026-01-05"] * 4, "2019-07-01"], strict=True)
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
    events = [event("call", f"c{1 + place % 5}", quantity=str(place % 4 or "")) for place in range(9)]
    return Quarter(customers, lines, [*events, event("visit", "c1", quantity="7")])


def assert_same_cube(found: Cube, expected: Cube) -> None:
    """Hold a cube to another: the same cells in the same order, counts to the unit, quantities to 1e-9."""
    assert found.activities == expected.activities
    assert found.cells.astype(object).equals(expected.cells.astype(object))
    np.testing.assert_array_equal(found.volume, expected.volume)
    np.testing.assert_array_equal(found.missing, expected.missing)
    np.testing.assert_allclose(found.quantity, expected.quantity, rtol=1e-9, atol=1e-9)
