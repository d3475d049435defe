"""Strategy: for each segment and channel the supply chain that fits, in money that arrives.

Reads the period's lines, the rates of ``profile`` and the segments; writes ``strategy_options``, ``strategy``,
``strategy_frontier``, ``service_prices``, ``capacity_plan``, ``node_plan``, ``strategy_sensitivity``,
``strategy_pairs``, ``decisions``, ``customer_plan`` and ``customer_terms``. Every option is today's transactions
rewritten by levers and priced by the same cost engine at today's rates; a mixed-integer programme (HiGHS) chooses one
option a segment and channel, and steps of capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd

from cts_lib.costing.avoidable import going_shares
from cts_lib.costing.costed import Costed
from cts_lib.names import CELL, CUSTOMER
from cts_lib.notes import Note
from cts_lib.params import CostModel, Strategy, UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.options import AS_TODAY, CURRENT, PROPOSED, TODAY, placed_levers, read_option
from cts_lib.replay.outcome import reached_by
from cts_lib.replay.policy import Cells, cells_of
from cts_lib.replay.pricing import pricing
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import GoingAlong, share_of, who_goes_along
from cts_lib.stage import Accepted, Inputs, StageResult
from cts_lib.strategy.alternatives import alternatives
from cts_lib.strategy.archetypes import archetypes
from cts_lib.strategy.capacity import capacities_of, capacity_plan, node_plan, nodes_of
from cts_lib.strategy.cells import ELEMENTS, Books, with_responsiveness
from cts_lib.strategy.checks import check_floors, check_levers, check_segments
from cts_lib.strategy.choice import Capacity, Limits, choose, frontier
from cts_lib.strategy.customer_plan import WhollyTaken, customer_plan
from cts_lib.strategy.customer_terms import customer_terms
from cts_lib.strategy.decisions import decisions, with_duties
from cts_lib.strategy.fighting import nearest, why_none
from cts_lib.strategy.grow import grow
from cts_lib.strategy.judge import asked_of, judged, where_service_is_asked
from cts_lib.strategy.prices import hours_worth, service_prices
from cts_lib.strategy.remarks import notes_of, unreached
from cts_lib.strategy.replays import Replays
from cts_lib.strategy.sensitivity import Replay, Rows, sensitivity, worst_pairs
from cts_lib.strategy.stand import Stand, resources_of
from cts_lib.strategy.surge import StockInSurge

FIGURES = ("cost_to_serve", "profit", "cash", "investment", *ELEMENTS)


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Price every option that is asked for, for every segment and channel, and choose.

    State ``going_along`` says who goes along with what.
    """
    accepted, period = inputs.accepted(), inputs.period
    engine, params, model = accepted.engine, unit.params.strategy, unit.params.cost_model
    costed, segments = Costed.of(inputs.results["profile"]), inputs.results["segment"].tables["segments"]
    going, of_stock = going_along(accepted, unit, period, costed, segments)
    resources = costed.tables["resources"]
    share = period.months / (12 * params.investment_years)
    levers = placed_levers(params)
    in_surge = StockInSurge(engine, levers, going, params.surge, period.days)
    books = Books(model, params, levers, going, going_shares(unit, resources), resources, share, in_surge)
    priced = pricing(model, accepted.extras, params, costed.rates, unit.params.governance.on_time)
    replays = Replays(engine, priced, costed, books)
    cells = going.cells[CELL].drop_duplicates().itertuples(index=False, name=None)
    today = replays({CURRENT: dict.fromkeys(cells, TODAY)})
    current = with_responsiveness(today, today, books)

    timed, nodes = capacities_of(unit, resources), nodes_of(engine, costed.customer_sums)

    def replayed(plans: dict[str, Cells]) -> pd.DataFrame:
        return judged(replays(plans), current, books)

    def at_work(plans: dict[str, Cells]) -> pd.DataFrame:
        return judged(replays(plans), current, books, timed)

    limits = Limits(
        [*timed, *nodes],
        params.budget,
        params.max_configurations,
        {
            lever.name: lever.lever.investment.once * share + lever.lever.investment.per_year * period.months / 12
            for lever in levers
            if lever.lever.investment.once or lever.lever.investment.per_year
        },
    )

    asked = asked_of(params)
    table, plan = grow(
        judged(current, current, books),
        params,
        going,
        replayed,
        lambda table: choose(table, limits),
        lambda table: nearest(table, limits, asked),
    )
    if plan is None:
        check_floors(unit, table)
        raise why_none(table, limits, asked)
    picked = table[plan.chosen]
    chosen = cells_of(picked, "option")
    together = at_work({PROPOSED: chosen})
    by_cell = _strategy_table(current, picked, together)
    suited = archetypes(engine, going.cells, by_cell, period, params.archetypes)
    by_cell = by_cell.merge(suited, on=CELL).merge(alternatives(table, plan, limits), on=CELL)
    steps = capacity_plan(timed, current, together, plan.steps, hours_worth(table, plan, limits))
    shipped = node_plan(nodes, together)
    orders = going.cells.merge(costed.customer_sums, on=CUSTOMER, how="left")["orders"].fillna(0.0)
    work = resources_of(costed.tables["customer_costs"], books)
    prices = {name: each.price for name, each in work.items()}
    decided = decisions(chosen, together, books, limits, plan.steps, prices, orders, period, at_work)
    stand = Stand(judged(current, current, books), together, limits, work, params.objective == "full_cost")
    under = _replayed_under(replays, chosen, current, books)
    doubt = sensitivity(stand, books, under)
    taken, served = WhollyTaken.of(chosen, books), where_service_is_asked(table)
    planned = customer_plan(engine, priced, costed, books, taken)
    terms, of_terms = customer_terms(engine, unit, accepted.extras, costed, segments, planned, taken)
    tables = {
        "strategy_options": _option_table(table, list(params.levers), model, nodes),
        "strategy": by_cell,
        "strategy_frontier": frontier(served, limits, params.frontier_points),
        "service_prices": service_prices(served, plan, limits),
        "capacity_plan": steps,
        "node_plan": shipped,
        "strategy_sensitivity": doubt.table(),
        "strategy_pairs": worst_pairs(doubt, stand, books, under),
        "decisions": with_duties(decided, chosen, doubt, unit, period),
        "customer_plan": planned,
        "customer_terms": terms,
    }
    idle = choose(table[table["option"] == CURRENT].assign(eligible=True).reset_index(drop=True), limits)
    worth = idle.worth if idle else 0.0
    notes = [
        *notes_of(unit, period, by_cell, decided, steps, shipped, limits, plan, worth),
        *unreached(going),
        *of_stock,
        *of_terms,
    ]
    return StageResult(tables, notes, {"going_along": going.table()})


