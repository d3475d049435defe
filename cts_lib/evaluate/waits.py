"""The period's lines without the waits and shortages that the chain brings by itself.

What was observed holds today's waits already. The chain is run on the actual lines first; then the latest lines of a
warehouse and channel lose the longest waits that it simulates there, and of the short lines of simulated streams as
many arrive in full as it makes short. Where capacities and rules are those of the period, what is left waits again as
it did; where they are not, the simulation misses the period, and calibration says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.engine import fetch_frame
from cts_lib.evaluate.arrived import LINES
from cts_lib.evaluate.chain import UNWAITED, UnitChain
from cts_lib.model.drivers import Transactions
from cts_lib.simulate.days import pass_through

TIMES = 20
"""So often the actual lines pass through the chain, each time with other lead times."""
_FIRST = 1_000_000
"""Their random numbers are those of replications that nobody simulates."""
_LAG = (
    "SELECT line.*, 'current' AS scenario, 0 AS replication, CAST(GREATEST(COALESCE(DATE_DIFF('day', line.order_date, "
    "COALESCE(line.shipped_date, line.delivered_date)), 0), 0) AS BIGINT) AS _lag FROM lines AS line"
)
_OBSERVED = f"""
  SELECT
    COALESCE(line.warehouse, '') AS warehouse,
    line.channel,
    line._lag,
    COALESCE(DATE_DIFF('day', line.promised_date, COALESCE(line.delivered_date, line.shipped_date)), line._lag) AS late,
    CASE WHEN line.quantity > 0 THEN 1 ELSE 0 END AS sold,
    CASE WHEN line.quantity > 0 AND line.delivered_quantity < line.quantity THEN 1 ELSE 0 END AS short,
    MD5(CONCAT(line.order_id, '/', line.line_no)) AS hash
  FROM {LINES} AS line
  ORDER BY line._row
"""


def leave_unwaited(chain: UnitChain) -> None:
    """Leave relation `UNWAITED`: the period's lines, with ``_lag``, the days from order to leaving that are left."""
    engine = chain.engine
    engine.create("lagging_lines", _LAG, view=True)
    engine.create("lagging_events", "SELECT events.*, 'current' AS scenario, 0 AS replication FROM events", view=True)
    found = chain.arrived(Transactions("lagging_lines", "lagging_events", ("scenario", "replication")))
    observed = fetch_frame(engine, _OBSERVED)
    waits, short = np.zeros((TIMES, len(observed))), np.zeros((TIMES, len(observed)))
    setup = chain.setup()
    for each in found:
        for time in range(TIMES):
            passed = pass_through(setup, each.lines, each.work, each.busy + chain.steady, _FIRST + time)
            waits[time, each.row - 1], short[time, each.row - 1] = passed.wait, passed.filled < each.lines.quantity
    lost = np.zeros(len(observed), bool)
    for each in found:
        is_lost = np.append(setup.stock.is_lost, False)
        lost[each.row - 1] = is_lost[each.lines.stream]
    observed["turn"] = observed["hash"].rank(method="first").to_numpy("int64") - 1
    days, mended = np.zeros(len(observed), "int64"), np.zeros(len(observed), "int64")
    for rows in observed.groupby(["warehouse", "channel"], sort=True).indices.values():
        sold = rows[observed["sold"].to_numpy()[rows] == 1]
        days[sold] = _taken_off(observed.iloc[sold], waits[:, sold])
        candidates = sold[(observed["short"].to_numpy()[sold] == 1) & lost[sold]]
        explained = min(len(candidates), round(float(short[:, sold].sum()) / TIMES))
        mended[candidates[np.argsort(observed["turn"].to_numpy()[candidates])][:explained]] = 1
    changed = (days > 0) | (mended > 0)
    table = pd.DataFrame({"_row": np.arange(1, len(observed) + 1), "days": days, "mended": mended})
    engine.register("todays_waits", table[changed])
    engine.create(UNWAITED, sql.load("unwaited_lines", {"transactions": LINES}))


def _taken_off(observed: pd.DataFrame, waits: np.ndarray) -> np.ndarray:
    """Return the whole days that each line's lag loses; a broken part of a day by the line's turn."""
    longest = np.lexsort((observed["turn"].to_numpy(), -observed["_lag"].to_numpy(), -observed["late"].to_numpy()))
    simulated = np.sort(waits.ravel())[::-1].reshape(len(longest), len(waits)).mean(axis=1)
    days = np.empty(len(longest), "int64")
    broken = (observed["turn"].to_numpy()[longest] * 0.6180339887498949) % 1
    days[longest] = np.floor(simulated + broken + 1e-9)
    return np.asarray(np.minimum(days, observed["_lag"].to_numpy("int64")))
