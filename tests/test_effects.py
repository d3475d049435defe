"""The regression finds what was put in, and names what it cannot tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from cts_lib.customers.effects import cost_effects, variance_inflation

CHANNELS = ("shops", "web")


def drawn(count: int = 400, seed: int = 1, noise: float = 0.04) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers who cost 10 % more a line on the same sales, half more on the web, a fifth less at twice the value."""
    random = np.random.default_rng(seed)
    names = [f"c{place:04}" for place in range(count)]
    channel = random.choice(CHANNELS, count, p=[0.7, 0.3])
    value, lines = 2 ** random.uniform(5, 9, count), random.uniform(1, 6, count)
    share = 0.4 * 1.1**lines * 1.5 ** (channel == "web") * 0.8 ** np.log2(value)
    share *= np.exp(random.normal(0, noise, count))
    behaviour = pd.DataFrame({"order_value": value, "lines_per_order": lines, "distance_km": np.nan})
    for name in ("quantity_per_line", "orders_per_month", "shipments_per_order"):
        behaviour[name] = random.uniform(1, 2, count)
    for name in ("rush_share", "return_share", "electronic_share"):
        behaviour[name] = random.uniform(0, 1, count)
    by_channel = pd.DataFrame({"customer_id": names, "channel": channel, "net_sales": 1000.0, "gross_sales": 1000.0})
    by_channel["discounts"] = 0.0
    by_channel["cost_to_serve"] = share * by_channel["net_sales"]
    customers = pd.DataFrame({"customer_id": names, "channel": channel, "name": names})
    return by_channel, behaviour, customers


def effect(table: pd.DataFrame, name: str) -> pd.Series:
    return table[table["effect"] == name].iloc[0]


def test_planted_effects_are_found_within_their_intervals() -> None:
    table = cost_effects(*drawn())
    for name, planted in (("lines_per_order", 0.1), ("order_value", -0.2), ("channel", 0.5)):
        found = effect(table, name)
        assert found["low"] <= planted <= found["high"]
        assert found["verdict"] == ("more" if planted > 0 else "less")
    assert (effect(table, "channel")["value"], effect(table, "channel")["instead_of"]) == ("web", "shops")
    assert table["r_squared"].iloc[0] > 0.9


def test_intervals_hold_the_truth_nine_times_in_ten() -> None:
    held = [
        found["low"] <= 0.1 <= found["high"]
        for seed in range(60)
        for found in [effect(cost_effects(*drawn(120, seed, 0.05)), "lines_per_order")]
    ]
    assert 0.8 <= np.mean(held) <= 0.98


def test_what_does_nothing_cannot_be_told_from_nothing() -> None:
    verdicts = [effect(cost_effects(*drawn(200, seed)), "rush_share")["verdict"] for seed in range(20)]
    assert verdicts.count("cannot tell") >= 14


def test_a_trait_that_is_another_in_other_words_is_left_out_by_name() -> None:
    by_channel, behaviour, customers = drawn()
    table = cost_effects(
        by_channel, behaviour, customers.assign(shop=customers["channel"].map({"web": "n", "shops": "y"}))
    )
    assert effect(table, "shop")["reason"] == "moves together with others"
    assert effect(table, "channel")["verdict"] == "more"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["same"] * 400, "alike for all"),
        ([f"v{place}" for place in range(400)], "too many values"),
        (["a", "b"] * 80 + [None] * 240, "missing too often"),
    ],
)
def test_a_trait_that_tells_nothing_is_left_out_with_its_reason(values: list[str | None], reason: str) -> None:
    by_channel, behaviour, customers = drawn()
    assert effect(cost_effects(by_channel, behaviour, customers.assign(trait=values)), "trait")["reason"] == reason


def test_what_is_unknown_of_everybody_or_alike_is_left_out() -> None:
    table = cost_effects(*drawn())
    assert effect(table, "distance_km")["reason"] == "missing too often"
    assert effect(table, "discount_share")["reason"] == "alike for all"


def test_with_few_customers_only_as_many_effects_are_asked_as_ten_customers_each_allow() -> None:
    table = cost_effects(*drawn(45))
    assert table["estimate"].notna().sum() == 4
    assert (table["reason"] == "too few customers").sum() == 5