def going_along(
    accepted: Accepted, unit: UnitParams, period: Period, costed: Costed, segments: pd.DataFrame
) -> tuple[GoingAlong, list[Note]]:
    """Return who goes along with what, and what is to be said of today's stock, which is left in the engine."""
    engine, params = accepted.engine, unit.params.strategy
    check_levers(engine, unit)
    check_segments(unit, set(segments["segment"]))
    of_stock = leave_stock(engine, params, period.days)
    sales = costed.customer_sums.groupby("customer_id")["net_sales"].sum()
    going = who_goes_along(
        engine,
        params,
        accepted.extras,
        segments,
        sales,
        lambda choices, all_: reached_by(engine, params, choices, all_),
    )
    return going, of_stock


def _replayed_under(replays: Replays, chosen: Cells, current: pd.DataFrame, books: Books) -> Replay:
    """Return what replays the plan under other assumptions about its levers, once under each."""
    of_strategy, going = {"": replays}, books.going

    def under(assumed: Mapping[str, Strategy]) -> dict[str, Rows]:
        new = {name: strategy for name, strategy in assumed.items() if name not in of_strategy}
        others = {name: share_of(going.cells, going.reached, strategy) for name, strategy in new.items()}
        of_strategy.update(replays.varied(chosen, new, others))
        return {name: partial(rows, of_strategy[name]) for name in assumed}

    def rows(of: Replays, leaving: float) -> pd.DataFrame:
        return judged(of({PROPOSED: chosen}, leaving), current, books)

    return under


def _option_table(table: pd.DataFrame, levers: list[str], model: CostModel, nodes: list[Capacity]) -> pd.DataFrame:
    """Return the options in order, with the setting of each lever."""
    uses = [*(f"uses_{name}" for name in model.resources), *(each.column for each in nodes)]
    first, figures = [*CELL, "option"], ["customers_reached", *FIGURES, *uses, "allowed", "reason"]
    options = [read_option(name) for name in table["option"]]
    settings = {
        f"lever_{lever}" if lever in {*first, *figures} else lever: [
            option.settings.get(lever, AS_TODAY) for option in options
        ]
        for lever in levers
    }
    whole = pd.concat([table[first], pd.DataFrame(settings, index=table.index), table[figures]], axis=1)
    order = table.assign(first=table["option"] != CURRENT).sort_values([*CELL, "first", "option"], kind="stable").index
    return whole.loc[order].reset_index(drop=True)


def _strategy_table(current: pd.DataFrame, picked: pd.DataFrame, together: pd.DataFrame) -> pd.DataFrame:
    """Hold today against the proposal: all chosen options at work together, as one replay prices them."""
    today = current.assign(cash=0.0).set_index(CELL)
    proposed = together.set_index(CELL).reindex(today.index)
    chosen = picked.set_index(CELL)["option"].reindex(today.index)
    cells = pd.DataFrame({"current_option": today["option"], "chosen_option": chosen})
    cells["customers_reached"] = proposed["customers_reached"]
    for figure in FIGURES:
        cells[f"current_{figure}"], cells[f"chosen_{figure}"] = today[figure], proposed[figure]
    cells["promised_lines"] = today["promised_lines"]
    cells["gain"] = proposed["net_profit"] - today["net_profit"]
    cells["cash_gain"] = proposed["cash"]
    return cells.reset_index()
