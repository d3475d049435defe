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
from cts_lib.simulate.chain import Floats, Whole
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
    """The period's own lines that come to the chain, and what they bring.

    ``row`` is the number of each; ``busy`` are the minutes of each resource that events take.
    """

    row: Whole
    lines: Lines
    work: Work
    busy: Floats

    def of(self, places: np.ndarray) -> Arrived:
        """Return it with the work of some of the resources alone."""
        return replace(self, work=self.work.of(places), busy=self.busy[places])


@dataclass(frozen=True)
class Periods:
    """Numbers of simulated periods: each of ``scenarios`` has as many as ``several``, replications from 0."""

    scenarios: Sequence[str]
    several: int

    def number(self, scenario: str, replication: int) -> int:
        """Return the number of a period."""
        return list(self.scenarios).index(scenario) * self.several + replication

    def of(self, table: pd.DataFrame, scenario: str) -> pd.DataFrame:
        """Return the rows of a scenario's periods, of a table with a row a period."""
        first = self.number(scenario, 0)
        return table.iloc[first : first + self.several]

    def numbers(self, table: pd.DataFrame) -> Whole:
        """Return the number of the period of each row, by its scenario and replication."""
        place = pd.Index(self.scenarios).get_indexer(pd.Index(table["scenario"].astype("str")))
        return np.asarray(place * self.several + table["replication"].to_numpy("int64"))


@dataclass(frozen=True)
class Coming:
    """Lines that come to the chain, of several periods one after another, and what they bring.

    ``row`` is the number of each, ``slack`` are days from arriving to the promise, null where that is not known;
    ``brought`` has the period of each item of ``work``.
    """

    period: Whole
    row: Whole
    lines: Lines
    slack: Floats
    brought: Whole
    work: Work

    def at(self, places: np.ndarray, brought: np.ndarray) -> Coming:
        """Return some of the lines and some of the work."""
        lines = (self.period[places], self.row[places], self.lines.at(places), self.slack[places])
        return Coming(*lines, self.brought[brought], self.work.at(brought))

    def of(self, period: int) -> Coming:
        """Return what comes in a period."""
        lines, brought = (slice(*np.searchsorted(each, [period, period + 1])) for each in (self.period, self.brought))
        return self.at(np.arange(lines.start, lines.stop), np.arange(brought.start, brought.stop))


def together(several: Sequence[Coming]) -> Coming:
    """Return what comes of different customers as one."""
    if len(several) == 1:
        return several[0]
    lines, work = (
        [np.concatenate(parts) for parts in zip(*(vars(each).values() for each in some), strict=True)]
        for some in ([each.lines for each in several], [each.work for each in several])
    )
    period, row, slack, brought = (
        np.concatenate([getattr(each, name) for each in several]) for name in ("period", "row", "slack", "brought")
    )
    return Coming(period, row, Lines(*lines), slack, brought, Work(*work))


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


def coming(
    engine: Engine,
    source: Transactions,
    first: str,
    activities: Sequence[CompiledActivity],
    resources: Sequence[str],
    customers: pd.MultiIndex,
    plan: str,
    periods: Periods,
) -> Coming:
    """Return what comes to the chain of lines, and leave them, numbered, in the engine.

    ``first`` is the period's first day; ``plan`` is the SQL of the plan of stock of a ``line``.
    """
    engine.create(LINES, sql.load("chain_lines", {"transactions": source.lines}, first=first))
    sold, to_order = "line.quantity > 0", f"COALESCE({plan}, '') = '{TO_ORDER}'"
    table = fetch_frame(
        engine,
        f"SELECT line._row, line.scenario, line.replication, line.day, line.spare, 2 * whose.customer + line.sells AS "
        f"customer, CASE WHEN {sold} AND NOT {to_order} THEN COALESCE(known.stream, -1) ELSE -1 END AS stream, "
        f"CASE WHEN {sold} THEN COALESCE(place.node, -1) ELSE -1 END AS node, "
        f"CASE WHEN {sold} THEN line.quantity ELSE 1 END AS quantity, {_SLACK} AS slack FROM {LINES} AS line "
        f"JOIN {CUSTOMERS} AS whose ON whose.customer_id = line.customer_id AND whose.channel = line.channel "
        f"LEFT JOIN {STREAMS} AS known ON known.product_id = line.product_id AND known.warehouse = line.warehouse "
        f"LEFT JOIN {NODES} AS place ON place.warehouse = line.warehouse ORDER BY line._row",
    )
    number = periods.numbers(table)
    order = np.argsort(number, kind="stable")
    row, day, spare, customer = (table[name].to_numpy("int64")[order] for name in ("_row", "day", "spare", "customer"))
    stream, node = (table[name].to_numpy("int32")[order] for name in ("stream", "node"))
    quantity, slack = (table[name].to_numpy("float64")[order] for name in ("quantity", "slack"))
    del table  # a million lines of it, and cubes are to come
    by_day = Transactions(LINES, source.events, (*source.by, "day", "sells"))
    cells, minutes = _minutes(build_cube(engine, _some(activities, *_OF_ORDERS), by_day), activities, resources)
    place = 2 * customers.get_indexer(pd.MultiIndex.from_frame(cells[CUSTOMER].astype("str")))
    whose, brought = place + cells["sells"].to_numpy("int64"), periods.numbers(cells)
    items = np.argsort(brought, kind="stable")
    work = Work(cells["day"].to_numpy("int64")[items], whose[items], minutes[items])
    lines = Lines(day, spare, customer, stream, node, quantity)
    return Coming(number[order], row, lines, slack, brought[items], work)


def busy(
    engine: Engine,
    activities: Sequence[CompiledActivity],
    resources: Sequence[str],
    source: Transactions,
    periods: Periods,
) -> dict[int, Floats]:
    """Return the minutes of each resource that the events of each period take."""
    cells, minutes = _minutes(build_cube(engine, _some(activities, "event"), source), activities, resources)
    number = periods.numbers(cells)
    return {int(one): minutes[number == one].sum(axis=0) for one in np.unique(number)}


def _some(activities: Sequence[CompiledActivity], *grains: str) -> list[CompiledActivity]:
    return [each for each in activities if each.grain.name in grains]


def _minutes(
    cube: Cube, activities: Sequence[CompiledActivity], resources: Sequence[str]
) -> tuple[pd.DataFrame, Floats]:
    """Return the cells of a cube, and the minutes of each resource in them."""
    resource_of = {each.name: each.activity.resource for each in activities}
    whose = np.array([[resource_of[name] == resource for resource in resources] for name in cube.activities])
    return cube.cells, cube.quantity @ whose.reshape(len(cube.activities), len(resources)).astype("float64")
