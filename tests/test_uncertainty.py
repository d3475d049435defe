import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.costing import uncertainty
from cts_lib.costing.uncertainty import Factor, Uncertainty, propagate
from cts_lib.params import CostModel

MARGINS = [500.0, 120.0, 95.0, 10.0]
COSTS = [100.0, 100.0, 100.0, 100.0]


def model(spread: float = 0.0, capacity: float = 0.0, driver: float = 0.0) -> CostModel:
    return CostModel.model_validate(
        {
            "resources": {"desk": {"capacity_minutes": 100, "spread": capacity or None}, "trucks": {}},
            "activities": {
                "entry": {"resource": "desk", "per": "order", "minutes": {"expr": "5", "spread": spread or None}},
                "drops": {"resource": "trucks", "per": "order", "driver": {"expr": "1", "spread": driver or None}},
            },
        }
    )


def propagated(costed: CostModel, activity: str = "entry", draws: int = 4_000, seed: int = 7) -> Uncertainty:
    customers = [f"c{place}" for place in range(len(MARGINS))]
    costs = pd.DataFrame({"customer_id": customers, "activity": activity, "cost": COSTS})
    profit = pd.DataFrame({"customer_id": customers, "gross_margin": MARGINS})
    return propagate(costs, profit.assign(profit=profit["gross_margin"] - 100.0), costed, draws, seed)


@pytest.mark.parametrize("shape", ["lognormal", "normal", "uniform", "triangular"])
def test_nine_of_ten_factors_lie_within_the_spread(shape: str) -> None:
    factors = Factor(0.2, shape).draw(np.random.default_rng(1), 200_000)
    low = 1 / 1.2 if shape == "lognormal" else 0.8
    assert ((factors > low) & (factors < 1.2)).mean() == pytest.approx(0.9, abs=0.004)
    assert factors.std() == pytest.approx(Factor(0.2, shape).sigma, rel=0.01)


def test_without_a_spread_nothing_is_said() -> None:
    result = propagated(model())
    assert result.customers[["profit_low", "profit_high", "probability_unprofitable"]].isna().all(axis=None)
    assert not result.customers["fragile"].any()
    assert result.band.empty
    assert result.assumptions.empty


def test_only_verdicts_that_would_flip_within_the_spread_are_fragile() -> None:
    result = propagated(model(spread=0.3)).customers
    assert list(result["fragile"]) == [False, True, True, False]
    assert result["probability_unprofitable"].iloc[0] == 0.0
    assert result["probability_unprofitable"].iloc[3] == 1.0
    assert 0.05 < result["probability_unprofitable"].iloc[1] < 0.5 < result["probability_unprofitable"].iloc[2] < 0.95


def test_the_interval_of_one_lognormal_factor_is_the_known_one() -> None:
    result = propagated(model(spread=0.2), draws=60_000).customers
    assert result["profit_low"].iloc[0] == pytest.approx(500 - 120, abs=0.6)
    assert result["profit_high"].iloc[0] == pytest.approx(500 - 100 / 1.2, abs=0.6)


def test_more_capacity_than_thought_makes_every_minute_cheaper_for_all() -> None:
    result = propagated(model(capacity=0.2), draws=60_000).customers
    width = result["profit_high"] - result["profit_low"]
    assert width.to_numpy() == pytest.approx([120 - 100 / 1.2] * 4, abs=1.0)


@given(driver=st.floats(0.05, 0.6), seed=st.integers(0, 1_000))
def test_an_uncertain_proportional_driver_moves_cost_between_customers_and_never_its_total(
    driver: float, seed: int
) -> None:
    result = propagated(model(driver=driver), "drops", draws=500, seed=seed)
    assert result.band["mean"].iloc[-1] == pytest.approx(sum(MARGINS) - sum(COSTS))
    assert result.band["low"].iloc[-1] == pytest.approx(result.band["high"].iloc[-1])


def test_the_same_seed_gives_the_same_figures() -> None:
    first, again = (propagated(model(spread=0.2, capacity=0.1)) for _ in range(2))
    pd.testing.assert_frame_equal(first.customers, again.customers)
    pd.testing.assert_frame_equal(first.band, again.band)


def test_the_wider_assumption_makes_the_larger_share_of_the_variance() -> None:
    shares = propagated(model(spread=0.3, capacity=0.1)).assumptions.set_index("assumption")["variance_share"]
    assert shares.sum() == pytest.approx(1.0)
    generator = np.random.default_rng(1)
    entry, capacity = (Factor(spread, "lognormal").draw(generator, 400_000).var() for spread in (0.3, 0.1))
    assert shares["activity entry"] == pytest.approx(entry / (entry + capacity), abs=0.003)


def test_who_takes_nearly_all_of_a_driver_is_not_moved_by_it() -> None:
    costs = pd.DataFrame({"customer_id": ["c1", "c2", "c1"], "activity": ["drops", "drops", "entry"]})
    costs["cost"] = [9_900.0, 100.0, 1_000.0]
    profit = pd.DataFrame({"customer_id": ["c1", "c2"], "gross_margin": [10_900.0, 1_000.0], "profit": [0.0, 900.0]})

    def spread_of_the_first(**spreads: float) -> float:
        found = propagate(costs, profit, model(**spreads), 20_000, 7).customers.iloc[0]
        return float(found["profit_high"] - found["profit_low"])

    both = propagate(costs, profit, model(spread=0.05, driver=0.2), 20_000, 7)
    by_driver, by_entry = spread_of_the_first(driver=0.2) ** 2, spread_of_the_first(spread=0.05) ** 2
    assert list(both.customers["fragile"]) == [True, False]
    shares = both.assumptions.set_index("assumption")["fragile_share"]
    assert shares["activity drops"] == pytest.approx(by_driver / (by_driver + by_entry), abs=0.05)


def test_more_customers_than_memory_holds_get_fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    assert propagated(model(spread=0.3), draws=2_000).draws == 2_000
    monkeypatch.setattr(uncertainty, "_CELLS", 4 * 600)
    assert propagated(model(spread=0.3), draws=2_000).draws == 600
    monkeypatch.setattr(uncertainty, "_CELLS", 4)
    assert propagated(model(spread=0.3), draws=2_000).draws == 500
