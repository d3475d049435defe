"""What an hour and a point of service cost, against brute force over every plan of small tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_choice import every_plan, limits, tables

from cts_lib.strategy.choice import Limits, choose
from cts_lib.strategy.prices import hours_worth, service_prices


def best(table: pd.DataFrame, given_limits: Limits) -> float:
    return max(every_plan(table, given_limits, None))


@settings(max_examples=40)
@given(st.data())
def test_an_hour_is_worth_what_the_best_of_all_plans_gains_with_it(data: st.DataObject) -> None:
    table = data.draw(tables(), "table")
    held = data.draw(limits(table), "limits")
    plan = choose(table, held)
    assume(plan is not None)
    assert plan is not None
    now, found = best(table, held), hours_worth(table, plan, held)
    resources = [each for each in held.capacities if not each.is_node]
    assert set(found) == {each.resource for each in resources if each.minutes}
    for each in resources:
        if each.minutes:
            others = [replace(one, minutes=one.minutes * 1.01) if one is each else one for one in held.capacities]
            hours = each.minutes * 0.01 / 60
            gained = best(table, replace(held, capacities=others)) - now
            assert found[each.resource] * hours == pytest.approx(gained, abs=0.05)


@settings(max_examples=40)
@given(st.data())
def test_a_point_costs_the_cash_that_the_best_of_all_plans_with_it_lacks(data: st.DataObject) -> None:
    table = data.draw(tables(), "table")
    table = table.assign(cash=table["worth"])
    held = data.draw(limits(table), "limits")
    plan = choose(table, held)
    assume(plan is not None)
    assert plan is not None
    now, prices = best(table, held), service_prices(table, plan, held).set_index("segment")
    for segment, rows in table[plan.chosen].groupby("segment"):
        level = rows["on_time_lines"].sum() / rows["promised_lines"].sum()
        assert prices.loc[segment, "service_level"] == pytest.approx(level)
        least, counts = level + 0.01 - 1e-9, table[["on_time_lines", "promised_lines"]]
        of_segment = table.assign(**counts.where(table["segment"] == segment, 0.0))
        able = max(every_plan(of_segment, held, least), default=np.nan)
        assert prices.loc[segment, "cash_of_point"] == pytest.approx(now - able, abs=0.05, nan_ok=True)
