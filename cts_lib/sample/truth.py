"""What was planted, written beside the tables so that anyone can ask whether the stages find it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cts_lib.sample.behaviours import BEHAVIOURS
from cts_lib.sample.calendar import QUARTERS
from cts_lib.sample.customers import Customers, Drift
from cts_lib.sample.faults import Fault
from cts_lib.sample.planted import DRIVER_PRICES, OVERLOADED, TIME_RATES, UNIT_TIMES

_YEAR = QUARTERS[-4:]
_CLEAR_LOSS = -0.05


def write_truth(
    folder: Path, units: list[Customers], profits: list[pa.Table], planted: list[pa.Table], faults: list[Fault]
) -> None:
    """Write the tables of the truth to ``folder``.

    ``customers`` (planted segment of the first and of the last month, unprofitable by construction), ``profit``
    (true profit by customer and quarter), ``opportunities`` (what a strategy could change in the newest quarter, with
    the cash it is worth by construction), ``drifts`` (what changed, on whom or what, since when), ``unit_times`` and
    ``prices`` (planted minutes and money), ``rejected`` (every spoiled row).
    """
    folder.mkdir(parents=True)
    names = np.array([behaviour.name for behaviour in BEHAVIOURS])
    tables = {
        "customers": pa.concat_tables(
            [
                pa.table(
                    {
                        "customer_id": pa.array(unit.ids),
                        "business_unit": [unit.unit.name] * len(unit.ids),
                        "segment": pa.array(names[unit.segments[-1]]),
                        "first_segment": pa.array(names[unit.segments[0]]),
                        "unprofitable_by_construction": _clear_losers(unit, profit),
                    }
                )
                for unit, profit in zip(units, profits, strict=True)
            ]
        ),
        "profit": pa.concat_tables(profits),
        "opportunities": pa.concat_tables(planted),
        "drifts": pa.Table.from_pylist(
            [
                {
                    "business_unit": unit.unit.name,
                    "kind": drift.kind,
                    "subject": drift.subject,
                    "from_period": drift.from_period,
                    "before": drift.before,
                    "after": drift.after,
                }
                for unit in units
                for drift in (
                    *unit.drifts,
                    Drift("overload", OVERLOADED, QUARTERS[0], "within capacity", "beyond capacity"),
                )
            ]
        ),
        "unit_times": pa.Table.from_pylist(
            [
                {"activity": activity, "term": term, "minutes": minutes}
                for activity, terms in UNIT_TIMES.items()
                for term, minutes in terms.items()
            ]
        ),
        "prices": pa.Table.from_pylist(
            [{"name": name, "euro": price} for name, price in (TIME_RATES | DRIVER_PRICES).items()]
        ),
        "rejected": pa.Table.from_pylist([vars(fault) for fault in faults], schema=_FAULTS),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


_FAULTS = pa.schema([(name, pa.string()) for name in ("table", "business_unit", "period", "key", "kind")])


def _clear_losers(customers: Customers, profit: pa.Table) -> pa.Array:
    """Whether a customer's true profit of the last four quarters is a loss beyond five per cent of its sales."""
    year = profit.filter(pc.is_in(profit["period"], pa.array(_YEAR)))
    shape = (len(_YEAR), len(customers.ids))
    lost = year["profit"].to_numpy().reshape(shape).sum(axis=0)
    sold = year["net_sales"].to_numpy().reshape(shape).sum(axis=0)
    return pa.array((sold > 0) & (lost < _CLEAR_LOSS * sold))
