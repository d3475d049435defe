"""How a segment is told: the cuts of the matrix, and what behaviour alone tells of it (leaves of a shallow tree).

A rule is text that programs and readers can take apart: conditions joined by `` and ``, each a column, a sign (``<``,
``<=``, ``>``, ``>=`` or ``=``) and a value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.matrix import Matrix, Scale
from cts_lib.segment.model import Condition, Rule

AND = " and "
COLUMNS = ["segment", "rule", "coverage", "precision"]
_DEPTH = 3
_FEWEST_CUSTOMERS = 20
_MOST_MISSING = 0.5


def find_rules(
    segments: pd.Series, facts: pd.DataFrame, names: Sequence[str], params: Segmentation
) -> tuple[Rule, ...]:
    """Return what behaviour and numeric traits tell of the segments; nothing where there is one or few customers."""
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
    """Return ``segment_rules``; coverage and precision are those among today's customers.

    Parameters
    ----------
    segments : DataFrame
        segment, value_class, cost_class, need and strategic, with one row a customer and channel, as ``facts`` has.
    measures : DataFrame
        The value and cost of each, which the matrix cuts.
    """
    rows = [] if matrix is None else _cuts(segments, measures, matrix)
    own = segments["segment"].to_numpy(dtype=object)
    for rule in rules:
        parts = [f"{one.column} {'>' if one.above else '<='} {one.cut:.6g}" for one in rule.conditions]
        rows.append(_row(rule.segment, parts, rule.holds(facts), own))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["segment", "precision", "coverage"], ascending=[True, False, False], ignore_index=True)


def _cuts(segments: pd.DataFrame, measures: pd.DataFrame, matrix: Matrix) -> list[tuple[str, str, float, float]]:
    """Return the conditions of each field; a strategic customer is of the highest value whatever it brings."""
    value = matrix.value.codes(measures["value"].to_numpy("float64"))
    cost = matrix.cost.codes(measures["cost"].to_numpy("float64"))
    own, strategic = segments["segment"].to_numpy(dtype=object), segments["strategic"].to_numpy(dtype=bool)
    by_field = ["segment", "value_class", "cost_class"]
    rows = []
    for row in segments.drop_duplicates(by_field).sort_values(by_field).to_dict("records"):
        here = value == matrix.value.classes.index(row["value_class"])
        rest, also = [_range(matrix.cost, row["cost_class"])], cost == matrix.cost.classes.index(row["cost_class"])
        if row["segment"] != matrix.names[f"{row['value_class']}_{row['cost_class']}"]:
            rest.append(f"need = {row['need']}")
            also &= (segments["need"] == row["need"]).to_numpy()
        bounds = _range(matrix.value, row["value_class"])
        if not strategic.any():
            ways = [([bounds], here)]
        elif row["value_class"] == matrix.value.classes[-1]:
            ways = [([bounds], here), (["strategic = true"], strategic)]
        else:
            ways = [([bounds, "strategic = false"], here & ~strategic)]
        rows += [
            _row(str(row["segment"]), parts + rest, held & also, own) for parts, held in ways if (held & also).any()
        ]
    return rows


def _row(
    segment: str, parts: Sequence[str], held: NDArray[np.bool_], segments: NDArray[np.object_]
) -> tuple[str, str, float, float]:
    mine = segments == segment
    both = float((held & mine).sum())
    return (
        segment,
        AND.join(part for part in parts if part),
        both / max(1, int(mine.sum())),
        both / max(1, int(held.sum())),
    )


def _range(scale: Scale, name: str) -> str:
    place = scale.classes.index(name)
    low = f"{scale.measure} >= {scale.cuts[place - 1]:.6g}" if place else ""
    high = f"{scale.measure} < {scale.cuts[place]:.6g}" if place < len(scale.cuts) else ""
    return AND.join(part for part in (low, high) if part)


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
