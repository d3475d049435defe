"""What an action brought: planted savings are found, and the interval holds them as often as it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cts_lib.govern.realised import Saving, realised
from cts_lib.params.actions import Action
from cts_lib.params.period import Period

QUARTERS = [f"2025-Q{number}" for number in range(1, 5)] + ["2026-Q1"]
SINCE, NOW = "2025-Q4", Period.parse("2026-Q1")
PLANTED = 5000.0
CASES = 200


def action(**more: object) -> Action:
    usual = {"id": "a", "action": "portal", "segment": "Passive", "channel": "retail", "state": "running"}
    return Action.model_validate(usual | {"since": SINCE} | more)


def panel(seed: int, planted: float, treated: int = 25, others: int = 80, growth: float = 0.05) -> pd.DataFrame:
    """Customers of two segments and channels, those to be reached larger; all grow, and the season is common."""
    rng = np.random.default_rng(seed)
    count = treated + others
    size = rng.lognormal(8.0, 0.6, count) * np.where(np.arange(count) < treated, 1.5, 1.0)
    reached = np.arange(count) < treated
    segment = np.where(reached, "Passive", rng.choice(["Aggressive", "Passive"], count))
    channel = np.where(reached, "retail", np.where(segment == "Passive", "web", "retail"))
    own = rng.gamma(4.0, 0.25, count)
    saved = planted * own / own[reached].sum()
    parts = []
    for at, quarter in enumerate(QUARTERS):
        sales = size * (1 + growth) ** at * (1.2 if quarter.endswith("Q4") else 1.0) * rng.lognormal(0, 0.15, count)
        profit = 0.2 * sales + rng.standard_t(5, count) * 0.03 * size
        profit += np.where(reached & (quarter >= SINCE), saved, 0)
        names = {"customer_id": [f"c{number}" for number in range(count)], "channel": channel, "segment": segment}
        parts.append(pd.DataFrame(names | {"period": quarter, "net_sales": sales, "profit": profit}))
    return pd.concat(parts, ignore_index=True)


def measured(frame: pd.DataFrame, *others: Action, **more: object) -> Saving | None:
    mine = action(**more)
    return realised(mine, [mine, *others], frame, NOW)


@pytest.mark.parametrize(("treated", "others"), [(25, 80), (3, 60), (1, 40), (8, 9), (150, 150)])
def test_a_planted_saving_is_found_and_its_interval_holds_it_nine_times_in_ten(treated: int, others: int) -> None:
    found = [measured(panel(seed, PLANTED, treated, others)) for seed in range(CASES)]
    savings = [each for each in found if each]
    assert len(savings) == CASES
    covered = np.mean([each.low <= PLANTED <= each.high for each in savings])
    assert 0.85 <= covered <= 0.95
    error = np.array([each.saving for each in savings]) - PLANTED
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(CASES) + 0.03 * PLANTED


def test_an_action_without_effect_says_so_nine_times_in_ten() -> None:
    verdicts = [saving.verdict for seed in range(CASES) if (saving := measured(panel(seed, 0.0)))]
    assert 0.85 <= verdicts.count("no difference") / CASES <= 0.95
    assert Saving(5.0, -1.0, 11.0).verdict == "no difference"
    assert Saving(5.0, 1.0, 9.0).verdict == "better"
    assert Saving(-5.0, -9.0, -1.0).verdict == "worse"


def test_by_hand_the_difference_in_differences_of_five_customers() -> None:
    changes = {"c1": 30.0, "c2": 4.0, "c3": 6.0, "c4": 8.0, "elsewhere": 900.0}
    rows = [
        (period, name, "wholesale" if name == "elsewhere" else "retail", segment, 100.0, 10 + (change if after else 0))
        for period, after in (("2025-Q3", False), ("2025-Q4", True), ("2026-Q1", True))
        for name, change in changes.items()
        for segment in ["Passive" if name == "c1" else "Other" if name != "elsewhere" else "Third"]
    ]
    frame = pd.DataFrame(rows, columns=["period", "customer_id", "channel", "segment", "net_sales", "profit"])
    found = measured(frame)
    assert found is not None
    assert found.saving == pytest.approx(30 - 6)
    # their variance is 4: that of the one's own scatter, and a third of it that of their mean; 2 degrees of freedom
    half = 2.920 * np.sqrt(4 + 4 / 3)
    assert found.high - found.saving == pytest.approx(half, rel=1e-3)


def test_who_has_the_same_action_elsewhere_is_not_compared_with() -> None:
    frame = panel(1, 0.0)
    web = frame["channel"] == "web"
    frame.loc[web & (frame["period"] >= SINCE), "profit"] += 10_000
    twin = action(id="b", channel="web")
    alone, beside = measured(frame), measured(frame, twin)
    assert alone is not None and beside is not None
    assert alone.high < 0
    assert beside.low < 0 < beside.high
    assert measured(frame, action(id="b", channel="web", state="agreed")) == alone


def test_who_came_to_the_cell_later_does_not_count_and_who_left_brings_nothing() -> None:
    frame = panel(2, 0.0)
    left = frame[(frame["customer_id"] == "c0") & (frame["period"] >= SINCE)]
    whole, without = measured(frame), measured(frame.drop(left.index))
    assert whole is not None and without is not None
    assert without.saving == pytest.approx(
        whole.saving - left["profit"].sum() / 2, abs=0.05 * left["net_sales"].sum() / 2
    )
    new = left.assign(customer_id="new", profit=1e6)
    assert measured(pd.concat([frame, new])) == pytest.approx(whole)


def test_only_the_year_before_the_action_says_what_was_before_it() -> None:
    frame = panel(4, PLANTED)
    first = frame[frame["period"] == "2025-Q1"]
    year, older = (first.assign(period=period, profit=first["profit"] + 1e6) for period in ("2024-Q4", "2024-Q3"))
    assert measured(pd.concat([older, frame])) == measured(frame)
    assert measured(pd.concat([year, frame])) != measured(frame)


@pytest.mark.parametrize(
    "more",
    [
        {"state": "agreed"},
        {"since": None},
        {"since": "2026-Q2"},
        {"since": "2025-Q1"},
        {"segment": "(all)", "channel": "(all)"},
        {"segment": "Vanished"},
    ],
)
def test_nothing_is_told_where_nothing_can_be_compared(more: dict[str, object]) -> None:
    assert measured(panel(3, PLANTED), **more) is None
