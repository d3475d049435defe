"""Levers do to transactions what their rules say: rewritten in SQL and, from the rules alone, by hand, the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lever_cases as cases
import levers_by_hand
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, QUARTER, event, line, make_workbook, open_run

from cts_lib.engine import Engine, fetch_frame
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay import groups
from cts_lib.replay.options import Option
from cts_lib.replay.outcome import actual_transactions, reached_by
from cts_lib.replay.policy import policy_of
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import who_goes_along
from cts_lib.stage import Accepted

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # each example takes seconds: to shrink one would take minutes
BESIDE = ("customers", "lanes", "nodes", "replenishment", "inventory")
"""What levers read besides the transactions."""


class Taken:
    """The engine of what was taken in, and the columns beyond the contract."""

    def __init__(self, accepted: Accepted) -> None:
        self.engine, self.extras = accepted.engine, accepted.extras


@pytest.fixture(scope="module", autouse=True)
def apart() -> Iterator[None]:
    """However few they are, customers are rewritten apart who have different levers at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "A_QUERY", 0)
        yield


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """All lines and events taken in once, kept as ``all_lines`` and ``all_events``."""
    params = make_workbook(
        tmp_path_factory.mktemp("levers"),
        [line(**each | {"line_no": str(at)}) for at, each in enumerate(cases.LINES)],
        customers=cases.CUSTOMERS,
        products=cases.PRODUCTS,
        events=[event(**{"name": each["event"]} | each) for each in cases.EVENTS],
        lanes=cases.LANES,
        nodes=cases.NODES,
        replenishment=cases.REPLENISHMENT,
        inventory=cases.INVENTORY,
        ledger=LEDGER,
        profile={"assumed_gross_margin": 0.3},
    )
    unit_run = open_run(params)
    accepted = unit_run.accepted(Period.parse(QUARTER))
    for name in ("lines", "events"):
        accepted.engine.create(f"all_{name}", f"SELECT *, ROW_NUMBER() OVER () - 1 AS _at FROM {name}")
    yield Taken(accepted)
    unit_run.close()


def some_of(data: st.DataObject, engine: Engine, name: str, most: int, least: int = 0) -> pd.DataFrame:
    """Let some of the lines or events be all there are, and return them."""
    size = len(fetch_frame(engine, f"SELECT _at FROM all_{name}"))
    rows = data.draw(st.lists(st.integers(0, size - 1), min_size=least, max_size=most, unique=True), name)
    listed = ", ".join(map(str, rows)) or "-1"
    engine.create(name, f"SELECT * EXCLUDE (_at) FROM all_{name} WHERE _at IN ({listed})", view=name == "lines")
    frame = fetch_frame(engine, f"SELECT * FROM {name}")
    dates = [column for column in frame if column.endswith("_date")]
    return frame.assign(**{column: pd.to_datetime(frame[column]) for column in dates})


def both_ways(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> tuple[pd.DataFrame, ...]:
    """Rewrite some transactions by a generated plan in SQL and by hand."""
    engine, params = taken.engine, Strategy.model_validate(strategy)
    lines, events = some_of(data, engine, "lines", 14, 1), some_of(data, engine, "events", 4)
    plan = data.draw(cases.plans(strategy), "plan")
    frames = {name: fetch_frame(engine, f"SELECT * FROM {name}") for name in BESIDE}
    leave_stock(engine, params, Period.parse(QUARTER).days)
    cells, sales = cases.cells_of(lines, events), lines.groupby("customer_id")["net_sales"].sum()
    going = who_goes_along(
        engine, params, taken.extras, cells, sales, lambda choices, all_: reached_by(engine, params, choices, all_)
    )
    options = {cell: Option(chosen) for cell, chosen in plan.items()}
    policy = policy_of({"plan": options}, going, params)
    rewrite(engine, policy, params, actual_transactions(engine), cases.COMPARED)
    rewritten = fetch_frame(engine, "SELECT * FROM rewritten")
    happened = fetch_frame(engine, "SELECT * FROM rewritten_events")
    tables = {"order_lines": lines, "events": events} | frames
    by_hand, events_by_hand, who = levers_by_hand.rewritten(tables, cells, strategy, plan)
    told = [
        {"lever": lever, "setting": setting, "customer_id": row.customer_id, "channel": row.channel}
        for (lever, setting), mask in going.those.items()
        for row in cells[mask].itertuples()
        if plan.get((row.segment, row.channel), {}).get(lever) == setting
    ]
    names = ["lever", "setting", "customer_id", "channel"]
    return (
        cases.comparable(pd.DataFrame(told, columns=names), names, names),
        cases.comparable(who, names, names),
        cases.comparable(rewritten, cases.COMPARED, cases.KEY),
        cases.comparable(by_hand, cases.COMPARED, cases.KEY),
        cases.comparable(happened, cases.EVENT, cases.EVENT),
        cases.comparable(events_by_hand, cases.EVENT, cases.EVENT),
    )


def agree(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> None:
    told, who, rewritten, by_hand, happened, events_by_hand = both_ways(data, taken, strategy)
    pd.testing.assert_frame_equal(told, who, check_dtype=False)
    pd.testing.assert_frame_equal(rewritten, by_hand, check_dtype=False)
    pd.testing.assert_frame_equal(happened, events_by_hand, check_dtype=False)


@pytest.mark.parametrize("kind", list(cases.SETTINGS))
@settings(max_examples=8, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_lever_rewrites_the_same_in_sql_and_by_hand(kind: str, taken: Taken, data: st.DataObject) -> None:
    strategy = {"electronic_methods": ["edi"], "freight_saving": 0.3, "rush_delay_days": 1}
    agree(data, taken, strategy | {"levers": {"it": data.draw(cases.levers(kind), "lever")}})


@settings(max_examples=25, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_levers_together_rewrite_the_same_in_sql_and_by_hand(taken: Taken, data: st.DataObject) -> None:
    agree(data, taken, data.draw(cases.strategies(), "strategy"))
