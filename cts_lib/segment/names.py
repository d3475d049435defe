"""Names of segments: Shapiro's four where the matrix is two by two, composed ones otherwise, traits for groups.

A composed name is made of traits, which table ``segment_names`` keeps apart so that any reader's language can write it:
``value: middle · cost_to_serve: low``, ``rush_share: high``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from cts_lib.names import NONE
from cts_lib.params.segmentation import LEVELS, SHAPIRO, Segmentation
from cts_lib.segment.dimensions import Dimension, Frozen, columns_of, encode

JOINT = " · "
"""The need of a customer that is not told apart from others by its needs."""
OUTLIER = "Outliers"
_SLIGHT = 0.25
"""A trait of a smaller standardised difference tells nobody apart."""
NAMES = ["name", "place", "dimension", "level", "value"]


class Trait(Frozen):
    """A part of a name: the level or the value of a dimension; of dimension ``segment`` a name as it stands."""

    dimension: str
    level: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        if self.dimension == "segment":
            return str(self.value)
        return f"{self.dimension}: {self.level or self.value}"


Traits = tuple[Trait, ...]


def plain(name: str) -> Traits:
    """Return the traits of a name that says nothing by its parts."""
    return (Trait(dimension="segment", value=name),)


def name_of(traits: Traits) -> str:
    """Return the name that is made of these traits.

    >>> name_of((Trait(dimension="orders", level="low"), Trait(dimension="industry", value="food")))
    'orders: low · industry: food'
    """
    return JOINT.join(str(trait) for trait in traits)


def names_of(traits: Mapping[int, Traits]) -> dict[int, str]:
    """Return the names of numbered groups."""
    return {label: name_of(each) for label, each in traits.items()}


def composed(
    params: Segmentation, split: Collection[str], needs: Collection[Traits], groups: Collection[Traits]
) -> dict[str, Traits]:
    """Return what names are made of: those of fields, of needs, of groups, and of needs within split fields."""
    of_matrix = fields(params).values()
    parts = [field + need for field in of_matrix if name_of(field) in split for need in needs]
    every = {name_of(traits): traits for traits in (*of_matrix, *needs, *groups, *parts)}
    return {name: traits for name, traits in every.items() if traits != plain(name)}


def names_table(composed: Mapping[str, Traits]) -> pd.DataFrame:
    """Return table ``segment_names``: a row a trait of each composed name."""
    rows = [
        (name, place, trait.dimension, trait.level, trait.value)
        for name, traits in composed.items()
        for place, trait in enumerate(traits, start=1)
    ]
    return pd.DataFrame(rows, columns=NAMES)


def in_words(labels: pd.Series, names: Mapping[int, str], otherwise: str) -> pd.Series:
    """Return the names of numbered groups."""
    return labels.map(lambda label: names.get(int(label), otherwise)).astype("str")


def fields(params: Segmentation) -> dict[str, Traits]:
    """Return what names each field of the matrix, by ``value class_cost class``."""
    value, cost = params.classes("value"), params.classes("cost")
    names = (SHAPIRO if value == cost == LEVELS[2] else {}) | {key: name for key, name in params.names.items() if name}
    return {
        f"{one}_{other}": plain(names[f"{one}_{other}"])
        if f"{one}_{other}" in names
        else (Trait(dimension="value", level=one), Trait(dimension="cost_to_serve", level=other))
        for one in value
        for other in cost
    }


def field_names(params: Segmentation) -> dict[str, str]:
    """Return the name of each field of the matrix, by ``value class_cost class``."""
    return {key: name_of(traits) for key, traits in fields(params).items()}


def differences(matrix: np.ndarray, columns: Sequence[tuple[str, str | None]], labels: np.ndarray) -> pd.DataFrame:
    """Return how far each group's mean lies from everybody's, in standard deviations, one row a group (cluster 0 none).

    Parameters
    ----------
    matrix : array, customers × columns
        Encoded dimensions.
    columns : sequence of (dimension, value)
        What each column stands for; a number has no value.
    """
    spread = matrix.std(axis=0)
    whole = matrix.mean(axis=0)
    groups = [label for label in np.unique(labels) if label > 0]
    rows = [
        np.divide(matrix[labels == label].mean(axis=0) - whole, spread, out=np.zeros_like(whole), where=spread > 0)
        for label in groups
    ]
    return pd.DataFrame(rows, index=groups, columns=pd.MultiIndex.from_tuples(columns))


def traits_of_groups(
    facts: pd.DataFrame, dimensions: Sequence[Dimension], labels: np.ndarray, given: Mapping[int, str], traits: int = 2
) -> dict[int, Traits]:
    """Return what sets each group apart in the dimensions of all, as `traits_apart`; nothing where all are in one."""
    if (labels == 1).all():
        return {}
    return traits_apart(differences(encode(facts, dimensions), columns_of(dimensions), labels), given, traits)


def traits_apart(apart: pd.DataFrame, given: Mapping[int, str], traits: int = 2) -> dict[int, Traits]:
    """Return what sets each group apart most; a name that stands twice gets one trait more, or the group's number.

    ``apart`` is as `differences` returns it, ``given`` the names that params give to groups.
    """
    names: dict[int, Traits] = {}
    for label, row in apart.iterrows():
        ranked = row.reindex(row.abs().sort_values(ascending=False, kind="stable").index)
        clear = [_trait(column, x) for column, x in zip(ranked.index, ranked, strict=True) if abs(x) >= _SLIGHT]
        clearest = tuple(dict.fromkeys(trait for trait in clear if trait)) or plain(NONE)
        choices = (clearest[:count] for count in range(min(traits, len(clearest)), len(clearest) + 1))
        numbered = (clearest[0], *plain(str(label)))
        names[int(str(label))] = next((choice for choice in choices if choice not in names.values()), numbered)
    return names | {label: plain(name) for label, name in given.items() if label in names}


def _trait(column: tuple[str, str | float], difference: float) -> Trait | None:
    dimension, value = column
    if not isinstance(value, str):
        return Trait(dimension=dimension, level="high" if difference > 0 else "low")
    return Trait(dimension=dimension, value=value) if difference > 0 else None
