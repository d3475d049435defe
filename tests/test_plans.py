"""Which plans are held against each other, and what the proposal takes and brings a year, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from small_workbook import QUARTER, make_workbook

from cts_lib.evaluate.compare import interval
from cts_lib.evaluate.plans import ONE, Paid, payback, plans_of, steps_of
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.replay.options import read_option
from cts_lib.replay.whom import GoingAlong

CELLS = [("Core", "web"), ("Small", "web")]
OPTIONS = pd.DataFrame(
    [
        # of the two levers one brings more cash, the other more profit; the dearest is not allowed in one cell
        ("Core", "current", True, 100.0, 0.0, 0.0),
        ("Core", "fee: a", True, 130.0, 90.0, 0.0),
        ("Core", "portal: x", True, 190.0, 10.0, 30.0),
        ("Core", "rush: none", True, 105.0, 5.0, 0.0),
        ("Small", "current", True, 50.0, 0.0, 0.0),
        ("Small", "fee: a", True, 55.0, 4.0, 0.0),
        ("Small", "portal: x", True, 60.0, 6.0, 0.0),
        ("Small", "rush: none", False, 950.0, 900.0, 0.0),
    ],
    columns=["segment", "option", "allowed", "profit", "cash", "investment"],
).assign(channel="web")
TABLES = {
    "strategy": pd.DataFrame(CELLS, columns=["segment", "channel"]).assign(chosen_option=["fee: a", "portal: x"]),
    "strategy_options": OPTIONS,
    "decisions": pd.DataFrame({"lever": ["fee", "portal"], "setting": ["a", "x"]}),
}


@pytest.mark.parametrize(("objective", "one"), [("cash", "fee: a"), ("full_cost", "portal: x")])
def test_the_one_option_for_all_is_the_one_that_brings_most_of_what_is_aimed_at(
    objective: Literal["cash", "full_cost"], one: str
) -> None:
    assert plans_of(TABLES, objective)[ONE] == dict.fromkeys(CELLS, read_option(one))


def test_at_full_cost_the_one_option_bears_what_it_takes() -> None:
    dear = OPTIONS.assign(investment=OPTIONS["investment"] * 3)  # the portal's 90 + 10 less 90 is below the fee's 35
    assert plans_of(TABLES | {"strategy_options": dear}, "full_cost")[ONE] == dict.fromkeys(
        CELLS, read_option("fee: a")
    )


def test_only_the_proposal_and_what_lacks_one_of_its_decisions_take_its_steps() -> None:
    plan = pd.DataFrame({"resource": ["desk", "dock"], "steps": [-1, 0]})
    plan = plan.assign(capacity_now=[200.0, 100.0], capacity_then=[150.0, 100.0])
    steps = steps_of(plans_of(TABLES, "cash"), plan)
    assert list(steps) == ["proposed", "without fee: a", "without portal: x"]
    assert all(each == {"desk": 0.75} for each in steps.values())


def test_a_lever_in_two_decisions_is_bought_once_and_steps_and_upkeep_count(tmp_path: Path) -> None:
    cost = {"once": 300, "per_customer": 10, "per_year": 40}
    portal = {"kind": "order_method", "settings": {"half": {"to": "web", "share": 0.5}, "all": {"to": "web"}}}
    levers = {"portal": portal | {"investment": cost}, "fee": {"kind": "rush", "settings": {"a": {"fee": 1}}}}
    unit = load(make_workbook(tmp_path, strategy={"levers": levers}))[0]
    decisions = pd.DataFrame({"lever": ["portal", "fee", "portal"], "setting": ["half", "a", "all"]})
    decisions = decisions.assign(investment=[320.0, 0.0, 350.0])  # 300 and 2 customers, 300 and 5
    tables = {"decisions": decisions, "capacity_plan": pd.DataFrame({"cash": [9.0, -2.0]})}
    going = GoingAlong(pd.DataFrame(columns=["customer_id", "channel", "segment"]), {}, {})
    paid = Paid.of(unit, tables, Period.parse(QUARTER), {}, going)
    assert (paid.outlay, paid.yearly, paid.steps, paid.years) == (370, 40, 7, 0.25)


def test_what_brings_its_outlay_within_the_year_pays_back() -> None:
    # a quarter brings 20, 21.75 and 25 more, steps 5, and 7 a year are paid: 93, 100 and 113 a year
    brought = [("current", at, 50.0) for at in range(3)]
    brought += [("proposed", at, 50.0 + more) for at, more in enumerate((20.0, 21.75, 25.0))]
    runs = pd.DataFrame(brought, columns=["strategy", "replication", "net_sales"]).assign(
        segment="(all)", channel="(all)"
    )
    runs = runs.assign(cogs=3.0, going_cost=4.0)
    cell = runs.assign(channel="web", net_sales=1e6)
    found = payback(pd.concat([runs, cell]), Paid({}, 100.0, 7.0, 5.0, 0.25), "mean").iloc[0]
    assert found["likely"] == pytest.approx(2 / 3)
    assert found["cash_a_year"] == pytest.approx(102)
    assert (found["low"], found["high"]) == pytest.approx(interval(pd.Series([93.0, 100.0, 113.0]), "mean")[1:])


def test_the_mean_of_three_is_as_sure_as_two_degrees_of_freedom_say() -> None:
    # 2.920 is the t of two degrees of freedom that 5 % lie beyond; the standard deviation of 1, 2 and 3 is 1
    assert interval(pd.Series([1.0, 2.0, 3.0]), "mean") == pytest.approx(
        (2, 2 - 2.920 / 3**0.5, 2 + 2.920 / 3**0.5), abs=1e-3
    )
