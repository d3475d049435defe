"""What levers say that cannot be is told in one line: where, what, and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lever_cases as cases
import pytest
from small_workbook import QUARTER, booked, compute, make_workbook, numbered, open_run
from test_strategy import STAGES

from cts_lib.errors import CtsError
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT

LANES: dict[str, Any] = {"lanes": cases.LANES, "nodes": cases.NODES}


def told(folder: Path, levers: dict[str, Any], **more: Any) -> str:
    """Return what is said of levers that cannot be."""
    tables, strategy = ({key: more.pop(key) for key in ("lanes", "nodes") if key in more}, more)
    lines = numbered(cases.LINES)
    ledger = [booked("desk", 900)]
    given = {"strategy": {"levers": levers, "max_service_loss": 1, **strategy}}
    params = make_workbook(
        folder, lines, ledger=ledger, customers=cases.CUSTOMERS, products=cases.PRODUCTS, **tables, **given
    )
    with pytest.raises(CtsError) as caught:
        compute(params, QUARTER, STAGES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("levers", "tables", "said"),
    [
        ({"mode": {"settings": {"road": {"to": "road"}}}}, {}, "strategy.levers.mode: needs table lanes"),
        (
            {"it": {"kind": "node", "settings": {"a": {"choose": "nearest"}}}},
            {},
            "strategy.levers.it: needs table lanes",
        ),
        (
            {"mode": {"settings": {"x": {"to": "raod"}}}},
            LANES,
            "settings.x.to: 'raod' is no ship_mode of lanes; did you",
        ),
        ({"node": {"settings": {"x": {"to": "nowhere"}}}}, LANES, "settings.x.to: 'nowhere' is no warehouse of nodes;"),
        (
            {"node": {"settings": {"x": {"to": "B", "choose": "nearest"}}}},
            LANES,
            "node.settings.x: has both or none of to",
        ),
        ({"rush": {"for": "colour = 'red'", "settings": {"x": {"drop": True}}}}, {}, "strategy.levers.rush.for"),
        ({"rush": {"adoption": 0, "settings": {"x": {"drop": True}}}}, {}, "strategy.levers.rush.adoption"),
        ({"rush": {"investment": -5, "settings": {"x": {"drop": True}}}}, {}, "strategy.levers.rush.investment"),
        ({"rush": {"settings": {"x": {"drop": True, "fee": 3}}}}, {}, "strategy.levers.rush.settings.x"),
    ],
)
def test_a_lever_that_cannot_be_is_told_in_one_line(
    tmp_path: Path, levers: dict[str, Any], tables: dict[str, Any], said: str
) -> None:
    line_of = told(tmp_path, levers, **tables)
    assert said in line_of
    assert "\n" not in line_of.strip()


def test_a_check_names_all_levers_and_steps_that_a_run_would_refuse(tmp_path: Path) -> None:
    levers: dict[str, Any] = {
        "mode": {"settings": {"x": {"to": "raod"}}},
        "node": {"settings": {"x": {"to": "nowhere"}}},
        "stock": {"settings": {"x": {"service_level": 0.9}}},
    }
    steps = {"dexk": {"minutes": 10}}
    lines = numbered(cases.LINES)
    more = {"ledger": [booked("desk", 900)], "customers": cases.CUSTOMERS, "products": cases.PRODUCTS, **LANES}
    params = make_workbook(tmp_path, lines, **more, strategy={"levers": levers, "capacity_steps": steps})
    unit_run = open_run(params)
    found = unit_run.look(Period.parse(QUARTER))
    unit_run.close()
    assert isinstance(found, list)
    saids = ("needs table replenishment", "'nowhere'", "'raod'", "capacity_steps.dexk")
    for problem, said in zip(found, saids, strict=True):
        assert said in str(problem)


@pytest.mark.parametrize(
    ("levers", "lanes", "said"),
    [
        ({"rush": {"for": "channel = 'moon'", "settings": {"x": {"drop": True}}}}, {}, "nobody is reached: rush: x."),
        ({"mode": {"settings": {"x": {"to": "sea"}}}}, {"destination": "Atlantis"}, "nobody is reached: mode: x."),
        ({"mode": {"settings": {"x": {"to": "sea"}}}}, {"weight_from_kg": 1e6}, "nobody is reached: mode: x."),
        ({"node": {"settings": {"x": {"to": "C"}}}}, {}, "nobody is reached: node: x."),
        (
            {"rush": {"adoption": 0.1, "settings": {"x": {"drop": True}, "y": {"fee": 3}}}},
            {},
            "nobody goes along: rush: x, rush: y.",
        ),
    ],
)
def test_a_setting_that_nobody_goes_along_with_is_told_and_gives_no_option(
    tmp_path: Path, levers: dict[str, Any], lanes: dict[str, Any], said: str
) -> None:
    lines = numbered(cases.LINES)
    params = make_workbook(
        tmp_path,
        lines,
        ledger=[booked("desk", 900)],
        customers=cases.CUSTOMERS,
        products=[*cases.PRODUCTS, {"product_id": "p3"}],
        lanes=[*cases.LANES, cases.LANES[0] | {"ship_mode": "sea"} | lanes],
        nodes=[*cases.NODES, {"business_unit": "north", "warehouse": "C", "product_id": "p3"}],
        strategy={"levers": levers, "max_service_loss": 1},
    )
    found = compute(params, QUARTER, STAGES)
    assert set(found.all_tables["strategy_options"]["option"]) == {CURRENT}
    (note,) = [text for text in (each.english for each in found.stages["strategy"].notes) if "No option" in text]
    assert said in note


def test_a_step_of_no_minutes_is_told(tmp_path: Path) -> None:
    assert "strategy.capacity_steps.desk.minutes" in told(tmp_path, {}, capacity_steps={"desk": {"minutes": 0}})


def test_the_ends_of_an_assumption_stand_around_it(tmp_path: Path) -> None:
    assert "strategy.sensitivity.demand" in told(tmp_path, {}, sensitivity={"demand": [1.1, 1.2]})


def test_a_lever_may_be_called_as_a_column_of_the_options(tmp_path: Path) -> None:
    lines = numbered(cases.LINES)
    levers = {
        "visibility": {"settings": {"on": {"cost_per_order": 0.1}}},
        "cash": {"kind": "rush", "settings": {"x": {"drop": True}}},
    }
    params = make_workbook(
        tmp_path,
        lines,
        ledger=[booked("desk", 900)],
        customers=cases.CUSTOMERS,
        products=cases.PRODUCTS,
        strategy={"levers": levers, "max_service_loss": 1},
    )
    options = compute(params, QUARTER, STAGES).all_tables["strategy_options"]
    assert set(options["lever_visibility"]) == {"as today", "on"}
    assert options["visibility"].between(0, 1).all()
    assert options["cash"].dtype == "float64"
