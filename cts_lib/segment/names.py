"""Names of segments: Shapiro's four where the matrix is two by two, composed ones otherwise, traits for groups.

A composed name is made of the workbook's own words, so that any reader's language can write it: ``value: middle ·
cost_to_serve: low``, ``rush_share: high``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cts_lib.names import NONE
from cts_lib.params.segmentation import LEVELS, SHAPIRO, Segmentation

JOINT = " · "
"""The need of a customer that is not told apart from others by its needs."""
OUTLIER = "Outliers"
_SLIGHT = 0.25
"""A trait of a smaller standardised difference tells nobody apart."""


def in_words(labels: pd.Series, names: Mapping[int, str], otherwise: str) -> pd.Series:
    """Return the names of numbered groups."""
    return labels.map(lambda label: names.get(int(label), otherwise)).astype("str")


def field_names(params: Segmentation) -> dict[str, str]:
    """Return the name of each field of the matrix, by ``value class_cost class``."""
    value, cost = params.classes("value"), params.classes("cost")
    usual = SHAPIRO if value == cost == LEVELS[2] else {}
    return {
        f"{one}_{other}": params.names.get(f"{one}_{other}")
        or usual.get(f"{one}_{other}")
        or f"value: {one}{JOINT}cost_to_serve: {other}"
        for one in value
        for other in cost
    }


def differences(matrix: np.ndarray, columns: Sequence[str], labels: np.ndarray) -> pd.DataFrame:
    """Return how far each group's mean lies from everybody's, in standard deviations, one row a group (cluster 0 none).

    Parameters
    ----------
    matrix : array, customers × columns
        Encoded dimensions; a column ``name`` is a number, ``name=value`` a category.
    """
    spread = matrix.std(axis=0)
    whole = matrix.mean(axis=0)
    groups = [label for label in np.unique(labels) if label > 0]
    rows = [
        np.divide(matrix[labels == label].mean(axis=0) - whole, spread, out=np.zeros_like(whole), where=spread > 0)
        for label in groups
    ]
    return pd.DataFrame(rows, index=groups, columns=list(columns))


def trait_names(apart: pd.DataFrame, given: Mapping[int, str], traits: int = 2) -> dict[int, str]:
    """Name groups by what sets them apart most; a name that stands twice gets one trait more, or the group's number."""
    names: dict[int, str] = {}
    for label, row in apart.iterrows():
        ranked = row.reindex(row.abs().sort_values(ascending=False, kind="stable").index)
        told = [_trait(str(name), float(x)) for name, x in ranked.items() if abs(x) >= _SLIGHT]
        told = list(dict.fromkeys(part for part in told if part)) or [NONE]
        choices = (JOINT.join(told[:count]) for count in range(min(traits, len(told)), len(told) + 1))
        name = next((choice for choice in choices if choice not in names.values()), f"{told[0]}{JOINT}{label}")
        names[int(str(label))] = name
    return names | {label: name for label, name in given.items() if label in names}


def _trait(column: str, difference: float) -> str:
    name, is_category, value = column.partition("=")
    if not is_category:
        return f"{name}: {'high' if difference > 0 else 'low'}"
    return f"{name}: {value}" if difference > 0 else ""
