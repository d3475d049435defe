"""Cohorts: customers of the same segment and channels who go along with the same settings.

Whatever the plan, it treats them alike, so that what comes of one need not be kept apart from what comes of another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.names import CELL, CUSTOMER
from cts_lib.replay.whom import GoingAlong


@dataclass(frozen=True)
class Cohorts:
    """Cohorts of customers, a row a channel.

    ``going`` has them in the place of customers, ``of`` the cohorts' row of each row of the customers, ``sizes`` how
    many customers each has.
    """

    going: GoingAlong
    of: np.ndarray
    sizes: np.ndarray

    @classmethod
    def among(cls, going: GoingAlong) -> Cohorts:
        """Return the cohorts of those who may go along."""
        cells = going.cells
        marks = [cells.groupby(CELL, sort=False).ngroup().to_numpy(), *going.those.values()]
        pattern = _numbered(np.column_stack(marks))
        customer = cells.groupby("customer_id", sort=False).ngroup().to_numpy()
        place = cells.groupby("customer_id", sort=False).cumcount().to_numpy()
        cohort = np.zeros(customer.max(initial=-1) + 1, dtype="int64")
        for at in range(place.max(initial=-1) + 1):
            rows = place == at
            cohort[customer[rows]] += 1 + pattern[rows] + (pattern.max() + 1) * cohort[customer[rows]]
            cohort = _numbered(cohort)
        _, first, of, sizes = np.unique(
            np.column_stack([cohort[customer], place]),
            axis=0,
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        table = cells.iloc[first].reset_index(drop=True).assign(customer_id=cohort[customer[first]])
        those = {choice: mask[first] for choice, mask in going.those.items()}
        nobody = {choice: np.zeros(len(table), dtype=bool) for choice in those}
        return cls(GoingAlong(table[[*CUSTOMER, "segment"]], those, nobody), of.ravel(), sizes)


def _numbered(values: np.ndarray) -> np.ndarray:
    """Return a number for each value or row, equal ones the same, from 0."""
    numbers: np.ndarray = np.unique(values, axis=0, return_inverse=True)[1].ravel()
    return numbers


def signatures(codes: np.ndarray, cells: pd.DataFrame, known: dict[int, int]) -> np.ndarray:
    """Return, for each row, a number for the codes of all rows of its cohort together; 0 where all are 0.

    ``known`` holds the numbers given so far, and gains new ones.
    """
    cohort, place = cells["customer_id"].to_numpy("int64"), cells.groupby("customer_id").cumcount().to_numpy()
    found = np.zeros(cohort.max(initial=-1) + 1, dtype="int64")
    for at in range(place.max(initial=-1) + 1):
        rows = place == at
        pairs, own = np.unique((found[cohort[rows]] << 32) | codes[rows], return_inverse=True)
        found[cohort[rows]] = np.array([known.setdefault(int(pair), len(known)) for pair in pairs])[own]
    numbers: np.ndarray = found[cohort]
    return numbers