def test_what_is_missing_of_a_trait_that_is_not_asked_costs_no_customer() -> None:
    by_channel, behaviour, customers = drawn(45)
    traits = {f"trait {at}": [None if place % 15 == at else float(place) for place in range(45)] for at in range(10)}
    table = cost_effects(by_channel, behaviour, customers.assign(**traits))
    assert table["observations"].unique().tolist() == [45]
    assert effect(table, "trait 0")["reason"] == "too few customers"


@pytest.mark.parametrize(("count", "reason"), [(29, "too few customers"), (1, "too few customers")])
def test_fewer_than_thirty_customers_are_no_regression(count: int, reason: str) -> None:
    table = cost_effects(*drawn(count))
    assert table[["effect", "verdict", "reason"]].values.tolist() == [["(all)", "left out", reason]]


def test_customers_that_cost_alike_are_no_regression() -> None:
    by_channel, behaviour, customers = drawn()
    table = cost_effects(by_channel.assign(cost_to_serve=100.0), behaviour, customers)
    assert table["reason"].tolist() == ["alike for all"]


def test_of_those_that_move_together_the_direct_one_stays() -> None:
    by_channel, behaviour, customers = drawn(noise=0.01)
    value, random = np.log2(behaviour["order_value"]), np.random.default_rng(9)
    discount, terms = (value + random.normal(0, 0.2, len(value)) for _ in range(2))  # which tell the value together
    by_channel["discounts"], customers = 50 * discount, customers.assign(terms=10 * terms)
    table = cost_effects(by_channel, behaviour, customers).set_index("effect")
    assert table.loc[["discount_share", "terms"], "reason"].tolist() == ["moves together with others"] * 2
    assert table.loc["order_value", "estimate"] == pytest.approx(-0.2, abs=0.01)


def test_variance_inflation_is_that_of_statsmodels() -> None:
    values = np.random.default_rng(3).normal(size=(50, 3))
    values[:, 2] += values[:, 0]
    design = np.column_stack([np.ones(50), values])
    expected = [variance_inflation_factor(design, place) for place in (1, 2, 3)]
    assert variance_inflation(values) == pytest.approx(expected)


@pytest.mark.parametrize(("scale", "named", "size"), [(1.0, "one", 1.0), (30.0, "ten", 10.0), (1e6, "spread", None)])
def test_a_number_is_told_by_a_step_of_the_order_of_its_spread(scale: float, named: str, size: float | None) -> None:
    by_channel, behaviour, customers = drawn(noise=0.001)
    number = pd.Series(np.arange(400) % 7) * scale
    by_channel["cost_to_serve"] *= 1.02 ** (number / scale)
    found = effect(cost_effects(by_channel, behaviour, customers.assign(terms=number)), "terms")
    expected = 1.02 ** ((size if size is not None else number.std(ddof=0)) / scale) - 1
    assert found["step"] == named
    assert found["estimate"] == pytest.approx(expected, rel=0.02)


def test_what_large_customers_have_in_common_is_no_effect_of_its_own() -> None:
    """An order costs alike whatever its value; hotels order much, bars little."""
    by_channel, behaviour, customers = drawn()
    value = behaviour["order_value"]
    by_channel["cost_to_serve"] = 3 / value * by_channel["net_sales"] * (1 + 0.1 * np.sin(np.arange(len(value))))
    trait = pd.Series(np.where(value > value.quantile(0.8), "hotel", "bar"))
    found = cost_effects(by_channel, behaviour, customers.assign(kind=trait))
    assert abs(effect(found, "kind")["estimate"]) < 0.05  # in levels it would be many times as much
    assert effect(found, "order_value")["estimate"] == pytest.approx(-0.5, abs=0.02)


def test_who_costs_nothing_is_not_asked() -> None:
    by_channel, behaviour, customers = drawn()
    by_channel.loc[:9, "cost_to_serve"] = [0.0, -5.0] * 5
    assert cost_effects(by_channel, behaviour, customers)["observations"].unique().tolist() == [390]
