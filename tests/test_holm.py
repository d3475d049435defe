"""Verdicts are those of scipy's t test under Holm's correction, which is that of statsmodels, of any drawn periods."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp
from statsmodels.stats.multitest import multipletests

from cts_lib.evaluate.compare import Horizon, by_holm, compare


@given(
    st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.05, 1.0]), min_size=1, max_size=40), st.floats(0.01, 0.5)
)
def test_what_stands_is_what_statsmodels_lets_stand(chances: list[float], doubt: float) -> None:
    assert by_holm(np.array(chances), doubt).tolist() == multipletests(chances, doubt, "holm")[0].tolist()


def test_of_nothing_nothing_stands() -> None:
    assert by_holm(np.zeros(0), 0.05).tolist() == []


def stand_by_hand(chances: dict[tuple[str, str], float]) -> set[tuple[str, str]]:
    """Return what stands: the rarest first, each held to 5 % over those left, until one fails."""
    stands = set()
    for at, key in enumerate(sorted(chances, key=chances.__getitem__)):
        if chances[key] > 0.05 / (len(chances) - at):
            break
        stands.add(key)
    return stands


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from(["next_period", "mean"]))
def test_verdicts_and_intervals_are_those_of_scipy_and_numpy(seed: int, horizon: Horizon) -> None:
    random = np.random.default_rng(seed)
    kpis, count = ["profit", "cost_to_serve", "on_time", "lead_time_days"], int(random.integers(3, 12))
    rows, apart = [], dict[tuple[str, str], np.ndarray]()
    for channel in ("direct", "retail", "web"):
        for kpi in kpis:
            today = random.normal(5, 1, count)
            difference = (
                np.zeros(count) if random.random() < 0.2 else random.normal(random.choice([0, 1, -1]), 1, count)
            )
            today[random.random(count) < 0.1] = np.nan
            today[:2] = 5.0  # of less than two nothing is tested
            apart[channel, kpi] = (today + difference - today)[~np.isnan(today)]
            for plan, values in (("current", today), ("proposed", today + difference)):
                rows += [("Passive", channel, kpi, plan, at, value) for at, value in enumerate(values)]
    drawn = pd.DataFrame(rows, columns=["segment", "channel", "kpi", "strategy", "replication", "value"])
    found = compare(drawn, horizon).set_index(["channel", "kpi"])
    chances = {key: 1.0 if np.allclose(each, 0) else ttest_1samp(each, 0).pvalue for key, each in apart.items()}
    stands = stand_by_hand(chances)
    for key, each in apart.items():
        row, side = found.loc[key], -1 if key[1] in ("cost_to_serve", "lead_time_days") else 1
        good = "better" if each.mean() * side > 0 else "worse"
        assert row["verdict"] == (good if key in stands else "no difference"), (key, chances[key])
        half = t.ppf(0.95, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each))
        ends = (each.mean() - half, each.mean() + half) if horizon == "mean" else np.quantile(each, [0.05, 0.95])
        assert row[["difference", "low", "high"]].tolist() == pytest.approx([each.mean(), *ends], abs=1e-9)
        assert row["likely"] == pytest.approx((each * side > 0).mean())
