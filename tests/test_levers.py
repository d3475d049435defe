"""Levers do to transactions what their rules say: rewritten in SQL and, from the rules alone, by hand, the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lever_cases as cases
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from levers_in_sql import BESIDE, Taken, rewritten_both_ways, taken_in

from cts_lib.engine import Engine, fetch_frame
from cts_lib.replay import groups

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # each example takes seconds: to shrink one would take minutes


@pytest.fixture(scope="module", autouse=True)
def apart() -> Iterator[None]:
    """However few they are, customers are rewritten apart who have different levers at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "A_QUERY", 0)
        yield


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """All lines and events taken in once, kept as ``all_lines`` and ``all_events``."""
    with taken_in(tmp_path_factory.mktemp("levers")) as found:
        for name in ("lines", "events"):
            found.engine.create(f"all_{name}", f"SELECT *, ROW_NUMBER() OVER () - 1 AS _at FROM {name}")
        yield found


def some_of(data: st.DataObject, engine: Engine, name: str, most: int, least: int = 0) -> pd.DataFrame:
    """Let some of the lines or events be all there are, and return them."""
    size = len(fetch_frame(engine, f"SELECT _at FROM all_{name}"))
    rows = data.draw(st.lists(st.integers(0, size - 1), min_size=least, max_size=most, unique=True), name)
    listed = ", ".join(map(str, rows)) or "-1"
    engine.create(name, f"SELECT * EXCLUDE (_at) FROM all_{name} WHERE _at IN ({listed})", view=name == "lines")
    frame = fetch_frame(engine, f"SELECT * FROM {name}")
    dates = [column for column in frame if column.endswith("_date")]
    return frame.assign(**{column: pd.to_datetime(frame[column]) for column in dates})


def both_ways(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Rewrite some transactions by a generated plan in SQL and by hand."""
    engine = taken.engine
    lines, events = some_of(data, engine, "lines", 14, 1), some_of(data, engine, "events", 4)
    plan = data.draw(cases.plans(strategy), "plan")
    tables = {name: fetch_frame(engine, f"SELECT * FROM {name}") for name in BESIDE}
    tables |= {"order_lines": lines, "events": events}
    return rewritten_both_ways(taken, tables, cases.cells_of(lines, events), strategy, plan)


def agree(data: st.DataObject, taken: Taken, strategy: dict[str, Any]) -> None:
    for in_sql, by_hand in both_ways(data, taken, strategy):
        pd.testing.assert_frame_equal(in_sql, by_hand, check_dtype=False)


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
