"""Levers do to transactions what their rules say: rewritten in SQL and, from the rules alone, by hand, the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lever_cases as cases
import levers_by_hand
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, QUARTER, event, line, make_workbook, open_run

from cts_lib.engine import Engine, fetch_frame
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay.options import Option, placed_levers
from cts_lib.replay.outcome import actual_transactions, reached_by
from cts_lib.replay.policy import policy_of
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.whom import who_goes_along
from cts_lib.stage import Accepted

COMPARED = [
    *("customer_id", "channel", "order_id", "line_no", "product_id", "shipment_id", "order_method", "priority"),
    *("warehouse", "ship_mode", "order_date", "posting_date", "shipped_date", "delivered_date", "promised_date"),
    *("quantity", "delivered_quantity", "net_sales", "gross_sales", "cogs", "weight_kg", "freight_cost", "distance_km"),
    "lever_cost",
]
KEY = ["customer_id", "channel", "order_id", "line_no", "product_id"]
EVENT = ["customer_id", "event", "event_date", "quantity", "minutes", "amount"]


class Taken:
    """The engine of what was taken in, and the columns beyond the contract."""

    def __init__(self, accepted: Accepted) -> None:
        self.engine, self.extras = accepted.engine, accepted.extras


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


def cells_of(lines: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Everybody who has a line or an event, with a segment."""
    home = {row["customer_id"]: row["channel"] for row in cases.CUSTOMERS}
    places = set(lines[["customer_id", "channel"]].itertuples(index=False, name=None))
    places |= {(name, home[name]) for name in events["customer_id"]}
    return pd.DataFrame(
        [(*place, cases.CELLS[place[0]]) for place in sorted(places)], columns=["customer_id", "channel", "segment"]
    )


def comparable(frame: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """Return rows in one order, dates as text and numbers to nine digits."""
    shown = frame.reindex(columns=columns)
    for name in columns:
        if name.endswith("_date"):
            shown[name] = pd.to_datetime(shown[name]).dt.strftime("%Y-%m-%d")
        elif shown[name].dtype.kind in "fiu":
            shown[name] = shown[name].astype("float64").round(7) + 0.0
        else:
            shown[name] = shown[name].astype("object").where(shown[name].notna(), None)
    return shown.sort_values([*key, *columns], ignore_index=True)


def both_ways(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> tuple[pd.DataFrame, ...]:
    """Rewrite some transactions by a generated plan in SQL and by hand."""
    engine, params = taken.engine, Strategy.model_validate(strategy)
    lines, events = some_of(data, engine, "lines", 14, 1), some_of(data, engine, "events", 4)
    plan = data.draw(cases.plans(strategy), "plan")
    frames = {name: fetch_frame(engine, f"SELECT * FROM {name}") for name in ("customers", "lanes", "nodes")}
    cells, sales = cells_of(lines, events), lines.groupby("customer_id")["net_sales"].sum()
    going = who_goes_along(
        engine, params, taken.extras, cells, sales, lambda choices, all_: reached_by(engine, params, choices, all_)
    )
    options = {cell: Option(chosen) for cell, chosen in plan.items()}
    policy = policy_of({"plan": options}, going, placed_levers(params), everybody=True)
    rewrite(engine, policy, params, actual_transactions(engine), COMPARED)
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
        comparable(pd.DataFrame(told, columns=names), names, names),
        comparable(who, names, names),
        comparable(rewritten, COMPARED, KEY),
        comparable(by_hand, COMPARED, KEY),
        comparable(happened, EVENT, EVENT),
        comparable(events_by_hand, EVENT, EVENT),
    )


def agree(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> None:
    told, who, rewritten, by_hand, happened, events_by_hand = both_ways(data, taken, strategy)
    pd.testing.assert_frame_equal(told, who, check_dtype=False)
    pd.testing.assert_frame_equal(rewritten, by_hand, check_dtype=False)
    pd.testing.assert_frame_equal(happened, events_by_hand, check_dtype=False)


@pytest.mark.parametrize("kind", list(cases.SETTINGS))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_lever_rewrites_the_same_in_sql_and_by_hand(kind: str, taken: Taken, data: st.DataObject) -> None:
    strategy = {"electronic_methods": ["edi"], "freight_saving": 0.3, "rush_delay_days": 1}
    agree(data, taken, strategy | {"levers": {"it": data.draw(cases.levers(kind), "lever")}})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_levers_together_rewrite_the_same_in_sql_and_by_hand(taken: Taken, data: st.DataObject) -> None:
    agree(data, taken, data.draw(cases.strategies(), "strategy"))
