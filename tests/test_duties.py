"""Who is to do a decision, by when, and how sure it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import make_workbook

from cts_lib.names import ALL, NONE
from cts_lib.params import UnitParams, load
from cts_lib.params.duties import due_of, owner_of
from cts_lib.params.period import Period
from cts_lib.replay.options import TODAY, Option
from cts_lib.strategy.decisions import with_duties
from cts_lib.strategy.sensitivity import Turn

QUARTER = Period.parse("2026-Q1")
OWNERS = {"A": "Head of A", "web": "Head of web", "default": "Chief"}


def unit_of(folder: Path, governance: dict[str, Any] | None = None, **lever: Any) -> UnitParams:
    model = {
        "resources": {"desk": {"capacity_minutes": 9, "owner": "Head of orders"}, "dock": {"capacity_minutes": 9}},
        "activities": {name: {"resource": name, "per": "order", "minutes": "1"} for name in ("desk", "dock")},
    }
    strategy = {"levers": {"rush": {"settings": {"none": {"drop": True}}, **lever}}}
    return load(make_workbook(folder, cost_model=model, strategy=strategy, governance=governance or {}))[0]


def test_a_levers_own_owner_comes_before_its_resources_and_that_before_those_of_segment_and_channel(
    tmp_path: Path,
) -> None:
    params = unit_of(tmp_path, {"owners": OWNERS}, owner="Ana").params
    lever = params.strategy.levers["rush"]
    assert owner_of(params, "A", "web", lever=lever, resource="desk") == "Ana"
    assert owner_of(params, "A", "web", resource="desk") == "Head of orders"
    assert owner_of(params, "A", "web", resource="dock") == "Head of A"
    assert owner_of(params, ALL, "web") == "Head of web"
    assert owner_of(params, ALL, ALL) == "Chief"
    assert owner_of(unit_of(tmp_path / "none").params, "A", "web", resource="dock") == NONE


@pytest.mark.parametrize(
    ("governance", "lever", "due"),
    [
        ({}, {}, date(2026, 6, 30)),
        ({"action_days": 30}, {}, date(2026, 5, 1)),
        ({"action_days": 30}, {"due": "2026-09-15"}, date(2026, 9, 15)),
    ],
)
def test_a_decision_is_due_by_the_levers_day_else_by_the_end_of_the_next_period(
    tmp_path: Path, governance: dict[str, Any], lever: dict[str, Any], due: date
) -> None:
    params = unit_of(tmp_path, governance, **lever).params
    assert due_of(params, QUARTER, params.strategy.levers["rush"]) == due


def test_a_decision_is_as_sure_as_the_share_of_its_cells_that_no_assumption_turns(tmp_path: Path) -> None:
    cells = [("A", "web"), ("A", "shops"), ("B", "web"), ("C", "web")]
    chosen = dict.fromkeys(cells[:3], Option({"rush": "none"})) | {cells[3]: TODAY}
    turns = [
        Turn("adoption", {cells[0]}),
        Turn("adoption", {cells[3]}),
        Turn("demand", {cells[0], cells[1]}),
        Turn("investment", set()),
    ]
    decision = pd.DataFrame([{"lever": "rush", "setting": "none", "segment": ALL, "channel": ALL, "resource": "desk"}])
    unit = unit_of(tmp_path)
    (found,) = with_duties(decision, chosen, turns, unit, QUARTER).to_dict("records")
    assert found["sure"] == pytest.approx(1 / 3)
    assert (found["hangs_on"], found["owner"]) == ("demand", "Head of orders")
    (free,) = with_duties(decision, chosen, turns[1:2], unit, QUARTER).to_dict("records")
    assert (free["sure"], free["hangs_on"]) == (1.0, NONE)
    (unknown,) = with_duties(decision, chosen, [], unit, QUARTER).to_dict("records")
    assert pd.isna(unknown["sure"])
