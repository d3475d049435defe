"""Cost to serve over generated and hand-made workbooks: what always holds, and what each basis and driver does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import booked, compute, event, line, make_workbook, row

from cts_lib.costing.cube import build_cube
from cts_lib.costing.reconcile import check_identity
from cts_lib.engine import DuckDB
from cts_lib.errors import DataError, Problems, ReconciliationError

Rows = list[dict[str, Any]]
CUSTOMERS = [
    {"customer_id": "c1", "channel": "direct", "customer_since": "2026-01-05"},
    {"customer_id": "c2", "channel": "retail", "customer_since": "2020-01-05"},
    {"customer_id": "c3", "channel": "", "customer_since": ""},
]
MODEL: dict[str, Any] = {
    "resources": {
        "desk": {"capacity_minutes": 500},
        "store": {"capacity_minutes": 90},
        "trucks": {},
        "freight": {},
        "idle": {},
        "it": {"support": True},
        "hr": {"support": True},
        "brand": {"level": "business_unit"},
        "shops": {"level": "channel", "channel": "retail"},
    },
    "support": {
        "method": "reciprocal",
        "order": ["it", "hr"],
        "shares": {
            "it": {"hr": 0.25, "desk": 0.5, "trucks": 0.125, "brand": 0.125},
            "hr": {"it": 0.25, "store": 0.25, "idle": 0.25, "freight": 0.25},
        },
    },
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines + 15*new_customer + 10*rush"},
        "calls": {"resource": "desk", "per": "event:call", "minutes": "12*quantity"},
        "picking": {"resource": "store", "per": "line", "minutes": "1 + 2*quantity", "when": "quantity > 0"},
        "driving": {"resource": "trucks", "per": "shipment", "driver": "weight_kg*distance_km", "share": 0.5},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.25},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "care": {"per": "customer", "driver": "orders + months_active", "rate": 7.5},
        "gifts": {"per": "event:gift", "direct": "amount"},
    },
}
RESOURCES = tuple(MODEL["resources"])
AMOUNTS = st.integers(-10_000, 1_000_000).map(lambda cents: cents / 100)
LEDGERS = st.fixed_dictionaries(dict.fromkeys(RESOURCES, AMOUNTS))
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(["o1", "o2", "o3"]),
            "customer_id": st.sampled_from(["c1", "c2", "c3"]),
            "quantity": st.integers(-5, 20).filter(bool),
            "net_sales": st.integers(-5000, 50_000).map(lambda cents: cents / 100),
            "cogs": st.integers(0, 30_000).map(lambda cents: cents / 100),
            "weight_kg": st.sampled_from(["", "0", "1.25", "7.3"]),
            "distance_km": st.sampled_from(["", "12", "0.7"]),
            "freight_cost": st.sampled_from(["", "3.3", "0.01"]),
            "priority": st.sampled_from(["", "rush", "standard"]),
            "order_date": st.sampled_from(["2026-01-31", "2026-02-02", "2026-03-31"]),
        }
    ),
    min_size=1,
    max_size=8,
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "event": st.sampled_from(["call", "gift", "visit"]),
            "customer_id": st.sampled_from(["c1", "c2", "c3"]),
            "quantity": st.sampled_from(["", "1", "2.5"]),
            "amount": st.sampled_from(["", "9.99"]),
        }
    ),
    max_size=4,
)
FEW = settings(max_examples=5, deadline=None)


def cost(lines: Rows, events: Rows, ledger: dict[str, float], model: dict[str, Any] = MODEL) -> dict[str, pd.DataFrame]:
    """Cost generated rows; line numbers are given where the rows have none."""
    numbered = [line(**({"line_no": str(place + 1)} | item)) for place, item in enumerate(lines)]
    with tempfile.TemporaryDirectory() as folder:
        params = make_workbook(
            Path(folder),
            numbered,
            model,
            customers=CUSTOMERS,
            events=[event(item["event"]) | item for item in events],
            ledger=[booked(name, amount) for name, amount in ledger.items()],
        )
        return compute(params).tables["profile"]


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@FEW
@given(LINES, EVENTS, LEDGERS)
def test_every_ledger_amount_is_found_again_and_all_tables_agree(
    lines: Rows, events: Rows, ledger: dict[str, float]
) -> None:
    tables = cost(lines, events, ledger)
    resources, costs, profit = (tables[name] for name in ("resources", "customer_costs", "customer_channel_profit"))
    became = resources["sent"] + resources["assigned"] + resources["unused"] - resources["overdriven"]
    became += resources["sustaining"] + resources["unassigned"]
    assert (resources["ledger"] + resources["received"] - became).abs().max() < 0.005
    assert resources["ledger"].sum() == pytest.approx(sum(ledger.values()), abs=0.005)
    assert resources["received"].sum() == pytest.approx(resources["sent"].sum(), abs=0.005)
    outside = costs.loc[costs["resource"].isna(), "cost"].sum()
    assert costs["cost"].sum() == pytest.approx(resources["assigned"].sum() + outside, abs=0.005)
    assert tables["activities"]["cost"].sum() == pytest.approx(costs["cost"].sum(), abs=0.005)
    earned = profit["net_sales"].sum() - profit["cogs"].sum() - profit["cost_to_serve"].sum()
    assert profit["profit"].sum() == pytest.approx(earned, abs=0.005)
    assert profit["cost_to_serve"].sum() == pytest.approx(costs["cost"].sum(), abs=0.005)
    for name in ("customer_profit", "channel_profit"):
        for column in ("orders", "lines", "quantity", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit"):
            assert tables[name][column].sum() == pytest.approx(profit[column].sum(), abs=0.005), (name, column)
    whale = tables["customer_profit"]
    assert whale["profit"].is_monotonic_decreasing
    assert list(whale["rank"]) == list(range(1, len(whale) + 1))
    assert whale["cumulative_profit"].iloc[-1] == pytest.approx(profit["profit"].sum(), abs=0.005)
    statement = tables["statement"].set_index("line")["amount"]
    operating = profit["net_sales"].sum() - profit["cogs"].sum() - resources["ledger"].sum()
    assert statement["operating_profit"] == pytest.approx(operating, abs=0.005)
    present = {item["customer_id"] for item in (*lines, *events)}
    assert set(whale["customer_id"]) == present


@FEW
@given(LINES, EVENTS, LEDGERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_to_the_bit(
    lines: Rows, events: Rows, ledger: dict[str, float], random: Any
) -> None:
    numbered = [{"line_no": str(place)} | item for place, item in enumerate(lines)]
    shuffled, calls = numbered.copy(), events.copy()
    random.shuffle(shuffled)
    random.shuffle(calls)
    expected, found = cost(numbered, events, ledger), cost(shuffled, calls, ledger)
    for name, table in expected.items():
        assert_same(found[name], table)


@FEW
@given(LINES, LEDGERS, st.sampled_from([0.5, 3.0, 1000.0]))
def test_scaling_the_ledger_scales_what_it_paid_for(lines: Rows, ledger: dict[str, float], factor: float) -> None:
    one = cost(lines, [], ledger)["customer_costs"]
    other = cost(lines, [], {name: amount * factor for name, amount in ledger.items()})["customer_costs"]
    rated = one["resource"].isna() | (one["activity"] == "bills")
    expected = one["cost"].where(rated, one["cost"] * factor)
    assert other["cost"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6, rel=1e-9)


@FEW
@given(LINES, LEDGERS)
def test_splitting_a_line_in_two_halves_changes_no_cost_that_is_linear_in_lines(
    lines: Rows, ledger: dict[str, float]
) -> None:
    model = MODEL | {
        "activities": {
            "picking": {"resource": "store", "per": "line", "minutes": "2*ABS(quantity)"},
            "driving": {"resource": "trucks", "per": "shipment", "driver": "ABS(quantity) + GREATEST(weight_kg, 0)"},
            "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
            "interest": {"per": "line", "driver": "net_sales", "rate": 0.02},
            "entry": {"resource": "desk", "per": "order", "minutes": "5"},
        }
    }
    numbered = [{"line_no": f"{place}"} | item for place, item in enumerate(lines)]
    halved = {
        key: numbered[0][key] / 2 if key in ("quantity", "net_sales", "cogs") else half_of(numbered[0][key])
        for key in ("quantity", "net_sales", "cogs", "weight_kg", "freight_cost")
    }
    split = [numbered[0] | halved, numbered[0] | halved | {"line_no": "half"}, *numbered[1:]]
    keys = ["customer_id", "channel", "activity"]
    one, other = (cost(rows, [], ledger, model)["customer_costs"].set_index(keys)["cost"] for rows in (numbered, split))
    pd.testing.assert_series_equal(other, one, rtol=1e-9, atol=1e-6)


def half_of(text: str) -> str | float:
    return float(text) / 2 if text else ""


@FEW
@given(LINES, LEDGERS)
def test_a_customer_without_activity_changes_nobodys_time_driven_cost(lines: Rows, ledger: dict[str, float]) -> None:
    others = [item | {"customer_id": "c1"} for item in lines]
    timed = cost(others, [], ledger)["customer_costs"].dropna(subset="minutes")
    joined = cost(others, [{"event": "visit", "customer_id": "c2", "quantity": "", "amount": ""}], ledger)
    assert_same(joined["customer_costs"].dropna(subset="minutes").reset_index(drop=True), timed.reset_index(drop=True))
    assert "c2" in set(joined["customer_profit"]["customer_id"])


def test_one_thread_and_two_give_the_same_bits(small_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = next(path.stem for path in sorted((small_sample / "params" / "units").glob("*.yml")))
    found = []
    for threads in (1, 2):
        monkeypatch.setattr("cts_lib.engine.DuckDB", lambda threads=threads: DuckDB(threads=threads))
        found.append(compute(small_sample / "params", "2026-Q2", unit=unit).tables["profile"])
    for name, table in found[0].items():
        assert_same(found[1][name], table)


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
        ("direct", "LN(quantity - 10)", "-inf"),
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
    assert any("2 of 3 things of activity a lack a driver" in note.english for note in found.notes["profile"])
    by_customer = simple(tmp_path / "customer", {**activity, "per": "customer"}, lines=lines).tables["profile"]
    assert row(by_customer["activities"], activity="a")["missing"] == 1


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


@pytest.mark.parametrize(
    ("expression", "grain", "minutes"),
    [
        ("new_customer", "customer", {"c1": 1, "c2": 0, "c3": 0}),
        ("months_active", "customer", {"c1": 2, "c2": 1, "c3": 0}),
        ("orders", "customer", {"c1": 2, "c2": 1, "c3": 0}),
        ("lines", "customer", {"c1": 3, "c2": 1, "c3": 0}),
        ("shipments", "customer", {"c1": 3, "c2": 1, "c3": 0}),
        ("rush", "order", {"c1": 1, "c2": 0}),
        ("rush", "line", {"c1": 1, "c2": 0}),
        ("distance_km", "order", {"c1": 9 + 4, "c2": 0}),
        ("return_lines", "order", {"c1": 1, "c2": 0}),
        ("returned_quantity", "order", {"c1": 2 + 5, "c2": 0}),
        ("10*(order_method = 'phone') + (order_method = 'edi')", "order", {"c1": 10, "c2": 0}),
        ("COALESCE(level, 0)", "order", {"c1": 7, "c2": 0}),
        ("customer_level + product_level", "line", {"c1": 3 * (2 + 30), "c2": 3 + 30}),
    ],
)
def test_drivers_are_what_the_contract_says(
    tmp_path: Path, expression: str, grain: str, minutes: dict[str, float]
) -> None:
    lines = [
        line("o1", "20", priority="standard", distance_km=4, order_method="edi", level=""),
        line("o1", "3", priority="rush", distance_km=9, order_method="phone", level=7, shipment_id="s9"),
        line("o2", "1", quantity=-2, net_sales=-9, order_date="2026-03-01", distance_km=4, returned_quantity=""),
        line("o9", "1", "c2", returned_quantity=0),
    ]
    lines[0]["returned_quantity"] = 5
    customers = [item | {"level": place + 2} for place, item in enumerate(CUSTOMERS)]
    model = {
        "resources": {"r": {"capacity_minutes": 1000}},
        "activities": {"a": {"resource": "r", "per": grain, "minutes": expression}},
    }
    params = make_workbook(
        tmp_path,
        lines,
        model,
        customers=customers,
        products=[{"product_id": "p1", "level": 30}],
        events=[event("call", "c3")],
        ledger=[booked("r", 1000)],
    )
    costs = compute(params).tables["profile"]["customer_costs"]
    found = costs.groupby("customer_id")["minutes"].sum()
    assert {name: found.get(name, 0.0) for name in minutes} == minutes


def test_orders_whose_lines_differ_are_counted(tmp_path: Path) -> None:
    lines = [line(order_method="edi"), line(line_no="2", order_method="phone"), line("o2", order_method="edi")]
    activity = {"resource": "r", "per": "order", "driver": "1 + (order_method = 'edi')"}
    found = simple(tmp_path, activity, lines=lines)
    assert "order.order_method differs within 1; the lowest line number decides." in [
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
    assert "freight_cost of 12.50 in the lines is charged by no activity." in told
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
def test_a_resource_that_does_not_add_up_fails_the_unit_by_name(wrong: float) -> None:
    table = pd.DataFrame({"resource": ["desk", "trucks"], "difference": [0.005, wrong]})
    with pytest.raises(ReconciliationError, match="north, resource trucks: ledger and use differ"):
        check_identity(table, 0.01, "north")
    check_identity(table.assign(difference=[0.005, -0.005]), 0.01, "north")


def test_a_model_without_activities_costs_nothing(tmp_path: Path) -> None:
    model: dict[str, Any] = {"resources": {"r": {}}, "activities": {}}
    tables = compute(make_workbook(tmp_path, [line()], model, ledger=[booked("r", 5)])).tables["profile"]
    assert tables["customer_profit"]["cost_to_serve"].sum() == 0
    assert row(tables["resources"], resource="r")["unassigned"] == 5
    assert build_cube(DuckDB(), []).empty
