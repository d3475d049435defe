"""The customers beside their cost: behaviour, demand, service, places, products, and what goes with cost to serve."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from cts_lib.customers.behaviour import customer_behaviour
from cts_lib.customers.concentration import concentration
from cts_lib.customers.demand import customer_demand
from cts_lib.customers.effects import cost_effects
from cts_lib.customers.reasons import customer_reasons
from cts_lib.customers.season import build_months, monthly_sales, seasonality
from cts_lib.engine import Engine
from cts_lib.measures import is_known
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.profile.missing import missing_values
from cts_lib.profile.places import places
from cts_lib.profile.products import product_mix
from cts_lib.profile.service import service

Tables = dict[str, pd.DataFrame]


def portrait(
    engine: Engine,
    unit: UnitParams,
    period: Period,
    tables: Tables,
    customer_sums: pd.DataFrame,
    service_sums: pd.DataFrame,
    customers: pd.DataFrame,
    families: pd.DataFrame,
    demand: pd.DataFrame,
    filled: Collection[str],
) -> tuple[Tables, list[Note]]:
    """Return the tables that say who the customers are, from those that say what they cost, and their notes."""
    by_channel, by_customer = tables["customer_channel_profit"], tables["customer_profit"]
    behaviour = customer_behaviour(by_channel, customer_sums, service_sums, families, period)
    monthly = monthly_sales(build_months(engine, unit.business_unit, period))
    found = {
        "concentration": concentration(by_customer),
        "customer_reasons": customer_reasons(by_customer, by_channel, behaviour, tables["customer_costs"]),
        "customer_behaviour": behaviour,
        "customer_demand": customer_demand(demand, period),
        "monthly_sales": monthly,
        "seasonality": seasonality(monthly),
        "service": service(by_channel, customer_sums, service_sums),
        "places": places(by_channel, customer_sums, service_sums, customers),
        "product_mix": product_mix(engine, tables["profile"], by_channel),
        "cost_effects": cost_effects(by_channel, behaviour, customers),
        "missing_values": missing_values(engine, customers, by_channel),
    }
    return found, [_perfect_order(filled)]


def _perfect_order(filled: Collection[str]) -> Note:
    """What a perfect order is here, and what of it the data do not hold."""
    promised, counted = is_known("on_time", filled), is_known("in_full", filled)
    if promised and counted:
        return Note("A perfect order is on time, in full and without a return; documents and damage are in no table.")
    if promised:
        return Note(
            "A perfect order is on time and without a return; delivered quantities, documents and damage are missing."
        )
    if counted:
        return Note(
            "A perfect order is in full and without a return; promised dates, documents and damage are missing."
        )
    return Note("No line has a promise or a delivered quantity: nothing can be called a perfect order.")
