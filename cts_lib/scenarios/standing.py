"""A period held in memory, so that other prices, capacities and cuts are answered while a slider moves.

The work is that of table ``customer_costs``; prices, costs and fields of the matrix come from the functions that the
stages use. What needs the transactions themselves is `orders`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cts_lib.costing.priced import Priced
from cts_lib.costing.rates import cost_pools, cost_to_serve, unit_rates, with_capacities
from cts_lib.costing.what_if import utilisation
from cts_lib.cube.cube import Cube
from cts_lib.errors import SourceError
from cts_lib.names import CUSTOMER
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.params.segmentation import Segmentation
from cts_lib.scenarios.dials import Dial, cut_dials, minutes_dials, order_dials, people_dials
from cts_lib.scenarios.figures import of_customers, of_resources
from cts_lib.segment.facts import channel_sales, measure
from cts_lib.segment.matrix import draw_matrix
from cts_lib.segment.model import Model
from cts_lib.segment.names import field_names

_POINTS = 61
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """Transactions as their cube and their money, a row a customer and channel of the period."""

    cube: Cube
    net_sales: Floats
    gross_margin: Floats


@dataclass(frozen=True)
class Answer:
    """What a period looks like at one setting of the sliders.

    ``figures`` are those of `scenarios.figures`, ``profit`` and ``cost_to_serve`` of each customer, ``curve`` the whale
    curve (share of customers, cumulative profit), ``matrix`` segment, channel, customers, net_sales and profit of each
    segment, ``fields`` the number in ``segments`` of each customer and channel's.
    """

    figures: dict[tuple[str, str], float]
    profit: Floats
    cost_to_serve: Floats
    curve: pd.DataFrame
    matrix: pd.DataFrame
    segments: tuple[str, ...]
    fields: NDArray[np.intp]


class Standing:
    """A period's work and money as the tables of its stages hold them; ``table`` returns one."""

    def __init__(self, unit: UnitParams, period: Period, table: Callable[[str], pd.DataFrame]) -> None:
        self.unit, self.period = unit, period
        money = table("customer_channel_profit")
        self.cells = money[CUSTOMER].astype("str").reset_index(drop=True)
        self.customers = table("customer_profit")[["customer_id", "name"]].reset_index(drop=True)
        self._customer = pd.Index(self.customers["customer_id"]).get_indexer(pd.Index(self.cells["customer_id"]))
        self._channel, self._channels = pd.factorize(self.cells["channel"])
        booked = table("ledger_rows")[["ledger_period", "resource", "account", "amount"]]
        self._ledger = booked.rename(columns={"ledger_period": "period"})
        self._pools = cost_pools(unit, self._ledger, [], period)
        self.today = self.work(table("customer_costs"), money)
        self.model, self._classes = _segments(table, self.cells)

    def work(self, costs: pd.DataFrame, money: pd.DataFrame) -> Work:
        """Return costs by activity (as `price` yields them) and money (net_sales, gross_margin) as work to price.

        A customer in a channel that they lack did and brought nothing.
        """
        names = tuple(self.unit.params.cost_model.activities)
        kept = costs[costs["activity"].isin(names)]
        quantity = kept["minutes"].fillna(kept["driver_quantity"]).to_numpy("float64")
        at = self._places(kept), pd.Index(names).get_indexer(pd.Index(kept["activity"].astype("str")))
        cube = np.zeros((2, len(self.cells), len(names)))
        cube[0][at], cube[1][at] = kept["volume"].to_numpy("float64"), quantity
        sums, place = np.zeros((2, len(self.cells))), self._places(money)
        sums[0][place], sums[1][place] = money["net_sales"], money["gross_margin"]
        return Work(Cube(self.cells, names, cube[0], np.zeros_like(cube[0]), cube[1]), sums[0], sums[1])

    def _places(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        """Return the cell of each row."""
        width = len(self._channels)
        customer = pd.Index(self.customers["customer_id"]).get_indexer(pd.Index(frame["customer_id"].astype("str")))
        channel = pd.Index(self._channels).get_indexer(pd.Index(frame["channel"].astype("str")))
        own = self._customer * width + self._channel
        order = np.argsort(own, kind="stable")
        places: NDArray[np.intp] = order[np.searchsorted(own[order], customer * width + channel)]
        return places

    def at(self, unit: UnitParams, factors: Mapping[str, float], work: Work | None = None) -> Answer:
        """Return the stand under other params of this unit; ``factors`` are of the activities' equations.

        Other ``work`` is priced at what a unit of today's costs.
        """
        now = self._priced(unit, factors, work)
        done = work or self.today
        served = cost_to_serve(now.cube, now.rates)
        cells = _money(done, served)
        size = len(self.customers)
        profit, cost = (_added(self._customer, cells[name], size) for name in ("profit", "cost_to_serve"))
        figures = of_customers(pd.DataFrame({"profit": profit, "cost_to_serve": cost})) | of_resources(utilisation(now))
        segments, fields = self._fields(cells, unit.params.segmentation)
        return Answer(figures, profit, cost, _curve(profit), self._matrix(cells, segments, fields), segments, fields)

    def _priced(self, unit: UnitParams, factors: Mapping[str, float], work: Work | None) -> Priced:
        pools = with_capacities(self._pools, unit.params.cost_model, self.period)
        today = self.today.cube.scaled(factors)
        rates = unit_rates(unit.params.cost_model, pools, today.totals)
        return Priced(self._ledger, pools, work.cube.scaled(factors) if work else today, rates)

    def axes(self, cells: pd.DataFrame, params: Segmentation) -> pd.DataFrame:
        """Return value and cost of each customer and channel in the measures of the matrix."""
        facts = cells.assign(channel=self.cells["channel"]) if params.value == "channel_share" else cells
        sales = channel_sales(facts) if params.value == "channel_share" else {}
        names = {"value": params.value, "cost": params.cost}
        return pd.DataFrame({axis: measure(name, facts, None, sales) for axis, name in names.items()})

    @property
    def dials(self) -> list[Dial]:
        """What can be moved of the period."""
        model, cube, params = self.unit.params.cost_model, self.today.cube, self.unit.params.segmentation
        volumes = dict(zip(cube.activities, cube.volume.sum(axis=0).tolist(), strict=True))
        found = [*minutes_dials(model, volumes, cube.totals), *people_dials(model)]
        if self.model is not None:
            found += order_dials(self.unit)
        if self.draws_matrix:
            served = cost_to_serve(cube, unit_rates(model, self._pools, cube.totals))
            found += cut_dials(params, self.axes(_money(self.today, served), params))
        return found

    @property
    def draws_matrix(self) -> bool:
        """Whether the period draws cuts of its own, from what it holds itself."""
        own = self.model is not None and self.model.period == str(self.period)
        return own and self.unit.params.segmentation.value != "growth"

    def _fields(self, cells: pd.DataFrame, params: Segmentation) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """Return the names of the matrix's fields, and each cell's: by cuts drawn anew, or by those that are kept."""
        if self.model is None or self._classes is None:
            return (), np.zeros(0, dtype="intp")
        matrix = self.model.matrix
        keys = [f"{one}_{other}" for one in matrix.value.classes for other in matrix.cost.classes]
        if params.value == "growth":  # which the period before decides
            at = pd.Index(keys).get_indexer(pd.Index(self._classes["value_class"] + "_" + self._classes["cost_class"]))
        else:
            axes = self.axes(cells, params)
            if self.draws_matrix:
                matrix = draw_matrix(axes, params, field_names(params))
            at = matrix.fields(axes, self._classes["strategic"].to_numpy("bool"))
        names, of_key = np.unique([matrix.names[key] for key in keys], return_inverse=True)
        return tuple(names.tolist()), of_key[at]

    def _matrix(self, cells: pd.DataFrame, segments: tuple[str, ...], fields: NDArray[np.intp]) -> pd.DataFrame:
        width, size = len(self._channels), len(segments) * len(self._channels)
        at = fields * width + self._channel[: len(fields)]
        sums: dict[str, NDArray[Any]] = {"customers": np.bincount(at, minlength=size)}
        sums |= {name: _added(at, cells[name].iloc[: len(fields)], size) for name in ("net_sales", "profit")}
        keys = {"segment": np.repeat(segments, width), "channel": np.tile(self._channels, len(segments))}
        table = pd.DataFrame({**keys, **sums})
        return table[table["customers"] > 0].reset_index(drop=True)

    def customers_of(self, answer: Answer, segment: str, most: int) -> pd.DataFrame:
        """Return the customers of a segment that leave the least: customer_id, name, cost_to_serve, profit."""
        of_segment = np.unique(self._customer[answer.fields == answer.segments.index(segment)])
        table = self.customers.assign(cost_to_serve=answer.cost_to_serve, profit=answer.profit).iloc[of_segment]
        return table.nsmallest(most, "profit", keep="first").reset_index(drop=True)


def _money(work: Work, served: Floats) -> pd.DataFrame:
    money = {"net_sales": work.net_sales, "gross_margin": work.gross_margin, "cost_to_serve": served}
    return pd.DataFrame({**money, "profit": work.gross_margin - served})


def _segments(table: Callable[[str], pd.DataFrame], cells: pd.DataFrame) -> tuple[Model | None, pd.DataFrame | None]:
    """Return what placed the customers, and their classes in the order of the cells; nothing where none are stored."""
    try:
        model, segments = Model.read(table("segment_model")), table("segments")
    except SourceError:
        return None, None
    columns = [*CUSTOMER, "value_class", "cost_class", "strategic"]
    joined = cells.merge(segments[columns].astype(dict.fromkeys(CUSTOMER, "str")), on=CUSTOMER, how="left")
    return model, joined


def _added(at: NDArray[np.intp], amounts: pd.Series, size: int) -> Floats:
    return np.bincount(at, amounts, size).astype("float64", copy=False)


def _curve(profit: Floats) -> pd.DataFrame:
    """Return the whale curve at so many points, its peak among them."""
    curve = np.concatenate([[0.0], np.cumsum(np.sort(profit)[::-1])])
    last = len(curve) - 1
    kept = np.unique([*np.linspace(0, last, _POINTS).astype(int), int(curve.argmax())])
    return pd.DataFrame({"share": kept / max(last, 1), "profit": curve[kept]})
