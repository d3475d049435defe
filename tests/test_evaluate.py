"""Simulation: the same demand for both strategies, honest intervals, and a simulated today that meets the observed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, event, line, make_workbook

from cts_lib.errors import ParamsError, Problems
from cts_lib.evaluate.compare import compare
from cts_lib.evaluate.indicators import KPIS
from cts_lib.simulate.draws import units

ALL = "(all)"
FIGURES = ["mean", "low", "high", "replications"]
STAGES = ("profile", "segment", "strategy", "evaluate")
MODEL = {
    "resources": {"desk": {"capacity_minutes": 2000}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10 + 2*lines"},
        "calls": {"resource": "desk", "per": "event:call", "minutes": "8*quantity"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
    },
}
LINES = [
    line(
        f"o{place}",
        customer_id=f"c{place % 2 + 1}",
        order_date=f"2026-0{place % 3 + 1}-1{place % 9}",
        delivered_date=f"2026-0{place % 3 + 1}-2{place % 9}",
        promised_date=f"2026-0{place % 3 + 1}-24",
        net_sales=50 + place,
        delivered_quantity=10 - place % 3 // 2,
    )
    for place in range(40)
]
EVENTS = [event("call", quantity=2), event("call", "c2")]
LEDGER = [booked("desk", 900), booked("trucks", 500)]


def tables(folder: Path, **evaluation: object) -> dict[str, pd.DataFrame]:
    params = make_workbook(folder, LINES, MODEL, events=EVENTS, ledger=LEDGER, evaluation=evaluation)
    return compute(params, QUARTER, STAGES).all_tables


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return tables(tmp_path_factory.mktemp("evaluate"), replications=80, seed=3)


def test_batches_of_any_size_give_the_same_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tables(tmp_path, replications=10, seed=3)
    for rows in (1, 3 * len(LINES)):
        monkeypatch.setattr("cts_lib.replay.outcome.ROWS_AT_ONCE", rows)
        found = tables(tmp_path, replications=10, seed=3)
        for name in (
            "strategy_options",
            "strategy",
            "evaluation",
            "comparison",
            "contributions",
            "calibration",
            "backtest",
        ):
            pd.testing.assert_frame_equal(found[name], expected[name], obj=f"{name}, {rows} rows", rtol=1e-12)


def of_base(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["scenario"] == "base"]


def test_every_cell_has_both_strategies_and_every_indicator(computed: dict[str, pd.DataFrame]) -> None:
    evaluation = of_base(computed["evaluation"])
    assert {"current", "proposed"} <= set(evaluation["strategy"])
    assert set(evaluation["kpi"]) == set(KPIS)
    assert not evaluation.duplicated(["segment", "channel", "strategy", "kpi"]).any()
    cells = set(computed["strategy"][["segment", "channel"]].itertuples(index=False, name=None)) | {(ALL, ALL)}
    assert set(evaluation[["segment", "channel"]].itertuples(index=False, name=None)) == cells
    assert (evaluation["low"] <= evaluation["mean"] + 1e-9).all()
    assert (evaluation["mean"] <= evaluation["high"] + 1e-9).all()


def test_the_same_seed_gives_the_same_figures_and_another_gives_others(
    tmp_path: Path, computed: dict[str, pd.DataFrame]
) -> None:
    again = tables(tmp_path / "again", replications=80, seed=3)
    for name in ("evaluation", "comparison", "contributions", "payback", "calibration", "backtest"):
        pd.testing.assert_frame_equal(again[name], computed[name], check_exact=True)
    other = tables(tmp_path / "other", replications=80, seed=4)["evaluation"]
    assert (other["mean"].to_numpy() != computed["evaluation"]["mean"].to_numpy()).any()


def test_both_strategies_meet_the_same_demand(computed: dict[str, pd.DataFrame]) -> None:
    sales = of_base(computed["evaluation"]).query("kpi == 'net_sales'")
    sales = sales.set_index(["segment", "channel", "strategy"])[FIGURES]
    current, proposed = (sales.xs(name, level="strategy") for name in ("current", "proposed"))
    pd.testing.assert_frame_equal(current, proposed)
    difference = of_base(computed["comparison"]).query("kpi == 'net_sales'")
    assert (difference[["difference", "low", "high"]] == 0).all().all()
    assert (difference["verdict"] == "no difference").all()


def test_the_simulated_today_repeats_what_was_observed(computed: dict[str, pd.DataFrame]) -> None:
    calibration = computed["calibration"]
    total = calibration[calibration["segment"] == ALL].set_index("kpi")
    profit = computed["customer_channel_profit"]
    for kpi in ("net_sales", "cost_to_serve", "profit"):
        assert total.loc[kpi, "observed"] == pytest.approx(profit[kpi].sum())
        assert abs(total.loc[kpi, "error"]) < 0.1
    assert total["accepted"].all()


def paired(differences: dict[str, list[float]]) -> pd.DataFrame:
    """Return values of both strategies over replications, for indicators of the whole unit."""
    rows = []
    for kpi, values in differences.items():
        for replication, value in enumerate(values):
            common = {"segment": ALL, "channel": ALL, "kpi": kpi, "replication": replication}
            rows += [common | {"strategy": "current", "value": 10.0}]
            rows += [common | {"strategy": "proposed", "value": 10.0 + value}]
    return pd.DataFrame(rows)


def test_verdicts_are_of_the_mean_and_of_the_better_side() -> None:
    sure, unsure = [1.0, 1.2, 0.9, 1.1] * 5, [1.0, -1.0] * 10
    verdicts = compare(paired({"profit": sure, "cost_to_serve": sure, "net_sales": unsure}), "next_period")
    assert verdicts.set_index("kpi")["verdict"].to_dict() == {
        "profit": "better",
        "cost_to_serve": "worse",
        "net_sales": "no difference",
    }
    assert verdicts.set_index("kpi")["likely"].to_dict() == {"profit": 1.0, "cost_to_serve": 0.0, "net_sales": 0.5}


def test_one_of_many_verdicts_bears_that_many_are_looked_at() -> None:
    weak = [1.0, -0.2, 0.9, -0.3, 1.1, -0.1, 0.8, 0.0, 0.9, 0.1]
    alone = compare(paired({"profit": weak}), "next_period")
    none = [1.0, -1.0] * 5
    names = [kpi for kpi in KPIS if kpi != "profit"]
    among = compare(paired({"profit": weak} | dict.fromkeys(names, none)), "next_period").set_index("kpi")
    assert alone["verdict"].tolist() == ["better"]
    assert among.loc["profit", "verdict"] == "no difference"


def test_the_interval_of_a_mean_is_narrower_than_that_of_a_period(computed: dict[str, pd.DataFrame]) -> None:
    drawn = paired({"profit": [1.0, 3.0] * 20})
    period, mean = (compare(drawn, horizon) for horizon in ("next_period", "mean"))
    assert mean["difference"].tolist() == period["difference"].tolist()
    assert (mean["high"] - mean["low"]).item() < 0.5 * (period["high"] - period["low"]).item()


def test_a_share_is_never_above_one(computed: dict[str, pd.DataFrame]) -> None:
    evaluation = computed["evaluation"]
    shares = evaluation[evaluation["kpi"].isin(["on_time", "in_full"])]
    assert shares[["mean", "low", "high"]].min().min() >= 0
    assert shares[["mean", "low", "high"]].max().max() <= 1


def test_scenarios_do_what_they_say(tmp_path: Path) -> None:
    scenarios = {
        "more": {"demand": 2, "from_day": 1},
        "dear": {"cost": {"trucks": 3}},
        "gone": {"customers": ["c1"]},
        "nothing": {"demand": 1},
    }
    found = tables(tmp_path, replications=20, seed=3, scenarios=scenarios)["evaluation"]
    total = found[(found["segment"] == ALL) & (found["strategy"] == "current")]
    mean = total.pivot(index="scenario", columns="kpi", values="mean")
    assert mean.loc["more", "net_sales"] == pytest.approx(2 * mean.loc["base", "net_sales"])
    assert mean.loc["nothing"].tolist() == mean.loc["base"].tolist()
    assert mean.loc["dear", "net_sales"] == mean.loc["base", "net_sales"]
    assert mean.loc["dear", "cost_to_serve"] > mean.loc["base", "cost_to_serve"]
    one = found[(found["segment"] != ALL) & (found["strategy"] == "current") & (found["kpi"] == "net_sales")]
    assert 0 < mean.loc["gone", "net_sales"] < mean.loc["base", "net_sales"], one


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        ({"channel": "moon"}, "channel: 'moon' is not of this run"),
        ({"segment": "Nobody"}, "segment: 'Nobody' is not of this run"),
        ({"customers": ["c9"]}, "customers: 'c9' is not of this run"),
        ({"cost": {"rockets": 2}}, "cost: 'rockets' is not of this run"),
        ({"demand": 2, "from_day": 91}, "from_day: 91 is after the period's 90 days"),
    ],
)
def test_a_scenario_of_what_the_unit_has_not_is_refused(
    tmp_path: Path, scenario: dict[str, object], problem: str
) -> None:
    with pytest.raises(ParamsError, match=r"evaluation\.scenarios\.odd") as caught:
        tables(tmp_path, replications=10, scenarios={"odd": scenario})
    assert problem in str(caught.value)


def test_the_workbooks_own_surge_fits_a_month_and_the_page_says_so(tmp_path: Path) -> None:
    month = "2026-02"
    ledger = [booked("desk", 900, month), booked("trucks", 500, month)]
    params = make_workbook(tmp_path, LINES, MODEL, events=EVENTS, ledger=ledger)
    results = compute(params, month, STAGES)
    assert "surge" in set(results.all_tables["evaluation"]["scenario"])
    told = [note.english for note in results.notes["evaluate"]]
    assert any("comes on days 9 to 18, for the period ends before its usual ones" in text for text in told)
    assert "In scenario surge events of the same days change as orders do." in told


def test_a_scenario_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="to_day 3 is before from_day 9"):
        tables(tmp_path, scenarios={"odd": {"demand": 2, "from_day": 9, "to_day": 3}})


def test_without_earlier_periods_intervals_are_said_to_be_too_narrow(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, LINES, MODEL, events=EVENTS, ledger=LEDGER, evaluation={"replications": 10})
    results = compute(params, QUARTER, STAGES)
    assert results.all_tables["backtest"].empty
    assert any("Without earlier periods" in note.text for note in results.notes["evaluate"])


def test_what_shares_an_order_a_shipment_or_a_day_is_drawn_as_a_whole() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": ["c", "c", "c", "c", "d", "c"],
            "channel": ["x"] * 6,
            "order_id": ["o1", "o2", "o2", "o3", "o1", "o4"],
            "shipment_id": ["s1", "s1", "s2", "s3", "s1", "s4"],
            "day": [1, 2, 2, 4, 1, 4],
        }
    )
    whole = list(units(orders))
    assert whole[0] == whole[1] == whole[2]
    assert whole[3] == whole[5]
    assert len({whole[0], whole[3], whole[4]}) == 3
