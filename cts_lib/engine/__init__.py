"""Where SQL runs. Nothing outside this room knows a database."""

from cts_lib.engine.base import Engine, fetch_frame, fetch_rows
from cts_lib.engine.cells import quoted
from cts_lib.engine.choice import open_engine
from cts_lib.engine.duckdb import DuckDB
from cts_lib.engine.intake import Intake, take_in
from cts_lib.engine.source import Source, attach

__all__ = [
    "DuckDB",
    "Engine",
    "Intake",
    "Source",
    "attach",
    "fetch_frame",
    "fetch_rows",
    "open_engine",
    "quoted",
    "take_in",
]
