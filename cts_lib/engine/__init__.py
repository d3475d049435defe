"""Where SQL runs. Nothing outside this room knows a database."""

from cts_lib.engine.base import Engine, fetch_frame, fetch_rows, median
from cts_lib.engine.choice import open_engine
from cts_lib.engine.duckdb import DuckDB
from cts_lib.engine.quoting import quote, quoted

__all__ = ["DuckDB", "Engine", "fetch_frame", "fetch_rows", "median", "open_engine", "quote", "quoted"]
