"""How a segment is recognised: by the cuts of the matrix, and by behaviour alone (leaves of a shallow tree).

A rule is one or several conditions that hold together, each a row: a dimension, a comparison (``<``, ``<=``, ``>``,
``>=`` or ``=``) and what it is held to, a ``cut`` of a number or a ``value`` in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.matrix import Matrix, Scale
from cts_lib.segment.model import Condition, Rule

COLUMNS = ["segment", "rule", "dimension", "comparison", "cut", "value", "coverage", "precision"]
_DEPTH = 3
_FEWEST_CUSTOMERS = 20
_MOST_MISSING = 0.5
_Condition = tuple[str, str, float | str]
"""Dimension, comparison, and the number or word it is held to."""


class _Measured(NamedTuple):
    """A rule with the share of its segment that it finds, and the share of those found that are of the segment."""

    segment: str
    conditions: Sequence[_Condition]
    coverage: float
    precision: float


def find_rules(
    segments: pd.Series, facts: pd.DataFrame, names: Sequence[str], params: Segmentation
) -> tuple[Rule, ...]:
    """Return how behaviour and numeric traits tell segments; nothing where there is one or few customers.

    ``segments`` names the segment of each row of ``facts`` (see ``facts_of``), ``names`` the columns that may tell it.
    """
    if segments.nunique() < 2 or len(segments) < _FEWEST_CUSTOMERS:
        return ()
    columns = [name for name in names if _usable(facts, name)]
    known = facts[columns].astype("float64")
    filled = known.fillna(known.median())
    smallest = max(5, len(segments) // 50)
    tree = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=smallest, random_state=params.seed)
    tree.fit(filled.to_numpy(), segments.to_numpy(dtype=object))
    leaves = tree.apply(filled.to_numpy())
    rules = []
    for leaf, conditions in _paths(tree, columns).items():
        here = segments[leaves == leaf]
        name = str(here.value_counts().sort_index().idxmax())
        if conditions:
            rules.append(Rule(segment=name, conditions=conditions, precision=float((here == name).mean())))
    return tuple(rules)


def _usable(facts: pd.DataFrame, name: str) -> bool:
    numeric = name in facts and pd.api.types.is_numeric_dtype(facts[name])
    return numeric and bool(np.isfinite(facts[name].astype("float64")).mean() >= _MOST_MISSING)


def rules_table(
    segments: pd.DataFrame, facts: pd.DataFrame, measures: pd.DataFrame, matrix: Matrix | None, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Return ``segment_rules``, a row a condition; the rules of a segment are numbered, the most precise first.

    Coverage and precision are those of the whole rule among today's customers.

    Parameters
    ----------
    segments : DataFrame
        segment, value_class, cost_class, need and strategic, with one row a customer and channel, as ``facts`` has.
    measures : DataFrame
        The value and cost of each, which the matrix cuts.
    """
    measured = [] if matrix is None else _cuts(segments, measures, matrix)
    customers = segments["segment"].to_numpy(dtype=object)
    for rule in rules:
        conditions = [(one.column, ">" if one.above else "<=", one.cut) for one in rule.conditions]
        measured.append(_measured(rule.segment, conditions, rule.holds(facts), customers))
    rows, numbers = [], Counter[str]()
    for one in sorted(measured, key=lambda one: (one.segment, -one.precision, -one.coverage)):
        numbers[one.segment] += 1
        for dimension, comparison, held_to in one.conditions:
            cut, value = (None, held_to) if isinstance(held_to, str) else (held_to, None)
            condition = (dimension, comparison, cut, value)
            rows.append((one.segment, numbers[one.segment], *condition, one.coverage, one.precision))
    return pd.DataFrame(rows, columns=COLUMNS)


def _cuts(segments: pd.DataFrame, measures: pd.DataFrame, matrix: Matrix) -> list[_Measured]:
    """Return the rules of each field; a strategic customer is of the highest value whatever it brings."""
    value = matrix.value.codes(measures["value"].to_numpy("float64"))
    cost = matrix.cost.codes(measures["cost"].to_numpy("float64"))
    strategic, customers = segments["strategic"].to_numpy(dtype=bool), segments["segment"].to_numpy(dtype=object)
    by_field = ["segment", "value_class", "cost_class"]
    rules = []
    for row in segments.drop_duplicates(by_field).sort_values(by_field).to_dict("records"):
        here = value == matrix.value.classes.index(row["value_class"])
        rest, also = _range(matrix.cost, row["cost_class"]), cost == matrix.cost.classes.index(row["cost_class"])
        if row["segment"] != matrix.names[f"{row['value_class']}_{row['cost_class']}"]:
            rest.append(("need", "=", row["need"]))
            also &= (segments["need"] == row["need"]).to_numpy()
        bounds = _range(matrix.value, row["value_class"])
        if not strategic.any():
            ways = [(bounds, here)]
        elif row["value_class"] == matrix.value.classes[-1]:
            ways = [(bounds, here), ([("strategic", "=", "true")], strategic)]
        else:
            ways = [([*bounds, ("strategic", "=", "false")], here & ~strategic)]
        rules += [
            _measured(str(row["segment"]), conditions + rest, held & also, customers)
            for conditions, held in ways
            if (held & also).any()
        ]
    return rules


def _measured(
    segment: str, conditions: Sequence[_Condition], held: NDArray[np.bool_], customers: NDArray[np.object_]
) -> _Measured:
    """Hold a rule that ``held`` for some customers against the segments that the ``customers`` are of."""
    of_segment = customers == segment
    both = float((held & of_segment).sum())
    return _Measured(segment, conditions, both / max(1, int(of_segment.sum())), both / max(1, int(held.sum())))


def _range(scale: Scale, name: str) -> list[_Condition]:
    place = scale.classes.index(name)
    low: list[_Condition] = [(scale.measure, ">=", scale.cuts[place - 1])] if place else []
    high: list[_Condition] = [(scale.measure, "<", scale.cuts[place])] if place < len(scale.cuts) else []
    return low + high


def _paths(tree: DecisionTreeClassifier, names: Sequence[str]) -> dict[int, tuple[Condition, ...]]:
    """Return the conditions that lead to each leaf; of several on one side of a column the closest one."""
    structure, paths = tree.tree_, dict[int, tuple[Condition, ...]]()
    open_nodes: list[tuple[int, tuple[Condition, ...]]] = [(0, ())]
    while open_nodes:
        node, path = open_nodes.pop()
        left, right = int(structure.children_left[node]), int(structure.children_right[node])
        if left == right:
            paths[node] = path
            continue
        name, cut = names[structure.feature[node]], float(structure.threshold[node])
        for child, above in ((left, False), (right, True)):
            rest = tuple(one for one in path if (one.column, one.above) != (name, above))
            open_nodes.append((child, (*rest, Condition(column=name, above=above, cut=cut))))
    return paths
