"""Lanes, nodes and replenishment: what is read of them, what stands in where they are silent, what is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import LEDGER, PRODUCTS, QUARTER, compute, line, make_workbook, open_run, row

from cts_lib.engine import Engine, fetch_frame, open_engine
from cts_lib.errors import DataError, Problems
from cts_lib.intake import Intake, attach
from cts_lib.intake.rows import take_in
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import Overview
from cts_lib.tables.contract import Reason

Row = dict[str, Any]
OURS = {"business_unit": "north", "warehouse": "A"}
LINES = [line(warehouse="A"), line("o2", customer_id="c2", warehouse="B")]
LANE: Row = OURS | {"destination": "Madrid", "ship_mode": "road", "days": 2}
TWO = [*PRODUCTS, {"product_id": "p2", "name": "Other"}]
STOCK: Row = OURS | {"product_id": "p1", "lead_time_days": 7}
NODE: Row = OURS | {"product_id": "p1", "capacity_lines_per_day": 40}
SUPPLY = {"lanes": [LANE], "nodes": [NODE], "replenishment": [STOCK]}


def written(folder: Path, lines: list[Row] | None = None, **tables: list[Row]) -> Path:
    """Write a small workbook with more tables beside its own."""
    strategy = {"levers": {"node": {"settings": {"cheapest": {"choose": "cheapest"}}}}}
    quality = {"max_rejected_share": 0.9}
    params = make_workbook(folder, lines or LINES, ledger=LEDGER, quality=quality, strategy=strategy)
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / "data" / f"{name}.csv", index=False)
    return params


@contextmanager
def held(params: Path, period: str = QUARTER) -> Iterator[tuple[Engine, Intake]]:
    unit = load(params)[0]
    engine = open_engine(unit.params.source, unit.root)
    try:
        yield engine, take_in(engine, attach(engine, unit), unit, Period.parse(period))
    finally:
        engine.close()


def relation(params: Path, name: str, period: str = QUARTER) -> pd.DataFrame:
    with held(params, period) as (engine, _):
        return fetch_frame(engine, f"SELECT * FROM {name} ORDER BY ALL")


def test_a_lane_that_fits_nobody_and_a_product_that_no_node_ships_are_told(tmp_path: Path) -> None:
    lanes = [LANE, LANE | {"destination": "c1"}, LANE | {"destination": "Madird"}, LANE | {"destination": "Madird"}]
    lines = [*LINES, line("o3", product_id="p2"), line("o4", product_id="p2")]
    with held(written(tmp_path, lines, products=TWO, lanes=lanes, nodes=[NODE])) as (_, intake):
        told = [note.english for note in intake.notes if note.doubt]
    assert told == [
        "3 lanes of table lanes fit no shipment: their destinations (Madird, Madrid) are no customer_id, city, region "
        "or country of table customers.",
        "1 product (p2; 2 sold lines) may leave no warehouse of table nodes, so no shipment with it can move to "
        "another. Give it a row there, or a warehouse one without a product, which is for everything.",
    ]


def test_lanes_to_customers_and_nodes_for_everything_give_no_doubt(tmp_path: Path) -> None:
    lanes, nodes = [LANE | {"destination": "c2"}], [NODE, NODE | {"product_id": ""}]
    lines = [*LINES, line("o3", product_id="p2")]
    with held(written(tmp_path, lines, products=TWO, lanes=lanes, nodes=nodes)) as (_, intake):
        assert not [note for note in intake.notes if note.doubt]


def test_money_of_lanes_nodes_and_replenishment_is_converted_at_the_end_of_the_period(tmp_path: Path) -> None:
    rates = [{"currency": "HUF", "date": day, "rate": rate} for day, rate in (("2026-01-01", 4), ("2026-03-31", 0.5))]
    rates.append({"currency": "HUF", "date": "2026-04-01", "rate": 9})
    tables = {
        "lanes": [LANE | {"rate_per_kg": 2, "minimum_charge": 10, "currency": each} for each in ("HUF", "EUR", "")],
        "nodes": [NODE | {"fixed_cost": 100, "currency": "HUF"}],
        "replenishment": [STOCK | {"order_cost": 8, "holding_rate": 0.2, "currency": "huf"}],
    }
    params = written(tmp_path, exchange_rates=rates, **tables)
    lanes, node, rule = (relation(params, name) for name in tables)
    assert sorted(lanes["rate_per_kg"]) == [1, 2, 2]
    assert sorted(lanes["minimum_charge"]) == [5, 10, 10]
    assert (node["fixed_cost"].tolist(), node["capacity_lines_per_day"].tolist()) == ([50], [40])
    assert (rule["order_cost"].tolist(), rule["holding_rate"].tolist()) == ([4], [0.2])
    bare = written(tmp_path / "bare", lanes=tables["lanes"])
    with pytest.raises(DataError, match="lanes, currency: 1 row in HUF"), held(bare):
        pass


def test_tables_that_are_absent_are_empty_with_their_columns(tmp_path: Path) -> None:
    with held(written(tmp_path)) as (engine, intake):
        for name, columns in (("lanes", 11), ("nodes", 6), ("replenishment", 10)):
            found = fetch_frame(engine, f"SELECT * FROM {name}")
            assert (len(found), len(found.columns)) == (0, columns)
    assert intake.rejected.empty


@pytest.mark.parametrize("empty", [{}, {"weight_from_kg": "", "weight_to_kg": "", "rate_per_kg": "", "days_sd": ""}])
def test_a_lane_fits_every_weight_and_has_an_unknown_freight_where_nothing_is_said(tmp_path: Path, empty: Row) -> None:
    lane = relation(written(tmp_path, lanes=[LANE | empty]), "lanes").iloc[0]
    assert (lane["destination"], lane["days"], lane["weight_from_kg"]) == ("Madrid", 2.0, 0.0)
    unknown = ["weight_to_kg", "rate_per_kg", "rate_per_shipment", "minimum_charge", "days_sd", "distance_km"]
    assert lane[unknown].isna().all()


@pytest.mark.parametrize("given", ["rate_per_kg", "rate_per_shipment", "minimum_charge"])
def test_one_rate_makes_the_others_nothing(tmp_path: Path, given: str) -> None:
    rates = dict.fromkeys(["rate_per_kg", "rate_per_shipment", "minimum_charge"], 0.0) | {given: 0.25}
    lane = relation(written(tmp_path, lanes=[LANE | {given: "0.25"}]), "lanes").iloc[0]
    assert lane[list(rates)].to_dict() == rates


def test_lanes_that_differ_in_the_price_alone_are_all_kept_with_their_own_columns(tmp_path: Path) -> None:
    lanes = [LANE | {"rate_per_kg": rate, "carrier": name} for rate, name in ((0.3, "fast"), (0.2, "cheap"))]
    found = relation(written(tmp_path, lanes=[*lanes, lanes[0]]), "lanes")
    assert sorted(found["carrier"]) == ["cheap", "fast", "fast"]


def test_they_are_of_every_period_and_of_their_own_unit(tmp_path: Path) -> None:
    elsewhere = {name: [rows[0], rows[0] | {"business_unit": "south"}] for name, rows in SUPPLY.items()}
    lines = [*LINES, line("o3", order_date="2026-04-02", warehouse="")]
    params = written(tmp_path, lines, **elsewhere)
    for period in ("2026-Q1", "2026-Q2"):
        with held(params, period) as (engine, intake):
            assert [len(fetch_frame(engine, f"SELECT * FROM {name}")) for name in SUPPLY] == [1, 1, 1]
        assert intake.rejected.empty


@pytest.mark.parametrize(
    ("table", "broken", "column", "reason"),
    [
        ("lanes", {"days": -1}, "days", Reason.NEGATIVE),
        ("lanes", {"days": "-0.5"}, "days", Reason.NEGATIVE),
        ("lanes", {"days": ""}, "days", Reason.MISSING),
        ("lanes", {"days": "soon"}, "days", Reason.NOT_A_NUMBER),
        ("lanes", {"days_sd": "inf"}, "days_sd", Reason.NOT_A_NUMBER),
        ("lanes", {"destination": ""}, "destination", Reason.MISSING),
        ("lanes", {"ship_mode": ""}, "ship_mode", Reason.MISSING),
        ("lanes", {"rate_per_kg": -0.01}, "rate_per_kg", Reason.NEGATIVE),
        ("lanes", {"minimum_charge": -5}, "minimum_charge", Reason.NEGATIVE),
        ("lanes", {"weight_from_kg": -1}, "weight_from_kg", Reason.NEGATIVE),
        ("lanes", {"weight_from_kg": 100, "weight_to_kg": 100}, "weight_to_kg", Reason.EMPTY_RANGE),
        ("lanes", {"weight_from_kg": 100, "weight_to_kg": "99.9"}, "weight_to_kg", Reason.EMPTY_RANGE),
        ("lanes", {"weight_to_kg": 0}, "weight_to_kg", Reason.EMPTY_RANGE),
        ("lanes", {"warehouse": "Z"}, "warehouse", Reason.UNKNOWN_WAREHOUSE),
        ("nodes", {"product_id": "p9"}, "product_id", Reason.UNKNOWN_PRODUCT),
        ("nodes", {"warehouse": ""}, "warehouse", Reason.MISSING),
        ("nodes", {"fixed_cost": -1}, "fixed_cost", Reason.NEGATIVE),
        ("nodes", {"capacity_lines_per_day": "many"}, "capacity_lines_per_day", Reason.NOT_A_NUMBER),
        ("nodes", {}, "product_id", Reason.REPEATED_KEY),
        ("nodes", {"product_id": ""}, "product_id", Reason.REPEATED_KEY),
        ("replenishment", {"lead_time_days": -7}, "lead_time_days", Reason.NEGATIVE),
        ("replenishment", {"holding_rate": -0.1}, "holding_rate", Reason.NEGATIVE),
        ("replenishment", {"product_id": "p9"}, "product_id", Reason.UNKNOWN_PRODUCT),
        ("replenishment", {"warehouse": "Z"}, "warehouse", Reason.UNKNOWN_WAREHOUSE),
        ("replenishment", {"lead_time_days": 9}, "warehouse", Reason.REPEATED_KEY),
    ],
)
def test_a_row_that_breaks_the_contract_is_rejected_with_its_reason(
    tmp_path: Path, table: str, broken: Row, column: str, reason: Reason
) -> None:
    rows = [*SUPPLY[table], SUPPLY[table][0] | broken]
    if broken == {"product_id": ""} and table == "nodes":
        rows = [rows[1], rows[1]]
    with held(written(tmp_path, **{table: rows})) as (_, intake):
        rejected, counts = intake.rejected, row(intake.quality, table=table)
    assert rejected[["table", "column", "reason"]].to_numpy().tolist() == [[table, column, reason.value]]
    assert (counts["read"], counts["accepted"]) == (2, 1)


def test_typed_columns_are_held_to_the_same(tmp_path: Path) -> None:
    params = written(tmp_path)
    lanes = [LANE | {"weight_from_kg": 0, "weight_to_kg": weight} for weight in (0, 50, None)] + [LANE | {"days": -1}]
    pd.DataFrame(lanes).to_parquet(tmp_path / "data" / "lanes.parquet")
    with held(params) as (engine, intake):
        assert len(fetch_frame(engine, "SELECT * FROM lanes")) == 2
    assert set(intake.rejected["reason"]) == {Reason.NEGATIVE.value, Reason.EMPTY_RANGE.value}


@pytest.mark.parametrize(
    "named",
    [
        {"nodes": [OURS | {"warehouse": "Z"}]},
        {"inventory": [OURS | {"warehouse": "Z", "product_id": "p1", "date": "2019-01-01", "on_hand": 1}]},
    ],
)
def test_a_warehouse_is_known_by_lines_stock_of_any_day_or_nodes(tmp_path: Path, named: dict[str, list[Row]]) -> None:
    more = {"lanes": [LANE, LANE | {"warehouse": "Z"}], "replenishment": [STOCK, STOCK | {"warehouse": "Z"}]}
    with held(written(tmp_path, **named, **more)) as (_, intake):
        assert intake.rejected.empty


def test_a_warehouse_of_another_unit_alone_is_not_known(tmp_path: Path) -> None:
    lines = [*LINES, line("s1", warehouse="Z") | {"business_unit": "south"}]
    with held(written(tmp_path, lines, lanes=[LANE, LANE | {"warehouse": "Z"}])) as (_, intake):
        assert intake.rejected["reason"].tolist() == [Reason.UNKNOWN_WAREHOUSE.value]


def test_too_many_unknown_warehouses_say_where_a_new_one_goes(tmp_path: Path) -> None:
    params = written(tmp_path, lanes=[LANE | {"warehouse": "Z"}])
    with pytest.raises(
        DataError, match=r"lanes, warehouse: 1 of 1 rows rejected.*'Z'.*a new one goes into table nodes"
    ):
        compute(params, overrides=["quality.max_rejected_share=0.01"])


def test_a_missing_column_is_told_by_name(tmp_path: Path) -> None:
    lane = {name: value for name, value in LANE.items() if name != "days"}
    with pytest.raises(Problems, match=r"lanes\.csv: column 'days' is missing"):
        compute(written(tmp_path, lanes=[lane]))


def test_the_check_lists_them_and_what_they_would_unlock(tmp_path: Path) -> None:
    seen = {}
    for name, tables in (("without", {}), ("with", SUPPLY)):
        params = written(tmp_path / name, **tables)
        if not tables:  # a lever that reads them would be refused
            (params / "units" / "north.yml").write_text("strategy: {levers: {node: null}}\n")
        unit_run = open_run(params)
        try:
            found = unit_run.look(Period.parse(QUARTER))
        finally:
            unit_run.close()
        assert isinstance(found, Overview)
        seen[name] = found.text()
    assert (
        "lanes           absent: Ways that goods can go, with days and freight, for levers of ship mode"
        in seen["without"]
    )
    assert (
        "replenishment   absent: How the stock of a product in a warehouse is replenished, for levers of stock"
        in seen["without"]
    )
    assert "nodes           absent: Warehouses with what they ship and cost, for levers" in seen["without"]
    assert all(f"{name:<15} 1 rows" in seen["with"] for name in SUPPLY)


def test_no_cost_changes_by_what_only_levers_read(tmp_path: Path) -> None:
    plain, more = (compute(written(tmp_path / name, **tables)) for name, tables in (("a", {}), ("b", SUPPLY)))
    for name, table in plain.tables["profile"].items():
        if name != "quality":
            pd.testing.assert_frame_equal(more.tables["profile"][name], table)
