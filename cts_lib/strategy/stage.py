"""Strategy: for each segment and channel the supply-chain elements that make profit best within the limits.

Reads the period's lines, the rates of ``profile`` and the segments; writes ``strategy_options``, ``strategy`` and
``strategy_frontier``. Every option is today's transactions rewritten by a policy and priced by the same cost engine at
today's rates; a mixed-integer programme (HiGHS) chooses one option a segment and channel.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cts_lib.costing.avoidable import variable_shares
from cts_lib.costing.costed import Costed
from cts_lib.errors import DataError
from cts_lib.levers import archetype
from cts_lib.measures import ratios
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import CostModel, UnitParams
from cts_lib.replay.policy import (
    CURRENT,
    PROPOSED,
    Assignment,
    Option,
    Outcome,
    actual_transactions,
    options,
    replay,
    replay_options,
)
from cts_lib.stage import Inputs, StageResult
from cts_lib.strategy.choice import capacities_of, choose, frontier
from cts_lib.strategy.remarks import notes_of

FIGURES = ("cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment")
_ELEMENTS = ("service_level", "responsiveness", "speed_days", "visibility")
HIDDEN = ["margin", "going_cost", "promised_lines", "on_time_lines", "net_profit", "changes"]


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Price every option for every segment and channel, and choose.

    State ``assignment`` says who gets which option: customer_id, channel, segment, chosen_option.
    """
    accepted, period = inputs.accepted(), inputs.period
    engine, activities = accepted.engine, accepted.activities
    profiled, segments = Costed.of(inputs.results["profile"]), inputs.results["segment"].tables["segments"]
    params, model = unit.params.strategy, unit.params.cost_model
    all_options = options(params)
    by_name = {option.name: option for option in all_options}
    going = _going_shares(model, profiled.tables["resources"])
    years = period.months / (12 * params.investment_years)

    def priced(scenarios: list[str], outcome: Outcome) -> pd.DataFrame:
        return _figures(_sums(scenarios, outcome, segments, model, going), years)

    replayed = replay_options(engine, activities, profiled, params, segments, all_options)
    parts = [priced([option.name for option in batch], outcome) for batch, outcome in replayed]
    table = _option_table(pd.concat(parts, ignore_index=True), by_name, params.max_service_loss)
    capacities = capacities_of(profiled.tables["resources"], table)
    chosen = choose(table, capacities, params.budget)
    if chosen is None:
        raise DataError("strategy", "the solver found no choice", "report the params of this run")
    by_customer = segments[["customer_id", *CELL]].merge(
        table.loc[chosen, [*CELL, "option"]].rename(columns={"option": "chosen_option"}), on=CELL, how="left"
    )
    assignment = Assignment(by_customer.fillna({"chosen_option": CURRENT}), by_name)
    together = replay(engine, activities, profiled, params, assignment.policy(PROPOSED), actual_transactions(engine))
    proposed, resources = priced([PROPOSED], together), profiled.tables["resources"]
    tables = {
        "strategy_options": table.drop(columns=HIDDEN),
        "strategy": _strategy_table(table, chosen, by_name, proposed, resources, model),
        "strategy_frontier": frontier(table, capacities, params.budget, params.frontier_points),
    }
    notes = notes_of(unit, period, capacities, resources, tables["strategy"], proposed)
    return StageResult(tables, notes, {"assignment": assignment.chosen})


def _going_shares(model: CostModel, resources: pd.DataFrame) -> dict[str, float]:
    """Return the share of each activity's cost that leaves the ledger when the work goes.

    Where no resource says what is variable, all of it. Minutes beyond capacity cost nothing that a ledger row paid
    for, so of an overloaded resource nothing counts as leaving here.
    """
    shares = dict.fromkeys(model.activities, 1.0) if _unsaid(model) else variable_shares(model)
    overloaded = set(resources.loc[resources["overdriven"] > 0, "resource"])
    return {name: 0.0 if model.activities[name].resource in overloaded else share for name, share in shares.items()}


def _unsaid(model: CostModel) -> bool:
    """Say whether no resource says what of its cost is variable."""
    return all(resource.variable_share is None for resource in model.resources.values())


def _variable(model: CostModel, resource: str) -> float:
    return 1.0 if _unsaid(model) else model.resources[resource].variable_share or 0.0


