"""Tables of the evaluation: both strategies simulated, and how near that comes to what was observed."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, intervals, table
from cts_lib.names import CELL, totals


def comparison(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show current against proposed for the whole unit, with the interval of the difference."""
    shown = totals(frame, *CELL)
    shown = shown.assign(interval=intervals(shown, "low", "high", "change", reader))
    columns = {"kpi": "text", "current": "indicator", "proposed": "indicator", "difference": "change"}
    columns |= {"interval": "text", "verdict": "text"}
    note = reader.text("Central 90% interval of the difference between paired replications.")
    title = reader.text("Current against proposed, simulated")
    return table(shown, reader, columns, title, note=note)


def calibration(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how far the simulated current strategy is from what was observed."""
    columns = OF_CELL | {"kpi": "text", "observed": "indicator", "simulated": "indicator", "error": "percent"}
    shown = frame.assign(near_enough=frame["accepted"].map({True: "true", False: "false"}))
    shown = shown.reindex(frame["error"].abs().sort_values(ascending=False, kind="stable").index)
    title = reader.text("Simulated against observed, largest errors first")
    note = reader.text("Near enough: the 90% interval holds what was observed, or the error is small; see below.")
    return table(shown, reader, columns | {"near_enough": "text"}, title, note, rows=15)
