"""Where SQL runs. Nothing outside this room knows a database."""

from cts_lib.engine.base import (
    Engine,
    count_rows,
    fetch_frame,
    fetch_row,
    fetch_rows,
    fetch_value,
    fetch_values,
    median,
)
from cts_lib.engine.choice import open_engine
from cts_lib.engine.duckdb import DuckDB
from cts_lib.engine.quoting import quote, quoted

__all__ = [
    "DuckDB",
    "Engine",
    "count_rows",
    "fetch_frame",
    "fetch_row",
    "fetch_rows",
    "fetch_value",
    "fetch_values",
    "median",
    "open_engine",
    "quote",
    "quoted",
]
