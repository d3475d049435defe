"""What few replications show is moved by what they miss of all, as today's strategy and the proposal tell it."""

from __future__ import annotations

import pandas as pd
import pytest

from cts_lib.evaluate.remarks import notes_of_sales
from cts_lib.evaluate.shared import as_of_all
from cts_lib.names import ALL
from cts_lib.replay.options import CURRENT, PROPOSED

FEW = range(2)
OTHER = "without: portal: all"


def values(kpi: str, figures: dict[tuple[str, str], list[float]]) -> pd.DataFrame:
    """Return indicators of the whole unit, those of a scenario's strategy in a row of replications."""
    rows = [
        {"segment": ALL, "channel": ALL, "strategy": strategy, "replication": at, "kpi": kpi, "value": value}
        | {"scenario": scenario}
        for (scenario, strategy), row in figures.items()
        for at, value in enumerate(row)
    ]
    return pd.DataFrame(rows)


def means(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = table.groupby(["scenario", "strategy"], as_index=False)["value"].mean()
    return {(row[0], row[1]): row[2] for row in found.itertuples(index=False, name=None)}


def test_what_a_scenario_leaves_as_it_was_is_shown_as_it_was() -> None:
    today, plan = [10.0, 20.0, 40.0, 50.0], [12.0, 21.0, 48.0, 59.0]
    given = {("base", CURRENT): today, ("base", PROPOSED): plan}
    given |= {("half", CURRENT): today[:2], ("half", PROPOSED): [11.0, 20.5], ("base", OTHER): [11.0, 21.0]}
    found = as_of_all(values("profit", given), FEW)
    assert means(found) == {
        ("base", CURRENT): 30.0,
        ("base", PROPOSED): 35.0,
        ("half", CURRENT): 30.0,
        ("half", PROPOSED): pytest.approx(35.0 - (16.5 - 15.75)),  # as much less than the plan as in what both have
        ("base", OTHER): pytest.approx(35.0 - (16.5 - 16.0)),
    }
    one = found.query("scenario == 'half' and strategy == @CURRENT")["value"]
    assert one.tolist() == [25.0, 35.0]  # the scatter stays


def test_a_share_stays_one_and_what_all_have_alike_stays() -> None:
    given = {("base", CURRENT): [0.5, 0.6, 1.0, 1.0], ("base", PROPOSED): [0.5, 0.5, 0.5, 0.5]}
    given |= {("half", CURRENT): [0.5, 0.9], ("half", PROPOSED): [0.4, 0.6]}
    found = means(as_of_all(values("on_time", given), FEW))
    assert found["half", CURRENT] == pytest.approx((0.725 + 1.0) / 2)
    assert found["half", PROPOSED] == 0.5


def test_an_indicator_that_nobody_has_stays_unknown() -> None:
    nan = float("nan")
    given = {("base", CURRENT): [nan, nan, nan], ("base", PROPOSED): [nan, nan, nan], ("half", CURRENT): [nan, nan]}
    assert as_of_all(values("on_time", given), FEW)["value"].isna().all()


@pytest.mark.parametrize(("then", "said"), [(103.0, 0), (120.0, 1), (80.0, 1)])
def test_other_sales_than_the_period_s_are_told(then: float, said: int) -> None:
    notes = notes_of_sales(100.0, values("net_sales", {("base", CURRENT): [then - 1, then + 1]}))
    assert [note.english for note in notes] == [
        f"The period to come is simulated with net sales of {then:.2f}; they were 100.00 in this one. How cost and "
        "service of today's strategy differ from this period's comes of that, not of a decision."
    ] * said
