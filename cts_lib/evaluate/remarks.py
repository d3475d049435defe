"""What the page of the evaluation says beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from cts_lib.errors import CtsError
from cts_lib.evaluate.backtest import Foretold
from cts_lib.evaluate.capacities import OVERTIME
from cts_lib.evaluate.chain import UnitChain
from cts_lib.evaluate.kept import missed
from cts_lib.evaluate.small import FEW, HELD, LITTLE
from cts_lib.names import ALL, BASE, CELL
from cts_lib.notes import Note, amount, counted, names_in_words
from cts_lib.params import UnitParams
from cts_lib.replay.options import CURRENT
from cts_lib.simulate.common import USUAL
from cts_lib.simulate.draws import Demand
from cts_lib.stage import why_not

MOVED = 0.05
"""Where simulated net sales differ from the period's by more than this share, it is told."""


def notes_of(
    unit: UnitParams,
    demand: Demand,
    past: Foretold | CtsError | None,
    calibration: pd.DataFrame,
    coverage: pd.DataFrame,
    replications: tuple[int, int],
    relied: dict[str, bool],
) -> list[Note]:
    """Return the remarks; ``replications`` are those of today and the proposal, and those beside them."""
    return [
        *_of_demand(unit, demand, past, replications),
        *_of_trust(unit, calibration, coverage, relied),
        Note(
            "Profit here is less the period's share of an investment; the profit chosen on the strategy page is before "
            "it."
        ),
    ]


def notes_of_sales(now: float, values: pd.DataFrame) -> list[Note]:
    """Return a remark where today's strategy is simulated to sell another amount than it did; ``values`` are KPIs."""
    whole = (values[CELL] == ALL).all(axis=1) & (values["kpi"] == "net_sales") & (values["scenario"] == BASE)
    then = float(values.loc[whole & (values["strategy"] == CURRENT), "value"].mean())
    if abs(then - now) <= MOVED * abs(now):
        return []
    return [
        Note(
            "The period to come is simulated with net sales of {then}; they were {now} in this one. How cost and "
            "service of today's strategy differ from this period's comes of that, not of a decision.",
            {"then": amount(then, "money"), "now": amount(now, "money")},
        )
    ]


def notes_of_chain(
    chain: UnitChain | None, days: pd.DataFrame, steps: Mapping[str, float], kept: pd.DataFrame
) -> list[Note]:
    """Return the remarks on what of the chain is simulated day by day, and what stays as it was observed.

    ``days`` and ``kept`` are tables ``chain_days`` and ``kept_capacity``, ``steps`` what becomes of the capacity of
    resources under the proposal.
    """
    if chain is None:
        return [
            Note(
                "Processing, picking, stock and transit are not simulated: what an order takes and what arrives of it "
                "stays as it was observed, or as the levers make it.",
                assumed=True,
            )
        ]
    return [*_of_chain(chain), *_of_cuts(days, steps, kept)]


def _of_chain(chain: UnitChain) -> Iterator[Note]:
    resources, streams = chain.resources, chain.stocks
    if resources.names:
        yield Note(
            "Work of {resources} is simulated day by day: their minutes are spread over the weekdays on which lines "
            "leave, as lines are ordered. What has to leave first is done first, what does not fit into a day waits "
            "for the next, and a line is late where that takes more days than it has from order to leaving.",
            {"resources": names_in_words("resource", resources.names)},
            assumed=True,
        )
    if chain.small:
        yield Note(
            "Work of {resources} is not simulated: fewer than {orders} orders a day bring it, and a queue by the day "
            "would hold more than {share} of the lines longer than was observed. Their days stay as they were, "
            "whatever the strategy.",
            {
                "resources": names_in_words("resource", chain.small),
                "orders": amount(LITTLE, "number"),
                "share": amount(HELD, "percent"),
            },
            assumed=True,
        )
    if (overtime := resources.overtime > 0).any():
        yield Note(
            "{resources} can work beyond capacity on any day: by as much as in the busiest period known as a whole, "
            "and {share} of capacity more.",
            {
                "resources": names_in_words("resource", [str(name) for name in np.array(resources.names)[overtime]]),
                "share": amount(OVERTIME, "percent"),
            },
            assumed=True,
        )
    if contradicted := chain.contradicted:
        yield Note(
            "{resources} did more on some days, or in the busiest period known, than an even day's share of the "
            "capacity in params; in the simulation any day can do that much.",
            {"resources": names_in_words("resource", contradicted)},
            assumed=True,
        )
    if len(limited := chain.limited):
        yield Note(
            "Picking in {warehouses} is simulated day by day.",
            {"warehouses": names_in_words("warehouse", limited)},
            assumed=True,
        )
    if streams.is_small:
        yield Note(
            "Stock is not simulated: its products have fewer than {lines} lines each in the period and warehouse, and "
            "by their rules of replenishment more than {share} of the lines would be held longer than was observed. "
            "What is late or short for want of stock stays as it was, whatever the strategy.",
            {"lines": FEW, "share": amount(HELD, "percent")},
            assumed=True,
        )
    if len(streams.streams):
        lost = int(streams.streams["is_lost"].sum())
        yield Note(
            "Stock of {known} of {total} products in warehouses with a rule of replenishment is simulated day by day. "
            "In {lost} of them, where lines were short in the period, what is missing is lost; in the others it "
            "follows.",
            {"known": len(streams.streams), "total": streams.total, "lost": lost},
            assumed=True,
        )
    yield Note(
        "Today's waits and shortages that the chain brings by itself are taken off what was observed; all else of the "
        "days from order to delivery, and transit, stays as it was observed or as the levers make it.",
        assumed=True,
    )


