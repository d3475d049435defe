"""What a plan holds only without: read from the evaluation's tables, each case on both sides of its limit."""

from __future__ import annotations

import pandas as pd
import pytest

from cts_lib.evaluate.conditions import conditions
from cts_lib.params.sections import Scenario

SCENARIOS = {"half": Scenario(adoption=0.5), "surge": Scenario(demand=1.3, from_day=10, to_day=30)}
PLANNED = {
    "decisions": pd.DataFrame({"lever": ["portal", "rhythm"], "setting": ["all", "weekly"]}),
    "strategy": pd.DataFrame(
        {
            "segment": ["A", "B"],
            "channel": ["web", "web"],
            "chosen_option": ["portal: all + rhythm: weekly", "rhythm: weekly"],
        }
    ),
    "strategy_options": pd.DataFrame(
        [
            ("A", "web", "current", 100.0, 9.0),
            ("A", "web", "portal: all", 95.0, 2.0),
            ("A", "web", "rhythm: weekly", 97.0, 9.0),
            ("B", "web", "current", 80.0, 9.0),
            ("B", "web", "portal: all", 10.0, 9.0),
            ("B", "web", "rhythm: weekly", 75.0, 9.0),
        ],
        columns=["segment", "channel", "option", "uses_dock", "ships_east"],
    ),
}


def compared(*rows: tuple[str, float, str], reliable: bool = True) -> pd.DataFrame:
    """Return on-time of the unit: scenario, what the plan changes, verdict; 80 % with today's strategy."""
    frame = pd.DataFrame(rows, columns=["scenario", "difference", "verdict"])
    frame = frame.assign(segment="(all)", channel="(all)", kpi="on_time", current=0.8, reliable=reliable)
    return frame.assign(proposed=frame["current"] + frame["difference"])


def waits(*rows: tuple[str, str, float, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["strategy", "scenario", "behind", "behind_at", "recovery"])


QUIET = waits(("current", "base", 1.0, "desk", None), ("proposed", "half", 3.0, "dock", None))


def found(comparison: pd.DataFrame, weeks: pd.DataFrame = QUIET, may_lose: float = 0.02) -> pd.DataFrame:
    return conditions(comparison, weeks, {"surge": 30}, SCENARIOS, PLANNED, may_lose)


def test_a_plan_that_is_late_under_a_scenario_holds_only_without_it() -> None:
    (row,) = found(compared(("base", 0.01, "no difference"), ("half", -0.3, "worse"))).to_dict("records")
    assert (row["scenario"], row["measure"], row["adoption"]) == ("half", "on_time", 0.5)
    assert (row["current"], row["proposed"]) == (0.8, pytest.approx(0.5))
    # the dock gets 3 + 5 minutes from the rhythm, 5 from the portal, which cell B does not have
    assert (row["place"], row["behind"], row["lever"], row["setting"]) == ("dock", 3.0, "rhythm", "weekly")


@pytest.mark.parametrize(
    ("base", "half", "verdict", "reliable", "is_told"),
    [
        (0.0, -0.021, "worse", True, True),
        (0.0, -0.019, "worse", True, False),  # a plan may lose as much by choice
        (-0.05, -0.06, "worse", True, False),  # it loses that without the scenario too
        (-0.05, -0.08, "worse", True, True),
        (0.1, -0.03, "worse", True, True),
        (0.0, -0.3, "no difference", True, False),
        (0.0, -0.3, "worse", False, False),
        (0.0, 0.3, "better", True, False),
    ],
)
def test_only_what_the_scenario_costs_beyond_chance_and_choice_is_a_condition(
    base: float, half: float, verdict: str, reliable: bool, is_told: bool
) -> None:
    rows = compared(("base", base, "worse"), ("half", half, verdict), reliable=reliable)
    assert len(found(rows)) == is_told


@pytest.mark.parametrize(("today", "then", "is_told"), [(4.0, None, True), (4.0, 9.0, False), (None, None, False)])
def test_a_backlog_that_today_would_be_worked_off_and_is_not_is_a_condition(
    today: float | None, then: float | None, is_told: bool
) -> None:
    weeks = waits(("current", "surge", 5.0, "dock", today), ("proposed", "surge", 4.0, "dock", then))
    rows = found(compared(("base", 0.0, "no difference"), ("surge", 0.0, "no difference")), weeks)
    assert rows["scenario"].tolist() == ["surge"] * is_told
    if is_told:
        row = rows.iloc[0]
        assert (row["measure"], row["current"], row["place"], row["lever"]) == ("recovery", 4.0, "(none)", "(none)")
        assert pd.isna(row["proposed"])


def test_a_warehouse_that_fills_hangs_on_the_decision_that_ships_less_from_it() -> None:
    weeks = waits(("proposed", "half", 3.0, "east", None))
    row = found(compared(("half", -0.3, "worse")), weeks).iloc[0]
    assert (row["place"], row["lever"], row["setting"]) == ("east", "portal", "all")


def test_without_a_chain_with_days_the_condition_is_of_the_plan_as_a_whole() -> None:
    row = found(compared(("half", -0.3, "worse")), QUIET.head(0)).iloc[0]
    assert (row["place"], row["behind"], row["lever"], row["setting"]) == ("(none)", 0.0, "(none)", "(none)")
