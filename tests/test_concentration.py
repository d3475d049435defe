from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.customers.concentration import concentration, gini

AMOUNTS = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=1, max_size=30)


def by_definition(values: list[float]) -> float:
    return sum(abs(a - b) for a in values for b in values) / (2 * len(values) * sum(map(abs, values)))


@given(AMOUNTS)
def test_gini_is_its_definition_and_lies_between_0_and_1(values: list[float]) -> None:
    found = gini(np.array(values))
    if not any(values):
        assert found is None
    else:
        assert found == pytest.approx(by_definition(values), abs=1e-9)
        assert -1e-12 <= found <= 1


def test_equal_shares_have_a_gini_of_0_and_one_owner_of_all_but_one_part() -> None:
    assert gini(np.full(8, 5.0)) == pytest.approx(0)
    assert gini(np.array([0.0] * 9 + [7.0])) == pytest.approx(0.9)


@pytest.mark.parametrize("factor", [0.01, 3.0])
def test_gini_knows_no_currency(factor: float) -> None:
    values = np.array([5.0, -2.0, 9.0])
    assert gini(factor * values) == pytest.approx(gini(values))


def measures(profits: list[float]) -> pd.Series:
    frame = pd.DataFrame({"profit": sorted(profits, reverse=True), "net_sales": 100.0})
    return concentration(frame).set_index("measure")["value"]


def test_a_whale_that_peaks_at_twice_what_is_left() -> None:
    found = measures([60.0, 40.0, -50.0])
    assert found["share_of_customers_at_peak"] == pytest.approx(2 / 3)
    assert (found["peak_profit"], found["end_profit"], found["erosion"]) == (100, 50, 50)
    assert found["peak_to_end"] == 2


def test_where_everybody_loses_the_peak_is_at_nobody_and_its_ratio_is_not_defined() -> None:
    found = measures([-1.0, -2.0])
    assert found["share_of_customers_at_peak"] == 0
    assert found["erosion"] == 3
    assert pd.isna(found["peak_to_end"])


def test_of_nobody_nothing_is_told() -> None:
    assert measures([])[["gini_profit", "sales_of_top_10", "share_of_customers_at_peak"]].isna().all()


def test_the_top_customers_are_those_of_the_highest_sales_whatever_their_profit() -> None:
    # of 15 customers a tenth is 1.5, so the two that sell 15 and 14 of 120; a credit of 40 takes nothing off the whole
    frame = pd.DataFrame({"profit": np.arange(16, 0, -1.0), "net_sales": [*range(1, 16), -40.0]})
    found = concentration(frame.head(15)).set_index("measure")["value"]
    assert found["sales_of_top_10"] == pytest.approx(29 / 120)
    assert found["sales_of_top_20"] == pytest.approx(42 / 120)
    found = concentration(frame).set_index("measure")["value"]
    assert found["sales_of_top_10"] == pytest.approx(29 / 120)
    assert found["gini_net_sales"] == pytest.approx(by_definition([*map(float, range(1, 16)), -40.0]))


def test_who_brings_nothing_is_no_loss() -> None:
    assert measures([3.0, 0.0, -1.0])["unprofitable_customers"] == 1
