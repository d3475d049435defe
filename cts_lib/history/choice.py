"""Opens the history: the file beside the results, or the server that the environment names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import pandas as pd

from cts_lib.history.file import FileHistory
from cts_lib.history.rows import Rows

URL = "CTS_HISTORY_URL"
"""Names the environment variable that holds the address of a PostgreSQL database for the history."""


class History(Protocol):
    """Where the history stands."""

    def write(self, rows: Rows) -> None:
        """Keep the tables of a unit's period; what it held of them is replaced, and nothing else."""
        ...

    def read(self, name: str, unit: str) -> pd.DataFrame:
        """Return a table for one unit, empty where there is none."""
        ...


def open_history(out: Path) -> History:
    """Return the history of the results below a folder."""
    if url := os.environ.get(URL):
        from cts_lib.history.server import ServerHistory

        return ServerHistory(url)
    return FileHistory(out)
