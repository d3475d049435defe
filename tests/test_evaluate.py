"""Simulation: the same demand for both strategies, honest intervals, and a simulated today that meets the observed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, event, line, make_workbook

from cts_lib.evaluate.stage import KPIS
from cts_lib.simulate.draws import _bundles

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


def tables(folder: Path, **evaluation: float) -> dict[str, pd.DataFrame]:
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
        for name in ("strategy_options", "strategy", "evaluation", "comparison", "calibration"):
            pd.testing.assert_frame_equal(found[name], expected[name], obj=f"{name}, {rows} rows", rtol=1e-12)


def test_every_cell_has_both_strategies_and_every_indicator(computed: dict[str, pd.DataFrame]) -> None:
    evaluation = computed["evaluation"]
    assert set(evaluation["strategy"]) == {"current", "proposed"}
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
    for name in ("evaluation", "comparison", "calibration"):
        pd.testing.assert_frame_equal(again[name], computed[name], check_exact=True)
    other = tables(tmp_path / "other", replications=80, seed=4)["evaluation"]
    assert (other["mean"].to_numpy() != computed["evaluation"]["mean"].to_numpy()).any()


def test_both_strategies_meet_the_same_demand(computed: dict[str, pd.DataFrame]) -> None:
    sales = computed["evaluation"].query("kpi == 'net_sales'").set_index(["segment", "channel", "strategy"])[FIGURES]
    current, proposed = (sales.xs(name, level="strategy") for name in ("current", "proposed"))
    pd.testing.assert_frame_equal(current, proposed)
    difference = computed["comparison"].query("kpi == 'net_sales'")
    assert (difference[["difference", "low", "high"]] == 0).all().all()
    assert (difference["verdict"] == "no difference").all()


def test_the_simulated_today_meets_what_was_observed(computed: dict[str, pd.DataFrame]) -> None:
    calibration = computed["calibration"]
    total = calibration[calibration["segment"] == ALL].set_index("kpi")
    profit = computed["customer_channel_profit"]
    for kpi in ("net_sales", "cost_to_serve", "profit"):
        assert total.loc[kpi, "observed"] == pytest.approx(profit[kpi].sum())
        assert abs(total.loc[kpi, "error"]) < 0.1
    assert total["accepted"].all()


def test_verdicts_follow_the_paired_interval(computed: dict[str, pd.DataFrame]) -> None:
    for row in computed["comparison"].to_dict("records"):
        lower_is_better = row["kpi"] in ("cost_to_serve", "lead_time_days")
        low, high = (-row["high"], -row["low"]) if lower_is_better else (row["low"], row["high"])
        expected = "better" if low > 0 else "worse" if high < 0 else "no difference"
        assert row["verdict"] == expected, row
        assert row["difference"] == pytest.approx(row["proposed"] - row["current"], abs=1e-6)


def test_a_share_is_never_above_one_and_profit_is_what_is_left(computed: dict[str, pd.DataFrame]) -> None:
    evaluation = computed["evaluation"]
    shares = evaluation[evaluation["kpi"].isin(["on_time", "in_full"])]
    assert shares[["mean", "low", "high"]].min().min() >= 0
    assert shares[["mean", "low", "high"]].max().max() <= 1


def test_orders_of_one_shipment_are_drawn_together() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": ["c", "c", "c", "c", "d"],
            "channel": ["x"] * 5,
            "order_id": ["o1", "o2", "o2", "o3", "o1"],
            "shipment_id": ["s1", "s1", "s2", "s3", "s1"],
        }
    )
    bundles = list(_bundles(orders))
    assert bundles[0] == bundles[1] == bundles[2]
    assert len({bundles[0], bundles[3], bundles[4]}) == 3
