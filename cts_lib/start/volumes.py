"""Measures what the mapped lines hold, read as the workbook reads them: money, days, and how much work of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cts_lib.engine import (
    Engine,
    count_rows,
    fetch_row,
    fetch_rows,
    fetch_value,
    fetch_values,
    median,
    open_engine,
    quote,
)
from cts_lib.intake.cells import Cell, absent
from cts_lib.intake.dated import day_of
from cts_lib.intake.exchange import CURRENCY, exchanged, joined, keep_rates
from cts_lib.intake.source import Source as Attached
from cts_lib.intake.source import attach
from cts_lib.params import CostModel, Params, UnitParams
from cts_lib.params.period import Period
from cts_lib.params.sections import Unit
from cts_lib.params.source import Source
from cts_lib.tables.column import Kind
from cts_lib.tables.inputs import EVENTS, EXCHANGE_RATES, LEDGER, ORDER_LINES, PRODUCTS

PICKED = "LEAST(0.05*quantity, 30)"
"""Minutes that the units of a line add to fetching it."""
_TEXTS = ("business_unit", "order_id", "customer_id", "shipment_id", "priority")
_NUMBERS = ("quantity", "net_sales", "cogs", "weight_kg", "returned_quantity", "freight_cost", "distance_km")


@dataclass(frozen=True)
class Volumes:
    """What a unit's lines hold in all and in one period.

    ``work`` is by grain and driver (``""`` counts things of the grain), ``known`` names what the data tell beyond the
    required columns, ``booked`` what the ledger has of each resource. ``uncosted`` counts the lines of all days
    that have no cost of goods, ``margin`` is the gross margin of those that have one, as a share of net sales;
    ``order`` is what half of the period's orders are below.
    """

    rows: int
    money: float
    first: date | None
    last: date | None
    period: Period | None
    sales: float
    work: Mapping[tuple[str, str], float]
    known: frozenset[str]
    fits: bool
    customers: int = 0
    booked: Mapping[str, float] = field(default_factory=dict)
    uncosted: int = 0
    margin: float = 0.0
    order: float = 0.0


def measure(root: Path, source: Source, units: Mapping[str, str], currency: str = "EUR") -> dict[str, Volumes]:
    """Return what the lines of each unit hold; what no workbook could read raises as it would there."""
    params = Params(unit=Unit(currency=currency), source=source, cost_model=CostModel(resources={}, activities={}))
    engine = open_engine(source, root)
    try:
        found = attach(engine, UnitParams("start", params, {}, root / "params"))
        cells = found.cells(ORDER_LINES)
        texts = {name: _value(cells, name, Kind.TEXT) for name in _TEXTS}
        numbers = {name: _value(cells, name, Kind.NUMBER) for name in _NUMBERS}
        day, rates = day_of(cells), ""
        if CURRENCY in found.columns[ORDER_LINES.name]:
            keep_rates(engine, found.cells(EXCHANGE_RATES))
            numbers |= {name: exchanged(numbers[name], currency) for name in ("net_sales", "cogs")}
            rates = joined(day)
        numbers["cogs"] = f"COALESCE({numbers['cogs']}, {numbers['quantity']} * costs.unit_cost)"
        rates += _join_costs(engine, found, cells)
        shown = ", ".join(f"{sql} AS {name}" for name, sql in ({"day": day} | texts | numbers).items())
        engine.create("started", f"SELECT {shown} FROM raw_order_lines AS raw{rates}")
        days = {
            unit: fetch_value(engine, f"SELECT MAX(day) AS day FROM started WHERE business_unit = {quote(value)}")
            for unit, value in units.items()
        }
        newest = max((Period.newest_quarter(day) for day in days.values() if day), default=None)
        known = {"payment_terms_days"} & set(found.columns["customers"]) | {"unit_cost"} & set(
            found.columns["products"]
        )
        known |= {"cogs"} & set(cells)
        if found.has(EVENTS):
            event = found.cells(EVENTS)["event"].value(Kind.TEXT)
            known |= {
                row["event"] for row in fetch_rows(engine, f"SELECT DISTINCT {event} AS event FROM raw_events AS raw")
            }
        booked = _booked(engine, found.cells(LEDGER)) if found.has(LEDGER) else {}
        return {
            unit: replace(_volumes(engine, value, newest, days[unit], frozenset(known)), booked=booked.get(value, {}))
            for unit, value in units.items()
        }
    finally:
        engine.close()


def _value(cells: Mapping[str, Cell], name: str, kind: Kind) -> str:
    return cells[name].value(kind) if name in cells else absent(kind)


def _join_costs(engine: Engine, found: Attached, lines: Mapping[str, Cell]) -> str:
    """Leave ``costs``, what a unit of each product costs, and return the join of the raw lines with it."""
    cells = found.cells(PRODUCTS)
    cost = _value(cells, "unit_cost", Kind.NUMBER)
    product = cells["product_id"].value(Kind.TEXT)
    engine.create(
        "costs", f"SELECT {product} AS product_id, MIN({cost}) AS unit_cost FROM raw_products AS raw GROUP BY 1"
    )
    return f" LEFT JOIN costs ON costs.product_id = {lines['product_id'].value(Kind.TEXT)}"


def _booked(engine: Engine, cells: Mapping[str, Cell]) -> dict[str, dict[str, float]]:
    """Return what the ledger has of each resource in all, by business unit."""
    unit, resource = (cells[name].value(Kind.TEXT) for name in ("business_unit", "resource"))
    rows = fetch_rows(
        engine,
        f"SELECT {unit} AS unit, {resource} AS resource, SUM({cells['amount'].value(Kind.NUMBER)}) AS amount "
        "FROM raw_ledger AS raw GROUP BY 1, 2 ORDER BY 1, 2",
    )
    booked: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["resource"]:
            booked.setdefault(row["unit"], {})[row["resource"]] = row["amount"] or 0.0
    return booked


def _volumes(engine: Engine, value: str, newest: Period | None, last: date | None, known: frozenset[str]) -> Volumes:
    inside = of_unit = f"started WHERE business_unit = {quote(value)}"
    whole = fetch_row(
        engine,
        f"SELECT COUNT(*) AS n, COALESCE(SUM(net_sales), 0) AS money, MIN(day) AS first, "
        f"COUNT(DISTINCT customer_id) AS customers, COUNT(CASE WHEN cogs IS NULL THEN 1 END) AS uncosted, "
        f"SUM(CASE WHEN cogs IS NOT NULL THEN net_sales - cogs END) AS margin, "
        f"SUM(CASE WHEN cogs IS NOT NULL THEN net_sales END) AS costed FROM {of_unit}",
    )
    fits, period = False, newest
    for candidate in [newest, Period.containing(last, 1)] if newest and last else []:
        of_period = f"{of_unit} AND day >= DATE '{candidate.start}' AND day < DATE '{candidate.end}'"
        if count_rows(engine, of_period):
            fits, period, inside = candidate == newest, candidate, of_period
            break
    order, shipment = "customer_id || chr(31) || order_id", "customer_id || chr(31) || COALESCE(shipment_id, order_id)"
    asked = {
        ("order", ""): f"COUNT(DISTINCT {order})",
        ("order", "lines"): "COUNT(*)",
        ("order", "rush"): f"COUNT(DISTINCT CASE WHEN priority = 'rush' THEN {order} END)",
        ("sold order", ""): f"COUNT(DISTINCT CASE WHEN quantity > 0 THEN {order} END)",
        ("sold order", "lines"): "COUNT(CASE WHEN quantity > 0 THEN 1 END)",
        ("sold shipment", ""): f"COUNT(DISTINCT CASE WHEN quantity > 0 THEN {shipment} END)",
        ("sold shipment", "lines"): "COUNT(CASE WHEN quantity > 0 THEN 1 END)",
        ("returns", ""): f"COUNT(DISTINCT CASE WHEN quantity < 0 OR returned_quantity > 0 THEN {order} END)",
        ("returns", "return_lines"): "COUNT(CASE WHEN quantity < 0 THEN 1 END)",
        ("line", ""): "COUNT(CASE WHEN quantity > 0 THEN 1 END)",
        ("line", PICKED): f"SUM(CASE WHEN quantity > 0 THEN {PICKED} ELSE 0 END)",
        ("shipment", ""): f"COUNT(DISTINCT {shipment})",
        ("shipment", "lines"): "COUNT(*)",
        ("shipment", "weight_kg"): "SUM(ABS(weight_kg))",
        ("shipment", "distance_km"): "SUM(ABS(distance_km))",
        ("line", "freight_cost"): "SUM(ABS(freight_cost))",
        ("line", "net_sales"): "SUM(net_sales)",
    }
    answers = fetch_values(engine, {key: f"CAST({sql} AS DOUBLE)" for key, sql in asked.items()}, inside)
    work = {key: float(answer or 0) for key, answer in answers.items()}
    told = {
        name
        for name, key in {
            "rush": ("order", "rush"),
            "returns": ("returns", ""),
            "weight_kg": ("shipment", "weight_kg"),
            "distance_km": ("shipment", "distance_km"),
            "freight_cost": ("line", "freight_cost"),
        }.items()
        if work[key]
    }
    sales = work["line", "net_sales"]
    sold = f"SELECT CAST(SUM(net_sales) AS DOUBLE) AS value FROM {inside} GROUP BY {order} HAVING MAX(quantity) > 0"
    return Volumes(
        whole["n"], whole["money"], whole["first"], last, period, sales, work, known | told, fits, whole["customers"],
        uncosted=whole["uncosted"], margin=whole["margin"] / whole["costed"] if whole["costed"] else 0.0,
        order=median(engine, sold) or 0.0,
    )  # fmt: skip
