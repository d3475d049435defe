"""Shapes that are rare: thousands of activities or channels take as many times longer, and no more statements."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import LEDGER, QUARTER, Model, Row, compute, event, line, make_workbook, open_run

from cts_lib.costing import things
from cts_lib.cube import cube
from cts_lib.engine.duckdb import DuckDB
from cts_lib.params.period import Period

_EQUATIONS = ("{}+1", "{}+2*lines", "1+0.1*quantity", "CASE WHEN lines > 1 THEN {} ELSE 2 END")
_FEW, _MANY = 100, 400
_TIMES = 10
"""How many times as long four times as many may take: what is quadratic takes sixteen times."""


def _lines(customers: int) -> list[Row]:
    return [
        line(
            f"o{number // 2}",
            str(number % 2 + 1),
            f"c{number // 2 % customers}",
            order_date=f"2026-0{number % 3 + 1}-{number % 28 + 1:02d}",
            quantity=str(number % 9 + 1),
            net_sales=str(90 + number % 50),
        )
        for number in range(max(600, 2 * customers))
    ]


def _customers(count: int, channels: int) -> list[Row]:
    return [{"customer_id": f"c{at}", "name": f"n{at}", "channel": f"ch{at % channels}"} for at in range(count)]


def _of_activities(folder: Path, count: int) -> Path:
    activities = {
        f"a{at}": {"resource": "desk", "per": "order", "minutes": _EQUATIONS[at % 4].format(at)} for at in range(count)
    }
    model: Model = {"resources": {"desk": {"capacity_minutes": 1000000}}, "activities": activities}
    return make_workbook(folder, _lines(50), model, customers=_customers(50, 2), ledger=LEDGER)


def _of_channels(folder: Path, count: int) -> Path:
    return make_workbook(folder, _lines(count), customers=_customers(count, count), ledger=LEDGER)


_SHAPES = pytest.mark.parametrize(
    ("shape", "stages"),
    [(_of_activities, ["profile", "govern"]), (_of_channels, ["profile", "segment", "strategy", "govern"])],
    ids=["activities", "channels"],
)


@_SHAPES
def test_four_times_as_many_take_no_more_statements_and_no_more_than_their_time(
    shape: Callable[[Path, int], Path], stages: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[None] = []
    for name in ("query", "_run"):
        monkeypatch.setattr(DuckDB, name, _counting(getattr(DuckDB, name), told))

    def taken(count: int) -> tuple[float, int]:
        opened = open_run(shape(tmp_path / str(count), count))
        told.clear()
        begun = time.process_time()
        try:
            opened.compute(Period.parse(QUARTER), stages)
            return time.process_time() - begun, len(told)
        finally:
            opened.close()

    taken(2)  # what is loaded at the first use is in neither
    (seconds, statements), (longer, more) = taken(_FEW), taken(_MANY)
    assert more <= statements + _MANY / 20
    assert longer <= _TIMES * seconds


def _counting(call: Callable[..., Any], told: list[None]) -> Callable[..., Any]:
    def counted(*args: Any, **more: Any) -> Any:
        told.append(None)
        return call(*args, **more)

    return counted


def test_it_is_the_same_however_many_activities_one_query_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    activities = {
        "entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines"},
        "care": {"resource": "desk", "per": "customer", "minutes": "10"},
        "call": {"resource": "desk", "per": "event:call", "minutes": "4"},
        "pick": {"resource": "desk", "per": "line", "minutes": "CEIL(quantity / 4)", "when": "quantity > 2"},
        "freight": {"per": "shipment", "direct": "2.5 + 0.01*net_sales"},
    }
    model: Model = {"resources": {"desk": {"capacity_minutes": 100000}}, "activities": activities}
    customers = [*_customers(20, 3), {"customer_id": "quiet", "name": "Quiet", "channel": "ch0"}]
    params = make_workbook(
        tmp_path, _lines(20), model, customers=customers, ledger=LEDGER, events=[event("call", "quiet"), event("call")]
    )
    at_once = compute(params).all_tables
    for module in (cube, things):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    one_by_one = compute(params).all_tables
    assert at_once["customer_costs"]["cost"].sum() > 0
    for name, table in at_once.items():
        pd.testing.assert_frame_equal(one_by_one[name], table, check_exact=True)
