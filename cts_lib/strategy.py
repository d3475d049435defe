"""Strategy: for each segment and channel the supply-chain elements that make profit best within the limits.

Reads the period's lines, the rates of ``profile`` and the segments; writes ``strategy_options``, ``strategy`` and
``strategy_frontier``. Every option is today's transactions rewritten by a policy and priced by the same cost engine at
today's rates; a mixed-integer programme (HiGHS) chooses one option a segment and channel.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from cts_lib.costing.avoidable import variable_shares
from cts_lib.costing.base import ratios
from cts_lib.costing.compiled import CompiledActivity
from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.errors import DataError
from cts_lib.notes import Note, amount, names_in_words, shares
from cts_lib.params import CostModel, UnitParams
from cts_lib.period import Period
from cts_lib.policy import (
    AS_TODAY,
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

CELL = ["segment", "channel"]
FIGURES = ("cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment")
_SERVICE = {
    "service_level": "on_time",
    "responsiveness": "responsiveness",
    "speed_days": "lead_time_days",
    "visibility": "visibility",
}
HIDDEN = ["margin", "going_cost", "promised_lines", "on_time_lines", "net_profit", "changes"]
_TIE = 1e-6


def strategy(
    engine: Engine,
    unit: UnitParams,
    period: Period,
    activities: list[CompiledActivity],
    profiled: Costed,
    segments: pd.DataFrame,
) -> tuple[dict[str, pd.DataFrame], list[Note], Assignment]:
    """Price every option for every segment and channel, and choose; return tables, notes and who gets which option."""
    params, model = unit.params.strategy, unit.params.cost_model
    all_options = options(params)
    by_name = {option.name: option for option in all_options}
    going = _going_shares(model, profiled.tables["resources"])
    years = period.months / (12 * params.investment_years)

    def priced(scenarios: list[str], outcome: Outcome) -> pd.DataFrame:
        return _figures(_sums(scenarios, outcome, segments, model, going), years)

    replayed = replay_options(engine, activities, profiled.rates, params, segments, all_options)
    parts = [priced([option.name for option in batch], outcome) for batch, outcome in replayed]
    table = _option_table(pd.concat(parts, ignore_index=True), by_name, params.max_service_loss)
    capacities = _capacities(profiled.tables["resources"], table)
    chosen = choose(table, capacities, params.budget)
    if chosen is None:
        raise DataError(f"{unit.name}, strategy", "the solver found no choice", "report the params of this run")
    by_customer = segments[["customer_id", *CELL]].merge(
        table.loc[chosen, [*CELL, "option"]].rename(columns={"option": "chosen_option"}), on=CELL, how="left"
    )
    assignment = Assignment(by_customer.fillna({"chosen_option": CURRENT}), by_name)
    together = replay(
        engine, activities, profiled.rates, params, assignment.policy(PROPOSED), actual_transactions(engine)
    )
    proposed, resources = priced([PROPOSED], together), profiled.tables["resources"]
    tables = {
        "strategy_options": table.drop(columns=HIDDEN),
        "strategy": _strategy_table(table, chosen, proposed, resources),
        "strategy_frontier": frontier(table, capacities, params.budget, params.frontier_points),
    }
    return tables, _notes(unit, period, capacities, resources, tables["strategy"], proposed), assignment


def _going_shares(model: CostModel, resources: pd.DataFrame) -> dict[str, float]:
    """Return the share of each activity's cost that leaves the ledger when the work goes.

    Where no resource says what is variable, all of it. Minutes beyond capacity cost nothing that a ledger row paid
    for, so of an overloaded resource nothing leaves.
    """
    if all(resource.variable_share is None for resource in model.resources.values()):
        shares = dict.fromkeys(model.activities, 1.0)
    else:
        shares = variable_shares(model)
    overloaded = set(resources.loc[resources["overdriven"] > 0, "resource"])
    return {name: 0.0 if model.activities[name].resource in overloaded else share for name, share in shares.items()}


def _sums(
    scenarios: list[str], outcome: Outcome, segments: pd.DataFrame, model: CostModel, going: dict[str, float]
) -> pd.DataFrame:
    """Sum what the replay yielded to scenario, segment and channel."""
    costs, base, touched = outcome.costs, outcome.base, outcome.touched
    named = segments[["customer_id", "channel", "segment"]]
    keys = ["scenario", *CELL]
    cell_names = list(segments[CELL].drop_duplicates().itertuples(index=False, name=None))
    every = pd.MultiIndex.from_tuples([(name, *cell) for name in scenarios for cell in cell_names], names=keys)

    def cells(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        return frame.merge(named, on=["customer_id", "channel"], how="inner").groupby(keys)[columns].sum()

    sums = cells(base, [name for name in base.columns if base[name].dtype == "float64"])
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
    service = ratios(table, tuple(_SERVICE.values()))
    for figure, name in _SERVICE.items():
        table[figure] = service[name]
    return table


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


def _capacities(resources: pd.DataFrame, table: pd.DataFrame) -> dict[str, tuple[float, bool]]:
    """Return the minutes each resource may give, and whether today's use is above its practical capacity."""
    today = table[table["option"] == CURRENT]
    limits = {}
    for row in resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        column = f"uses_{row['resource']}"
        if column in table:
            used = float(today[column].sum())
            limits[column] = (max(float(row["capacity_minutes"]), used), used > row["capacity_minutes"])
    return limits


