"""Would the groups be found again? Jaccard similarity of each group with its nearest among resampled customers' groups.

Method: C. Hennig, Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52 (2007):
below 0.6 a group is no pattern, from 0.75 on it is stable.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cts_lib.segment.dimensions import Floats

Labels = NDArray[np.int64]
Fit = Callable[[Floats, int], Callable[[Floats], Labels]]
"""Takes encoded customers and a seed; returns what puts customers into groups."""


def jaccards(matrix: Floats, labels: Labels, fit: Fit, draws: int, generator: np.random.Generator) -> Floats:
    """Return each group's Jaccard similarity in each resample, |A ∩ B| ÷ |A ∪ B| with the best B (draws × groups).

    As in Hennig, both groups are taken among the customers that were drawn; nan where none of a group was.
    """
    groups = int(labels.max()) + 1
    similarity = np.full((draws, groups), np.nan)
    for draw in range(draws):
        drawn = np.unique(generator.integers(0, len(matrix), len(matrix)))
        again = fit(matrix[drawn], draw)(matrix[drawn])
        table = contingency(labels[drawn], again, groups)
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        here = rows > 0
        similarity[draw, here] = (table[here] / (rows[here, None] + columns[None, :] - table[here])).max(axis=1)
    return similarity


def contingency(one: Labels, other: Labels, rows: int | None = None) -> Floats:
    """Return how many customers are in each group of one and each of the other.

    >>> contingency(np.array([0, 0, 1]), np.array([1, 1, 0]))
    array([[0., 2.],
           [1., 0.]])
    """
    height = int(one.max()) + 1 if rows is None else rows
    width = int(other.max()) + 1
    return np.bincount(one * width + other, minlength=height * width).reshape(height, width).astype("float64")
