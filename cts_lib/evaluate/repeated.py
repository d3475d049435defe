"""Orders of which each copy comes to the same, on any day and beside any others: counted, not rewritten again.

What is drawn is a customer's own orders of a day as a whole, a *unit*, on another day. Where no lever lets orders wait
for each other, and no equation reads a date, a copy costs and is served as the unit itself: what comes of one copy of
each unit is found once, and a simulated period is how often each comes. The chain with days is given their lines on
their days; what waits or is cut there is taken off, and added as it then is, for those lines alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cts_lib import sql
from cts_lib.engine import Engine
from cts_lib.evaluate.arrived import Coming, Periods
from cts_lib.model.compiled import CompiledActivity
from cts_lib.simulate.draws import MOVED, Draws

WAITS = "chain_waits"
CHANGED = frozenset({"shipped_date", "delivered_date", "delivered_quantity", "_on_time_share"})
"""What the chain changes of a line."""
_UNLIKE = frozenset({*MOVED, "order_id", "shipment_id"})
"""What differs from copy to copy."""
_COPIES, _BEFORE, _AFTER = "waiting_copies", "copies_before_days", "copies_after_days"


def of_orders(activities: Sequence[CompiledActivity]) -> list[CompiledActivity]:
    """Return the activities of lines, orders and shipments."""
    return [each for each in activities if each.grain.name in ("line", "order", "shipment")]


def repeatable(activities: Sequence[CompiledActivity], with_chain: bool) -> bool:
    """Say whether each copy of an order costs the same."""
    unlike = _UNLIKE | CHANGED if with_chain else _UNLIKE
    return all(each.drivers.isdisjoint(unlike) for each in of_orders(activities))


@dataclass(frozen=True)
class Repeated:
    """What comes of one copy of each unit under plans, of the customers whose orders repeat.

    ``lines`` is the relation of their lines as the plans rewrite them, whose replication is the unit, so that
    ``periods`` numbers units; ``sums`` has a row each, ``failing`` too, of sold lines and of those that are late or
    short. ``coming`` is what they bring to the chain, and ``turn`` which of its lines come first of a customer's on a
    day.
    """

    engine: Engine
    lines: str
    periods: Periods
    sums: pd.DataFrame
    failing: pd.DataFrame | None = None
    coming: Coming | None = None
    turn: np.ndarray | None = None

    def copies(self, draws: Draws, plan: str, replication: int) -> Coming:
        """Return what comes to the chain in a replication, a customer's lines of a day in the order of their orders."""
        coming, turn = self.coming, self.turn
        if coming is None or turn is None:
            raise TypeError("is of no chain")
        drawn = draws.orders[draws.orders["replication"] == replication]
        unit, copy, days = (drawn[name].to_numpy("int64") for name in ("unit", "copy", "days"))
        number = self.periods.number(plan, 0) + unit
        lines, of_line = _spread(coming.period, number)
        brought, of_item = _spread(coming.brought, number)
        order = np.lexsort((lines, _as_text(copy)[of_line], turn[lines]))
        found = coming.at(lines[order], brought)
        moved, work = found.lines.after(days[of_line[order]]), found.work.after(days[of_item])
        return replace(found, lines=moved, work=work)

    def waited(self, waits: pd.DataFrame) -> tuple[str, str]:
        """Leave the copies of lines that wait or are cut, before and after that, and say where.

        ``waits`` has row and replication of each, days and filled.
        """
        waits = waits.assign(number=np.arange(len(waits)))
        self.engine.register(_COPIES, waits[["row", "replication", "number"]])
        self.engine.register(WAITS, waits[["number", "days", "filled"]].rename(columns={"number": "_row"}))
        self.engine.create(
            _BEFORE,
            "SELECT line.* REPLACE (waits.number AS _row, waits.replication AS replication) "
            f"FROM {self.lines} AS line JOIN {_COPIES} AS waits ON waits.row = line._row",
        )
        self.engine.create(_AFTER, sql.load("lines_after_days", {"transactions": _BEFORE}))
        return _BEFORE, _AFTER

    def forget(self) -> None:
        """Forget all that was left."""
        for relation in (self.lines, _COPIES, WAITS, _BEFORE, _AFTER):
            self.engine.forget(relation)


def counted(draws: Draws, sums: pd.DataFrame, group: np.ndarray, groups: pd.Index) -> pd.DataFrame:
    """Return what comes of all copies: a row a replication and group, in their order.

    ``sums`` are those of one copy of each unit, ``group`` says where among the groups each unit is, -1 for nowhere.
    """
    known, values, found = np.flatnonzero(group >= 0), sums.to_numpy("float64"), list[np.ndarray]()
    for replication in draws.replications:
        drawn = draws.orders["unit"][draws.orders["replication"] == replication]
        count = np.bincount(drawn, minlength=len(group)).astype("float64")
        of_group = csr_matrix((count[known], (group[known], known)), (len(groups), len(group)))
        found.append(of_group @ values)
    return pd.DataFrame(np.concatenate(found), every(draws.replications, groups), sums.columns)


def every(replications: range, groups: pd.Index) -> pd.MultiIndex:
    """Return all replications with all groups."""
    times = np.repeat(np.arange(replications.start, replications.stop), len(groups))
    names = [groups.get_level_values(level) for level in range(groups.nlevels)]
    tiled = (np.tile(name, len(replications)) for name in names)
    return pd.MultiIndex.from_arrays([times, *tiled], names=["replication", *groups.names])


def _spread(of_unit: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of all that each of the units has, and which of the units each is of; ``of_unit`` is sorted.

    >>> _spread(np.array([0, 0, 2]), np.array([2, 0, 2]))
    (array([2, 0, 1, 2]), array([0, 1, 1, 2]))
    """
    first, last = np.searchsorted(of_unit, units), np.searchsorted(of_unit, units, side="right")
    count = last - first
    which = np.repeat(np.arange(len(units)), count)
    return np.arange(count.sum()) - (np.cumsum(count) - count)[which] + first[which], which


def _as_text(numbers: np.ndarray) -> np.ndarray:
    """Return the ranks of numbers among all up to the largest, as texts.

    >>> _as_text(np.array([2, 10, 1]))
    array([3, 2, 1])
    """
    texts = np.array([str(number) for number in range(int(numbers.max(initial=0)) + 1)])
    ranks = np.empty(len(texts), "int64")
    ranks[np.argsort(texts)] = np.arange(len(texts))
    return np.asarray(ranks[numbers])
