"""Behaviour and service as a reader counts them by hand, in the tables of a tiny workbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, compute, event, line, make_workbook, row

THIRD = {"customer_id": "c3", "name": "Three", "channel": "web"}
SERVED = {"promised_date": "2026-02-06", "delivered_date": "2026-02-06", "delivered_quantity": "10"}
LATE = SERVED | {"delivered_date": "2026-02-10"}
SHORT = SERVED | {"delivered_quantity": "9"}
RETURNED = SERVED | {"returned_quantity": "1"}


def tables(folder: Path, rows: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    return compute(make_workbook(folder, rows)).all_tables


def test_an_order_is_perfect_only_if_every_line_of_it_is(tmp_path: Path) -> None:
    rows = [
        line("o1", "1", **SERVED),
        line("o1", "2", **SERVED),
        line("o2", "1", **SERVED),
        line("o2", "2", **LATE),
        line("o3", "1", **SHORT),
        line("o4", "1", **RETURNED),
    ]
    found = tables(tmp_path, rows)
    mine = row(found["customer_behaviour"], customer_id="c1")
    assert mine["perfect_lines"] == pytest.approx(3 / 6)
    assert mine["perfect_orders"] == pytest.approx(1 / 4)
    whole = row(found["service"], channel="(all)")
    assert whole["on_time"] == pytest.approx(5 / 6)
    assert whole["on_time_orders"] == pytest.approx(3 / 4)
    assert whole["in_full"] == pytest.approx(5 / 6)
    assert whole["in_full_orders"] == pytest.approx(3 / 4)


def test_an_order_with_a_line_that_cannot_be_judged_is_not_judged(tmp_path: Path) -> None:
    rows = [
        line("o1", "1", **SERVED),
        line("o2", "1", **SERVED),
        line("o2", "2", **SERVED | {"delivered_quantity": ""}),
    ]
    found = tables(tmp_path, rows)
    whole = row(found["service"], channel="(all)")
    assert (whole["orders"], whole["judged_orders"]) == (2, 1)
    assert whole["perfect_orders"] == 1


def test_a_component_that_no_line_has_is_left_out_of_the_perfect_order_and_named(tmp_path: Path) -> None:
    rows = [line("o1", "1", **SHORT | {"promised_date": ""}), line("o2", "1", **SERVED | {"promised_date": ""})]
    results = compute(make_workbook(tmp_path, rows))
    assert row(results.all_tables["service"], channel="(all)")["perfect_orders"] == pytest.approx(0.5)
    assert any("in full and without a return; promised dates" in note.text for note in results.notes["profile"])


def test_where_nothing_was_promised_or_counted_no_order_is_called_perfect(tmp_path: Path) -> None:
    results = compute(make_workbook(tmp_path, [line()]))
    assert pd.isna(row(results.all_tables["service"], channel="(all)")["perfect_orders"])
    assert any("nothing can be called a perfect order" in note.text for note in results.notes["profile"])


def test_lead_times_have_their_mean_their_promise_and_their_spread(tmp_path: Path) -> None:
    rows = [line("o1", "1", **SERVED), line("o1", "2", **LATE)]
    mine = row(tables(tmp_path, rows)["customer_behaviour"], customer_id="c1")
    assert mine["promised_days"] == 4
    assert mine["lead_time_days"] == 6
    assert mine["lead_time_spread"] == pytest.approx(8**0.5)


def test_a_drop_is_what_one_shipment_brings(tmp_path: Path) -> None:
    rows = [line("o1", "1", quantity="6", shipment_id="s1", distance_km="30"), line("o1", "2", quantity="2")]
    mine = row(tables(tmp_path, rows)["customer_behaviour"], customer_id="c1")
    assert (mine["shipments"], mine["drop_size"], mine["distance_km"]) == (2, 4, 30)


def test_breadth_counts_products_and_families_that_were_bought(tmp_path: Path) -> None:
    products = [{"product_id": name, "family": family} for name, family in (("p1", "a"), ("p2", "a"), ("p3", "b"))]
    rows = [
        line("o1", "1", product_id="p1", net_sales="60"),
        line("o1", "2", product_id="p2", net_sales="30"),
        line("o1", "3", product_id="p3", net_sales="10"),
    ]
    found = compute(make_workbook(tmp_path, rows, products=products)).all_tables
    mine = row(found["customer_behaviour"], customer_id="c1")
    assert (mine["products"], mine["families"], mine["top_family_share"]) == (3, 2, pytest.approx(0.9))
    whole = row(found["product_mix"], dimension="(all)", value="(all)")
    assert (whole["products"], whole["lines"], whole["net_sales"]) == (3, 3, 100)


def test_the_tail_is_the_products_of_the_last_twentieth_of_sales(tmp_path: Path) -> None:
    products = [{"product_id": name, "family": "a"} for name in ("p1", "p2")]
    rows = [line("o1", "1", product_id="p1", net_sales="96"), line("o1", "2", product_id="p2", net_sales="4")]
    whole = row(compute(make_workbook(tmp_path, rows, products=products)).all_tables["product_mix"], dimension="family")
    assert (whole["tail_products"], whole["tail_line_share"]) == (1, pytest.approx(0.5))


def test_a_place_adds_up_its_customers_and_knows_their_middle(tmp_path: Path) -> None:
    customers = [
        {"customer_id": "c1", "channel": "direct", "city": "Vigo", "latitude": "42.2", "longitude": "-8.7"},
        {"customer_id": "c2", "channel": "direct", "city": "Vigo", "latitude": "42.4", "longitude": "-8.5"},
    ]
    rows = [line("o1", distance_km="20"), line("o2", customer_id="c2", distance_km="30")]
    place = row(compute(make_workbook(tmp_path, rows, customers=customers)).all_tables["places"], city="Vigo")
    assert (place["customers"], place["orders"], place["net_sales"]) == (2, 2, 200)
    assert (place["latitude"], place["longitude"]) == (pytest.approx(42.3), pytest.approx(-8.6))
    assert (place["distance_km"], place["drops_per_customer"], place["drops_per_100_km"]) == (25, 1, 4)


def test_a_customers_column_called_family_is_not_taken_for_that_of_the_products(tmp_path: Path) -> None:
    customers = [{"customer_id": name, "channel": "direct", "family": "goods"} for name in ("c1", "c2")]
    rows = [line("o1"), line("o2")]
    found = row(
        compute(make_workbook(tmp_path, rows, customers=customers)).all_tables["product_mix"], dimension="family"
    )
    assert (found["value"], found["customers"], found["orders"]) == ("goods", 1, 2)


def test_the_value_of_an_order_is_net_sales_over_orders_in_every_table(tmp_path: Path) -> None:
    back = {"quantity": "-3", "net_sales": "-30", "cogs": "-18"}
    rows = [line("o1"), line("o2", net_sales="60"), line("o3", customer_id="c2", **back)]
    params = make_workbook(tmp_path, rows, events=[event("service_call", "c3")], customers=[*CUSTOMERS, THIRD])
    found = compute(params, stages=("profile", "segment", "govern")).all_tables
    by_customer = found["customer_behaviour"].set_index("customer_id")["order_value"]
    assert by_customer["c1"] == 80
    assert by_customer[["c2", "c3"]].isna().all()  # a return alone is no order
    kpis = found["kpis"][(found["kpis"]["kpi"] == "order_value") & (found["kpis"]["segment"] == "(all)")]
    assert kpis.set_index("channel")["value"].to_dict() == pytest.approx(
        {"(all)": 130 / 2, "direct": 80, "retail": float("nan"), "web": float("nan")}, nan_ok=True
    )


def test_shipments_and_orders_are_those_that_carry_something(tmp_path: Path) -> None:
    lines = [
        line("o1", "1", quantity="6", net_sales="60", distance_km="10"),
        line("o1", "2", quantity="-6", net_sales="-60", distance_km="10"),
        line("o2", "1", quantity="4", net_sales="40", distance_km="20"),
        line("o9", "1", quantity="-3", net_sales="-30", distance_km="90"),
    ]
    customers = [{"customer_id": "c1", "channel": "direct", "city": "Vigo"}]
    found = compute(make_workbook(tmp_path, lines, customers=customers)).all_tables
    mine = row(found["customer_behaviour"], customer_id="c1")
    assert (mine["orders"], mine["shipments"], mine["drop_size"], mine["distance_km"]) == (2, 2, 5, 15)
    assert (mine["lines_per_order"], mine["quantity_per_line"], mine["order_value"]) == (1, 5, 5)
    assert (mine["return_share"], mine["shipments_per_order"]) == (0.5, 1)
    place = found["places"].iloc[0]
    assert (place["orders"], place["shipments"], place["distance_km"], place["drops_per_customer"]) == (2, 2, 15, 2)
    told = found["customer_reasons"]
    assert told.loc[told["fact"] == "drop_size", ["count", "value"]].drop_duplicates().to_numpy().tolist() == [[2, 5]]
    assert found["customer_profit"]["orders"].tolist() == [2]


def test_a_customer_without_orders_has_no_shares_of_them(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, [line()], events=[event("service_call", "c2")])
    found = row(compute(params).all_tables["customer_behaviour"], customer_id="c2")
    ratios = ["order_value", "lines_per_order", "quantity_per_line", "return_share", "shipments_per_order"]
    assert found["orders"] == 0
    assert found[ratios].isna().all()
