"""What would make a customer worth it: the smallest change of each term alone that lifts its profit where it must be.

Of those who make most of the loss; what the plan makes of them and what would go with them if they left stands beside
it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.costing.avoidable import add_avoidable
from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine, fetch_frame, median
from cts_lib.model.drivers import Extras
from cts_lib.names import CUSTOMER, NONE
from cts_lib.notes import Note, amount, counted
from cts_lib.params import Strategy, UnitParams
from cts_lib.strategy.customer_plan import WhollyTaken
from cts_lib.strategy.needed import PAID_ON, easiest, first_steps, smallest, solved
from cts_lib.strategy.terms_in_plan import FOUND, KEYS, left_to_ask, terms_in_plan
from cts_lib.strategy.trials import Trials

_OF_LOSS = 0.9
"""The share of the loss whose makers are listed."""
_HALF_A_CENT = 0.005
_RHYTHMS = (2, 3, 5, 7, 14, 28)
_OF_MEDIAN = (0.25, 0.5, 1, 1.5, 2, 3, 5)
"""Minimum orders that are tried, in median orders of the unit."""
_TERMS = ("order_method", "rhythm", "minimum_order", "fee_per_order", "fee_per_drop", "price")
"""Those first that ask no money of the customer."""
_IN_PLAN = ["chosen_net_sales", "chosen_profit", "chosen_avoidable_margin", "asks", "handed_over"]
_COLUMNS = [
    *CUSTOMER, "net_sales", "profit", "avoidable_cost", "avoidable_margin", "worth_keeping", "costliest",
    "costliest_share", "term", "aim", "target", "setting", "needed", "needed_number", "net_sales_then", "profit_then",
    "possible", "easiest", "realistic", *_IN_PLAN, *FOUND, "strategic", "worth_leaving",
]  # fmt: skip


def customer_terms(
    engine: Engine,
    unit: UnitParams,
    extras: Extras,
    costed: Costed,
    segments: pd.DataFrame,
    planned: pd.DataFrame,
    taken: WhollyTaken,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return table ``customer_terms`` and its remarks; ``planned`` is table ``customer_plan`` of a plan."""
    losing, others = _losing(costed, unit)
    if losing.empty:
        return pd.DataFrame(columns=_COLUMNS), []
    strategy, method = unit.params.strategy, _electronic(unit.params.strategy)
    trials = Trials(engine, unit, extras, costed, planned, method)
    steps, values = first_steps(losing), _values(losing, _minimum_orders(engine), method)
    tried = trials.outcomes(pd.concat([steps, values], ignore_index=True))
    aims = pd.DataFrame({"aim": ["zero", "margin"], "share": [0.0, strategy.target_margin]})
    wanted = losing.merge(pd.DataFrame({"term": _TERMS}), how="cross").merge(aims, how="cross")
    paid, tried_paid = wanted["term"].isin(PAID_ON), tried["term"].isin(PAID_ON)
    found = [solved(wanted[paid], tried[tried_paid], trials), smallest(wanted[~paid], tried[~tried_paid])]
    table = pd.concat(found).sort_index()
    table["target"] = table["share"] * table["net_sales_then"].fillna(table["net_sales"]).clip(lower=0.0)
    table["setting"] = _todays(table, _main_methods(engine))
    table["needed"] = table["needed_number"].map(lambda number: np.format_float_positional(number, trim="-"), "ignore")
    table["needed"] = table["needed"].mask((table["term"] == "order_method") & table["possible"], method)
    asked = table["net_sales_then"] / table["net_sales"] - 1
    table["easiest"] = easiest(table, asked)
    table["realistic"] = table["possible"] & ~(asked.round(9) > strategy.most_asked)
    table = table.merge(planned[[*CUSTOMER, *_IN_PLAN]], on=CUSTOMER, how="left")
    left = left_to_ask(losing, planned, taken)
    in_plan = taken.policy(np.arange(len(planned)), strategy)
    on_top = Trials(engine, unit, extras, costed, planned, None, in_plan)
    table = table.merge(terms_in_plan(left, aims, on_top, strategy.most_asked), on=KEYS, how="left")
    table = table.fillna({"chosen_easiest": False, "chosen_realistic": False})
    both = table[["avoidable_margin", "chosen_avoidable_margin"]]
    table = table.merge(segments[[*CUSTOMER, "strategic"]], on=CUSTOMER, how="left")
    table["worth_leaving"] = (both <= -strategy.min_gain.money).all(axis=1) & ~table["strategic"]
    return table[_COLUMNS].reset_index(drop=True), _notes(losing, others, strategy.most_asked)


