"""The indicators of a tiny unit, as a reader counts them by hand; and that each is defined."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, LEDGER, PRODUCTS, compute, line, make_workbook

from cts_lib import measures
from cts_lib.govern.definitions import DEFINITIONS

SERVED = {
    "promised_date": "2026-02-06",
    "delivered_date": "2026-02-06",
    "delivered_quantity": "10",
    "weight_kg": "4",
}
STAGES = ("profile", "segment", "govern")
COUNTED = {"business_unit": "north", "product_id": "p1", "warehouse": "A"}
STOCK = [COUNTED | {"date": "2026-01-31", "on_hand": 30}, COUNTED | {"date": "2026-02-28", "on_hand": 50}]


def kpis(params: Path, channel: str = "(all)") -> pd.Series:
    table = compute(params, stages=STAGES).all_tables["kpis"]
    chosen = table[(table["segment"] == "(all)") & (table["channel"] == channel)]
    return chosen.set_index("kpi")["value"]


def test_every_indicator_is_defined_in_the_register() -> None:
    assert set(DEFINITIONS) == set(measures.KPIS)
    assert all(measures.of(name).better for name in measures.KPIS)


def test_perfect_orders_are_told_as_the_joint_share_and_as_the_product_of_the_rates(tmp_path: Path) -> None:
    rows = [
        line("o1", **SERVED),
        line("o2", **SERVED | {"delivered_date": "2026-02-09"}),
        line("o3", **SERVED | {"delivered_quantity": "9", "delivered_date": "2026-02-07"}),
        line("o4", "1", **SERVED | {"returned_quantity": "1"}),
        line("o4", "2", **SERVED | {"delivered_date": "2026-02-04"}),
    ]
    found = kpis(make_workbook(tmp_path, rows, ledger=LEDGER))
    assert found["perfect_orders"] == pytest.approx(1 / 4)
    assert found["perfect_order_index"] == pytest.approx(2 / 4 * 3 / 4 * 3 / 4)
    assert found["fill_rate"] == pytest.approx(49 / 50)
    assert found["cycle_time_days"] == pytest.approx((4 + 7 + 5 + 4) / 4)
    assert found["cost_per_kg"] == pytest.approx(4 * 40 / 20)


def test_capacity_stock_and_cash_are_of_the_unit(tmp_path: Path) -> None:
    customers = [CUSTOMERS[0] | {"payment_terms_days": 30}, CUSTOMERS[1] | {"payment_terms_days": 60}]
    products = [PRODUCTS[0] | {"unit_cost": 6}]
    rows = [line("o1", **SERVED), line("o2", customer_id="c2", net_sales="300", cogs="60", **SERVED)]
    params = make_workbook(tmp_path, rows, ledger=LEDGER, customers=customers, products=products, inventory=STOCK)
    found = kpis(params)
    assert (found["unused_capacity"], found["overdriven_capacity"]) == (920, 0)
    assert found["payment_days"] == pytest.approx((100 * 30 + 300 * 60) / 400)
    assert found["days_of_stock"] == pytest.approx(40 * 6 / (120 / 90))
    assert found["cash_to_cash_days"] == pytest.approx(found["days_of_stock"] + found["payment_days"])
    of_direct = kpis(params, "direct")
    assert of_direct["payment_days"] == 30
    assert of_direct[["unused_capacity", "days_of_stock", "cash_to_cash_days"]].isna().all()


def test_the_peak_of_the_whale_curve_is_over_its_end(tmp_path: Path) -> None:
    rows = [line("o1"), line("o2", customer_id="c2", net_sales="90", cogs="60"), line("o3", net_sales="300")]
    found = kpis(make_workbook(tmp_path, rows, ledger=LEDGER))
    assert found["peak_to_end"] == pytest.approx(200 / 190)


@pytest.mark.parametrize(
    ("more", "unknown"),
    [
        ({"weight_kg": ""}, {"cost_per_kg"}),
        ({"promised_date": ""}, {"on_time"}),
        ({"delivered_date": ""}, {"on_time", "cycle_time_days", "lead_time_days"}),
        ({"delivered_quantity": ""}, {"in_full", "fill_rate"}),
        (
            {"promised_date": "", "delivered_quantity": ""},
            {"perfect_orders", "perfect_order_index", "on_time", "fill_rate"},
        ),
    ],
)
def test_what_the_data_lack_is_unknown_and_never_0(tmp_path: Path, more: dict[str, str], unknown: set[str]) -> None:
    found = kpis(make_workbook(tmp_path, [line(**SERVED | more)], ledger=LEDGER))
    assert found[sorted(unknown)].isna().all()
    rest = (
        set(found.index) - unknown - {"rush_share", "payment_days", "days_of_stock", "cash_to_cash_days", "peak_to_end"}
    )
    assert found[sorted(rest & {"cost_per_kg", "cycle_time_days", "fill_rate", "on_time"})].notna().all()


def test_stock_without_a_known_cost_is_not_worth_0(tmp_path: Path) -> None:
    assert pd.isna(kpis(make_workbook(tmp_path, [line(**SERVED)], ledger=LEDGER, inventory=STOCK))["days_of_stock"])


@pytest.mark.parametrize(("on_hand", "days"), [(1, None), (0, 40 * 6 / (60 / 90))])
def test_one_product_with_stock_and_without_a_cost_leaves_all_stock_unknown(
    tmp_path: Path, on_hand: int, days: float | None
) -> None:
    products = [PRODUCTS[0] | {"unit_cost": 6}, PRODUCTS[0] | {"product_id": "p2", "unit_cost": ""}]
    stock = [*STOCK, COUNTED | {"product_id": "p2", "date": "2026-01-31", "on_hand": on_hand}]
    found = kpis(make_workbook(tmp_path, [line(**SERVED)], ledger=LEDGER, products=products, inventory=stock))
    assert found["days_of_stock"] == pytest.approx(float("nan") if days is None else days, nan_ok=True)


def test_a_model_without_capacities_has_no_unused_one(tmp_path: Path) -> None:
    model = {
        "resources": {"trucks": {}},
        "activities": {"trips": {"resource": "trucks", "per": "order", "driver": "1"}},
    }
    found = kpis(make_workbook(tmp_path, [line(**SERVED)], model))
    assert found[["unused_capacity", "overdriven_capacity"]].isna().all()
