"""What few replications show is moved by what they miss of all, as today's strategy and the proposal tell it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_workbook import booked, compute, line, make_workbook

from cts_lib.evaluate.indicators import within
from cts_lib.evaluate.remarks import notes_of_sales
from cts_lib.evaluate.shared import as_of_all, compared_by_all, left_alone, told_by_all
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


def test_what_a_scenario_leaves_as_it_was_has_the_interval_and_the_verdict_that_it_had() -> None:
    today, plan = [0.9, 0.8, 0.6, 0.7], [0.8, 0.9, 0.9, 0.9]
    given = {("base", CURRENT): today, ("base", PROPOSED): plan, ("base", OTHER): plan[:2]}
    given |= {("dear", CURRENT): today[:2], ("dear", PROPOSED): plan[:2]}
    given |= {("half", CURRENT): today[:2], ("half", PROPOSED): [0.8, 0.7]}
    alone = left_alone(values("on_time", given))
    found = {(row.scenario, row.strategy): row.like for row in alone.itertuples()}
    kept = {("base", OTHER): PROPOSED, ("dear", CURRENT): CURRENT, ("dear", PROPOSED): PROPOSED}
    assert found == kept | {("half", CURRENT): CURRENT}

    cell = {"segment": ALL, "channel": ALL, "kpi": "on_time"}
    told = pd.DataFrame(
        [cell | {"scenario": name, "strategy": of, "low": len(row)} for (name, of), row in given.items()]
    )
    lows = told_by_all(told, alone).set_index(["scenario", "strategy"])["low"]
    assert lows.to_dict() == dict.fromkeys(given, 4) | {("half", PROPOSED): 2}

    verdicts = {"base": "better", "dear": "no difference", "half": "worse"}
    compared = pd.DataFrame([cell | {"scenario": name, "verdict": verdict} for name, verdict in verdicts.items()])
    compared = compared_by_all(compared, alone)
    assert compared["verdict"].tolist() == ["better", "better", "worse"]  # half has another plan


def test_the_mean_of_a_share_is_put_right_though_replications_reach_one() -> None:
    given = {("base", CURRENT): [0.5, 0.6, 1.0, 1.0], ("base", PROPOSED): [0.5, 0.5, 0.5, 0.5]}
    given |= {("half", CURRENT): [0.5, 0.9], ("half", PROPOSED): [0.4, 0.6]}
    found = means(as_of_all(values("on_time", given), FEW))
    assert found["half", CURRENT] == pytest.approx(0.7 + (0.775 - 0.55))
    assert found["half", PROPOSED] == 0.5


def test_no_share_is_told_beyond_one_and_no_days_below_nothing() -> None:
    table = pd.DataFrame({"kpi": ["on_time", "lead_time_days", "profit"], "mean": [1.02, 3.0, -8.0]})
    found = within(table.assign(low=[-0.1, -2.0, -9.0]), ["mean", "low"])
    assert found["mean"].tolist() == [1.0, 3.0, -8.0]
    assert found["low"].tolist() == [0.0, 0.0, -9.0]


FIGURE = st.floats(-100, 100) | st.just(float("nan"))


@given(st.integers(1, 4), st.integers(0, 4), st.data())
def test_few_replications_are_moved_by_what_they_miss_of_all_in_plain_numpy(
    few: int, more: int, data: st.DataObject
) -> None:
    def drawn(count: int) -> list[float]:
        return data.draw(st.lists(FIGURE, min_size=count, max_size=count))

    given_ = {("base", CURRENT): drawn(few + more), ("base", PROPOSED): drawn(few + more), ("base", OTHER): drawn(few)}
    given_ |= {("half", CURRENT): drawn(few), ("half", PROPOSED): drawn(few)}
    found = as_of_all(values("net_sales", given_), range(few))
    for (scenario, strategy), own in given_.items():
        like = np.array(given_["base", CURRENT if strategy == CURRENT else PROPOSED])
        missed = 0.0
        if scenario != "base" or strategy == OTHER:
            some, all_ = (each[~np.isnan(each)] for each in (like[:few], like))
            missed = all_.mean() - some.mean() if len(some) else 0.0
        told = found[(found["scenario"] == scenario) & (found["strategy"] == strategy)]["value"]
        assert told.to_numpy() == pytest.approx(np.array(own) + missed, nan_ok=True)


def test_a_dearer_resource_leaves_service_and_sales_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cts_lib.evaluate.stage.BESIDE", 10)
    random = np.random.default_rng(3)
    lines = []
    for at in range(60):  # nearly all on time, so that many replications of a cell have all of them on time
        late, day = random.random() < 0.06, f"2026-02-{random.integers(1, 20):02d}"
        dates = {"order_date": day, "promised_date": "2026-02-25", "delivered_date": f"2026-02-{27 if late else 22}"}
        lines.append(line(f"o{at}", customer_id=f"c{1 + at % 2}", channel=("direct", "retail")[at % 2], **dates))
    model = {"resources": {"vans": {}}, "activities": {"trips": {"resource": "vans", "per": "order", "driver": "1"}}}
    params = make_workbook(
        tmp_path,
        lines,
        model,
        ledger=[booked("vans", 600)],
        strategy={"levers": {"fee": {"kind": "terms", "settings": {"it": {"fee_per_order": 2}}}}},
        evaluation={
            "replications": 10,
            "precision": 0.04,
            "horizon": "mean",
            "scenarios": {"dear": {"cost": {"vans": 2}}},
        },
    )
    tables = compute(params, "2026-Q1", ("profile", "segment", "strategy", "evaluate")).all_tables
    told = tables["evaluation"].query("strategy in ['current', 'proposed']")
    sides = told.pivot(
        index=["segment", "channel", "strategy", "kpi"],
        columns="scenario",
        values=["mean", "low", "high", "replications"],
    )
    count = sides["replications"].query("kpi == 'profit'").max()
    assert (count["base"] > 10, count["dear"]) == (True, 10)
    gain = tables["comparison"].query("scenario == 'base' and segment == '(all)' and kpi == 'profit'").iloc[0]
    half = (gain["high"] - gain["low"]) / 2
    assert half <= 0.04 * gain["difference"]  # so many, and no more than twice as many, are asked for
    assert half > 0.02 * gain["difference"]
    shares = told[told["kpi"].isin(["on_time", "in_full"])][["mean", "low", "high"]]
    assert shares.max(axis=None) <= 1
    for column in ("mean", "low", "high", "replications"):
        same = sides[column].query("kpi not in ['cost_to_serve', 'profit']")
        assert same["dear"].to_numpy() == pytest.approx(same["base"].to_numpy(), abs=1e-12), column
    verdicts = tables["comparison"].query("kpi not in ['cost_to_serve', 'profit']")
    verdicts = verdicts.set_index(["scenario", "segment", "channel", "kpi"])
    pd.testing.assert_frame_equal(verdicts.loc["dear"].sort_index(), verdicts.loc["base"].sort_index())
    cost = sides["mean"].query("kpi == 'cost_to_serve'")
    assert cost["dear"].to_numpy() == pytest.approx(2 * cost["base"].to_numpy(), rel=0.2)


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
