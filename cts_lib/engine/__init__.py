"""Where SQL runs. Nothing outside this room knows a database."""

from cts_lib.engine.base import Engine, fetch_frame, fetch_rows
from cts_lib.engine.duckdb import DuckDB, pretty
from cts_lib.engine.intake import Intake, take_in
from cts_lib.engine.source import Source, attach
from cts_lib.errors import ParamsError

__all__ = [
    "DuckDB",
    "Engine",
    "Intake",
    "Source",
    "attach",
    "fetch_frame",
    "fetch_rows",
    "open_engine",
    "pretty",
    "take_in",
]


def open_engine(name: str) -> Engine:
    """Open the engine a unit's params name."""
    if name != "duckdb":
        raise ParamsError("source.engine", f"{name!r} is not available in this version", "use duckdb")
    return DuckDB()
