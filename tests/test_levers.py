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


def some_of(engine: Engine, name: str, rows: list[int] | None = None) -> pd.DataFrame:
    """Let some of the lines or events, or all of them, be all there are, and return them."""
    where = "" if rows is None else f"WHERE _at IN ({', '.join(map(str, rows)) or '-1'})"
    engine.create(name, f"SELECT * EXCLUDE (_at) FROM all_{name} {where}", view=name == "lines")
    frame = fetch_frame(engine, f"SELECT * FROM {name}")
    dates = [column for column in frame if column.endswith("_date")]
    return frame.assign(**{column: pd.to_datetime(frame[column]) for column in dates})


def drawn(data: st.DataObject, engine: Engine, name: str, least: int, most: int) -> pd.DataFrame:
    """Let some drawn lines or events be all there are; of a few that any cell of a plan reaches is seldom one."""
    size = len(fetch_frame(engine, f"SELECT _at FROM all_{name}"))
    rows = data.draw(st.lists(st.integers(0, size - 1), min_size=least, max_size=most, unique=True), name)
    return some_of(engine, name, rows)


def agree(
    taken: Taken, lines: pd.DataFrame, events: pd.DataFrame, strategy: dict[str, Any], plan: dict[Any, Any]
) -> int:
    """Hold both ways against each other; return how many go along."""
    tables = {name: fetch_frame(taken.engine, f"SELECT * FROM {name}") for name in BESIDE}
    tables |= {"order_lines": lines, "events": events}
    pairs = rewritten_both_ways(taken, tables, cases.cells_of(lines, events), strategy, plan)
    for in_sql, by_hand in pairs:
        pd.testing.assert_frame_equal(in_sql, by_hand, check_dtype=False)
    return len(pairs[0][0])


def agree_on_drawn(taken: Taken, data: st.DataObject, strategy: dict[str, Any]) -> None:
    lines, events = drawn(data, taken.engine, "lines", 8, 14), drawn(data, taken.engine, "events", 5, 10)
    agree(taken, lines, events, strategy, data.draw(cases.plans(strategy), "plan"))


ASSUMED: dict[str, Any] = {"electronic_methods": ["edi"], "freight_saving": 0.3, "rush_delay_days": 1}
BOTH = [(name, setting) for name, lever in cases.ALL_KINDS.items() for setting in lever["settings"]]


@pytest.mark.parametrize(("name", "setting"), BOTH)
def test_each_setting_reaches_somebody_and_rewrites_the_same(name: str, setting: str, taken: Taken) -> None:
    lines, events = some_of(taken.engine, "lines", list(range(75))), some_of(taken.engine, "events")
    cells = [(segment, channel) for segment in ("Core", "Small") for channel in cases.CHANNELS]
    plan = {cell: {name: setting} for cell in cells}
    assert agree(taken, lines, events, ASSUMED | {"levers": {name: cases.ALL_KINDS[name]}}, plan)


@pytest.mark.parametrize("kind", list(cases.SETTINGS))
@settings(max_examples=8, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_lever_rewrites_the_same_in_sql_and_by_hand(kind: str, taken: Taken, data: st.DataObject) -> None:
    agree_on_drawn(taken, data, ASSUMED | {"levers": {"it": data.draw(cases.levers(kind), "lever")}})


@settings(max_examples=25, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_levers_together_rewrite_the_same_in_sql_and_by_hand(taken: Taken, data: st.DataObject) -> None:
    agree_on_drawn(taken, data, data.draw(cases.strategies(), "strategy"))
