"""What the levers' SQL makes of a plan, beside what their rules' words make of it by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lever_cases as cases
import levers_by_hand
import pandas as pd
from small_workbook import LEDGER, QUARTER, make_workbook, numbered, open_run

from cts_lib.engine import fetch_frame
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.replay.outcome import actual_transactions, reached_by
from cts_lib.replay.policy import policy_of
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import who_goes_along
from cts_lib.stage import Accepted

BESIDE = ("customers", "lanes", "nodes", "replenishment", "inventory")
"""What levers read besides the transactions."""
_CHARGES = ["rate_per_kg", "rate_per_shipment", "minimum_charge"]


class Taken:
    """The engine of what was taken in, and the columns beyond the contract."""

    def __init__(self, accepted: Accepted) -> None:
        self.engine, self.extras = accepted.engine, accepted.extras
        self._kinds = {name: self.engine.columns(name) for name in ("lines", "events", *BESIDE)}

    def replaced(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Let these rows be all that was taken in; columns that they lack are empty."""
        for name, kinds in self._kinds.items():
            frame = tables.get("order_lines" if name == "lines" else name, pd.DataFrame())
            if name == "lines":
                number, is_rush = frame["line_no"].astype("float64"), frame["priority"] == "rush"
                frame = frame.assign(_line_order=number, rush=is_rush.astype("float64"), _cogs_source="given")
            elif name == "lanes" and len(frame):
                frame = frame.assign(**frame[_CHARGES].astype("float64").fillna(0.0))
            more = [column for column in frame if column not in kinds]
            self.engine.register(f"given_{name}", frame.reindex(columns=[*kinds, *more]))
            cast = [f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds.items()]
            select = f"SELECT {', '.join([*cast, *more])} FROM given_{name}"
            self.engine.create(name, select, view=name == "lines")


@contextmanager
def taken_in(folder: Path) -> Iterator[Taken]:
    """Take in all lines and events of the cases of levers."""
    params = make_workbook(
        folder,
        numbered(cases.LINES),
        customers=cases.CUSTOMERS,
        **cases.beside_lines(),
        ledger=LEDGER,
        profile={"assumed_gross_margin": 0.3},
    )
    unit_run = open_run(params)
    try:
        yield Taken(unit_run.accepted(Period.parse(QUARTER)))
    finally:
        unit_run.close()


def rewritten_both_ways(
    taken: Taken,
    tables: Mapping[str, pd.DataFrame],
    cells: pd.DataFrame,
    strategy: dict[str, Any],
    plan: Mapping[tuple[str, str], dict[str, str]],
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Rewrite transactions by a plan: who goes along, lines and events, each in SQL and by hand.

    ``tables`` holds what the engine holds.
    """
    engine, params = taken.engine, Strategy.model_validate(strategy)
    leave_stock(engine, params, Period.parse(QUARTER).days)
    sales = tables["order_lines"].groupby("customer_id")["net_sales"].sum()
    going = who_goes_along(
        engine, params, taken.extras, cells, sales, lambda choices, all_: reached_by(engine, params, choices, all_)
    )
    policy = policy_of({"plan": {cell: Option(chosen) for cell, chosen in plan.items()}}, going, params)
    rewrite(engine, policy, params, actual_transactions(engine), cases.COMPARED)
    lines, events = (fetch_frame(engine, f"SELECT * FROM {name}") for name in ("rewritten", "rewritten_events"))
    by_hand, events_by_hand, who = levers_by_hand.rewritten(dict(tables), cells, strategy, plan)
    told = [
        {"lever": lever, "setting": setting, "customer_id": row.customer_id, "channel": row.channel}
        for (lever, setting), mask in going.those.items()
        for row in going.cells[mask].itertuples()
        if plan.get((row.segment, row.channel), {}).get(lever) == setting
    ]
    names = ["lever", "setting", "customer_id", "channel"]
    return [
        tuple(cases.comparable(frame, columns, key) for frame in both)  # type: ignore[misc]
        for both, columns, key in (
            ((pd.DataFrame(told, columns=names), who), names, names),
            ((lines, by_hand), cases.COMPARED, cases.KEY),
            ((events, events_by_hand), cases.EVENT, cases.EVENT),
        )
    ]
