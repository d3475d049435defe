"""The period's lines without the waits and shortages that the chain brings by itself.

A line leaves on the day it is meant to, or when the chain has done with it: what waits within the days that it has to
spare is not seen. What was observed holds the waits that were seen, so the chain is run on the actual lines first. As
many lines of a warehouse and channel as it makes late arrive in time, and of those in time as many as it makes leave
when it has done with them are meant to leave at once: those whose days are nearest to the simulated. Of the short lines
of simulated streams as many arrive in full as it makes short. Where capacities and rules are those of the period, the
chain brings all that back; where they are not, the simulation misses the period, and calibration says so.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.engine import fetch_frame
from cts_lib.evaluate.arrived import LINES, Arrived, Periods
from cts_lib.evaluate.chain import UNWAITED, UnitChain
from cts_lib.evaluate.done import as_done
from cts_lib.evaluate.small import stock_too_small, too_small
from cts_lib.model.drivers import Transactions
from cts_lib.simulate.chain import Whole
from cts_lib.simulate.days import pass_through

TIMES, FEWEST, LINES_PASSED = 20, 3, 4_000_000
"""So often the actual lines pass through the chain, each time with other lead times; many lines less often."""
_FIRST = 1_000_000
"""Their random numbers are those of replications that nobody simulates."""
_ACTUAL = "SELECT {table}.*, 'current' AS scenario, 0 AS replication FROM {table}"
_OBSERVED = f"""
  SELECT
    CAST(DENSE_RANK() OVER (ORDER BY COALESCE(line.warehouse, ''), line.channel) AS INTEGER) AS place,
    CAST(line.spare AS INTEGER) AS days,
    CAST(COALESCE(
      line.spare + DATE_DIFF('day', COALESCE(line.delivered_date, line.shipped_date), line.promised_date) + :late_days,
      line.spare
    ) AS INTEGER) AS most,
    line.quantity > 0 AS sold,
    line.quantity > 0 AND COALESCE(line.delivered_quantity < line.quantity, FALSE) AS short,
    CAST(ROW_NUMBER() OVER (ORDER BY MD5(CONCAT(line.order_id, '/', line.line_no)), line._row) AS INTEGER) AS turn
  FROM {LINES} AS line
  ORDER BY line._row
"""
"""``days`` from order to leaving, of which there can be ``most`` for a line to be in time; ``place`` numbers warehouses
and channels, ``turn`` shuffles the lines. They are many, so that each figure is a small one."""


def leave_unwaited(chain: UnitChain) -> UnitChain:
    """Leave relation `UNWAITED`: the period's lines on the days on which they would leave if nothing waited.

    Returns the chain whose days can do what they did, without resources and stock that have too little work to wait
    for.
    """
    engine = chain.engine
    engine.create("observed_lines", _ACTUAL.format(table="lines"), view=True)
    engine.create("observed_events", _ACTUAL.format(table="events"), view=True)
    actual = Transactions("observed_lines", "observed_events", ("scenario", "replication"))
    one = Periods(["current"], 1)
    comes, busy = chain.coming(actual, one), chain.busy(actual, one).get(0, np.zeros(len(chain.steady)))
    found = [Arrived(comes.row, comes.lines, comes.work, busy)] if len(comes.row) else []
    for each in found:
        chain = replace(
            chain, resources=as_done(chain.resources, chain.calendar.period, each, each.busy + chain.steady)
        )
    if small := too_small(chain.setup(), found, chain.steady):
        chain, kept = chain.without(small), [name not in small for name in chain.resources.names]
        found = [each.of(np.flatnonzero(kept)) for each in found]
    if stock_too_small(chain.setup(), found):
        chain = chain.without_stock()
        found = [replace(each, lines=replace(each.lines, stream=each.lines.stream * 0 - 1)) for each in found]
    observed = fetch_frame(
        engine, sql.filled(_OBSERVED, None, late_days=chain.unit.params.governance.on_time.late_days)
    )
    times = max(FEWEST, min(TIMES, LINES_PASSED // max(1, len(observed))))
    took, short = np.zeros((times, len(observed)), "int32"), np.zeros((times, len(observed)), bool)
    setup, lost = chain.setup(), np.zeros(len(observed), bool)
    for each in found:
        for time in range(times):
            passed = pass_through(setup, each.lines, each.work, each.busy + chain.steady, _FIRST + time)
            took[time, each.row - 1], short[time, each.row - 1] = passed.took, passed.filled < each.lines.quantity
        lost[each.row - 1] = np.append(setup.stock.is_lost, False)[each.lines.stream]
    days, mended = np.zeros(len(observed), "int64"), np.zeros(len(observed), "int64")
    is_sold, is_short = (observed[name].to_numpy(bool) for name in ("sold", "short"))
    for rows in observed.groupby("place").indices.values():
        sold = np.asarray(rows)[is_sold[rows]]
        days[sold] = _taken_off(observed.take(sold), took[:, sold])
        candidates = sold[is_short[sold] & lost[sold]]
        explained = min(len(candidates), round(float(short[:, sold].sum()) / times))
        mended[candidates[np.argsort(observed["turn"].to_numpy()[candidates])][:explained]] = 1
    changed = (days > 0) | (mended > 0)
    table = pd.DataFrame({"_row": np.arange(1, len(observed) + 1), "days": days, "mended": mended})
    engine.register("todays_waits", table[changed])
    engine.create(UNWAITED, sql.load("unwaited_lines", {"transactions": LINES}))
    return chain


def _taken_off(observed: pd.DataFrame, took: Whole) -> Whole:
    """Return by how many days each line leaves earlier if nothing waits."""
    days, most, turn = (observed[name].to_numpy("int64") for name in ("days", "most", "turn"))
    off, is_late = np.zeros(len(days), "int64"), days > most
    is_seen, is_made_late = (took > 0) & (took >= days), took > most
    in_time = np.flatnonzero(~is_late & (days > 0))
    off_time = in_time[np.lexsort((turn[in_time], -days[in_time]))]
    matched = off_time[_nearest(days[off_time], _one_of(took[is_seen & ~is_made_late], len(took)))]
    off[matched] = days[matched]
    early = most - days + off
    usual = int(np.median(early[~is_late])) if not is_late.all() else 0
    late = np.flatnonzero(is_late)
    late = late[np.lexsort((turn[late], -days[late], most[late] - days[late]))]
    made_late = np.nonzero(is_seen & is_made_late)
    matched = late[_nearest((days - most)[late], _one_of(took[made_late] - most[made_late[1]], len(took)))]
    off[matched] = days[matched] - np.clip(most[matched] - usual, 0, days[matched])
    return off


def _one_of(simulated: Whole, times: int) -> Whole:
    """Return what a single time of all those simulated brings, the largest first."""
    return np.sort(simulated)[::-1][times // 2 :: times]


def _nearest(observed: Whole, simulated: Whole) -> Whole:
    """Return for each simulated figure which of the observed it is nearest to; both have the largest first.

    >>> _nearest(np.array([9, 4, 3, 1]), np.array([4, 2]))
    array([1, 3])
    """
    simulated = simulated[: len(observed)]
    own = np.arange(len(simulated))
    first = np.searchsorted(-observed, -simulated)
    return np.minimum(np.maximum.accumulate(first - own) + own, len(observed) - len(simulated) + own)
