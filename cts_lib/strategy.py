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

from cts_lib.costing.base import ratios
from cts_lib.costing.costed import Costed
from cts_lib.costing.cube import CompiledActivity
from cts_lib.engine import Engine
from cts_lib.errors import DataError
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.period import Period
from cts_lib.policy import AS_TODAY, CURRENT, Assignment, Option, Outcome, options, replay_options

CELL = ["segment", "channel"]
FIGURES = ("cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment")
_SERVICE = {
    "service_level": "on_time",
    "responsiveness": "responsiveness",
    "speed_days": "lead_time_days",
    "visibility": "visibility",
}
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
    params = unit.params.strategy
    all_options = options(params)
    parts = [
        _price_cells(batch, outcome, segments, unit)
        for batch, outcome in replay_options(engine, activities, profiled.rates, params, segments, all_options)
    ]
    table = _option_table(pd.concat(parts, ignore_index=True), all_options, unit, period)
    capacities = _capacities(profiled.tables["resources"], table)
    chosen = choose(table, capacities, params.budget)
    if chosen is None:
        raise DataError(f"{unit.name}, strategy", "no choice keeps the limits", "raise strategy.budget")
    cells = _strategy_table(table, chosen)
    by_customer = segments[["customer_id", *CELL]].merge(cells[[*CELL, "chosen_option"]], on=CELL, how="left")
    by_customer["chosen_option"] = by_customer["chosen_option"].fillna(CURRENT)
    tables = {
        "strategy_options": table.drop(columns=["promised_lines", "on_time_lines", "net_profit", "changes"]),
        "strategy": cells,
        "strategy_frontier": frontier(table, capacities, params.budget, params.frontier_points),
    }
    return tables, _notes(unit, capacities), Assignment(by_customer, {option.name: option for option in all_options})


def _price_cells(batch: list[Option], outcome: Outcome, segments: pd.DataFrame, unit: UnitParams) -> pd.DataFrame:
    """Sum what the replay yielded to scenario, segment and channel."""
    costs, base, touched = outcome.costs, outcome.base, outcome.touched
    named = segments[["customer_id", "channel", "segment"]]
    keys = ["scenario", *CELL]
    cell_names = list(segments[CELL].drop_duplicates().itertuples(index=False, name=None))
    every = pd.MultiIndex.from_tuples([(option.name, *cell) for option in batch for cell in cell_names], names=keys)

    def cells(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        return frame.merge(named, on=["customer_id", "channel"], how="inner").groupby(keys)[columns].sum()

    sums = cells(base, [name for name in base.columns if base[name].dtype == "float64"])
    sums = sums.join(cells(costs, ["cost"]).rename(columns={"cost": "cost_to_serve"}), how="outer")
    sums = sums.join(cells(touched, ["margin_at_risk", "investment"]), how="left").reindex(every)
    for resource in unit.params.cost_model.resources:
        used = costs[costs["resource"] == resource]
        amount = used["minutes"].where(used["minutes"].notna(), used["cost"])
        uses = cells(used.assign(amount=amount), ["amount"])["amount"]
        sums[f"uses_{resource}"] = uses.reindex(sums.index).fillna(0.0)
    return sums.fillna(0.0).reset_index()


def _option_table(cells: pd.DataFrame, all_options: list[Option], unit: UnitParams, period: Period) -> pd.DataFrame:
    params = unit.params.strategy
    by_name = {option.name: option for option in all_options}
    table = cells.rename(columns={"scenario": "option"})
    for lever in all_options[0].settings:
        table[lever] = [by_name[name].settings[lever] for name in table["option"]]
    table["profit"] = table["net_sales"] - table["cogs"] - table["margin_at_risk"] - table["cost_to_serve"]
    service = ratios(table, tuple(_SERVICE.values()))
    for figure, name in _SERVICE.items():
        table[figure] = service[name]
    table["investment"] *= period.months / (12 * params.investment_years)
    table["net_profit"] = table["profit"] - table["investment"]
    table["changes"] = [len(by_name[name].changed) for name in table["option"]]
    today = table[table["option"] == CURRENT].set_index(CELL)["service_level"]
    before = today.reindex(pd.MultiIndex.from_frame(table[CELL])).set_axis(table.index)
    table["allowed"] = ~(table["service_level"] < before - params.max_service_loss)
    uses = [name for name in table.columns if name.startswith("uses_")]
    table[uses] = table[uses].fillna(0.0)
    order = {option.name: place for place, option in enumerate(all_options)}
    table = table.sort_values(
        [*CELL, "option"], key=lambda column: column.map(order) if column.name == "option" else column
    )
    figures = ["cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment"]
    hidden = ["margin_at_risk", "promised_lines", "on_time_lines", "net_profit", "changes"]
    return table[[*CELL, "option", *all_options[0].settings, *figures, *uses, "allowed", *hidden]].reset_index(
        drop=True
    )


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


def _strategy_table(table: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    today = table[table["option"] == CURRENT].set_index(CELL)
    proposed = table[chosen].set_index(CELL)
    cells = pd.DataFrame({"current_option": today["option"], "chosen_option": proposed["option"]})
    cells["archetype"] = [_archetype(row) for row in proposed.to_dict("records")]
    for figure in FIGURES:
        cells[f"current_{figure}"] = today[figure]
        cells[f"chosen_{figure}"] = proposed[figure]
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


def _notes(unit: UnitParams, capacities: dict[str, tuple[float, bool]]) -> list[Note]:
    params = unit.params.strategy
    notes = [
        Note(
            "Options are priced at today's rates: minutes set free become money only when the capacity is used or "
            "given up.",
            assumed=True,
        ),
        Note(
            "Assumed, not observed: merging shipments saves {saving} of the freight of each one merged away, and a "
            "rush order served as standard arrives {days} days later.",
            {"saving": f"{params.freight_saving:.0%}", "days": params.rush_delay_days},
            assumed=True,
        ),
        Note(
            "Assumed: the share of margin lost where a lever touches an order is {risks}.",
            {
                "risks": ", ".join(
                    f"{name} {lever.margin_at_risk:.1%}" for name, lever in params.levers if lever is not None
                )
            },
            assumed=True,
        ),
        Note(
            "An option is allowed while its on-time share stays within {loss} of today's; promises to customers "
            "stay as they are.",
            {"loss": f"{params.max_service_loss:.0%}"},
            assumed=True,
        ),
    ]
    over = [name.removeprefix("uses_") for name, (_, above) in capacities.items() if above]
    if over:
        notes.append(
            Note(
                "{resources} already works beyond its practical capacity: the proposal may not use more of it than "
                "today.",
                {"resources": ", ".join(over)},
            )
        )
    return notes