def choose(
    table: pd.DataFrame,
    capacities: dict[str, tuple[float, bool]],
    budget: float | None,
    least_on_time: float | None = None,
) -> pd.Series | None:
    """Return which rows are chosen, one a cell, or None where the limits cannot be kept.

    Maximises profit less investment under every capacity and the budget; with ``least_on_time`` also at least so many
    lines on time over all cells, while ``allowed`` no longer binds.
    """
    size = len(table)
    cell = table.groupby(CELL, sort=False).ngroup().to_numpy()
    one_each = np.zeros((cell.max() + 1, size))
    one_each[cell, np.arange(size)] = 1.0
    constraints = [LinearConstraint(one_each, 1.0, 1.0)]
    for column, (limit, _) in capacities.items():
        constraints.append(_at_most(table[column].to_numpy(), limit))
    if budget is not None:
        constraints.append(_at_most(table["investment"].to_numpy(), budget))
    upper = np.ones(size)
    if least_on_time is None:
        upper = np.where(table["allowed"], 1.0, 0.0)
    else:
        constraints.append(_at_most(-table["on_time_lines"].to_numpy(), -least_on_time))
    scale = max(float(table["net_profit"].abs().max()), 1.0)
    value = table["net_profit"].to_numpy() / scale - _TIE * table["changes"].to_numpy()
    solved = milp(-value, constraints=constraints, bounds=Bounds(0.0, upper), integrality=np.ones(size, dtype="int64"))
    if solved.x is None:
        return None
    return pd.Series(solved.x > 0.5, index=table.index)


def _at_most(amounts: np.ndarray, limit: float) -> LinearConstraint:
    """Keep the chosen amounts within a limit; both are brought to the size of 1, where the solver is exact."""
    scale = max(float(np.abs(amounts).max()), abs(limit), 1.0)
    return LinearConstraint(amounts / scale, -np.inf, limit / scale + 1e-9)


def _strategy_table(
    table: pd.DataFrame, chosen: pd.Series, together: pd.DataFrame, resources: pd.DataFrame
) -> pd.DataFrame:
    """Hold today against the proposal: all chosen options at work together, as one replay prices them.

    ``gain`` is profit less investment at full cost; ``cash_gain`` counts only the cost that leaves the ledger, and
    ``overload_gain`` work beyond capacity that is done no more, which no ledger row paid for.
    """
    today = table[table["option"] == CURRENT].set_index(CELL)
    picked, proposed = table[chosen].set_index(CELL), together.set_index(CELL).reindex(today.index)
    cells = pd.DataFrame({"current_option": today["option"], "chosen_option": picked["option"]})
    cells["archetype"] = [_archetype(row) for row in picked.to_dict("records")]
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
            cells["overload_gain"] += saved * row["rate"] * max(beyond, 0.0) / saved.sum()
    return cells.reset_index()


def _archetype(row: Mapping[Hashable, object]) -> str:
    """Name what the chosen levers amount to."""
    bundled = row.get("delivery_rhythm", AS_TODAY) != AS_TODAY or row.get("minimum_order", AS_TODAY) != AS_TODAY
    electronic = row.get("order_method", AS_TODAY) != AS_TODAY
    calm = row.get("rush", AS_TODAY) != AS_TODAY
    if bundled:
        return "Consolidated and self-served" if electronic else "Consolidated flow"
    if electronic:
        return "Self-served"
    return "Planned flow" if calm else "Keep as it is"


