"""Lines and the work on them, out of the engine, as the chain with days takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import md5

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.cube.cube import Cube, build_cube
from cts_lib.engine import Engine, fetch_frame
from cts_lib.evaluate.stocks import STREAMS
from cts_lib.levers.stock import TO_ORDER
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions
from cts_lib.names import CUSTOMER
from cts_lib.simulate.chain import Floats
from cts_lib.simulate.days import Lines, Work

LINES = "chain_lines"
CUSTOMERS, NODES = "chain_customers", "chain_nodes"
_OF_ORDERS = ("line", "order", "shipment")
_SLACK = "CAST(DATE_DIFF('day', COALESCE(line.delivered_date, line.shipped_date), line.promised_date) AS DOUBLE)"
COLUMNS = frozenset(
    {
        *("order_id", "line_no", "product_id", "warehouse", "quantity", "net_sales", "shipment_id"),
        *("order_date", "promised_date", "shipped_date", "delivered_date", "delivered_quantity", "_on_time_share"),
    }
)
"""What is read of lines."""


@dataclass(frozen=True)
class Arrived:
    """The lines of a replication that come to the chain, and what they bring.

    ``row`` is the number of each, ``slack`` are days from arriving to the promise, null where that is not known;
    ``busy`` are the minutes of each resource that events take.
    """

    replication: int
    row: np.ndarray
    lines: Lines
    slack: Floats
    work: Work
    busy: Floats

    def of(self, places: np.ndarray) -> Arrived:
        """Return it with the work of some of the resources alone."""
        return replace(self, work=replace(self.work, minutes=self.work.minutes[:, places]), busy=self.busy[places])


def number(engine: Engine, nodes: Sequence[str]) -> pd.MultiIndex:
    """Leave numbers of warehouses and of customers in channels in the engine; return the latter in their order.

    Customers are numbered by a hash, for their numbers say whose turn is first.
    """
    found = fetch_frame(engine, "SELECT customer_id, channel FROM lines GROUP BY 1, 2 ORDER BY 1, 2").astype("str")
    turn = [md5(f"{name}/{channel}".encode(), usedforsecurity=False).digest() for name, channel in found.to_numpy()]
    found = found.iloc[sorted(range(len(found)), key=turn.__getitem__)].reset_index(drop=True)
    engine.register(CUSTOMERS, found.assign(customer=np.arange(len(found))))
    engine.register(NODES, pd.DataFrame({"warehouse": np.array(nodes, "str"), "node": np.arange(len(nodes))}))
    return pd.MultiIndex.from_frame(found)


def arrived(
    engine: Engine,
    source: Transactions,
    first: str,
    activities: Sequence[CompiledActivity],
    resources: Sequence[str],
    customers: pd.MultiIndex,
    plan: str,
) -> list[Arrived]:
    """Return what comes to the chain of lines, and leave them, numbered, in the engine.

    ``first`` is the period's first day; ``plan`` is the SQL of the plan of stock of a ``line``.
    """
    engine.create(LINES, sql.load("chain_lines", {"transactions": source.lines}, first=first))
    sold, to_order = "line.quantity > 0", f"COALESCE({plan}, '') = '{TO_ORDER}'"
    table = engine.query(
        f"SELECT line._row, line.replication, line.day, line.spare, 2 * whose.customer + line.sells AS customer, "
        f"CASE WHEN {sold} AND NOT {to_order} THEN COALESCE(known.stream, -1) ELSE -1 END AS stream, "
        f"CASE WHEN {sold} THEN COALESCE(place.node, -1) ELSE -1 END AS node, "
        f"CASE WHEN {sold} THEN line.quantity ELSE 1 END AS quantity, {_SLACK} AS slack FROM {LINES} AS line "
        f"JOIN {CUSTOMERS} AS whose ON whose.customer_id = line.customer_id AND whose.channel = line.channel "
        f"LEFT JOIN {STREAMS} AS known ON known.product_id = line.product_id AND known.warehouse = line.warehouse "
        f"LEFT JOIN {NODES} AS place ON place.warehouse = line.warehouse ORDER BY line._row"
    )
    whole = {
        name: table.column(name).to_numpy().astype(kind)
        for kind, names in (
            ("int64", ("replication", "_row", "day", "spare", "customer")),
            ("int32", ("stream", "node")),
        )
        for name in names
    }
    quantity, slack = (table.column(name).to_numpy().astype("float64") for name in ("quantity", "slack"))
    del table  # a million lines of it, and cubes are to come
    by_day = Transactions(LINES, source.events, (*source.by, "day", "sells"))
    daily = _minutes(build_cube(engine, _some(activities, *_OF_ORDERS), by_day), activities, resources)
    busy = _minutes(build_cube(engine, _some(activities, "event"), source), activities, resources)
    known = customers.get_indexer(pd.MultiIndex.from_frame(daily[0][CUSTOMER].astype("str")))
    place = 2 * known + daily[0]["sells"].to_numpy("int64")
    found = []
    for replication in np.unique(whole["replication"]):
        mine = slice(*np.searchsorted(whole["replication"], [replication, replication + 1]))
        cells = (daily[0]["replication"] == replication).to_numpy()
        lines = Lines(
            whole["day"][mine],
            whole["spare"][mine],
            whole["customer"][mine],
            whole["stream"][mine],
            whole["node"][mine],
            quantity[mine],
        )
        work = Work(daily[0]["day"].to_numpy("int64")[cells], place[cells], daily[1][cells])
        events = busy[1][(busy[0]["replication"] == replication).to_numpy()].sum(axis=0)
        found.append(Arrived(int(replication), whole["_row"][mine], lines, slack[mine], work, events))
    return found


def _some(activities: Sequence[CompiledActivity], *grains: str) -> list[CompiledActivity]:
    return [each for each in activities if each.grain.name in grains]


def _minutes(
    cube: Cube, activities: Sequence[CompiledActivity], resources: Sequence[str]
) -> tuple[pd.DataFrame, Floats]:
    """Return the cells of a cube, and the minutes of each resource in them."""
    resource_of = {each.name: each.activity.resource for each in activities}
    whose = np.array([[resource_of[name] == resource for resource in resources] for name in cube.activities])
    return cube.cells, cube.quantity @ whose.reshape(len(cube.activities), len(resources)).astype("float64")
