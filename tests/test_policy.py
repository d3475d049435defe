"""Policies: today's replays to today's cost exactly, and each lever does to transactions what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from small_workbook import QUARTER, booked, compute, event, line, make_workbook, open_run

from cts_lib.costing.costed import Costed
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay import policy

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


@pytest.fixture
def params(tmp_path: Path) -> Path:
    return make_workbook(tmp_path, LINES, MODEL, events=EVENTS, ledger=LEDGER)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """All tables of the hand-made workbook up to strategy."""
    folder = tmp_path_factory.mktemp("policy")
    params = make_workbook(folder, LINES, MODEL, events=EVENTS, ledger=LEDGER)
    return compute(params, QUARTER, ("profile", "segment", "strategy")).all_tables


def test_the_current_option_replays_to_exactly_todays_cost_base_and_service(computed: dict[str, pd.DataFrame]) -> None:
    options, matrix = computed["strategy_options"], computed["segment_matrix"]
    today = options[options["option"] == policy.CURRENT].set_index(["segment", "channel"]).sort_index()
    inner = matrix[(matrix["segment"] != "(all)") & (matrix["channel"] != "(all)")]
    observed = inner.set_index(["segment", "channel"]).sort_index()
    assert list(today.index) == list(observed.index)
    for name, other in (("cost_to_serve", "cost_to_serve"), ("profit", "profit"), ("service_level", "on_time")):
        assert today[name].tolist() == pytest.approx(observed[other].tolist(), nan_ok=True, abs=1e-9)
    assert today["speed_days"].tolist() == pytest.approx(observed["lead_time_days"].tolist(), nan_ok=True)
    assert today["investment"].sum() == 0
    resources = computed["resources"].set_index("resource")
    for name in ("desk", "dock"):
        assert today[f"uses_{name}"].sum() == pytest.approx(resources.loc[name, "used_minutes"])
    for name in ("trucks", "freight"):
        assert today[f"uses_{name}"].sum() == pytest.approx(resources.loc[name, "assigned"])


def test_the_current_option_replays_to_todays_figures_on_a_whole_distributor(small_sample: Path) -> None:
    unit = sorted(path.stem for path in (small_sample / "params" / "units").glob("*.yml"))[0]
    found = compute(small_sample / "params", "2026-Q2", ("profile", "segment", "strategy"), unit=unit).all_tables
    options, matrix = found["strategy_options"], found["segment_matrix"]
    keys = ["segment", "channel"]
    both = options[options["option"] == policy.CURRENT].merge(matrix, on=keys, suffixes=("", "_observed"))
    assert len(both) == len(found["segments"][keys].drop_duplicates())
    for figure, observed in (("cost_to_serve", "cost_to_serve_observed"), ("profit", "profit_observed")):
        assert both[figure].tolist() == pytest.approx(both[observed].tolist(), abs=1e-6)
    assert both["service_level"].tolist() == pytest.approx(both["on_time"].tolist(), nan_ok=True)


def test_every_cell_has_every_option_once_and_todays_among_them(computed: dict[str, pd.DataFrame]) -> None:
    options, strategy = computed["strategy_options"], computed["strategy"]
    counts = options.groupby(["segment", "channel"])["option"].agg(["size", "nunique"])
    assert (counts["size"] == counts["nunique"]).all()
    assert counts["size"].min() >= 3
    assert len(strategy) == len(counts)
    assert not strategy.duplicated(["segment", "channel"]).any()
    assert (strategy["current_option"] == policy.CURRENT).all()
    chosen = strategy.merge(
        options, left_on=["segment", "channel", "chosen_option"], right_on=["segment", "channel", "option"]
    )
    assert len(chosen) == len(strategy)
    assert chosen["allowed"].all()
    assert (strategy["chosen_profit"] >= strategy["current_profit"] - 1e-9).all()


@pytest.fixture
def rewritten(params: Path) -> Iterator[Any]:
    """Rewrite the hand-made lines by one option; returns the lines as a frame."""
    unit_run = open_run(params)
    results = unit_run.compute(Period.parse(QUARTER), ("profile", "segment"))
    engine, strategy = unit_run._engine, unit_run.unit.params.strategy
    segments = results.tables["segment"]["segments"]
    profiled = Costed.of(unit_run._profile(Period.parse(QUARTER)))

    def rewrite(**settings: str) -> pd.DataFrame:
        wanted = [
            option
            for option in policy.options(strategy)
            if {name: word for name, word in option.settings.items() if word != policy.AS_TODAY} == settings
        ]
        assert len(wanted) == 1
        for _ in policy.replay_options(engine, unit_run._activities, profiled, strategy, segments, wanted):
            pass
        rows = engine.query(
            "SELECT * FROM rewritten_lines ORDER BY customer_id, CAST(order_date AS VARCHAR), line_no"
        ).to_pandas()
        for name in ("shipped_date", "delivered_date", "order_date", "promised_date"):
            rows[name] = rows[name].astype("str")
        return rows

    yield rewrite
    unit_run.close()


def test_as_today_changes_no_line(rewritten: Any) -> None:
    rows = rewritten()
    assert rows["order_id"].tolist() == ["o1", "o1", "o2", "o3", "o5", "o5", "o4", "o6", "o7"]
    assert rows["shipment_id"].tolist() == rows["order_id"].tolist()
    assert (rows["freight_cost"] == 10).all()
    assert (rows["shipped_date"] == rows["order_date"])[:-1].all()
    assert rows.filter(like="_reached").to_numpy().sum() == 0
    assert (rows["_waited_days"] == 0).all()


def test_no_rush_takes_the_rush_out_and_arrives_a_day_later(rewritten: Any) -> None:
    before, rows = rewritten(), rewritten(rush="none")
    calm = rows["order_id"] == "o2"
    assert rows.loc[calm, ["priority", "rush"]].to_numpy().tolist() == [["standard", 0.0]]
    assert rows.loc[calm, ["shipped_date", "delivered_date", "promised_date"]].to_numpy().tolist() == [
        ["2026-02-04", "2026-02-04", "2026-02-03"]
    ]
    pd.testing.assert_frame_equal(rows[~calm].drop(columns="scenario"), before[~calm].drop(columns="scenario"))


def test_the_order_method_moves_what_is_not_electronic_yet(rewritten: Any) -> None:
    rows = rewritten(order_method="portal").set_index("order_id")
    assert set(rows["order_method"].dropna()) == {"portal"}
    assert rows["_reached_order_method"].to_dict() == {"o1": 1, "o2": 1, "o3": 0, "o4": 1, "o5": 1, "o6": 1, "o7": 0}


def test_a_minimum_order_bundles_small_orders_of_a_week_and_leaves_returns_alone(rewritten: Any) -> None:
    rows = rewritten(minimum_order="weekly below 150")
    small = rows["_reached_minimum_order"] == 1
    assert sorted(rows.loc[small, "line_no"]) == ["o1/1", "o1/2", "o2/1", "o3/1", "o5/1", "o6/1", "o7/1"]
    assert rows.loc[~small, "order_id"].tolist() == ["o5", "o4"]
    orders = rows[small].groupby("customer_id")["order_id"].nunique()
    assert orders.to_dict() == {"c1": 2, "c2": 1}
    together = rows[small & (rows["customer_id"] == "c1")].groupby("order_id")["shipped_date"].agg(["nunique", "min"])
    assert (together["nunique"] == 1).all()
    assert (
        rows["shipped_date"][small & (rows["customer_id"] == "c1")]
        >= rows["order_date"][small & (rows["customer_id"] == "c1")]
    ).all()


def test_a_weekly_rhythm_merges_shipments_never_brings_them_forward_and_saves_freight(rewritten: Any) -> None:
    rows = rewritten(delivery_rhythm="weekly")
    assert (rows["_waited_days"] >= 0).all()
    assert (rows["_waited_days"] < 7).all()
    assert rows["order_id"].tolist() == ["o1", "o1", "o2", "o3", "o5", "o5", "o4", "o6", "o7"]
    returned = rows["quantity"] < 0
    assert (rows.loc[returned, "shipment_id"] == "o5").all()
    merged = rows[~returned].groupby(["customer_id", "shipment_id"])
    days = merged["order_id"].nunique()
    saved = merged["freight_cost"].mean()
    expected = 10 * (1 - Strategy().freight_saving * (1 - 1 / days))
    assert saved.tolist() == pytest.approx(expected.tolist())
    assert (rows["promised_date"] == rows["order_date"]).all()


def test_a_rhythm_merges_more_the_longer_it_is(computed: dict[str, pd.DataFrame]) -> None:
    options = computed["strategy_options"]
    single = options[(options[["minimum_order", "order_method", "rush"]] == policy.AS_TODAY).all(axis=1)]
    minutes = single.groupby("delivery_rhythm")["uses_dock"].sum()
    assert minutes["weekly"] <= minutes["every 2 days"] <= minutes[policy.AS_TODAY]
    assert minutes["weekly"] < minutes[policy.AS_TODAY]


def test_capacities_and_the_budget_are_kept(tmp_path: Path) -> None:
    for budget in (0.0, 1.0, 1000.0):
        params = make_workbook(
            tmp_path / str(budget), LINES, MODEL, events=EVENTS, ledger=LEDGER, strategy={"budget": budget}
        )
        found = compute(params, QUARTER, ("profile", "segment", "strategy")).all_tables
        assert found["strategy"]["chosen_investment"].sum() <= budget + 1e-9
        chosen = found["strategy"].merge(
            found["strategy_options"],
            left_on=["segment", "channel", "chosen_option"],
            right_on=["segment", "channel", "option"],
        )
        limits = found["resources"].set_index("resource")
        for name in ("desk", "dock"):
            limit = max(limits.loc[name, "capacity_minutes"], limits.loc[name, "used_minutes"])
            assert chosen[f"uses_{name}"].sum() <= limit * (1 + 1e-9)


def test_more_service_on_the_frontier_never_earns_more(computed: dict[str, pd.DataFrame]) -> None:
    frontier = computed["strategy_frontier"]
    assert list(frontier["point"]) == list(range(1, len(frontier) + 1))
    assert frontier["service_level"].is_monotonic_increasing
    assert len(frontier) >= 1


def test_fewer_than_three_levers_words_for_numbers_and_too_many_options_are_refused() -> None:
    levers = Strategy().levers.model_dump()
    with pytest.raises(ValidationError, match="1 levers; give three at least of delivery_rhythm"):
        Strategy.model_validate({"levers": {"rush": {"settings": {"none": "none"}}}})
    with pytest.raises(ValidationError, match="unable to parse string as a number"):
        Strategy.model_validate({"levers": levers | {"delivery_rhythm": {"settings": {"soon": "soon"}}}})
    many = {str(place): place for place in range(1, 100)}
    with pytest.raises(ValidationError, match="800 combinations of settings; at most 256"):
        Strategy.model_validate({"levers": levers | {"delivery_rhythm": {"settings": many}}})


def test_options_are_all_combinations_with_todays_first() -> None:
    options = policy.options(Strategy())
    assert options[0].name == policy.CURRENT
    assert len(options) == 3 * 2 * 2 * 2
    assert len({option.name for option in options}) == len(options)
