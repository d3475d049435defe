"""The tables between stages and out of the workbook, declared once: columns, kinds, and which have total rows.

A stage's tables are held to these declarations before anything is written. Columns here are the least; tables may carry
more. ``business_unit`` and ``period`` come first in every stored table and are not repeated here.
"""

from __future__ import annotations

from functools import cache

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from cts_lib.errors import DataError
from cts_lib.tables import evaluate, govern, profile, segment, strategy
from cts_lib.tables.table import Table

__all__ = ["TABLES", "Table", "conform", "document"]

TABLES = (*profile.TABLES, *segment.TABLES, *strategy.TABLES, *evaluate.TABLES, *govern.TABLES)
_TYPES = {"str": "str", "float": "float64", "int": "int64", "bool": "bool", "date": "datetime64[s]"}
_BY_NAME = {table.name: table for table in TABLES}


@cache
def _schema(name: str) -> pa.DataFrameSchema:
    columns = {
        column: pa.Column(_TYPES[kind], nullable=nullable) for column, (kind, nullable) in _BY_NAME[name].kinds.items()
    }
    return pa.DataFrameSchema(columns, strict=False, name=name)


def conform(name: str, table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the table with its declared kinds; a column that is missing or cannot have its kind is a DataError."""
    kinds = {column: _TYPES[kind] for column, (kind, _) in _BY_NAME[name].kinds.items() if column in table}
    try:
        typed = table.astype(kinds)
        checked: pd.DataFrame = _schema(name).validate(typed)
    except (SchemaError, ValueError, TypeError) as error:
        raise DataError(f"{unit}, table {name}", str(error).splitlines()[0], "see docs/tables.md") from error
    return checked


def document() -> str:
    """Return docs/tables.md: every table with its columns."""
    parts = [
        "# Tables\n",
        "Under `<out>/<period>/<unit>/tables/`, one Parquet file a table; `business_unit` and `period` come first in "
        "each. Columns here are the least; `?` marks those that may be null. Money is in the unit's currency.\n",
    ]
    for table in TABLES:
        has = "Has total rows: `(all)` in segment or channel." if table.totals else "No total rows."
        rows = [f"| `{name}` | {kind}{'?' if null else ''} |" for name, (kind, null) in table.kinds.items()]
        parts.append(f"## {table.name}\n\nStage {table.stage}. {table.about} {has}\n")
        parts.append("\n".join(["| column | kind |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)
