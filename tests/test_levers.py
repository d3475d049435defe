"""Levers do to transactions what their rules say: rewritten in SQL and, from the rules alone, by hand, the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lever_cases as cases
import levers_by_hand
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, QUARTER, event, line, make_workbook, open_run

from cts_lib.engine import fetch_frame
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


@contextmanager
def accepted(lines: list[dict[str, Any]], events: list[dict[str, Any]]) -> Iterator[Accepted]:
    """Take lines and events in, and lanes and nodes."""
    numbered = [line(**each | {"line_no": str(at)}) for at, each in enumerate(lines, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        params = make_workbook(
            Path(folder),
            numbered,
            customers=cases.CUSTOMERS,
            products=cases.PRODUCTS,
            events=[
                event(
                    each["event"],
                    each["customer_id"],
                    **{k: v for k, v in each.items() if k not in ("event", "customer_id")},
                )
                for each in events
            ],
            lanes=cases.LANES,
            nodes=cases.NODES,
            ledger=LEDGER,
            quality={"max_rejected_share": 1.0},
            profile={"assumed_gross_margin": 0.3},
        )
        unit_run = open_run(params)
        try:
            yield unit_run._accepted(Period.parse(QUARTER))
        finally:
            unit_run.close()


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


def both_ways(data: st.DataObject, strategy: dict[str, Any]) -> tuple[pd.DataFrame, ...]:
    """Rewrite generated transactions by a generated plan in SQL and by hand."""
    lines, events, plan = data.draw(cases.LINES), data.draw(cases.EVENTS), data.draw(cases.plans(strategy))
    params = Strategy.model_validate(strategy)
    with accepted(lines, events) as taken:
        engine = taken.engine
        frames = {
            name: fetch_frame(engine, f"SELECT * FROM {name}")
            for name in ("lines", "events", "customers", "lanes", "nodes")
        }
        cells = cells_of(frames["lines"], frames["events"])
        sales = frames["lines"].groupby("customer_id")["net_sales"].sum()
        going = who_goes_along(
            engine, params, taken.extras, cells, sales, lambda choices, all_: reached_by(engine, params, choices, all_)
        )
        policy = policy_of(
            {"plan": {cell: Option(chosen) for cell, chosen in plan.items()}}, going, placed_levers(params), True
        )
        rewrite(engine, policy, params, actual_transactions(engine), COMPARED)
        rewritten = fetch_frame(engine, "SELECT * FROM rewritten")
        happened = fetch_frame(engine, "SELECT * FROM rewritten_events")
    tables = {"order_lines": frames["lines"]} | frames
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


@pytest.mark.parametrize("kind", list(cases.SETTINGS))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_lever_rewrites_the_same_in_sql_and_by_hand(kind: str, data: st.DataObject) -> None:
    lever = data.draw(cases._lever(kind))
    strategy = {"levers": {"it": lever}, "electronic_methods": ["edi"], "freight_saving": 0.3, "rush_delay_days": 1}
    told, who, rewritten, by_hand, happened, events_by_hand = both_ways(data, strategy)
    pd.testing.assert_frame_equal(told, who, check_dtype=False)
    pd.testing.assert_frame_equal(rewritten, by_hand, check_dtype=False)
    pd.testing.assert_frame_equal(happened, events_by_hand, check_dtype=False)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_levers_together_rewrite_the_same_in_sql_and_by_hand(data: st.DataObject) -> None:
    told, who, rewritten, by_hand, happened, events_by_hand = both_ways(data, data.draw(cases.strategies()))
    pd.testing.assert_frame_equal(told, who, check_dtype=False)
    pd.testing.assert_frame_equal(rewritten, by_hand, check_dtype=False)
    pd.testing.assert_frame_equal(happened, events_by_hand, check_dtype=False)
