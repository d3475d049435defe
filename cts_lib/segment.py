"""Segment: the customer segmentation matrix, value against cost to serve, one segment per customer and channel.

Reads the tables of stage ``profile``; writes ``segments``, ``segment_matrix``, ``segment_rules`` and, for the same
matrix drawn from the cost of rival methods, ``rival_segments``.
Methods: the matrix and its four names after Shapiro, Rangan, Moriarty and Ross, Manage Customers for Profits (not Just
Sales), Harvard Business Review, September 1987; beside it k-means groups of behaviour, their number by silhouette.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from cts_lib.costing.base import SERVICE, ratios
from cts_lib.costing.behaviour import behaviour_of
from cts_lib.notes import Note, amount
from cts_lib.params.sections import Segmentation

ALL = "(all)"
_DIGITS = 9
"""Decimals of an axis: customers that differ by less, as all do where cost is spread over sales, are alike."""
_SAMPLE = 10_000
_SKEWED = ("orders", "order_value", "lines_per_order", "quantity_per_line")


@dataclass(frozen=True)
class Thresholds:
    """Where high begins, in the unit of each axis."""

    value: float
    cost: float


def segment(
    by_channel: pd.DataFrame, base: pd.DataFrame, rivals: pd.DataFrame, params: Segmentation
) -> tuple[dict[str, pd.DataFrame], list[Note]]:
    """Group customers per channel; return the stage's tables and its notes.

    Parameters
    ----------
    by_channel : DataFrame
        Table ``customer_channel_profit``.
    base : DataFrame
        Sums of behaviour and service per customer and channel.
    rivals : DataFrame
        Cost to serve and profit per method, customer and channel.
    """
    measures = axes(by_channel, params)
    thresholds = find_thresholds(measures, params)
    classes = assign(measures, thresholds, params)
    behaviour = behaviour_of(by_channel, base)
    cluster, cluster_note = _clusters(behaviour, params)
    segments = pd.concat([by_channel[["customer_id", "channel"]], classes], axis=1)
    segments["cluster"] = cluster
    segments["stability"] = _stability(measures, classes["segment"], params)
    rows = by_channel.merge(
        base[["customer_id", "channel", *_service_sums(base)]], on=["customer_id", "channel"], how="left"
    )
    rows["segment"] = segments["segment"]
    tables = {
        "segments": segments,
        "segment_matrix": matrix(rows),
        "segment_rules": _rules(segments["segment"], behaviour, thresholds, params),
        "rival_segments": rival_segments(by_channel, rivals, params),
    }
    notes = [
        Note(
            "A customer is high in value from {value} {value_axis} and high in cost to serve from {cost} {cost_axis}, "
            "per channel and period.",
            {
                "value": amount(thresholds.value, "decimal"),
                "value_axis": params.value,
                "cost": amount(thresholds.cost, "decimal"),
                "cost_axis": params.cost,
            },
        ),
        cluster_note,
    ]
    return tables, notes


def axes(by_channel: pd.DataFrame, params: Segmentation) -> pd.DataFrame:
    """Return the two axes: value and cost; a share of nothing is 0, or infinite where cost was caused."""
    frame = by_channel
    named = {
        "gross_margin": frame["gross_margin"],
        "net_sales": frame["net_sales"],
        "profit": frame["profit"],
        "gross_margin_share": _share(frame["gross_margin"], frame["net_sales"]),
        "cost_to_serve": frame["cost_to_serve"],
        "cost_to_serve_share": _share(frame["cost_to_serve"], frame["net_sales"]),
        "cost_to_serve_of_margin": _share(frame["cost_to_serve"], frame["gross_margin"]),
    }
    return pd.DataFrame({"value": named[params.value], "cost": named[params.cost]}).round(_DIGITS)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    nothing = pd.Series(np.where(part > 0, np.inf, 0.0), index=part.index)
    return (part / whole).where(whole > 0, nothing)


def find_thresholds(measures: pd.DataFrame, params: Segmentation) -> Thresholds:
    """Return where high begins: the money given in params, else the quantile of the customers."""
    finite = measures.replace([np.inf, -np.inf], np.nan)
    value = params.value_threshold
    cost = params.cost_threshold
    return Thresholds(
        float(finite["value"].quantile(params.value_quantile)) if value is None else value,
        float(finite["cost"].quantile(params.cost_quantile)) if cost is None else cost,
    )


def assign(measures: pd.DataFrame, thresholds: Thresholds, params: Segmentation) -> pd.DataFrame:
    """Put customers, also new ones, into the matrix: segment, value_class, cost_class."""
    value = np.where(measures["value"] >= thresholds.value, "high", "low")
    cost = np.where(measures["cost"] >= thresholds.cost, "high", "low")
    names = {str(key): name for key, name in params.names.items()}
    keys = [f"{one}_{other}" for one, other in zip(value, cost, strict=True)]
    segments = [names.get(key, key) for key in keys]
    return pd.DataFrame({"segment": segments, "value_class": value, "cost_class": cost}, index=measures.index)


def rival_segments(by_channel: pd.DataFrame, rivals: pd.DataFrame, params: Segmentation) -> pd.DataFrame:
    """Return each customer's place in the matrix that a rival method's cost would have drawn, thresholds included.

    Returns
    -------
    DataFrame
        customer_id, channel, method, segment, value_class, cost_class, changes_class (of value or cost, against this
        model's, the first method).
    """
    keys = ["customer_id", "channel"]
    parts = []
    for method, rival in rivals.groupby("method", sort=False):
        rows = by_channel.drop(columns=["cost_to_serve", "profit"]).merge(rival, on=keys, validate="one_to_one")
        measures = axes(rows, params)
        classes = assign(measures, find_thresholds(measures, params), params)
        parts.append(pd.concat([rows[keys].assign(method=method), classes], axis=1))
    own = parts[0]
    for part in parts:
        part["changes_class"] = (part[["value_class", "cost_class"]] != own[["value_class", "cost_class"]]).any(axis=1)
    return pd.concat(parts, ignore_index=True)


def _clusters(behaviour: pd.DataFrame, params: Segmentation) -> tuple[pd.Series, Note]:
    features = behaviour.assign(**{name: np.log1p(behaviour[name]) for name in _SKEWED})
    features = features.loc[:, features.nunique() > 1]
    distinct = len(features.drop_duplicates())
    if distinct < 4 or features.empty:
        note = Note("{count} customers behave in too few ways to be grouped.", {"count": len(behaviour)})
        return pd.Series(1, index=behaviour.index, dtype="int64"), note
    scaled = StandardScaler().fit_transform(features)
    generator = np.random.default_rng(params.seed)
    sample = scaled[generator.permutation(len(scaled))[:_SAMPLE]]
    best_score, best = -1.0, None
    for count in range(2, min(params.max_clusters, distinct - 1) + 1):
        model = KMeans(n_clusters=count, n_init=10, random_state=params.seed).fit(sample)
        score = float(
            silhouette_score(sample, model.labels_, sample_size=min(2_000, len(sample)), random_state=params.seed)
        )
        if best is None or score > best_score:
            best_score, best = score, model
    if best is None:
        raise AssertionError("at least two groups were tried")
    labels = best.predict(scaled)
    order = pd.Series(behaviour["order_value"].to_numpy()).groupby(labels).mean().sort_values(ascending=False).index
    places = {label: place + 1 for place, label in enumerate(order)}
    note = Note(
        "Behaviour falls into {count} groups (silhouette {score}); they stand beside the matrix and do not name it.",
        {"count": len(places), "score": amount(best_score, "decimal")},
    )
    return pd.Series([places[label] for label in labels], index=behaviour.index, dtype="int64"), note


def _stability(measures: pd.DataFrame, segments: pd.Series, params: Segmentation) -> pd.Series:
    """Return how often a customer keeps its segment when the thresholds are drawn again from resampled customers."""
    generator = np.random.default_rng(params.seed)
    kept = np.zeros(len(measures))
    for _ in range(params.bootstraps):
        drawn = measures.iloc[generator.integers(0, len(measures), len(measures))]
        kept += (assign(measures, find_thresholds(drawn, params), params)["segment"] == segments).to_numpy()
    return pd.Series(kept / params.bootstraps, index=measures.index)


def _service_sums(base: pd.DataFrame) -> list[str]:
    return [name for name in base.columns if name.endswith(("_lines", "_days"))]


def matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``segment_matrix`` with its total rows, from rows that carry segment, channel, money and service sums."""
    money = ["net_sales", "gross_margin", "cost_to_serve", "profit"]
    parts = []
    for segments, channels in ((False, False), (False, True), (True, False), (True, True)):
        keyed = rows.assign(segment=ALL if segments else rows["segment"], channel=ALL if channels else rows["channel"])
        grouped = keyed.groupby(["segment", "channel"])
        sums = grouped.sum(numeric_only=True)
        part = pd.concat([sums[money], ratios(sums, SERVICE)], axis=1)
        part.insert(0, "customers", grouped["customer_id"].nunique())
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


def _rules(segments: pd.Series, behaviour: pd.DataFrame, thresholds: Thresholds, params: Segmentation) -> pd.DataFrame:
    """Say each segment's thresholds, and how well behaviour alone tells it (the purest leaf of a shallow tree)."""
    rows = []
    for key, name in params.names.items():
        if name not in set(segments):
            continue
        value, cost = key.split("_")
        rule = f"{params.value} {'≥' if value == 'high' else '<'} {thresholds.value:,.2f}"
        rule += f" and {params.cost} {'≥' if cost == 'high' else '<'} {thresholds.cost:,.3f}"
        rows.append((name, rule, 1.0, 1.0))
    if segments.nunique() > 1 and len(segments) >= 20:
        smallest = max(5, len(segments) // 50)
        tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=smallest, random_state=params.seed)
        tree.fit(behaviour.to_numpy(), segments.to_numpy())
        leaves = tree.apply(behaviour.to_numpy())
        for leaf, path in _paths(tree, list(behaviour.columns)).items():
            here = segments[leaves == leaf]
            name = here.value_counts().sort_index().idxmax()
            precision = float((here == name).mean())
            rows.append((name, path, float((here == name).sum() / (segments == name).sum()), precision))
    table = pd.DataFrame(rows, columns=["segment", "rule", "coverage", "precision"])
    return table.sort_values(["segment", "precision", "coverage"], ascending=[True, False, False], ignore_index=True)


def _readable(cut: float) -> str:
    return f"{cut:,.0f}" if abs(cut) >= 100 else f"{cut:,.2f}"


def _paths(tree: DecisionTreeClassifier, names: list[str]) -> dict[int, str]:
    """Return the words that lead to each leaf."""
    structure, paths = tree.tree_, dict[int, str]()
    open_nodes: list[tuple[int, list[str]]] = [(0, [])]
    while open_nodes:
        node, words = open_nodes.pop()
        if structure.children_left[node] == structure.children_right[node]:
            paths[node] = " and ".join(words) or "all customers"
            continue
        name, cut = names[structure.feature[node]], _readable(structure.threshold[node])
        open_nodes.append((int(structure.children_left[node]), [*words, f"{name} ≤ {cut}"]))
        open_nodes.append((int(structure.children_right[node]), [*words, f"{name} > {cut}"]))
    return paths
