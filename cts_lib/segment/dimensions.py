"""Mixed dimensions on one footing: numbers standardised (the skewed ones as logarithms), categories as shares of ones.

A category weighs as much as a number, whatever its number of values: its columns are scaled to a total variance of 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import skew

from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.names import NONE, OTHER
from cts_lib.notes import Note, names_in_words

Floats = NDArray[np.float64]
_MOST_MISSING = 0.5
_RAREST = 0.02
_MOST_VALUES = 100
"""A text dimension with more values than this is an identifier."""
_SKEWED = 0.5


class Frozen(BaseModel):
    """A part of the stored model: JSON goes in and out of it unchanged."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")


class Dimension(Frozen):
    """How one column is encoded.

    A number is filled with ``middle``, taken as log(1 + x) where ``logarithm``, then weight × (x − centre) ÷
    scale. A category has ``values`` with their ``shares``; any other value is ``(other)`` if that is one of them, else
    no column's.
    """

    name: str
    logarithm: bool = False
    middle: float = 0.0
    centre: float = 0.0
    scale: float = 1.0
    weight: float = 1.0
    values: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    def numbers(self, frame: pd.DataFrame) -> Floats:
        """Return the column as numbers, what is missing or infinite filled."""
        if self.name not in frame:
            return np.full(len(frame), self.middle)
        given = _numbers(frame, self.name).to_numpy("float64", na_value=np.nan)
        return np.where(np.isfinite(given), given, self.middle)

    def encode(self, frame: pd.DataFrame, balanced: bool) -> Floats:
        """Return the encoded columns; ``balanced`` as factor analysis of mixed data weighs categories (1 ÷ √share)."""
        if not self.values:
            numbers = self.numbers(frame)
            numbers = np.log1p(np.maximum(numbers, 0.0)) if self.logarithm else numbers
            return self._weight(balanced) * ((numbers - self.centre) / self.scale)[:, None]
        shares = np.array(self.shares)
        codes = pd.Index(self.values).get_indexer(pd.Index(_words(frame, self.name)))
        codes[codes < 0] = self.values.index(OTHER) if OTHER in self.values else -1
        ones = codes[:, None] == np.arange(len(self.values))
        centred: Floats = np.where((codes < 0)[:, None], 0.0, ones - shares)
        scales = np.sqrt(shares) if balanced else np.sqrt((shares * (1 - shares)).sum())
        encoded: Floats = self._weight(balanced) * centred / scales
        return encoded

    def _weight(self, balanced: bool) -> float:
        return 1.0 if balanced else self.weight


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    """Who gave back more than it bought, in a period, orders as little as can be: it bends no scale."""
    values = pd.to_numeric(frame[name], errors="coerce").astype("float64")
    return values.clip(lower=0.0) if name in BEHAVIOUR else values


def _words(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(NONE, index=frame.index)
    return frame[name].astype("str").where(frame[name].notna(), NONE)


def find_dimensions(
    frame: pd.DataFrame, names: Sequence[str], of_attributes: float = 1.0
) -> tuple[tuple[Dimension, ...], list[Note]]:
    """Return how the columns are encoded, and why some are left out; attributes weigh ``of_attributes``."""
    encoded: list[Dimension] = []
    notes: list[Note] = []
    constant: list[str] = []
    absent: list[str] = []
    for name in names:
        missing = float(frame[name].isna().mean()) if name in frame else 1.0
        if missing > _MOST_MISSING:
            absent.append(name)
            continue
        number = pd.api.types.is_numeric_dtype(frame[name])
        dimension = _number(frame, name) if number else _category(frame, name)
        if dimension is None and not number and frame[name].nunique() > 1:
            notes.append(
                Note(
                    "{dimension} has {count} values, as good as a name for each customer, and tells no groups.",
                    {"dimension": names_in_words("dimension", [name]), "count": int(frame[name].nunique())},
                )
            )
        elif dimension is None:
            constant.append(name)
        else:
            weight = 1.0 if name in BEHAVIOUR else of_attributes
            encoded.append(dimension.model_copy(update={"weight": weight}))
    if absent:
        notes.append(
            Note(
                "Known of less than half of the customers, so no help in telling groups: {dimensions}.",
                {"dimensions": names_in_words("dimension", absent)},
            )
        )
    if constant:
        notes.append(
            Note(
                "Alike for all customers, so no help in telling groups: {dimensions}.",
                {"dimensions": names_in_words("dimension", constant)},
            )
        )
    return tuple(encoded), notes


def _number(frame: pd.DataFrame, name: str) -> Dimension | None:
    values = _numbers(frame, name).replace([np.inf, -np.inf], np.nan)
    middle = float(values.median()) if values.notna().any() else 0.0
    filled = values.fillna(middle).to_numpy()
    if filled.min() == filled.max():
        return None
    logarithm = bool(filled.min() >= 0 and skew(filled) > _SKEWED)
    taken = np.log1p(filled) if logarithm else filled
    spread = float(taken.std())
    if not spread > 0:
        return None
    return Dimension(name=name, logarithm=logarithm, middle=middle, centre=float(taken.mean()), scale=spread)


def _category(frame: pd.DataFrame, name: str) -> Dimension | None:
    words = _words(frame, name)
    counts = words.value_counts(normalize=True).sort_index()
    if len(counts) < 2 or len(counts) > min(_MOST_VALUES, max(2, len(frame) // 2)):
        return None
    common = counts[counts >= _RAREST]
    rest = 1.0 - float(common.sum())
    shares = {str(value): float(share) for value, share in common.items()}
    if len(common) < len(counts):
        shares[OTHER] = shares.get(OTHER, 0.0) + rest
    return Dimension(name=name, values=tuple(shares), shares=tuple(shares.values())) if len(shares) > 1 else None


def encode(frame: pd.DataFrame, dimensions: Sequence[Dimension], balanced: bool = False) -> Floats:
    """Return the encoded frame, one row a customer."""
    if not dimensions:
        return np.empty((len(frame), 0))
    return np.hstack([dimension.encode(frame, balanced) for dimension in dimensions])


def columns_of(dimensions: Sequence[Dimension]) -> list[tuple[str, str | None]]:
    """Return the dimension of each encoded column, and the value that the column stands for of a category."""
    return [(dimension.name, value) for dimension in dimensions for value in dimension.values or (None,)]
