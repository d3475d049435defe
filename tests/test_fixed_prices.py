"""Prices that params fix: what they charge, where the rest of the ledger goes, and what else respects them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, line, make_workbook, open_run, row

from cts_lib.costing.rivals import DRIVER_SHARES
from cts_lib.costing.uncertainty import propagate
from cts_lib.display import Reader, explanation
from cts_lib.display.profile.costs import activities as activities_shown
from cts_lib.errors import Problems
from cts_lib.params import CostModel, load
from cts_lib.params.period import Period
from cts_lib.workbook import Workbook

MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 100}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10"},
        "check": {"resource": "desk", "per": "line", "minutes": "5"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.5},
        "distance": {"resource": "trucks", "per": "shipment", "driver": "distance_km", "share": 0.25},
        "visits": {"per": "order", "driver": "1", "rate": 7},
        "freight": {"per": "shipment", "direct": "freight_cost"},
    },
}
LINES = [
    line("o1", distance_km=10, freight_cost=3),
    line("o1", "2", distance_km=10),
    line("o2", customer_id="c2", distance_km=30),
]
LEDGER = [booked("desk", 400), booked("trucks", 1000)]


def priced(folder: Path, prices: dict[str, float], **more: Any) -> Path:
    return make_workbook(folder, LINES, MODEL | {"prices": prices}, ledger=LEDGER, **more)


def profile(folder: Path, **prices: float) -> dict[str, pd.DataFrame]:
    return compute(priced(folder, prices)).tables["profile"]


@pytest.mark.parametrize(
    ("fixed", "assigned", "unassigned"),
    [(4.0, 140.0, 0.0), (1.5, 90.0, 50.0), (6.0, 180.0, -40.0), (0.0, 60.0, 80.0)],
)
def test_minutes_at_a_fixed_price_leave_the_rest_unassigned_and_unused_at_the_ledgers_rate(
    tmp_path: Path, fixed: float, assigned: float, unassigned: float
) -> None:
    desk = row(profile(tmp_path, entry=fixed)["resources"], resource="desk")
    assert (desk["rate"], desk["used_minutes"], desk["unused"]) == (4.0, 35.0, 260.0)
    assert (desk["assigned"], desk["unassigned"], desk["difference"]) == (assigned, unassigned, 0.0)


def test_minutes_beyond_capacity_are_overdriven_at_the_ledgers_rate(tmp_path: Path) -> None:
    model = MODEL | {"resources": {"desk": {"capacity_minutes": 20}, "trucks": {}}, "prices": {"entry": 5.0}}
    tables = compute(make_workbook(tmp_path, LINES, model, ledger=LEDGER)).tables["profile"]
    desk = row(tables["resources"], resource="desk")
    assert (desk["rate"], desk["overdriven"], desk["unused"]) == (20.0, 300.0, 0.0)
    assert (desk["assigned"], desk["unassigned"]) == (20 * 5.0 + 15 * 20.0, 20 * 15.0)


@pytest.mark.parametrize(("fixed", "unassigned"), [(100.0, 550.0), (250.0, 250.0), (375.0, 0.0), (400.0, -50.0)])
def test_a_drivers_fixed_price_leaves_its_part_of_the_resource_unassigned_and_the_others_as_they_are(
    tmp_path: Path, fixed: float, unassigned: float
) -> None:
    tables = profile(tmp_path, drops=fixed)
    trucks = row(tables["resources"], resource="trucks")
    assert (trucks["assigned"], trucks["unassigned"], trucks["difference"]) == (2 * fixed + 250, unassigned, 0.0)
    assert row(tables["activities"], activity="distance")["price"] == 6.25


def test_the_part_of_a_fixed_driver_that_did_not_happen_is_unassigned_once(tmp_path: Path) -> None:
    bare = [line("o1"), line("o2", customer_id="c2")]
    params = make_workbook(tmp_path, bare, MODEL | {"prices": {"distance": 9.0}}, ledger=LEDGER)
    trucks = row(compute(params).tables["profile"]["resources"], resource="trucks")
    assert (trucks["assigned"], trucks["unassigned"]) == (500.0, 500.0)


def test_activities_show_what_the_ledger_would_have_charged_where_a_price_is_fixed(tmp_path: Path) -> None:
    activities = profile(tmp_path, entry=1.5, distance=0.25)["activities"].set_index("activity")
    assert activities["ledger_price"].dropna().to_dict() == {"entry": 4.0, "distance": 6.25}
    assert activities["price"].to_dict() == {
        "entry": 1.5, "check": 4.0, "drops": 250.0, "distance": 0.25, "visits": 7.0, "freight": 1.0
    }  # fmt: skip
    page = activities_shown(activities.reset_index(), Reader("en", "EUR")).html
    assert "Price by the ledger" in page
    plain = activities.assign(ledger_price=float("nan")).reset_index()
    assert "Price" not in activities_shown(plain, Reader("en", "EUR")).html


def test_todays_prices_change_no_cost_and_other_ledgers_then_move_only_what_is_unassigned(tmp_path: Path) -> None:
    today = profile(tmp_path / "today")
    prices = today["activities"].set_index("activity")["price"].drop(["visits", "freight"]).to_dict()
    fixed = profile(tmp_path / "fixed", **prices)
    pd.testing.assert_frame_equal(fixed["customer_costs"], today["customer_costs"], check_exact=True)
    dearer = make_workbook(
        tmp_path / "dearer", LINES, MODEL | {"prices": prices}, ledger=[booked("desk", 800), booked("trucks", 1500)]
    )
    later = compute(dearer).tables["profile"]
    pd.testing.assert_frame_equal(later["customer_costs"], today["customer_costs"], check_exact=True)
    resources = later["resources"].set_index("resource")
    assert resources["unassigned"].to_dict() == pytest.approx({"desk": 140.0, "trucks": 750.0})
    assert resources["difference"].abs().max() < 1e-9


def test_the_report_says_which_prices_are_fixed_and_what_stays_of_the_ledger(tmp_path: Path) -> None:
    told = [note.english for note in compute(priced(tmp_path, {"entry": 1.5, "drops": 240})).notes["profile"]]
    sentence = next(text for text in told if "Params fix the price of" in text)
    assert "entry, drops" in sentence
    assert "70" in sentence
    assert not [note for note in compute(priced(tmp_path, {})).notes["profile"] if "Params fix" in note.english]


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ({"packing": 1}, "cost_model.prices.packing: no activity 'packing'; known are entry, check, drops"),
        ({"entry": -1}, "cost_model.prices.entry: found -1; input should be greater than or equal to 0"),
        ({"entry": float("inf")}, "cost_model.prices.entry: found inf; input should be a finite number"),
        (
            {"visits": 7},
            "cost_model.prices.visits: 'visits' has a price of its own, its rate; change activities.visits",
        ),
        ({"freight": 1}, "cost_model.prices.freight: 'freight' is money already, at no price; fix prices of minutes"),
    ],
)
def test_a_price_that_cannot_be_is_one_line_that_names_it(tmp_path: Path, prices: dict[str, float], told: str) -> None:
    with pytest.raises(Problems) as raised:
        load(priced(tmp_path, prices))
    assert len(raised.value.problems) == 1
    assert told in str(raised.value)


def test_a_question_may_fix_a_price_or_free_one(tmp_path: Path) -> None:
    params = priced(tmp_path, {"entry": 1.5})
    book = Workbook.open(period=QUARTER, params=str(params), out=str(tmp_path / "reports"))
    assert (book.what_if().customers["change"] == 0).all()
    assert book.what_if("cost_model.prices.entry=2").customers["change"].sum() == pytest.approx(-20 * 0.5)
    assert book.what_if("cost_model.prices=null").customers["change"].sum() == pytest.approx(-20 * 2.5)
    assert book.what_if("cost_model.resources.desk.capacity_minutes=50").customers["change"].sum() == pytest.approx(
        -15 * 4
    )


def test_an_explanation_shows_both_prices_and_where_that_of_a_driver_came_from_unless_it_is_fixed(
    tmp_path: Path,
) -> None:
    unit_run = open_run(priced(tmp_path, {"entry": 1.5, "drops": 310}))
    try:
        trace = unit_run.explain(Period.parse(QUARTER), "c1")
    finally:
        unit_run.close()
    activities = trace.activities.set_index("activity")
    assert activities.loc["entry", ["price", "ledger_price", "cost"]].tolist() == [1.5, 4.0, 15.0]
    assert trace.work.groupby("activity")["cost"].sum()["drops"] == 310.0
    assert list(trace.drivers["activity"]) == ["distance"]
    assert "Price by the ledger" in explanation(trace, Reader("en", "EUR")).html


def test_a_fixed_price_is_the_same_by_every_rival_method(tmp_path: Path) -> None:
    rivals = profile(tmp_path, entry=1.5, check=2.0)["rival_allocations"]
    costs = rivals.groupby("method")["cost_to_serve"].sum()
    assert costs[DRIVER_SHARES] == pytest.approx(costs["this model"])
    one = profile(tmp_path / "one", entry=1.5)["rival_allocations"].groupby("method")["cost_to_serve"].sum()
    assert one[DRIVER_SHARES] - one["this model"] == pytest.approx(15 * (400 / 35 - 4))


def test_a_capacitys_spread_moves_no_fixed_price_and_a_drivers_moves_its_total() -> None:
    activities = MODEL["activities"] | {
        "distance": MODEL["activities"]["distance"] | {"driver": {"expr": "distance_km", "spread": 0.2}}
    }
    resources = {"desk": {"capacity_minutes": 100, "spread": 0.2}, "trucks": {}}
    model = {"resources": resources, "activities": activities}
    costs = pd.DataFrame({"customer_id": ["c1", "c2"], "activity": ["entry", "distance"], "cost": [100.0, 100.0]})
    profit = pd.DataFrame({"customer_id": ["c1", "c2"], "gross_margin": [500.0, 500.0], "profit": [400.0, 400.0]})
    found = {}
    for name, prices in (("free", {}), ("fixed", {"entry": 2.0, "distance": 0.5})):
        known = propagate(costs, profit, CostModel.model_validate(model | {"prices": prices}), 20_000, 7)
        found[name] = (known.customers["profit_high"] - known.customers["profit_low"]).to_numpy()
        shares = known.assumptions.set_index("assumption")["variance_share"]
        assert (shares["capacity desk"] > 0) == (name == "free")
    widest = 120 - 100 / 1.2
    assert found["free"] == pytest.approx([widest, 0.0], abs=1.0)
    assert found["fixed"] == pytest.approx([0.0, widest], abs=1.0)
