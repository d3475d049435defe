"""Evaluate with a chain with days: a true one repeats what was observed, a wrong one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from planted_chains import DAILY_MINUTES, LEAD, MINUTES, WEEKDAYS, counter, desk, dock, drawer, shelf, two_quarters
from small_workbook import QUARTER, booked, compute, line, make_workbook, open_run

from cts_lib.costing.costed import Costed
from cts_lib.errors import DataError, ParamsError
from cts_lib.evaluate.chain import UnitChain
from cts_lib.evaluate.prepare import Prepared, prepare
from cts_lib.evaluate.scenarios import check_scenarios
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.replay.policy import everywhere
from cts_lib.run import UnitRun, write_simulated
from cts_lib.run.simulated import leave_simulated
from cts_lib.run.stages import Results
from cts_lib.simulate.days import Setup

ALL = "(all)"
BEFORE = ("profile", "segment", "strategy")
SERVICE = ["lead_time_days", "on_time", "in_full"]
TABLES = ("evaluation", "comparison", "calibration", "chain_days", "chain_stocks", "worst_weeks")
LEVERS = {
    "levers": {
        "rhythm": {"settings": {"weekly": {"days": 7}}, "adoption": 0.7},
        "stock": {"settings": {"sure": {"service_level": 0.99}, "none": {"make_to_order": True}}, "adoption": 0.5},
    },
    "max_service_loss": 1,
}


def evaluated(params: Path, *overrides: str) -> dict[str, pd.DataFrame]:
    return compute(params, QUARTER, (*BEFORE, "evaluate"), overrides).all_tables


def chain_of(unit_run: UnitRun) -> UnitChain | None:
    period = Period.parse(QUARTER)
    try:
        costed = Costed.of(unit_run.compute(period, ("profile",)).stages["profile"])
        accepted = unit_run.accepted(period)
        return UnitChain.of(accepted.engine, unit_run.unit, accepted.activities, costed, period)
    finally:
        unit_run.close()


def repeated(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    calibration = tables["calibration"]
    return calibration[(calibration[["segment", "channel"]] == ALL).all(axis=1)].set_index("kpi")


def reliable(tables: dict[str, pd.DataFrame]) -> dict[str, bool]:
    return dict(tables["evaluation"].groupby("kpi")["reliable"].all())


def test_a_true_capacity_repeats_the_waits_and_half_of_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = desk(tmp_path)
    true = evaluated(params)
    assert repeated(true).loc[SERVICE, "accepted"].all()
    days = true["chain_days"].pivot_table(index=["strategy", "scenario", "day"], columns="measure", values="mean")
    waiting = days[days["behind"] > 0]
    assert len(waiting)  # minutes that wait, over those of a day on which anybody works
    assert (waiting["backlog"] / waiting["behind"]).to_numpy() == pytest.approx(DAILY_MINUTES, rel=0.1)
    whole = UnitChain.setup

    def halved(chain: UnitChain) -> Setup:  # in params it would be mended by what was done, see below
        setup = whole(chain)
        return replace(setup, resources=replace(setup.resources, capacity=setup.resources.capacity / 2))

    monkeypatch.setattr(UnitChain, "setup", halved)
    wrong = evaluated(params)
    assert not repeated(wrong).loc[["lead_time_days", "on_time"], "accepted"].any()
    assert reliable(wrong) == dict.fromkeys(reliable(wrong), True) | {"lead_time_days": False, "on_time": False}


def test_a_capacity_below_what_was_done_is_mended_and_told(tmp_path: Path) -> None:
    true, params = DAILY_MINUTES * WEEKDAYS, desk(tmp_path)
    for share, contradicted in ((1.0, []), (0.5, ["desk"])):
        unit_run = open_run(params, [f"cost_model.resources.desk.capacity_minutes={share * true}"])
        chain = Opened(unit_run).made.simulator.chain
        unit_run.close()
        assert chain is not None
        assert chain.contradicted == contradicted
        assert chain.resources.capacity[chain.calendar.period].sum() == pytest.approx(true, rel=0.1)


def test_nobody_waits_for_a_resource_that_says_so(tmp_path: Path) -> None:
    params = desk(tmp_path)
    waiting = chain_of(open_run(params))
    assert waiting is not None and waiting.resources.names == ("desk",)
    assert chain_of(open_run(params, ["cost_model.resources.desk.waits=false"])) is None


def test_too_little_work_to_queue_stays_as_observed_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = counter(tmp_path / "small")
    stage = compute(params, QUARTER, (*BEFORE, "evaluate")).stages["evaluate"]
    assert repeated(stage.tables).loc[["lead_time_days", "on_time"], "accepted"].all()
    assert "behind" not in set(stage.tables["chain_days"]["measure"])
    assert any("is not simulated: fewer than" in note.text for note in stage.notes)
    monkeypatch.setattr("cts_lib.evaluate.small.LITTLE", 0.0)
    queued = evaluated(params)
    assert not repeated(queued).loc[["lead_time_days", "on_time"], "accepted"].any()


def test_stock_of_too_few_lines_stays_as_observed_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = drawer(tmp_path)
    stage = compute(params, QUARTER, (*BEFORE, "evaluate")).stages["evaluate"]
    assert repeated(stage.tables).loc[SERVICE, "accepted"].all()
    assert stage.tables["chain_stocks"].empty
    assert any(note.text.startswith("Stock is not simulated") for note in stage.notes)
    monkeypatch.setattr("cts_lib.evaluate.small.FEW", 0)
    assert not repeated(evaluated(params)).loc[["lead_time_days", "on_time"], "accepted"].any()


def test_a_true_limit_of_picking_repeats_the_waits_and_half_of_it_is_refused(tmp_path: Path) -> None:
    assert repeated(evaluated(dock(tmp_path / "true"))).loc[SERVICE, "accepted"].all()
    wrong = evaluated(dock(tmp_path / "wrong", limit=DAILY_MINUTES // MINUTES // 2))
    assert not repeated(wrong).loc[["lead_time_days", "on_time"], "accepted"].any()


@pytest.mark.parametrize("to_the_top", [False, True])
def test_true_rules_of_stock_repeat_the_shortages_and_a_doubled_lead_time_is_refused(
    tmp_path: Path, to_the_top: bool
) -> None:
    assert repeated(evaluated(shelf(tmp_path / "true", to_the_top=to_the_top))).loc[SERVICE, "accepted"].all()
    wrong = evaluated(shelf(tmp_path / "wrong", lead=2 * LEAD, to_the_top=to_the_top))
    assert not repeated(wrong).loc["in_full", "accepted"]
    assert not reliable(wrong)["in_full"]


@pytest.mark.parametrize(("newest", "held"), [(DAILY_MINUTES, True), (0.8 * DAILY_MINUTES, False)])
def test_the_newest_period_is_foretold_with_its_days_unless_its_desk_is_slower(
    tmp_path: Path, newest: float, held: bool
) -> None:
    tested = evaluated(two_quarters(tmp_path, newest))["backtest"]
    own = tested[tested["with_days"]]
    assert set(own["period"]) == {QUARTER}
    whole = own[own["channel"] == ALL].set_index("kpi")
    assert whole["inside"].to_dict() == {"lead_time_days": held, "on_time": held}


class Opened:
    """A unit with stock and levers, ready to be simulated."""

    def __init__(self, unit_run: UnitRun) -> None:
        self.run, self.period = unit_run, Period.parse(QUARTER)
        self.results: Results = unit_run.compute(self.period, BEFORE)
        self.made: Prepared = prepare(unit_run.inputs(self.period, self.results.stages), unit_run.unit)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    inventory = [
        {"business_unit": "north", "product_id": f"p{at}", "warehouse": "A", "date": "2026-03-31", "on_hand": 50}
        for at in range(12)
    ]
    params = shelf(tmp_path_factory.mktemp("simulated"), strategy=LEVERS, inventory=inventory)
    rules = params.parent / "data" / "replenishment.csv"
    pd.read_csv(rules).assign(holding_rate=0.2).to_csv(rules, index=False)
    lines = pd.read_csv(params.parent / "data" / "order_lines.csv")
    third = pd.to_datetime(lines["order_date"]).dt.day_of_year // 3  # what ships together may be posted days apart
    lines.assign(shipment_id=lines["customer_id"] + "-" + third.astype("str")).to_csv(
        params.parent / "data" / "order_lines.csv", index=False
    )
    unit_run = open_run(params)
    yield Opened(unit_run)
    unit_run.close()


@pytest.mark.parametrize("plan", ["current", "proposed"])
def test_a_written_replication_costs_and_serves_what_the_stage_says_of_it(
    opened: Opened, tmp_path: Path, plan: str
) -> None:
    made, replication = opened.made, 3
    plays = made.simulator.plays({plan: made.plans[plan]}, made.going)
    told = made.simulator.runs(plays, range(replication, replication + 1))
    told = told[told["segment"] == ALL].iloc[0]
    leave_simulated(opened.run, opened.period, opened.results, plan, replication, tmp_path / "to")
    written = compute(tmp_path / "to" / "params")
    sums = written.stages["profile"].state["customer_sums"].sum(numeric_only=True)
    assert abs(written.all_tables["customer_costs"]["cost"].sum() - told["cost_to_serve"]) < 0.005
    for name in ("net_sales", "cogs", "sold_lines", "on_time_lines", "lead_days", "lead_lines", "full_lines"):
        assert sums[name] == pytest.approx(told[name], abs=1e-6), name
    assert written.all_tables["resources"]["difference"].abs().max() < 0.01


def test_a_wrong_request_for_a_simulated_period_is_refused(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    for plan, replication, to, said in (
        ("propsed", 0, tmp_path / "to", "--plan propsed"),
        ("current", -1, tmp_path / "to", "--replication"),
        ("current", 0, tmp_path / "used", "--to"),
    ):
        with pytest.raises(ParamsError, match=said):
            write_simulated(opened.run, opened.period, plan, replication, to)
    assert not (tmp_path / "to").exists()


def test_batches_of_any_size_give_the_same_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = shelf(tmp_path, evaluation={"replications": 10})
    expected = evaluated(params)
    monkeypatch.setattr("cts_lib.replay.outcome.ROWS_AT_ONCE", 1)
    found = evaluated(params)
    for name in TABLES:
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name, check_exact=True)


def test_a_warehouse_that_is_down_makes_lines_wait_until_it_is_up_again(tmp_path: Path) -> None:
    down = {"replications": 10, "scenarios": {"down": {"warehouse": "A", "from_day": 20, "to_day": 34}}}
    found = evaluated(shelf(tmp_path, evaluation=down))
    days = found["chain_days"].query("strategy == 'current' and measure == 'on_time'")
    base, stressed = (days[days["scenario"] == name].set_index("day")["mean"] for name in ("base", "down"))
    assert (stressed.loc[:18] == base.loc[:18]).all()
    assert stressed.loc[26:33].max() < 0.05  # what is lost does not wait
    assert (stressed.loc[40:] == base.loc[40:]).all()
    weeks = found["worst_weeks"].set_index(["strategy", "scenario"]).loc["current"]
    assert 26 <= weeks.loc["down", "day"] <= 34
    assert weeks.loc["down", ["recovery", "behind"]].tolist() == [0, 0]
    assert weeks.loc["down", "on_time"] < 0.05 < weeks.loc["base", "on_time"]
    assert weeks["recovery"].isna().tolist() == [True, False]
    waiting = found["chain_days"].query("scenario == 'down' and measure == 'waiting'")
    assert (waiting["mean"].to_numpy() > 0).nonzero()[0].tolist() == list(range(19, 34))


def test_the_worst_weeks_of_all_scenarios_are_of_the_same_simulated_periods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cts_lib.evaluate.stage.BESIDE", 10)
    evaluation = {"precision": 1, "scenarios": {"down": {"warehouse": "A", "from_day": 20, "to_day": 34}}}
    params = shelf(tmp_path, evaluation=evaluation)
    few, many = (evaluated(params, f"evaluation.replications={count}") for count in (10, 13))
    pd.testing.assert_frame_equal(many["worst_weeks"], few["worst_weeks"], check_exact=True)
    assert not many["chain_stocks"].equals(few["chain_stocks"])


def test_a_warehouse_that_nobody_knows_is_refused_with_those_that_are(opened: Opened) -> None:
    simulator = opened.made.simulator
    unit = load(opened.run.unit.folder, ["north"], ["evaluation.scenarios.down.warehouse=B"])[0]
    assert simulator.chain is not None
    with pytest.raises(ParamsError, match=r"down.*warehouse.*'B' is not of this run.*A"):
        check_scenarios(unit, simulator.segments, 90, [], simulator.chain.nodes.names)


def test_a_warehouse_that_ships_and_can_pick_nothing_is_named(tmp_path: Path) -> None:
    nodes = [{"business_unit": "north", "warehouse": "A", "capacity_lines_per_day": 0}]
    with pytest.raises(DataError, match=r"nodes, warehouse A, capacity_lines_per_day.*is 0"):
        chain_of(open_run(shelf(tmp_path, nodes=nodes)))


def test_a_unit_of_whose_chain_nothing_is_known_has_none(tmp_path: Path) -> None:
    model = {"resources": {"desk": {}}, "activities": {"entry": {"resource": "desk", "per": "order", "driver": "1"}}}
    lines = [line(f"o{at}", delivered_date="2026-02-05", order_date=f"2026-02-0{at + 1}") for at in range(4)]
    params = make_workbook(tmp_path, lines, model, ledger=[booked("desk", 90)], evaluation={"replications": 10})
    assert chain_of(open_run(params)) is None
    found = evaluated(params)
    assert found["chain_days"].empty
    assert found["chain_stocks"].empty


def test_a_plan_of_more_stock_has_more_of_it_and_is_short_less_often(opened: Opened) -> None:
    made, chain = opened.made, opened.made.simulator.chain
    assert chain is not None
    record = chain.record("base")
    plans = {name: everywhere(Option({"stock": name}), made.going) for name in ("sure", "none")}
    runs = made.simulator.runs(made.simulator.plays({"current": {}, **plans}, made.going), range(5), record=record)
    sold = runs.query("strategy == 'current' and segment == @ALL")["sold_quantity"].mean()
    today = record.stock_table().query("strategy == 'current'")
    assert today["asked"].sum() == pytest.approx(sold, rel=0.03)  # of the period, not of the days around it
    stocks = record.stock_table().groupby("strategy")[["on_hand", "asked", "fill_rate"]].mean()
    assert stocks.loc["sure", "on_hand"] > stocks.loc["current", "on_hand"]
    assert stocks.loc["sure", "fill_rate"] > stocks.loc["current", "fill_rate"]
    assert stocks.loc["sure", "asked"] == pytest.approx(stocks.loc["current", "asked"])
    assert stocks.loc["none", "asked"] < 0.7 * stocks.loc["current", "asked"]
