"""The segmentation matrix: value against cost to serve, cut by quantile, by money or by ABC.

Source: B. P. Shapiro, V. K. Rangan, R. T. Moriarty and E. B. Ross, Manage Customers for Profits (not Just Sales),
Harvard Business Review, September 1987. ABC in both conventions: classes by cumulative share of the money (a customer
is A if those before it have not yet brought 80 %), or by share of the customers (the first 20 % are A).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cts_lib.measures import SERVICE, ratios
from cts_lib.names import ALL, CELL
from cts_lib.params.segmentation import Axis, Segmentation
from cts_lib.segment.dimensions import Floats, Frozen

_MONEY = ["net_sales", "gross_margin", "cost_to_serve", "profit"]


class Scale(Frozen):
    """An axis cut into classes: n rising ``cuts`` make n + 1 ``classes``; a class begins at its cut."""

    measure: str
    cuts: tuple[float, ...]
    classes: tuple[str, ...]

    def codes(self, values: Floats) -> NDArray[np.int64]:
        """Return the place of each value's class, from 0, the lowest."""
        codes: NDArray[np.int64] = np.searchsorted(np.array(self.cuts), values, side="right").astype("int64")
        return codes


class Matrix(Frozen):
    """Both axes, the names of the fields by ``value class_cost class``, the column that marks strategic customers."""

    value: Scale
    cost: Scale
    names: dict[str, str]
    strategic: str | None = None

    def place(self, measures: pd.DataFrame, strategic: NDArray[np.bool_]) -> pd.DataFrame:
        """Put customers into the matrix: segment, value_class, cost_class; a strategic one is of the highest value."""
        value, cost = self._codes(measures, strategic)
        classes = pd.DataFrame(
            {
                "value_class": np.array(self.value.classes, dtype=object)[value],
                "cost_class": np.array(self.cost.classes, dtype=object)[cost],
            },
            index=measures.index,
        )
        keys = [f"{one}_{other}" for one in self.value.classes for other in self.cost.classes]
        fields = np.array([self.names[key] for key in keys], dtype=object)
        classes.insert(0, "segment", fields[value * len(self.cost.classes) + cost])
        return classes

    def fields(self, measures: pd.DataFrame, strategic: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the number of each customer's field."""
        value, cost = self._codes(measures, strategic)
        return value * len(self.cost.classes) + cost

    def _codes(
        self, measures: pd.DataFrame, strategic: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        value = self.value.codes(measures["value"].to_numpy("float64"))
        return np.where(strategic, len(self.value.classes) - 1, value), self.cost.codes(
            measures["cost"].to_numpy("float64")
        )


def draw_matrix(measures: pd.DataFrame, params: Segmentation, names: dict[str, str]) -> Matrix:
    """Return the matrix of these customers; ``measures`` has value and cost, one row a customer and channel."""
    return Matrix(
        value=_scale("value", params.value, measures["value"].to_numpy("float64"), params),
        cost=_scale("cost", params.cost, measures["cost"].to_numpy("float64"), params),
        names=names,
        strategic=params.strategic,
    )


def _scale(axis: Axis, measure: str, values: Floats, params: Segmentation) -> Scale:
    convention = params.value_abc if axis == "value" else params.cost_abc
    thresholds = params.value_threshold if axis == "value" else params.cost_threshold
    quantiles = params.value_quantile if axis == "value" else params.cost_quantile
    if convention is not None:
        cuts: tuple[float, ...] = abc_cuts(
            values, convention, params.abc_money if convention == "money" else params.abc_customers
        )
    elif thresholds is not None:
        cuts = thresholds
    else:
        finite = values[np.isfinite(values)]
        cuts = tuple(float(np.quantile(finite, share)) if len(finite) else np.inf for share in quantiles)
    return Scale(measure=measure, cuts=cuts, classes=params.classes(axis))


def abc_cuts(
    values: Floats, convention: Literal["money", "customers"], shares: tuple[float, float]
) -> tuple[float, float]:
    """Return from which value on a customer is B, and from which on it is A.

    >>> abc_cuts(np.array([50.0, 30, 10, 6, 4]), "money", (0.8, 0.95))
    (6.0, 30.0)
    >>> abc_cuts(np.array([50.0, 30, 10, 6, 4]), "customers", (0.2, 0.5))
    (10.0, 50.0)
    """
    ranked = np.sort(values[np.isfinite(values)])[::-1]
    money = np.maximum(ranked, 0.0)
    weights = np.ones(len(ranked)) if convention == "customers" else money
    total = weights.sum()
    if not total > 0:
        return np.inf, np.inf
    before = (weights.cumsum() - weights) / total
    cuts = []
    for share in shares[::-1]:
        inside = ranked[(before < share - 1e-12) & (weights > 0)]
        cuts.append(float(inside[-1]))
    return cuts[0], cuts[1]


def stability(
    measures: pd.DataFrame, strategic: NDArray[np.bool_], today: NDArray[np.int64], params: Segmentation, matrix: Matrix
) -> Floats:
    """Return how often a customer keeps its field when the cuts are drawn again from resampled customers."""
    generator = np.random.default_rng(params.seed)
    kept = np.zeros(len(measures))
    for _ in range(params.bootstraps):
        drawn = measures.iloc[generator.integers(0, len(measures), len(measures))]
        kept += draw_matrix(drawn, params, matrix.names).fields(measures, strategic) == today
    return kept / params.bootstraps


def matrix_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``segment_matrix`` with its total rows, from rows that carry segment, channel, money and service sums."""
    parts = []
    for segments, channels in ((False, False), (False, True), (True, False), (True, True)):
        keyed = rows.assign(segment=ALL if segments else rows["segment"], channel=ALL if channels else rows["channel"])
        grouped = keyed.groupby(CELL)
        sums = grouped.sum(numeric_only=True)
        part = pd.concat([sums[_MONEY], ratios(sums, SERVICE)], axis=1)
        part.insert(0, "customers", grouped["customer_id"].nunique())
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)
