"""Cost to serve over hand-made workbooks: what each basis and each driver does, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from generated import CUSTOMERS
from small_workbook import MINUTES, booked, compute, event, line, make_workbook, row

from cts_lib.costing.rates import price
from cts_lib.costing.reconcile import check_identity
from cts_lib.cube import cube
from cts_lib.cube.cube import Cube, build_cube
from cts_lib.engine import DuckDB
from cts_lib.errors import DataError, Problems, ReconciliationError
from cts_lib.model.drivers import KEPT, SUMS


def simple(folder: Path, activity: dict[str, Any], resource: dict[str, Any] | None = None, **tables: Any) -> Any:
    """Run a model of one activity ``a`` and one resource ``r`` that the ledger paid 1000 for."""
    model = {"resources": {"r": resource or {}}, "activities": {"a": activity}}
    lines = tables.pop("lines", [line(), line("o2", customer_id="c2")])
    return compute(make_workbook(folder, lines, model, ledger=[booked("r", 1000)], **tables))


def test_customers_carry_minutes_beyond_capacity_and_overdriven_says_so(tmp_path: Path) -> None:
    tables = simple(tmp_path, {"resource": "r", "per": "order", "minutes": "40"}, {"capacity_minutes": 50}).tables[
        "profile"
    ]
    found = row(tables["resources"], resource="r")
    assert (found["rate"], found["assigned"], found["unused"], found["overdriven"]) == (20.0, 1600.0, 0.0, 600.0)
    assert (found["used_minutes"], found["utilisation"], found["difference"]) == (80.0, 1.6, 0.0)
    assert row(tables["statement"], line="overdriven")["amount"] == 600.0


def test_unused_capacity_is_never_charged_to_customers(tmp_path: Path) -> None:
    found = simple(tmp_path, {"resource": "r", "per": "order", "minutes": "40"}, {"capacity_minutes": 1000})
    resource = row(found.tables["profile"]["resources"], resource="r")
    assert (resource["assigned"], resource["unused"], resource["overdriven"]) == (80.0, 920.0, 0.0)


def test_an_activity_that_never_happened_has_volume_zero_and_says_so(tmp_path: Path) -> None:
    found = simple(tmp_path, {"resource": "r", "per": "event:call", "minutes": "40"}, {"capacity_minutes": 1000})
    activity = row(found.tables["profile"]["activities"], activity="a")
    assert (activity["volume"], activity["cost"]) == (0, 0)
    assert pd.isna(activity["unit_cost"])
    assert "Activity a did not happen in the period." in [note.english for note in found.notes["profile"]]


def test_a_share_without_any_driver_stays_unassigned(tmp_path: Path) -> None:
    found = simple(tmp_path, {"resource": "r", "per": "order", "driver": "0*lines", "share": 0.75}).tables["profile"]
    assert row(found["resources"], resource="r")["unassigned"] == 1000


def test_shares_left_over_are_unassigned_and_the_default_takes_what_the_others_leave(tmp_path: Path) -> None:
    model = {
        "resources": {"r": {}},
        "activities": {
            "a": {"resource": "r", "per": "order", "driver": "1", "share": 0.25},
            "b": {"resource": "r", "per": "order", "driver": "1"},
        },
    }
    tables = compute(make_workbook(tmp_path, [line()], model, ledger=[booked("r", 1000)])).tables["profile"]
    assert list(tables["activities"]["cost"]) == [250.0, 750.0]
    found = simple(tmp_path / "part", {"resource": "r", "per": "order", "driver": "1", "share": 0.25}).tables["profile"]
    assert row(found["resources"], resource="r")["unassigned"] == 750


@pytest.mark.parametrize(("freight", "unassigned"), [("300", 400.0), ("700", -400.0), ("-100", 1200.0)])
def test_direct_money_differs_from_its_ledger_by_what_is_unassigned(
    tmp_path: Path, freight: str, unassigned: float
) -> None:
    lines = [line(freight_cost=freight), line("o2", freight_cost=freight)]
    activity = {"resource": "r", "per": "shipment", "direct": "freight_cost"}
    resource = row(simple(tmp_path, activity, lines=lines).tables["profile"]["resources"], resource="r")
    assert (resource["assigned"], resource["unassigned"]) == (2 * float(freight), unassigned)


def test_what_is_charged_outside_the_ledger_is_given_back_in_the_statement(tmp_path: Path) -> None:
    found = simple(tmp_path, {"per": "line", "driver": "net_sales", "rate": 0.1}).tables["profile"]
    statement = found["statement"].set_index("line")["amount"]
    assert (statement["cost_to_serve"], statement["outside_ledger"]) == (-20.0, 20.0)
    assert statement["operating_profit"] == 200 - 120 - 1000


def test_a_rated_driver_and_direct_money_may_be_negative(tmp_path: Path) -> None:
    lines = [line(quantity=-1, net_sales=-50)]
    found = simple(tmp_path, {"per": "line", "driver": "net_sales", "rate": 0.1}, lines=lines).tables["profile"]
    assert found["customer_costs"]["cost"].sum() == -5


@pytest.mark.parametrize(
    ("basis", "text", "told"),
    [
        ("minutes", "quantity - 11", r"activities\.a, order o1, line 1: .* is -1 \(2 rows are negative\)"),
        ("driver", "quantity - 11", "negative"),
        ("minutes", "1/(quantity - 10)", r"activities\.a, order o1, line 1: .* is inf \(2 rows are infinite"),
        ("minutes", "0 % (quantity - 10)", "nan"),
        ("minutes", "SQRT(quantity - 11)", "nan"),
        ("minutes", "EXP(quantity*100)", "inf"),
        ("direct", "LN(quantity - 10)", "is nan"),
        ("minutes", "quantity * 1e15", "beyond"),
    ],
)
def test_a_value_that_cannot_be_costed_names_the_activity_and_a_row(
    tmp_path: Path, basis: str, text: str, told: str
) -> None:
    resource = {"capacity_minutes": 10} if basis == "minutes" else {}
    with pytest.raises(DataError, match=told):
        simple(tmp_path, {"resource": "r", "per": "line", basis: text}, resource)


def test_a_thing_without_its_driver_gets_nothing_and_is_counted_missing(tmp_path: Path) -> None:
    lines = [line(weight_kg=5), line("o2", weight_kg=""), line("o3", customer_id="c2", weight_kg="")]
    activity = {"resource": "r", "per": "order", "driver": "weight_kg"}
    found = simple(tmp_path, activity, lines=lines)
    counted = row(found.tables["profile"]["activities"], activity="a")
    assert (counted["volume"], counted["missing"], counted["cost"]) == (3, 2, 1000)
    assert any("2 of 3 cases of activity a lack its driver" in note.english for note in found.notes["profile"])
    by_customer = simple(tmp_path / "customer", {**activity, "per": "customer"}, lines=lines).tables["profile"]
    assert row(by_customer["activities"], activity="a")["missing"] == 1


def test_lines_without_a_driver_that_their_order_sums_are_told(tmp_path: Path) -> None:
    lines = [line(weight_kg=5), line(line_no=2, weight_kg=""), line("o2", customer_id="c2", weight_kg="")]
    activity = {"resource": "r", "per": "order", "driver": "weight_kg"}
    told = [note.english for note in simple(tmp_path, activity, lines=lines).notes["profile"]]
    assert "Where activity a sums weight_kg, some lines lack it and add nothing (cases: 1)." in told


def test_a_share_of_practical_time_that_params_do_not_give_is_an_assumption(tmp_path: Path) -> None:
    capacity = {"people": 1, "weeks": 1, "minutes_per_week": 100}
    activity = {"resource": "r", "per": "order", "minutes": "4"}
    for number, (given, said) in enumerate([({}, 1), ({"practical_share": 0.8}, 0)]):
        found = simple(tmp_path / str(number), activity, {"capacity": capacity | given})
        assert row(found.tables["profile"]["resources"], resource="r")["capacity_minutes"] == 80
        assert sum("practical capacity" in note.english for note in found.notes["profile"] if note.assumed) == said


@pytest.mark.parametrize("factor", [1.0, 1e9, 1e-9])
def test_cents_of_an_order_add_up_to_the_cent_before_they_meet_a_threshold(tmp_path: Path, factor: float) -> None:
    cents = [0.1, 0.2, 0.3, 0.1, 0.2, 0.1]
    lines = [line(line_no=str(place), net_sales=amount * factor) for place, amount in enumerate(cents)]
    activity = {"resource": "r", "per": "order", "driver": "1", "when": f"net_sales >= {factor:g}"}
    assert row(simple(tmp_path, activity, lines=lines).tables["profile"]["activities"], activity="a")["volume"] == 1


def test_a_sum_too_large_for_whole_numbers_is_the_same_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(f"o{number}", quantity=str(number), net_sales=f"{number}.37") for number in range(1, 30)]
    minutes = "CASE WHEN net_sales > 5 THEN 0.13*net_sales + 0.1*lines ELSE 0.7 END"
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": minutes}},
    }
    params = make_workbook(tmp_path, lines, model, ledger=[booked("desk", 900)])
    whole = compute(params).tables["profile"]["customer_costs"]
    monkeypatch.setattr(cube, "MOST_WHOLE", 0.0)
    as_decimals = compute(params).tables["profile"]["customer_costs"]
    assert whole["minutes"].tolist() == as_decimals["minutes"].tolist() == [61.7525]
    assert whole.equals(as_decimals)


@pytest.mark.parametrize("volume", [[[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [3.0, 4.0]]])
def test_prices_leave_the_cube_as_it_is(volume: list[list[float]]) -> None:
    happened = np.array(volume)
    cells = pd.DataFrame({"customer_id": ["c1", "c2"], "channel": ["direct", "retail"]})
    made = Cube(cells, ("entry", "drops"), happened, np.zeros((2, 2)), happened * 2)
    rates = pd.DataFrame({"activity": ["entry", "drops"], "resource": ["desk", None], "basis": ["minutes", "rate"]})
    costs = price(made, rates.assign(share=np.nan, price=[3.0, 5.0]))
    there = happened.ravel() > 0
    assert costs["cost"].tolist() == (happened * [6.0, 10.0]).ravel()[there].tolist()
    assert costs["minutes"].notna().tolist() == (costs["activity"] == "entry").tolist()
    assert costs["driver_quantity"].notna().tolist() == (costs["activity"] == "drops").tolist()
    costs.loc[0, "volume"] = 99.0
    assert made.volume.tolist() == volume


def test_a_null_condition_is_false(tmp_path: Path) -> None:
    lines = [line(weight_kg=5), line("o2", weight_kg="")]
    activity = {"resource": "r", "per": "order", "driver": "1", "when": "weight_kg > 3"}
    counted = row(simple(tmp_path, activity, lines=lines).tables["profile"]["activities"], activity="a")
    assert (counted["volume"], counted["missing"]) == (1, 0)


def test_customers_with_events_alone_are_kept_and_belong_to_their_own_channel(tmp_path: Path) -> None:
    events = [event("call", "c2", quantity=3), event("call", "c2")]
    activity = {"resource": "r", "per": "event:call", "driver": "quantity"}
    tables = simple(tmp_path, activity, lines=[line(channel="web")], events=events).tables["profile"]
    found = row(tables["customer_profit"], customer_id="c2")
    assert (found["orders"], found["cost_to_serve"], found["profit"]) == (0, 1000.0, -1000.0)
    assert set(zip(tables["channel_profit"]["channel"], tables["channel_profit"]["lines"], strict=True)) == {
        ("web", 1),
        ("retail", 0),
    }
    assert row(tables["activities"], activity="a")["volume"] == 4


SUMMED = {*KEPT, *SUMS}
"""Drivers that are summed without finished orders, unless another activity needs them."""


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], pd.DataFrame]:
    """What the customers of one workbook cost by a driver; those that are counted alike share a run."""

    @cache
    def costs_by(grain: str, summed: bool) -> pd.DataFrame:
        lines = [
            line("o1", "20", priority="standard", distance_km=4, order_method="edi", level=""),
            line("o1", "3", priority="rush", distance_km=9, order_method="phone", level=7, shipment_id="s9"),
            line("o2", "1", quantity=-2, net_sales=-9, order_date="2026-03-01", distance_km=4, returned_quantity=""),
            line("o9", "1", "c2", returned_quantity=0),
        ]
        lines[0]["returned_quantity"] = 5
        customers = [item | {"level": place + 2} for place, item in enumerate(CUSTOMERS)]
        activities = {
            f"a{place}": {"resource": "r", "per": grain, "minutes": expression}
            for place, (expression, per, _) in enumerate(DRIVEN)
            if (per, expression in SUMMED) == (grain, summed)
        }
        params = make_workbook(
            tmp_path_factory.mktemp("driven"),
            lines,
            {"resources": {"r": {"capacity_minutes": 1000}}, "activities": activities},
            customers=customers,
            products=[{"product_id": "p1", "level": 30}],
            events=[event("call", "c3")],
            ledger=[booked("r", 1000)],
        )
        return compute(params).tables["profile"]["customer_costs"]

    def costs_of(place: int) -> pd.DataFrame:
        expression, grain, _ = DRIVEN[place]
        costs = costs_by(grain, expression in SUMMED)
        return costs[costs["activity"] == f"a{place}"]

    return costs_of


DRIVEN: list[tuple[str, str, dict[str, float]]] = [
    ("new_customer", "customer", {"c1": 1, "c2": 0, "c3": 0}),
    ("months_active", "customer", {"c1": 2, "c2": 1, "c3": 0}),
    ("orders", "customer", {"c1": 2, "c2": 1, "c3": 0}),
    ("lines", "customer", {"c1": 3, "c2": 1, "c3": 0}),
    ("shipments", "customer", {"c1": 3, "c2": 1, "c3": 0}),
    ("rush", "order", {"c1": 1, "c2": 0}),
    ("rush", "line", {"c1": 1, "c2": 0}),
    ("distance_km", "order", {"c1": 9 + 4, "c2": 0}),
    ("sold_lines", "order", {"c1": 2, "c2": 1}),
    ("sold_quantity", "shipment", {"c1": 20, "c2": 10}),
    ("sold_lines*sold_quantity", "line", {"c1": 20, "c2": 10}),
    ("return_lines", "order", {"c1": 1, "c2": 0}),
    ("returned_quantity", "order", {"c1": 2 + 5, "c2": 0}),
    ("10*(order_method = 'phone') + (order_method = 'edi')", "order", {"c1": 10, "c2": 0}),
    ("COALESCE(level, 0)", "order", {"c1": 7, "c2": 0}),
    ("customer_level + product_level", "line", {"c1": 3 * (2 + 30), "c2": 3 + 30}),
]


@pytest.mark.parametrize("place", range(len(DRIVEN)), ids=[f"{name}-{per}" for name, per, _ in DRIVEN])
def test_drivers_are_what_the_contract_says(driven: Callable[[int], pd.DataFrame], place: int) -> None:
    minutes, found = DRIVEN[place][-1], driven(place).groupby("customer_id")["minutes"].sum()
    assert {name: found.get(name, 0.0) for name in minutes} == minutes


def test_orders_whose_lines_differ_are_counted(tmp_path: Path) -> None:
    lines = [line(order_method="edi"), line(line_no="2", order_method="phone"), line("o2", order_method="edi")]
    activity = {"resource": "r", "per": "order", "driver": "1 + (order_method = 'edi')"}
    found = simple(tmp_path, activity, lines=lines)
    assert "Orders whose lines differ in order_method: 1; the lowest line number decides." in [
        note.english for note in found.notes["profile"]
    ]


def test_an_order_number_shared_by_two_customers_is_two_orders_and_three_shipments(tmp_path: Path) -> None:
    lines = [
        line(),
        line(line_no="2", customer_id="c2"),
        line(line_no="3", channel="web"),
        line("o2", shipment_id="o1"),
    ]
    for grain, count in (("order", 4), ("shipment", 3)):
        found = simple(tmp_path / grain, {"resource": "r", "per": grain, "driver": "1"}, lines=lines).tables["profile"]
        assert row(found["activities"], activity="a")["volume"] == count


def test_sustaining_cost_stays_at_its_level(tmp_path: Path) -> None:
    model = {
        "resources": {"brand": {"level": "business_unit"}, "shops": {"level": "channel", "channel": "retail"}},
        "activities": {"a": {"per": "order", "driver": "1", "rate": 1}},
    }
    ledger = [booked("brand", 100), booked("shops", 30)]
    tables = compute(make_workbook(tmp_path, [line()], model, ledger=ledger)).tables["profile"]
    assert tables["resources"]["sustaining"].sum() == 130
    assert tables["customer_costs"]["cost"].sum() == 1
    channels = tables["channel_profit"].set_index("channel")
    assert (channels.loc["retail", "sustaining"], channels["sustaining"].sum(), channels["lines"].sum()) == (30, 30, 1)


def test_money_that_no_activity_charges_is_told(tmp_path: Path) -> None:
    lines = [line(freight_cost=12.5)]
    found = simple(
        tmp_path, {"resource": "r", "per": "order", "driver": "1"}, lines=lines, events=[event("gift", amount=7)]
    )
    told = [note.english for note in found.notes["profile"]]
    assert "12.50 of freight_cost in the lines is charged by no activity." in told
    assert "amount of 7.00 in events gift is charged by no activity." in told


def test_a_driver_of_another_grain_is_refused_before_anything_runs(tmp_path: Path) -> None:
    model = {
        "resources": {"r": {}},
        "activities": {
            "a": {"resource": "r", "per": "order", "driver": "months_active"},
            "b": {"resource": "r", "per": "event:call", "driver": "lines"},
            "c": {"resource": "r", "per": "line", "driver": "1", "when": "quantity"},
        },
    }
    with pytest.raises(Problems) as told:
        compute(make_workbook(tmp_path, [line()], model))
    keys = [problem.where.split(":")[0] for problem in told.value.problems]
    assert keys == [f"cost_model.activities.{key}" for key in ("a.driver", "b.driver", "c.when")]


@pytest.mark.parametrize("wrong", [0.02, -0.02, float("nan")])
def test_a_resource_that_does_not_add_up_is_an_error_by_name(wrong: float) -> None:
    table = pd.DataFrame({"resource": ["desk", "trucks"], "difference": [0.005, wrong]})
    with pytest.raises(ReconciliationError, match=r"^resource trucks: ledger and use differ"):
        check_identity(table, 0.01)
    check_identity(table.assign(difference=[0.005, -0.005]), 0.01)


def test_a_model_without_activities_costs_nothing(tmp_path: Path) -> None:
    model: dict[str, Any] = {"resources": {"r": {}}, "activities": {}}
    tables = compute(make_workbook(tmp_path, [line()], model, ledger=[booked("r", 5)])).tables["profile"]
    assert tables["customer_profit"]["cost_to_serve"].sum() == 0
    assert row(tables["resources"], resource="r")["unassigned"] == 5
    assert build_cube(DuckDB(), []).cells.empty


def test_the_resource_that_is_furthest_from_its_ledger_is_named_to_either_side() -> None:
    table = pd.DataFrame({"resource": ["desk", "dock", "trucks"], "difference": [0.3, -0.9, 0.5]})
    with pytest.raises(ReconciliationError, match=r"resource dock: ledger and use differ by -0\.9000"):
        check_identity(table, 0.01)


@pytest.mark.parametrize(("period", "share"), [("2026-Q1", 4), ("2026-H1", 2), ("2026-02", 12)])
def test_a_cost_and_a_capacity_of_a_year_are_scaled_to_the_months_of_the_run(
    tmp_path: Path, period: str, share: int
) -> None:
    desk = {"capacity_minutes": 4800, "cost": 1200, "per": "year"}
    params = make_workbook(tmp_path, cost_model=MINUTES | {"resources": {"desk": desk}})
    found = compute(params, period).all_tables["resources"].iloc[0]
    assert (found["ledger"], found["capacity_minutes"]) == pytest.approx((1200 / share, 4800 / share))
    assert found["assigned"] == pytest.approx(10)  # 40 minutes at a quarter