def frontier(
    table: pd.DataFrame, capacities: dict[str, tuple[float, bool]], budget: float | None, points: int
) -> pd.DataFrame:
    """Return what profit is left at rising service levels: one optimum a point."""
    by_cell = table.groupby(CELL)["on_time_lines"]
    least, most = float(by_cell.min().sum()), float(by_cell.max().sum())
    promised = float(table[table["option"] == CURRENT]["promised_lines"].sum())
    rows, seen = list[tuple[float | None, float, float, int]](), set[tuple[bool, ...]]()
    for on_time in np.linspace(least, most, points) if promised else [0.0]:
        chosen = choose(table, capacities, budget, float(on_time))
        if chosen is None or tuple(chosen) in seen:
            continue
        seen.add(tuple(chosen))
        picked = table[chosen]
        level = float(picked["on_time_lines"].sum()) / promised if promised else None
        changed = int((picked["option"] != CURRENT).sum())
        rows.append((level, float(picked["profit"].sum()), float(picked["cost_to_serve"].sum()), changed))
    frame = pd.DataFrame(rows, columns=["service_level", "profit", "cost_to_serve", "options_changed"])
    frame.insert(0, "point", range(1, len(frame) + 1))
    return frame


def _notes(
    unit: UnitParams,
    period: Period,
    capacities: dict[str, tuple[float, bool]],
    resources: pd.DataFrame,
    cells: pd.DataFrame,
    proposed: pd.DataFrame,
) -> list[Note]:
    params, model = unit.params.strategy, unit.params.cost_model
    gains = {name: float(cells[name].sum()) for name in ("gain", "cash_gain", "overload_gain")}
    parts = {
        "gain": gains["gain"],
        "cash": gains["cash_gain"],
        "relieved": gains["overload_gain"],
        "freed": gains["gain"] - gains["cash_gain"] - gains["overload_gain"],
    }
    notes = [
        Note(
            "The proposal gains {gain} at full cost, less the period's share of the investment. {cash} of it leaves "
            "the ledger; {relieved} is work beyond capacity that nobody has to do any more, which no ledger row paid "
            "for; {freed} is capacity set free, money only when used or given up.",
            {name: amount(value, "money") for name, value in parts.items()},
            assumed=True,
        )
    ]
    if all(resource.variable_share is None for resource in model.resources.values()):
        notes.append(
            Note(
                "No resource says what part of its cost is variable: all cost of work that goes is taken to leave the "
                "ledger, but for resources beyond capacity.",
                assumed=True,
            )
        )
    share = period.months / (12 * params.investment_years)
    outlay = float((cells["chosen_investment"] - cells["current_investment"]).sum()) / share
    if outlay:
        notes.append(
            Note(
                "The proposal takes an investment of {outlay}, spread over {years} years; the period bears {borne}.",
                {
                    "outlay": amount(outlay, "money"),
                    "years": f"{params.investment_years:g}",
                    "borne": amount(outlay * share, "money"),
                },
                assumed=True,
            )
        )
    levers = set(params.levers.given)
    if levers & {"delivery_rhythm", "minimum_order"}:
        saving = amount(params.freight_saving, "percent")
        notes.append(
            Note(
                "Assumed, not observed: merging shipments saves {saving} of the freight of each one merged away.",
                {"saving": saving},
                assumed=True,
            )
        )
    if "rush" in levers:
        days = amount(params.rush_delay_days, "duration")
        notes.append(
            Note(
                "Assumed, not observed: a rush order served as standard arrives {days} later.",
                {"days": days},
                assumed=True,
            )
        )
    notes += [
        Note(
            "Assumed: the share of margin lost where a lever touches an order is {risks}.",
            {"risks": shares({name: lever.margin_at_risk for name, lever in params.levers if lever is not None})},
            assumed=True,
        ),
        Note(
            "An option is allowed while it makes at most {loss} of the promised lines late that are on time today; "
            "promises to customers stay as they are.",
            {"loss": amount(params.max_service_loss, "percent")},
            assumed=True,
        ),
    ]
    for name, minutes in resources.dropna(subset="capacity_minutes").set_index("resource")["capacity_minutes"].items():
        limit, is_over = capacities.get(f"uses_{name}", (0.0, False))
        if is_over:
            used = {"now": limit / minutes, "then": float(proposed[f"uses_{name}"].sum()) / minutes}
            notes.append(
                Note(
                    "{resource}: used beyond practical capacity today, {now}. The proposal may not use more, and uses "
                    "{then}.",
                    {"resource": names_in_words([str(name)])}
                    | {when: amount(share, "percent") for when, share in used.items()},
                )
            )
    return notes
