"""What each driver of an equation costs a customer: the terms of its activities, counted and priced.

Of ``5 + 3*lines`` an order, a customer's 40 orders of 100 lines take 200 minutes by orders and 300 by lines. The terms
go through the cube as activities of their own do, so that they add up to the activity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pandas as pd
from sqlglot import exp

from cts_lib.cube.cube import Cube, build_cube
from cts_lib.engine import Engine
from cts_lib.errors import DataError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.equations import Equation
from cts_lib.model.terms import Term, counted
from cts_lib.names import ALL, CUSTOMER
from cts_lib.params import Activity

Terms = list[tuple[CompiledActivity, Term]]
Nature = Literal["count", "sales", "money", "work"]
_SALES = {"net_sales", "gross_sales"}
_COUNTS = {"sold_lines", "rush", "new_customer", "customer_new_customer"}
_OF_CUSTOMER = ["customer_id", "channel", "activity", "driver", "quantity", "cost"]
_USUAL = ["segment", "customers", "activity", "driver", "quantity", "cost"]


@dataclass(frozen=True)
class DriverCosts:
    """How much of each term every customer and channel took, and what one costs.

    ``drivers`` has a row a term: activity, driver (as the equation writes it; ``1`` is once a unit of work), price,
    coefficient (how much of the activity's quantity one is), column (of ``product_work``, where that counts it) and
    nature (see `nature_of`); ``quantities`` a row a cell of ``cells`` and a column a driver.
    """

    cells: pd.DataFrame
    drivers: pd.DataFrame
    quantities: np.ndarray

    @classmethod
    def of_terms(cls, terms: Terms, cube: Cube, priced: pd.DataFrame, columns: Sequence[str | None]) -> Self:
        """Return what terms cost, given the cube of them and the columns of ``product_work`` that count them."""
        price = dict(zip(priced["activity"], priced["price"], strict=True))
        rows = [
            (
                item.name,
                term.label,
                price[item.name] * term.coefficient,
                term.coefficient,
                column,
                nature_of(item, term),
            )
            for (item, term), column in zip(terms, columns, strict=True)
        ]
        drivers = pd.DataFrame(rows, columns=["activity", "driver", "price", "coefficient", "column", "nature"])
        texts = dict.fromkeys(["activity", "driver", "column", "nature"], "str")
        return cls(cube.cells, drivers.astype(texts | {"price": "float64", "coefficient": "float64"}), cube.quantity)

    def of(self, customer_id: str | None) -> pd.DataFrame:
        """Return table ``customer_drivers``: a customer's channel, activity, driver, quantity, cost, a row a term."""
        cells = np.flatnonzero(self.cells["customer_id"] == customer_id)
        rows, columns = np.nonzero(self.quantities[cells])
        rows = cells[rows]
        table = self.cells.iloc[rows].reset_index(drop=True).join(self.drivers.iloc[columns].reset_index(drop=True))
        table["quantity"] = self.quantities[rows, columns]
        return table.assign(cost=table["quantity"] * table["price"])[_OF_CUSTOMER]

    def usual(self, money: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
        """Return table ``segment_drivers``: the medians over each segment's customers that sell.

        Parameters
        ----------
        money : DataFrame
            Table ``customer_channel_profit``.
        segments : DataFrame
            customer_id, channel, segment.

        Returns
        -------
        DataFrame
            A row a segment, and ``(all)`` of them, and driver: of how many customers, how much of it there was and
            what it cost, for a unit of net sales.
        """
        selling = segments[[*CUSTOMER, "segment"]].merge(money[[*CUSTOMER, "net_sales"]], on=CUSTOMER)
        selling = selling[selling["net_sales"] > 0].set_index(CUSTOMER)
        quantities = pd.DataFrame(self.quantities, pd.MultiIndex.from_frame(self.cells))
        parts = []
        for segment, peers in [*selling.groupby("segment"), (ALL, selling)] if len(selling) else []:
            sales = peers["net_sales"].to_numpy()[:, None]
            quantity = np.median(quantities.reindex(peers.index, fill_value=0.0).to_numpy() / sales, axis=0)
            part = self.drivers.assign(segment=segment, customers=len(peers), quantity=quantity)
            parts.append(part.assign(cost=quantity * self.drivers["price"]))
        return pd.concat(parts, ignore_index=True)[_USUAL] if parts else pd.DataFrame(columns=_USUAL)


def nature_of(item: CompiledActivity, term: Term) -> Nature:
    """Say what a term measures: how often something happened, money of sales, money that is spent, or other work.

    >>> from cts_lib.model.compiled import compile_model
    >>> from cts_lib.params import CostModel
    >>> entry = {"per": "order", "driver": "5 + 2*lines + weight_kg + 0.01*net_sales", "rate": 1}
    >>> [item] = compile_model(CostModel.model_validate({"resources": {}, "activities": {"entry": entry}}), {})
    >>> [nature_of(item, term) for term in item.quantity.terms]
    ['count', 'count', 'work', 'sales']
    """
    read = counted(term.sql)
    if read & _SALES:
        return "sales"
    if item.activity.basis == "direct":
        return "money"
    happenings = _COUNTS | ({"quantity"} if item.grain.name == "event" else set())
    return "count" if all(name in happenings or item.grain.drivers[name].is_whole for name in read) else "work"


def counted_terms(engine: Engine, activities: list[CompiledActivity], priced: pd.DataFrame) -> tuple[Terms, Cube]:
    """Sum the terms of every activity over what the engine holds; return them with the cube, an activity a term.

    Parameters
    ----------
    priced : DataFrame
        Table ``activities``: activity, price (money for a minute or driver unit), missing.

    Raises
    ------
    DataError
        Where an equation itself, not one of its terms alone, has a value that cannot be summed.
    """
    lacking = set(priced.loc[priced["missing"] > 0, "activity"])
    terms = [(item, term) for item in activities for term in item.quantity.terms]
    while True:
        try:
            return terms, _cube(engine, terms, lacking)
        except DataError as error:  # a term can be too large for a sum where its equation is not
            item, term = next(pair for place, pair in enumerate(terms) if _name(place) == error.activity)
            if term.sql is item.quantity.sql:
                raise
            whole = Term(item.quantity.text, 1.0, item.quantity.sql)
            terms = [*((one, term) for one, term in terms if one is not item), (item, whole)]


def driver_costs(engine: Engine, activities: list[CompiledActivity], priced: pd.DataFrame) -> DriverCosts:
    """Return what each driver costs every customer, of what the engine holds; as for `counted_terms`."""
    terms, cube = counted_terms(engine, activities, priced)
    return DriverCosts.of_terms(terms, cube, priced, [None] * len(terms))


def _cube(engine: Engine, terms: list[tuple[CompiledActivity, Term]], lacking: set[str]) -> Cube:
    """Put each term through the cube; it counts where its activity does, and not where that has no value."""
    parts = []
    for place, (item, term) in enumerate(terms):
        known = exp.Not(this=exp.Is(this=exp.paren(item.quantity.sql), expression=exp.null()))
        when = item.when
        if item.name in lacking:
            condition = exp.and_(when.sql, known) if when else known
            when = Equation(item.quantity.text, condition, item.drivers)
        drivers = frozenset(column.name for column in term.sql.find_all(exp.Column))
        counted = Activity.model_validate({"per": item.activity.per, "driver": term.label, "rate": 1.0})
        parts.append(CompiledActivity(_name(place), counted, item.grain, Equation(term.label, term.sql, drivers), when))
    return build_cube(engine, parts)


def _name(place: int) -> str:
    """Return the name under which a term goes through the cube."""
    return f"term {place}"
