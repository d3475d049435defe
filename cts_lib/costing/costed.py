"""A costed period: what the profile stage found, in the form that later stages read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.driver_costs import DriverCosts
from cts_lib.notes import Note


@dataclass(frozen=True)
class Costed:
    """The tables of stage ``profile`` with its notes, and what later stages work with.

    ``base`` holds sums of sales and service per customer and channel, ``rates`` the price of a unit of each activity,
    ``rivals`` the cost per customer and channel by rival methods, ``families`` the sales per customer, channel and
    product family, ``customers`` the customers of the period with all their columns, ``unbooked``
    the resources without a ledger row, ``demand`` what each customer ordered in each channel and bucket of time,
    ``drivers`` what each driver of an equation costs.
    """

    tables: dict[str, pd.DataFrame]
    notes: list[Note]
    base: pd.DataFrame
    rates: pd.DataFrame
    rivals: pd.DataFrame
    families: pd.DataFrame
    customers: pd.DataFrame
    unbooked: list[str]
    demand: pd.DataFrame
    drivers: DriverCosts
