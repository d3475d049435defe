"""What spreads of times, drivers and capacities make of profit, a second way: drawn anew, customer by customer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import booked, compute, line, make_workbook

Z = 1.6448536269514722
DRAWS = 20_000
ACTIVITIES = ("entry", "picking", "drops")
CUSTOMERS = [{"customer_id": f"c{at}", "channel": "web"} for at in range(6)]
MODEL = {
    "resources": {"desk": {"capacity_minutes": 900, "spread": 0.3}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": {"expr": "30", "spread": 0.6}},
        "picking": {"per": "line", "driver": {"expr": "quantity", "spread": 0.2, "distribution": "uniform"}, "rate": 9},
        "drops": {"resource": "trucks", "per": "shipment", "driver": {"expr": "1", "spread": 0.2}},
    },
}
LINES = [
    line(f"o{at}", customer_id=f"c{at % 5}", quantity=1 + at % 4, net_sales=130 + 5 * at, cogs=40) for at in range(14)
]


def factors(generator: np.random.Generator, spread: float, count: int = 1) -> np.ndarray:
    """Return lognormal factors whose central 90 % lie between 1 / (1 + spread) and 1 + spread."""
    return np.asarray(np.exp(generator.standard_normal((count, DRAWS)) * np.log1p(spread) / Z))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    ledger = [booked("desk", 900), booked("trucks", 700)]
    folder: Path = tmp_path_factory.mktemp("spreads")
    params = make_workbook(folder, LINES, MODEL, customers=CUSTOMERS, ledger=ledger, profile={"draws": DRAWS})
    return compute(params).all_tables


@pytest.fixture(scope="module")
def moved(found: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """What each assumption alone, and what all together make of each customer's cost: customers × draws."""
    ids = found["customer_profit"]["customer_id"]
    cost = found["customer_costs"].pivot_table(index="customer_id", columns="activity", values="cost").reindex(ids)
    entry, picking, drops = (cost[[name]].to_numpy() for name in ACTIVITIES)
    generator = np.random.default_rng(11)
    time, capacity = factors(generator, 0.6), factors(generator, 0.3)
    weight = 1 + generator.uniform(-1, 1, (1, DRAWS)) * 0.2 / 0.9
    own = drops * factors(generator, 0.2, len(ids))
    shared = own * drops.sum() / own.sum(axis=0)
    alone = {
        "activity entry": entry * time,
        "capacity desk": entry / capacity,
        "activity picking": picking * weight,
        "activity drops": shared,
    }
    return alone | {"all": entry * time / capacity + picking * weight + shared}


def test_profit_and_the_whale_curve_lie_where_draws_by_hand_lie(
    found: dict[str, pd.DataFrame], moved: dict[str, np.ndarray]
) -> None:
    customers = found["customer_profit"]
    profit = customers[["gross_margin"]].to_numpy() - moved["all"]
    low, high = np.quantile(profit, [0.05, 0.95], axis=1)
    near = 0.05 * (high - low)
    assert (abs(customers["profit_low"] - low) < near).all()
    assert (abs(customers["profit_high"] - high) < near).all()
    assert (abs(customers["probability_unprofitable"] - (profit < 0).mean(axis=1)) < 0.02).all()
    curves = np.vstack([np.zeros(DRAWS), (-np.sort(-profit, axis=0)).cumsum(axis=0)])
    band = found["whale_band"]
    assert band["share"].tolist() == pytest.approx(np.linspace(0, 1, len(curves)))
    by_hand = pd.DataFrame(
        {
            "low": np.quantile(curves, 0.05, axis=1),
            "mean": curves.mean(axis=1),
            "high": np.quantile(curves, 0.95, axis=1),
        }
    )
    near = 0.05 * (by_hand["high"] - by_hand["low"])
    for name in by_hand:
        assert (abs(band[name] - by_hand[name]) <= near).all(), name


def test_an_assumptions_share_is_that_of_the_variance_that_it_makes_alone(
    found: dict[str, pd.DataFrame], moved: dict[str, np.ndarray]
) -> None:
    made = pd.DataFrame({name: each.var(axis=1) for name, each in moved.items() if name != "all"})
    shares = made.div(made.sum(axis="columns"), axis=0)
    told = found["assumption_shares"].set_index("assumption")
    fragile = found["customer_profit"]["fragile"]
    assert 0 < fragile.sum() < len(fragile)
    for name in shares:
        assert told.loc[name, "variance_share"] == pytest.approx(shares[name].mean(), abs=0.015), name
        assert told.loc[name, "fragile_share"] == pytest.approx(shares.loc[fragile, name].mean(), abs=0.015), name
