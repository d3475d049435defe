"""The stage: today replays to today's figures, the plan keeps every limit, and its money is told whole and in cash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, event, line, make_workbook

from cts_lib.errors import CtsError, NoPlan, ParamsError
from cts_lib.names import CELL
from cts_lib.params import Strategy, load
from cts_lib.params.period import Period
from cts_lib.replay.options import AS_TODAY, CURRENT, Option, combined, neighbours, read_option
from cts_lib.run import UnitRun

STAGES = ("profile", "segment", "strategy")
Tables = dict[str, pd.DataFrame]
MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 900}, "dock": {"capacity_minutes": 2000}, "trucks": {}, "freight": {}},
    "activities": {
        "entry": {
            "resource": "desk",
            "per": "order",
            "minutes": "10 + 2*lines + 20*rush + CASE WHEN order_method = 'portal' THEN 0 ELSE 15 END",
        },
        "calls": {"resource": "desk", "per": "event:call", "minutes": "8*quantity"},
        "packing": {"resource": "dock", "per": "shipment", "minutes": "20 + lines"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "care": {"per": "customer", "driver": "orders", "rate": 2},
    },
}
LEDGER = [booked("desk", 900), booked("dock", 4000), booked("trucks", 500), booked("freight", 120)]
PORTAL = {"order_method": {"settings": {"portal": {"to": "portal"}}}}


def sold(order: str, day: str, **more: Any) -> dict[str, Any]:
    usual = {"order_method": "phone", "priority": "standard", "freight_cost": 10, "warehouse": "w", "ship_mode": "van"}
    dates = {"shipped_date": day, "delivered_date": day, "promised_date": day, "delivered_quantity": 10}
    return line(order, order_date=day) | usual | dates | more


LINES = [
    sold("o1", "2026-02-02"),
    sold("o1", "2026-02-02", line_no="2", net_sales=40),
    sold("o2", "2026-02-03", net_sales=30, priority="rush"),
    sold("o3", "2026-02-04", net_sales=20, order_method="portal"),
    sold("o4", "2026-03-02", net_sales=900),
    sold("o5", "2026-02-05", net_sales=10),
    sold("o5", "2026-02-05", line_no="2", quantity=-9, net_sales=-80),
    sold("o6", "2026-02-10", customer_id="c2"),
    sold("o7", "2026-02-11", customer_id="c2", order_method="", warehouse="", shipped_date="", delivered_date=""),
]
EVENTS = [event("call", quantity=2), event("call", "c2")]


def planned(folder: Path, **strategy: Any) -> Tables:
    """Return all tables of the hand-made workbook up to strategy."""
    params = make_workbook(folder, LINES, MODEL, events=EVENTS, ledger=LEDGER, strategy=strategy)
    return compute(params, QUARTER, STAGES).all_tables


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return planned(tmp_path_factory.mktemp("strategy"))


@pytest.fixture(scope="module")
def distributor(planned_unit: Path) -> Iterator[Tables]:
    """The made-up unit, whose customer service is overloaded."""
    unit_run = UnitRun(load(planned_unit / "params")[0], out=planned_unit / "reports")
    yield unit_run.compute(Period.parse("2026-Q3"), STAGES, resume=True).all_tables
    unit_run.close()


@pytest.mark.parametrize("name", ["computed", "distributor"])
def test_todays_option_has_exactly_todays_figures(name: str, request: pytest.FixtureRequest) -> None:
    found: Tables = request.getfixturevalue(name)
    options, matrix = found["strategy_options"], found["segment_matrix"]
    today = options[options["option"] == CURRENT].set_index(CELL).sort_index()
    inner = matrix[(matrix["segment"] != "(all)") & (matrix["channel"] != "(all)")]
    observed = inner.set_index(CELL).sort_index()
    assert list(today.index) == list(observed.index)
    same = {"cost_to_serve": "cost_to_serve", "profit": "profit", "service_level": "on_time"}
    for figure, other in (same | {"speed_days": "lead_time_days"}).items():
        assert today[figure].tolist() == pytest.approx(observed[other].tolist(), nan_ok=True, rel=1e-9, abs=1e-6)
    assert (today[["cash", "investment", "customers_reached"]] == 0).all().all()
    resources = found["resources"].set_index("resource")
    for resource, row in resources.iterrows():
        if f"uses_{resource}" in today:
            used = row["used_minutes"] if pd.notna(row["capacity_minutes"]) else row["assigned"]
            assert today[f"uses_{resource}"].sum() == pytest.approx(used, rel=1e-9)


def test_a_cell_has_each_option_once_todays_among_them_and_none_that_reaches_nobody(computed: Tables) -> None:
    options, strategy = computed["strategy_options"], computed["strategy"]
    assert not options.duplicated([*CELL, "option"]).any()
    assert options.groupby(CELL)["option"].agg(lambda names: CURRENT in set(names)).all()
    assert (options.loc[options["option"] != CURRENT, "customers_reached"] > 0).all()
    assert not strategy.duplicated(CELL).any()
    assert len(strategy) == options[CELL].drop_duplicates().shape[0]
    chosen = strategy.merge(options, left_on=[*CELL, "chosen_option"], right_on=[*CELL, "option"])
    assert len(chosen) == len(strategy)
    assert chosen["allowed"].all()


def test_an_option_that_is_not_allowed_says_by_which_element_of_service(computed: Tables) -> None:
    options = computed["strategy_options"]
    assert not options["allowed"].all()
    assert (options["allowed"] == (options["reason"] == "(none)")).all()
    late = options[options["reason"] == "service_level"].merge(computed["strategy"][[*CELL, "current_service_level"]])
    assert (late["service_level"] < late["current_service_level"] - 0.02).all()


def test_a_rhythm_merges_more_the_longer_it_is(computed: Tables) -> None:
    options = computed["strategy_options"]
    single = options[(options[["minimum_order", "order_method", "rush"]] == AS_TODAY).all(axis=1)]
    minutes = single.groupby("rhythm")["uses_dock"].sum()
    assert minutes["weekly"] < minutes[AS_TODAY]
    assert minutes["weekly"] <= minutes["every 2 days"] <= minutes[AS_TODAY]


def test_gains_are_those_of_all_chosen_options_at_work_together(distributor: Tables) -> None:
    strategy = distributor["strategy"]
    full = strategy["chosen_profit"] - strategy["chosen_investment"] - strategy["current_profit"]
    assert strategy["gain"].to_numpy() == pytest.approx(full.to_numpy())
    assert strategy["cash_gain"].to_numpy() == pytest.approx(strategy["chosen_cash"].to_numpy())
    unchanged = strategy[strategy["chosen_option"] == CURRENT]
    assert unchanged[["gain", "cash_gain", "customers_reached"]].abs().max().max() == pytest.approx(0, abs=1e-6)


def opportunities(distributor: Tables, one_unit: Path) -> pd.DataFrame:
    """What was planted in the made-up unit, and whether the plan has it in the cell of whom it was planted for."""
    planted = pd.read_parquet(one_unit / "data" / "sample" / "truth" / "opportunities.parquet")
    cells = distributor["segments"][["customer_id", *CELL]].merge(distributor["strategy"], on=CELL)
    rows = planted.merge(cells, on=["customer_id", "channel"], how="left", validate="many_to_one")
    settings = [read_option(name).settings if isinstance(name, str) else {} for name in rows["chosen_option"]]
    chosen = [each.get(lever) for each, lever in zip(settings, rows["lever"], strict=True)]
    return rows.assign(found=chosen == rows["setting"])


def test_the_plan_finds_the_money_that_was_planted(distributor: Tables, one_unit: Path) -> None:
    rows = opportunities(distributor, one_unit)
    assert rows["segment"].notna().mean() > 0.99
    found = rows["cash"].where(rows["found"], 0.0)
    assert found.sum() / rows["cash"].sum() >= 0.9
    by_lever = found.groupby(rows["lever"]).sum() / rows["cash"].groupby(rows["lever"]).sum()
    assert set(by_lever.index) == {"minimum_order", "rush", "partner", "pallets", "parcel_hub", "stock"}
    assert (by_lever > 0.5).all(), by_lever
    assert set(distributor["strategy"]["archetype"]) == {"efficient", "responsive", "risk-hedging", "agile"}


@pytest.mark.parametrize("lever", ["pallets", "parcel_hub", "stock"])
def test_a_decision_brings_what_it_was_planted_to_bring(distributor: Tables, one_unit: Path, lever: str) -> None:
    """Of these everybody goes along and no margin is at risk, so that nothing is left to chance."""
    rows = opportunities(distributor, one_unit)
    planted = rows.loc[rows["found"] & (rows["lever"] == lever), "cash"].sum()
    decided = distributor["decisions"].set_index("lever")
    assert decided.loc[lever, "cash_gain"] == pytest.approx(planted, rel=0.05)


def test_a_carrier_for_heavy_shipments_is_chosen_where_they_are_heavy(distributor: Tables) -> None:
    chosen = distributor["strategy"][["channel", "chosen_option"]]
    pallets = chosen.loc[["pallets" in read_option(name).settings for name in chosen["chosen_option"]], "channel"]
    assert "wholesale" in set(pallets)
    assert not {"horeca", "e-commerce"} & set(pallets)


def test_of_an_overloaded_resource_no_saving_is_cash(distributor: Tables) -> None:
    overloaded = distributor["resources"].set_index("resource")["overdriven"]
    assert overloaded["customer_service"] > 0
    options = distributor["strategy_options"]
    today = options[options["option"] == CURRENT].set_index(CELL)
    portals = options[options["option"] == "portal: all orders"].set_index(CELL)
    full = portals["profit"] - portals["investment"] - today["profit"].reindex(portals.index)
    assert len(portals)
    assert (portals["uses_customer_service"] < today["uses_customer_service"].reindex(portals.index)).all()
    assert (portals["cash"] < full).all()


def test_what_decisions_bring_in_a_year_is_four_times_the_quarter(distributor: Tables) -> None:
    decisions = distributor["decisions"]
    assert len(decisions)
    assert decisions["cash_a_year"].is_monotonic_decreasing
    assert decisions["gain_a_year"].tolist() == pytest.approx((4 * decisions["gain"]).tolist())
    chosen = {
        choice for name in distributor["strategy"]["chosen_option"] for choice in read_option(name).settings.items()
    }
    assert set(decisions[["lever", "setting"]].itertuples(index=False, name=None)) == chosen


def test_the_only_decision_brings_what_the_plan_brings(tmp_path: Path) -> None:
    costs = {"investment": {"once": 24, "per_customer": 12, "per_year": 4}}
    found = planned(tmp_path, objective="full_cost", levers={"order_method": PORTAL["order_method"] | costs})
    strategy, (decision,) = found["strategy"], found["decisions"].to_dict("records")
    once, reached = 24 / 3 / 4 + 4 / 4, decision["customers_reached"]
    assert decision["upkeep"] == pytest.approx(once)
    assert decision["investment"] == pytest.approx(24 + 12 * reached)
    assert strategy["chosen_investment"].sum() == pytest.approx(12 * reached / 3 / 4)
    assert decision["gain"] == pytest.approx(strategy["gain"].sum() - once)
    assert decision["cash_gain"] == pytest.approx(strategy["cash_gain"].sum() - once)


@pytest.mark.parametrize(("budget", "reached"), [(0.0, 0), (0.5, 1), (1000.0, 2)])
def test_the_budget_is_kept_and_used(tmp_path: Path, budget: float, reached: int) -> None:
    levers = {"order_method": PORTAL["order_method"] | {"investment": 5}}
    strategy = planned(tmp_path, levers=levers, budget=budget)["strategy"]
    assert strategy["chosen_investment"].sum() <= budget + 1e-9
    assert strategy["customers_reached"].sum() == reached


def test_a_lever_whose_cost_of_having_it_at_all_breaks_the_budget_is_in_no_plan(tmp_path: Path) -> None:
    levers = {"order_method": PORTAL["order_method"] | {"investment": {"once": 600}}}
    assert (planned(tmp_path / "a", levers=levers, budget=49.0)["strategy"]["chosen_option"] == CURRENT).all()
    found = planned(tmp_path / "b", levers=levers, objective="full_cost", budget=50.0)
    assert found["decisions"].empty or found["decisions"]["gain"].gt(0).all()


def test_the_plan_has_no_more_configurations_than_allowed(tmp_path: Path) -> None:
    free = planned(tmp_path / "free", max_service_loss=1)["strategy"]
    held = planned(tmp_path / "held", max_service_loss=1, max_configurations=1)["strategy"]
    assert len(set(free["chosen_option"]) - {CURRENT}) == 2
    assert len(set(held["chosen_option"]) - {CURRENT}) == 1
    assert 0 < held["cash_gain"].sum() < free["cash_gain"].sum()


def test_a_change_that_gains_less_than_asked_is_none(tmp_path: Path) -> None:
    assert (planned(tmp_path / "money", min_gain={"money": 1e6})["strategy"]["chosen_option"] == CURRENT).all()
    share = planned(tmp_path / "share", min_gain={"share_of_sales": 0.05})["strategy"]
    sales = {"c1": 920.0, "c2": 200.0}
    changed = share[share["chosen_option"] != CURRENT]
    assert (changed["cash_gain"] >= 0.05 * min(sales.values())).all()


def test_floors_stand_in_for_the_greatest_loss_of_service_in_their_segment(tmp_path: Path, computed: Tables) -> None:
    found = planned(tmp_path, floors={"Passive": {"service_level": 0.8, "speed_days": 0.1}})["strategy_options"]
    own, other = (found[(found["segment"] == "Passive") == it].set_index([*CELL, "option"]) for it in (True, False))
    before = computed["strategy_options"].set_index([*CELL, "option"])
    assert own.loc[("Passive", "direct", "rush: none"), "reason"] == "speed_days"
    assert before.loc[("Passive", "direct", "rush: none"), "reason"] == "service_level"
    assert (own["allowed"] == ((own["service_level"] >= 0.8) & (own["speed_days"] <= 0.1))).all()
    pd.testing.assert_series_equal(other["reason"], before.loc[other.index, "reason"])


def test_a_floor_that_no_option_reaches_is_told_with_the_best_there_is(tmp_path: Path) -> None:
    told = r"strategy\.floors\.Passive: visibility 0\.9, and no option in direct gets beyond 0; loosen it"
    with pytest.raises(ParamsError, match=told):
        planned(tmp_path, tracked_modes=["rail"], floors={"Passive": {"visibility": 0.9}})


def test_a_floor_is_kept_also_where_that_gains_nothing(tmp_path: Path) -> None:
    levers = {"visibility": {"settings": {"seen": {"cost_per_order": 5}}}}
    floors = {"Passive": {"visibility": 1}}
    found = planned(tmp_path, levers=levers, floors=floors, min_gain={"money": 1000})
    rows = found["strategy"].set_index("segment")
    assert rows.loc["Passive", "chosen_option"] == "visibility: seen"
    assert rows.loc["Passive", "cash_gain"] < 0
    assert found["decisions"]["small"].all()


def test_a_floor_and_a_budget_that_fight_each_say_what_they_would_have_to_give(tmp_path: Path) -> None:
    levers = {"visibility": {"settings": {"seen": {}}, "investment": {"once": 240}}}
    told = (
        r"alone, strategy\.floors\.Passive\.visibility would have to be 0; it is 0\.9; "
        r"alone, strategy\.budget would have to be 20; it is 5; loosen one"  # 240 over three years of four quarters
    )
    with pytest.raises(NoPlan, match=told):
        planned(tmp_path, levers=levers, tracked_modes=["rail"], floors={"Passive": {"visibility": 0.9}}, budget=5)


def test_capacity_is_given_up_in_whole_steps_that_leave_room_for_the_work(tmp_path: Path) -> None:
    steps = {"minutes": 300, "saves": 250, "least": -3}
    found = planned(tmp_path, levers=PORTAL, capacity_steps={"desk": steps})
    desk = found["capacity_plan"].set_index("resource").loc["desk"]
    assert desk["capacity_now"] == 900
    assert desk["used_now"] == pytest.approx(found["resources"].set_index("resource").loc["desk", "used_minutes"])
    assert -3 < desk["steps"] < 0
    assert desk["capacity_then"] == 900 + 300 * desk["steps"]
    assert desk["used_then"] <= desk["capacity_then"] < desk["used_then"] + 300
    assert desk["cash"] == -250 * desk["steps"]


def test_of_a_resource_with_steps_only_steps_are_cash(tmp_path: Path) -> None:
    entry = {"resources": {"desk": {"capacity_minutes": 900}}, "activities": {"entry": MODEL["activities"]["entry"]}}
    steps = {"desk": {"minutes": 1, "saves": 0, "least": 0}}
    params = make_workbook(
        tmp_path, LINES, entry, ledger=LEDGER[:1], strategy={"levers": PORTAL, "capacity_steps": steps}
    )
    options = compute(params, QUARTER, STAGES).all_tables["strategy_options"]
    assert options["cash"].abs().max() == pytest.approx(0)
    assert options["profit"].nunique() > options[CELL].drop_duplicates().shape[0]


def test_steps_of_a_resource_without_minutes_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        CtsError, match=r"capacity_steps\.trucks: is no resource with a capacity in minutes; known: desk"
    ):
        planned(tmp_path, capacity_steps={"trucks": {"minutes": 10}})


def test_options_are_all_combinations_with_todays_first_and_neighbours_differ_in_one_lever() -> None:
    days = {name: {f"s{at}": {"days": at + 2} for at in range(size)} for name, size in (("a", 2), ("b", 1), ("c", 3))}
    levers = {name: {"kind": "rhythm", "settings": settings} for name, settings in days.items()}
    strategy = Strategy.model_validate({"levers": levers})
    options = list(combined(strategy))
    assert options[0].name == CURRENT
    assert len({option.name for option in options}) == len(options) == 3 * 2 * 4
    assert all(read_option(option.name) == option for option in options)
    beside = list(neighbours(Option({"a": "s0"}), strategy))
    assert len(beside) == 2 + 1 + 3
    assert all(list(option.settings) == [name for name in "abc" if name in option.settings] for option in beside)


@pytest.mark.parametrize(
    ("levers", "told"), [({}, False), ({"fee": {"kind": "terms", "settings": {"it": {"fee_per_order": 5}}}}, True)]
)
def test_only_a_plan_that_changes_something_is_said_to_change_money(
    tmp_path: Path, levers: dict[str, Any], told: bool
) -> None:
    params = make_workbook(tmp_path, ledger=[booked("desk", 1000)], strategy={"levers": levers})
    results = compute(params, QUARTER, STAGES)
    assert len(results.all_tables["decisions"]) == told
    assert any("The plan changes cash by" in note.text for note in results.notes["strategy"]) == told
