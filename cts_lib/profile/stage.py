"""The stage from the engine's transactions to its tables."""

from __future__ import annotations

import pandas as pd

from cts_lib import sql
from cts_lib.costing.avoidable import add_avoidable
from cts_lib.costing.calibration import remarks, unit_times
from cts_lib.costing.costed import Costed
from cts_lib.costing.driver_costs import DriverCosts, counted_terms
from cts_lib.costing.evidence import FEWEST_MONTHS, gather
from cts_lib.costing.priced import priced
from cts_lib.costing.product_work import fetch_product_work, keep_product_work
from cts_lib.costing.reconcile import activities_table, check_identity, resources_table, statement_table
from cts_lib.costing.rivals import rival_allocations, rival_costs
from cts_lib.costing.things import customer_things
from cts_lib.costing.trace import ledger_rows, support_flows
from cts_lib.costing.uncertainty import propagate
from cts_lib.cube.cube import cube_queries
from cts_lib.customers.behaviour import build_service_sums
from cts_lib.customers.demand import build_demand, rhythm, usual_bucket
from cts_lib.customers.stock_value import build_stock_value
from cts_lib.customers.sums import build_customer_sums
from cts_lib.engine import Engine, fetch_frame
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.profile.dimensions import dimensions
from cts_lib.profile.family_profit import family_profit, of_customers, product_profit
from cts_lib.profile.money import channel_profit, channel_profit_of, customer_profit
from cts_lib.profile.portrait import portrait
from cts_lib.profile.remarks import notes_of
from cts_lib.stage import Inputs, StageResult


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Cost the period's transactions and say who the customers are.

    State is what `Costed` holds, and ``sql``, the exact queries: title, sql.
    """
    accepted, period = inputs.accepted(), inputs.period
    engine, intake, activities = accepted.engine, accepted.intake, accepted.activities
    model, params, on_time = unit.params.cost_model, unit.params, unit.params.governance.on_time
    work = priced(engine, unit, activities, intake.uncovered, period)
    ledger, pools, rates, costs = work.ledger, work.pools, work.rates, work.costs
    resources = resources_table(model, pools, costs, rates)
    check_identity(resources, params.quality.ledger_tolerance)
    customer_sums = build_customer_sums(engine, params.strategy.electronic_methods, on_time, intake.filled)
    service_sums = build_service_sums(engine, on_time, intake.filled)
    customers = _customers(engine)
    by_channel = channel_profit_of(customer_sums, costs, customers)
    by_customer = customer_profit(by_channel, customers)
    rivals = rival_costs(model, pools, work.cube, by_channel)
    costliest = str(by_customer["customer_id"].iloc[-1]) if len(by_customer) else None
    uncertainty = propagate(costs, by_customer, model, params.profile.draws, params.profile.seed)
    evidence = gather(engine, unit, activities, period, months=period.months >= FEWEST_MONTHS)
    by_dimension, too_wide = dimensions(engine, intake, by_channel, customer_sums, customers, period, on_time)
    done = activities_table(model, costs, rates)
    terms, cube = counted_terms(engine, activities, done)
    drivers = DriverCosts.of_terms(terms, cube, done, keep_product_work(engine, terms, done))
    families = fetch_frame(engine, sql.load("families"))
    by_family = family_profit(families, of_customers(costs, activities))
    tables = {
        "resources": resources,
        "activities": done,
        "statement": statement_table(by_channel, resources, costs),
        "customer_costs": costs.astype(dict.fromkeys(costs.select_dtypes("category"), "str")),
        "customer_channel_profit": by_channel,
        "customer_profit": add_avoidable(by_customer, costs, model, "customer_id").merge(
            uncertainty.customers, on="customer_id", validate="one_to_one"
        ),
        "rival_allocations": rival_allocations(rivals),
        "whale_band": uncertainty.band,
        "assumption_shares": uncertainty.assumptions,
        "unit_times": unit_times(evidence, model),
        "channel_profit": add_avoidable(channel_profit(by_channel, resources, unit), costs, model, "channel"),
        "profile": by_dimension,
        "family_profit": by_family,
        "product_profit": product_profit(_products(engine, params.profile.product_profit), by_family),
        "lead_times": fetch_frame(engine, sql.load("lead_times", None, **on_time.values)),
        "ledger_rows": ledger_rows(unit, ledger, period),
        "support_flows": support_flows(unit, ledger, period),
        "customer_things": customer_things(engine, activities, rates, costliest),
        "customer_drivers": drivers.of(costliest),
        "rejected_rows": intake.rejected,
        "quality": intake.quality,
    }
    demand = build_demand(engine, period)
    pace = rhythm(params.segmentation.xyz_bucket, demand, period)
    paced = demand if pace == usual_bucket(period) else build_demand(engine, period, pace)
    more, more_notes = portrait(
        engine, unit, period, tables, customer_sums, service_sums, customers, families, demand, intake.filled
    )
    notes = pools.notes + notes_of(engine, unit, intake, activities, tables, customer_sums) + more_notes + too_wide
    notes += remarks(tables["unit_times"]) + _fewer_draws(uncertainty.draws, params.profile.draws)
    costed = Costed(
        tables=tables | more,
        customer_sums=customer_sums,
        rates=rates,
        rivals=rivals,
        families=families.drop(columns=["named", "lines", "cost"]),
        customers=customers,
        unbooked=pools.unbooked,
        demand=demand,
        paced=paced,
        drivers=drivers,
        filled=intake.filled,
        work=fetch_product_work(engine),
        service_sums=service_sums,
        stock_value=build_stock_value(engine, period),
    )
    queries = [("customers and channels", engine.shown(query)) for query in cube_queries(engine, activities)]
    shown = pd.DataFrame(queries, columns=["title", "sql"], dtype="str")
    return StageResult(costed.tables, notes, costed.state | {"sql": shown})


def _fewer_draws(drawn: int, wanted: int) -> list[Note]:
    if not 0 < drawn < wanted:
        return []
    return [
        Note(
            "The uncertainty rests on {drawn} draws instead of {wanted}: for so many customers, memory holds no more.",
            {"drawn": drawn, "wanted": wanted},
        )
    ]


def _products(engine: Engine, wanted: bool) -> pd.DataFrame | None:
    """What each customer bought of each product, and what serving it took, if that is wanted."""
    if not wanted:
        return None
    return fetch_frame(
        engine,
        "SELECT work.*, COALESCE(product.family, '(none)') AS family FROM product_work AS work "
        "JOIN products AS product ON product.product_id = work.product_id",
    )


def _customers(engine: Engine) -> pd.DataFrame:
    """The customers of the period, with all their columns."""
    return fetch_frame(
        engine,
        "SELECT customer.* FROM customers AS customer WHERE customer_id IN (SELECT customer_id FROM lines UNION "
        "SELECT customer_id FROM events) ORDER BY customer_id",
    )