def _losing(costed: Costed, unit: UnitParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return who makes most of the loss, with what would go with it and what costs it most; and who else loses."""
    profit, costs = costed.tables["customer_channel_profit"], costed.tables["customer_costs"]
    all_ = profit[profit["profit"] < -_HALF_A_CENT].sort_values(["profit", *CUSTOMER]).reset_index(drop=True)
    before = all_["profit"].cumsum() - all_["profit"]
    listed = before > _OF_LOSS * all_["profit"].sum()
    table = add_avoidable(all_[listed], costs, unit.params.cost_model, CUSTOMER)
    by_activity = costs.groupby([*CUSTOMER, "activity"])["cost"].sum().reset_index()
    by_activity = by_activity.sort_values(["cost", "activity"], ascending=[False, True]).drop_duplicates(CUSTOMER)
    table = table.merge(by_activity.rename(columns={"activity": "costliest"}), on=CUSTOMER, how="left")
    table["costliest_share"] = table["cost"] / table["cost_to_serve"].where(table["cost_to_serve"] > 0)
    return table.merge(costed.customer_sums[[*CUSTOMER, "shipments"]], on=CUSTOMER, how="left"), all_[~listed]


def _electronic(strategy: Strategy) -> str | None:
    """Return the method that orders may come in by: that of the unit's own levers, else the first electronic one."""
    levers = [lever for lever in strategy.levers.values() if lever.kind == "order_method"]
    own = [setting.to for lever in levers for setting in lever.settings.values()]
    return next(
        (method for method in [*own, *strategy.electronic_methods] if method in strategy.electronic_methods), None
    )


def _minimum_orders(engine: Engine) -> list[float]:
    """Return the minimum orders that are tried: multiples of the unit's median order, to two figures."""
    usual = median(
        engine,
        "SELECT CAST(SUM(net_sales) AS DOUBLE) AS value FROM lines GROUP BY customer_id, channel, order_id "
        "HAVING MAX(quantity) > 0",
    )
    if usual is None or usual <= 0:
        return []
    return list(dict.fromkeys(float(f"{times * usual:.1e}") for times in _OF_MEDIAN))


def _values(losing: pd.DataFrame, minimum_orders: list[float], method: str | None) -> pd.DataFrame:
    """Return as trials every value of the terms that are no money, for those who order."""
    values = [("minimum_order", value) for value in minimum_orders] + [("rhythm", float(days)) for days in _RHYTHMS]
    if method is not None:
        values.append(("order_method", float("nan")))
    ordering = losing.loc[losing["orders"] > 0, CUSTOMER]
    return ordering.merge(pd.DataFrame(values, columns=["term", "value"]), how="cross")


def _main_methods(engine: Engine) -> pd.Series:
    """Return by which method most orders of each customer and channel come in, where that is known."""
    counts = fetch_frame(
        engine,
        "SELECT customer_id, channel, order_method, COUNT(DISTINCT order_id) AS orders FROM lines "
        "WHERE NOT order_method IS NULL GROUP BY customer_id, channel, order_method",
    )
    counts = counts.sort_values(["orders", "order_method"], ascending=[False, True]).drop_duplicates(CUSTOMER)
    return counts.set_index(CUSTOMER)["order_method"]


def _todays(table: pd.DataFrame, methods: pd.Series) -> pd.Series:
    """Return what holds of each term today: no fee, no change of price, no rule, or the method of most orders."""
    main = methods.reindex(pd.MultiIndex.from_frame(table[CUSTOMER])).fillna(NONE).set_axis(table.index)
    other = table["term"].isin(PAID_ON).map({True: "0", False: "none"})
    return main.where(table["term"] == "order_method", other)


def _notes(losing: pd.DataFrame, others: pd.DataFrame, most_asked: float) -> list[Note]:
    notes = [
        Note(
            "Assumed of each customer's terms: it accepts one of them, alone or on top of the plan, and orders as "
            "before; none that asks more than {share} of its net sales.",
            {"share": amount(most_asked, "percent")},
            assumed=True,
        )
    ]
    if len(others):
        loss, rest = float(losing["profit"].sum()), float(others["profit"].sum())
        values = {
            "share": amount(loss / (loss + rest), "percent"),
            "count": len(others),
            "loss": amount(-rest, "money"),
        }
        notes.append(
            counted(
                "Terms are told of those who make {share} of the loss; {count} other customer in a channel loses "
                "{loss}.",
                "Terms are told of those who make {share} of the loss; {count} other customers in a channel lose "
                "{loss} together.",
                values,
            )
        )
    return notes
