"""What a plan brings: the money of its cells, of capacity given up or added, less what its levers cost once."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from cts_lib.names import CELL, without_totals


class PlanMoney(NamedTuple):
    """What a plan brings in the period, all decisions together: at full cost, and in cash."""

    gain: float
    cash: float


def together(gain: float, cash: float, freed: float, upkeep: float) -> PlanMoney:
    """Return what a plan brings, of the sums of its cells; what capacity brings is cash alone."""
    return PlanMoney(gain - upkeep, cash + freed - upkeep)


def a_year(money: PlanMoney, decisions: pd.DataFrame) -> PlanMoney:
    """Return what a plan brings in a year like the period, which is to it as a decision's year is to its period."""
    if decisions.empty:
        return money
    largest = decisions.iloc[int(decisions["gain_a_year"].abs().argmax())]
    times = largest["gain_a_year"] / largest["gain"] if largest["gain"] else 1.0
    return PlanMoney(times * money.gain, times * money.cash)


def plan_money(strategy: pd.DataFrame, decisions: pd.DataFrame, capacity_plan: pd.DataFrame) -> PlanMoney:
    """Return what the plan of these tables brings."""
    cells = without_totals(strategy, *CELL)
    freed, upkeep = float(capacity_plan["cash"].sum()), float(decisions["upkeep"].sum())
    return together(float(cells["gain"].sum()), float(cells["cash_gain"].sum()), freed, upkeep)