def _sums(
    scenarios: list[str], outcome: Outcome, segments: pd.DataFrame, model: CostModel, going: dict[str, float]
) -> pd.DataFrame:
    """Sum what the replay yielded to scenario, segment and channel."""
    costs, customer_sums, touched = outcome.costs, outcome.customer_sums, outcome.touched
    segment_of = segments[["customer_id", "channel", "segment"]]
    keys = ["scenario", *CELL]
    cell_names = list(segments[CELL].drop_duplicates().itertuples(index=False, name=None))
    every = pd.MultiIndex.from_tuples([(name, *cell) for name in scenarios for cell in cell_names], names=keys)

    def cells(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        return frame.merge(segment_of, on=CUSTOMER, how="inner").groupby(keys)[columns].sum()

    sums = cells(customer_sums, [name for name in customer_sums.columns if customer_sums[name].dtype == "float64"])
    costed = costs.assign(
        cost_to_serve=costs["cost"], going_cost=costs["cost"] * costs["activity"].map(going).astype("float64")
    )
    sums = sums.join(cells(costed, ["cost_to_serve", "going_cost"]), how="outer")
    sums = sums.join(cells(touched, ["margin_at_risk", "investment"]), how="left").reindex(every)
    for resource in model.resources:
        used = costs[costs["resource"] == resource]
        amount = used["minutes"].where(used["minutes"].notna(), used["cost"])
        uses = cells(used.assign(amount=amount), ["amount"])["amount"]
        sums[f"uses_{resource}"] = uses.reindex(sums.index).fillna(0.0)
    return sums.fillna(0.0).reset_index()


def _figures(sums: pd.DataFrame, years: float) -> pd.DataFrame:
    """Add profit, service and the period's share of the investment; ``years`` is that share."""
    table = sums.rename(columns={"scenario": "option"})
    table["margin"] = table["net_sales"] - table["cogs"] - table["margin_at_risk"]
    table["profit"] = table["margin"] - table["cost_to_serve"]
    table["investment"] *= years
    table["net_profit"] = table["profit"] - table["investment"]
    return table.assign(**ratios(table, _ELEMENTS))


def _option_table(table: pd.DataFrame, by_name: dict[str, Option], max_service_loss: float) -> pd.DataFrame:
    """Return the options with their levers, in the order of the options, and which are allowed."""
    levers = list(by_name[CURRENT].settings)
    for lever in levers:
        table[lever] = [by_name[name].settings[lever] for name in table["option"]]
    table["changes"] = [len(by_name[name].changed) for name in table["option"]]
    today = table[table["option"] == CURRENT].set_index(CELL)[["service_level", "speed_days"]]
    before = today.reindex(pd.MultiIndex.from_frame(table[CELL])).set_axis(table.index)
    worse = table["service_level"] < before["service_level"] - max_service_loss
    slower = before["service_level"].isna() & (table["speed_days"] > before["speed_days"] + 1e-9)
    table["allowed"] = ~(worse | slower)
    uses = [name for name in table.columns if name.startswith("uses_")]
    table[uses] = table[uses].fillna(0.0)
    order = {name: place for place, name in enumerate(by_name)}
    table = table.sort_values(
        [*CELL, "option"], key=lambda column: column.map(order) if column.name == "option" else column
    )
    return table[[*CELL, "option", *levers, *FIGURES, *uses, "allowed", *HIDDEN]].reset_index(drop=True)


def _strategy_table(
    table: pd.DataFrame,
    chosen: pd.Series,
    options: Mapping[str, Option],
    together: pd.DataFrame,
    resources: pd.DataFrame,
    model: CostModel,
) -> pd.DataFrame:
    """Hold today against the proposal: all chosen options at work together, as one replay prices them.

    ``gain`` is profit less investment at full cost; of cost, ``cash_gain`` counts only what leaves the ledger, and
    ``overload_gain`` is work beyond capacity that is done no more, which no ledger row paid for. What an overloaded
    resource saves below its capacity was paid for, and goes as any other.
    """
    today = table[table["option"] == CURRENT].set_index(CELL)
    picked, proposed = table[chosen].set_index(CELL), together.set_index(CELL).reindex(today.index)
    cells = pd.DataFrame({"current_option": today["option"], "chosen_option": picked["option"]})
    cells["archetype"] = [archetype(options[name].changed) for name in picked["option"]]
    for figure in FIGURES:
        cells[f"current_{figure}"] = today[figure]
        cells[f"chosen_{figure}"] = proposed[figure]
    cells["promised_lines"] = today["promised_lines"]
    cells["gain"] = proposed["net_profit"] - today["net_profit"]
    cash = proposed["margin"] - proposed["going_cost"] - proposed["investment"]
    cells["cash_gain"] = cash - (today["margin"] - today["going_cost"] - today["investment"])
    cells["overload_gain"] = 0.0
    for row in resources[resources["overdriven"] > 0].to_dict("records"):
        column = f"uses_{row['resource']}"
        saved = today[column] - proposed[column]
        if saved.sum() > 0:
            beyond = min(float(today[column].sum()) - row["capacity_minutes"], float(saved.sum()))
            unpaid = max(beyond, 0.0) / saved.sum()
            cells["overload_gain"] += saved * row["rate"] * unpaid
            cells["cash_gain"] += saved * row["rate"] * (1 - unpaid) * _variable(model, row["resource"])
    return cells.reset_index()
