"""What a proposal gains, at full cost and in cash, on the made-up distributor with its overloaded customer service."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun


@pytest.fixture(scope="module")
def computed(one_unit: Path) -> Iterator[dict[str, pd.DataFrame]]:
    unit_run = UnitRun(load(one_unit / "params")[0], out=one_unit / "reports")
    yield unit_run.compute(Period.parse("2026-Q3"), ("profile", "strategy")).all_tables
    unit_run.close()


def test_gains_are_those_of_all_chosen_options_at_work_together(computed: dict[str, pd.DataFrame]) -> None:
    strategy = computed["strategy"]
    full = strategy["chosen_profit"] - strategy["chosen_investment"] - strategy["current_profit"]
    assert strategy["gain"].to_numpy() == pytest.approx(full.to_numpy())
    unchanged = strategy[strategy["chosen_option"] == "current"]
    assert unchanged["gain"].abs().max() == pytest.approx(0, abs=1e-6)
    assert unchanged["cash_gain"].abs().max() == pytest.approx(0, abs=1e-6)


def test_of_an_overloaded_resource_no_saving_is_cash(computed: dict[str, pd.DataFrame]) -> None:
    overloaded = computed["resources"].set_index("resource")["overdriven"]
    assert overloaded["customer_service"] > 0
    portals = computed["strategy"][computed["strategy"]["chosen_option"] == "order_method: portal"]
    assert len(portals)
    assert (portals["cash_gain"] < portals["gain"]).all()


def test_work_beyond_capacity_that_is_done_no_more_is_no_capacity_set_free(computed: dict[str, pd.DataFrame]) -> None:
    desk = computed["resources"].set_index("resource").loc["customer_service"]
    options, strategy = computed["strategy_options"], computed["strategy"]
    chosen = options.merge(
        strategy, left_on=["segment", "channel", "option"], right_on=["segment", "channel", "chosen_option"]
    )
    relieved = strategy["overload_gain"].sum()
    saved = (desk["used_minutes"] - chosen["uses_customer_service"].sum()) * desk["rate"]
    assert 0 < desk["overdriven"] < saved
    assert relieved == pytest.approx(desk["overdriven"])
    assert strategy["gain"].sum() - strategy["cash_gain"].sum() - relieved > 0
