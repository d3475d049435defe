"""Signal or noise: limits as published, few false signals, and what is there is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cts_lib.govern.signals import FALSE_SHARE, judged
from cts_lib.govern.targets import held_against_targets
from cts_lib.names import ALL
from cts_lib.params.governance import Governance
from cts_lib.params.period import Period

NOW = Period.parse("2026-Q3")


def places(count: int, end: Period = NOW) -> list[Period]:
    """So many periods before one, the oldest first."""
    periods = [end]
    for _ in range(count):
        periods.insert(0, periods[0].previous)
    return periods[:-1]


def judge(
    values: np.ndarray,
    observations: float = 1_000.0,
    kpi: str = "cost_to_serve_share",
    end: Period = NOW,
    missing: tuple[int, ...] = (),
    forgotten: bool = False,
    **params: Any,
) -> pd.DataFrame:
    """Judge the last row of values, a column a series, each in a channel of its own."""
    channels = [f"c{number:04d}" for number in range(values.shape[1])]
    cells = pd.DataFrame({"segment": ALL, "channel": channels, "kpi": kpi, "observations": observations})
    periods = [*places(len(values) - 1, end), end]
    rows = [cells.assign(value=value, period=str(period)) for period, value in zip(periods, values, strict=True)]
    history = pd.concat([row for place, row in enumerate(rows[:-1]) if place not in missing] or [pd.DataFrame()])
    if forgotten:
        history = history.drop(columns="observations")
    return judged(rows[-1].drop(columns="period"), history, end, Governance(**params))


def test_limits_of_ten_rates_are_those_published() -> None:
    rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    found = judge(np.array([*rates, 50.0])[:, None]).iloc[0]
    assert (found["lower_limit"], found["upper_limit"]) == (
        pytest.approx(45.816, abs=2e-3),
        pytest.approx(55.804, abs=2e-3),
    )
    assert found["signal"] == "(none)"


@pytest.mark.parametrize("later", [[], [90.0, 12.0]])
def test_limits_come_of_the_first_twelve_quarters_and_stay(later: list[float]) -> None:
    rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1, 50.0, 58.0]
    found = judge(np.array([*rates, *later, 50.0])[:, None]).iloc[0]
    middle, usual = np.mean(rates), 2.66 * np.abs(np.diff(rates)).mean()
    assert (found["lower_limit"], found["upper_limit"]) == pytest.approx((middle - usual, middle + usual))


def test_no_limit_lies_where_the_indicator_cannot_be() -> None:
    money, share = [0.0, 40, 0, 30, 0, 50, 0], [1.0, 0.9, 1.0, 0.92, 1.0, 0.9, 1.0]

    def limits(kpi: str, values: list[float]) -> tuple[float, float]:
        found = judge(np.array([*values, values[0]])[:, None], kpi=kpi).iloc[0]
        return found["lower_limit"], found["upper_limit"]

    middle, usual = np.mean(money), 2.66 * np.abs(np.diff(money)).mean()
    assert limits("profit", money) == pytest.approx((middle - usual, middle + usual))
    assert limits("lost_on_customers", money) == (0.0, pytest.approx(middle + usual))
    low, high = limits("on_time", share)
    assert 0 < low < 0.9
    assert high == 1.0


@pytest.mark.parametrize("count", [6, 8, 12, 16])
@pytest.mark.parametrize("shape", ["normal", "skewed", "heavy"])
def test_of_stable_series_hardly_any_is_a_signal(count: int, shape: str) -> None:
    random = np.random.default_rng(count)
    draws = {
        "normal": random.standard_normal((count + 1, 2_000)),
        "skewed": random.gamma(4.0, 0.5, (count + 1, 2_000)) - 2.0,
        "heavy": random.standard_t(5, (count + 1, 2_000)),
    }[shape]
    levels, widths = random.uniform(0.05, 0.4, 2_000), random.uniform(0.03, 0.12, 2_000)
    found = judge(levels * (1 + widths * draws))
    assert (found["signal"] != "(none)").mean() <= (0.01 if shape == "heavy" else 0.005)


@pytest.mark.parametrize("scatter", [0.03, 0.04, 0.05])
def test_a_channel_that_costs_a_fifth_more_is_found_within_two_periods(scatter: float) -> None:
    random, found = np.random.default_rng(11), []
    for _ in range(100):
        level = random.uniform(0.08, 0.3, 6)
        values = level * (1 + scatter * random.standard_normal((14, 6)))
        values[12:, 0] *= 1.2
        found.append(any(judge(values[:last])["signal"].iloc[0] == "above" for last in (13, 14)))
    assert np.mean(found) >= 0.8


def test_of_what_is_found_no_more_than_a_tenth_is_chance() -> None:
    random, false, found = np.random.default_rng(12), 0, 0
    for _ in range(100):
        values = 0.2 * (1 + 0.05 * random.standard_normal((13, 100)))
        values[12, :20] *= 1.25
        signals = (judge(values)["signal"] != "(none)").to_numpy()
        false, found = false + signals[20:].sum(), found + signals.sum()
    assert found > 1_500
    assert false / found <= FALSE_SHARE


def test_a_shift_is_not_absorbed_by_the_limits_that_it_leaves() -> None:
    random = np.random.default_rng(13)
    values = 0.2 * (1 + 0.03 * random.standard_normal((20, 1)))
    values[12:] *= 1.2
    assert [judge(values[:last])["signal"].iloc[0] for last in range(13, 21)][1:] == ["above"] * 7
    limits = [judge(values[:last])["upper_limit"].iloc[0] for last in range(13, 21)]
    assert limits == pytest.approx([limits[0]] * 8)
    declared = judge(values, changes=[str(places(7)[0])])
    assert declared["upper_limit"].iloc[0] > limits[0]
    assert declared["signal"].iloc[0] == "(none)"


def test_a_missing_period_is_a_gap() -> None:
    values = np.array([10.0, 11, 10, 90, 20, 21, 20, 21])[:, None]
    whole, without = judge(values).iloc[0], judge(values, missing=(3,)).iloc[0]
    steps = np.array([1, 1, 1, 1])  # neither to the missing one nor over it
    assert without["upper_limit"] - without["lower_limit"] == pytest.approx(2 * 2.66 * steps.mean())
    assert whole["upper_limit"] - whole["lower_limit"] > 2 * 2.66 * 20


def test_a_season_that_two_years_show_is_no_signal() -> None:
    random = np.random.default_rng(14)
    season = np.tile([0.0, 0.0, 30.0, 0.0], 4)[:13]
    values = (100 + season + random.standard_normal(13))[:, None]
    end = Period.parse("2026-Q1")
    peak, calm = judge(values[:11], end=end).iloc[0], judge(np.vstack([values[:10], [[101.0]]]), end=end).iloc[0]
    assert (peak["signal"], calm["signal"]) == ("(none)", "below")
    assert peak["lower_limit"] < 130 < peak["upper_limit"]


def test_a_share_of_few_lines_scatters_by_nature() -> None:
    quiet = np.array([1.0] * 8 + [0.975])[:, None]
    few, many = (judge(quiet, observations=lines, kpi="on_time").iloc[0] for lines in (40, 40_000))
    assert (few["signal"], many["signal"]) == ("(none)", "below")


def test_what_happened_once_is_no_season() -> None:
    values = np.array([0.0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0])[:, None]
    found = judge(values, kpi="lost_on_customers", end=Period.parse("2026-Q4")).iloc[0]
    assert found["signal"] == "(none)"


def test_a_sum_that_never_varied_is_not_judged() -> None:
    for values in ([0.0] * 10 + [13.0], [0.0] * 10 + [30.0, 0.0]):
        found = judge(np.array(values)[:, None], kpi="lost_on_customers").iloc[0]
        assert found["signal"] == "(none)"


def test_one_of_few_customers_at_a_loss_is_no_signal() -> None:
    values = np.array([0.0] * 8 + [1 / 12])[:, None]
    of_twelve = judge(values, observations=12, kpi="unprofitable_share").iloc[0]
    assert (of_twelve["signal"], of_twelve["upper_limit"] > 0.08) == ("(none)", True)
    values[-1] = 0.25
    of_four = judge(values, observations=4, kpi="unprofitable_share").iloc[0]
    assert of_four[["chance", "upper_limit"]].isna().all()


def test_a_history_that_kept_no_observations_is_judged_by_its_values() -> None:
    values = np.array([0.85, 0.86, 0.84, 0.85, 0.86, 0.85, 0.84, 0.85, 0.6])[:, None]
    kept = judge(values, observations=400, kpi="on_time").iloc[0]
    old = judge(values, observations=400, kpi="on_time", forgotten=True).iloc[0]
    assert (kept["signal"], old["signal"]) == ("below", "below")


def test_too_short_a_history_tells_nothing() -> None:
    found = judge(np.array([1.0, 2.0, 1.0, 50.0])[:, None]).iloc[0]
    assert found[["lower_limit", "upper_limit", "chance"]].isna().all()
    assert found["signal"] == "(none)"


def test_a_run_that_rises_is_a_trend() -> None:
    values = np.array([10.0, 9.5, 10.4, 9.6, 10.5, 9.4, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6, 10.7])[:, None]
    found = judge(values).iloc[0]
    assert (found["signal"], found["evidence"], found["evidence_periods"]) == ("above", "trend", 7)


def test_a_declared_change_is_a_period() -> None:
    with pytest.raises(ValueError, match="'2026-13' is no period; write 2026, 2026-H1, 2026-Q3 or 2026-07"):
        Governance(changes=["2026-Q1", "2026-13"])


NO_PAST = pd.DataFrame({"segment": [], "channel": [], "kpi": [], "lies": [], "value": []})


def test_targets_of_channels_are_held_against_their_own_values() -> None:
    kpis = pd.DataFrame(
        {"segment": ALL, "channel": [ALL, "retail", "web"], "kpi": "on_time", "value": [0.9, 0.95, 0.8]}
    )
    target = {"value": 0.92, "tolerance": 0.03, "channels": {"retail": 0.94, "web": 0.9}}
    held, notes = held_against_targets(kpis, Governance(targets={"on_time": target}), NO_PAST, lambda: NO_PAST)
    assert held["status"].tolist() == ["near", "met", "missed"]
    assert held["target"].tolist() == [0.92, 0.94, 0.9]
    assert notes == []


def test_a_target_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="is a target of nobody; give value, segments, channels or from"):
        Governance(targets={"on_time": {"tolerance": 0.1}})