def _of_cuts(days: pd.DataFrame, steps: Mapping[str, float], kept: pd.DataFrame) -> Iterator[Note]:
    alone = kept[kept["scenario"] == BASE].set_index("resource").to_dict("index")
    for resource, today, then in missed(days, steps):
        what = {
            "resource": names_in_words("resource", [resource]),
            "share": amount(steps[resource], "percent"),
            "then": amount(then, "decimal"),
            "today": amount(today, "decimal"),
        }
        if resource not in alone:
            yield Note(
                "The proposal leaves {resource} {share} of its capacity, which the next period's simulated work fills: "
                "on average {then} days of work wait there on the worst day, {today} with today's strategy, and lines "
                "leave late. Give capacity up only when that is seen.",
                what,
                doubt=True,
            )
            continue
        on_time = {side: amount(alone[resource][side], "percent") for side in ("kept", "proposed")}
        yield Note(
            "The proposal leaves {resource} {share} of its capacity, which the next period's simulated work fills: "
            "on average {then} days of work wait there on the worst day, {today} with today's strategy, and lines "
            "leave late. Kept, {kept} are on time and not {proposed}; that costs {saves} in the period.",
            what | on_time | {"saves": amount(alone[resource]["saves"], "money")},
            doubt=True,
        )


def _of_demand(
    unit: UnitParams, demand: Demand, past: Foretold | CtsError | None, replications: tuple[int, int]
) -> Iterator[Note]:
    params = unit.params.evaluation
    yield Note(
        "{replications} simulated periods of today's and the proposed strategy, and {beside} of each scenario and "
        "other plan, with seed {seed}: each customer orders at its own rate, as regularly and on the weekdays as it "
        "did, what it ordered on one of its own days. What scenarios and other plans show is moved by what so few "
        "miss of today's strategy and the proposal.",
        {"replications": replications[0], "beside": replications[1], "seed": str(params.seed)},
        assumed=True,
    )
    if params.horizon == "mean":
        yield Note("Intervals hold the mean of many periods like this one, not what a single one will bring.")
    elif demand.common:
        common = demand.common
        yield Note(
            "Intervals hold nine of ten next periods: all demand moves together by {share} from one period to the "
            "next, as {count} periods show, and {left} of the customers in a channel leave and others like them come.",
            {
                "share": amount(common.unit.scatter**0.5, "percent"),
                "count": common.periods,
                "left": amount(common.left / (common.left + common.stayed), "percent"),
            },
        )
    if isinstance(past, CtsError):
        yield Note("The periods before could not be read: {reason}.", why_not(past), doubt=True)
    if past is None or isinstance(past, CtsError):
        yield Note(
            "Without earlier periods it is not known what demand of all customers has in common, and no forecast could "
            "be held against what came: intervals are too narrow by that."
        )
    elif demand.common and demand.common.periods <= 3:
        yield Note(
            "With few earlier periods, a change of demand in common of {share} is assumed beside those seen.",
            {"share": amount(USUAL, "percent")},
            assumed=True,
        )


def _of_trust(
    unit: UnitParams, calibration: pd.DataFrame, coverage: pd.DataFrame, relied: dict[str, bool]
) -> Iterator[Note]:
    yield Note(
        "A simulated figure repeats the period where it misses what was observed by at most {share} and what few "
        "replications may miss by.",
        {"share": amount(unit.params.evaluation.calibration_tolerance, "percent")},
    )
    missed = int((~calibration["accepted"]).sum())
    if missed:
        yield counted(
            "{count} of {total} simulated figures does not repeat the period; read it with care.",
            "{count} of {total} simulated figures do not repeat the period; read them with care.",
            {"count": missed, "total": len(calibration)},
        )
    if len(coverage):
        yield Note(
            "Of the past, {inside} of {foretold} figures lay in the interval that the periods before them gave; nine "
            "of ten should. Days are not simulated there: orders wait as they did.",
            {"inside": int(coverage["inside"].sum()), "foretold": int(coverage["foretold"].sum())},
        )
    if doubted := [kpi for kpi, known in relied.items() if not known]:
        yield Note(
            "Not to be relied on, for the simulation failed at it: {kpis}.",
            {"kpis": names_in_words("kpi", doubted)},
            doubt=True,
        )
