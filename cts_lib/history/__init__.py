"""The history of all periods: indicators, segments, actions, the bridge and the plan of every unit.

It stands in ``history.duckdb`` beside the results, or, where ``CTS_HISTORY_URL`` is set, in a PostgreSQL database.
"""

from cts_lib.history.choice import URL, History, open_history
from cts_lib.history.rows import TABLES, Rows, rows_of

__all__ = ["TABLES", "URL", "History", "Rows", "open_history", "rows_of"]
