"""Who moved from which segment to which since the period before, both periods measured with one ruler.

The customers of the period before are placed by today's model, so that a customer moves because it changed and not
because the cuts did. How far the cuts themselves would have moved stands apart, in ``health``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cts_lib.names import CUSTOMER, LOST, NEW
from cts_lib.notes import Note, amount, shares
from cts_lib.segment.groups import refit
from cts_lib.segment.matrix import Matrix
from cts_lib.segment.model import Model, strategic_of
from cts_lib.segment.names import OUTLIER, in_words

_LEAST_ALIKE = 0.9
_LEAST_RAND = 0.8
_MOST_SHIFTED = 0.25
COLUMNS = ["scheme", "from_segment", "to_segment", "customers", "net_sales", "profit"]


def migration(now: pd.DataFrame, before: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return ``segment_migration``, from (new) and to (lost) included.

    Parameters
    ----------
    now, before : DataFrame
        customer_id, channel, net_sales, profit, segment and cluster of each period, by the same model.

    Returns
    -------
    DataFrame
        scheme (segments or groups), from_segment, to_segment, customers (customer-channels), net_sales and profit of
        today, of the lost those of the period before.
    """
    parts = []
    if model.groups.count > 1:
        now, before = (
            each.assign(cluster=in_words(each["cluster"], model.group_names, OUTLIER)) for each in (now, before)
        )
    both = now.merge(before, on=CUSTOMER, how="outer", suffixes=("", "_before"))
    for scheme, column in (("segments", "segment"), ("groups", "cluster")):
        frame = pd.DataFrame({"scheme": scheme, "from_segment": both[f"{column}_before"], "to_segment": both[column]})
        if scheme == "groups" and model.groups.count < 2:
            continue
        frame["from_segment"] = frame["from_segment"].astype("object").where(both[f"{column}_before"].notna(), NEW)
        frame["to_segment"] = frame["to_segment"].astype("object").where(both[column].notna(), LOST)
        for money in ("net_sales", "profit"):
            frame[money] = both[money].fillna(both[f"{money}_before"])
        grouped = frame.groupby(["scheme", "from_segment", "to_segment"])
        part = grouped[["net_sales", "profit"]].sum()
        part.insert(0, "customers", grouped.size())
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def churn(table: pd.DataFrame, scheme: str = "segments") -> float:
    """Return the share of the customers of both periods that changed segment; of table ``segment_migration``."""
    stayed = table[(table["scheme"] == scheme) & (table["from_segment"] != NEW) & (table["to_segment"] != LOST)]
    moved = stayed.loc[stayed["from_segment"] != stayed["to_segment"], "customers"].sum()
    return float(moved / stayed["customers"].sum()) if len(stayed) else 0.0


def health(
    facts: pd.DataFrame,
    before: pd.DataFrame,
    placed: pd.DataFrame,
    model: Model,
    matrix_before: Matrix,
    drift: pd.DataFrame,
    seed: int,
) -> tuple[pd.DataFrame, Note]:
    """Return ``segment_health``, what speaks for keeping or rebuilding the segments, and the recommendation.

    Returns
    -------
    DataFrame
        check, value, limit, passed: the share of today's customers that the cuts of the period before place alike; the
        adjusted Rand index of today's groups and of groups found among the customers of the period before; the share of
        dimensions that shifted.
    """
    strategic = strategic_of(facts, model.matrix.strategic)
    measures = model.measures(facts)
    same = float((model.matrix.fields(measures, strategic) == matrix_before.fields(measures, strategic)).mean())
    rows = [("same class by the cuts of the period before", same, _LEAST_ALIKE, same >= _LEAST_ALIKE)]
    if model.groups.count > 1 and len(before) > model.groups.count:
        again = refit(model.groups, before, seed).place(facts)
        rand = float(adjusted_rand_score(placed["cluster"], again))
        rows.append(("same groups from the period before", rand, _LEAST_RAND, rand >= _LEAST_RAND))
    shifted = float((drift["verdict"] == "shifted").mean()) if len(drift) else 0.0
    rows.append(("dimensions that shifted", shifted, _MOST_SHIFTED, shifted <= _MOST_SHIFTED))
    table = pd.DataFrame(rows, columns=["check", "value", "limit", "passed"]).astype({"passed": "bool"})
    values = {"alike": amount(same, "percent"), "shifted": amount(shifted, "percent")}
    if table["passed"].all():
        return table, Note(
            "Keep the segments: {alike} of the customers are placed alike by the cuts of the period before, and "
            "{shifted} of the dimensions shifted.",
            values,
        )
    failed = table.loc[~table["passed"]]
    return table, Note(
        "Rebuild the segments: what they rest on has moved. Not passed: {checks}.",
        {"checks": shares("check", dict(zip(failed["check"], failed["value"], strict=True)))},
    )


def sides(facts: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return what ``migration`` reads of one period."""
    return pd.concat([facts[[*CUSTOMER, "net_sales", "profit"]], placed[["segment", "cluster"]]], axis=1)


def mistakes(facts: pd.DataFrame, segments: pd.Series) -> pd.DataFrame:
    """Return ``segment_mistakes``: what one customer of a segment is worth less when served as one of another.

    Assumption: serving it the other way costs what the other segment costs for each unit of sales. If that is dearer,
    the difference is spent for nothing (``overspent``); if it is cheaper, the customer gets less than it is used to,
    and its own profit is what may be lost (``at_risk``). All of it a customer and period.
    """
    grouped = facts.assign(segment=segments).groupby("segment")
    sums = grouped[["net_sales", "cost_to_serve", "profit"]].sum()
    count = grouped.size()
    share = (sums["cost_to_serve"] / sums["net_sales"].where(sums["net_sales"] > 0)).to_numpy()
    sales, profit = (sums["net_sales"] / count).to_numpy(), (sums["profit"] / count).to_numpy()
    change = sales[:, None] * (share[None, :] - share[:, None])
    names = sums.index.to_numpy()
    segment, other = np.nonzero(~np.eye(len(names), dtype=bool))
    table = pd.DataFrame(
        {
            "segment": names[segment],
            "served_as": names[other],
            "overspent": change[segment, other],
            "at_risk": np.where(change[segment, other] < 0, np.maximum(profit[segment], 0.0), 0.0),
        }
    )
    table["overspent"] = table["overspent"].clip(lower=0.0)
    return table.dropna(subset="overspent").reset_index(drop=True)
