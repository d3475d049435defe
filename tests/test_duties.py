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
from cts_lib.strategy.certainty import certainty
from cts_lib.strategy.decisions import with_duties
from cts_lib.strategy.sensitivity import Doubt
from cts_lib.strategy.stand import End

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
        ({"action_days": 30}, {}, date(2026, 4, 30)),
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
    assumptions = ["adoption", "adoption", "demand", "demand"]
    ends = [End(name, NONE, at) for at, name in enumerate(assumptions)]
    turned = [{cells[0]}, {cells[3]}, {cells[0], cells[1]}, set[tuple[str, str]]()]
    doubt = Doubt(ends, [9.0, 11.0, 8.0, 10.0], [frozenset(each) for each in turned], as_assumed=10.0)
    decision = pd.DataFrame([{"lever": "rush", "setting": "none", "segment": ALL, "channel": ALL, "resource": "desk"}])
    unit = unit_of(tmp_path)
    (found,) = with_duties(decision, chosen, doubt, unit, QUARTER).to_dict("records")
    assert found["sure"] == pytest.approx(1 / 3)
    assert (found["hangs_on"], found["owner"]) == ("demand", "Head of orders")
    assert found["ends"] == 3
    other = Doubt(ends[1:2], [11.0], [frozenset(turned[1])], as_assumed=10.0)
    (free,) = with_duties(decision, chosen, other, unit, QUARTER).to_dict("records")
    assert (free["sure"], free["hangs_on"], free["ends"]) == (1.0, NONE, 1)
    (unknown,) = with_duties(decision, chosen, Doubt(), unit, QUARTER).to_dict("records")
    assert pd.isna(unknown["sure"])
    unmoved = Doubt(ends[:1], [10.0], [frozenset()], as_assumed=10.0)
    (same,) = with_duties(decision, chosen, unmoved, unit, QUARTER).to_dict("records")
    assert pd.isna(same["sure"])


def test_a_decision_says_what_it_takes_as_given(tmp_path: Path) -> None:
    every = ("adoption", "margin_at_risk", "leave", "investment", "demand", "prices", "variable_share")
    ends = [End(name, NONE, 2.0) for name in (*every, "freight_saving", "rush_delay_days")]
    doubt = Doubt(ends, [1.0] * len(ends), [frozenset()] * len(ends))

    def given(name: str, tried: Doubt, **lever: Any) -> str:
        unit = unit_of(tmp_path / name, **lever)
        strategy = unit.params.strategy
        return certainty(strategy, strategy.levers["rush"], frozenset({("A", "web")}), tried).as_given

    told = {"margin_at_risk": 0.01, "investment": {"per_year": 5}}
    assert given("all", doubt, **told) == NONE
    assert given("nothing", doubt) == "margin_at_risk,investment"
    known = Doubt(ends[:2], [1.0, 1.0], [frozenset()] * 2)
    assert given("few", known, **told) == "leave,investment,demand,prices,variable_share,rush_delay_days"
