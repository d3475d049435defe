"""What the proposal gains and takes, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cts_lib.levers import KIND_OF
from cts_lib.notes import Note, amount, names_in_words, shares
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.money import plan_money
from cts_lib.replay.options import Option
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.choice import Limits, Plan
from cts_lib.strategy.programme import GAP


def notes_of(
    unit: UnitParams,
    period: Period,
    cells: pd.DataFrame,
    decided: pd.DataFrame,
    steps: pd.DataFrame,
    shipped: pd.DataFrame,
    limits: Limits,
    plan: Plan,
    idle: float,
) -> list[Note]:
    """Return the stage's remarks.

    ``cells`` is table ``strategy``, ``decided`` table ``decisions``, ``steps`` table ``capacity_plan``, ``shipped``
    table ``node_plan``, ``idle`` what steps of capacity bring today, overtime counted, with no lever at all.
    """
    params = unit.params.strategy
    freed, money = float(steps["cash"].sum()), plan_money(cells, decided, steps)
    notes = []
    if len(decided) or money.cash or money.gain:
        notes.append(
            Note(
                "The plan changes cash by {cash} in the period: margin, fees, the cost that leaves the ledger and the "
                "period's share of the investment. At full cost it changes profit by {gain}; what is not cash is "
                "capacity set free, which is paid for anyway.",
                {"cash": amount(money.cash, "money"), "gain": amount(money.gain, "money")},
                assumed=True,
            )
        )
    overtime = sum(each.overload_cost * max(each.used - each.minutes, 0.0) for each in limits.capacities)
    if freed:
        notes.append(
            Note(
                "Of it, {freed} is capacity given up or added in whole steps, and overtime; {idle} of it could be had "
                "today, without any lever.",
                {"freed": amount(freed, "money"), "idle": amount(max(idle + overtime, 0.0), "money")},
            )
        )
    notes += [
        *_money(unit, period, cells, float(decided["upkeep"].sum())),
        *_assumptions(unit),
        *_overloaded(limits, steps),
        *_crowded(shipped),
    ]
    notes.append(
        Note(
            "An option is allowed while it makes at most {loss} of the promised lines late that are on time today, or "
            "keeps the floors of its segment.",
            {"loss": amount(params.max_service_loss, "percent")},
            assumed=True,
        )
    )
    limit = params.archetypes
    notes.append(
        Note(
            "Assumed: demand is uncertain where its coefficient of variation over the period's weeks or months is "
            "above {demand}; supply where more than {late} of the promised lines are late under the plan, or where "
            "that of the days of replenishment is above {supply}. These two name the supply chain of each segment in "
            "a channel, by Lee (2002).",
            {
                "demand": amount(limit.demand_variation, "decimal"),
                "late": amount(limit.late, "percent"),
                "supply": amount(limit.supply_variation, "decimal"),
            },
            assumed=True,
        )
    )
    notes.append(
        Note("No other choice within the limits is worth more, nor would another setting of one lever in one cell be.")
        if plan.gap <= GAP
        else Note(
            "No other choice within the limits is worth more than {gap} more.", {"gap": amount(plan.gap, "percent")}
        )
    )
    return notes


def unreached(going: GoingAlong) -> Iterator[Note]:
    """Say which settings are no option because nobody goes along with them."""
    nobody = [choice for choice, those in going.those.items() if not those.any()]
    none = [Option(dict([choice])).name for choice in nobody if not going.reached[choice].any()]
    few = [Option(dict([choice])).name for choice in nobody if going.reached[choice].any()]
    if none:
        yield Note(
            "No option, for nobody is reached: {options}. No line of those whom it is for is such as it would change, "
            "or no lane or warehouse takes what it would send.",
            {"options": names_in_words("option", none)},
        )
    if few:
        yield Note(
            "No option, for nobody goes along: {options}. In no segment and channel is the adoption of those reached "
            "half a customer.",
            {"options": names_in_words("option", few)},
        )


def _money(unit: UnitParams, period: Period, cells: pd.DataFrame, fixed: float) -> Iterator[Note]:
    params, model = unit.params.strategy, unit.params.cost_model
    if all(resource.variable_share is None for resource in model.resources.values()):
        yield Note(
            "No resource says what part of its cost is variable: all cost of work that goes is taken to leave the "
            "ledger, but for resources beyond capacity.",
            assumed=True,
        )
    share = period.months / (12 * params.investment_years)
    each = float(cells["chosen_investment"].sum())
    if each or fixed:
        yield Note(
            "The plan takes {borne} of the period for investment and upkeep: {outlay} for the customers who go along, "
            "spread over {years} years, and {fixed} for what levers cost once and every year.",
            {
                "borne": amount(each + fixed, "money"),
                "outlay": amount(each / share, "money"),
                "years": f"{params.investment_years:g}",
                "fixed": amount(fixed, "money"),
            },
            assumed=True,
        )


def _assumptions(unit: UnitParams) -> Iterator[Note]:
    params = unit.params.strategy
    kinds = dict.fromkeys(lever.kind for lever in params.levers.values())
    assumptions = [KIND_OF[kind].assumption for kind in kinds]
    for text, values in {each.text: each.values for each in assumptions if each}.items():
        amounts = {name: amount(getattr(params, key), written_as) for name, (key, written_as) in values.items()}
        yield Note(text, amounts, assumed=True)
    risks = {name: lever.margin_at_risk for name, lever in params.levers.items() if lever.margin_at_risk}
    if risks:
        yield Note(
            "Assumed: the share of margin lost where a lever touches an order is {risks}.",
            {"risks": shares("lever", risks)},
            assumed=True,
        )
    partly = {name: lever.adoption for name, lever in params.levers.items() if lever.adoption < 1}
    if partly:
        yield Note(
            "Assumed: of the customers that a lever reaches so many go along: {adoption}.",
            {"adoption": shares("lever", partly)},
            assumed=True,
        )


def _overloaded(limits: Limits, steps: pd.DataFrame) -> Iterator[Note]:
    used = steps.set_index("resource")["used_then"]
    for each in limits.capacities:
        if each.used > each.minutes and each.resource in used.index and not each.is_node:
            yield Note(
                "{resource}: used beyond practical capacity today, {now}. The proposal may not use more, and uses "
                "{then}.",
                {
                    "resource": names_in_words("resource", [each.resource]),
                    "now": amount(each.used / each.minutes, "percent"),
                    "then": amount(float(used[each.resource]) / each.minutes, "percent"),
                },
            )


def _crowded(shipped: pd.DataFrame) -> Iterator[Note]:
    """Say which warehouses ship more than they can."""
    if len(shipped):
        yield Note(
            "A warehouse can ship its lines a day on each day of the period on which lines were posted.", assumed=True
        )
    for row in shipped[shipped["ships_now"] > shipped["capacity"]].to_dict("records"):
        yield Note(
            "{warehouse}: ships {now} lines today, and can ship {capacity}. The proposal may not send more through it, "
            "and sends {then}.",
            {
                "warehouse": names_in_words("warehouse", [str(row["warehouse"])]),
                "now": amount(float(row["ships_now"]), "number"),
                "capacity": amount(float(row["capacity"]), "number"),
                "then": amount(float(row["ships_then"]), "number"),
            },
        )
