"""Why a customer stands at an end of the whale curve: what sets it apart from the median of its channel.

A fact is a figure with the channel's usual one beside it; the words are the reader's affair. Of each customer the
channel is looked at in which it loses, or earns, most.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.measures import kind_of, ratios, sign

MOST = 10
"""Customers shown at each end of the curve."""
_MOST_FACTS, _CLEAR, _POINTS = 2, 0.5, 0.15
"""Facts beside the costliest activity; how clear one must be, in doublings, or in so many points of a share."""
_TELLING = 0.05
"""So much more of its cost than usual must the costliest activity take to be shown beside other facts."""
_FEWEST = 4
"""Customers of a channel below which nothing is usual."""
_FIGURES = (
    "net_sales",
    "order_value",
    "drop_size",
    "distance_km",
    "gross_margin_share",
    "discount_share",
    "rush_share",
    "return_share",
    "electronic_share",
    "cost_to_serve_share",
)
_SIZES = frozenset({"net_sales", "order_value", "drop_size"})
"""Figures that say much the same: one of them is shown."""
_OF_ORDERS = ("order_value", "drop_size")
_PAYS = -0.1
"""How much less of its sales a customer of large orders must cost for size to be a reason: doublings a doubling."""
_ONLY_BEST = frozenset({"net_sales", "cost_to_serve_share"})
"""Shown of those who earn; of those who lose, the costliest activity says it better."""


def customer_reasons(
    by_customer: pd.DataFrame, by_channel: pd.DataFrame, behaviour: pd.DataFrame, costs: pd.DataFrame
) -> pd.DataFrame:
    """Return table ``customer_reasons``: the facts about the ten customers at each end, the clearest first."""
    rows = _figures(by_channel, behaviour)
    ends = {"worst": by_customer.iloc[::-1].head(MOST), "best": by_customer.head(MOST)}
    usual = rows.groupby("channel")[list(_FIGURES)].median()
    sizes = rows["channel"].value_counts()
    usual.loc[sizes[sizes < _FEWEST].index] = np.nan
    bought_in = rows["customer_id"].value_counts()
    shown = rows[rows["customer_id"].isin(pd.concat(list(ends.values()))["customer_id"])]
    activities = _Activities(rows, costs, shown)
    no_reason = {name for name in _OF_ORDERS if not _pays(rows, name)}
    table = []
    for side, chosen in ends.items():
        at_end = shown[shown["customer_id"].isin(chosen["customer_id"])]
        at_end = at_end.sort_values("profit", ascending=side == "worst")
        for row in at_end.drop_duplicates("customer_id").to_dict("records"):
            facts, are_clear = _facts(row, usual.loc[row["channel"]], side, no_reason)
            costliest = activities.costliest(row) if side == "worst" and row["cost_to_serve"] > 0 else None
            if costliest and not (are_clear and costliest["value"] < costliest["usual"] + _TELLING):
                sets_apart = costliest["value"] >= costliest["usual"] + _TELLING
                facts.insert(0 if sets_apart and not are_clear else len(facts), costliest)
            table += [
                {name: row[name] for name in ("customer_id", "channel")}
                | {"side": side, "channels": bought_in[row["customer_id"]], "place": place}
                | fact
                for place, fact in enumerate(facts, start=1)
            ]
    columns = ["side", "customer_id", "channel", "channels", "place", "fact", "activity", "count", "value", "usual"]
    kinds = {"count": "float64", "value": "float64", "usual": "float64"}
    return pd.DataFrame(table, columns=columns).astype(kinds).sort_values([*columns[:3], "place"], ignore_index=True)


def _figures(by_channel: pd.DataFrame, behaviour: pd.DataFrame) -> pd.DataFrame:
    """Money and behaviour of each customer and channel in the figures that facts are about."""
    names = ["order_value", "drop_size", "distance_km", "rush_share", "return_share", "electronic_share", "shipments"]
    rows = pd.concat([by_channel.drop(columns=names, errors="ignore"), behaviour[names]], axis=1)
    return rows.assign(**ratios(rows, ["gross_margin_share", "cost_to_serve_share", "discount_share"]))


def _pays(rows: pd.DataFrame, name: str) -> bool:
    """Whether the larger half of orders or deliveries costs less of its sales than the smaller, by their medians: else
    what is charged by the unit makes small ones no dearer, and their size is no reason. True where too few tell.
    """
    told = rows[(rows["net_sales"] > 0) & (rows["cost_to_serve"] > 0) & (rows[name] > 0)]
    large = told[name] > told[name].median()
    if min(large.sum(), (~large).sum()) < _FEWEST:
        return True
    share = told["cost_to_serve"] / told["net_sales"]
    size, cost = (math.log2(figure[large].median() / figure[~large].median()) for figure in (told[name], share))
    return cost <= _PAYS * size


def _facts(row: dict[Any, Any], usual: pd.Series, side: str, no_reason: set[str]) -> tuple[list[dict[str, Any]], bool]:
    """The clearest facts that speak for the customer's end, and whether any does; where none does, what a delivery
    holds, if that does not speak against it. Figures that are ``no_reason`` in the unit are not told: where nothing
    else is, that serving a loser takes so much of its sales.
    """
    if row["net_sales"] < 0:  # its orders have no size then, and its margin is no share of them
        return [{"fact": "net_sales", "count": None, "value": row["net_sales"], "usual": float("nan")}], True
    end = 1 if side == "best" else -1
    scores = {name: sign(name) * end * _distance(name, row[name], usual[name]) for name in _FIGURES}
    figures = [name for name in _FIGURES if not (name in _ONLY_BEST and side == "worst") and name not in no_reason]
    names = sorted((name for name in figures if scores[name] >= _CLEAR), key=lambda name: -scores[name])
    sizes = [name for name in names if name in _SIZES]
    names = [name for name in names if name not in sizes[1:]][:_MOST_FACTS]
    if not names and no_reason and side == "worst" and scores["cost_to_serve_share"] >= _CLEAR:
        names = ["cost_to_serve_share"]
    are_clear = bool(names)
    if not names and "drop_size" not in no_reason and row["shipments"] > 0 and scores["drop_size"] >= 0:
        names = ["drop_size"]
    facts = [{"fact": name, "count": row["shipments"], "value": row[name], "usual": usual[name]} for name in names]
    return facts, are_clear


def _distance(name: str, value: float, usual: float) -> float:
    """How far a figure is above the usual: in doublings, or for a share in so many points; 0 where unknown."""
    if math.isnan(value) or math.isnan(usual):
        return 0.0
    if kind_of(name) == "percent":
        return (value - usual) / _POINTS
    doublings = math.log2(max(value, 1e-9) / usual) if usual > 0 else 0.0
    return doublings / 2 if name == "distance_km" else doublings


class _Activities:
    """What the activities cost the customers that are shown, and what share of its cost one usually is."""

    def __init__(self, rows: pd.DataFrame, costs: pd.DataFrame, shown: pd.DataFrame) -> None:
        self._rows, self._costs = rows, costs[["customer_id", "channel", "activity", "cost"]]
        self._of_shown = self._costs[costs["customer_id"].isin(shown["customer_id"])]
        self._usual = dict[tuple[str, str], float]()

    def costliest(self, row: dict[Any, Any]) -> dict[str, Any]:
        """The activity that makes most of a customer's cost; of those who earn it is no reason."""
        of_channel = self._of_shown[self._of_shown["channel"] == row["channel"]]
        costs = of_channel[of_channel["customer_id"] == row["customer_id"]]
        name, cost = costs.iloc[int(costs["cost"].to_numpy().argmax())][["activity", "cost"]]
        key = (row["channel"], name)
        if key not in self._usual:
            self._usual[key] = self._median(*key)
        return {"fact": "activity", "activity": name, "value": cost / row["cost_to_serve"], "usual": self._usual[key]}

    def _median(self, channel: str, activity: str) -> float:
        peers = self._rows[(self._rows["channel"] == channel) & (self._rows["cost_to_serve"] > 0)]
        if len(peers) < _FEWEST:
            return float("nan")
        same = self._costs[(self._costs["activity"] == activity) & (self._costs["channel"] == channel)]
        spent = peers["customer_id"].map(same.set_index("customer_id")["cost"]).fillna(0.0)
        return float((spent / peers["cost_to_serve"]).median())
