"""Writes all mappings of a workbook, with the notation that they leave to params."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine.base import Engine
from cts_lib.params import Formats
from cts_lib.start.keyed import keyed
from cts_lib.start.lines import OrderLines
from cts_lib.start.mapping import Mapping
from cts_lib.start.other import OtherTables
from cts_lib.start.plan import Plan
from cts_lib.start.reading import Reading
from cts_lib.tables.inputs import CUSTOMERS, INPUTS, PRODUCTS


@dataclass
class Mappings:
    """All mappings, the notation that they leave to params, the units, and columns that repeat an order's amount."""

    formats: Formats
    tables: dict[str, Mapping]
    units: dict[str, str]
    repeated: list[str]


def write_mappings(engine: Engine, plan: Plan, default_unit: str, currency: str | None = None) -> Mappings:
    """Return the mapping of every table that the files hold, and of customers and products that only lines know.

    ``currency`` is the unit's where a column or the headings name it.
    """
    reading = Reading.of(engine, plan)
    of_lines = OrderLines(reading, default_unit)
    tables = {"order_lines": of_lines.write()}
    for contract in (CUSTOMERS, PRODUCTS):
        tables[contract.name] = keyed(reading, contract, tables["order_lines"])
    others = OtherTables(reading, next(iter(of_lines.units.values())), currency)
    for contract in INPUTS:
        if contract.name in plan.files and contract.name not in tables:
            tables[contract.name] = others.write(contract)
    return Mappings(reading.formats, tables, of_lines.units, of_lines.repeated)
