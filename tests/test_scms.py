"""The pharmaceutical supply chain example: its mapping and its costing agree with the published file."""

from __future__ import annotations

import csv
import gzip
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from cts_lib import jobs
from cts_lib.intake.source import fill

pytestmark = pytest.mark.scms

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "examples" / "scms" / "sources"
DATA = (ROOT / os.environ.get("CTS_DATA", "../shared/data")).resolve()
BANDS = [100, 500, 2_000, 10_000]
"""Kilograms at which a weight band of the lanes begins, beside the first."""
INCLUDED = "Freight Included in Commodity Cost"

Row = dict[str, str]


def number(text: str) -> Decimal | None:
    """A figure of the file, or nothing where words stand in its place."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def day(text: str, pattern: str = "%d-%b-%y") -> date | None:
    """A date of the file, or nothing where words stand in its place."""
    try:
        return datetime.strptime(text, pattern).date()
    except ValueError:
        return None


def anchor(row: Row) -> str:
    """The ID of the line that bears the freight of this line's shipment: its own, if it refers to no other."""
    reference = re.search(r"\(ID#:(\d+)\)", row["Freight Cost (USD)"])
    return reference.group(1) if reference else row["ID"]


def total(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


@pytest.fixture(scope="module")
def published() -> dict[str, Row]:
    """The file as published, by line ID, read without any part of the mapping."""
    path = DATA / "scms" / "SCMS_Delivery_History_Dataset.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        return {row["ID"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def mapped() -> duckdb.DuckDBPyConnection:
    """The canonical tables that the mapping yields."""
    connection = duckdb.connect()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CTS_DATA", str(DATA))
        for path in sorted(SOURCES.glob("*.sql")):
            query = fill(path.read_text(encoding="utf-8"), SOURCES.parent)
            connection.execute(f"CREATE TABLE {path.stem} AS {query}")
    return connection


@pytest.fixture(scope="module")
def freight(mapped: duckdb.DuckDBPyConnection) -> dict[str, tuple[Decimal | None, str]]:
    """Allocated freight and its terms by line ID."""
    rows = mapped.execute("SELECT CAST(line_no AS VARCHAR), freight_cost, freight_terms FROM order_lines").fetchall()
    return {line: (cost, terms) for line, cost, terms in rows}


def test_the_mapping_keeps_every_line_of_the_file_once(
    mapped: duckdb.DuckDBPyConnection, published: dict[str, Row]
) -> None:
    keys = mapped.execute("SELECT business_unit, order_id, CAST(line_no AS VARCHAR) FROM order_lines").fetchall()
    assert len(keys) == len(published) == 10_324
    assert set(keys) == {(row["Product Group"], row["PO / SO #"], row["ID"]) for row in published.values()}


def test_line_value_of_each_unit_and_year_agrees_with_the_file_to_the_cent(
    mapped: duckdb.DuckDBPyConnection, published: dict[str, Row]
) -> None:
    expected: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in published.values():
        delivered = day(row["Delivered to Client Date"])
        assert delivered is not None
        expected[row["Product Group"], delivered.year] += Decimal(row["Line Item Value"])
    found = mapped.execute("SELECT business_unit, YEAR(posting_date), SUM(net_sales) FROM order_lines GROUP BY ALL")
    assert {(unit, year): value for unit, year, value in found.fetchall()} == expected


def test_every_stated_freight_is_found_again_in_the_shipment_it_was_stated_for(
    freight: dict[str, tuple[Decimal | None, str]], published: dict[str, Row]
) -> None:
    allocated: dict[str, Decimal] = defaultdict(Decimal)
    for line, row in published.items():
        allocated[anchor(row)] += freight[line][0] or Decimal(0)
    stated = {line: number(row["Freight Cost (USD)"]) for line, row in published.items()}
    assert all(allocated[line] == cost for line, cost in stated.items() if cost is not None)
    assert total(allocated.values()) == total(stated.values()) == Decimal("68817849.41")


def test_no_line_pays_negative_freight_and_no_reference_stays_without_its_share(
    freight: dict[str, tuple[Decimal | None, str]], published: dict[str, Row]
) -> None:
    for line, row in published.items():
        borne = published[anchor(row)]["Freight Cost (USD)"]
        cost, terms = freight[line]
        if number(borne) is not None:
            assert cost is not None and cost >= 0 and terms in ("stated", "split over shipment")
        elif borne == INCLUDED:
            assert (cost, terms) == (Decimal(0), "included in price")
        else:
            assert (cost, terms) == (None, "invoiced separately")


def test_freight_is_split_by_line_value_within_a_cent_a_line(
    freight: dict[str, tuple[Decimal | None, str]], published: dict[str, Row]
) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for line, row in published.items():
        groups[anchor(row)].append(line)
    for bearer, lines in groups.items():
        stated = number(published[bearer]["Freight Cost (USD)"])
        value = total(Decimal(published[line]["Line Item Value"]) for line in lines)
        if stated is None:
            continue
        for line in lines:
            share = Decimal(published[line]["Line Item Value"]) / value if value else Decimal(1) / len(lines)
            assert abs((freight[line][0] or 0) - stated * share) <= Decimal("0.01") * len(lines)


def test_consolidated_shipments_cross_no_unit_customer_or_day(published: dict[str, Row]) -> None:
    same = ("Product Group", "Country", "Project Code", "Delivered to Client Date", "ASN/DN #")
    references = [row for line, row in published.items() if anchor(row) != line]
    assert len(references) == 2_445
    assert all(row[key] == published[anchor(row)][key] for row in references for key in same)


def test_stated_weight_is_kept_in_total(mapped: duckdb.DuckDBPyConnection, published: dict[str, Row]) -> None:
    stated = total(number(row["Weight (Kilograms)"]) for row in published.values())
    assert mapped.execute("SELECT SUM(weight_kg) FROM order_lines").fetchall() == [(stated,)]
    assert mapped.execute("SELECT COUNT(*) FROM order_lines WHERE weight_kg < 0").fetchall() == [(0,)]


def test_order_date_is_the_first_real_date_of_purchase_order_quote_and_schedule(
    mapped: duckdb.DuckDBPyConnection, published: dict[str, Row]
) -> None:
    rows = mapped.execute("SELECT CAST(line_no AS VARCHAR), order_date, promised_date FROM order_lines").fetchall()
    for line, ordered, promised in rows:
        row = published[line]
        scheduled = day(row["Scheduled Delivery Date"])
        purchase = day(row["PO Sent to Vendor Date"], "%m/%d/%y")
        assert promised == scheduled is not None
        assert ordered == (purchase or day(row["PQ First Sent to Client Date"], "%m/%d/%y") or scheduled)


def test_every_line_has_one_customer_and_one_product_and_every_customer_a_place(
    mapped: duckdb.DuckDBPyConnection,
) -> None:
    known = mapped.execute(
        "SELECT COUNT(*) FROM order_lines JOIN customers USING (customer_id) JOIN products USING (product_id)"
    )
    assert known.fetchall() == [(10_324,)]
    assert mapped.execute("SELECT COUNT(*), COUNT(DISTINCT product_id) FROM products").fetchall() == [(184, 184)]
    customers = mapped.execute(
        "SELECT COUNT(*), COUNT(DISTINCT customer_id), COUNT(latitude), COUNT(region) FROM customers"
    )
    assert customers.fetchall() == [(142, 142, 142, 142)]


def test_words_for_nothing_become_nulls(mapped: duckdb.DuckDBPyConnection) -> None:
    counts = mapped.execute(
        "SELECT COUNT(*) FILTER (ship_mode IS NULL), COUNT(*) FILTER (incoterm IS NULL AND channel = 'From RDC') "
        "FROM order_lines"
    )
    assert counts.fetchall() == [(360, 5_404)]


def test_each_mapping_lists_its_assumptions() -> None:
    for table in ("customers", "products", "order_lines", "lanes", "nodes"):
        lines = (SOURCES / f"{table}.sql").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("-- Reads")
        assert any(line.startswith("-- assumption: ") for line in lines)


@pytest.mark.parametrize(("unit", "year", "until"), [("arv", 2010, "profile"), ("hrdt", 2012, "strategy")])
def test_a_computed_year_holds_the_money_of_the_file_to_the_cent(
    unit: str, year: int, until: str, published: dict[str, Row], tmp_path: Path
) -> None:
    options = ["--params", "examples/scms/params", "--unit", unit, "--period", str(year), "--out", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "cts_lib.cli", "compute", *options, "--until", until],
        cwd=ROOT,
        env=os.environ | {"CTS_DATA": str(DATA)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    tables = tmp_path / str(year) / unit / "tables"

    def amount(query: str) -> Decimal:
        (value,) = duckdb.execute(query.format(tables=tables)).fetchall()[0]
        return round(Decimal(value or 0), 2)

    rows = [row for row in published.values() if row["Product Group"] == unit.upper()]
    rows = [row for row in rows if row["Delivered to Client Date"].endswith(f"-{year % 100}")]
    accepted = amount("SELECT SUM(net_sales) FROM '{tables}/customer_channel_profit.parquet'")
    rejected = amount("SELECT SUM(money) FROM '{tables}/rejected_rows.parquet' WHERE \"table\" = 'order_lines'")
    assert accepted + rejected == total(Decimal(row["Line Item Value"]) for row in rows)
    assert rejected == 0

    freight = amount("SELECT SUM(cost) FROM '{tables}/customer_costs.parquet' WHERE activity = 'freight'")
    assert freight == total(number(row["Freight Cost (USD)"]) for row in rows)
    insurance = amount("SELECT SUM(cost) FROM '{tables}/customer_costs.parquet' WHERE activity = 'insurance'")
    assert insurance == total(number(row["Line Item Insurance (USD)"]) for row in rows)


def learnt(published: dict[str, Row], regions: dict[str, str]) -> dict[tuple[str, int], float]:
    """USD a kilogram by truck from the centres for HIV medicines, by country and band, as pandas learns it."""
    file = pd.DataFrame(published.values())
    file = file[(file["Product Group"] == "ARV") & (file["Fulfill Via"] == "From RDC")]
    file = file[file["Shipment Mode"] == "Truck"].assign(region=file["Country"].map(regions))
    for name in ("Freight Cost (USD)", "Weight (Kilograms)"):
        file[name] = pd.to_numeric(file[name], errors="coerce")
    sums = file.groupby(["Country", "region", "ASN/DN #"], as_index=False)[
        ["Freight Cost (USD)", "Weight (Kilograms)"]
    ].sum()
    sums = sums[(sums["Freight Cost (USD)"] > 0) & (sums["Weight (Kilograms)"] > 0)]
    sums["rate"] = sums["Freight Cost (USD)"] / sums["Weight (Kilograms)"]
    sums["band"] = np.searchsorted(BANDS, sums["Weight (Kilograms)"], side="right")
    known = {
        place: {key: rates.median() for key, rates in sums.groupby([place, "band"])["rate"] if len(rates) >= 5}
        for place in ("Country", "region")
    }
    reached = sums["Country"].value_counts()
    return {
        (country, band): known["Country"].get((country, band), rate)
        for country in reached.index[reached >= 5]
        for (region, band), rate in known["region"].items()
        if region == regions[country]
    }


def test_what_goes_by_truck_instead_of_air_pays_what_trucks_cost_in_the_file(
    mapped: duckdb.DuckDBPyConnection, published: dict[str, Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTS_DATA", str(DATA))
    params, stages = ROOT / "examples" / "scms" / "params", ("profile", "segment", "strategy")
    order = jobs.Order(params, tmp_path / "reports", units=["arv"], periods=["2010"], stages=stages)
    assert jobs.work(order, report=False) == 0
    for plan, name in (("current", "now"), ("air_to_truck: from the centres", "then")):
        jobs.replay(order, plan, tmp_path / name)
    now, then = (
        pd.concat(map(pd.read_parquet, (tmp_path / name).rglob("order_lines*.parquet"))) for name in ("now", "then")
    )
    lines = now.merge(then, on=["order_id", "line_no"], suffixes=("", "_then"), validate="one_to_one")
    assert len(lines) == len(now) == len(then)

    moved = lines[lines["ship_mode"] != lines["ship_mode_then"]]
    pd.testing.assert_series_equal(
        lines["freight_cost"].drop(moved.index), lines["freight_cost_then"].drop(moved.index), check_names=False
    )
    assert set(moved["ship_mode_then"]) == {"Truck"}
    countries = dict(mapped.execute("SELECT customer_id, country FROM customers").fetchall())
    regions = dict(mapped.execute("SELECT DISTINCT country, region FROM customers").fetchall())
    rates = learnt(published, regions)
    shipments = moved.groupby(["customer_id", "shipment_id"])[["weight_kg", "freight_cost_then"]].sum()
    assert len(shipments) > 20
    for (customer, shipment), row in shipments.iterrows():
        country, band = countries[customer], int(np.searchsorted(BANDS, row["weight_kg"], side="right"))
        assert row["freight_cost_then"] == pytest.approx(rates[country, band] * row["weight_kg"], abs=0.005), shipment
    days = pd.to_datetime(moved["delivered_date_then"]) - pd.to_datetime(moved["delivered_date"])
    assert set(days.dt.days) == {206 - 122}
