"""One simulated period under a plan, as canonical tables with params that fix today's prices.

``cts compute --until profile`` on them gives what stage evaluate says of that replication, so that anybody can look at
the orders behind an interval.
"""

from __future__ import annotations

from pathlib import Path

from cts_lib.errors import ParamsError
from cts_lib.evaluate.prepare import prepare
from cts_lib.params.labels import nearest
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT, PROPOSED
from cts_lib.replay.pricing import with_levers
from cts_lib.run.replayed import Priced, check_new, columns_of, write
from cts_lib.run.stages import Results
from cts_lib.run.unit import UnitRun

_PARTS = (
    "SELECT part.* REPLACE (line.order_id AS order_id, part.delivered_date + CAST(line._moved AS INTEGER) AS "
    "delivered_date, part.shipped_date + CAST(line._moved AS INTEGER) AS shipped_date, CAST(NULL AS VARCHAR) AS "
    "shipment_id) FROM accepted_deliveries AS part JOIN {lines} AS line ON line._drawn_from = part.order_id AND "
    "line.line_no = part.line_no WHERE NOT line._on_time_share IS NULL ORDER BY 2, 3, 4"
)


def write_simulated(unit_run: UnitRun, period: Period, plan: str, replication: int, to: Path) -> None:
    """Write the transactions of one simulated period under a plan, with params, into a new folder.

    Raises
    ------
    ParamsError
        Where the plan is neither ``current`` nor ``proposed``, the replication below 0, or the folder holds something.
    """
    if plan not in (CURRENT, PROPOSED):
        raise ParamsError(f"--plan {plan}", "is not simulated", nearest(plan, [CURRENT, PROPOSED]))
    if replication < 0:
        raise ParamsError("--replication", f"{replication} is below 0", "count from 0")
    check_new(to)
    leave_simulated(
        unit_run, period, unit_run.compute(period, ("profile", "segment", "strategy")), plan, replication, to
    )


def leave_simulated(unit_run: UnitRun, period: Period, results: Results, plan: str, replication: int, to: Path) -> None:
    """Do as `write_simulated` where the stages up to strategy are computed already."""
    unit = unit_run.unit
    made = prepare(unit_run.inputs(period, results.stages), unit)
    model, brought = with_levers(unit.params.cost_model, unit.params.strategy)
    known = columns_of(unit_run.accepted(period), brought)
    read = [*known, "_on_time_share", "_drawn_from", "_moved"]
    source = made.simulator.leave(plan, made.plans[plan], made.going, replication, read)
    priced = Priced(model, made.simulator.costed.rates, known)
    write(unit, made.simulator.engine, source, priced, to, _PARTS)
