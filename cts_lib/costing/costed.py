"""A costed period: the tables of the profile stage, in the form that later stages read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import pandas as pd

from cts_lib.costing.driver_costs import DriverCosts
from cts_lib.names import CUSTOMER
from cts_lib.stage import StageResult, Tables


@dataclass(frozen=True)
class Costed:
    """The tables of stage ``profile``, and what later stages work with.

    ``customer_sums`` holds sums of sales and service per customer and channel, ``rates`` each activity's unit price,
    ``rivals`` the cost per customer and channel by rival methods, ``families`` the sales per customer, channel and
    product family, ``customers`` the customers of the period with all their columns, ``unbooked``
    the resources without a ledger row, ``demand`` what each customer ordered in each channel and bucket of time,
    ``paced`` the same by the bucket of the unit's rhythm,
    ``drivers`` what each driver of an equation costs, ``filled`` the columns that measures need and the period fills,
    ``work`` what each customer bought of each product and the work that serving it took (see `product_work`),
    ``service_sums`` sums of service by line and by order, ``stock_value`` what stock is worth and the period's days.
    """

    tables: dict[str, pd.DataFrame]
    customer_sums: pd.DataFrame
    rates: pd.DataFrame
    rivals: pd.DataFrame
    families: pd.DataFrame
    customers: pd.DataFrame
    unbooked: list[str]
    demand: pd.DataFrame
    paced: pd.DataFrame
    drivers: DriverCosts
    filled: frozenset[str]
    work: pd.DataFrame
    service_sums: pd.DataFrame
    stock_value: pd.DataFrame

    @property
    def state(self) -> Tables:
        """What later stages work with, as tables."""
        numbered = pd.DataFrame(self.drivers.quantities).rename(columns=str)
        return {
            "customer_sums": self.customer_sums,
            "rates": self.rates,
            "rivals": self.rivals,
            "families": self.families,
            "customers": self.customers,
            "unbooked": pd.DataFrame({"resource": self.unbooked}, dtype="str"),
            "demand": self.demand,
            "paced": self.paced,
            "drivers": self.drivers.drivers,
            "filled": pd.DataFrame({"column": sorted(self.filled)}, dtype="str"),
            "work": self.work,
            "service_sums": self.service_sums,
            "stock_value": self.stock_value,
            "driver_quantities": pd.concat([self.drivers.cells.astype("str"), numbered], axis=1),
        }

    @classmethod
    def of(cls, result: StageResult) -> Self:
        """Return the costed period of what stage ``profile`` yielded, now or in an earlier run."""
        state = result.state
        cells = state["driver_quantities"]
        quantities = cells.drop(columns=CUSTOMER).to_numpy("float64")
        return cls(
            tables=result.tables,
            customer_sums=state["customer_sums"],
            rates=state["rates"],
            rivals=state["rivals"],
            families=state["families"],
            customers=state["customers"],
            unbooked=state["unbooked"]["resource"].tolist(),
            demand=state["demand"],
            paced=state["paced"],
            drivers=DriverCosts(cells[CUSTOMER], state["drivers"], quantities),
            filled=frozenset(state["filled"]["column"]),
            work=state["work"],
            service_sums=state["service_sums"],
            stock_value=state["stock_value"],
        )
