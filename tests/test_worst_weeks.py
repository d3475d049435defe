"""The worst week, what waits most, what is filled and when all is well again, in plain Python over drawn days."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cts_lib.evaluate.weeks import last_days, worst_weeks
from cts_lib.params.sections import Scenario

DAYS = 30
PLACES = ("desk", "north")


def drawn(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tables chain_days and chain_stocks of few strategies and scenarios."""
    random = np.random.default_rng(seed)
    days, stocks = [], []
    for strategy in ("current", "proposed"):
        for scenario in ("base", "down"):
            for day in range(1, DAYS + 1):
                late = random.choice([0.0, 0.0, 0.009, 0.011, 0.2]) if scenario == "down" and day > 9 else 0.0
                late = late if day < random.integers(18, 34) else 0.0
                if random.random() > 0.05:  # of a week without a line nothing is known
                    days.append((strategy, scenario, "on_time", "", day, 0.9 - 0.001 * (day % 3) - late))
                days += [(strategy, scenario, "behind", at, day, random.choice([0.0, 0.0, 0.3])) for at in PLACES]
                days.append((strategy, scenario, "backlog", "desk", day, 99.0))
            for product in ("p1", "p2", "p3"):
                asked = float(random.choice([0, 10, 90]))
                fill = random.random() if asked else math.nan
                stocks.append((strategy, scenario, product, "A", asked, fill))
    columns = ["strategy", "scenario", "measure", "place", "day", "mean"]
    return (
        pd.DataFrame(days, columns=columns),
        pd.DataFrame(stocks, columns=["strategy", "scenario", "product_id", "warehouse", "asked", "fill_rate"]),
    )


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.sampled_from([None, 9, 20]))
def test_weeks_are_those_found_by_looking_at_every_day(seed: int, last: int | None) -> None:
    days, stocks = drawn(seed)
    found = worst_weeks(days, stocks, {"down": last} if last else {}).set_index(["strategy", "scenario"])
    rows = days.to_dict("records")
    for strategy, scenario in found.index:
        told = found.loc[(strategy, scenario)]
        own = [row for row in rows if (row["strategy"], row["scenario"]) == (strategy, scenario)]
        weeks = {row["day"]: row["mean"] for row in own if row["measure"] == "on_time"}
        least = min(share for day, share in weeks.items() if day >= 7)
        assert (told["on_time"], told["day"]) == (least, min(day for day in weeks if day >= 7 and weeks[day] == least))
        most = max(row["mean"] for row in own if row["measure"] == "behind")
        where = [row["place"] for row in own if row["measure"] == "behind" and row["mean"] == most]
        assert told["behind"] == most
        assert told["behind_at"] == "(none)" if most == 0 else told["behind_at"] in where
        lines = stocks[(stocks["strategy"] == strategy) & (stocks["scenario"] == scenario) & (stocks["asked"] > 0)]
        filled = (lines["asked"] * lines["fill_rate"]).sum() / lines["asked"].sum() if len(lines) else math.nan
        assert told["fill_rate"] == pytest.approx(filled, nan_ok=True)
        base = {
            row["day"]: row["mean"]
            for row in rows
            if (row["strategy"], row["scenario"], row["measure"]) == (strategy, "base", "on_time")
        }
        both = sorted(set(weeks) & set(base))
        ill = [day for day in both if base[day] - weeks[day] > 0.01]
        if scenario == "base" or last is None or (ill and ill[-1] == both[-1]):
            assert math.isnan(told["recovery"])
        else:
            later = [day for day in range(last + 1, DAYS + 1) if any(day <= week - 6 for week in ill)]
            assert told["recovery"] == len(later)  # days after the last whose lines are in no well week yet


def test_where_no_line_can_wait_none_recovers() -> None:
    days, stocks = drawn(1)
    shown = days[days["measure"] == "on_time"]
    assert worst_weeks(shown, stocks.head(0), {"down": 9})["recovery"].isna().all()
    assert worst_weeks(days, stocks.head(0), {"down": 9})["recovery"].notna().any()
    assert worst_weeks(shown, stocks, {"down": 9})["recovery"].notna().any()


def test_a_scenario_is_over_that_ends_before_the_period_does_and_changes_days() -> None:
    given_ = {
        "surge": Scenario(demand=1.5, to_day=20),
        "slump": Scenario(demand=0.5, to_day=20),
        "down": Scenario(warehouse="A", from_day=3, to_day=29),
        "to the end": Scenario(demand=2, to_day=30),
        "open": Scenario(demand=2),
        "dear": Scenario(cost={"desk": 2}, to_day=20),
    }
    assert last_days(given_, 30) == {"surge": 20, "slump": 20, "down": 29}
